"""What lint says between questions, and of a bank as a whole."""

from collections import Counter
from pathlib import Path

from django.conf import settings

from questions import lint, targets
from questions.formats import Draft, exchange
from questions.importing import question_files
from tests.questions.sound import TARGETS, TEXTS, TODAY, options, sound

FOLDER = Path(settings.BASE_DIR) / "fixtures" / "mls-c01"


def between(*drafts: Draft, aims: lint.Targets | None = None) -> list[tuple[str, str, str]]:
    """Question, rule and advice."""
    findings = lint.check_all(drafts, today=TODAY, targets=aims)
    return [(f.question, f.rule.value, f.problem.message) for f in findings]


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


def test_openers_that_too_many_stems_share_are_told() -> None:
    tails = {
        "q-001": "parquet columns by date. Which layout?",
        "q-002": "voice calls in German. Which service transcribes?",
    }
    shared = [sound(id_, stem=f"A courier company stores {tail}") for id_, tail in tails.items()]
    rest = [sound("q-003", stem="Two nurses compare their shifts by hand. Which chart?")]
    advice = "Begin otherwise: 2 of 3 stems begin with “a courier company stores”."
    aims = lint.Targets(0, 99, 66, 0, 100, 100, 99)
    told = [row for row in between(*shared, *rest, aims=aims) if row[1] == "opener"]
    assert told == [("q-001", "opener", advice), ("q-002", "opener", advice)]
    relaxed = lint.Targets(0, 99, 67, 0, 100, 100, 99)
    assert [row for row in between(*shared, *rest, aims=relaxed) if row[1] == "opener"] == []
    assert [row for row in between(*shared, *rest) if row[1] == "opener"] == []


def ranked(*ranks: int) -> list[Draft]:
    """A question for each rank: the key is the longest option at 0, the shortest at 3."""
    lengths = ("aaaaa", "bbbb", "ccc", "dd")
    return [sound(f"q-{n:03}", options=options(*lengths, key="abcd"[rank])) for n, rank in enumerate(ranks)]


def test_keys_are_counted_by_length_rank_and_ties_are_shared() -> None:
    several = sound("q-009", kind="multiple_response", options=options("aaaa", "bbb", "cc", "d", key="ab"))
    three = sound("q-010", options=options("aaaa", "bbb", "cc"))
    tie = sound("q-011", options=options("aaa", "bbb", "cccc", "d"))
    assert lint.key_ranks([*ranked(0, 0, 2, 3), several, three, tie]) == [2.0, 0.5, 1.5, 1.0]


def test_keys_that_gather_at_one_length_rank_are_told_once_there_are_enough() -> None:
    def told(*ranks: int) -> list[tuple[str, str, str]]:
        rows = between(*ranked(*ranks), aims=TARGETS)
        return [row for row in rows if row[1] == "key_rank"]

    assert told(0, 1, 2, 3) == []
    assert told(0, 0, 0) == []
    assert told(0, 0, 1, 2, 3) == [
        (
            "",
            "key_rank",
            "Even out the lengths: the key is the longest option in 40.0 % of 5 items, not 18 to 30 %.",
        )
    ]
    assert told(1, 2, 2, 3) == [
        (
            "",
            "key_rank",
            "Even out the lengths: the key is the longest option in 0.0 % of 4 items, not 18 to 30 %.",
        ),
        (
            "",
            "key_rank",
            "Even out the lengths: the key is the third longest option in 50.0 % of 4 items, not 18 to 32 %.",
        ),
    ]


def test_the_findings_in_the_shipped_bank_are_the_known_ones() -> None:
    """A new finding is looked at before its number is written here. The key must be the longest option of
    some items; those are listed so that their share is seen."""
    aims, problems = targets.load(FOLDER / "targets.yaml")
    assert problems == []
    drafts = [
        draft
        for path in question_files(FOLDER)
        for draft in exchange.parse(path.read_bytes(), path.name).drafts
    ]
    findings = lint.check_all(drafts, today=TODAY, targets=aims)
    assert Counter(finding.rule.value for finding in findings) == {
        "key_longest": 19,
        "key_much_longer": 2,
        "stem_echo": 4,
        "absolutes": 2,
        "key_rank": 2,
    }
