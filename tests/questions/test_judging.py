"""What no reader stops is judged soon, whatever its size."""

import io
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from questions import judging
from questions.formats import Entry, Exhibit, Option
from questions.models import Decision, Outcome
from tests.benchmarks.yardstick import within
from tests.questions.builders import draft
from tests.questions.sound import TODAY

TERMS = judging.Terms(None, TODAY)


def judged(**fields: Any) -> judging.Judged:
    case = judging.case_of(Entry(draft().place, replace(draft(), **fields)), 0)
    return judging.judge(case, judging.Match(), Decision.NONE, TERMS)


@pytest.mark.parametrize("scrap", ["a\n", "[", "[a](", "<br>||\n", "- a\n", "*a ", "following ", "(a)"])
def test_a_text_of_a_megabyte_is_an_error_that_takes_no_time(scrap: str) -> None:
    with within(2):
        found = judged(stem=scrap * (1_000_000 // len(scrap)))
    assert found.outcome == Outcome.PROBLEM
    assert [problem.advice for problem in found.problems if problem.field.endswith("stem")] == [
        "Shorten the text to at most 6000 characters."
    ]


def test_thousands_of_options_are_an_error_that_takes_no_time() -> None:
    with within(5):
        found = judged(options=tuple(Option(f"o{n}", f"Word {n} of many", n == 0) for n in range(5_000)))
    assert (found.outcome, found.findings) == (Outcome.PROBLEM, ())


@pytest.mark.parametrize("scrap", ["[", "![", "[a](", "<![CDATA[", "[[a](http://b.c)"])
def test_brackets_do_not_make_the_longest_text_slow(scrap: str) -> None:
    with within(0.6):
        judged(explanation=(scrap * 6_000)[:6_000])


def test_a_figure_that_all_questions_share_is_looked_at_once() -> None:
    picture = io.BytesIO()
    Image.new("L", (3000, 3000)).save(picture, "PNG")
    shown = replace(draft(), exhibits=(Exhibit("figure", "one.png", "A square."),))
    with within(2):
        for position in range(300):
            content = bytes(bytearray(picture.getvalue()))
            assert judging.case_of(Entry(shown.place, shown, figures={"one.png": content}), position).figures
