import datetime as dt
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from fsrs import Rating
from pytest_django.fixtures import DjangoAssertNumQueries

from exam_sim.accounts.models import User
from exam_sim.exams import previews
from exam_sim.exams.models import Attempt, Mode, Reserve, ReservedQuestion, State, Study
from questions.models import Certification, KeyCorrection, Question, QuestionVersion, Status
from results import cards, schedule
from results.answered import answered
from results.models import Card
from tests.factories import NOW, make_sighted_attempt, make_user, make_version

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
CLOSED = NOW + dt.timedelta(hours=2)
TODAY = NOW.date()


@pytest.fixture
def user() -> User:
    return make_user()


def sat(user: User, versions: list[QuestionVersion], day: int = 0, **fields: Any) -> Attempt:
    """An attempt that was closed at CLOSED, or `day` days later, and taken into the cards."""
    attempt = make_sighted_attempt(user, versions, started_at=NOW + day * DAY, **fields)
    take_in(attempt)
    return attempt


def take_in(attempt: Attempt) -> None:
    assert attempt.closed_at is not None
    cards.review(attempt.user_id, answered(attempt), attempt.closed_at)


def make_card(
    user: User,
    due: dt.datetime,
    version: QuestionVersion | None = None,
    stability: float = 2.0,
    days: int = 10,
) -> UUID:
    """A card last reviewed `days` before NOW; its question's id."""
    version = version or make_version()
    Card.objects.create(
        user=user,
        question=version.question,
        due=due,
        last_review=NOW - days * DAY,
        stability=stability,
        difficulty=5,
    )
    return version.question_id


def correct_key(version: QuestionVersion, at: dt.datetime) -> None:
    after = make_version(question=version.question)
    KeyCorrection.objects.create(
        question=version.question, before=version, after=after, reason="Wrong", at=at
    )


def standing(user: User) -> dict[UUID, schedule.State]:
    rows = Card.objects.filter(user=user)
    return {c.question_id: schedule.State(c.stability, c.difficulty, c.due, c.last_review) for c in rows}


def test_each_displayed_item_is_a_review_when_the_attempt_was_closed(user: User) -> None:
    versions = [make_version() for _ in range(5)]
    sat(
        user,
        versions,
        answers={1: "a", 2: "a", 3: "b"},
        sure={1: True, 2: False, 3: True},
        unscored={2},
        shown={1, 2, 3, 4},
    )
    ratings = [Rating.Good, Rating.Hard, Rating.Again, Rating.Again]
    assert standing(user) == {
        version.question_id: schedule.review(None, rating, CLOSED)
        for version, rating in zip(versions[:4], ratings, strict=True)
    }


def test_a_later_attempt_goes_on_from_the_card(user: User) -> None:
    version = make_version()
    sat(user, [version], answers={1: "a"})
    sat(user, [make_version(question=version.question)], day=3, answers={1: "b"})
    first = schedule.review(None, Rating.Good, CLOSED)
    assert standing(user) == {version.question_id: schedule.review(first, Rating.Again, CLOSED + 3 * DAY)}


def test_an_older_attempt_that_comes_later_moves_no_card_back(user: User) -> None:
    version, other = make_version(), make_version()
    sat(user, [version], day=3, answers={1: "a"})
    sat(user, [version, other], answers={1: "b", 2: "a"})
    assert standing(user) == {
        version.question_id: schedule.review(None, Rating.Good, CLOSED + 3 * DAY),
        other.question_id: schedule.review(None, Rating.Good, CLOSED),
    }


def test_an_answer_under_a_key_that_was_corrected_moves_no_card(user: User) -> None:
    version = make_version()
    attempt = make_sighted_attempt(user, [version], answers={1: "a"})
    correct_key(version, CLOSED)
    take_in(attempt)
    assert standing(user) == {}


