from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from questions import matching
from questions.formats import Draft, Option
from questions.matching import TextIndex
from tests.questions.builders import draft

UNSTATED = frozenset({"rationale", "distractor_tag", "fixed", "level", "explanation", "references", "id"})
WORDS = st.lists(st.sampled_from([f"word{n}" for n in range(12)]), max_size=30)


def options(*texts: str, key: int = 0) -> tuple[Option, ...]:
    return tuple(Option(chr(97 + n), text, n == key) for n, text in enumerate(texts))


def loose(*texts: str, key: int = 0, **fields: object) -> Draft:
    """A draft out of a source that has texts and a key and nothing else."""
    return Draft("multiple_choice", "Which?", options(*texts, key=key), unstated=UNSTATED, **fields)  # type: ignore[arg-type]


def test_words_that_every_text_has_do_not_count() -> None:
    assert matching.content_words("What is the cost of S3?", ["It is 3."]) == ["cost", "s3", "3"]
    assert matching.similarity(["a", "a", "b"], ["a", "b", "b", "c"]) == 4 / 7
    assert matching.similarity([], []) == 1.0


def test_a_reordering_of_options_keeps_their_ids_and_what_the_source_does_not_say() -> None:
    base = replace(
        draft(level=3, explanation="So."),
        stem="Which?",
        options=(
            Option("a", "One", True, "Yes.", None, True),
            Option("c", "Two", False, "No.", "blind_metric"),
        ),
    )
    assert matching.filled(loose("two", "One", key=1), base) == replace(
        base,
        options=(
            Option("c", "two", False, "No.", "blind_metric"),
            Option("a", "One", True, "Yes.", None, True),
        ),
        id="",
        task_statement="",
        testing_point="",
    )


def test_a_reworded_option_takes_the_place_that_is_left_and_a_new_one_a_new_letter() -> None:
    base = replace(draft(), options=options("One", "Two", "Three"))
    filled = matching.filled(loose("Three", "Two!", "One", "Four"), base)
    assert [option.id for option in filled.options] == ["c", "b", "a", "d"]


def test_a_draft_that_says_everything_is_taken_as_it_is() -> None:
    assert matching.filled(draft(), draft(level=3)) == draft()


def test_what_was_filled_in_goes_when_the_draft_stands_alone() -> None:
    base = draft(level=3, explanation="So.")
    assert matching.bare(matching.filled(loose("A", "B"), base)) == loose("A", "B")


def test_an_id_made_of_the_content_does_not_depend_on_the_order_of_the_options() -> None:
    assert matching.derived_id(loose("A", "B")) == matching.derived_id(loose("b", "a."))
    assert matching.derived_id(loose("A", "B")) != matching.derived_id(loose("A", "C"))
    taken = {"q", "q-2"}
    assert matching.free_id("q", taken.__contains__) == "q-3"


def test_equal_questions_are_numbered_without_counting_from_the_start_each_time() -> None:
    taken: set[str] = set()
    asked = 0

    def is_taken(name: str) -> bool:
        nonlocal asked
        asked += 1
        return name in taken

    counted: dict[str, int] = {}
    for _ in range(50):
        taken.add(matching.free_id("q", is_taken, counted))
    assert taken == {"q", *(f"q-{number}" for number in range(2, 51))}
    assert asked == 99


def test_ids_of_other_programs_are_made_such_as_can_be_written() -> None:
    assert matching.identifier("q-1.a_B") == "q-1.a_B"
    assert matching.identifier("Frage 1/ä") == "Frage-1-a-efff72"
    assert matching.identifier("質問").startswith("q-")
    assert matching.identifier("x" * 200) != matching.identifier("x" * 201)


@given(st.lists(WORDS, max_size=15), WORDS)
def test_the_index_finds_what_looking_at_every_text_finds(texts: list[list[str]], text: list[str]) -> None:
    found = TextIndex(enumerate(texts)).near(text)
    alike = [matching.similarity(text, other) for other in texts] if text else []
    best = max(alike, default=0)
    assert (found[1] if found else None) == (best if best >= matching.EDIT else None)


def test_the_index_does_not_give_what_is_taken() -> None:
    index = TextIndex([("one", ["a", "b"]), ("two", ["a", "b"])])
    assert index.near(["b", "a"], {"one"}) == ("two", 1.0)
    assert index.near(["b", "a"], {"one", "two"}) is None
    assert index.near([]) is None


def test_a_bank_of_one_text_many_times_is_not_looked_through_for_each() -> None:
    text = Random(1).choices([f"word{n}" for n in range(400)], k=100)
    index = TextIndex((n, [*text, str(n)]) for n in range(3000))
    found = index.near(text)
    assert found is None or found[1] >= matching.EDIT
