"""Pausing a study session: the clock stands, answers given before are taken, closing and extending cope."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from exam_sim.exams import answers, attempts, pausing
from exam_sim.exams.events import Refusal
from exam_sim.exams.exceptions import NotOpenError, NotStudyError
from exam_sim.exams.models import Attempt, EndedBy, State
from tests.exams.sitting import MINUTE, SECOND, body, event, make_open, make_session, standing
from tests.factories import NOW, make_user

pytestmark = pytest.mark.django_db

IDS = [str(uuid.UUID(int=number)) for number in range(1, 5)]


def times(attempt: Attempt) -> tuple[Any, ...]:
    attempt.refresh_from_db()
    return attempt.paused_at, attempt.paused_ms, attempt.deadline, attempt.close_by


def record(attempt: Attempt, *events: object, at: dt.datetime, end: bool = False) -> answers.Receipt:
    return answers.record(attempt.pk, attempt.user, body(*events), at, end=end)


def test_a_timed_session_goes_on_with_the_time_that_was_left() -> None:
    session = make_session(make_user(), minutes=20)
    pausing.pause(session.pk, session.user, NOW + 5 * MINUTE)
    assert times(session) == (NOW + 5 * MINUTE, 0, None, None)
    pausing.resume(session.pk, session.user, NOW + 65 * MINUTE)
    assert times(session) == (None, 60 * 60_000, NOW + 80 * MINUTE, NOW + 90 * MINUTE)
    pausing.pause(session.pk, session.user, NOW + 70 * MINUTE)
    pausing.resume(session.pk, session.user, NOW + 71 * MINUTE)
    assert times(session) == (None, 61 * 60_000, NOW + 81 * MINUTE, NOW + 91 * MINUTE)
    clock = attempts.clock_of(session)
    assert (clock.elapsed_ms(NOW + 71 * MINUTE), clock.total_ms) == (10 * 60_000, 20 * 60_000)


def test_an_untimed_session_is_paused_too() -> None:
    session = make_session(make_user())
    pausing.pause(session.pk, session.user, NOW + 5 * MINUTE)
    pausing.resume(session.pk, session.user, NOW + 65 * MINUTE)
    assert times(session) == (None, 60 * 60_000, None, None)
    record(session, at=NOW + 70 * MINUTE, end=True)
    session.refresh_from_db()
    assert session.time_used == 10 * MINUTE


def test_pausing_and_resuming_twice_is_once() -> None:
    session = make_session(make_user(), minutes=20)
    for minute in (5, 7):
        pausing.pause(session.pk, session.user, NOW + minute * MINUTE)
    for minute in (10, 12):
        pausing.resume(session.pk, session.user, NOW + minute * MINUTE)
    assert times(session) == (None, 5 * 60_000, NOW + 25 * MINUTE, NOW + 35 * MINUTE)


def test_only_study_sessions_can_be_paused() -> None:
    exam = make_open(make_user())
    for change in (pausing.pause, pausing.resume):
        with pytest.raises(NotStudyError):
            change(exam.pk, exam.user, NOW + MINUTE)


@pytest.mark.parametrize("at", [20 * MINUTE, 25 * MINUTE, 31 * MINUTE])
def test_what_is_over_is_not_paused(at: dt.timedelta) -> None:
    session = make_session(make_user(), minutes=20)
    with pytest.raises(NotOpenError):
        pausing.pause(session.pk, session.user, NOW + at)
    assert times(session) == (None, 0, NOW + 20 * MINUTE, NOW + 30 * MINUTE)


def test_anothers_session_is_not_there() -> None:
    session, other = make_session(make_user()), make_user("other@example.org")
    for change in (pausing.pause, pausing.resume):
        with pytest.raises(Attempt.DoesNotExist):
            change(session.pk, other, NOW + MINUTE)


def test_what_was_given_before_the_pause_is_taken_and_what_came_later_is_sent_again() -> None:
    session = make_session(make_user(), minutes=20)
    pausing.pause(session.pk, session.user, NOW + 5 * MINUTE)
    late = event(2, "answer", [1], 7 * 60_000, IDS[1])
    receipt = record(session, event(1, "answer", [2], 299_000, IDS[0]), late, at=NOW + 7 * MINUTE)
    assert receipt.results == {IDS[0]: "stored", IDS[1]: Refusal.CLOCK}
    assert standing(session) == {(1, "answer"): [2]}
    pausing.resume(session.pk, session.user, NOW + 60 * MINUTE)
    again = record(session, late | {"intent_ms": 302_000}, at=NOW + 60 * MINUTE + 2 * SECOND)
    assert again.results == {IDS[1]: "stored"}


def test_ending_a_paused_session_ends_it_when_it_was_paused() -> None:
    for minutes in (20, None):
        session = make_session(make_user(f"{minutes}@example.org"), minutes=minutes)
        pausing.pause(session.pk, session.user, NOW + 5 * MINUTE)
        record(session, at=NOW + 300 * MINUTE, end=True)
        session.refresh_from_db()
        assert (session.state, session.ended_by, session.closed_at, session.time_used) == (
            State.CLOSED,
            EndedBy.CANDIDATE,
            NOW + 5 * MINUTE,
            5 * MINUTE,
        )
        assert (session.paused_at, session.deadline) == (None, minutes and NOW + minutes * MINUTE)


def test_a_paused_session_can_be_discarded() -> None:
    session = make_session(make_user(), minutes=20)
    pausing.pause(session.pk, session.user, NOW + 5 * MINUTE)
    attempts.discard(session.pk, session.user, NOW + 300 * MINUTE)
    session.refresh_from_db()
    assert (session.state, session.closed_at) == (State.DISCARDED, NOW + 5 * MINUTE)


def test_the_sweeper_leaves_a_paused_session_alone_and_closes_it_once_it_ran_out() -> None:
    session = make_session(make_user(), minutes=20)
    pausing.pause(session.pk, session.user, NOW + 5 * MINUTE)
    assert attempts.close_expired(NOW + 300 * MINUTE) == 0
    pausing.resume(session.pk, session.user, NOW + 300 * MINUTE)
    assert attempts.close_expired(NOW + 325 * MINUTE) == 0
    assert attempts.close_expired(NOW + 325 * MINUTE + SECOND) == 1
    session.refresh_from_db()
    assert (session.closed_at, session.time_used) == (NOW + 315 * MINUTE, 20 * MINUTE)


def test_time_given_while_it_stands_is_there_when_it_goes_on() -> None:
    session = make_session(make_user(), minutes=20)
    pausing.pause(session.pk, session.user, NOW + 5 * MINUTE)
    attempts.extend(session.pk, 15, None, "power cut", NOW + 6 * MINUTE)
    assert times(session) == (NOW + 5 * MINUTE, 0, None, None)
    pausing.resume(session.pk, session.user, NOW + 10 * MINUTE)
    assert times(session) == (None, 5 * 60_000, NOW + 40 * MINUTE, NOW + 50 * MINUTE)


def test_an_untimed_session_cannot_be_given_time() -> None:
    session = make_session(make_user())
    pausing.pause(session.pk, session.user, NOW + 5 * MINUTE)
    with pytest.raises(NotOpenError):
        attempts.extend(session.pk, 15, None, "power cut", NOW + 6 * MINUTE)


def test_the_poll_says_that_the_clock_stands(client: Client) -> None:
    session = make_session(make_user(), minutes=20, started_at=timezone.now() - 10 * MINUTE)
    client.force_login(session.user)
    url = f"/attempts/{session.pk}/clock"
    assert set(client.get(url).json()["clock"]) == {"elapsed", "total", "open"}
    pausing.pause(session.pk, session.user, session.started_at + 5 * MINUTE)
    assert client.get(url).json()["clock"] == {
        "elapsed": 5 * 60_000,
        "total": 20 * 60_000,
        "open": True,
        "paused": True,
    }


# The pages


@pytest.fixture
def sitting_(client: Client) -> tuple[Client, Attempt]:
    session = make_session(make_user(), minutes=20, started_at=timezone.now() - 5 * MINUTE)
    client.force_login(session.user)
    return client, session


def test_pausing_saves_first_hides_the_questions_and_resuming_shows_them(
    sitting_: tuple[Client, Attempt],
) -> None:
    client, session = sitting_
    base = f"/attempts/{session.pk}/"
    assert client.post(f"{base}?q=2", {"action": "pause", "answer": "3"}).url == f"{base}?q=2"
    assert standing(session) == {(2, "answer"): [3]}
    text = client.get(f"{base}?q=2").content.decode()
    assert "1 of 4 answered, 0:15:00 left" in text
    assert "Stem" not in text
    assert client.get(f"{base}review").url == base
    assert client.get(f"{base}end").status_code == 200
    assert client.post(f"{base}resume?q=2").url == f"{base}?q=2"
    assert "Stem" in client.get(f"{base}?q=2").content.decode()


def test_a_form_that_comes_while_it_stands_changes_nothing(sitting_: tuple[Client, Attempt]) -> None:
    """A server's clock that stands would take whatever is posted, for as long as one thinks about it."""
    client, session = sitting_
    address = f"/attempts/{session.pk}/"
    client.post(f"{address}pause")
    before = session.events.count()
    told = client.post(f"{address}?q=1", {"answer": "0", "action": "check", "seen": "0"}, follow=True)
    assert "The session is paused: what you chose was left out." in told.content.decode()
    again = client.post(f"{address}?q=1", {"action": "pause", "seen": "0"}, follow=True)
    assert "was left out" not in again.content.decode()
    assert session.events.count() == before


