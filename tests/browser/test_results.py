"""Result, review and history in a real browser: both themes, narrow screens, without a script, on paper."""

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from exam_sim.accounts.models import User
from exam_sim.exams.models import Attempt, EventKind, LateAnswer
from tests.browser.axe import assert_accessible_at, assert_no_axe_violations
from tests.browser.conftest import OpenPage
from tests.factories import NOW, make_attempt, make_register, make_user, make_version

CURRENT = ".navigator a[aria-current]"


@pytest.fixture
def user(transactional_db: None) -> User:
    return make_user()


@pytest.fixture
def attempt(user: User) -> Attempt:
    """Twelve items, the last two of them unscored: right, wrong, incomplete and unanswered, one flagged."""
    places = ["1.1", "1.2", "2.1"] * 4
    table = (
        "<div class='scroll' tabindex='0' role='group' aria-label='Table'><table><tr>{}</tr></table></div>"
    )
    versions = [make_version(place, key="ab" if n % 3 == 0 else "a") for n, place in enumerate(places)]
    wide = versions[4]
    wide.html["stem"] += table
    wide.save(update_fields=["html"])
    answers = {1: "ab", 2: "a", 3: "b", 4: "a", 5: "a", 6: "a", 7: "ab", 8: "c", 10: "ab", 11: "a", 12: "b"}
    attempt = make_attempt(user, versions, answers=answers, unscored={11, 12})
    make_register(attempt, 3, EventKind.FLAG, True)
    make_register(attempt, 3, EventKind.STRIKE, [0, 2])
    LateAnswer.objects.create(attempt=attempt, item=9, value=[3], intent_ms=1, received_at=NOW)
    return attempt


def log_in(page: Page, user: User) -> Page:
    """With a session made on the server: typing a password is the accounts' business."""
    client = Client()
    client.force_login(user)
    page.goto("/accounts/login/")
    origin = page.evaluate("location.origin")
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.session.session_key or "", "url": origin}]
    )
    return page


def addresses(attempt: Attempt) -> list[str]:
    return [
        "/results/",
        f"/results/{attempt.pk}/",
        f"/results/{attempt.pk}/review",
        f"/results/{attempt.pk}/review?show=flagged&domain=1",
    ]


def test_every_page_is_accessible_and_as_wide_as_the_window(page: Page, user: User, attempt: Attempt) -> None:
    log_in(page, user)
    for address in addresses(attempt):
        page.goto(address)
        assert_accessible_at(page, 1280, 390, 320)


def test_a_screen_reader_hears_the_score_the_pass_mark_and_a_table(
    page: Page, user: User, attempt: Attempt
) -> None:
    log_in(page, user).goto(f"/results/{attempt.pk}/")
    drawing = page.get_by_role(
        "img", name="Scaled score 640 on a scale from 100 to 1000. The pass mark is 750."
    )
    expect(drawing).to_have_count(1)
    rows = page.get_by_role("region", name="By domain").get_by_role("table").get_by_role("row")
    assert rows.nth(1).get_by_role("rowheader").inner_text() == "1 Data engineering"
    assert [" ".join(cell.inner_text().split()) for cell in rows.nth(1).get_by_role("cell").all()] == [
        "60 %",
        "5 of 7",
        "71 %",
        "… Too few items to say 7 questions: each is 14 %",
    ]


def test_n_and_p_move_between_the_questions(page: Page, user: User, attempt: Attempt) -> None:
    log_in(page, user).goto(f"/results/{attempt.pk}/review")
    seen = []
    for key in ("n", "n", "n", "p", "Control+p"):
        page.keyboard.press(key)
        page.wait_for_timeout(50)
        seen.append((page.evaluate("document.activeElement.id"), page.locator(CURRENT).get_attribute("href")))
    assert seen == [("q1", "#q1"), ("q2", "#q2"), ("q3", "#q3"), ("q2", "#q2"), ("q2", "#q2")]


def test_character_keys_that_are_off_do_nothing(page: Page, user: User, attempt: Attempt) -> None:
    User.objects.filter(pk=user.pk).update(character_keys=False)
    log_in(page, user).goto(f"/results/{attempt.pk}/review")
    page.keyboard.press("n")
    assert page.evaluate("[location.hash, document.activeElement.tagName]") == ["", "BODY"]


def test_without_a_script_links_filter_and_move(open_page: OpenPage, user: User, attempt: Attempt) -> None:
    page = log_in(open_page(javascript=False), user)
    page.goto(f"/results/{attempt.pk}/")
    page.get_by_role("link", name="Review every question").click()
    page.get_by_role("link", name="Incorrect 5").click()
    expect(page.locator("article h2")).to_have_text([f"Question {number}" for number in (3, 4, 8, 9, 12)])
    page.get_by_role("link", name="Next: question 8").click()
    page.wait_for_url(lambda url: url.endswith("?show=incorrect#q8"))


def test_on_paper_the_questions_stand_alone(page: Page, user: User, attempt: Attempt) -> None:
    log_in(page, user).goto(f"/results/{attempt.pk}/review")
    page.emulate_media(media="print")
    shown = {
        name: page.locator(name).first.is_visible()
        for name in (".filters", ".navigator", ".neighbours", "header.site-header", "article .rationale")
    }
    assert shown == {
        ".filters": False,
        ".navigator": False,
        ".neighbours": False,
        "header.site-header": False,
        "article .rationale": True,
    }
    assert page.locator("article").first.evaluate("e => getComputedStyle(e).breakInside") == "avoid"


def test_a_filter_swaps_the_questions_and_the_way_back_works(
    page: Page, user: User, attempt: Attempt
) -> None:
    log_in(page, user)
    page.goto(f"/results/{attempt.pk}/review")
    page.evaluate("window.sameDocument = true")
    page.get_by_role("link", name="Flagged 1").click()
    expect(page.locator("article.item")).to_have_count(1)
    page.wait_for_url(lambda url: url.endswith("/review?show=flagged"))
    assert page.evaluate("window.sameDocument") is True
    assert page.evaluate("document.activeElement.textContent").startswith("Flagged")
    page.go_back()
    expect(page.locator("article.item")).to_have_count(12)
    page.keyboard.press("n")
    expect(page.locator("article.item").first).to_be_focused()
    assert_no_axe_violations(page)
