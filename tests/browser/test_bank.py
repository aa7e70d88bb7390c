"""The bank's pages in a real browser: both themes, both widths, by keyboard, with the live preview."""

import re

import pytest
from playwright.sync_api import Page, expect

from exam_sim.accounts.models import User
from questions import editing, statuses
from questions.models import Collection, Question, QuestionVersion, Status
from tests.bank.making import make_collection, make_draft, make_instructor, put
from tests.browser.axe import assert_accessible_at, assert_no_axe_violations
from tests.browser.conftest import OpenPage
from tests.browser.sitting import horizontal_overflow
from tests.browser.test_results import log_in
from tests.factories import NOW, make_attempt, make_user


@pytest.fixture
def user(transactional_db: None) -> User:
    return make_instructor()


@pytest.fixture
def own(user: User) -> Collection:
    """30 questions of several kinds; the first has two versions, a log and a closed attempt."""
    own = make_collection("own", user)
    first = put(own, "q-1", explanation="It stores | it.\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    second = editing.save(first.question, make_draft("q-1", stem="Which one is it?"), user, NOW, first.pk)
    assert second is not None
    make_attempt(make_user(), [second])
    statuses.change([first.question_id], Status.PUBLISHED, by=user, now=NOW)
    for n in range(2, 31):
        put(own, f"q-{n}", (Status.DRAFT, Status.TRIAL, Status.RETIRED)[n % 3], references=())
    return own


def first(own: Collection) -> QuestionVersion:
    version = Question.objects.get(collection=own, external_id="q-1").current_version
    assert version is not None
    return version


def test_every_page_is_accessible_and_as_wide_as_the_window(page: Page, user: User, own: Collection) -> None:
    log_in(page, user)
    question = f"/bank/questions/{first(own).question_id}"
    for address in ("/bank/", "/bank/?q=nothing", f"{question}/", f"{question}/edit", "/bank/questions/add"):
        page.goto(address)
        assert_accessible_at(page, 1280, 390)


def test_searching_swaps_the_list_and_the_way_back_works(page: Page, user: User, own: Collection) -> None:
    log_in(page, user).goto("/bank/")
    page.evaluate("window.sameDocument = true")
    page.get_by_label("Search").press_sequentially("bucket q-17")
    expect(page.locator(".bank-row")).to_have_count(1)
    expect(page.locator("#count")).to_have_text(re.compile(r"1 question\s+matches"))
    page.wait_for_url(lambda url: url.endswith("/bank/?q=bucket+q-17"))
    assert page.evaluate("window.sameDocument") is True
    expect(page.get_by_label("Search")).to_be_focused()
    page.get_by_label("Search").fill("")
    page.get_by_label("Status", exact=True).select_option("retired")
    expect(page.locator(".bank-row")).to_have_count(10)
    page.go_back()
    expect(page.get_by_label("Status", exact=True)).to_have_value("")


def test_many_at_once_by_keyboard_and_back_with_one_button(page: Page, user: User, own: Collection) -> None:
    log_in(page, user).goto("/bank/?status=draft")
    page.locator('.bank-row input[type="checkbox"]').first.focus()
    page.keyboard.press("Space")
    expect(page.locator("#picked")).to_have_text("1 selected")
    page.get_by_label("All on this page").focus()
    page.keyboard.press("Space")
    expect(page.locator("#picked")).to_have_text("10 selected")
    page.keyboard.press("Tab")
    expect(page.get_by_label("All 10 questions that match")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("t")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Change status")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("10 questions moved to trial.")).to_be_visible()
    expect(page.get_by_text("No question matches")).to_be_visible()
    assert_no_axe_violations(page)
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_text("10 put back to the status that they had.")).to_be_visible()
    expect(page.locator(".bank-row")).to_have_count(10)


def test_in_a_small_window_a_line_leads_from_a_ticked_question_to_what_can_be_done(
    open_page: OpenPage, user: User, own: Collection
) -> None:
    page = open_page(width=320, height=640, javascript=False)
    log_in(page, user).goto("/bank/")
    line = page.get_by_role("link", name="To the actions")
    expect(line).to_be_hidden()
    page.locator(".bank-row input").first.check()
    expect(line).to_be_in_viewport()
    expect(page.locator("#bulk")).not_to_be_in_viewport()
    assert horizontal_overflow(page) == 0
    line.click()
    expect(page.get_by_label("All 30 questions")).to_be_in_viewport()
    page.get_by_label("All 30 questions").check()
    expect(line).to_be_hidden()


def test_the_preview_follows_what_is_typed_and_a_save_makes_a_version(
    page: Page, user: User, own: Collection
) -> None:
    version = first(own)
    log_in(page, user).goto(f"/bank/questions/{version.question_id}/edit")
    stem = page.get_by_label("Stem", exact=True)
    stem.fill("Which setting is **the** one")
    expect(page.locator("#preview .stem strong")).to_have_text("the")
    expect(page.locator("#problems-stem")).to_contain_text("End the stem with one question.")
    expect(stem).to_be_focused()
    stem.press_sequentially("?")
    expect(page.locator("#problems-stem")).not_to_contain_text("End the stem")
    page.get_by_role("button", name="Add an option").click()
    expect(page.get_by_role("group", name="Option d")).to_be_visible()
    expect(page.get_by_role("group", name="Option d").get_by_label("Text")).to_be_focused()
    page.get_by_role("button", name="Save as a new version").press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("link", name="Option D: ")).to_have_attribute("href", "#text-d")
    assert_no_axe_violations(page)
    page.get_by_role("group", name="Option d").get_by_label("Text").fill("A fourth way")
    page.get_by_role("button", name="Move up option D").press("Enter")
    expect(page.get_by_role("button", name="Move up option D")).to_be_focused()
    expect(page.locator(".edit-option legend")).to_have_text(["Option A", "Option B", "Option D", "Option C"])
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_text("Version 3 saved.")).to_be_visible()
    assert [option["id"] for option in first(own).options] == ["a", "b", "d", "c"]


