"""What a certification's targets ask of a bank: nothing that they leave out."""

from collections.abc import Sequence
from typing import Any

import pytest

from questions import lint_targets
from questions.formats import Draft
from tests.questions.sound import options, plan, sound, targets

LENGTHS = ("aaaaa", "bbbb", "ccc", "dd")


def missed(drafts: Sequence[Draft], **aims: Any) -> list[tuple[str, str, str]]:
    """Question, rule and advice."""
    findings = lint_targets.check(drafts, targets(**aims), None)
    return [(f.question, f.rule.value, f.problem.advice) for f in findings]


def asking(*questions: str) -> list[Draft]:
    return [
        sound(f"q-{n:03}", stem=f"Courier {n} scores parcels overnight. {question}")
        for n, question in enumerate(questions)
    ]


def ranked(*ranks: int) -> list[Draft]:
    """A question for each rank: the key is the longest option at 0, the shortest at 3."""
    return [sound(f"q-{n:03}", options=options(*LENGTHS, key="abcd"[rank])) for n, rank in enumerate(ranks)]


def test_without_a_target_nothing_is_asked() -> None:
    assert missed([sound()]) == []
    assert lint_targets.measures([], targets(multiple_response={"min": 10}), None) == []


def test_stems_that_are_too_short_or_too_long_are_told() -> None:
    span = {"min": 5, "max": 20}
    advice = "Write 5 to 20 words, code and tables not counted: there are {}."
    stems = {
        "Which four words now?": [4],
        "Which five words are now?": [],
        "Which five words are now?\n\n```\n" + "word " * 20 + "\n```": [],
        "word " * 19 + "word?": [],
        "word " * 20 + "word?": [21],
    }
    for stem, counts in stems.items():
        expected = [("q-001", "stem_length", advice.format(count)) for count in counts]
        assert missed([sound(stem=stem)], stem_words=span) == expected
    assert missed([sound(stem="Which?")], stem_words={"max": 3}) == []
    assert missed([sound(stem="Which now?")], stem_words={"min": 3}) == [
        ("q-001", "stem_length", "Write at least 3 words, code and tables not counted: there are 2.")
    ]


def test_openers_that_too_many_stems_share_are_told() -> None:
    tails = {
        "q-001": "parquet columns by date. Which layout?",
        "q-002": "voice calls in German. Which service transcribes?",
    }
    shared = [sound(id_, stem=f"A courier company stores {tail}") for id_, tail in tails.items()]
    bank = [*shared, sound("q-003", stem="Two nurses compare their shifts by hand. Which chart?")]
    advice = "Begin otherwise: 2 of 3 stems begin with “a courier company stores”."
    assert missed(bank, openers={"max": 66}) == [("q-001", "opener", advice), ("q-002", "opener", advice)]
    assert missed(bank, openers={"max": 67}) == []


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (
            "Which change meets the requirements with the LEAST operational overhead?",
            ["least effort", "meets the requirements"],
        ),
        ("Which layout is the most cost-effective?", ["lowest cost"]),
        ("Which step has the smallest monthly cost? (Select TWO.)", ["lowest cost"]),
        ("Which step needs the fewest code changes?", ["least change"]),
        ("Which endpoint answers with the lowest latency?", ["lowest latency"]),
        ("Which model is the most accurate?", ["best accuracy"]),
        ("The least effort counts. Which step comes next?", []),
        ("Which step lowers the cost?", []),
    ],
)
def test_constraint_phrases_are_counted_in_the_question_alone(asked: str, names: list[str]) -> None:
    assert sorted(lint_targets.phrases(asking(asked))) == sorted(names)


def test_a_constraint_phrase_that_too_many_stems_have_is_told() -> None:
    bank = asking("Which step costs the least effort?", "Which step comes next?", "Which chart?")
    assert missed(bank, phrases={"max": 33}) == [
        ("", "phrase", "Ask otherwise: “least effort” in 33.3 % of 3 stems, not at most 33 %.")
    ]
    assert missed(bank, phrases={"max": 34}) == []


def test_keys_are_counted_by_length_rank_and_ties_are_shared() -> None:
    several = sound("q-009", kind="multiple_response", options=options("aaaa", "bbb", "cc", "d", key="ab"))
    three = sound("q-010", options=options("aaaa", "bbb", "cc"))
    tie = sound("q-011", options=options("aaa", "bbb", "cccc", "d"))
    assert lint_targets.key_ranks([*ranked(0, 0, 2, 3), several, three, tie]) == [2.0, 0.5, 1.5, 1.0]


def test_keys_that_gather_at_one_length_rank_are_told_once_there_are_enough() -> None:
    aims = {"key_ranks": {"min": 18, "max": 32}, "key_longest": {"max": 30}}
    advice = "Even out the lengths: the key is the {} option in {} % of 40 items of four, not {} %."
    assert missed(ranked(*[0, 1, 2, 3] * 10), **aims) == []
    assert missed(ranked(*[0] * 39), **aims) == []
    assert missed(ranked(*[0] * 13, *[1, 2, 3] * 9), **aims) == [
        ("", "key_rank", advice.format("longest", "32.5", "18 to 32")),
        ("", "key_rank", advice.format("longest", "32.5", "at most 30")),
    ]
    assert missed(ranked(*[3] * 7, *[0, 1, 2] * 11), **aims) == [
        ("", "key_rank", advice.format("shortest", "17.5", "18 to 32"))
    ]


def test_kinds_levels_and_tags_out_of_proportion_are_told() -> None:
    two = sound(
        "q-002", kind="multiple_response", options=options("aaaa", "bbb", "cc", "d", key="ab"), level=3
    )
    bank = [sound("q-001"), two]
    aims = {"multiple_response": {"max": 15}, "levels": {"2": {"min": 50}, "3": {"max": 40}}}
    assert missed(bank, **aims) == [
        ("", "kind", "Balance the kinds: multiple response in 50.0 % of 2 questions, not at most 15 %."),
        ("", "level", "Balance the levels: level 3 in 50.0 % of 2 questions, not at most 40 %."),
    ]
    tagged = options("aaaa", "bbb", "cc", "d")
    for position, tag in enumerate(("wrong_stage", "wrong_stage", "blind_metric"), start=1):
        tagged[position]["distractor_tag"] = tag
    missing = "wrong_stage in 66.7 % of 3 distractors, not at most 66 %"
    assert missed([sound(options=tagged)], distractor_tags={"max": 66}) == [
        (
            "",
            "distractor_tag",
            f"Let distractors be wrong in other ways: {missing}.",
        )
    ]
    assert missed([sound(options=tagged)], distractor_tags={"max": 67}) == []


def test_task_statements_and_concepts_outside_their_span_are_told() -> None:
    bank = [sound("q-001"), sound("q-002", task_statement="1.2"), sound("q-003")]
    aims = targets(
        task_statements={"1.1": {"min": 2}, "1.2": {"min": 2}},
        concepts={"queues": {"max": 1}, "shards": {"min": 1}},
    )
    planned = plan(["queues", "shards"], q_001=["queues"], q_002=["queues"])
    assert [f.problem.advice for f in lint_targets.check(bank, aims, planned)] == [
        "Balance the task statements: task statement 1.2 has 1, not at least 2 questions.",
        "Balance what keys depend on: concept queues has 2, not at most 1 questions.",
        "Balance what keys depend on: concept shards has 0, not at least 1 questions.",
    ]
    assert [measure.name for measure in lint_targets.measures(bank, aims, None)] == [
        "task statement 1.1",
        "task statement 1.2",
    ]
