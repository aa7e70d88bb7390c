"""What comes late or from the side: a fast clock, an End called off, a full storage, a tab, a device."""

import datetime as dt
import json
import uuid

import pytest
from django.test import Client
from playwright.sync_api import APIResponse, Page, Route, expect

from exam_sim.exams.models import Attempt, EventKind
from tests.browser.sitting import (
    answers,
    ask_clock,
    choose,
    enter,
    eventually,
    log_in,
    move_clock,
    open_attempt,
    open_exam,
    option,
    registers,
    requests_of,
    state_of,
    status,
    wait_until_saved,
)
from tests.browser.test_exam_clock import SHIFT
from tests.browser.test_offline import NOTHING, OFFLINE, all_kept, enter_and_keep, kept, reload
from tests.browser.test_study_session import is_paused, make_session
from tests.factories import make_user

HOUR_MS = 3600 * 1000
POLL = "**/clock?since=*"
TEN_MINUTES_AGO = dt.timedelta(minutes=170)
# Of the five million characters that a site may keep in Chromium, leave so many.
FILL = """(free) => {
  localStorage.removeItem("filler");
  const used = Object.entries(localStorage).reduce((sum, [key, value]) => sum + key.length + value.length, 6);
  localStorage.setItem("filler", "x".repeat(5 * 1024 * 1024 - used - free));
}"""
TYPE_AND_HIDE = """() => {
  const notes = document.querySelector("#scratchpad");
  notes.value = "typed to the end";
  notes.dispatchEvent(new Event("input", { bubbles: true }));
  Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
  document.dispatchEvent(new Event("visibilitychange"));
  return Object.values(localStorage).filter((value) => value.includes('"kind":"scratchpad"')).length;
}"""
# A minute and a half, on both of the page's clocks.
PASS = """() => {
  globalThis.shift += 90000;
  performance.now = ((now) => () => now() + 90000)(performance.now.bind(performance));
}"""
KEPT_EVENTS = "() => Object.keys(localStorage).filter((key) => key.includes(':event:')).length"
COUNT_CLOSED = """() => {
  globalThis.closed = 0;
  document.querySelector("#end-dialog").addEventListener("close", () => (globalThis.closed += 1));
}"""
WATCH_FIRST_CELL = """() => {
  globalThis.seen = [];
  const [cell] = document.querySelectorAll("#navigator button.cell");
  new MutationObserver(() => globalThis.seen.push(cell.className)).observe(cell, { attributes: true });
}"""


@pytest.fixture
def attempt(transactional_db: None, expected_messages: list[str]) -> Attempt:
    expected_messages += OFFLINE
    return open_attempt(make_user(), left=TEN_MINUTES_AGO)


def hand_in(attempt: Attempt, item: int, value: list[int], intent_ms: int) -> None:
    """What another device did at `intent_ms` and hands in now."""
    client = Client()
    client.force_login(attempt.user)
    event = {
        "id": str(uuid.uuid4()),
        "item": item,
        "kind": "answer",
        "value": value,
        "intent_ms": intent_ms,
    }
    answer = client.post(
        f"/attempts/{attempt.pk}/events", json.dumps({"events": [event]}), content_type="application/json"
    )
    assert answer.json()["results"] == {event["id"]: "stored"}


def lose(route: Route) -> None:
    route.abort()


def hold(page: Page, address: str) -> list[Route]:
    """The requests to `address`, of which none goes on by itself."""
    held: list[Route] = []

    def keep(route: Route) -> None:
        held.append(route)

    page.route(address, keep)
    return held


def ask_end(page: Page) -> None:
    page.locator("#review").click()
    page.locator("#review-end").click()


def type_notes(page: Page, text: str) -> None:
    page.locator("#scratchpad").fill(text)
    page.locator("#scratchpad").blur()


# The clock


@pytest.mark.parametrize("is_loaded_again", [False, True], ids=["the page goes on", "it is loaded again"])
def test_answers_given_in_time_count_though_a_fast_device_clock_stamped_them_without_network(
    page: Page, attempt: Attempt, is_loaded_again: bool
) -> None:
    enter_and_keep(page, attempt)
    wait_until_saved(page)
    move_clock(attempt, dt.timedelta(seconds=60))
    ask_clock(page)
    page.add_init_script(SHIFT % (2 * HOUR_MS))
    page.context.set_offline(True)
    reload(page)
    choose(page, 0)
    choose(page, 3)
    page.evaluate(PASS)
    page.add_init_script("globalThis.shift += 90000")
    move_clock(attempt, -dt.timedelta(seconds=30))
    if is_loaded_again:
        page.route("**/events", lose)
        page.route(POLL, lose)
        page.context.set_offline(False)
        page.unroute_all()
        page.reload(wait_until="commit")
    else:
        page.context.set_offline(False)
    page.wait_for_url(f"**/results/{attempt.pk}/")
    assert answers(attempt) == {1: [3]}


