"""The exam's clock in a browser: the server's time counts, however the device's own is set."""

import datetime as dt
import io
import re

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Page, expect

from exam_sim.exams import attempts
from exam_sim.exams.models import Attempt, EndedBy
from results.models import Result
from tests.browser.sitting import (
    answers,
    ask_clock,
    choose,
    enter,
    eventually,
    move_clock,
    open_attempt,
    open_exam,
    requests_of,
    wait_until_saved,
)
from tests.factories import make_user

DAY_MS = 24 * 3600 * 1000
SHIFT = """{
  const Real = Date;
  globalThis.shift = %d;
  globalThis.Date = class extends Real {
    constructor(...given) { given.length ? super(...given) : super(Real.now() + globalThis.shift); }
    static now() { return Real.now() + globalThis.shift; }
  };
}"""
LISTEN = """() => {
  globalThis.said = [];
  const region = document.querySelector("#announce-time");
  new MutationObserver(() => region.textContent && globalThis.said.push(region.textContent))
    .observe(region, { childList: true });
}"""


@pytest.fixture
def attempt(transactional_db: None) -> Attempt:
    return open_attempt(make_user())


def shown_seconds(page: Page) -> int:
    hours, minutes, seconds = page.locator("#clock").inner_text().split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)


def clock_error(page: Page, attempt: Attempt) -> float:
    """How many seconds the shown time is off."""
    deadline = Attempt.objects.get(pk=attempt.pk).deadline
    assert deadline is not None
    return abs(shown_seconds(page) - (deadline - timezone.now()).total_seconds())


@pytest.mark.parametrize("shift", [DAY_MS, -DAY_MS], ids=["a day fast", "a day slow"])
def test_a_device_whose_clock_is_wrong_shows_the_right_time_left(
    page: Page, attempt: Attempt, shift: int
) -> None:
    page.add_init_script(SHIFT % shift)
    enter(page, attempt)
    assert clock_error(page, attempt) <= 2
    choose(page, 1)
    wait_until_saved(page)
    assert answers(attempt) == {1: [1]}
    page.reload()
    page.locator("html[data-ready=true]").wait_for(state="attached")
    assert clock_error(page, attempt) <= 2


def test_a_device_whose_clock_jumps_asks_the_server(page: Page, attempt: Attempt) -> None:
    page.add_init_script(SHIFT % 0)
    enter(page, attempt)
    expect(page.locator("#save-state")).to_contain_text("Saved ")
    with page.expect_response("**/clock?since=*"):
        page.evaluate("globalThis.shift = 3600 * 1000")
    assert clock_error(page, attempt) <= 2
    choose(page, 0)
    wait_until_saved(page)
    assert answers(attempt) == {1: [0]}


def test_extra_time_shows_after_a_poll_of_the_idle_page(page: Page, attempt: Attempt) -> None:
    page.clock.install()
    enter(page, attempt)
    choose(page, 0)
    wait_until_saved(page)
    attempts.extend(attempt.pk, 30, None, "a fire alarm", timezone.now())
    with requests_of(page) as requests:
        page.clock.fast_forward(28_000)
        assert [path for path in requests if "/clock" in path] == []
        with page.expect_response("**/clock?since=*"):
            page.clock.fast_forward(3_000)
    expect(page.locator("#clock")).to_have_text(re.compile("^3:(30:00|29:5)"))
    assert clock_error(page, attempt) <= 2


def test_a_hidden_page_does_not_poll(page: Page, attempt: Attempt) -> None:
    page.clock.install()
    enter(page, attempt)
    wait_until_saved(page)
    page.evaluate("Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' })")
    with requests_of(page) as requests:
        page.clock.fast_forward(120_000)
        page.clock.run_for(3_000)
    assert [path for path in requests if "/clock" in path] == []


def test_a_whole_exam_announces_its_time_five_times_and_ends_by_itself(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    choose(page, 2)
    wait_until_saved(page)
    page.evaluate(LISTEN)
    for minute in (*range(180, 61, -5), *range(61, 0, -1)):
        move_clock(attempt, dt.timedelta(minutes=minute, seconds=-30))
        ask_clock(page)
    eventually(page, lambda: page.evaluate("globalThis.said.length"), 5)
    assert page.evaluate("globalThis.said") == [
        "1 hour left",
        "30 minutes left",
        "15 minutes left",
        "5 minutes left",
        "1 minute left",
    ]
    move_clock(attempt, dt.timedelta(seconds=1))
    ask_clock(page)
    page.wait_for_url(f"**/results/{attempt.pk}/")
    closed = Attempt.objects.get(pk=attempt.pk)
    assert (closed.state, closed.ended_by, closed.closed_at) == ("closed", EndedBy.CLOCK, closed.deadline)
    assert answers(attempt) == {1: [2]}


def test_what_was_answered_before_zero_counts_though_the_network_comes_back_later(
    page: Page, attempt: Attempt, expected_messages: list[str]
) -> None:
    expected_messages.append("ERR_INTERNET_DISCONNECTED")
    move_clock(attempt, dt.timedelta(seconds=4))
    enter(page, attempt)
    page.context.set_offline(True)
    choose(page, 3)
    expect(page.locator("#over-text")).to_have_text(
        "Your answers are not handed in yet: the server cannot be reached. "
        "They are kept here, and it is tried again: leave this page open.",
        timeout=8_000,
    )
    page.keyboard.press("Escape")
    expect(page.locator("#over-dialog")).to_be_visible()
    page.context.set_offline(False)
    page.wait_for_url(f"**/results/{attempt.pk}/")
    assert (answers(attempt), Result.objects.get(attempt=attempt).correct) == ({1: [3]}, 1)


def test_hidden_time_stays_hidden_after_a_reload(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    page.get_by_role("button", name="Hide time").click()
    expect(page.locator("#clock")).to_have_text("")
    open_exam(page, attempt, item=2)
    expect(page.locator("#clock")).to_have_text("")
    page.keyboard.press("t")
    expect(page.locator("#announce-time")).to_have_text("3 hours left")
    page.get_by_role("button", name="Show time").click()
    assert clock_error(page, attempt) <= 2


def test_with_the_browser_gone_the_sweeper_ends_the_exam(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    choose(page, 3)
    wait_until_saved(page)
    page.close()
    move_clock(attempt, -dt.timedelta(seconds=601))
    call_command("close_expired", stdout=io.StringIO())
    call_command("grade_closed", stdout=io.StringIO())
    closed = Attempt.objects.get(pk=attempt.pk)
    assert (closed.state, closed.ended_by, closed.closed_at) == ("closed", EndedBy.CLOCK, closed.deadline)
    assert Result.objects.get(attempt=attempt).correct == 1
