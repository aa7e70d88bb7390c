"""Nothing is lost: by a reload, a lost network, a killed server, an expired log-in, another window."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import Page, Route, expect

from exam_sim.accounts.models import Session
from exam_sim.exams.models import AnswerEvent, Attempt, EventKind
from tests.browser.conftest import OpenPage
from tests.browser.sitting import (
    WAITING,
    answers,
    ask_clock,
    choose,
    enter,
    eventually,
    log_in,
    log_size,
    open_attempt,
    open_exam,
    option,
    registers,
    state_of,
    wait_until_saved,
)
from tests.factories import make_user

OFFLINE = "ERR_INTERNET_DISCONNECTED"
TEN = {1: [0], 2: [1], 3: [2], 4: [3], 5: [0], 6: [1], 7: [2], 8: [3], 9: [0], 10: [0, 1]}


@pytest.fixture
def attempt(transactional_db: None) -> Attempt:
    return open_attempt(make_user(), (1,) * 9 + (2,))


def answer_ten(page: Page) -> None:
    for number, positions in TEN.items():
        choose(page, *positions)
        if number < 10:
            page.locator("#next").click()


class Site:
    """The site in a process of its own, which can be killed as a machine may be."""

    def __init__(self, directory: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        (directory / "static").symlink_to(settings.STATIC_ROOT)
        database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
        self.environment = {
            **os.environ,
            "DATABASE_URL": urlunsplit(database),
            "DJANGO_SETTINGS_MODULE": "exam_sim.settings",
            "HTTPS": "off",
            "LOCAL_DIR": str(directory),
            "LOG_LEVEL": "ERROR",
            "SECRET_KEY": settings.SECRET_KEY,
        }
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--workers", "1"]
        command += ["--host", "127.0.0.1", "--port", str(self.port), "--log-level", "error"]
        self.process = subprocess.Popen(
            [*command, "exam_sim.wsgi:application"],
            cwd=settings.BASE_DIR,
            env=self.environment,
            start_new_session=True,
        )
        while not self.listens():
            assert self.process.poll() is None
            time.sleep(0.05)

    def listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def site(server: str, transactional_db: None, tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.kill()


def test_a_bare_reload_right_after_a_click_loses_nothing(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    # The script's own clicks and the reload happen in one turn: no request can have left yet.
    page.evaluate(
        """() => {
          document.querySelectorAll("#options input")[2].click();
          document.querySelector("#flag").click();
          document.querySelectorAll(".strike")[0].click();
          location.reload();
        }"""
    )
    page.wait_for_load_state()
    page.locator("html[data-ready=true]").wait_for(state="attached")
    expect(option(page, 2).locator("input")).to_be_checked()
    wait_until_saved(page)
    assert (answers(attempt), registers(attempt, EventKind.FLAG)) == ({1: [2]}, {1: True})
    assert registers(attempt, EventKind.STRIKE) == {1: [0]}


def test_answers_given_without_network_are_kept_and_sent(
    page: Page, attempt: Attempt, expected_messages: list[str]
) -> None:
    expected_messages.append(OFFLINE)
    enter(page, attempt)
    page.context.set_offline(True)
    answer_ten(page)
    expect(page.locator("#save-state")).to_have_text("Offline: 11 changes kept here, will be sent")
    assert (answers(attempt), page.evaluate(WAITING)) == ({}, 11)
    page.context.set_offline(False)
    wait_until_saved(page)
    expect(page.locator("#save-state")).to_contain_text("Saved ")
    assert (answers(attempt), log_size(attempt)) == (TEN, 11)


def test_answers_given_without_network_survive_the_page(
    page: Page, attempt: Attempt, expected_messages: list[str]
) -> None:
    expected_messages.append(OFFLINE)
    enter(page, attempt)
    page.context.set_offline(True)
    answer_ten(page)
    # What a page hands in as it is left is not always kept from the network by Chromium.
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('offline')); }")
    page.close()
    assert answers(attempt) == {}
    second = page.context.new_page()
    page.context.set_offline(False)
    open_exam(second, attempt, item=10)
    expect(option(second, 1).locator("input")).to_be_checked()
    wait_until_saved(second)
    assert (answers(attempt), log_size(attempt)) == (TEN, 11)


def test_the_page_says_so_when_the_network_is_back_though_nothing_waits(
    page: Page, attempt: Attempt, expected_messages: list[str]
) -> None:
    expected_messages.append(OFFLINE)
    enter(page, attempt)
    choose(page, 0)
    wait_until_saved(page)
    page.context.set_offline(True)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("#save-state")).to_have_text("Offline: changes will be kept here")
    page.context.set_offline(False)
    ask_clock(page)
    expect(page.locator("#save-state")).to_contain_text("Saved ")


def test_answers_given_while_the_server_is_dead_arrive_when_it_lives_again(
    page: Page, attempt: Attempt, site: Site, expected_messages: list[str]
) -> None:
    expected_messages.append("ERR_CONNECTION_REFUSED")
    enter(page, attempt)
    page.goto(f"{site.url}/attempts/{attempt.pk}/")
    page.locator("html[data-ready=true]").wait_for(state="attached")
    choose(page, 3)
    wait_until_saved(page)
    site.kill()
    choose(page, 0)
    page.locator("#next").click()
    choose(page, 1)
    page.locator("#flag").click()
    expect(page.locator("#save-state")).to_have_text("Offline: 3 changes kept here, will be sent")
    assert answers(attempt) == {1: [3]}
    site.start()
    eventually(page, lambda: answers(attempt), {1: [0], 2: [1]}, seconds=20)
    wait_until_saved(page)
    assert registers(attempt, EventKind.FLAG) == {2: True}


def test_answers_outlive_the_log_in(page: Page, attempt: Attempt, expected_messages: list[str]) -> None:
    expected_messages.append("401 (Unauthorized)")
    enter(page, attempt)
    Session.objects.all().delete()
    choose(page, 2)
    expect(page.locator("#save-state")).to_have_text(
        "Logged out: 1 change kept here, will be sent. Log in in a new tab"
    )
    page.locator("#next").click()
    choose(page, 3)
    assert answers(attempt) == {}
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Log in").click()
    second = opened.value
    second.get_by_label("E-mail address").fill("candidate@example.org")
    second.get_by_label("Password", exact=True).fill("correct horse")
    second.get_by_role("button", name="Log in").click()
    second.wait_for_url(f"**/attempts/{attempt.pk}/**")
    eventually(page, lambda: answers(attempt), {1: [2], 2: [3]})
    eventually(page, lambda: page.locator("#save-state").inner_text()[:5], "Saved")


def test_an_event_whose_response_was_lost_is_sent_again_and_counts_once(
    page: Page, attempt: Attempt, expected_messages: list[str]
) -> None:
    expected_messages.append("ERR_FAILED")
    enter(page, attempt)
    wait_until_saved(page)
    results: list[dict[str, object]] = []

    def lose_the_first(route: Route) -> None:
        answer = route.fetch()
        results.append(answer.json()["results"])
        if len(results) == 1:
            route.abort()
        else:
            route.fulfill(response=answer)

    page.route("**/events", lose_the_first)
    choose(page, 2)
    wait_until_saved(page)
    (event,) = AnswerEvent.objects.filter(attempt=attempt, kind=EventKind.ANSWER)
    assert [batch[str(event.event_id)] for batch in results] == ["stored", "duplicate"]
    assert (answers(attempt), log_size(attempt)) == ({1: [2]}, 1)


def test_an_answer_of_one_tab_shows_in_the_other(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    other = page.context.new_page()
    open_exam(other, attempt)
    choose(page, 2)
    expect(option(other, 2).locator("input")).to_be_checked()
    expect(other.locator("#toast")).to_have_text(
        "Question 1 was changed in another window: you see the newest answer."
    )
    choose(other, 3)
    expect(option(page, 3).locator("input")).to_be_checked()
    wait_until_saved(page)
    assert (answers(attempt), log_size(attempt)) == ({1: [3]}, 2)


def test_the_newest_answer_wins_though_it_arrives_first(
    open_page: OpenPage, attempt: Attempt, expected_messages: list[str]
) -> None:
    expected_messages.append(OFFLINE)
    late, early = open_page(), open_page()
    enter(late, attempt)
    enter(early, attempt)
    late.context.set_offline(True)
    choose(late, 0)
    late.locator("#next").click()
    choose(late, 1)
    choose(early, 3)
    wait_until_saved(early)
    late.context.set_offline(False)
    wait_until_saved(late)
    assert answers(attempt) == {1: [3], 2: [1]}
    expect(late.locator("#toast")).to_have_text(
        "Question 1 was changed in another window: you see the newest answer."
    )
    late.locator("#previous").click()
    expect(option(late, 3).locator("input")).to_be_checked()
    ask_clock(early)
    early.locator("#next").click()
    expect(option(early, 1).locator("input")).to_be_checked()


def test_an_overtaken_browser_is_brought_up_to_date_when_it_comes_back(
    open_page: OpenPage, attempt: Attempt
) -> None:
    first, second = open_page(), open_page()
    enter(first, attempt)
    enter(second, attempt)
    for number in range(3):
        choose(first, number)
        first.locator("#next").click()
    wait_until_saved(first)
    ask_clock(second)
    expect(second.locator("#toast")).to_have_text(
        "3 questions were changed in another window: you see the newest answers."
    )
    expect(second.locator("#progress")).to_have_text("3 of 10 answered")
    choose(second, 3)
    wait_until_saved(second)
    ask_clock(first)
    expect(first.locator("#navigator .cell").first).to_have_accessible_name("1 , answered")
    assert answers(attempt) == {1: [3], 2: [1], 3: [2]}


def test_an_exam_ended_in_one_tab_leads_the_other_to_the_result(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    other = page.context.new_page()
    open_exam(other, attempt)
    page.locator("#review").click()
    page.locator("#review-end").click()
    page.locator("#end-confirm").click()
    page.wait_for_url("**/results/**")
    other.evaluate("window.dispatchEvent(new Event('focus'))")
    other.wait_for_url(f"**/results/{attempt.pk}/")


def test_an_exam_discarded_in_one_tab_leads_the_other_home(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    other = page.context.new_page()
    open_exam(other, attempt)
    page.locator("#review").click()
    page.locator("#review-end").click()
    page.get_by_role("button", name="End and discard").click()
    page.wait_for_url("**/exams/**")
    other.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(other.get_by_role("heading", name="Your exams")).to_be_visible()


def test_end_without_network_says_so_tries_again_and_ends(
    page: Page, attempt: Attempt, expected_messages: list[str]
) -> None:
    expected_messages.append(OFFLINE)
    enter(page, attempt)
    page.context.set_offline(True)
    answer_ten(page)
    page.locator("#review").click()
    page.locator("#review-end").click()
    page.locator("#end-confirm").click()
    expect(page.locator("#end-problem")).to_have_text(
        "The exam is not ended: the server cannot be reached. "
        "Your answers are kept here, and it is tried again."
    )
    expect(page.locator("#end-confirm")).to_be_disabled()
    assert (state_of(attempt), answers(attempt)) == ("open", {})
    page.context.set_offline(False)
    page.wait_for_url(f"**/results/{attempt.pk}/")
    assert (state_of(attempt), answers(attempt)) == ("closed", TEN)


def test_end_while_logged_out_says_so_and_ends_after_the_log_in(
    page: Page, attempt: Attempt, expected_messages: list[str]
) -> None:
    expected_messages.append("401 (Unauthorized)")
    enter(page, attempt)
    choose(page, 1)
    page.locator("#review").click()
    page.locator("#review-end").click()
    wait_until_saved(page)
    Session.objects.all().delete()
    page.locator("#end-confirm").click()
    expect(page.locator("#end-problem")).to_have_text(
        "The exam is not ended: you are logged out; log in again in another tab. "
        "Your answers are kept here, and it is tried again."
    )
    assert state_of(attempt) == "open"
    log_in(page, attempt.user)
    page.wait_for_url(f"**/results/{attempt.pk}/")
    assert (state_of(attempt), answers(attempt)) == ("closed", {1: [1]})


def test_long_notes_in_any_script_are_sent(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    page.locator("#notes summary").click()
    page.locator("#scratchpad").fill("注" * 20_000)
    page.locator("#scratchpad").blur()
    wait_until_saved(page)
    assert registers(attempt, EventKind.SCRATCHPAD) == {0: "注" * 20_000}


def test_unsent_notes_wait_as_one_change(page: Page, attempt: Attempt, expected_messages: list[str]) -> None:
    expected_messages.append(OFFLINE)
    enter(page, attempt)
    page.context.set_offline(True)
    page.locator("#notes summary").click()
    for text in ("one", "one two", "one two three"):
        page.locator("#scratchpad").fill(text)
        page.locator("#scratchpad").blur()
    expect(page.locator("#save-state")).to_have_text("Offline: 1 change kept here, will be sent")
    page.context.set_offline(False)
    wait_until_saved(page)
    assert registers(attempt, EventKind.SCRATCHPAD) == {0: "one two three"}