def test_pausing_by_its_own_address_and_ending_from_there(sitting_: tuple[Client, Attempt]) -> None:
    client, session = sitting_
    base = f"/attempts/{session.pk}/"
    assert client.post(f"{base}pause").url == f"{base}?q=1"
    assert client.post(f"{base}end").url == f"/results/{session.pk}/"
    session.refresh_from_db()
    assert (session.state, session.ended_by) == (State.CLOSED, EndedBy.CANDIDATE)


def test_a_log_in_in_between_pauses_and_resumes_nothing(sitting_: tuple[Client, Attempt]) -> None:
    client, session = sitting_
    before = times(session)
    for path in ("pause", "resume"):
        assert client.get(f"/attempts/{session.pk}/{path}").url == f"/attempts/{session.pk}/?q=1"
    assert times(session) == before


def test_an_exam_is_not_paused_and_says_so(client: Client) -> None:
    exam = make_open(make_user(), started_at=timezone.now() - 5 * MINUTE)
    client.force_login(exam.user)
    response = client.post(f"/attempts/{exam.pk}/pause", follow=True)
    assert [str(message) for message in response.context["messages"]] == [
        "Only a study session can be paused."
    ]
    assert times(exam)[0] is None


def test_a_session_that_is_over_leads_to_its_result(client: Client) -> None:
    session = make_session(make_user(), minutes=20, started_at=timezone.now() - 31 * MINUTE)
    client.force_login(session.user)
    assert (
        client.post(f"/attempts/{session.pk}/pause", follow=True)
        .redirect_chain[-1][0]
        .startswith("/results/")
    )
