"""A database that is well has no problem."""

import datetime as dt

import pytest
from django.core.management import call_command
from django.http import QueryDict

from exam_sim.exams import answers, attempts
from exam_sim.exams.forms import ItemForm
from exam_sim.exams.models import AnswerEvent, ExamProfile, LateAnswer, Sight
from exam_sim.exams.pages import SittingPage
from questions import listing
from questions.models import Question
from results.digest import digest_results
from results.grading import grade_closed
from results.integrity import Kind, problems
from tests.exams.sitting import MINUTE
from tests.exams.test_reserve import make_exams
from tests.factories import NOW, make_user
from tests.results.integrity.whole import LATER, Hand, make_whole, sit

pytestmark = pytest.mark.django_db


def bank_of_twelve() -> ExamProfile:
    mock, _ = make_exams(12)
    listing.refresh(Question.objects.values_list("pk", flat=True), today=NOW.date())
    return mock


def test_an_empty_database_has_no_problem() -> None:
    assert list(problems(NOW)) == []


def test_whatever_candidates_do_leaves_no_problem() -> None:
    make_whole()
    assert list(problems(LATER)) == []
    grade_closed(LATER)
    digest_results(LATER)
    assert list(problems(LATER)) == []


def test_a_rehearsal_that_was_made_an_ordinary_exam_leaves_no_problem() -> None:
    """Its discarded attempt holds what is kept, and does not say that it was a rehearsal."""
    mock, rehearsal = make_exams(12)
    listing.refresh(Question.objects.values_list("pk", flat=True), today=NOW.date())
    user = make_user()
    attempts.start(user, mock, NOW, seed=1)
    attempts.discard(attempts.start(user, rehearsal, NOW, seed=2).pk, user, NOW)
    assert list(problems(NOW)) == []
    ExamProfile.objects.filter(pk=rehearsal.pk).update(is_rehearsal=False)
    assert list(problems(NOW)) == []


def test_an_answer_that_comes_too_late_within_the_grace_leaves_no_problem() -> None:
    """It notes that its question was seen, while the attempt is still open."""
    attempt = attempts.start(make_user(), bank_of_twelve(), NOW, seed=1)
    hand = Hand(attempt)
    hand.intent = 31 * 60_000
    hand.send(hand.answer(3), at=32 * MINUTE)
    assert Sight.objects.get().first_attempt == attempt
    assert list(problems(NOW + 32 * MINUTE)) == []
    LateAnswer.objects.update(item=4)
    assert [found.kind for found in problems(NOW + 32 * MINUTE)] == [Kind.SIGHT]


def test_a_form_that_is_saved_after_the_servers_clock_went_back_leaves_no_problem() -> None:
    attempt = attempts.start(make_user(), bank_of_twelve(), NOW, seed=1)
    hand = Hand(attempt)
    hand.send(*(hand.answer(1) for _ in range(600)))
    page = SittingPage(attempt, NOW + MINUTE)
    form = ItemForm(QueryDict(f"answer=0&seen={page.highest_intent}"), page, NOW + MINUTE)
    answers.record(attempt.pk, attempt.user, form.events, NOW + MINUTE)
    assert AnswerEvent.objects.order_by("pk").values_list("intent_ms", flat=True).last() == 600_001
    assert list(problems(NOW + MINUTE)) == []


def test_the_shipped_bank_and_its_exams_leave_no_problem() -> None:
    call_command("load_certification", "fixtures/mls-c01", verbosity=0)
    assert list(problems(NOW)) == []
    user = make_user()
    for day, slug in enumerate(["mls-c01-full-mock", "mls-c01-dress-rehearsal"]):
        sit(attempts.start(user, ExamProfile.objects.get(pk=slug), NOW + dt.timedelta(days=day), seed=1))
    grade_closed(LATER)
    digest_results(LATER)
    assert list(problems(LATER)) == []


def test_accounts_that_go_leave_no_problem() -> None:
    whole = make_whole()
    whole.user.delete()
    assert list(problems(LATER)) == []
