"""One full exam from the start page to the reviewed result, in each way that a candidate may work."""

import pytest
from playwright.sync_api import Page, expect

from exam_sim.exams.events import EXAM_KINDS
from exam_sim.exams.models import Attempt, EndedBy, EventKind, State
from results.models import Result
from tests.browser.conftest import OpenPage
from tests.browser.sitting import (
    CELL,
    FULL_MOCK,
    answers,
    choose,
    enter,
    flags,
    horizontal_overflow,
    load_bank,
    log_in,
    mixed_answers,
    open_attempt,
    option,
    registers,
    requests_of,
    scaled,
    wait_until_saved,
)
from tests.factories import make_user

SIZES = {"390": (390, 844), "320": (320, 640), "400 % zoom": (320, 256)}

# Controls that a pointer at their middle would not reach, after scrolling them into view.
UNREACHABLE = """() => [...document.querySelectorAll("a, button, input, textarea, summary")]
  .filter((control) => control.checkVisibility({ visibilityProperty: true }))
  .filter((control) => {
    control.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
    const { left, top, width, height } = control.getBoundingClientRect();
    const hit = document.elementFromPoint(left + width / 2, top + height / 2);
    return !hit || !(control.contains(hit) || hit.closest("label")?.contains(control));
  })
  .map((control) => control.outerHTML.slice(0, 120))"""


def outcome(attempt: Attempt) -> tuple[str, str, int, int, bool]:
    attempt = Attempt.objects.get(pk=attempt.pk)
    result = Result.objects.get(attempt=attempt)
    return attempt.state, attempt.ended_by, result.correct, result.scaled, result.passed


def expected_outcome(right: int) -> tuple[str, str, int, int, bool]:
    return State.CLOSED, EndedBy.CANDIDATE, right, scaled(right, 65), right >= 47


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is on an element that matches."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"Tab does not reach {selector}")


def test_a_whole_exam_by_mouse(page: Page) -> None:
    load_bank()
    user = make_user()
    log_in(page, user)
    page.goto("/")
    page.get_by_role("link", name="Full mock exam", exact=True).click()
    page.get_by_role("button", name="Start the exam").click()
    expect(page.locator("#question-title")).to_have_text("Question 1 of 65")
    attempt = Attempt.objects.get(user=user)
    plan, right = mixed_answers(attempt)
    for number in range(1, 66):
        choose(page, *plan.get(number, ()))
        if number % 10 == 0:
            page.locator("#flag").click()
        if number < 65:
            page.locator("#next").click()
    page.locator("#review").click()
    complete = sum(len(plan.get(n, ())) == asked for n, (_, asked) in enumerate(attempt.shape, start=1))
    short = len(plan) - complete
    expect(page.locator("#review-summary")).to_have_text(
        f"{65 - complete} of 65 questions would count as wrong: {65 - len(plan)} unanswered"
        f"{f', {short} incomplete' if short else ''}. 6 questions are flagged."
    )
    page.get_by_role("button", name="End the exam …").click()
    page.get_by_role("button", name="End the exam", exact=True).click()
    page.wait_for_url(f"**/results/{attempt.pk}/")
    assert answers(attempt) == plan
    assert registers(attempt, EventKind.FLAG) == flags([10, 20, 30, 40, 50, 60])
    assert outcome(attempt) == expected_outcome(right)
    expect(page.locator(".score strong")).to_have_text(str(scaled(right, 65)))
    page.get_by_role("link", name="Review every question").click()
    expect(page.locator(".articles article")).to_have_count(65)
    page.go_back()
    page.goto(f"/attempts/{attempt.pk}/")
    page.wait_for_url(lambda url: url.endswith(f"/results/{attempt.pk}/"))


