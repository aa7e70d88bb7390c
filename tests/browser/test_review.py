"""The review in a real browser: both themes, narrow screens, keyboard alone, without a script, on paper."""

import datetime as dt

import pytest
from playwright.sync_api import Page, expect

from exam_sim.accounts.models import User
from exam_sim.exams.models import Attempt, EventKind, Sight
from questions.models import Asset
from results import notes, reports
from results.items import items_of
from results.models import Bookmark, Note, Report, ReportKind, ReportState, Tally
from tests.bank.making import make_collection, make_instructor, put
from tests.browser.axe import assert_accessible_at
from tests.browser.conftest import OpenPage
from tests.browser.sitting import eventually
from tests.browser.test_results import log_in
from tests.factories import NOW, make_attempt, make_register, make_user, make_version
from tests.results.reviewing import make_study

FIGURE = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40"/></svg>'


@pytest.fixture
def user(transactional_db: None) -> User:
    return make_user(name="Ada")


@pytest.fixture
def attempt(user: User) -> Attempt:
    """Eight items: 1 right with shares, note and bookmark; 2 wrong and reported; 3 fixed; 4 … 7 right; 8 not
    reached."""
    versions = [make_version("1.1") for _ in range(8)]
    attempt = make_attempt(user, versions, answers={n: "b" if n == 2 else "a" for n in range(1, 8)})
    Tally.objects.create(version=versions[0], sights=58, chosen={"a": 20, "b": 30, "c": 6, "d": 2})
    notes.write(user, versions[0].question_id, "Remember:\n<b>at most</b> 10 GB.", NOW)
    notes.bookmark(user, versions[0].question_id, True, NOW)
    items = items_of(attempt)
    reports.make(attempt, items[1], ReportKind.KEY, "Is b not right as well?", NOW)
    fixed, _ = reports.make(attempt, items[2], ReportKind.TYPO, "", NOW)
    reports.decide(fixed.pk, ReportState.FIXED, "Thank you, it is mended.", user, NOW + dt.timedelta(hours=1))
    return attempt


def address(attempt: Attempt, query: str = "") -> str:
    return f"/results/{attempt.pk}/review{query}"


def test_every_page_is_accessible_and_as_wide_as_the_window(page: Page, user: User, attempt: Attempt) -> None:
    log_in(page, user)
    study = make_study(user, [make_version(), make_version()], {1: "a", 2: "b"})
    make_register(study, 1, EventKind.SURE, False)
    make_register(study, 2, EventKind.SURE, True)
    pages = [
        address(attempt),
        address(attempt, "?find=option+a&show=incorrect"),
        address(attempt, "?find=nothing"),
        address(attempt, "/1/note?find=option"),
        address(attempt, "/4/report"),
        address(attempt, "/2/report"),
        address(study, "?show=lucky"),
        "/reports/",
    ]
    for path in pages:
        page.goto(path)
        assert_accessible_at(page, 1280, 390)
    page.goto(address(attempt))
    page.locator("#q4-report").click()
    page.locator("#q5-note").click()
    expect(page.locator("#q5-text")).to_be_focused()
    page.keyboard.press("Escape")
    assert_accessible_at(page, 1280, 390)


def test_a_described_figure_is_accessible(page: Page, user: User) -> None:
    version = make_version()
    asset = Asset.objects.create(sha256="ab" * 32, media_type="image/svg+xml", content=FIGURE)
    asset.versions.add(version)
    version.html["exhibits"] = [{"sha256": asset.pk, "alt": "A square", "long_description": "Four sides."}]
    version.save()
    attempt = make_attempt(user, [version], answers={1: "a"})
    log_in(page, user)
    page.goto(address(attempt))
    assert_accessible_at(page, 1280, 390)
    summary = page.get_by_text("Description of the figure")
    # WCAG 2.5.8; axe lets pass what stands apart from others.
    assert summary.evaluate("(element) => element.offsetHeight") >= 24
    summary.click()
    expect(page.get_by_text("Four sides.")).to_be_visible()


def test_the_queue_is_accessible_and_as_wide_as_the_window(page: Page, user: User) -> None:
    instructor = make_instructor()
    own = make_collection("own", instructor)
    attempt = make_attempt(user, [put(own, f"q{n}") for n in (1, 2)], answers={1: "b", 2: "a"})
    first, second = (
        reports.make(attempt, item, ReportKind.KEY, "It is b. " * 40, NOW)[0] for item in items_of(attempt)
    )
    reports.decide(second.pk, ReportState.DECLINED, "No.", instructor, NOW)
    log_in(page, instructor)
    for path in ("", "?state=all", "?state=fixed", f"{first.pk}/", f"{second.pk}/"):
        page.goto(f"/bank/reports/{path}")
        assert_accessible_at(page, 1280, 390)


