"""Rarer trouble in a browser: time added unseen, a clock that ran ahead, strange answers, a late return."""

import datetime as dt
import time

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from exam_sim.exams import attempts
from exam_sim.exams.models import Attempt, EndedBy, LateAnswer, State
from tests.browser.conftest import OpenPage
from tests.browser.sitting import (
    WAITING,
    answers,
    ask_clock,
    choose,
    enter,
    eventually,
    log_in,
    move_clock,
    open_attempt,
    option,
    state_of,
    wait_until_saved,
)
from tests.browser.test_exam_clock import SHIFT
from tests.factories import make_user

HOUR_MS = 3600 * 1000


@pytest.fixture
def attempt(transactional_db: None) -> Attempt:
    return open_attempt(make_user(), (1, 1, 1, 2))


def test_time_added_in_the_last_seconds_is_not_thrown_away(
    page: Page, attempt: Attempt, expected_messages: list[str]
) -> None:
    """The page has not heard of it when its own clock comes to zero: the server goes on, so does the page."""
    expected_messages.append("ERR_FAILED")
    move_clock(attempt, dt.timedelta(seconds=8))
    page.route("**/clock?since=*", lambda route: route.abort())
    with page.expect_response(
        "**/events"
    ):  # the first visit: an answer that came later would tell of the time
        enter(page, attempt)
    with page.expect_request("**/end"):
        attempts.extend(attempt.pk, 30, None, "fire alarm", timezone.now())
    expect(page.locator("#over-dialog")).to_be_hidden()
    expect(page.locator("#clock")).to_contain_text("0:29:")
    choose(page, 2)
    wait_until_saved(page)
    assert (state_of(attempt), answers(attempt)) == (State.OPEN, {1: [2]})


def test_a_page_made_before_an_answer_was_saved_shows_it_all_the_same(page: Page, attempt: Attempt) -> None:
    """A reload may be answered before the click that came first, which the old page still saw saved."""
    enter(page, attempt)
    before = page.context.request.get(page.url)
    choose(page, 2)
    wait_until_saved(page)
    page.route("**/attempts/*/?q=*", lambda route: route.fulfill(response=before))
    page.reload()
    page.locator("html[data-ready=true]").wait_for(state="attached")
    expect(option(page, 2).locator("input")).to_be_checked()


def test_coming_back_with_a_device_clock_that_jumped_ends_nothing(page: Page, attempt: Attempt) -> None:
    page.add_init_script(SHIFT % 0)
    enter(page, attempt)
    choose(page, 1)
    wait_until_saved(page)
    page.goto("/")
    page.add_init_script(SHIFT % (4 * HOUR_MS))
    page.go_back()
    page.locator("html[data-ready=true]").wait_for(state="attached")
    expect(page.locator("#clock")).to_contain_text("2:59:")
    choose(page, 2)
    wait_until_saved(page)
    assert (state_of(attempt), answers(attempt)) == (State.OPEN, {1: [2]})


def test_changes_that_ran_ahead_are_sent_again_in_their_order(page: Page, attempt: Attempt) -> None:
    """The page believes that it is five minutes later. The first of three choices is refused while the others
    wait: the last one stands all the same."""
    enter(page, attempt)
    page.evaluate("performance.now = ((now) => () => now() + 300000)(performance.now.bind(performance))")
    page.evaluate("[0, 1, 3].forEach((n) => document.querySelectorAll('#options input')[n].click())")
    wait_until_saved(page)
    assert answers(attempt) == {1: [3]}
    expect(option(page, 3).locator("input")).to_be_checked()


def test_an_answer_that_is_not_ours_throws_nothing_away(
    page: Page, attempt: Attempt, expected_messages: list[str]
) -> None:
    expected_messages.append("400 (Bad Request)")
    enter(page, attempt)
    portal = "**/events"
    page.route(portal, lambda route: route.fulfill(status=400, body="<h1>Log in to the hotel</h1>"))
    for position in (0, 1, 2):
        choose(page, position)
    expect(page.locator("#save-state")).to_contain_text("kept here")
    assert page.evaluate(WAITING) == 3
    page.unroute(portal)
    wait_until_saved(page)
    assert answers(attempt) == {1: [2]}


def test_a_server_that_asks_to_wait_is_left_alone_for_so_long_and_then_gets_all_at_once(
    page: Page, attempt: Attempt, expected_messages: list[str]
) -> None:
    """Neither another click nor the network's return makes the page ask before."""
    expected_messages.append("429 (Too Many Requests)")
    enter(page, attempt)
    wait_until_saved(page)
    batches: list[tuple[float, int]] = []

    def refuse_once(route: Route) -> None:
        events = (route.request.post_data_json or {})["events"]
        batches.append((time.monotonic(), sum(event["kind"] != "visit" for event in events)))
        if len(batches) > 1:
            route.continue_()
        else:
            route.fulfill(status=429, headers={"Retry-After": "2"}, json={"error": "Too many changes"})

    page.route("**/events", refuse_once)
    choose(page, 0)
    expect(page.locator("#save-state")).to_have_text(
        "The server asks to wait a moment: 1 change kept here, will be sent"
    )
    for position in (1, 2):
        choose(page, position)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    assert (page.evaluate(WAITING), len(batches)) == (3, 1)
    wait_until_saved(page)
    (first, _), (second, sent) = batches
    assert (sent, second - first >= 1.9) == (3, True)
    assert answers(attempt) == {1: [2]}


