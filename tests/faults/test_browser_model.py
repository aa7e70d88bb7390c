"""What counts as a promise that was not kept: each is seen, and nothing else is."""

from dataclasses import replace

import pytest

from tests.faults.browser_model import Account, Claim, Click, Logged, ShownTime, Stored, breaches
from tests.faults.records import OVERDUE, Invariant

START, DEADLINE, CLOSE_BY = 1000.0, 1024.0, 1028.0
STORED = Stored(
    deadline=DEADLINE,
    close_by=CLOSE_BY,
    closed_at=DEADLINE,
    ended_by="clock",
    open_at=DEADLINE,
    closed_by=DEADLINE + 0.2,
    lag=0.0,
    log=[Logged(1, "answer", "[0]", START + 5.1), Logged(1, "answer", "[2]", START + 9.1)],
    registers={(1, "answer"): "[2]"},
)


def click(at: float, value: str, tab: int = 0, device: int = 0) -> Click:
    return Click(device, tab, START + at, 1, "answer", value)


def account(*more: Click) -> Account:
    """Two answers, both shown as saved, and a device that had no trouble."""
    return Account(
        clicks=[click(5, "[0]"), click(9, "[2]"), *more],
        claims=[Claim(0, 1, START + 5.2), Claim(0, 2, START + 9.2)],
        times=[ShownTime(START + 5, 19, 19.0)],
        calm={0: START},
    )


def broken(account: Account, **changes: object) -> list[Invariant]:
    return [invariant for invariant, _ in breaches(account, replace(STORED, **changes))]  # type: ignore[arg-type]


def test_an_exam_in_which_all_went_well_breaks_nothing() -> None:
    assert broken(account()) == []


def test_an_answer_that_was_shown_as_saved_has_to_be_in_the_log() -> None:
    told = account(click(12, "[3]"))
    told.claims.append(Claim(0, 3, START + 12.2))
    told.calm = {0: None, 1: None}
    assert broken(told) == [Invariant.ACKNOWLEDGED_LOST]


def test_what_another_tab_shows_as_saved_is_not_said_of_this_ones_answers() -> None:
    told = account(click(12, "[3]", tab=1))
    told.claims.append(Claim(0, 3, START + 12.2))
    told.calm = {0: None, 1: None}
    assert broken(told) == []


def test_nothing_may_be_shown_as_saved_before_the_server_has_it() -> None:
    told = account()
    told.claims.append(Claim(0, 2, START + 9.01))
    assert broken(told) == [Invariant.SHOWN_TOO_EARLY]


def test_a_page_may_not_go_on_saying_saved_when_something_new_was_clicked() -> None:
    told = account()
    told.clicks[1] = replace(told.clicks[1], shown="Saved 12:00:00")
    assert broken(told) == [Invariant.SHOWN_TOO_EARLY]


@pytest.mark.parametrize(
    ("since", "devices", "expected"),
    [
        (START, 2, [Invariant.NEVER_HANDED_IN]),
        (DEADLINE - 4.1, 2, [Invariant.NEVER_HANDED_IN]),
        (DEADLINE - 3.9, 2, []),
        (None, 2, []),
        (None, 1, [Invariant.NEVER_HANDED_IN]),
    ],
    ids=["all the time", "long enough", "not long enough", "never", "never, but it alone ended the exam"],
)
def test_a_browser_with_nothing_in_its_way_hands_in_all_it_has(
    since: float | None, devices: int, expected: list[Invariant]
) -> None:
    told = account(click(12, "[3]"))
    told.calm = {0: since} | dict.fromkeys(range(1, devices))
    assert broken(told) == expected


def test_an_answer_after_the_close_need_not_be_handed_in() -> None:
    assert broken(account(click(24, "[3]"))) == []


def test_the_log_holds_nothing_twice() -> None:
    assert broken(account(), log=[*STORED.log, STORED.log[0]]) == [Invariant.TWICE]


def test_the_log_holds_nothing_that_nobody_clicked() -> None:
    log = [*STORED.log, Logged(2, "answer", "[1]", START + 6)]
    assert broken(account(), log=log) == [Invariant.UNKNOWN]


def test_nothing_meant_after_the_deadline_counts() -> None:
    log = [*STORED.log, Logged(1, "answer", "[3]", DEADLINE + 1.8)]
    late = account(click(DEADLINE + 1.6 - START, "[3]"))
    assert broken(late, log=log, registers={(1, "answer"): "[3]"}) == [Invariant.MEANT_LATE]


@pytest.mark.parametrize(("value", "expected"), [("[0]", [Invariant.NOT_NEWEST]), ("[2]", [])])
def test_of_one_tab_the_newest_answer_stands(value: str, expected: list[Invariant]) -> None:
    assert broken(account(), registers={(1, "answer"): value}) == expected


@pytest.mark.parametrize(("apart", "expected"), [(1.4, []), (1.6, [Invariant.NOT_NEWEST])])
def test_of_two_devices_the_newest_answer_stands_where_that_can_be_told(
    apart: float, expected: list[Invariant]
) -> None:
    told = account(click(9 + apart, "[3]", tab=1, device=1))
    log = [*STORED.log, Logged(1, "answer", "[3]", START + 12)]
    assert broken(told, log=log) == expected


def test_an_answer_that_stands_nowhere_was_not_kept() -> None:
    assert broken(account(), registers={}) == [Invariant.NOT_NEWEST]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"closed_by": None, "closed_at": None}, [Invariant.LEFT_OPEN]),
        ({"closed_by": CLOSE_BY + OVERDUE + 0.1}, [Invariant.LEFT_OPEN]),
        ({"closed_by": CLOSE_BY + OVERDUE - 0.1}, []),
        ({"closed_at": DEADLINE - 1}, [Invariant.CLOSED_EARLY]),
        ({"closed_at": DEADLINE - 1, "ended_by": "candidate"}, [Invariant.CLOSED_EARLY]),
    ],
    ids=["open", "too late", "in time", "before its time", "by nobody"],
)
def test_an_exam_is_closed_in_time_and_not_before(
    changes: dict[str, object], expected: list[Invariant]
) -> None:
    assert broken(account(), **changes) == expected


def test_the_time_shown_is_the_time_left() -> None:
    told = account()
    told.times.append(ShownTime(START + 6, 24, 18.0))
    assert broken(told) == [Invariant.WRONG_TIME]


def test_what_pages_and_consoles_said_is_told() -> None:
    told = account()
    told.wrong_pages, told.console, told.missing_offline = ["500"], ["uncaught: it"], ["tab 0"]
    assert broken(told) == [Invariant.HIDDEN_OFFLINE, Invariant.TRACEBACK, Invariant.CONSOLE]


def test_what_a_slow_machine_does_to_times_is_no_breach() -> None:
    told = account()
    told.times.append(ShownTime(START + 6, 24, 18.0))
    assert broken(told, lag=1.0) == []