def test_a_bookmark_is_set_in_place_and_said(page: Page, user: User, attempt: Attempt) -> None:
    log_in(page, user).goto(address(attempt))
    page.evaluate("window.sameDocument = true")
    page.locator("#q4-bookmark").click()
    expect(page.locator("#q4-bookmark")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#q4-bookmark")).to_be_focused()
    expect(page.get_by_role("status").first).to_have_text("Bookmarked.")
    expect(page.get_by_role("link", name="Bookmarked 2")).to_be_visible()
    page.locator("#q4-bookmark").click()
    expect(page.locator("#q4-bookmark")).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_role("status").first).to_have_text("Bookmark removed.")
    assert page.evaluate("window.sameDocument") is True
    assert Bookmark.objects.count() == 1


def test_a_form_that_is_brought_in_is_bound_before_it_can_be_submitted(
    page: Page, user: User, attempt: Attempt
) -> None:
    log_in(page, user).goto(address(attempt))
    page.evaluate(
        """() => {
          window.sameDocument = true;
          document.addEventListener("htmx:afterSwap", () => Promise.resolve().then(() => {
            const text = document.querySelector("#q5-text");
            text.value = "At once";
            text.form.requestSubmit();
          }), { once: true });
        }"""
    )
    page.locator("#q5-note").click()
    expect(page.get_by_role("link", name="Edit the note of question 5")).to_be_visible()
    assert page.evaluate("window.sameDocument") is True
    assert Note.objects.get(question=items_of(attempt)[4].question).text == "At once"


