"""The pacing page in a real browser: themes, narrow screens, paper, colours of the system, the keyboard."""

import datetime as dt
import random
import uuid

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from exam_sim.accounts.models import User
from exam_sim.exams.models import AnswerEvent, Attempt, EventKind, State
from tests.browser.axe import assert_accessible_at
from tests.browser.conftest import OpenPage
from tests.browser.sitting import log_in
from tests.factories import make_attempt, make_user, make_version

SECOND = 1_000


@pytest.fixture
def user(transactional_db: None) -> User:
    return make_user()


def sit(user: User, items: int) -> Attempt:
    """Some 2 h 50 min over `items` questions, a fifth of them visited again, some of those changed; the
    first is in an open exam too."""
    rng = random.Random(7)
    versions = [make_version(rng.choice(["1.1", "1.2", "2.1"])) for _ in range(items)]
    events: list[AnswerEvent] = []
    answers: dict[int, str] = {}
    now_ms = 0

    def note(number: int, kind: EventKind, value: object) -> None:
        events.append(
            AnswerEvent(
                event_id=uuid.UUID(int=rng.getrandbits(128)),
                item=number,
                kind=kind,
                value=value,
                intent_ms=now_ms,
                received_at=timezone.now(),
            )
        )

    def visit(number: int, seconds: int) -> None:
        nonlocal now_ms
        if rng.random() < 0.9:
            answers[number] = rng.choice("aaabcd")
        begun = now_ms
        now_ms += seconds * SECOND
        if number in answers:
            note(number, EventKind.ANSWER, ["dcba".index(answers[number])])
        note(number, EventKind.VISIT, now_ms - begun)

    for number in range(1, items + 1):
        visit(number, rng.choice([25, 35, 70, 110, 150, 170, 420]))
    for number in sorted(rng.sample(range(1, items + 1), items // 5)):
        visit(number, rng.choice([20, 60, 120]))
    attempt = make_attempt(user, versions, answers=answers)
    Attempt.objects.filter(pk=attempt.pk).update(
        closed_at=attempt.started_at + dt.timedelta(milliseconds=now_ms + 90_000)
    )
    for event in events:
        event.attempt = attempt
    AnswerEvent.objects.bulk_create(events)
    make_attempt(user, versions[:1], state=State.OPEN, started_at=timezone.now())
    return attempt


def test_the_page_is_accessible_and_as_wide_as_the_window(page: Page, user: User) -> None:
    attempt = sit(user, 12)
    log_in(page, user)
    page.goto(f"/results/{attempt.pk}/pacing")
    assert_accessible_at(page, 1280, 390, 320)


def test_the_drawing_has_a_name_and_stays_inside_its_card(open_page: OpenPage, user: User) -> None:
    attempt = sit(user, 12)
    page = open_page(width=390)
    log_in(page, user)
    page.goto(f"/results/{attempt.pk}/pacing")
    name = "When each question was in front of you. The table below says the same in words."
    expect(page.get_by_role("img", name=name)).to_have_count(1)
    outside = page.evaluate("""() => {
      const card = document.querySelector(".drawing").parentElement.getBoundingClientRect();
      return [...document.querySelectorAll(".timeline *")].filter((mark) => {
        const box = mark.getBoundingClientRect();
        return box.left < card.left || box.right > card.right;
      }).length;
    }""")
    assert outside == 0


def test_every_link_is_reached_by_keyboard_and_leads_to_its_question(page: Page, user: User) -> None:
    attempt = sit(user, 3)
    log_in(page, user)
    page.goto(f"/results/{attempt.pk}/pacing")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('.pacing-table') !== null"):
            break
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/results/{attempt.pk}/review#q2")


def test_on_paper_and_in_colours_of_the_system_the_drawing_stands(page: Page, user: User) -> None:
    attempt = sit(user, 3)
    log_in(page, user)
    page.goto(f"/results/{attempt.pk}/pacing")
    page.emulate_media(media="print")
    shown = {name: page.locator(name).first.is_visible() for name in (".timeline", "header.site-header")}
    assert shown == {".timeline": True, "header.site-header": False}
    page.emulate_media(media="screen", forced_colors="active")
    stay = page.locator(".timeline .stay").first
    canvas = page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor")
    assert stay.evaluate("e => getComputedStyle(e).stroke") != canvas
