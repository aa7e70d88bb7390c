"""Starting a study session: what is asked, in which order, in how much time."""

import uuid
from collections.abc import Sequence
from typing import Any

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from exam_sim.accounts.models import ExtraTime, User
from exam_sim.exams import attempts, drills
from exam_sim.exams.exceptions import NothingToStudyError
from exam_sim.exams.models import (
    Attempt,
    ExamProfile,
    Mode,
    Reserve,
    ReservedQuestion,
    State,
    Study,
)
from questions.models import Collection, Question, QuestionVersion, Status
from tests.exams.sitting import MINUTE
from tests.exams.test_attempts import make_bank
from tests.factories import NOW, make_attempt, make_profile, make_user, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return make_user()


@pytest.fixture
def versions() -> list[QuestionVersion]:
    return [make_version(), make_version("2.1", key="ab", options="abcde"), make_version("1.2", key="c")]


@pytest.fixture
def profile(versions: list[QuestionVersion]) -> ExamProfile:
    """65 items in 180 minutes over the collection of `versions`."""
    profile = make_profile()
    profile.collections.set(Collection.objects.all())
    return profile


def ids(versions: Sequence[QuestionVersion]) -> list[uuid.UUID]:
    return [version.question_id for version in versions]


def start(user: User, profile: ExamProfile, questions: Sequence[uuid.UUID], **fields: Any) -> Attempt:
    options: dict[str, Any] = {"timed": False, "feedback": True, "now": NOW} | fields
    return drills.start(user, profile, Study.DRILL, "Domain drill", questions, **options)


def asked(attempt: Attempt) -> list[uuid.UUID]:
    return list(attempt.items.order_by("number").values_list("question_id", flat=True))


def test_a_session_holds_the_questions_in_the_order_given_and_freezes_what_it_needs(
    user: User, profile: ExamProfile, versions: list[QuestionVersion]
) -> None:
    attempt = start(user, profile, ids(versions), seed=7)
    attempt.refresh_from_db()
    assert (attempt.mode, attempt.study, attempt.feedback, attempt.state, attempt.title) == (
        Mode.STUDY,
        Study.DRILL,
        True,
        State.OPEN,
        "Domain drill",
    )
    assert (attempt.profile, attempt.started_at, attempt.seed) == (profile, NOW, 7)
    assert (attempt.deadline, attempt.close_by, attempt.seconds_granted, attempt.seconds_extra) == (
        None,
        None,
        None,
        0,
    )
    assert (attempt.pass_mark, attempt.scale_min, attempt.scale_max, attempt.grace_seconds) == (
        750,
        100,
        1000,
        600,
    )
    items = list(attempt.items.order_by("number"))
    assert [(i.number, i.question_id, i.version_id, i.scored) for i in items] == [
        (number, version.question_id, version.pk, True) for number, version in enumerate(versions, start=1)
    ]
    assert [sorted(item.option_order) for item in items] == [[*"abcd"], [*"abcde"], [*"abcd"]]
    assert attempt.shape == [[4, 1], [5, 2], [4, 1]]
    assert attempt.blueprint == [
        {
            "code": "1",
            "title": "Data engineering",
            "weight": 60,
            "scored": 2,
            "unscored": 0,
            "task_statements": [
                {"code": "1.1", "title": "Create data repositories"},
                {"code": "1.2", "title": "Ingest data"},
            ],
        },
        {
            "code": "2",
            "title": "Modeling",
            "weight": 40,
            "scored": 1,
            "unscored": 0,
            "task_statements": [{"code": "2.1", "title": "Train models"}],
        },
    ]


def test_options_stand_as_the_seed_shuffles_them(
    user: User, profile: ExamProfile, versions: list[QuestionVersion]
) -> None:
    orders = [
        [
            item.option_order
            for item in start(user, profile, ids(versions), seed=seed).items.order_by("number")
        ]
        for seed in (1, 1, 2)
    ]
    assert orders[0] == orders[1] != orders[2]


@pytest.mark.parametrize(
    ("extra_time", "count", "seconds", "extra"),
    [
        (ExtraTime.NONE, 3, 9 * 60, 0),  # 8.3 minutes
        (ExtraTime.NONE, 13, 36 * 60, 0),  # 36 minutes
        (ExtraTime.ESL_30, 13, 42 * 60, 6 * 60),  # and 6 of the 30
        (ExtraTime.X1_5, 3, 14 * 60, 5 * 60),  # 8.3 and 4.2 minutes
        (ExtraTime.X2, 1, 6 * 60, 3 * 60),
    ],
)
def test_a_timed_session_runs_at_exam_pace_with_extra_time_in_proportion(
    profile: ExamProfile, extra_time: str, count: int, seconds: int, extra: int
) -> None:
    user = make_user(extra_time=extra_time)
    attempt = start(user, profile, [make_version().question_id for _ in range(count)], timed=True)
    assert (attempt.seconds_granted, attempt.seconds_extra) == (seconds, extra)
    assert attempt.deadline == NOW + seconds / 60 * MINUTE
    assert attempt.close_by == attempt.deadline + 10 * MINUTE


