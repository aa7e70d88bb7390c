import datetime as dt
from typing import Any

import pytest

from questions import lint
from tests.questions.sound import STEM, TEXTS, TODAY, option, options, sound


def flaws(**fields: Any) -> list[tuple[str, str, str]]:
    """Rule, field below the question and advice."""
    return [told(finding) for finding in lint.check(sound(**fields), today=TODAY)]


def told(finding: lint.Finding) -> tuple[str, str, str]:
    return (
        finding.rule.value,
        finding.problem.field.removeprefix("questions[0]."),
        finding.problem.advice,
    )


def test_a_sound_question_has_no_flaw() -> None:
    assert flaws() == []


def test_a_finding_names_question_place_and_severity() -> None:
    (finding,) = lint.check_all([sound(references=[])], today=TODAY)
    assert (finding.rule, finding.question) == (lint.Rule.NO_REFERENCE, "q-001")
    assert str(finding.problem).startswith("bank.json:")
    assert str(finding.problem).endswith(
        ": warning: questions[0].references: Name the page of documentation that settles the point."
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"options": options("Read the Parquet files", *TEXTS[1:3], "Add more replicas")},
            [],
        ),
        (
            {"options": options("Read the partitioned files", *TEXTS[1:])},
            [
                (
                    "key_longest",
                    "options[0].text",
                    "Make one distractor at least as long: the key is the longest option.",
                )
            ],
        ),
        (
            {"options": options("Read the Parquet files by their columns", *TEXTS[1:])},
            [
                (
                    "key_much_longer",
                    "options[0].text",
                    "Shorten the key or lengthen distractors: 39 characters against 21 on average.",
                )
            ],
        ),
        (
            {
                "stem": "A courier scores parcels overnight. Which changes help? (Select TWO.)",
                "kind": "multiple_response",
                "options": options("Read the Parquet files by their columns", *TEXTS[1:], key="ab"),
            },
            [],
        ),
    ],
)
def test_a_single_key_that_is_the_longest_option_is_told(
    fields: dict[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    assert flaws(**fields) == expected


def test_marks_that_nobody_sees_do_not_make_a_key_longer() -> None:
    assert flaws(options=options("**Read** `Parquet` files", *TEXTS[1:])) == []


def test_words_of_the_stem_that_the_key_alone_repeats_are_told() -> None:
    echo = options("Score by courier", *TEXTS[1:])
    assert flaws(options=echo) == [
        (
            "stem_echo",
            "options[0].text",
            "Word it otherwise, or let a distractor say it too: score, courier.",
        )
    ]
    assert flaws(options=options("Score by courier", "Score by courier age", *TEXTS[2:])) != flaws(
        options=echo
    )
    assert flaws(options=options("Score by courier", "Shorten nightly parcels", *TEXTS[2:])) == []
    assert flaws(options=options("Score by region", *TEXTS[1:])) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("All of the above", [("of_the_above", "All of the above")]),
        ("It is none of these options", [("of_the_above", "none of these options")]),
        ("None of these.", [("of_the_above", "None of these.")]),
        ("Drop all of the columns", []),
        ("Train on both of the sets", []),
        ("Both A and B", [("both", "Both A and B")]),
        ("Either options B or C", [("both", "Either options B or C")]),
        ("Run both A/B tests", []),
        ("Join both a and b", []),
    ],
)
def test_options_that_lean_on_others_are_told(text: str, expected: list[tuple[str, str]]) -> None:
    advice = {
        "of_the_above": "Write an answer of its own instead of “{}”.",
        "both": "Write out what is meant by “{}”: options are shuffled.",
    }
    found = flaws(options=[*options(*TEXTS[:3]), option("d", text, rationale="Because.")])
    assert [flaw for flaw in found if flaw[0] in advice] == [
        (rule, "options[3].text", advice[rule].format(phrase)) for rule, phrase in expected
    ]


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("As option B says, it is slow.", "option B"),
        ("Answer (C) is slower.", "Answer (C)"),
        ("Unlike choice 2, it is slow.", "choice 2"),
        ("It beats the first option.", "the first option"),
        ("It beats the other two, and the last correct answer.", "the last correct answer"),
        ("The options above are slow.", "options above"),
        ("Option A/B testing is slow.", None),
        ("That option is slow, and a choice of 2 replicas too.", None),
        ("The first step is slow.", None),
        ("An answer 5 % off is slow.", None),
    ],
)
def test_letters_and_positions_in_texts_are_told(text: str, phrase: str | None) -> None:
    found = flaws(explanation=text, options=[*options(*TEXTS[:3]), option("d", TEXTS[3], rationale=text)])
    advice = f"Name the option by what it says, not “{phrase}”: it is shuffled."
    both = [("position", "options[3].rationale", advice), ("position", "explanation", advice)]
    assert found == (both if phrase else [])


