"""Sitting an exam in a browser: attempts, pages logged in to them, and what the database says afterwards."""

import datetime as dt
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Locator, Page, Request
from playwright.sync_api import TimeoutError as NoResponse

from exam_sim.accounts.models import User
from exam_sim.exams.models import AnswerEvent, Attempt, EventKind, ExamProfile, Register, State
from tests.factories import make_attempt, make_version

SHIPPED = Path(settings.BASE_DIR) / "fixtures" / "mls-c01"
FULL_MOCK = "mls-c01-full-mock"
T = TypeVar("T")

CELL = "(number) => document.querySelectorAll('#navigator button.cell')[number - 1].click()"
# What a page has kept and not yet handed in. Visits ride with the next change, so they do not count.
WAITING = """() => Object.entries(localStorage)
  .filter(([key]) => key.includes(":event:"))
  .filter(([, value]) => JSON.parse(value).kind !== "visit").length"""


# Before the exam


def load_bank() -> ExamProfile:
    """The shipped bank and profiles, as `run.py` loads them; the full mock exam."""
    call_command("load_certification", str(SHIPPED), stdout=io.StringIO())
    return ExamProfile.objects.get(pk=FULL_MOCK)


def open_attempt(
    user: User, chooses: Sequence[int] = (1, 1, 2), *, left: dt.timedelta | None = None
) -> Attempt:
    """An open attempt of one item for each number of `chooses`, with four options each and keys "a", "ab", …

    `left` is the time left of its 180 minutes; all of it, if not given. Options stand as d, c, b, a.
    """
    granted = dt.timedelta(minutes=180)
    started_at = timezone.now() - (granted - (granted if left is None else left))
    versions = [make_version("2.1", key="abcd"[:choose]) for choose in chooses]
    return make_attempt(user, versions, state=State.OPEN, started_at=started_at)


def log_in(page: Page, user: User) -> None:
    """Give the page's browser a session of `user`, without the log-in page."""
    client = Client()
    client.force_login(user)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": value, "domain": "127.0.0.1", "path": "/"}]
    )


def open_exam(page: Page, attempt: Attempt, item: int = 1) -> None:
    """Open the exam page and wait until its script has taken over."""
    page.goto(f"/attempts/{attempt.pk}/?q={item}")
    page.locator("html[data-ready=true]").wait_for(state="attached")


def enter(page: Page, attempt: Attempt, item: int = 1) -> None:
    log_in(page, attempt.user)
    open_exam(page, attempt, item)


# In the exam


def option(page: Page, position: int) -> Locator:
    """The whole row of an option, which is its target."""
    return page.locator("#options .option label").nth(position)


def choose(page: Page, *positions: int) -> None:
    for position in positions:
        option(page, position).click()


def status(page: Page) -> str:
    return page.locator("#save-state").inner_text()


def wait_until_saved(page: Page) -> None:
    """Wait until the server has acknowledged every change that this browser holds."""
    eventually(page, lambda: page.evaluate(WAITING), 0)


def move_clock(attempt: Attempt, left: dt.timedelta) -> None:
    """Let `left` remain, as if the attempt had been started earlier or later."""
    now = timezone.now()
    fresh = Attempt.objects.get(pk=attempt.pk)
    granted = dt.timedelta(seconds=fresh.seconds_granted or 0)
    Attempt.objects.filter(pk=attempt.pk).update(
        started_at=now + left - granted,
        deadline=now + left,
        close_by=now + left + dt.timedelta(seconds=fresh.grace_seconds),
    )


def ask_clock(page: Page) -> None:
    """Come back to the window: the page asks the server for the time and for what it missed.

    While it is still taking the answer to an earlier question it asks no second one: then come back again.
    """
    for _ in range(20):
        try:
            with page.expect_response("**/clock?since=*", timeout=500):
                page.evaluate("window.dispatchEvent(new Event('focus'))")
        except NoResponse:
            continue
        return
    raise AssertionError("The page does not ask for the time.")


@contextmanager
def requests_of(page: Page) -> Iterator[list[str]]:
    """The addresses that the page asks for meanwhile, without host."""
    seen: list[str] = []

    def note(request: Request) -> None:
        seen.append("/" + request.url.split("/", 3)[3])

    page.on("request", note)
    yield seen
    page.remove_listener("request", note)


def horizontal_overflow(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def eventually(page: Page, read: Callable[[], T], expected: T, seconds: float = 10) -> None:
    """Wait until `read` gives `expected`, and fail with what it gave last."""
    last = timezone.now() + dt.timedelta(seconds=seconds)
    while read() != expected and timezone.now() < last:
        page.wait_for_timeout(20)
    assert read() == expected


# Afterwards


def registers(attempt: Attempt, kind: EventKind) -> dict[int, Any]:
    """What stands in the database, by item; what was cleared again is left out."""
    rows = Register.objects.filter(attempt=attempt, kind=kind).order_by("item").values_list("item", "value")
    return {item: value for item, value in rows if value not in ([], False, "")}


def answers(attempt: Attempt) -> dict[int, Any]:
    return registers(attempt, EventKind.ANSWER)


def log_size(attempt: Attempt) -> int:
    """How many changes were taken; visits do not count."""
    return AnswerEvent.objects.filter(attempt=attempt).exclude(kind=EventKind.VISIT).count()


def state_of(attempt: Attempt) -> str:
    return Attempt.objects.values_list("state", flat=True).get(pk=attempt.pk)


def key_positions(attempt: Attempt) -> list[list[int]]:
    """The right positions of each item, in the order in which this candidate sees the options."""
    return [
        sorted(item.option_order.index(option["id"]) for option in item.version.options if option["correct"])
        for item in attempt.items.select_related("version").order_by("number")
    ]


def mixed_answers(attempt: Attempt) -> tuple[dict[int, list[int]], int]:
    """What to choose by item, and how many of these are right: every fourth item is wrong, every eleventh is
    left open, and every item of several keys whose number is odd lacks one of them."""
    plan: dict[int, list[int]] = {}
    right = 0
    items = zip(key_positions(attempt), attempt.shape, strict=True)
    for number, (key, (options, asked)) in enumerate(items, start=1):
        if number % 11 == 0:
            continue
        if asked > 1 and number % 2:
            plan[number] = key[:-1]
        elif number % 4 == 0:
            plan[number] = [position for position in range(options) if position not in key][:asked]
        else:
            plan[number] = key
            right += 1
    return plan, right


def scaled(right: int, scored: int) -> int:
    """The score by hand: 100 and 900 times the share, halves rounded up."""
    return int(100 + Fraction(900 * right, scored) + Fraction(1, 2))


def flags(numbers: Sequence[int]) -> Mapping[int, object]:
    return dict.fromkeys(numbers, True)