def test_questions_that_are_kept_for_the_rehearsal_are_left_out_until_it_is_spent(
    user: User, profile: ExamProfile, versions: list[QuestionVersion]
) -> None:
    reserve = Reserve.objects.create(user=user, certification=profile.certification, drawn_at=NOW)
    ReservedQuestion.objects.create(reserve=reserve, question=versions[1].question)
    assert asked(start(user, profile, ids(versions))) == ids([versions[0], versions[2]])
    assert asked(start(make_user("other@example.org"), profile, ids(versions))) == ids(versions)
    reserve.spent_at = NOW
    reserve.save(update_fields=["spent_at"])
    assert asked(start(user, profile, ids(versions))) == ids(versions)


def test_questions_of_an_exam_that_is_being_sat_are_left_out_and_those_of_another_session_are_not(
    user: User, profile: ExamProfile, versions: list[QuestionVersion]
) -> None:
    exam = make_attempt(user, versions[:1], state=State.OPEN, profile=profile)
    make_attempt(make_user("other@example.org"), versions, state=State.OPEN, profile=profile)
    start(user, profile, ids(versions[1:]))
    assert asked(start(user, profile, ids(versions))) == ids(versions[1:])
    attempts.discard(exam.pk, user, NOW)
    assert asked(start(user, profile, ids(versions))) == ids(versions)
    assert Attempt.objects.of(user).open().count() == 3


def test_what_is_not_served_or_of_another_collection_is_left_out(
    user: User, profile: ExamProfile, versions: list[QuestionVersion]
) -> None:
    retired, trial, elsewhere = versions
    Question.objects.filter(pk=retired.question_id).update(status=Status.RETIRED)
    Question.objects.filter(pk=trial.question_id).update(status=Status.TRIAL)
    other = Collection.objects.create(slug="other", title="Other", certification=profile.certification)
    Question.objects.filter(pk=elsewhere.question_id).update(collection=other)
    bare = Question.objects.create(
        collection_id="mls-c01",
        external_id="bare",
        task_statement=trial.task_statement,
        status=Status.PUBLISHED,
    )
    questions = [*ids(versions), bare.pk, uuid.uuid4(), trial.question_id]
    assert asked(start(user, profile, questions)) == [trial.question_id]


def test_the_current_version_is_asked(user: User, profile: ExamProfile) -> None:
    old = make_version()
    new = make_version(question=old.question, key="b")
    assert start(user, profile, [old.question_id]).items.get().version == new


def test_with_nothing_left_to_ask_nothing_is_started(user: User, profile: ExamProfile) -> None:
    for questions in ([], [uuid.uuid4()]):
        with pytest.raises(NothingToStudyError) as nothing:
            start(user, profile, questions)
        assert str(nothing.value) == "None of these questions can be studied right now."
    assert Attempt.objects.count() == 0


def test_a_session_is_not_larger_than_a_hundred(user: User, profile: ExamProfile) -> None:
    questions = ids([make_version() for _ in range(101)])
    assert asked(start(user, profile, questions)) == questions[:100]


@pytest.mark.parametrize("count", [1, 3])
def test_a_start_takes_six_statements_however_many_questions_it_has(
    user: User,
    profile: ExamProfile,
    versions: list[QuestionVersion],
    count: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    Reserve.objects.create(user=user, certification=profile.certification, drawn_at=NOW)
    with django_assert_num_queries(8):  # two of them the savepoint
        start(user, profile, ids(versions[:count]), timed=True)


def test_a_candidates_first_session_draws_the_reserve_and_asks_none_of_it(user: User) -> None:
    rehearsal = make_bank(8, is_rehearsal=True)
    questions = list(Question.objects.order_by("external_id").values_list("pk", flat=True))
    attempt = start(user, rehearsal, questions)
    reserved = set(ReservedQuestion.objects.filter(reserve__user=user).values_list("question", flat=True))
    assert len(reserved) == 10
    assert asked(attempt) == [question for question in questions if question not in reserved]
    assert asked(start(user, rehearsal, questions)) == asked(attempt)


def test_a_session_that_cannot_be_started_draws_no_reserve(user: User) -> None:
    with pytest.raises(NothingToStudyError):
        start(user, make_bank(8, is_rehearsal=True), [])
    assert Reserve.objects.count() == 0
