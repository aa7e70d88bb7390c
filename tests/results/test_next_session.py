from dataclasses import replace

import pytest

from results.mastery import Gain, Place, Posterior
from results.next_session import Kind, Reason, Standing, Suggestion, suggest

GAIN = Gain(Posterior(Place("1", "1.1", "Create data repositories", 60, 2), 3, 9, 0.4, 0.2, 0.6), 60.0)
STANDING = Standing(
    days_left=None, rehearsed=False, due=0, repeated=False, forms=2, sessions_since=0, largest=GAIN
)
DRILL = Suggestion(Kind.DRILL, Reason.MOST_TO_GAIN)
DUE = Suggestion(Kind.DUE, Reason.DUE_TODAY)
REHEARSAL = Suggestion(Kind.REHEARSAL, Reason.EXAM_IS_NEAR)


def test_what_gains_most_is_drilled() -> None:
    assert suggest(STANDING) == DRILL


@pytest.mark.parametrize(
    ("days_left", "suggestion"),
    [(None, DRILL), (11, DRILL), (10, REHEARSAL), (1, REHEARSAL), (0, DRILL), (-3, DRILL)],
)
def test_the_rehearsal_comes_in_the_last_ten_days_and_not_on_the_day_itself(
    days_left: int | None, suggestion: Suggestion
) -> None:
    assert suggest(replace(STANDING, days_left=days_left)) == suggestion


def test_the_rehearsal_comes_before_what_is_due_and_is_sat_once() -> None:
    near = replace(STANDING, days_left=5, due=12)
    assert suggest(near) == REHEARSAL
    assert suggest(replace(near, rehearsed=True)) == DUE


def test_what_is_due_comes_first_on_each_day_and_once() -> None:
    assert suggest(replace(STANDING, due=1)) == DUE
    assert suggest(replace(STANDING, due=1, repeated=True)) == DRILL


def test_without_a_form_that_counts_a_form_comes_before_any_drill() -> None:
    assert suggest(replace(STANDING, forms=0)) == Suggestion(Kind.FORM, Reason.NOTHING_YET)


@pytest.mark.parametrize(
    ("sessions", "suggestion"), [(2, DRILL), (3, Suggestion(Kind.FORM, Reason.SESSIONS_SINCE))]
)
def test_after_three_study_sessions_a_form_shows_what_they_brought(
    sessions: int, suggestion: Suggestion
) -> None:
    assert suggest(replace(STANDING, sessions_since=sessions)) == suggestion


def test_where_nothing_gains_enough_a_form_keeps_in_practice() -> None:
    assert suggest(replace(STANDING, largest=None)) == Suggestion(Kind.FORM, Reason.NOTHING_STANDS_OUT)