def test_a_success_that_is_not_ours_throws_nothing_away(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    portal = "**/events"
    page.route(portal, lambda route: route.fulfill(status=200, json={"welcome": "to the hotel"}))
    choose(page, 1)
    expect(page.locator("#save-state")).to_contain_text("1 change kept here")
    page.unroute(portal)
    wait_until_saved(page)
    assert answers(attempt) == {1: [1]}


def test_what_was_kept_when_the_exam_turns_out_closed_is_handed_in_and_listed_as_late(
    page: Page, attempt: Attempt, expected_messages: list[str]
) -> None:
    expected_messages.append("ERR_FAILED")
    enter(page, attempt)
    choose(page, 1)
    wait_until_saved(page)
    lost = "**/events"
    page.route(lost, lambda route: route.abort())
    choose(page, 2)
    expect(page.locator("#save-state")).to_contain_text("1 change kept here")
    move_clock(attempt, -dt.timedelta(minutes=11))
    attempts.close_expired(timezone.now())
    page.unroute(lost)
    ask_clock(page)
    page.wait_for_url(f"**/results/{attempt.pk}/")
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.includes(':event:'))") == []
    assert (answers(attempt), list(LateAnswer.objects.values_list("item", "value"))) == ({1: [1]}, [(1, [2])])


def test_a_choice_is_not_shown_as_saved_while_something_else_is_on_its_way(
    page: Page, attempt: Attempt
) -> None:
    """The time spent on a question is, and its reply takes long."""
    enter(page, attempt)
    choose(page, 0)
    wait_until_saved(page)
    expect(page.locator("#save-state")).to_contain_text("Saved ")
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/events", hold_the_first)
    page.locator("#next").click()
    with page.expect_request("**/events"):
        page.evaluate("window.dispatchEvent(new Event('online'))")
    choose(page, 1)
    expect(page.locator("#save-state")).to_have_text("Saving …")
    held[0].continue_()
    wait_until_saved(page)
    assert answers(attempt) == {1: [0], 2: [1]}


def test_what_comes_too_late_is_not_shown_as_saved(
    page: Page, attempt: Attempt, expected_messages: list[str]
) -> None:
    expected_messages.append("ERR_FAILED")
    enter(page, attempt)
    wait_until_saved(page)
    lost = "**/events"
    page.route(lost, lambda route: route.abort())
    choose(page, 2)
    expect(page.locator("#save-state")).to_contain_text("1 change kept here")
    page.evaluate(
        """() => {
          const [state, said] = [document.querySelector("#save-state"), []];
          const note = () => sessionStorage.setItem("said", said.push(state.textContent) && said.join());
          new MutationObserver(note).observe(state, { childList: true });
        }"""
    )
    move_clock(attempt, -dt.timedelta(minutes=11))
    attempts.close_expired(timezone.now())
    page.unroute(lost)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.wait_for_url(f"**/results/{attempt.pk}/")
    assert list(LateAnswer.objects.values_list("item", "value")) == [(1, [2])]
    said = page.evaluate("sessionStorage.getItem('said')")
    assert ("Offline: 1 change" in said, "Saved" in said) == (True, False)


def test_what_a_closed_browser_kept_is_handed_in_by_the_result_page(
    page: Page, attempt: Attempt, expected_messages: list[str]
) -> None:
    expected_messages.append("401 (Unauthorized)")
    enter(page, attempt)
    page.context.clear_cookies(name="sessionid")
    choose(page, 2)
    expect(page.locator("#save-state")).to_contain_text("1 change kept here")
    page.goto("about:blank")
    move_clock(attempt, -dt.timedelta(minutes=11))
    attempts.close_expired(timezone.now())
    log_in(page, attempt.user)
    page.goto(f"/attempts/{attempt.pk}/")
    eventually(page, lambda: list(LateAnswer.objects.values_list("item", "value")), [(1, [2])])
    attempt.refresh_from_db()
    assert (attempt.ended_by, answers(attempt)) == (EndedBy.CLOCK, {})


def test_the_poll_tells_what_another_browser_chose_before_this_one_chose(
    open_page: OpenPage, attempt: Attempt
) -> None:
    page, other = open_page(), open_page()
    page.clock.install()
    enter(page, attempt)
    enter(other, attempt)
    choose(other, 3)
    wait_until_saved(other)
    page.locator("#navigator button.cell").nth(1).click()
    choose(page, 2)
    wait_until_saved(page)
    with page.expect_response("**/clock?since=*"):
        page.clock.run_for(40_000)
    expect(page.locator("#navigator button.cell").first).to_have_class("cell is-answered")
    assert answers(attempt) == {1: [3], 2: [2]}


def test_time_on_the_review_screen_is_nobodys(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    page.locator("#review").click()
    page.wait_for_timeout(700)
    before = timezone.now()
    page.locator("#review-end").click()
    page.locator("#end-confirm").click()
    page.wait_for_url(f"**/results/{attempt.pk}/")
    spent = sum(attempt.events.filter(kind="visit", item=1).values_list("value", flat=True))
    total = (before - attempt.started_at).total_seconds() * 1000
    assert spent <= total - 700


def test_a_stale_window_without_a_script_is_told(open_page: OpenPage, attempt: Attempt) -> None:
    page, other = open_page(javascript=False), open_page()
    log_in(page, attempt.user)
    page.goto(f"/attempts/{attempt.pk}/")
    enter(other, attempt)
    choose(other, 3)
    wait_until_saved(other)
    option(page, 0).click()
    page.locator("#next").click()
    expect(page.get_by_text("Question 1 was changed in another window")).to_be_visible()
    assert answers(attempt) == {1: [3]}