def test_by_keyboard_alone_from_question_to_note_to_report_to_search(
    page: Page, user: User, attempt: Attempt
) -> None:
    log_in(page, user).goto(address(attempt))
    page.evaluate("window.sameDocument = true")
    page.keyboard.press("e")
    expect(page.locator("#q2")).to_be_focused()
    page.keyboard.press("e")
    expect(page.locator("#q8")).to_be_focused()
    page.keyboard.press("p")
    expect(page.locator("#q7")).to_be_focused()
    page.keyboard.press("b")
    expect(page.locator("#q7-bookmark")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("w")
    expect(page.locator("#q7-text")).to_be_focused()
    page.keyboard.type("bnpew/?")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#q7-note")).to_be_focused()
    expect(page.locator("#q7 .written")).to_have_text("bnpew/?")
    page.keyboard.press("r")
    expect(page.locator("#q7-kind")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("Is it?")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#q7-report")).to_be_focused()
    expect(page.locator("#q7 .told")).to_contain_text("Nobody has decided about it yet.")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("bnpew")
    page.keyboard.press("Enter")
    expect(page.locator("article.item")).to_have_count(1)
    expect(page.locator("#find")).to_be_focused()
    expect(page.get_by_role("status").first).to_have_text("1 of 8 questions found")
    assert page.evaluate("window.sameDocument") is True
    page.wait_for_url(lambda url: url.endswith("?find=bnpew"))
    page.go_back()
    expect(page.locator("article.item")).to_have_count(8)
    page.get_by_role("button", name="All keys").click()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    assert Note.objects.count() == 2
    assert Report.objects.get(number=7).text == "Is it?"


def test_leaving_a_form_gives_the_focus_back(page: Page, user: User, attempt: Attempt) -> None:
    log_in(page, user).goto(address(attempt))
    for name in ("note", "report"):
        page.locator(f"#q4-{name}").click()
        page.locator("#q4-foot").get_by_role("link", name="Cancel").click()
        expect(page.locator(f"#q4-{name}")).to_be_focused()
    page.locator("#q2-report").click()
    expect(page.locator("#q2-foot")).to_contain_text("Is b not right as well?")
    assert "My report on question 2" in page.evaluate("document.activeElement.textContent")


def test_what_does_not_reach_the_server_is_told_and_what_was_typed_stays(
    page: Page, user: User, attempt: Attempt, expected_messages: list[str]
) -> None:
    expected_messages.extend(["net::ERR_INTERNET_DISCONNECTED", "htmx:"])
    log_in(page, user).goto(address(attempt))
    page.locator("#q4-note").click()
    page.locator("#q4-text").fill("Precious")
    page.context.set_offline(True)
    page.get_by_role("button", name="Save the note").click()
    expect(page.get_by_role("alert")).to_contain_text("That did not work: nothing was changed.")
    expect(page.locator("#q4-text")).to_have_value("Precious")
    page.context.set_offline(False)
    page.get_by_role("button", name="Save the note").click()
    expect(page.locator("#q4 .written")).to_have_text("Precious")
    expect(page.locator("#trouble")).to_be_hidden()


def test_without_a_script_everything_is_kept_and_leads_back(
    open_page: OpenPage, user: User, attempt: Attempt
) -> None:
    page = log_in(open_page(javascript=False), user)
    page.goto(address(attempt, "?show=incorrect"))
    page.locator("#q2-bookmark").click()
    page.wait_for_url(lambda url: url.endswith("/review?show=incorrect#q2"))
    page.locator("#q2-note").click()
    page.get_by_label("My note on question 2").fill("Mine")
    page.get_by_role("button", name="Save the note").click()
    page.wait_for_url(lambda url: url.endswith("/review?show=incorrect#q2"))
    assert page.locator("#q2 .written").first.inner_text() == "Mine"
    page.get_by_role("button", name="Show it anyway (question 8)").click()
    page.wait_for_url(lambda url: url.endswith("/review?show=incorrect#q8"))
    page.locator("#q8-report").click()
    page.get_by_label("What is wrong with question 8?").select_option("typo")
    page.get_by_role("button", name="Send the report").click()
    expect(page.locator("#q8 .told")).to_contain_text("My report")
    page.get_by_label("Search these questions").fill("mine")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url(lambda url: url.endswith("/review?show=incorrect&find=mine"))
    expect(page.locator("article h2")).to_have_text(["Question 2"])
    assert (Bookmark.objects.count(), Sight.objects.count()) == (2, 1)


def test_replies_are_marked_as_read(page: Page, user: User, attempt: Attempt) -> None:
    log_in(page, user).goto("/reports/")
    expect(page.get_by_text("New reply")).to_have_count(1)
    page.get_by_role("button", name="Mark the new replies as read").click()
    expect(page.get_by_text("New reply")).to_have_count(0)
    assert reports.unread(user) == 0


def test_on_paper_notes_stand_and_controls_do_not(page: Page, user: User, attempt: Attempt) -> None:
    log_in(page, user).goto(address(attempt))
    page.emulate_media(media="print")
    names = (".find", ".tools", "#q4-foot", ".keys", "#q1 .note", "#q3 .told", "#q1 .chosen-by")
    assert {name: page.locator(name).first.is_visible() for name in names} == {
        ".find": False,
        ".tools": False,
        "#q4-foot": False,
        ".keys": False,
        "#q1 .note": True,
        "#q3 .told": True,
        "#q1 .chosen-by": True,
    }


def test_who_reloads_or_comes_back_is_where_they_were(page: Page, user: User) -> None:
    """At first, questions that are not near the window have guessed heights."""
    sixty = make_attempt(user, [make_version() for _ in range(60)], answers={})
    log_in(page, user)
    page.goto(address(sixty))
    page.locator(".navigator a").nth(40).click()
    laid_out = page.locator("html.is-laid-out")
    laid_out.wait_for(state="attached")
    page.evaluate("window.scrollBy(0, 100)")
    top = "Math.round(document.querySelector('#q41').getBoundingClientRect().top)"
    eventually(page, lambda: page.evaluate(top) < 0, True)
    before = page.evaluate(top)
    page.goto("/progress/")
    page.go_back()
    eventually(page, lambda: page.evaluate(top), before)
    page.reload()
    eventually(page, lambda: page.evaluate(top), before)
    expect(page.locator(".navigator a[aria-current]")).to_have_attribute("href", "#q41")
    expect(page.locator(".navigator a[aria-current]")).to_be_in_viewport()


def test_the_list_of_questions_follows_on_a_small_screen(open_page: OpenPage, user: User) -> None:
    sixty = make_attempt(user, [make_version() for _ in range(60)], answers={})
    page = open_page(width=390)
    log_in(page, user)
    page.goto(address(sixty, "#q41"))
    expect(page.locator(".navigator a[aria-current]")).to_have_attribute("href", "#q41")
    assert page.evaluate(
        """() => {
          const link = document.querySelector(".navigator a[aria-current]");
          const [outer, inner] = [link.closest("ol").getBoundingClientRect(), link.getBoundingClientRect()];
          return outer.top <= inner.top && inner.bottom <= outer.bottom;
        }"""
    )
