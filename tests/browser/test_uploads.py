"""An upload in a real browser: previewed, settled, mended, applied and undone."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from exam_sim.accounts.models import User
from questions import previewing
from questions.models import Collection, Preview, Question, Status
from tests.bank.making import make_collection, make_instructor, put
from tests.browser.axe import assert_accessible_at, assert_no_axe_violations
from tests.browser.conftest import OpenPage
from tests.browser.sitting import log_in
from tests.factories import make_profile

GIFT = """\
// [id:q-1] [tag:task_statement:1.1]
::One:: A team keeps records in bucket q-1. Which setting encrypts them? {=A key ~A rule ~Versioning}

::Two:: Which colours? {=Red =Green ~Grey}

::Three:: Which of these? {~A1 ~B2}

::Why:: Say why. {}
"""


@pytest.fixture
def instructor(transactional_db: None) -> User:
    return make_instructor()


@pytest.fixture
def collection(instructor: User) -> Collection:
    collection = make_collection("own", instructor)
    make_profile().collections.add(collection)
    return collection


def upload(page: Page, text: str = GIFT) -> None:
    page.goto(reverse("bank:upload"))
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "bank.gift", "mimeType": "text/plain", "buffer": text.encode()}
    )
    page.get_by_role("button", name="Show what would happen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What would happen with bank.gift")


@pytest.mark.parametrize("width", [1280, 390])
def test_from_the_file_to_the_bank_and_back(
    open_page: OpenPage, instructor: User, collection: Collection, width: int
) -> None:
    put(collection, "q-1")
    page = open_page(width=width)
    log_in(page, instructor)
    page.goto(reverse("bank:upload"))
    assert_no_axe_violations(page)
    upload(page)
    assert_accessible_at(page, width)
    page.get_by_role("button", name="All 2 are needed").click()
    expect(page.get_by_role("link", name="With problems 1")).to_be_visible()
    three = page.get_by_role("article").filter(has_text="Which of these?")
    three.get_by_label("Option A is correct").check()
    three.get_by_role("button", name="Check it again").click()
    expect(page.get_by_role("link", name="With problems 0")).to_be_visible()
    page.locator("#task_statement").select_option("1.2")
    page.get_by_role("button", name="Set for all 2").click()
    expect(page.get_by_role("heading", name="Apply")).to_be_visible()
    one = page.get_by_role("article").filter(has_text="q-1").first
    if one.get_by_role("button", name="Make it a new version").count():
        one.get_by_role("button", name="Make it a new version").click()
    page.get_by_label("Trial: served only in unscored places").check()
    expect(page.get_by_text("these are trial")).to_be_visible()
    page.get_by_role("button", name="Import 3 questions").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Import of bank.gift")
    assert_no_axe_violations(page)
    assert Question.objects.filter(status=Status.TRIAL).count() == 2
    page.get_by_role("button", name="Undo this import").click()
    expect(page.get_by_text("2 deleted")).to_be_visible()
    assert [q.external_id for q in Question.objects.all()] == ["q-1"]


def test_without_a_script_everything_is_there(
    open_page: OpenPage, instructor: User, collection: Collection
) -> None:
    page = open_page(javascript=False)
    log_in(page, instructor)
    upload(page, GIFT.partition("\n\n")[0])
    page.get_by_role("button", name="Import 1 question").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Import of bank.gift")
    assert Question.objects.get().external_id == "q-1"


def test_a_long_file_shows_how_far_it_was_read(
    open_page: OpenPage, instructor: User, collection: Collection
) -> None:
    preview = previewing.begin(
        instructor, collection, file_name="bank.gift", content=GIFT.encode(), now=timezone.now()
    )
    Preview.objects.filter(pk=preview.pk).update(beat=timezone.now(), done=0.4)
    page = open_page()
    log_in(page, instructor)
    page.goto(reverse("bank:preview", args=[preview.pk]))
    expect(page.get_by_label("40 % read")).to_have_attribute("value", "0.400")
    assert_no_axe_violations(page)
    Preview.objects.filter(pk=preview.pk).update(beat=None)
    previewing.read_in(preview.pk, timezone.now)
    expect(page.get_by_role("heading", level=1)).to_have_text("What would happen with bank.gift")


def test_the_export_page_says_what_is_left_out(
    open_page: OpenPage, instructor: User, collection: Collection
) -> None:
    put(collection, "q-1")
    page = open_page()
    log_in(page, instructor)
    page.goto(f"{reverse('bank:export')}?all=1")
    expect(page.get_by_text("The rationales of 1 question")).not_to_have_count(0)
    assert_no_axe_violations(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as GIFT").click()
    assert download.value.suggested_filename.endswith(".gift")


def test_a_change_keeps_the_focus_and_what_was_typed_elsewhere_and_is_said(
    open_page: OpenPage, instructor: User, collection: Collection
) -> None:
    page = open_page()
    log_in(page, instructor)
    upload(page)
    page.locator("#stem-3").fill("Typed, not sent yet?")
    page.locator("#pick-3").check()
    page.get_by_role("button", name="All 2 are needed").press("Enter")
    expect(page.locator("#entry-2")).to_be_focused()
    expect(page.locator("#announcement")).to_contain_text("2 new, 1 with problems, 1 skipped.")
    expect(page.locator("#stem-3")).to_have_value("Typed, not sent yet?")
    expect(page.locator("#pick-3")).to_be_checked()
    page.get_by_label("Trial: served only in unscored places").press("Space")
    expect(page.get_by_text("these are trial")).to_be_visible()
    expect(page.get_by_label("Trial: served only in unscored places")).to_be_focused()
    page.get_by_role("link", name="With problems 1").click()
    expect(page.get_by_role("article")).to_have_count(1)
    expect(page.get_by_role("link", name="With problems 1")).to_be_focused()
    page.get_by_label("Option A is correct").check()
    page.get_by_role("button", name="Check it again question 3").press("Enter")
    expect(page.get_by_text("No question here.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_every_page_of_the_bank_leads_to_the_others(
    open_page: OpenPage, instructor: User, collection: Collection
) -> None:
    page = open_page(width=320)
    log_in(page, instructor)
    page.goto(reverse("bank:questions"))
    for name, title in (
        ("New question", "New question: question bank"),
        ("Upload", "Upload questions"),
        ("Imports", "Imports"),
        ("Coverage", "Coverage"),
        ("Questions", "Question bank"),
    ):
        page.get_by_role("navigation", name="Question bank").get_by_role(
            "link", name=name, exact=True
        ).click()
        expect(page).to_have_title(re.compile(f"^{re.escape(title)}"))
        assert_no_axe_violations(page)
        assert page.evaluate("document.documentElement.scrollWidth") == 320
