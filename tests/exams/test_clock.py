import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam_sim.exams.clock import AHEAD_MS, Clock, Verdict

START = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
MS = dt.timedelta(milliseconds=1)
MINUTES = dt.timedelta(minutes=1)
TOTAL = 180 * 60_000
GRACE = 10 * 60_000
CLOCK = Clock(START, START + 180 * MINUTES, 10 * MINUTES)
UNTIMED = Clock(START, None, 10 * MINUTES)


@pytest.mark.parametrize(
    ("intent", "received", "verdict"),
    [
        (0, 0, Verdict.TAKEN),
        (60_000, 60_000, Verdict.TAKEN),
        (60_000 + AHEAD_MS, 60_000, Verdict.TAKEN),
        (60_001 + AHEAD_MS, 60_000, Verdict.AHEAD),
        (TOTAL - 1, TOTAL - 1, Verdict.TAKEN),
        (TOTAL + 100, TOTAL - 1, Verdict.TAKEN),
        (TOTAL - 1, TOTAL, Verdict.TAKEN),
        (TOTAL, TOTAL, Verdict.LATE),
        (TOTAL - 1, TOTAL + GRACE, Verdict.TAKEN),
        (TOTAL - 1, TOTAL + GRACE + 1, Verdict.LATE),
        (TOTAL + AHEAD_MS + 1, TOTAL + 1, Verdict.LATE),
        (0, TOTAL + GRACE + 1, Verdict.LATE),
    ],
)
def test_an_event_is_judged_by_when_it_was_meant_and_when_it_came(
    intent: int, received: int, verdict: Verdict
) -> None:
    assert CLOCK.judge(intent, START + received * MS) is verdict


def test_a_closed_attempt_takes_nothing() -> None:
    clock = Clock(START, CLOCK.deadline, CLOCK.grace, closed=True)
    assert clock.judge(1000, START + 2 * MINUTES) is Verdict.LATE


def test_an_untimed_attempt_is_never_over() -> None:
    later = START + dt.timedelta(days=400)
    assert UNTIMED.judge(UNTIMED.elapsed_ms(later), later) is Verdict.TAKEN
    assert (UNTIMED.total_ms, UNTIMED.remaining(later), UNTIMED.is_over(later), UNTIMED.is_due(later)) == (
        None,
        None,
        False,
        False,
    )
    assert UNTIMED.closing_time(later) == later


def test_the_times_of_an_attempt() -> None:
    middle = START + 60 * MINUTES
    assert CLOCK.total_ms == TOTAL
    assert CLOCK.elapsed_ms(middle) == 60 * 60_000
    assert CLOCK.elapsed_ms(START - MINUTES) == 0
    assert CLOCK.remaining(middle) == 120 * MINUTES
    assert CLOCK.remaining(START + 200 * MINUTES) == dt.timedelta(0)
    assert CLOCK.closing_time(middle) == middle
    assert CLOCK.closing_time(START + 185 * MINUTES) == START + 180 * MINUTES
    assert CLOCK.closing_time(START - 5 * MINUTES) == START


@pytest.mark.parametrize(
    ("at", "over", "due"),
    [
        (180 * MINUTES - MS, False, False),
        (180 * MINUTES, True, False),
        (190 * MINUTES, True, False),
        (190 * MINUTES + MS, True, True),
    ],
)
def test_an_attempt_is_over_at_its_deadline_and_due_after_its_grace(
    at: dt.timedelta, over: bool, due: bool
) -> None:
    assert (CLOCK.is_over(START + at), CLOCK.is_due(START + at)) == (over, due)


@given(intent=st.integers(0, 2 * TOTAL), received=st.integers(0, 2 * TOTAL))
def test_what_is_meant_in_time_and_arrives_within_the_grace_is_never_late(intent: int, received: int) -> None:
    verdict = CLOCK.judge(intent, START + received * MS)
    if intent < TOTAL and received <= TOTAL + GRACE:
        assert verdict in (Verdict.TAKEN, Verdict.AHEAD)
        assert (verdict is Verdict.AHEAD) == (intent > received + AHEAD_MS)
    if intent >= TOTAL and received >= TOTAL:
        assert verdict is Verdict.LATE


@given(intent=st.integers(0, TOTAL), first=st.integers(0, TOTAL - 1), more=st.integers(0, TOTAL))
def test_an_extension_never_turns_a_taken_event_away(intent: int, first: int, more: int) -> None:
    received = START + first * MS
    longer = Clock(START, START + (TOTAL + more) * MS, CLOCK.grace)
    if CLOCK.judge(intent, received) is Verdict.TAKEN:
        assert longer.judge(intent, received) is Verdict.TAKEN
