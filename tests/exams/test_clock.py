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


# Pauses

MOMENTS = st.lists(st.integers(0, 40 * 60_000_000), min_size=1, max_size=8).map(sorted)
MICRO = dt.timedelta(microseconds=1)
SESSION = Clock(START, START + 56 * MINUTES, 10 * MINUTES)


def after(clock: Clock, moments: list[int]) -> Clock:
    """`clock` stopped at the first of `moments` (in microseconds), going on at the second, and so on."""
    for number, moment in enumerate(moments):
        now = START + moment * MICRO
        clock = clock.going_on(now) if number % 2 else clock.stopped(now)
    return clock


def test_a_stopped_clock_stands_and_goes_on_with_what_was_left() -> None:
    stopped = SESSION.stopped(START + 20 * MINUTES)
    for later in (20, 60, 60_000):
        at = START + later * MINUTES
        assert (stopped.elapsed_ms(at), stopped.total_ms, stopped.remaining(at)) == (
            20 * 60_000,
            56 * 60_000,
            36 * MINUTES,
        )
        assert (stopped.is_over(at), stopped.is_due(at)) == (False, False)
        assert stopped.closing_time(at) == START + 20 * MINUTES
    going_on = stopped.going_on(START + 90 * MINUTES)
    assert going_on == Clock(START, START + 126 * MINUTES, SESSION.grace, paused_ms=70 * 60_000)
    assert (going_on.total_ms, going_on.elapsed_ms(START + 95 * MINUTES)) == (56 * 60_000, 25 * 60_000)


def test_stopping_twice_and_going_on_twice_changes_nothing() -> None:
    stopped = SESSION.stopped(START + 20 * MINUTES)
    assert stopped.stopped(START + 25 * MINUTES) == stopped
    going_on = stopped.going_on(START + 30 * MINUTES)
    assert going_on.going_on(START + 40 * MINUTES) == going_on


def test_while_it_stands_only_what_was_meant_before_is_taken() -> None:
    stopped = SESSION.stopped(START + 20 * MINUTES)
    at = START + 50 * MINUTES
    before = 20 * 60_000
    assert [
        stopped.judge(intent, at) for intent in (0, before, before + AHEAD_MS, before + AHEAD_MS + 1)
    ] == [
        Verdict.TAKEN,
        Verdict.TAKEN,
        Verdict.TAKEN,
        Verdict.AHEAD,
    ]


def test_a_server_whose_clock_was_set_back_takes_no_time_away() -> None:
    stopped = SESSION.stopped(START + 20 * MINUTES)
    assert stopped.going_on(START + 10 * MINUTES) == SESSION
    assert SESSION.stopped(START - MINUTES).elapsed_ms(START + MINUTES) == 0
    assert stopped.going_on(START + 90 * MINUTES).closing_time(START) == START + 70 * MINUTES


@given(moments=MOMENTS, reads=MOMENTS)
def test_exam_time_never_goes_backwards_over_any_pauses(moments: list[int], reads: list[int]) -> None:
    last = 0
    for read in sorted({*moments, *reads}):
        elapsed = after(SESSION, [m for m in moments if m <= read]).elapsed_ms(START + read * MICRO)
        assert elapsed >= last
        last = elapsed


@given(moments=MOMENTS)
def test_exam_time_is_the_same_before_and_after_a_pause_and_the_total_never_changes(
    moments: list[int],
) -> None:
    for count in range(1, len(moments) + 1):
        clock, changed = after(SESSION, moments[: count - 1]), after(SESSION, moments[:count])
        now = START + moments[count - 1] * MICRO
        assert changed.elapsed_ms(now) == clock.elapsed_ms(now)
        assert changed.total_ms == SESSION.total_ms
        remaining = changed.remaining(now)
        assert remaining is not None
        left = SESSION.total_ms - changed.elapsed_ms(now)  # type: ignore[operator]
        assert max(0, left - 1) * MS <= remaining <= max(0, left) * MS


@given(moments=MOMENTS, intent=st.integers(0, 90 * 60_000), spent=st.integers(0, 90 * 60_000))
def test_after_any_pauses_an_event_is_judged_as_without_them(
    moments: list[int], intent: int, spent: int
) -> None:
    """By exam time alone: what was judged at exam time `spent` is judged alike when that comes later."""
    clock = after(SESSION, moments[: len(moments) // 2 * 2])
    received = START + spent * MS
    assert clock.judge(intent, received + clock.paused_ms * MS) is SESSION.judge(intent, received)
