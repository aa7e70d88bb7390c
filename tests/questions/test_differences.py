from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from questions.differences import Change, Mark, Piece, between, words_between
from questions.formats import Draft, Option, Reference

DRAFT = Draft(
    kind="multiple_choice",
    stem="Which bucket keeps the records?",
    options=(Option("a", "The first", True, "It does."), Option("b", "The second", False)),
    id="q-1",
    task_statement="1.1",
)


def same(text: str) -> Piece:
    return Piece(Mark.SAME, text)


def added(text: str) -> Piece:
    return Piece(Mark.ADDED, text)


def removed(text: str) -> Piece:
    return Piece(Mark.REMOVED, text)


def test_equal_drafts_have_no_differences() -> None:
    assert between(DRAFT, replace(DRAFT, id="other")) == []


def test_words_that_stayed_stay_together() -> None:
    assert between(DRAFT, replace(DRAFT, stem="Which stream keeps all the records?")) == [
        Change(
            "stem",
            "Stem",
            (
                same("Which "),
                removed("bucket "),
                added("stream "),
                same("keeps "),
                added("all "),
                same("the records?"),
            ),
        )
    ]


def test_options_are_held_against_each_other_by_id_and_the_key_is_said() -> None:
    options = (Option("c", "The third", True), replace(DRAFT.options[0], correct=False))
    assert between(DRAFT, replace(DRAFT, options=options)) == [
        Change("options[0].text", "Option c", (added("The third"),)),
        Change("options[1].text", "Option b", (removed("The second"),)),
        Change("options", "Key", (removed("a"), added("c"))),
    ]


def test_another_order_is_a_change_only_where_the_candidate_sees_it() -> None:
    turned = replace(DRAFT, options=DRAFT.options[::-1])
    assert between(DRAFT, turned) == []
    fixed = replace(DRAFT, shuffle=False)
    assert [change.label for change in between(fixed, replace(fixed, options=turned.options))] == [
        "Order of options"
    ]


def test_every_field_is_looked_at() -> None:
    other = replace(
        DRAFT,
        kind="multiple_response",
        explanation="Because.",
        references=(Reference("Guide", "https://example.org/"),),
        task_statement="1.2",
        level=3,
        testing_point="Buckets",
        services=("Amazon S3",),
        enemies=("q-2",),
        shuffle=False,
    )
    assert [change.field for change in between(DRAFT, other)] == [
        *("kind", "shuffle", "explanation", "references", "task_statement", "level", "testing_point"),
        *("services", "enemies"),
    ]


def test_the_markup_says_in_words_what_it_shows_and_escapes_what_people_wrote() -> None:
    (change,) = between(DRAFT, replace(DRAFT, stem="Which <b> keeps the records?"))
    assert change.html == (
        'Which <del><span class="visually-hidden"> [removed: </span>bucket '
        '<span class="visually-hidden">] </span></del>'
        '<ins><span class="visually-hidden"> [added: </span>&lt;b&gt; '
        '<span class="visually-hidden">] </span></ins>keeps the records?'
    )


def test_long_texts_are_replaced_as_a_whole_rather_than_compared_for_ever() -> None:
    old, new = "word " * 3_000, "other " * 3_000
    assert words_between(old, new) == (removed(old), added(new))


@given(st.text("ab \n.", max_size=40), st.text("ab \n.", max_size=40))
def test_the_pieces_give_back_the_new_text_and_the_words_of_the_old(old: str, new: str) -> None:
    pieces = words_between(old, new)
    assert "".join(piece.text for piece in pieces if piece.mark != Mark.REMOVED) == new
    before = "".join(piece.text for piece in pieces if piece.mark != Mark.ADDED)
    assert before.split() == old.split() or "".join(before.split()) == "".join(old.split())
