"""That the fixtures of this folder see what they are there to see."""

import pytest
from playwright.sync_api import Page

from tests.browser.axe import violations


@pytest.fixture
def log_in_page(page: Page) -> Page:
    page.goto("/accounts/login/")
    return page


def test_a_script_that_the_policy_forbids_reaches_the_console(
    log_in_page: Page, expected_messages: list[str]
) -> None:
    expected_messages.append("Content Security Policy")
    with log_in_page.expect_console_message() as message:
        log_in_page.evaluate(
            "document.body.append(Object.assign(document.createElement('script'), {textContent: 'boom()'}))"
        )
    assert "script-src 'self'" in message.value.text


def test_an_image_without_a_description_is_a_violation(log_in_page: Page) -> None:
    log_in_page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    assert [line.split(":")[0] for line in violations(log_in_page)] == ["image-alt"]


def test_static_files_have_hashed_names_that_caches_may_keep_for_ever(page: Page) -> None:
    with page.expect_response("**/*.css") as answer:
        page.goto("/accounts/login/")
    headers = answer.value.headers
    assert (answer.value.status, headers["cache-control"], headers["content-encoding"]) == (
        200,
        "max-age=315360000, public, immutable",
        "br",
    )