def test_what_followed_an_answer_replaces_it_though_exam_time_stood_still_while_the_network_was_away(
    page: Page, attempt: Attempt
) -> None:
    page.add_init_script(SHIFT % 0)
    enter_and_keep(page, attempt)
    choose(page, 0)
    wait_until_saved(page)
    page.context.set_offline(True)
    reload(page)
    choose(page, 3)
    page.evaluate(PASS)
    page.context.set_offline(False)
    wait_until_saved(page)
    assert answers(attempt) == {1: [3]}


def test_what_another_tab_says_to_be_of_the_future_is_not_outdone(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    wait_until_saved(page)
    register = [2, "flag", True, 2 * HOUR_MS, str(uuid.uuid4())]
    name = f"exam:{attempt.user_id}:{attempt.pk}:"
    page.evaluate(
        "([name, register]) => new BroadcastChannel(name).postMessage([register])", [name, register]
    )
    expect(page.locator("#navigator .cell").nth(1)).to_have_class("cell is-unseen is-flagged")
    choose(page, 1)
    wait_until_saved(page)
    assert answers(attempt) == {1: [1]}


# The end


def test_an_end_is_called_off_before_it_is_posted_again_and_never_while_it_is_under_way(
    page: Page, attempt: Attempt
) -> None:
    page.clock.install()
    enter(page, attempt)
    wait_until_saved(page)
    held = hold(page, "**/end")
    ask_end(page)
    page.locator("#end-confirm").click()
    expect(page.locator("#end-cancel")).to_be_disabled()
    page.evaluate(COUNT_CLOSED)
    page.keyboard.press("Escape")
    page.wait_for_timeout(50)
    assert page.evaluate("globalThis.closed") == 0
    # Browsers let nobody be held by a second one.
    for _ in range(2):
        page.keyboard.press("Escape")
    eventually(page, lambda: (len(held), page.locator("#end-dialog").is_visible()), (1, True))
    page.route(POLL, lose)
    held[0].abort()
    expect(page.locator("#end-problem")).to_contain_text("The exam is not ended")
    with page.expect_request(POLL):
        page.clock.run_for(3_000)
    page.locator("#end-cancel").click()
    page.unroute(POLL)
    page.clock.run_for(4_000)
    ask_clock(page)
    assert (len(held), state_of(attempt)) == (1, "open")
    expect(page.locator("#end-dialog")).to_be_hidden()


def test_time_that_runs_out_behind_the_end_dialog_is_tried_again_when_it_cannot_be_handed_in(
    page: Page, attempt: Attempt
) -> None:
    page.clock.install()
    enter(page, attempt)
    choose(page, 2)
    wait_until_saved(page)
    with page.expect_response(POLL):
        ask_end(page)
    # The reply to the time spent on the question would still tell of the time that was left before.
    eventually(page, lambda: page.evaluate(KEPT_EVENTS), 0)
    page.route("**/end", lose, times=1)
    move_clock(attempt, dt.timedelta(seconds=1))
    ask_clock(page)
    expect(page.locator("#over-text")).to_contain_text("Your answers are not handed in yet")
    expect(page.locator("#end-dialog")).to_be_hidden()
    page.clock.fast_forward(3_000)
    page.wait_for_url(f"**/results/{attempt.pk}/")
    assert answers(attempt) == {1: [2]}


def renew_token(page: Page) -> None:
    """As a log-in in another tab does."""
    page.context.add_cookies([{"name": "csrftoken", "value": "n" * 32, "domain": "127.0.0.1", "path": "/"}])


def test_after_a_log_in_elsewhere_an_exam_is_discarded(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    renew_token(page)
    ask_end(page)
    page.get_by_role("button", name="End and discard").click()
    page.wait_for_url("**/exams/**")
    assert state_of(attempt) == "discarded"


def test_after_a_log_in_elsewhere_a_session_is_paused(page: Page, transactional_db: None) -> None:
    session = make_session(minutes=30)
    enter(page, session)
    renew_token(page)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("heading", name="Paused")).to_be_visible()
    assert is_paused(session)


# The storage of this browser


def test_in_a_storage_that_is_nearly_full_notes_are_kept_or_said_not_to_be(
    page: Page, attempt: Attempt
) -> None:
    """Newer notes are kept once the older ones have gone; nothing is called kept while they are not."""
    saved = page.locator("#save-state")
    enter(page, attempt)
    wait_until_saved(page)
    page.locator("#notes summary").click()
    page.route("**/events", lose)
    type_notes(page, "a" * 9_000)
    expect(saved).to_have_text("Offline: 1 change kept here, will be sent")
    page.evaluate(FILL, 4_000)
    type_notes(page, "b" * 9_000)
    expect(saved).to_have_text("Offline: 1 change kept here, will be sent")
    type_notes(page, "c" * 19_000)
    choose(page, 1)
    expect(saved).to_have_text("Offline: 2 changes kept in this page alone (leave it open), will be sent")
    page.evaluate("localStorage.removeItem('filler')")
    choose(page, 2)
    expect(saved).to_have_text("Offline: 3 changes kept here, will be sent")
    reload(page)
    expect(page.locator("#scratchpad")).to_have_value("c" * 19_000)


def test_notes_typed_without_a_pause_are_kept_when_the_page_is_hidden(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    assert page.evaluate(TYPE_AND_HIDE) == 1
    wait_until_saved(page)
    assert registers(attempt, EventKind.SCRATCHPAD) == {0: "typed to the end"}


def test_an_open_page_makes_a_new_copy_after_another_tab_dropped_it(page: Page, attempt: Attempt) -> None:
    enter_and_keep(page, attempt)
    wait_until_saved(page)
    log_in(page, make_user("other@example.org"))
    other = page.context.new_page()
    other.goto("/")
    eventually(other, lambda: kept(other), NOTHING)
    log_in(page, attempt.user)
    ask_clock(page)
    eventually(page, lambda: kept(page), all_kept(attempt))


# Other tabs and devices


def test_what_a_device_hands_in_long_after_it_was_done_shows_at_the_tenth_poll_and_before_the_end(
    page: Page, attempt: Attempt
) -> None:
    page.clock.install()
    enter(page, attempt)
    wait_until_saved(page)
    hand_in(attempt, 2, [1], 1_000)
    progress = []
    for _ in range(10):
        with page.expect_response(POLL):
            page.clock.fast_forward(31_000)
        page.wait_for_timeout(30)
        progress.append(page.locator("#progress").inner_text())
    expect(page.locator("#progress")).to_have_text("1 of 3 answered")
    assert progress[:9] == ["0 of 3 answered"] * 9
    hand_in(attempt, 1, [0], 1_000)
    ask_end(page)
    expect(page.locator("#end-summary")).to_contain_text("1 of 3 questions would count as wrong")


def test_what_stands_is_asked_for_until_it_came_though_the_page_was_asking_for_something_else(
    page: Page, attempt: Attempt
) -> None:
    page.clock.install()
    enter(page, attempt)
    wait_until_saved(page)
    held = hold(page, POLL)
    page.clock.fast_forward(31_000)
    eventually(page, lambda: len(held), 1)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    held[0].continue_()
    eventually(page, lambda: len(held), 2)
    choose(page, 1)
    wait_until_saved(page)
    held[1].continue_()
    eventually(page, lambda: len(held), 3)
    asked = [route.request.url.partition("since=")[2] for route in held]
    assert (asked[0] != "-1", asked[1:]) == (True, ["-1", "-1"])
    with requests_of(page) as requests:
        held[2].continue_()
        page.wait_for_timeout(200)
    assert requests == []


def test_an_old_reply_does_not_take_back_what_another_tab_saved_meanwhile(
    page: Page, attempt: Attempt
) -> None:
    enter(page, attempt)
    wait_until_saved(page)
    other = page.context.new_page()
    open_exam(other, attempt)
    wait_until_saved(other)
    held: list[tuple[Route, APIResponse]] = []

    def keep_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append((route, route.fetch()))

    page.route(POLL, keep_the_first)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    eventually(page, lambda: len(held), 1)
    choose(other, 2)
    wait_until_saved(other)
    expect(option(page, 2).locator("input")).to_be_checked()
    page.evaluate(WATCH_FIRST_CELL)
    [(route, reply)] = held
    with page.expect_response(POLL):
        route.fulfill(response=reply)
    page.wait_for_timeout(200)
    seen = page.evaluate("globalThis.seen")
    assert [name for name in seen if name != "cell is-answered"] == []
    assert (status(page)[:5], answers(attempt)) == ("Saved", {1: [2]})