def test_another_key_asks_for_a_reason_while_it_is_typed(page: Page, user: User, own: Collection) -> None:
    log_in(page, user).goto(f"/bank/questions/{first(own).question_id}/edit")
    reason = page.get_by_label("Why is another key right?")
    expect(reason).to_be_hidden()
    page.get_by_role("group", name="Option A").get_by_label("Correct").uncheck()
    page.get_by_role("group", name="Option b").get_by_label("Correct").check()
    page.get_by_role("group", name="Option b").get_by_label("Distractor tag").select_option("")
    expect(page.locator("#key-note")).to_contain_text("1 closed attempt used the old key")
    reason.fill("It was wrong.")
    assert_no_axe_violations(page)
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_text("The key was corrected on")).to_be_visible()


def test_who_saves_second_is_shown_what_the_first_one_changed(
    page: Page, user: User, own: Collection
) -> None:
    version = first(own)
    log_in(page, user).goto(f"/bank/questions/{version.question_id}/edit")
    editing.save(version.question, make_draft("q-1", stem="What did they ask?"), user, NOW, version.pk)
    page.get_by_label("Stem", exact=True).fill("What do I ask?")
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_role("alert")).to_contain_text("saved version 3")
    expect(page.get_by_label("Stem", exact=True)).to_have_value("What do I ask?")
    assert_no_axe_violations(page)
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_text("Version 4 saved.")).to_be_visible()


def test_without_a_script_everything_is_a_form(open_page: OpenPage, user: User, own: Collection) -> None:
    page = log_in_without_script(open_page, user)
    page.goto("/bank/")
    page.get_by_label("Search").fill("q-17")
    page.get_by_role("button", name="Search").click()
    page.get_by_label("Select q-17").check()
    page.get_by_label("Change status to").select_option("published")
    page.get_by_role("button", name="Change status").click()
    expect(page.get_by_text("1 question moved to published.")).to_be_visible()
    page.get_by_role("link", name="q-17").click()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Stem", exact=True).fill("Is `this` it?")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview .stem code")).to_have_text("this")
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_text("Version 2 saved.")).to_be_visible()


def log_in_without_script(open_page: OpenPage, user: User) -> Page:
    """The session of a page that has scripts, in a page that has none."""
    other = log_in(open_page(), user)
    page = open_page(javascript=False)
    page.context.add_cookies(other.context.cookies())  # type: ignore[arg-type]
    return page
