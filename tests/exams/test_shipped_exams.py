"""The two exams that ship, on the bank that ships."""

import uuid

import pytest
from django.core.management import call_command

from exam_sim.exams import answers, attempts
from exam_sim.exams.events import Event
from exam_sim.exams.models import Attempt, EventKind, ExamProfile
from tests.exams.sitting import MINUTE
from tests.factories import NOW, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _bank() -> None:
    call_command("load_certification", "fixtures/mls-c01", verbosity=0)


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


def test_five_exams_share_no_question_and_a_sixth_says_that_it_repeats() -> None:
    """Four full mock exams, then a dress rehearsal: no question comes twice."""
    user = make_user()
    full, rehearsal = ExamProfile.objects.order_by("position")
    seen: list[str] = []
    for number, profile in enumerate((full, full, full, full, rehearsal)):
        attempt = attempts.start(user, profile, NOW + number * MINUTE)
        assert [wish for wish in attempt.wishes if "seen before" in wish] == []
        seen += attempt.items.values_list("question__external_id", flat=True)
        visits = [Event(uuid.uuid4(), item, EventKind.VISIT, 0, item) for item in range(1, 66)]
        answers.record(attempt.pk, user, visits, NOW + number * MINUTE, end=True)
    assert (len(seen), len(set(seen))) == (325, 325)
    sixth = attempts.start(user, full, NOW + 5 * MINUTE)
    assert sixth.wishes[:4] == [
        f"{title}: {count} of {count} seen before, too few unseen ones were left."
        for title, count in (
            ("Data Engineering", 13),
            ("Exploratory Data Analysis", 16),
            ("Modeling", 23),
            ("Machine Learning Implementation and Operations", 13),
        )
    ]
