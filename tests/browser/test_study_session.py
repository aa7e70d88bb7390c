"""A study session in the hand: checking, locking, saying how sure one is, pausing; in two tabs, by keyboard,
offline and without a script."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from exam_sim.exams import attempts, pausing
from exam_sim.exams.explaining import WITHHELD
from exam_sim.exams.models import AnswerEvent, Attempt, EventKind, Mode, Register, State, Study
from tests.browser.axe import assert_no_axe_violations
from tests.browser.conftest import OpenPage
from tests.browser.sitting import (
    answers,
    ask_clock,
    choose,
    enter,
    eventually,
    horizontal_overflow,
    log_in,
    open_exam,
    option,
    registers,
    requests_of,
    state_of,
    wait_until_saved,
)
from tests.factories import make_attempt, make_profile, make_user, make_version

REFERENCES = [{"title": "Developer guide: processing jobs", "url": "https://example.org/guide"}]


def make_session(*, minutes: int | None = None, feedback: bool = True) -> Attempt:
    """An open session of three items whose options stand as d, c, b, a: keys a; a and b; a."""
    versions = [
        make_version("2.1", key=key, references=REFERENCES if key == "ab" else []) for key in ("a", "ab", "a")
    ]
    now = timezone.now()
    time = dt.timedelta(minutes=minutes or 0)
    return make_attempt(
        make_user(),
        versions,
        state=State.OPEN,
        started_at=now,
        title="Domain drill: Modeling",
        mode=Mode.STUDY,
        study=Study.DRILL,
        feedback=feedback,
        seconds_granted=minutes and 60 * minutes,
        deadline=now + time if minutes else None,
        close_by=now + time + dt.timedelta(minutes=10) if minutes else None,
    )


@pytest.fixture
def session(transactional_db: None) -> Attempt:
    return make_session()


def standings(page: Page) -> list[str]:
    """What each option says of itself, in their order."""
    rows = page.locator("#options .option").all()
    return [row.locator(".standing").inner_text() if row.locator(".standing").count() else "" for row in rows]


def cells(page: Page) -> list[str]:
    texts = page.locator("#navigator > ol li").all_inner_texts()
    return [re.sub(r"\s+", " ", text).replace(" ,", ",") for text in texts]


def is_paused(session: Attempt) -> bool:
    return Attempt.objects.filter(pk=session.pk, paused_at__isnull=False).exists()


def check(page: Page) -> None:
    page.locator("#check").click()


# Checking


def test_a_right_answer_is_told_and_its_item_locked(page: Page, session: Attempt) -> None:
    enter(page, session)
    expect(page.locator("#check")).to_have_text("Show the answer")
    choose(page, 3)
    expect(page.locator("#check")).to_have_text("Check answer")
    check(page)
    expect(page.locator("#verdict")).to_have_text("✓ Right")
    expect(page.locator("#verdict")).to_be_focused()
    expect(page.locator("#announce")).to_have_text("right. Correct: 4.")
    name = session.items.get(number=1).question.external_id[:6]
    expect(page.locator("#explanation")).to_have_text(f"Explanation of {name}")
    expect(page.locator(".rationale")).to_have_text([f"Rationale of {id_} of {name}" for id_ in "dcba"])
    assert standings(page) == ["", "", "", "✓ Correct, your choice"]
    for control in ("#options input", "#options .strike", "#sure input", "#clear"):
        for one in page.locator(control).all():
            expect(one).to_be_disabled()
    expect(page.locator("#check")).to_be_hidden()
    expect(page.locator("#references")).to_be_hidden()
    for key in ("1", "s", "c"):
        page.keyboard.press(key)
    page.locator("#flag").click()
    assert cells(page) == ["1, right, flagged", "2, unseen", "3, unseen"]
    wait_until_saved(page)
    assert (answers(session), registers(session, EventKind.CHECK)) == ({1: [3]}, {1: True})
    assert (registers(session, EventKind.FLAG), registers(session, EventKind.SURE)) == ({1: True}, {})


def test_a_wrong_answer_is_told_with_its_key_and_references_and_stays_told(
    page: Page, session: Attempt
) -> None:
    enter(page, session, item=2)
    choose(page, 0, 3)
    check(page)
    expected = ["✗ Not correct, your choice", "", "✓ Correct, not chosen", "✓ Correct, your choice"]
    expect(page.locator("#verdict")).to_have_text("✗ Not right")
    expect(page.locator("#announce")).to_have_text("not right. Correct: 3 and 4.")
    assert standings(page) == expected
    link = page.get_by_role("link", name="Developer guide: processing jobs")
    expect(link).to_have_attribute("href", "https://example.org/guide")
    page.locator("#next").click()
    expect(page.locator("#explained")).to_be_hidden()
    expect(page.locator("#options .told")).to_have_count(0)
    expect(option(page, 0).locator("input")).to_be_enabled()
    page.locator("#previous").click()
    assert standings(page) == expected
    wait_until_saved(page)
    open_exam(page, session, item=2)
    assert standings(page) == expected
    expect(page.locator("#verdict")).to_have_text("✗ Not right")
    assert cells(page)[1] == "2, not right"
    page.locator("#next").click()
    expect(page.locator("#options .told")).to_have_count(0)
    expect(option(page, 0).locator("input")).to_be_enabled()
    page.locator("#review").click()
    expect(page.locator("#review-list li").nth(1)).to_have_text(re.compile("Question 2: not right"))


def test_a_blank_is_shown_and_is_not_right(page: Page, session: Attempt) -> None:
    enter(page, session)
    page.get_by_role("button", name="Show the answer").click()
    expect(page.locator("#verdict")).to_have_text("✗ Not right")
    assert standings(page) == ["", "", "", "✓ Correct, not chosen"]
    wait_until_saved(page)
    assert answers(session) == {}


def test_a_second_tab_and_a_second_device_see_it(open_page: OpenPage, session: Attempt) -> None:
    page, device = open_page(), open_page()
    enter(page, session)
    enter(device, session)
    tab = page.context.new_page()
    open_exam(tab, session)
    choose(page, 3)
    check(page)
    for other in (page, tab):
        expect(other.locator("#verdict")).to_have_text("✓ Right")
        assert standings(other) == ["", "", "", "✓ Correct, your choice"]
    expect(option(tab, 0).locator("input")).to_be_disabled()
    wait_until_saved(page)
    ask_clock(device)
    expect(device.locator("#verdict")).to_have_text("✓ Right")
    expect(option(device, 0).locator("input")).to_be_disabled()
    wait_until_saved(device)
    assert AnswerEvent.objects.filter(attempt=session, kind=EventKind.CHECK).count() == 1


def test_what_another_device_chose_after_the_check_is_undone_and_told(
    open_page: OpenPage, session: Attempt
) -> None:
    page, device = open_page(), open_page()
    enter(page, session)
    enter(device, session)
    choose(page, 3)
    check(page)
    expect(page.locator("#verdict")).to_have_text("✓ Right")
    choose(device, 0)
    expect(device.locator("#toast")).to_have_text("This question was checked: its answer stands.")
    expect(option(device, 3).locator("input")).to_be_checked()
    expect(device.locator("#verdict")).to_have_text("✓ Right")
    wait_until_saved(device)
    assert answers(session) == {1: [3]}


def test_offline_the_answer_is_kept_and_explained_when_the_server_is_back(
    page: Page, session: Attempt, expected_messages: list[str]
) -> None:
    expected_messages.append("ERR_INTERNET_DISCONNECTED")
    enter(page, session)
    choose(page, 3)
    wait_until_saved(page)
    page.context.set_offline(True)
    check(page)
    expect(page.locator("#verdict")).to_have_text("Checking …")
    expect(page.locator("#explanation")).to_have_text(
        "Your answer is kept. Checking it needs the server, which cannot be reached right now:"
        " the explanation follows when it can."
    )
    expect(option(page, 0).locator("input")).to_be_disabled()
    assert cells(page)[0] == "1, checked"
    page.locator("#next").click()
    choose(page, 2)
    page.locator("#previous").click()
    page.context.set_offline(False)
    expect(page.locator("#verdict")).to_have_text("✓ Right")
    wait_until_saved(page)
    assert answers(session) == {1: [3], 2: [2]}


def test_a_question_of_an_exam_that_is_being_sat_is_explained_later(page: Page, session: Attempt) -> None:
    enter(page, session)
    versions = [session.items.get(number=1).version]
    exam = make_attempt(session.user, versions, state=State.OPEN, profile=make_profile("other"))
    choose(page, 3)
    check(page)
    expect(page.locator("#verdict")).to_have_text("Checked")
    expect(page.locator("#explanation")).to_have_text(WITHHELD)
    assert (standings(page), cells(page)[0]) == ([""] * 4, "1, checked")
    assert_no_axe_violations(page)
    wait_until_saved(page)
    attempts.discard(exam.pk, exam.user, timezone.now())
    open_exam(page, session)
    expect(page.locator("#verdict")).to_have_text("✓ Right")


def test_without_feedback_nothing_is_checked(page: Page, transactional_db: None) -> None:
    session = make_session(feedback=False)
    enter(page, session)
    expect(page.locator("#check")).to_have_count(0)
    choose(page, 3)
    page.keyboard.press("c")
    page.keyboard.press("u")
    wait_until_saved(page)
    assert registers(session, EventKind.CHECK) == {}
    assert dict(Register.objects.filter(kind=EventKind.SURE).values_list("item", "value")) == {1: False}


# How sure


def test_how_sure_one_is_is_kept_and_taken_back(page: Page, session: Attempt) -> None:
    enter(page, session)
    sure, unsure = (page.get_by_role("radio", name=name, exact=True) for name in ("Sure", "Unsure"))
    sure.check()
    page.locator("#next").click()
    expect(sure).not_to_be_checked()
    unsure.check()
    page.locator("#previous").click()
    expect(sure).to_be_checked()
    page.keyboard.press("s")
    expect(sure).not_to_be_checked()
    choose(page, 3)
    page.keyboard.press("u")
    expect(unsure).to_be_checked()
    page.locator("#clear").click()
    expect(unsure).not_to_be_checked()
    wait_until_saved(page)
    standing = Register.objects.filter(kind=EventKind.SURE).values_list("item", "value")
    assert dict(standing) == {1: None, 2: False}
    page.reload()
    page.locator("html[data-ready=true]").wait_for(state="attached")
    page.locator("#next").click()
    expect(unsure).to_be_checked()


# The keyboard


def test_a_session_is_sat_by_keyboard_alone(page: Page, session: Attempt) -> None:
    enter(page, session)
    for key in ("4", "s", "c"):
        page.keyboard.press(key)
    expect(page.locator("#verdict")).to_have_text("✓ Right")
    page.keyboard.press("n")
    expect(page.locator("#question-title")).to_have_text("Question 2 of 3")
    for key in ("3", "4", "u"):
        page.keyboard.press(key)
    page.locator("#check").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#verdict")).to_be_focused()
    page.keyboard.press("n")
    expect(page.locator("#question-title")).to_be_focused()
    page.keyboard.press("?")
    keys = page.locator("#keys-dialog dl > div").all_inner_texts()
    assert [re.sub(r"\s+", " ", text) for text in keys if text[0] in "SUC"] == [
        "S sure of it; again takes it back",
        "U unsure; again takes it back",
        "C check the answer",
    ]
    page.keyboard.press("Escape")
    page.locator("#sure input").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#question-title")).to_have_text("Question 3 of 3")
    wait_until_saved(page)
    assert registers(session, EventKind.CHECK) == {1: True, 2: True}
    assert answers(session) == {1: [3], 2: [2, 3]}
    page.keyboard.press("r")
    page.locator("#review-end").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#end-dialog h2")).to_have_text("End the session?")
    page.locator("#end-confirm").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/results/{session.pk}/")
    assert state_of(session) == State.CLOSED


# Pausing


def test_pausing_hands_in_what_is_kept_and_the_clock_stands(page: Page, transactional_db: None) -> None:
    session = make_session(minutes=20)
    enter(page, session, item=2)
    choose(page, 2)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("heading", name="Paused")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("Stem")
    assert_no_axe_violations(page)
    assert (is_paused(session), answers(session)) == (True, {2: [2]})
    page.get_by_role("button", name="Resume").click()
    page.locator("html[data-ready=true]").wait_for(state="attached")
    expect(page.locator("#question-title")).to_have_text("Question 2 of 3")
    expect(page.locator("#clock")).to_have_text(re.compile("^0:(20:00|19:5.)$"))
    assert not is_paused(session)
    wait_until_saved(page)


def test_a_pause_made_elsewhere_hides_the_questions_here(page: Page, transactional_db: None) -> None:
    session = make_session(minutes=20)
    enter(page, session)
    choose(page, 3)
    wait_until_saved(page)
    pausing.pause(session.pk, session.user, timezone.now())
    ask_clock(page)
    expect(page.get_by_role("heading", name="Paused")).to_be_visible()
    page.get_by_role("link", name="End the session …").click()
    page.get_by_role("button", name="End the session").click()
    page.wait_for_url(f"**/results/{session.pk}/")
    assert answers(session) == {1: [3]}


def test_offline_nothing_is_paused_and_the_page_says_so(
    page: Page, session: Attempt, expected_messages: list[str]
) -> None:
    expected_messages.append("ERR_INTERNET_DISCONNECTED")
    enter(page, session)
    wait_until_saved(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#toast")).to_have_text(
        "Not paused: the server cannot be reached. Your answers are kept here, and the clock goes on."
    )
    page.context.set_offline(False)
    assert not is_paused(session)


# The look


def test_an_untimed_session_shows_no_clock_and_a_timed_one_does(page: Page, transactional_db: None) -> None:
    enter(page, make_session(minutes=20))
    expect(page.locator("#clock")).to_be_visible()
    Attempt.objects.update(seconds_granted=None, deadline=None, close_by=None)
    page.reload()
    page.locator("html[data-ready=true]").wait_for(state="attached")
    expect(page.locator("#clock")).to_be_hidden()
    expect(page.locator("#clock-toggle")).to_be_hidden()
    page.keyboard.press("t")
    expect(page.locator("#announce-time")).to_have_text("This session is untimed")
    expect(page.locator(".exam-name .badge")).to_have_text("Study")


@pytest.mark.parametrize("width", [1280, 390])
def test_every_state_is_accessible_and_as_wide_as_the_window(
    open_page: OpenPage, session: Attempt, width: int
) -> None:
    page = open_page(width=width)
    enter(page, session)
    choose(page, 3)
    page.keyboard.press("u")
    assert_no_axe_violations(page)
    check(page)
    expect(page.locator("#verdict")).to_have_text("✓ Right")
    assert_no_axe_violations(page)
    page.locator("#next").click()
    choose(page, 0, 3)
    check(page)
    expect(page.locator("#verdict")).to_have_text("✗ Not right")
    page.locator(".legend summary").click()
    assert_no_axe_violations(page)
    assert horizontal_overflow(page) == 0
    page.locator("#next").click()
    page.locator("#review").click()
    assert_no_axe_violations(page)
    wait_until_saved(page)


def test_the_first_load_takes_one_request_more_than_an_exam(page: Page, session: Attempt) -> None:
    log_in(page, session.user)
    with requests_of(page) as seen:
        page.goto(f"/attempts/{session.pk}/")
        page.locator("html[data-ready=true]").wait_for(state="attached")
        wait_until_saved(page)
    modules = [path.rsplit("/", 1)[1].split(".")[0] for path in seen if path.endswith(".js")]
    assert sorted(modules) == ["exam", "kept", "study", "sync"]
    assert len(seen) <= 9


# Without a script


def test_without_a_script_everything_is_there_too(open_page: OpenPage, session: Attempt) -> None:
    page = open_page(javascript=False)
    log_in(page, session.user)
    page.goto(f"/attempts/{session.pk}/?q=2")
    page.locator("#options .option label").nth(0).click()
    page.locator("#options .option label").nth(3).click()
    page.get_by_role("radio", name="Unsure").check()
    page.get_by_role("button", name="Show the answer").click()
    page.wait_for_url("**#explained")
    expect(page.locator("#verdict")).to_have_text("✗ Not right")
    assert standings(page) == [
        "✗ Not correct, your choice",
        "",
        "✓ Correct, not chosen",
        "✓ Correct, your choice",
    ]
    expect(page.get_by_role("link", name="Developer guide: processing jobs")).to_be_visible()
    expect(page.locator("#options input").first).to_be_disabled()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("heading", name="Paused")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("#question-title")).to_have_text("Question 3 of 3")
    assert (answers(session), registers(session, EventKind.CHECK)) == ({2: [0, 3]}, {2: True})
    assert dict(Register.objects.filter(kind=EventKind.SURE).values_list("item", "value")) == {2: False}


# Time on a question


def test_a_visit_ends_five_minutes_after_the_last_input(
    page: Page, session: Attempt, expected_messages: list[str]
) -> None:
    """Offline while the page's clock runs fast, lest the server tells it the time; the server's follows."""
    expected_messages.append("ERR_INTERNET_DISCONNECTED")
    page.clock.install()
    enter(page, session)
    page.context.set_offline(True)
    page.clock.run_for(60_000)
    page.keyboard.press("Shift")
    page.clock.run_for(20 * 60_000)
    page.keyboard.press("Shift")
    page.clock.run_for(30_000)
    page.locator("#next").click()
    Attempt.objects.filter(pk=session.pk).update(started_at=session.started_at - dt.timedelta(minutes=22))
    page.context.set_offline(False)
    wait_until_saved(page)
    visits = AnswerEvent.objects.filter(attempt=session, kind=EventKind.VISIT, item=1).exclude(value=0)
    eventually(page, visits.count, 2)
    minutes = [
        round(value / 60_000, 1) for value in visits.order_by("intent_ms").values_list("value", flat=True)
    ]
    assert minutes == [6.0, 0.5]
