"""What lint says between questions."""

from questions import lint
from questions.formats import Draft
from tests.questions.sound import TEXTS, TODAY, options, sound


def between(*drafts: Draft) -> list[tuple[str, str, str]]:
    """Question, rule and advice."""
    findings = lint.check_all(drafts, today=TODAY)
    return [(f.question, f.rule.value, f.problem.advice) for f in findings]


RETOLD = "At Fabrikam, 300 tellers rate loans in a nightly batch. Which setting keeps the bill low?"


def test_near_duplicate_questions_are_told_with_what_is_alike() -> None:
    stem = (
        "At {}, {} scanners send pictures of parcels to a bucket. An endpoint labels each picture, and "
        "most of the hours it waits for work. Which change lowers the cost?"
    )
    first = sound("q-001", stem=stem.format("Contoso", 40))
    renamed = sound("q-002", stem=stem.format("Tailspin", 900))
    reworded = sound(
        "q-003",
        stem="Cameras send parcel pictures into one bucket. The pictures are labeled by an endpoint, waiting "
        "for work most hours. Which changes lower costs?",
    )
    other = sound("q-004", stem=RETOLD, options=options("Use spot capacity", *TEXTS[1:]))
    assert between(first, renamed, other) == [
        (
            "q-002",
            "near_duplicate",
            "Rewrite or drop one of the two: q-001 is nearly the same (5-grams 1.00).",
        )
    ]
    assert between(first, reworded, other) == [
        ("q-003", "near_duplicate", "Rewrite or drop one of the two: q-001 is nearly the same (words 0.91).")
    ]
    assert between(first, other) == []


def test_equal_testing_points_are_told_however_the_stems_differ() -> None:
    other = sound("q-002", stem=RETOLD, options=options("Use spot capacity", *TEXTS[1:]))
    assert between(sound("q-001"), other) == []
    same = sound(
        "q-002",
        stem=RETOLD,
        options=options("Use spot capacity", *TEXTS[1:]),
        testing_point="point  of Q-001.",
    )
    assert between(sound("q-001"), same) == [
        (
            "q-002",
            "near_duplicate",
            "Rewrite or drop one of the two: q-001 is nearly the same (equal testing points).",
        )
    ]
