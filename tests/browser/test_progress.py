"""Progress, and what stands beside a score, in a real browser: themes, narrow screens, keyboard, paper."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from exam_sim.accounts.models import User
from exam_sim.exams.models import Attempt, Mode, Study
from questions import pools
from questions.models import Collection
from results.grading import result_for
from results.models import ExamDate
from tests.browser.axe import assert_accessible_at, assert_no_axe_violations
from tests.browser.conftest import OpenPage
from tests.browser.test_results import log_in
from tests.factories import make_profile, make_sighted_attempt, make_user, make_version

DAY = dt.timedelta(days=1)
STUDY: dict[str, Any] = {
    "mode": Mode.STUDY,
    "study": Study.DRILL,
    "title": "Drill: 1.2 Ingest data",
    "seconds_granted": None,
    "deadline": None,
    "close_by": None,
}
PAGE_WIDTH_ON_PAPER = 680


@pytest.fixture
def user(transactional_db: None) -> User:
    make_profile().collections.add(Collection.objects.get())
    return make_user()


@pytest.fixture
def attempts(user: User) -> list[Attempt]:
    """Two whole forms, one that was broken off, a drill with confidence, and a day for the exam."""
    reading = [
        {"title": f"A guide to {'all_kinds_of_pipelines' * 3}", "url": "https://docs.example.org/long"}
    ]
    codes = ["1.1", "1.2", "2.1"]
    now = timezone.now()

    def sat(days: int, right: int, total: int = 24, **fields: Any) -> Attempt:
        versions = [make_version(codes[n % 3], references=reading) for n in range(total)]
        begun = now - days * DAY - dt.timedelta(hours=3)
        answers = dict.fromkeys(range(1, right + 1), "a")
        attempt = make_sighted_attempt(user, versions, answers=answers, started_at=begun, **fields)
        result_for(attempt, now)
        return attempt

    ExamDate.objects.create(user=user, certification_id="mls-c01", date=timezone.localdate() + 20 * DAY)
    sure = {n: n % 3 > 0 for n in range(1, 21)}
    made = [sat(9, 14), sat(7, 3, shown=range(1, 8)), sat(2, 18), sat(1, 14, 20, sure=sure, **STUDY)]
    pools.renumber(Collection.objects.get())
    return made


def addresses(attempts: list[Attempt]) -> list[str]:
    return ["/progress/", "/results/", *(f"/results/{attempt.pk}/" for attempt in attempts)]


def test_every_page_is_accessible_and_as_wide_as_the_window(
    page: Page, user: User, attempts: list[Attempt]
) -> None:
    log_in(page, user)
    for address in addresses(attempts):
        page.goto(address)
        for summary in page.locator("main summary").all():
            summary.click()
        assert_accessible_at(page, 1280, 390, 320)


def test_a_newcomer_finds_a_page_that_invites(page: Page, user: User) -> None:
    log_in(page, user).goto("/progress/")
    assert_no_axe_violations(page)
    page.get_by_role("region", name="Next").get_by_role("link", name="Rules and start").click()
    page.wait_for_url(lambda url: url.endswith("/mls-c01-full-mock/"))


def test_drawings_are_named_or_stand_beside_words(page: Page, user: User, attempts: list[Attempt]) -> None:
    log_in(page, user)
    for address in addresses(attempts):
        page.goto(address)
        expect(page.locator("main svg:not([role=img], [aria-hidden=true])")).to_have_count(0)
    page.goto("/progress/")
    chart = page.get_by_role("img", name="Scores of 3 exams against the pass mark 750")
    expect(chart).to_be_visible()
    page.get_by_text("The scores as a table").click()
    rows = page.get_by_role("region", name="Scores as a table").get_by_role("row")
    assert [" ".join(cell.inner_text().split()) for cell in rows.nth(2).get_by_role("cell").all()] == [
        "213 ◔ not yet",
        "3 of 7",
        "incomplete",
    ]


def test_the_keyboard_sets_the_day_and_takes_the_suggestion(
    page: Page, user: User, attempts: list[Attempt]
) -> None:
    ExamDate.objects.all().delete()
    log_in(page, user).goto("/progress/")
    next_up = page.get_by_role("region", name="Next")
    next_up.get_by_label("Day of your exam").focus()
    day = timezone.localdate() + 12 * DAY
    page.keyboard.type(day.strftime("%m%d%Y"))
    page.keyboard.press("Enter")
    expect(next_up).to_contain_text("12 days to your exam")
    next_up.get_by_text("Change the day").focus()
    page.keyboard.press("Enter")
    next_up.get_by_role("button", name="Remove it").focus()
    page.keyboard.press("Enter")
    expect(next_up.get_by_text("When is your exam?")).to_be_visible()
    next_up.get_by_role("button", name="Repeat").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/attempts/**")


def test_without_a_script_a_drill_is_one_click_away(
    open_page: OpenPage, user: User, attempts: list[Attempt]
) -> None:
    page = log_in(open_page(javascript=False), user)
    page.goto(f"/results/{attempts[2].pk}/")
    page.get_by_role("region", name="What to do next").get_by_role("button").first.click()
    page.wait_for_url("**/attempts/**")


def test_a_link_of_the_plan_leads_to_the_question(page: Page, user: User, attempts: list[Attempt]) -> None:
    log_in(page, user).goto(f"/results/{attempts[2].pk}/")
    link = page.get_by_role("region", name="What to do next").get_by_role("link", name="Question 24").first
    link.click()
    page.wait_for_url(lambda url: url.endswith(f"/results/{attempts[2].pk}/review#q24"))


def test_the_result_prints_on_two_sheets_at_most(page: Page, user: User, attempts: list[Attempt]) -> None:
    log_in(page, user).goto(f"/results/{attempts[2].pk}/")
    sheets = page.pdf(format="A4", margin={"top": "15mm", "bottom": "15mm", "left": "15mm", "right": "15mm"})
    assert 1 <= sheets.count(b"/Type /Page\n") <= 2
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PAGE_WIDTH_ON_PAPER, "height": 960})
    shown = {
        name: page.locator(name).first.is_visible()
        for name in ("header.site-header", ".actions", ".gain form", ".scale", ".likely", ".domains thead")
    }
    assert shown == {
        "header.site-header": False,
        ".actions": False,
        ".gain form": False,
        ".scale": True,
        ".likely": True,
        ".domains thead": True,
    }
    assert page.evaluate("document.documentElement.scrollWidth") == PAGE_WIDTH_ON_PAPER


def test_drawings_are_seen_in_the_colours_of_the_system(
    page: Page, user: User, attempts: list[Attempt]
) -> None:
    page.emulate_media(forced_colors="active", color_scheme="dark")
    log_in(page, user).goto("/progress/")
    colours = page.evaluate(
        """() => [...document.querySelectorAll('.point, .band, .pass-line, .chance-span')].map(
            drawn => [getComputedStyle(drawn).fill, getComputedStyle(drawn).stroke].join(" "))"""
    )
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert colours
    assert [colour for colour in colours if colour in (f"{ground} {ground}", f"{ground} none")] == []
