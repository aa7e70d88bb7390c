"""The account, error and administration pages as a person meets them, with an empty console in each."""

import pytest
from playwright.sync_api import Page, expect

from exam_sim.accounts.models import User
from tests.browser.axe import assert_accessible_at, assert_no_axe_violations
from tests.browser.conftest import OpenPage

PASSWORD = "correct horse battery"


@pytest.fixture
def ada(transactional_db: None) -> User:
    return User.objects.create_user("ada@example.org", PASSWORD)


def log_in(page: Page, email: str = "ada@example.org", goal: str = "/accounts/settings/") -> None:
    page.goto(f"/accounts/login/?next={goal}")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"**{goal}")


def test_every_page_fits_and_is_accessible(page: Page, ada: User) -> None:
    def look(path: str) -> None:
        page.goto(path)
        assert_accessible_at(page, 1280, 390, 320)

    for path in ("login/", "sign-up/", "password/reset/", "password/reset/sent/", "password/reset/x/y/"):
        look(f"/accounts/{path}")
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Try it without an account").click()
    for path in ("settings/", "login/", "sign-up/", "logout/"):
        look(f"/accounts/{path}")
    page.get_by_role("button", name="Leave for good").click()
    log_in(page)
    for path in ("settings/", "password/"):
        look(f"/accounts/{path}")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_guest_takes_an_account_and_stays_in(open_page: OpenPage, javascript: bool) -> None:
    page = open_page(javascript=javascript)
    page.goto("/accounts/login/?next=/accounts/settings/")
    page.get_by_role("button", name="Try it without an account").click()
    page.get_by_role("region", name="Guest").get_by_role("link", name="create an account").click()
    page.get_by_label("E-mail address").fill("Grace@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    expect(page.get_by_role("status")).to_have_text("Your account is ready.")
    page.get_by_role("link", name="Settings").click()
    expect(page.get_by_text("You log in as grace@example.org.")).to_be_visible()
    expect(page.get_by_role("region", name="Guest")).to_have_count(0)


def test_the_theme_switch_works_without_javascript_and_stays_on_the_page(
    open_page: OpenPage, ada: User
) -> None:
    page = open_page(javascript=False)
    log_in(page)
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Dark").click()
    page.wait_for_url("**/accounts/settings/")
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


def test_a_password_can_be_shown_and_is_sent_as_a_password(page: Page, ada: User) -> None:
    page.goto("/accounts/login/")
    field = page.get_by_label("Password", exact=True)
    field.fill(PASSWORD)
    page.get_by_role("button", name="Show the password").click()
    expect(field).to_have_attribute("type", "text")
    page.get_by_role("button", name="Hide the password").click()
    expect(field).to_have_attribute("type", "password")


def test_the_keyboard_skips_to_the_content(page: Page) -> None:
    page.goto("/accounts/login/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_a_wrong_address_is_answered_in_the_look_of_the_site(
    page: Page, expected_messages: list[str]
) -> None:
    expected_messages.append("404 (Not Found)")
    page.goto("/nowhere/")
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    assert_no_axe_violations(page)


def test_a_form_sent_without_its_cookie_says_what_to_do(page: Page, expected_messages: list[str]) -> None:
    expected_messages.append("403 (Forbidden)")
    page.goto("/accounts/password/reset/")
    page.locator("#id_email").fill("ada@example.org")
    page.context.clear_cookies()
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", name="Please send that again")).to_be_visible()
    assert_no_axe_violations(page)


def test_the_administration_runs_under_the_strict_policy(page: Page, expected_messages: list[str]) -> None:
    """Index, a list with actions and one without (Django's own page has a style element there), forms.

    Django's password form asks for the focus that its script for the side bar may hold by then.
    """
    expected_messages.append("Autofocus processing was blocked")
    root = User.objects.create_superuser("root@example.org", PASSWORD)
    page.goto("/admin/login/")
    log_in(page, str(root.email), "/admin/")
    users = "/admin/accounts/user/"
    for path in (users, "/admin/accounts/rolechange/", f"{users}add/", f"{users}{root.pk}/change/"):
        page.goto(path)
        expect(page.locator("#content")).to_be_visible()
    page.goto(f"{users}{root.pk}/password/")
    expect(page.locator("#content")).to_be_visible()
