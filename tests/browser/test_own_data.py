"""Taking one's data away and deleting an account, in a real browser."""

import json

import pytest
from playwright.sync_api import Page, expect

from exam_sim.accounts.models import User
from results.grading import result_for
from results.models import Note
from tests.browser.axe import assert_accessible_at, assert_no_axe_violations
from tests.browser.sitting import eventually, log_in
from tests.factories import NOW, make_attempt, make_user, make_version

PASSWORD = "correct horse"


@pytest.fixture
def user(transactional_db: None) -> User:
    user = make_user()
    version = make_version()
    result_for(make_attempt(user, [version], answers={1: "b"}), NOW)
    Note.objects.create(user=user, question=version.question, text="A note", updated_at=NOW)
    return user


def test_the_pages_are_accessible_and_as_wide_as_the_window(page: Page, user: User) -> None:
    log_in(page, user)
    for address in ("/results/data", "/accounts/delete/", "/accounts/settings/"):
        page.goto(address)
        assert_accessible_at(page, 1280, 390, 320)


def test_everything_is_saved_as_a_file(page: Page, user: User) -> None:
    log_in(page, user)
    page.goto("/accounts/settings/")
    page.get_by_role("link", name="Take my data away").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download JSON").click()
    assert waiting.value.suggested_filename == "my-exam-simulator-data.json"
    document = json.loads(waiting.value.path().read_text())
    assert [note["text"] for note in document["notes"]] == ["A note"]


def test_an_account_is_deleted_by_keyboard_alone(page: Page, user: User) -> None:
    log_in(page, user)
    page.goto("/accounts/delete/")
    page.get_by_label("Your password", exact=True).focus()
    page.keyboard.type("something else")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This is not your password.")).to_be_visible()
    assert_no_axe_violations(page)
    page.evaluate(
        "(keys) => keys.forEach((key) => localStorage.setItem(key, '1'))",
        [f"exam:{user.pk}:a:event:b", f"exam:{user.pk}:a:high", "exam:other:a:event:b", "exam:text-size"],
    )
    page.get_by_label("Your password", exact=True).focus()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    expect(page.get_by_text("Everything of yours is deleted.")).to_be_visible()
    assert not User.objects.exists()
    left = ["exam:other:a:event:b", "exam:other:a:left", "exam:text-size"]
    eventually(page, lambda: page.evaluate("Object.keys(localStorage).sort()"), left)
