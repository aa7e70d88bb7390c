"""The exam page in the hand: choosing, striking, flagging, reviewing, ending; and to a screen reader."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from exam_sim.exams.models import Attempt, EventKind, State
from tests.browser.axe import assert_no_axe_violations
from tests.browser.sitting import (
    FULL_MOCK,
    answers,
    choose,
    enter,
    load_bank,
    open_attempt,
    open_exam,
    option,
    registers,
    state_of,
    wait_until_saved,
)
from tests.factories import make_user

FOCUS = "document.activeElement.outerHTML.slice(0, 80)"


@pytest.fixture
def attempt(transactional_db: None) -> Attempt:
    """Items 1 and 2 ask for one option, 3 for two, 4 to 6 for one."""
    return open_attempt(make_user(), (1, 1, 2, 1, 1, 1))


def navigator(page: Page) -> list[str]:
    return [
        re.sub(r"\s+", " ", text).replace(" ,", ",")
        for text in page.locator("#navigator > ol li").all_inner_texts()
    ]


def open_end_dialog(page: Page) -> None:
    page.locator("#review").click()
    page.locator("#review-end").click()


def answer_first(page: Page, count: int) -> None:
    """Answer the first `count` items completely."""
    for number in range(1, count + 1):
        choose(page, *((0, 1) if number == 3 else (0,)))
        page.locator("#next").click()


# Choosing


def test_one_choice_too_many_is_refused_in_words(page: Page, attempt: Attempt) -> None:
    enter(page, attempt, item=3)
    choose(page, 0)
    expect(page.locator("#notice")).to_have_text("1 of 2 chosen")
    choose(page, 2)
    expect(page.locator("#notice")).to_have_text("")
    choose(page, 3)
    expect(page.locator("#notice")).to_have_text("2 are chosen already. Clear one of them to choose another.")
    expect(option(page, 3).locator("input")).not_to_be_checked()
    assert page.locator("#notice").get_attribute("role") == "status"
    wait_until_saved(page)
    assert answers(attempt) == {3: [0, 2]}


def test_an_option_is_struck_out_and_choosing_it_lifts_the_strike(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    page.get_by_role("button", name="Strike out option 2").click()
    page.get_by_role("button", name="Strike out option 4").click()
    expect(page.get_by_role("radio", name="2 of 4, struck out:")).not_to_be_checked()
    page.get_by_role("button", name="Strike out option 4", pressed=True).click()
    wait_until_saved(page)
    assert registers(attempt, EventKind.STRIKE) == {1: [1]}
    choose(page, 1)
    expect(page.locator("#options .is-struck")).to_have_count(0)
    wait_until_saved(page)
    assert (registers(attempt, EventKind.STRIKE), answers(attempt)) == ({}, {1: [1]})


def test_an_answer_can_be_cleared(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    choose(page, 1)
    page.get_by_role("button", name="Clear answer").click()
    expect(page.locator("#notice")).to_have_text("Answer cleared")
    expect(page.locator("#options input:checked")).to_have_count(0)
    expect(page.locator("#progress")).to_have_text("0 of 6 answered")
    wait_until_saved(page)
    assert answers(attempt) == {}


def test_the_navigator_says_what_each_question_is(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    choose(page, 1)
    page.locator("#flag").click()
    page.locator("#next").click()
    page.locator("#next").click()
    choose(page, 3)
    page.locator("#flag").click()
    expected = [
        "1, answered, flagged",
        "2, unanswered",
        "3, 1 of 2 chosen, flagged",
        "4, unseen",
        "5, unseen",
        "6, unseen",
    ]
    assert navigator(page) == expected
    expect(page.locator("#flag-state")).to_be_visible()
    expect(page.locator("#navigator [aria-current=step]")).to_have_accessible_name(
        "3 , 1 of 2 chosen, flagged"
    )
    page.locator("#flag").click()
    expect(page.locator("#flag-state")).to_be_hidden()
    wait_until_saved(page)
    open_exam(page, attempt, item=3)
    assert navigator(page) == [*expected[:2], "3, 1 of 2 chosen", *expected[3:]]
    assert registers(attempt, EventKind.FLAG) == {1: True}


def test_the_review_screen_filters_and_leads_to_the_questions(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    choose(page, 1)
    page.locator("#next").click()
    page.locator("#flag").click()
    page.locator("#next").click()
    choose(page, 3)
    page.keyboard.press("r")
    expect(page.locator("#review-summary")).to_have_text(
        "5 of 6 questions would count as wrong: 4 unanswered, 1 incomplete. 1 question is flagged."
    )
    found = {}
    for name in ("All", "Unanswered", "Incomplete", "Flagged"):
        page.get_by_role("button", name=name, exact=True).click()
        found[name] = [
            re.findall(r"Question (\d+)", text)[0]
            for text in page.locator("#review-list li").all_inner_texts()
        ]
    assert found == {"All": [*"123456"], "Unanswered": [*"2456"], "Incomplete": ["3"], "Flagged": ["2"]}
    page.locator("#review-list button").click()
    expect(page.locator("#question-title")).to_be_focused()
    expect(page.locator("#question-title")).to_have_text("Question 2 of 6")
    expect(page).to_have_title(f"Question 2 · {attempt.title}")


def test_next_leads_from_the_last_question_to_the_review_screen_and_two_keys_lead_back(
    page: Page, attempt: Attempt
) -> None:
    enter(page, attempt, item=6)
    page.locator("#next").click()
    expect(page.locator("#review-title")).to_be_focused()
    expect(page).to_have_title(f"Review before the end · {attempt.title}")
    for key in ("r", "Escape"):
        page.keyboard.press(key)
        expect(page.locator("#question-title")).to_have_text("Question 6 of 6")
        page.keyboard.press("r")
        expect(page.locator("#review-screen")).to_be_visible()


def test_the_key_for_the_time_shows_it_where_the_clock_is_hidden(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    page.locator("#clock-toggle").click()
    page.keyboard.press("t")
    expect(page.locator("#toast")).to_have_text("3 hours left")


# Ending


def test_ending_asks_once_and_escape_keeps_working(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    choose(page, 1)
    open_end_dialog(page)
    expect(page.locator("#end-summary")).to_have_text(
        "5 of 6 questions would count as wrong: 5 unanswered."
        " Once it is ended, nothing can be changed any more."
    )
    expect(page.locator("#end-cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#end-dialog")).to_be_hidden()
    page.locator("#review-back").click()
    choose(page, 2)
    wait_until_saved(page)
    assert (state_of(attempt), answers(attempt)) == (State.OPEN, {1: [2]})
    open_end_dialog(page)
    page.locator("#end-confirm").click()
    page.wait_for_url(f"**/results/{attempt.pk}/")
    assert state_of(attempt) == State.CLOSED


def test_enter_twice_on_end_does_not_end_the_exam(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    page.locator("#review").click()
    page.locator("#review-end").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("#end-dialog")).to_be_hidden()
    assert state_of(attempt) == State.OPEN


def test_discarding_is_offered_below_five_answers(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    answer_first(page, 4)
    wait_until_saved(page)
    open_end_dialog(page)
    page.get_by_role("button", name="End and discard").click()
    page.wait_for_url("**/exams/**")
    expect(page.locator("main")).to_contain_text("The exam was ended and discarded: it has no result.")
    assert state_of(attempt) == State.DISCARDED


def test_discarding_is_not_offered_from_five_answers_on(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    answer_first(page, 5)
    open_end_dialog(page)
    expect(page.get_by_role("button", name="End the exam", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="End and discard")).to_have_count(0)


# Comfort


def test_text_size_and_question_stay_after_a_reload(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    sizes = []
    for name in ("Normal text", "Larger text", "Largest text"):
        page.get_by_role("button", name=name).click()
        sizes.append(page.evaluate("parseFloat(getComputedStyle(document.querySelector('#stem')).fontSize)"))
    assert sizes == sorted(set(sizes))
    page.locator("#next").click()
    page.reload()
    page.locator("html[data-ready=true]").wait_for(state="attached")
    expect(page.locator("#question-title")).to_have_text("Question 2 of 6")
    expect(page.get_by_role("button", name="Largest text")).to_have_attribute("aria-pressed", "true")


def test_notes_are_kept_with_the_exam(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    page.locator("#notes summary").click()
    page.locator("#scratchpad").fill("Ask about <b>3</b>\nand “4”")
    page.reload()
    page.locator("html[data-ready=true]").wait_for(state="attached")
    expect(page.locator("#scratchpad")).to_be_visible()
    expect(page.locator("#scratchpad")).to_have_value("Ask about <b>3</b>\nand “4”")
    open_exam(page, attempt, item=2)
    wait_until_saved(page)
    assert registers(attempt, EventKind.SCRATCHPAD) == {0: "Ask about <b>3</b>\nand “4”"}


def test_notes_left_open_in_one_tab_do_not_undo_those_of_another(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    other = page.context.new_page()
    open_exam(other, attempt)
    for tab in (page, other):
        tab.locator("#notes summary").click()
        tab.locator("#scratchpad").focus()
    other.locator("#scratchpad").fill("Newer")
    other.locator("#scratchpad").blur()
    expect(page.locator("#scratchpad")).to_have_value("Newer")
    page.reload()
    page.locator("html[data-ready=true]").wait_for(state="attached")
    wait_until_saved(page)
    assert registers(attempt, EventKind.SCRATCHPAD) == {0: "Newer"}


# Accessibility


def test_axe_finds_nothing_on_any_page_of_an_exam(page: Page, attempt: Attempt) -> None:
    page.goto("/")
    assert_no_axe_violations(page)
    page.goto(f"/exams/{FULL_MOCK}/")
    assert_no_axe_violations(page)
    enter(page, attempt, item=3)
    choose(page, 0)
    page.locator("#flag").click()
    page.locator(".strike").last.click()
    page.locator("#notes summary").click()
    page.locator(".legend summary").click()
    assert_no_axe_violations(page)
    page.keyboard.press("?")
    assert_no_axe_violations(page)
    page.keyboard.press("Escape")
    page.locator("#review").click()
    assert_no_axe_violations(page)
    page.locator("#review-end").click()
    assert_no_axe_violations(page)
    wait_until_saved(page)
    for path in ("review", "review?show=incomplete", "end"):
        page.goto(f"/attempts/{attempt.pk}/{path}")
        assert_no_axe_violations(page)


def test_axe_finds_nothing_on_the_start_pages_of_the_shipped_exams(page: Page) -> None:
    load_bank()
    enter(page, open_attempt(make_user()))
    for path in ("/", f"/exams/{FULL_MOCK}/", "/exams/mls-c01-dress-rehearsal/"):
        page.goto(path)
        assert_no_axe_violations(page)


def accessibility_tree(page: Page, role: str) -> list[dict[str, Any]]:
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return [
        {
            "name": node["name"]["value"],
            **{p["name"]: p["value"].get("value") for p in node.get("properties", [])},
        }
        for node in nodes
        if not node["ignored"] and node["role"]["value"] == role
    ]


def test_each_option_is_announced_with_role_state_and_place(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    choose(page, 1)
    page.locator(".strike").nth(2).click()
    options = accessibility_tree(page, "radio")
    assert [(re.sub(" of [0-9a-f]{6}$", "", row["name"]), row["checked"]) for row in options] == [
        ("1 of 4: Option d", "false"),
        ("2 of 4: Option c", "true"),
        ("3 of 4, struck out: Option b", "false"),
        ("4 of 4: Option a", "false"),
    ]
    page.locator("#navigator .cell").nth(2).click()
    choose(page, 0, 3)
    options = accessibility_tree(page, "checkbox")
    assert [(row["name"][:6], row["checked"]) for row in options] == [
        ("1 of 4", "true"),
        ("2 of 4", "false"),
        ("3 of 4", "false"),
        ("4 of 4", "true"),
    ]
    groups = [row["name"] for row in accessibility_tree(page, "group")]
    assert [name for name in groups if name.startswith("Select")] == ["Select TWO options."]


def test_changing_something_moves_no_focus(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    page.locator("#question-title").focus()
    before = page.evaluate(FOCUS)
    for key in ("1", "f", "t", "f"):
        page.keyboard.press(key)
        assert page.evaluate(FOCUS) == before
    for selector in ("#options input", "#options .strike", "#flag", "#clear"):
        page.locator(selector).first.focus()
        page.keyboard.press("Space")
        wait_until_saved(page)
        assert page.evaluate(
            "(selector) => document.activeElement === document.querySelector(selector)", selector
        )


def test_moving_from_an_option_puts_the_focus_on_the_question(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    page.locator("#options input").first.focus()
    page.keyboard.press("n")
    expect(page.locator("#question-title")).to_be_focused()
    page.locator("#next").click()
    expect(page.locator("#next")).to_be_focused()
    expect(page.locator("#announce")).to_have_text("Question 3 of 6, unanswered")


def test_the_page_speaks_through_five_regions(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    regions = page.locator("[aria-live], [role=status], [role=alert], [role=log]")
    assert regions.evaluate_all("(all) => all.map((one) => one.id)") == [
        "notice",
        "announce",
        "announce-time",
        "toast",
        "end-problem",
    ]
    assert page.locator("#clock").get_attribute("role") == "timer"


def test_the_start_page_shows_a_running_exam(page: Page, attempt: Attempt) -> None:
    enter(page, attempt)
    page.goto("/")
    page.get_by_role("link", name="Resume").click()
    expect(page.locator("#question-title")).to_have_text("Question 1 of 6")