def test_a_whole_exam_by_keyboard(page: Page) -> None:
    load_bank()
    user = make_user()
    log_in(page, user)
    page.goto(f"/exams/{FULL_MOCK}/")
    tab_to(page, "main form button")
    page.keyboard.press("Enter")
    page.locator("html[data-ready=true]").wait_for(state="attached")
    attempt = Attempt.objects.get(user=user)
    plan, right = mixed_answers(attempt)
    # The first with Tab, Space and the arrows that move between the options, the others with characters.
    tab_to(page, "#options input")
    if attempt.shape[0][1] == 1:
        page.keyboard.press("Space")
        for _ in range(plan[1][0]):
            page.keyboard.press("ArrowDown")
    else:
        for position in range(attempt.shape[0][0]):
            if position in plan[1]:
                page.keyboard.press("Space")
            page.keyboard.press("Tab")
            page.keyboard.press("Tab")
    for number in range(2, 66):
        page.keyboard.press("n")
        for position in plan.get(number, ()):
            page.keyboard.press(str(position + 1))
        if number in (7, 65):
            page.keyboard.press("f")
    page.keyboard.press("p")
    expect(page.locator("#question-title")).to_have_text("Question 64 of 65")
    page.keyboard.press("r")
    expect(page.locator("#review-title")).to_be_focused()
    tab_to(page, "#review-end")
    page.keyboard.press("Enter")
    expect(page.locator("#end-cancel")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/results/{attempt.pk}/")
    assert answers(attempt) == plan
    assert registers(attempt, EventKind.FLAG) == flags([7, 65])
    assert outcome(attempt) == expected_outcome(right)
    tab_to(page, "main a.primary")
    page.keyboard.press("Enter")
    page.wait_for_url("**/review")
    expect(page.locator(".articles article")).to_have_count(65)


def test_a_whole_exam_without_a_script(open_page: OpenPage) -> None:
    load_bank()
    user = make_user()
    page = open_page(javascript=False)
    log_in(page, user)
    page.goto(f"/exams/{FULL_MOCK}/")
    page.get_by_role("button", name="Start the exam").click()
    page.wait_for_url("**/attempts/**")
    attempt = Attempt.objects.get(user=user)
    plan, right = mixed_answers(attempt)
    for number in range(1, 66):
        expect(page.locator("#question-title")).to_have_text(f"Question {number} of 65")
        choose(page, *plan.get(number, ()))
        page.locator("#next" if number < 65 else "#review").click()
    page.get_by_role("link", name="Flagged").click()
    expect(page.locator(".review-list")).to_have_text("No question is in this list.")
    page.get_by_role("link", name="End the exam …").click()
    page.get_by_role("button", name="End the exam", exact=True).click()
    page.wait_for_url(lambda url: url.endswith(f"/results/{attempt.pk}/"))
    assert answers(attempt) == plan
    assert outcome(attempt) == expected_outcome(right)
    page.get_by_role("link", name="Review every question").click()
    expect(page.locator(".articles article")).to_have_count(65)


def test_without_a_script_everything_on_the_page_can_be_done(open_page: OpenPage) -> None:
    attempt = open_attempt(make_user())
    page = open_page(javascript=False)
    log_in(page, attempt.user)
    page.goto(f"/attempts/{attempt.pk}/?q=3")
    choose(page, 0, 1, 2)
    page.locator("#flag").click()
    expect(page.locator(".messages, [role=status] .error").last).to_contain_text(
        "Select TWO options. 3 were chosen, so nothing was changed."
    )
    choose(page, 0, 3)
    page.get_by_role("button", name="Save answer").click()
    page.get_by_role("button", name="Strike out option 3").click()
    expect(page.locator("#options .is-struck")).to_have_count(1)
    page.locator(".navigator button").first.click()
    choose(page, 2)
    page.locator("#next").click()
    page.locator("#previous").click()
    expect(option(page, 2).locator("input")).to_be_checked()
    page.locator("#clear").click()
    page.get_by_text("Notes", exact=True).click()
    page.locator("#scratchpad").fill("Look at three again")
    page.get_by_role("button", name="Save notes").click()
    expect(page.locator("#scratchpad")).to_have_value("Look at three again")
    page.locator("#review").click()
    page.get_by_role("link", name="Unanswered", exact=True).click()
    expect(page.locator(".review-list")).to_contain_text("Question 2: unanswered")
    page.get_by_role("link", name="Back to the questions").click()
    assert {kind: registers(attempt, kind) for kind in EXAM_KINDS - {EventKind.VISIT}} == {
        EventKind.ANSWER: {3: [0, 3]},
        EventKind.FLAG: {3: True},
        EventKind.STRIKE: {3: [2]},
        EventKind.SCRATCHPAD: {0: "Look at three again"},
    }


def test_without_a_script_an_exam_of_few_answers_may_be_discarded(open_page: OpenPage) -> None:
    attempt = open_attempt(make_user())
    page = open_page(javascript=False)
    log_in(page, attempt.user)
    page.goto(f"/attempts/{attempt.pk}/end")
    page.get_by_role("button", name="End and discard").click()
    expect(page.locator("main")).to_contain_text("The exam was ended and discarded: it has no result.")
    assert Attempt.objects.get(pk=attempt.pk).state == State.DISCARDED


@pytest.mark.parametrize("size", SIZES.values(), ids=list(SIZES))
def test_a_small_window_shows_every_control_without_scrolling_sideways(
    open_page: OpenPage, size: tuple[int, int]
) -> None:
    attempt = open_attempt(make_user())
    page = open_page(width=size[0], height=size[1])
    enter(page, attempt)
    page.locator("#notes summary").click()
    page.locator(".legend summary").click()
    page.locator("[data-size='3']").click()
    assert (horizontal_overflow(page), page.evaluate(UNREACHABLE)) == (0, [])
    page.locator("#review").click()
    assert (horizontal_overflow(page), page.evaluate(UNREACHABLE)) == (0, [])
    page.locator("#review-list button").first.click()
    choose(page, 3)
    page.locator("#next").click()
    choose(page, 0)
    page.locator("#next").click()
    choose(page, 2, 3)
    page.locator("#review").click()
    page.locator("#review-end").click()
    page.locator("#end-confirm").click()
    page.wait_for_url(f"**/results/{attempt.pk}/")
    assert answers(attempt) == {1: [3], 2: [0], 3: [2, 3]}
    assert Result.objects.get(attempt=attempt).correct == 2
    assert horizontal_overflow(page) == 0


@pytest.mark.parametrize("width", [390, 320])
def test_no_question_of_the_bank_is_wider_than_a_phone(open_page: OpenPage, width: int) -> None:
    load_bank()
    user = make_user()
    page = open_page(width=width, height=844)
    log_in(page, user)
    page.goto(f"/exams/{FULL_MOCK}/")
    assert horizontal_overflow(page) == 0
    page.get_by_role("button", name="Start the exam").click()
    page.locator("html[data-ready=true]").wait_for(state="attached")
    overflows = {}
    for number in range(1, 66):
        page.evaluate(CELL, number)
        overflows[number] = horizontal_overflow(page)
    assert overflows == dict.fromkeys(range(1, 66), 0)


def test_keys_do_nothing_with_a_modifier_or_while_typing(page: Page) -> None:
    attempt = open_attempt(make_user())
    enter(page, attempt)
    for modifier in ("ctrlKey", "altKey", "metaKey"):
        for key in ("1", "f", "t", "?"):
            page.dispatch_event("body", "keydown", {"key": key, modifier: True})
    page.locator("#notes summary").click()
    page.locator("#scratchpad").press_sequentially("n1frp?")
    page.locator("#scratchpad").blur()
    wait_until_saved(page)
    expect(page.locator("#question-title")).to_have_text("Question 1 of 3")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert (answers(attempt), registers(attempt, EventKind.FLAG)) == ({}, {})
    assert registers(attempt, EventKind.SCRATCHPAD) == {0: "n1frp?"}


def test_character_keys_can_be_switched_off_and_arrows_stay(page: Page) -> None:
    user = make_user()
    attempt = open_attempt(user)
    log_in(page, user)
    page.goto("/accounts/settings/")
    page.get_by_label("Single-key shortcuts").uncheck()
    page.get_by_role("button", name="Save").click()
    enter(page, attempt)
    with requests_of(page) as requests:
        for key in ("1", "f", "n", "r", "?", "t"):
            page.keyboard.press(key)
        expect(page.locator("#question-title")).to_have_text("Question 1 of 3")
    assert [path for path in requests if path.endswith("/events")] == []
    assert (answers(attempt), registers(attempt, EventKind.FLAG)) == ({}, {})
    page.keyboard.press("ArrowRight")
    expect(page.locator("#question-title")).to_have_text("Question 2 of 3")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#question-title")).to_have_text("Question 1 of 3")


def test_arrows_do_not_move_from_options_navigator_or_text(page: Page) -> None:
    attempt = open_attempt(make_user())
    enter(page, attempt, item=2)
    page.locator("#notes summary").click()
    for selector in ("#options input", "#options .strike", "#navigator .cell", "#scratchpad"):
        page.locator(selector).first.focus()
        page.keyboard.press("ArrowRight")
        expect(page.locator("#question-title")).to_have_text("Question 2 of 3")
    page.locator("#flag").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#question-title")).to_have_text("Question 3 of 3")
