"""The two exams that ship, on the bank that ships."""

import datetime as dt
import uuid
from collections.abc import Iterator
from random import Random

import pytest
from django.core.management import call_command
from django.db import transaction
from pytest_django import DjangoDbBlocker

from exam_sim.accounts.models import User
from exam_sim.exams import answers, attempts, drills, forming, reserve
from exam_sim.exams.events import Event
from exam_sim.exams.models import Attempt, EventKind, ExamProfile, Study
from tests.exams.sitting import MINUTE
from tests.factories import NOW, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True, scope="module")
def _bank(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Loaded once: each test is a savepoint within this transaction."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_certification", "fixtures/mls-c01", verbosity=0)
        with django_db_blocker.block():
            yield
        transaction.set_rollback(True)


def sit(slug: str) -> Attempt:
    return attempts.start(make_user(), ExamProfile.objects.get(pk=slug), NOW, seed=11)


def by_domain(attempt: Attempt, scored: bool) -> list[int]:
    codes = attempt.items.filter(scored=scored).values_list(
        "version__task_statement__domain__code", flat=True
    )
    return [list(codes).count(code) for code in "1234"]


def test_the_full_mock_exam_counts_all_of_its_65_items() -> None:
    attempt = sit("mls-c01-full-mock")
    assert (by_domain(attempt, True), by_domain(attempt, False)) == ([13, 16, 23, 13], [0, 0, 0, 0])
    assert attempt.wishes == []
    assert attempt.items.values("version__task_statement").distinct().count() == 15


def test_the_dress_rehearsal_scores_50_and_hides_15() -> None:
    attempt = sit("mls-c01-dress-rehearsal")
    assert (by_domain(attempt, True), by_domain(attempt, False)) == ([10, 12, 18, 10], [3, 4, 5, 3])
    assert attempt.item_count == 65


FULL, REHEARSAL = "mls-c01-full-mock", "mls-c01-dress-rehearsal"


def see_all(attempt: Attempt, now: dt.datetime) -> list[str]:
    """Look at every item and end; the questions."""
    every = range(1, attempt.item_count + 1)
    visits = [Event(uuid.uuid4(), item, EventKind.VISIT, 0, item) for item in every]
    answers.record(attempt.pk, attempt.user, visits, now, end=True)
    return list(attempt.items.values_list("question__external_id", flat=True))


def kept_for(user: User) -> set[str]:
    return set(reserve.reserved(user, "mls-c01").values_list("external_id", flat=True))


@pytest.mark.parametrize("round_", range(5))
def test_four_full_mocks_and_a_rehearsal_share_no_question_and_a_sixth_exam_says_that_it_repeats(
    round_: int,
) -> None:
    """The bank of 325 is five forms, and the rehearsal is wholly the reserve."""
    user = make_user(f"{round_}@example.org")
    seen: list[str] = []
    for number, slug in enumerate((FULL,) * 4 + (REHEARSAL,)):
        kept = kept_for(user)
        attempt = attempts.start(user, ExamProfile.objects.get(pk=slug), NOW + number * MINUTE)
        assert [wish for wish in attempt.wishes if "seen before" in wish] == []
        seen += see_all(attempt, NOW + number * MINUTE)
    assert (len(seen), len(set(seen))) == (325, 325)
    assert (set(seen[260:]), kept_for(user)) == (kept, set())
    sixth = attempts.start(user, ExamProfile.objects.get(pk=FULL), NOW + 5 * MINUTE)
    assert sixth.wishes[:4] == [
        f"{title}: {count} of {count} seen before, too few unseen ones were left."
        for title, count in (
            ("Data Engineering", 13),
            ("Exploratory Data Analysis", 16),
            ("Modeling", 23),
            ("Machine Learning Implementation and Operations", 13),
        )
    ]


def test_the_rehearsal_is_wholly_the_reserve_with_drills_in_between_too() -> None:
    user = make_user()
    full = ExamProfile.objects.get(pk=FULL)
    seen: list[str] = []
    domains = full.certification.domains.values_list("code", "task_statements__code")
    for number in range(3):
        now = NOW + 10 * number * MINUTE
        seen += see_all(attempts.start(user, full, now), now)
        kept = kept_for(user)
        picked = forming.draw(user, full, dict.fromkeys(domains, 1), now, Random(number))
        drill = drills.start(user, full, Study.DRILL, "Drill", picked, timed=False, feedback=False, now=now)
        seen += see_all(drill, now + MINUTE)
        assert drill.item_count == 15
    assert kept & set(seen) == set()
    assert (len(seen), len(set(seen))) == (3 * 65 + 3 * 15, 240)
    rehearsal = attempts.start(user, ExamProfile.objects.get(pk=REHEARSAL), NOW + 60 * MINUTE)
    assert set(rehearsal.items.values_list("question__external_id", flat=True)) == kept
    assert len(kept) == 65