@pytest.mark.parametrize("items", [1, 3])
def test_a_review_is_two_statements(
    user: User, items: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    attempt = make_sighted_attempt(user, [make_version() for _ in range(items)])
    answers = answered(attempt)
    for _ in range(2):
        with django_assert_num_queries(2):
            cards.review(user.pk, answers, CLOSED)
        Card.objects.update(last_review=NOW)


def test_what_is_due_today_is_asked_for_by_what_is_least_likely_remembered(user: User) -> None:
    likely = make_card(user, NOW - 3 * DAY, stability=9)
    overdue = make_card(user, NOW - DAY, stability=1)
    tonight = make_card(user, dt.datetime(2026, 3, 2, 23, 59, tzinfo=dt.UTC), stability=3)
    make_card(user, dt.datetime(2026, 3, 3, tzinfo=dt.UTC))
    make_card(make_user("other@example.org"), NOW - DAY)
    assert cards.due(user, "mls-c01", NOW, None, 10) == [overdue, tonight, likely]
    assert cards.due(user, "mls-c01", NOW, None, 2) == [overdue, tonight]


def test_equally_remembered_the_one_that_was_due_first_comes_first(user: User) -> None:
    later = make_card(user, NOW - DAY)
    first = make_card(user, NOW - 2 * DAY)
    assert cards.due(user, "mls-c01", NOW, None, 10) == [first, later]


def test_on_the_exam_date_all_is_due_and_before_and_after_it_what_is_due_anyway(user: User) -> None:
    now_due, far = make_card(user, NOW, stability=1), make_card(user, NOW + 90 * DAY)

    def due(exam_date: dt.date | None) -> list[UUID]:
        found = cards.due(user, "mls-c01", NOW, exam_date, 10)
        assert cards.count_due(user, "mls-c01", NOW, exam_date) == len(found)
        return found

    assert due(TODAY) == [now_due, far]
    assert due(TODAY + DAY) == due(TODAY - DAY) == due(None) == [now_due]


def test_a_question_whose_key_was_corrected_after_its_last_review_is_due_at_once_and_first(
    user: User,
) -> None:
    version, old = make_version(), make_version()
    correct_key(version, NOW - DAY)
    correct_key(old, NOW - 11 * DAY)
    corrected = make_card(user, NOW + 90 * DAY, version, stability=99)
    make_card(user, NOW + 90 * DAY, old, stability=99)
    overdue = make_card(user, NOW - DAY, stability=0.1)
    assert cards.due(user, "mls-c01", NOW, None, 10) == [corrected, overdue]
    assert cards.count_due(user, "mls-c01", NOW, None) == 2


def test_questions_that_are_kept_running_or_served_no_more_are_not_due(user: User) -> None:
    kept, running, closed, previewed, trial = (make_version() for _ in range(5))
    for version in (kept, running, closed, previewed, trial):
        make_card(user, NOW, version)
    for status in (Status.RETIRED, Status.DRAFT):
        version = make_version()
        make_card(user, NOW, version)
        Question.objects.filter(pk=version.question_id).update(status=status)
    Question.objects.filter(pk=trial.question_id).update(status=Status.TRIAL)
    reserve = Reserve.objects.create(user=user, certification_id="mls-c01", drawn_at=NOW)
    ReservedQuestion.objects.create(reserve=reserve, question=kept.question)
    make_sighted_attempt(user, [running], state=State.OPEN)
    make_sighted_attempt(user, [closed])
    previews.start(user, Question.objects.filter(pk=previewed.question_id), NOW)
    asked = {closed.question_id, previewed.question_id, trial.question_id}
    assert set(cards.due(user, "mls-c01", NOW, None, 10)) == asked
    assert cards.count_due(user, "mls-c01", NOW, None) == len(asked)
    Reserve.objects.update(spent_at=NOW)
    assert set(cards.due(user, "mls-c01", NOW, None, 10)) == asked | {kept.question_id}


def test_a_question_of_an_open_study_session_is_not_due(user: User) -> None:
    version = make_version()
    make_card(user, NOW, version)
    untimed = {"seconds_granted": None, "deadline": None, "close_by": None}
    make_sighted_attempt(user, [version], state=State.OPEN, mode=Mode.STUDY, study=Study.DUE, **untimed)
    assert cards.due(user, "mls-c01", NOW, None, 10) == []


def test_what_is_due_is_of_one_certification(user: User) -> None:
    make_card(user, NOW)
    Certification.objects.create(slug="other", title="Other")
    assert cards.due(user, "other", NOW, None, 10) == []


def test_days_are_those_of_the_site(user: User) -> None:
    late = make_card(user, dt.datetime(2026, 3, 2, 14, 59, tzinfo=dt.UTC))
    make_card(user, dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.UTC))
    far = make_card(user, NOW + 90 * DAY)
    with timezone.override("Asia/Tokyo"):
        assert cards.due(user, "mls-c01", NOW, None, 10) == [late]
        assert far in cards.due(user, "mls-c01", NOW.replace(hour=15), TODAY + DAY, 10)  # midnight
        assert far not in cards.due(user, "mls-c01", NOW.replace(hour=15), TODAY, 10)


@pytest.mark.parametrize("count", [1, 3])
def test_what_is_due_is_one_query(
    user: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        make_card(user, NOW)
    with django_assert_num_queries(1):
        assert len(cards.due(user, "mls-c01", NOW, TODAY, 10)) == count
    with django_assert_num_queries(1):
        assert cards.count_due(user, "mls-c01", NOW, TODAY) == count
