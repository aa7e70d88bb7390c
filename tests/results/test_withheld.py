"""Results that could tell a key of an exam that is being sat."""

import datetime as dt
import json

import pytest
from django.test import Client
from django.utils import timezone

from exam_sim.accounts.models import User
from exam_sim.exams.models import Attempt, Mode, State, Study
from questions.models import QuestionVersion
from results.evidence import history_of
from results.grading import result_for
from tests.factories import make_attempt, make_sighted_attempt, make_user, make_version

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def user() -> User:
    return make_user()


@pytest.fixture
def candidate(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def session(user: User, version: QuestionVersion, answer: str, ended: dt.datetime) -> Attempt:
    """A study session of one question, ended without a check; `ended` by its clock."""
    return make_sighted_attempt(
        user,
        [version],
        answers={1: answer},
        mode=Mode.STUDY,
        study=Study.DRILL,
        seconds_granted=None,
        deadline=None,
        close_by=None,
        started_at=ended - HOUR,
        closed_at=ended,
    )


def exam(user: User, version: QuestionVersion, started_at: dt.datetime) -> Attempt:
    return make_attempt(user, [version, make_version()], state=State.OPEN, started_at=started_at)


def pages(client: Client, attempt: Attempt) -> list[str]:
    """All that may speak of a result, without what is made anew for each."""
    found = []
    for where in (
        f"/results/{attempt.pk}/",
        "/results/",
        "/progress/",
        "/study/",
        "/results/data/everything.json",
    ):
        response = client.get(where)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        found.append(content.decode())
    return found


def says_nothing(client: Client, attempt: Attempt) -> bool:
    result, history, _, _, taken = pages(client, attempt)
    mine = next(one for one in json.loads(taken)["attempts"] if one["id"] == str(attempt.pk))
    return (
        "Yours is here as soon as that exam is over" in result
        and " of 1" not in result
        and "After your exam" in history
        and mine["results"] == []
    )


@pytest.mark.parametrize(
    "ended_before", [dt.timedelta(0), 2 * HOUR], ids=["ended now", "paused before the exam"]
)
def test_a_session_that_is_ended_during_an_exam_says_nothing_of_a_question_of_that_exam(
    candidate: Client, user: User, ended_before: dt.timedelta
) -> None:
    """The same pages for a right answer and for a wrong one, until the exam is over."""
    now, version = timezone.now(), make_version(key="a")
    running = exam(user, version, now - HOUR)
    right, wrong = (session(user, version, answer, now - ended_before) for answer in "ab")
    assert [says_nothing(candidate, attempt) for attempt in (right, wrong)] == [True, True]
    assert history_of(user, "mls-c01", timezone.now()).sittings == ()
    assert (
        f'href="/attempts/{running.pk}/">Go on with the exam' in candidate.get(f"/results/{right.pk}/").text
    )
    candidate.post(f"/attempts/{running.pk}/end")
    results = [result_for(attempt, now).correct for attempt in (right, wrong)]
    assert (results, [says_nothing(candidate, attempt) for attempt in (right, wrong)]) == (
        [1, 0],
        [False, False],
    )
    assert "1 of 1" in candidate.get(f"/results/{right.pk}/").text


def test_what_was_told_before_an_exam_began_stays_told(candidate: Client, user: User) -> None:
    now, version = timezone.now(), make_version(key="a")
    attempt = session(user, version, "a", now - 2 * HOUR)
    result_for(attempt, now - 2 * HOUR)
    exam(user, version, now - HOUR)
    assert not says_nothing(candidate, attempt)


def test_a_result_without_a_question_of_the_exam_or_of_another_candidates_exam_is_told(
    candidate: Client, user: User
) -> None:
    now, version = timezone.now(), make_version(key="a")
    exam(user, make_version(), now - HOUR)
    exam(make_user("other@example.org"), version, now - HOUR)
    assert not says_nothing(candidate, session(user, version, "a", now))