def test_absolutes_are_told_where_distractors_alone_have_them() -> None:
    advice = "Soften “never”, or let a key say as much: absolutes mark a distractor."
    assert flaws(options=options(*TEXTS[:3], "Add replicas, never stop")) == [
        ("absolutes", "options[3].text", advice)
    ]
    assert flaws(options=options("Always read Parquet", *TEXTS[1:3], "Add replicas, never stop")) == []


def test_options_that_mean_the_same_or_hold_each_other_are_told() -> None:
    same = options(*TEXTS[:3], "Raising a learning rate")
    assert flaws(options=same) == [
        ("similar_options", "options[3].text", "Say something else: option c means the same.")
    ]
    held = options(*TEXTS[:3], "Raise the learning rate and add replicas")
    assert flaws(options=held) == [
        (
            "similar_options",
            "options[3].text",
            "Separate the two: this one and option c contain each other.",
        )
    ]
    assert flaws(options=options(*TEXTS[:3], "Lower the learning rate")) == []
    assert flaws(options=options("Copy S3 to Redshift", "Copy Redshift to S3", *TEXTS[2:])) == []


@pytest.mark.parametrize(
    ("stem", "found"),
    [
        ("The courier wants a shorter run.", True),
        ("Which run? The courier wants a shorter one.", True),
        ("What now?\n\n```sql\nSELECT 1\n```", False),
        ("Which runs are shorter (in minutes)? (Select ONE.)", False),
        ("Which runs are shorter? Select ONE.", True),
    ],
)
def test_a_stem_that_does_not_end_in_a_question_is_told(stem: str, found: bool) -> None:
    expected = [("no_question", "stem", "End the stem with one question.")]
    assert flaws(stem=stem) == (expected if found else [])


@pytest.mark.parametrize(
    ("stem", "word"),
    [
        ("Which of these steps would not help?", "NOT"),
        ("Which step can never help?", "NEVER"),
        ("Which step doesn't help?", "N'T"),
        ("All of the following help except:\n\nWhich?", None),
        ("Which help, with one except?", "EXCEPT"),
        ("Which of these steps would NOT help?", None),
        ("Runs do not end. Which step helps?", None),
        ("Which step helps runs that do not end?", None),
    ],
)
def test_a_negative_question_without_emphasis_is_told(stem: str, word: str | None) -> None:
    advice = f"Ask for what fits; if that cannot be, write {word} in capitals."
    assert flaws(stem=stem) == ([("negative", "stem", advice)] if word else [])


def test_several_keys_without_their_number_are_told() -> None:
    fields: dict[str, Any] = {"kind": "multiple_response", "options": options(*TEXTS, key="ab")}
    assert flaws(**fields) == [("no_count", "stem", "Say how many to select: 2 options are correct.")]
    for count in ("(Select TWO.)", "(Choose 2.)", "Select the best two."):
        assert flaws(**fields, stem=f"{STEM} {count}") == []


def test_what_is_not_explained_is_told() -> None:
    bare = [option("a", TEXTS[0], rationale=""), option("b", TEXTS[1], rationale=" ")]
    assert flaws(options=bare, references=[]) == [
        ("no_rationale", "options[0]", "Say why this option is right here."),
        ("no_rationale", "options[1]", "Say why this option is wrong here."),
        ("no_reference", "references", "Name the page of documentation that settles the point."),
    ]


def test_facts_that_were_not_checked_for_over_twelve_months_are_told() -> None:
    assert flaws(verified_on="2025-11-21") == []
    assert flaws(verified_on="2025-11-20") == [
        (
            "not_verified",
            "verified_on",
            "Check the facts again: 2025-11-20 is over 12 months ago.",
        )
    ]
    assert flaws(verified_on=None) == [("not_verified", "verified_on", "Check the facts, and write the day.")]
    assert lint.months_before(dt.date(2028, 2, 29), 12) == dt.date(2027, 2, 28)
    assert lint.months_before(dt.date(2028, 1, 31), 2) == dt.date(2027, 11, 30)


def test_a_distractor_tag_that_an_item_repeats_is_told() -> None:
    tags = (None, "wrong_stage", "blind_metric", "wrong_stage")
    tagged = [
        option(id_, text, distractor_tag=tag) for id_, text, tag in zip("abcd", TEXTS, tags, strict=True)
    ]
    assert flaws(options=tagged) == [
        (
            "repeated_tag",
            "options[3].distractor_tag",
            "Let this distractor be wrong in another way: option b has the same tag.",
        )
    ]
    assert flaws(options=tagged[:3]) == []
