from dataclasses import replace

import pytest

from questions.formats import Draft, Feature
from questions.formats.losses import Loss, losses
from questions.formats.registry import FORMATS
from tests.questions.builders import draft, options

PLAIN = draft("q-001", testing_point="")
TWO_KEYS = draft("q-002", kind="multiple_response", options=options("abc", "ab"), testing_point="")
RICH = draft(
    "q-003", level=3, explanation="Why.", options=[{**one, "rationale": "So."} for one in options("ab")]
)


def test_the_exchange_format_loses_nothing() -> None:
    assert losses([PLAIN, TWO_KEYS, RICH], FORMATS["exchange-yaml"]) == []


def test_what_is_lost_is_named_with_the_questions_that_have_it() -> None:
    assert losses([PLAIN, TWO_KEYS, RICH], FORMATS["aiken"]) == [
        Loss(Feature.MULTIPLE_RESPONSE, ("q-002",), left_out=True),
        Loss(Feature.ID, ("q-001", "q-003")),
        Loss(Feature.TASK_STATEMENT, ("q-001", "q-003")),
        Loss(Feature.LEVEL, ("q-003",)),
        Loss(Feature.TESTING_POINT, ("q-003",)),
        Loss(Feature.EXPLANATION, ("q-003",)),
        Loss(Feature.RATIONALES, ("q-003",)),
    ]


def test_questions_with_more_options_than_a_card_are_left_out() -> None:
    many = draft("q-004", options=options("abcdef"), testing_point="")
    assert losses([many, PLAIN], FORMATS["anki"]) == [Loss(Feature.MANY_OPTIONS, ("q-004",), left_out=True)]


@pytest.mark.parametrize(
    "stem", ["Two\n\nparagraphs", "`code`", "**bold**", "ANSWER: B", "A) one", "- list", "a &lt; b"]
)
def test_formatting_is_lost_where_texts_are_plain(stem: str) -> None:
    found = losses([replace(PLAIN, stem=stem)], FORMATS["aiken"])
    assert Loss(Feature.FORMATTING, ("q-001",)) in found


@pytest.mark.parametrize("stem", ["What is 2 * 3?", "Is a_b < c?", "50% of 1,000 - why?", "Größe"])
def test_plain_text_has_no_formatting_to_lose(stem: str) -> None:
    found: list[Draft] = [replace(PLAIN, stem=stem)]
    assert [loss.feature for loss in losses(found, FORMATS["aiken"])] == [Feature.ID, Feature.TASK_STATEMENT]
