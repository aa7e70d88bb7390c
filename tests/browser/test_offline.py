"""A reload while the network is away: the exam is shown again, its time is honest, nobody else sees it."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Error, Page, Route, expect

from exam_sim.exams import attempts
from exam_sim.exams.models import Attempt, EventKind, State
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
    open_exam,
    option,
    registers,
    state_of,
    status,
    wait_until_saved,
)
from tests.browser.test_exam_clock import DAY_MS, SHIFT, clock_error, shown_seconds
from tests.browser.test_study_session import make_session
from tests.factories import make_attempt, make_profile, make_user, make_version

# What a request says, and a load of a page that the worker has no copy of.
OFFLINE = ["ERR_INTERNET_DISCONNECTED", "ERR_FAILED"]
NO_PAGE = "ERR_INTERNET_DISCONNECTED|ERR_FAILED"
DOUBT = "; the time is uncertain"
# What is left in this browser: copies, and the paths that have a worker.
KEPT = """async () => [
  (await caches.keys()).sort(),
  (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => new URL(scope).pathname).sort(),
  Object.keys(localStorage).filter((key) => key.endsWith(":standing")).sort(),
]"""
# Whether a reload would be answered. `ready` would not do: it stays resolved when a worker has gone.
HELD = """async () => {
  const registration = await navigator.serviceWorker.getRegistration();
  return registration?.active?.state === "activated" && Boolean(await caches.match(location.pathname));
}"""
NOTHING: list[list[str]] = [[], [], []]
AGE = """async () => {
  const [name] = await caches.keys();
  const cache = await caches.open(name);
  const page = await cache.match(location.pathname);
  const headers = { "Kept-At": String(Date.now() - 8 * 24 * 3600 * 1000), Loads: "[]" };
  await cache.put(location.pathname, new Response(await page.text(), { headers }));
}"""

# In the worker: no room for what is new, and nothing can be deleted.
FAIL = """() => {
  Cache.prototype.put = () => Promise.reject(new DOMException("Full", "QuotaExceededError"));
  caches.delete = () => Promise.reject(new Error("Broken"));
}"""
LOAD_WHAT_IS_NEW = """() => new Promise((resolve) => {
  const image = new Image();
  image.onload = image.onerror = ({ type }) => resolve(type);
  image.src = `${document.querySelector("link[rel=icon]").href}?new`;
})"""
# As if a page had found the outbox on that day, by the server's clock, and nobody had come back for it.
LEAVE = """([prefix, day]) => {
  localStorage.setItem(`${prefix}event:1`, '{ "kind": "visit" }');
  if (day) localStorage.setItem(`${prefix}left`, day);
}"""


@pytest.fixture
def attempt(transactional_db: None, expected_messages: list[str]) -> Attempt:
    expected_messages += OFFLINE
    return open_attempt(make_user(), (1, 1, 1, 2))


def enter_and_keep(page: Page, attempt: Attempt, item: int = 1) -> None:
    enter(page, attempt, item)
    wait_for_copy(page)


def wait_for_copy(page: Page) -> None:
    eventually(page, lambda: page.evaluate(HELD), True)


def reload(page: Page) -> None:
    page.reload()
    page.locator("html[data-ready=true]").wait_for(state="attached")


def all_kept(*of: Attempt) -> list[list[str]]:
    names = [f"exam:{attempt.user_id}:{attempt.pk}" for attempt in of]
    paths = [f"/attempts/{attempt.pk}/" for attempt in of]
    return [sorted(names), sorted(paths), sorted(f"{name}:standing" for name in names)]


def kept(page: Page) -> list[list[str]]:
    found: list[list[str]] = page.evaluate(KEPT)
    return found


def answering(code: int) -> Callable[[Route], None]:
    """Says that the server is broken, or has too much to do."""

    def answer(route: Route) -> None:
        route.fulfill(status=code, body="broken")

    return answer


def end(page: Page) -> None:
    page.locator("#review").click()
    page.locator("#review-end").click()
    page.locator("#end-confirm").click()


# The exam is shown and goes on


def test_a_reload_without_network_shows_what_was_done_and_goes_on(page: Page, attempt: Attempt) -> None:
    enter_and_keep(page, attempt)
    choose(page, 2)
    page.locator("#next").click()
    page.locator("#flag").click()
    wait_until_saved(page)
    page.context.set_offline(True)
    page.locator("#next").click()
    choose(page, 1)
    reload(page)
    expect(page.locator("#question-title")).to_have_text("Question 3 of 4")
    expect(option(page, 1).locator("input")).to_be_checked()
    expect(page.locator("#save-state")).to_have_text("Offline: 1 change kept here, will be sent")
    choose(page, 0)
    page.locator("#next").click()
    choose(page, 0, 3)
    reload(page)
    names = [cell.get_attribute("class") for cell in page.locator("#navigator ol .cell").all()]
    assert names == [
        "cell is-answered",
        "cell is-unanswered is-flagged",
        "cell is-answered",
        "cell is-answered",
    ]
    page.context.set_offline(False)
    wait_until_saved(page)
    eventually(page, lambda: status(page)[:6], "Saved ")
    assert answers(attempt) == {1: [2], 3: [0], 4: [0, 3]}
    assert registers(attempt, EventKind.FLAG) == {2: True}
    end(page)
    page.wait_for_url(f"**/results/{attempt.pk}/")


def test_a_copy_is_held_by_the_policy_of_every_page_and_shows_the_question_that_is_asked_for(
    page: Page, attempt: Attempt
) -> None:
    enter_and_keep(page, attempt, item=2)
    sent = page.context.request.get(page.url).headers
    page.context.set_offline(True)
    shown = []
    for query in ("?q=4", "", "?q=9", "?q=x&y"):
        copy = page.goto(f"/attempts/{attempt.pk}/{query}")
        assert copy is not None
        assert (copy.status, copy.from_service_worker) == (200, True)
        shown.append(page.locator("#question-title").inner_text())
    assert shown == [f"Question {number} of 4" for number in (4, 1, 4, 1)]
    names = ["content-security-policy", "permissions-policy", "referrer-policy", "cross-origin-opener-policy"]
    names += ["content-type", "x-content-type-options", "x-frame-options"]
    assert {name: copy.headers.get(name) for name in names} == {name: sent[name] for name in names}
    page.context.set_offline(False)


def test_what_another_device_did_meanwhile_shows_when_the_network_is_back(
    page: Page, attempt: Attempt
) -> None:
    enter_and_keep(page, attempt)
    page.context.set_offline(True)
    reload(page)
    choose(page, 3)
    other = page.context.browser.new_context(base_url=page.url.split("/attempts")[0]).new_page()
    enter(other, attempt, item=2)
    choose(other, 1)
    wait_until_saved(other)
    other.context.close()
    page.context.set_offline(False)
    expect(page.locator("#navigator .cell").nth(1)).to_have_class("cell is-answered")
    wait_until_saved(page)
    assert answers(attempt) == {1: [3], 2: [1]}


def test_where_browsers_have_no_workers_all_else_goes_on(page: Page, attempt: Attempt) -> None:
    page.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'serviceWorker', { get: () => undefined })"
    )
    enter(page, attempt)
    choose(page, 2)
    wait_until_saved(page)
    assert (answers(attempt), page.evaluate("caches.keys()")) == ({1: [2]}, [])
    end(page)
    page.wait_for_url(f"**/results/{attempt.pk}/")


# What the server says is given as it is


def test_an_error_of_the_server_is_shown_and_the_copy_stays(
    page: Page, attempt: Attempt, expected_messages: list[str]
) -> None:
    expected_messages += ["500 (Internal", "429 (Too Many", "404 (Not Found)"]  # the last is of favicon.ico
    enter_and_keep(page, attempt)
    shown = []
    for code in (500, 429):
        page.context.route(f"**/attempts/{attempt.pk}/?*", answering(code))
        answer = page.reload()
        assert answer is not None
        shown.append((answer.status, page.locator("body").inner_text()))
        page.context.unroute_all()
    assert shown == [(500, "broken"), (429, "broken")]
    assert kept(page)[0] == all_kept(attempt)[0]
    page.context.set_offline(True)
    reload(page)


def test_somebody_else_gets_the_servers_refusal_and_nothing_is_left(
    page: Page, attempt: Attempt, expected_messages: list[str]
) -> None:
    expected_messages.append("404 (Not Found)")
    enter_and_keep(page, attempt)
    log_in(page, make_user("other@example.org"))
    answer = page.reload()
    assert answer is not None
    assert answer.status == 404
    eventually(page, lambda: kept(page)[:2], NOTHING[:2])
    page.context.set_offline(True)
    with pytest.raises(Error, match=NO_PAGE):
        page.reload()


def test_an_exam_that_was_closed_meanwhile_leads_to_its_result_and_nothing_is_left(
    page: Page, attempt: Attempt
) -> None:
    enter_and_keep(page, attempt)
    page.goto("about:blank")
    move_clock(attempt, -dt.timedelta(minutes=11))
    page.goto(f"/attempts/{attempt.pk}/?q=2")
    page.wait_for_url(f"**/results/{attempt.pk}/")
    eventually(page, lambda: kept(page), NOTHING)


def test_storage_that_fails_changes_nothing_of_it(page: Page, attempt: Attempt) -> None:
    enter_and_keep(page, attempt)
    page.context.service_workers[0].evaluate(FAIL)
    reload(page)
    assert page.evaluate(LOAD_WHAT_IS_NEW) == "load"
    move_clock(attempt, -dt.timedelta(minutes=11))
    page.goto(f"/attempts/{attempt.pk}/")
    page.wait_for_url(f"**/results/{attempt.pk}/")


# What goes, and when


def test_the_end_of_one_exam_leaves_the_copy_of_another(page: Page, attempt: Attempt) -> None:
    second = make_attempt(
        attempt.user,
        [make_version("2.1")],
        state=State.OPEN,
        started_at=timezone.now(),
        profile=make_profile("b"),
    )
    enter_and_keep(page, attempt)
    open_exam(page, second)
    wait_for_copy(page)
    assert kept(page) == all_kept(attempt, second)
    end(page)
    page.wait_for_url(f"**/results/{second.pk}/")
    eventually(page, lambda: kept(page), all_kept(attempt))
    page.context.set_offline(True)
    open_exam(page, attempt, item=3)
    expect(page.locator("#question-title")).to_have_text("Question 3 of 4")


def test_an_expiry_that_the_poll_finds_leaves_nothing(page: Page, attempt: Attempt) -> None:
    enter_and_keep(page, attempt)
    wait_until_saved(page)
    move_clock(attempt, -dt.timedelta(minutes=11))
    attempts.close_expired(timezone.now())
    ask_clock(page)
    page.wait_for_url(f"**/results/{attempt.pk}/")
    eventually(page, lambda: kept(page), NOTHING)


def test_discarding_leaves_nothing_and_without_network_it_is_not_done(page: Page, attempt: Attempt) -> None:
    enter_and_keep(page, attempt)
    wait_until_saved(page)
    page.locator("#review").click()
    page.locator("#review-end").click()
    page.context.set_offline(True)
    page.get_by_role("button", name="End and discard").click()
    expect(page.locator("#end-problem")).to_have_text(
        "The exam is not ended: the server cannot be reached. Your answers are kept here."
    )
    assert (state_of(attempt), kept(page)) == ("open", all_kept(attempt))
    page.context.set_offline(False)
    page.get_by_role("button", name="End and discard").click()
    page.wait_for_url("**/exams/**")
    assert (state_of(attempt), kept(page)) == ("discarded", NOTHING)
    of_attempts = "Object.keys(localStorage).filter((key) => key.split(':').length > 2)"
    eventually(page, lambda: page.evaluate(of_attempts), [])


def test_a_log_out_in_another_tab_takes_the_copy_and_leaves_the_outbox(page: Page, attempt: Attempt) -> None:
    enter_and_keep(page, attempt)
    wait_until_saved(page)
    page.context.set_offline(True)
    choose(page, 2)
    other = page.context.new_page()
    page.route("**/events", lambda route: route.abort())
    page.context.set_offline(False)
    other.goto("/")
    other.get_by_role("button", name="Log out").click()
    other.get_by_text("You are logged out.").wait_for()
    eventually(other, lambda: kept(other), NOTHING)
    assert other.evaluate(WAITING) == 1
    page.context.set_offline(True)
    with pytest.raises(Error, match=NO_PAGE):
        page.reload()
    with pytest.raises(Error, match=NO_PAGE):
        other.goto(f"/attempts/{attempt.pk}/")


def test_a_lost_log_in_takes_the_copy_and_the_next_one_brings_it_back(
    page: Page, attempt: Attempt, expected_messages: list[str]
) -> None:
    expected_messages.append("401 (Unauthorized)")
    enter_and_keep(page, attempt)
    wait_until_saved(page)
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    choose(page, 1)
    expect(page.locator("#save-state")).to_contain_text("Logged out")
    eventually(page, lambda: kept(page), NOTHING)
    log_in(page, attempt.user)
    wait_until_saved(page)
    eventually(page, lambda: kept(page), all_kept(attempt))
    wait_for_copy(page)
    page.context.set_offline(True)
    reload(page)
    expect(option(page, 1).locator("input")).to_be_checked()


def test_whoever_comes_next_in_this_browser_finds_nothing(page: Page, attempt: Attempt) -> None:
    enter_and_keep(page, attempt)
    page.goto("about:blank")
    log_in(page, make_user("other@example.org"))
    page.goto("/")
    eventually(page, lambda: kept(page), NOTHING)


def test_an_outbox_goes_when_nobody_came_back_for_30_days_whatever_the_devices_clock_says(
    page: Page, attempt: Attempt
) -> None:
    page.add_init_script(SHIFT % (365 * DAY_MS))
    page.goto("/")
    today = timezone.localdate()
    month_ago, earlier = (str(today - dt.timedelta(days=days)) for days in (30, 31))
    own = f"exam:{attempt.user_id}:{attempt.pk}:"
    for prefix, day in (
        ("exam:a:1:", ""),
        ("exam:a:2:", month_ago),
        ("exam:a:3:", earlier),
        (own, month_ago),
    ):
        page.evaluate(LEAVE, [prefix, day])
    page.evaluate("(key) => localStorage.removeItem(key)", f"{own}event:1")
    enter(page, attempt)
    page.goto("/")
    held = page.evaluate("({ ...localStorage })")
    assert {key: held[key] for key in held if key[:7] == "exam:a:"} == {
        "exam:a:1:event:1": '{ "kind": "visit" }',
        "exam:a:1:left": str(today),
        "exam:a:2:event:1": '{ "kind": "visit" }',
        "exam:a:2:left": month_ago,
    }
    assert held[f"{own}left"] == str(today)


def test_a_copy_that_nobody_came_back_for_is_not_shown(page: Page, attempt: Attempt) -> None:
    enter_and_keep(page, attempt)
    page.evaluate(AGE)
    page.context.set_offline(True)
    with pytest.raises(Error, match=NO_PAGE):
        page.reload()


def test_a_pause_takes_the_copy_and_going_on_brings_it_back(
    page: Page, transactional_db: None, expected_messages: list[str]
) -> None:
    expected_messages += OFFLINE
    session = make_session(minutes=30)
    enter_and_keep(page, session)
    choose(page, 1)
    wait_until_saved(page)
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("heading", name="Paused").wait_for()
    eventually(page, lambda: kept(page), NOTHING)
    page.get_by_role("button", name="Resume").click()
    page.locator("html[data-ready=true]").wait_for(state="attached")
    wait_for_copy(page)
    page.context.set_offline(True)
    reload(page)
    expect(option(page, 1).locator("input")).to_be_checked()


# The clock


def test_the_time_shown_after_a_reload_without_network_is_right(page: Page, attempt: Attempt) -> None:
    enter_and_keep(page, attempt)
    wait_until_saved(page)
    attempts.extend(attempt.pk, 30, None, "a fire alarm", timezone.now())
    ask_clock(page)
    eventually(page, lambda: clock_error(page, attempt) <= 2, True)
    page.context.set_offline(True)
    page.wait_for_timeout(1_500)
    reload(page)
    expect(page.locator("#save-state")).to_have_text("Offline: changes will be kept here")
    assert clock_error(page, attempt) <= 1.5


@pytest.mark.parametrize("shift", [-DAY_MS, DAY_MS], ids=["back", "on"])
def test_a_device_clock_that_was_moved_while_the_page_was_away_makes_the_time_uncertain_and_ends_nothing(
    page: Page, attempt: Attempt, shift: int
) -> None:
    enter_and_keep(page, attempt)
    wait_until_saved(page)
    last = shown_seconds(page)
    page.add_init_script(SHIFT % shift)
    page.context.set_offline(True)
    for _ in range(2):
        reload(page)
        expect(page.locator("#save-state")).to_contain_text(DOUBT)
        assert (shown_seconds(page) <= last, shown_seconds(page) > 0) == (True, shift < 0)
    expect(page.locator("#over-dialog")).to_be_hidden()
    choose(page, 3)
    page.keyboard.press("t")
    expect(page.locator("#announce-time")).to_contain_text(f" left{DOUBT}")
    page.context.set_offline(False)
    eventually(page, lambda: status(page)[:6], "Saved ")
    assert clock_error(page, attempt) <= 2
    wait_until_saved(page)
    assert (state_of(attempt), answers(attempt)) == ("open", {1: [3]})


def test_a_device_clock_that_is_moved_while_the_page_is_open_changes_no_time_but_makes_it_uncertain(
    page: Page, attempt: Attempt
) -> None:
    page.add_init_script(SHIFT % 0)
    enter_and_keep(page, attempt)
    wait_until_saved(page)
    page.context.set_offline(True)
    page.evaluate(f"globalThis.shift = {DAY_MS}")
    expect(page.locator("#save-state")).to_contain_text(DOUBT)
    page.add_init_script(f"globalThis.shift = {DAY_MS}")
    reload(page)
    expect(page.locator("#save-state")).to_contain_text(DOUBT)
    assert clock_error(page, attempt) <= 2


def test_time_that_runs_out_without_network_ends_the_exam_after_a_reload_as_it_does_before(
    page: Page, attempt: Attempt
) -> None:
    move_clock(attempt, dt.timedelta(seconds=5))
    enter_and_keep(page, attempt)
    page.context.set_offline(True)
    choose(page, 3)
    for _ in range(2):
        reload(page)
        expect(page.locator("#over-text")).to_contain_text(
            "Your answers are not handed in yet", timeout=10_000
        )
    page.context.set_offline(False)
    page.wait_for_url(f"**/results/{attempt.pk}/")
    assert (answers(attempt), kept(page)) == ({1: [3]}, NOTHING)
