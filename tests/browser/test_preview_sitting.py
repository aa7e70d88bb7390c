"""Sitting a selection as a candidate, and coverage, in a real browser at both widths."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from exam_sim.accounts import roles
from exam_sim.accounts.models import Role, User
from exam_sim.exams.models import Attempt, EventKind, Sight, State
from questions import listing, pools
from questions.models import Collection, Question, Status
from results.models import Result
from tests.browser.axe import assert_accessible_at
from tests.browser.conftest import OpenPage
from tests.browser.sitting import choose, key_positions, log_in, registers, wait_until_saved
from tests.factories import make_profile, make_user, make_version

SENTENCE = "Preview: it enters no statistics, history or exposure."


@pytest.fixture
def instructor(transactional_db: None) -> User:
    user = make_user("instructor@example.org")
    roles.grant(user, Role.INSTRUCTOR, by=None, now=timezone.now())
    return user


@pytest.fixture
def bank(transactional_db: None) -> None:
    """A draft, a trial and a retired question: choose one, one, two."""
    for number, status in enumerate((Status.DRAFT, Status.TRIAL, Status.RETIRED)):
        version = make_version("2.1" if number else "1.1", key="ab" if number == 2 else "a")
        Question.objects.filter(pk=version.question_id).update(status=status, external_id=f"q{number}")
        listing.refresh([version.question_id])


@pytest.mark.parametrize("width", [1280, 390])
def test_from_the_first_question_to_the_review(
    open_page: OpenPage, instructor: User, bank: None, width: int
) -> None:
    page = open_page(width=width)
    log_in(page, instructor)
    page.goto(reverse("bank:questions"))
    page.locator("#pick-all").check()
    page.get_by_role("button", name="Sit as a candidate").click()
    page.locator("html[data-ready=true]").wait_for(state="attached")
    preview = Attempt.objects.get()
    expect(page.get_by_role("region", name="Preview")).to_have_text(SENTENCE)
    expect(page.get_by_role("timer")).to_have_text("untimed")
    assert_accessible_at(page, width)
    keys = key_positions(preview)
    for position in keys[0]:
        choose(page, position)
    wait_until_saved(page)
    page.get_by_role("button", name="Review", exact=True).click()
    page.get_by_role("button", name="End the exam …").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="End and discard")).to_be_hidden()
    dialog.get_by_role("button", name="End the exam").click()
    page.wait_for_url(f"**{reverse('results:review', args=[preview.pk])}")
    expect(page.locator(".review-head .message").first).to_have_text(SENTENCE)
    expect(page.locator("article.item .badges")).to_have_text(["✓ Correct", "○ Unanswered", "○ Unanswered"])
    assert_accessible_at(page, width)
    preview.refresh_from_db()
    assert preview.state == State.CLOSED
    assert registers(preview, EventKind.ANSWER) == {1: keys[0]}
    assert (Result.objects.count(), Sight.objects.count()) == (0, 0)
    page.get_by_role("link", name="Back to the question bank").click()
    page.wait_for_url(f"**{reverse('bank:questions')}")
    page.goto(reverse("results:history"))
    expect(page.get_by_role("link", name="Preview of 3 questions")).to_have_count(0)


def test_without_a_script_too(open_page: OpenPage, instructor: User, bank: None) -> None:
    page = open_page(javascript=False)
    log_in(page, instructor)
    page.goto(reverse("bank:questions"))
    page.get_by_role("checkbox", name="Select q1").check()
    page.get_by_role("button", name="Sit as a candidate").click()
    page.wait_for_url("**/attempts/**")
    preview = Attempt.objects.get()
    assert [item.question.external_id for item in preview.items.all()] == ["q1"]
    page.goto(f"/attempts/{preview.pk}/end")
    expect(page.get_by_role("region", name="Preview")).to_have_text(SENTENCE)
    expect(page.get_by_text("A preview has no score: its review follows.")).to_be_visible()
    page.get_by_role("button", name="End the exam").click()
    page.wait_for_url(f"**{reverse('results:review', args=[preview.pk])}")


def test_coverage_is_accessible_and_as_wide_as_the_window(page: Page, instructor: User) -> None:
    for place, key in [("1.1", "a"), ("1.2", "ab"), ("2.1", "a"), ("2.1", "b")]:
        make_version(place, key=key)
    pools.renumber(Collection.objects.get())
    for slug, scored, unscored in (("ready", 4, 0), ("short", 8, 6)):
        profile = make_profile(slug, title=slug.capitalize(), scored=scored, unscored=unscored)
        profile.collections.set(Collection.objects.all())
    log_in(page, instructor)
    page.goto(reverse("bank:coverage"))
    assert_accessible_at(page, 390, 1280)
    short = page.get_by_role("region", name="Places of Short by domain").get_by_role("row")
    assert [" ".join(row.inner_text().split()) for row in short.all()] == [
        "Domain Scored places Unscored places Published Trial Missing Fresh forms",
        "1 Data engineering 5 4 2 0 7 0",
        "2 Modeling 3 2 2 0 3 0",
    ]
