"""Several processes at one attempt, on a database that has row locks."""

import threading
from collections.abc import Callable
from functools import partial
from random import Random

import pytest
from django.db import connection

from exam_sim.exams import answers, attempts, drills, forming, pausing, reserve
from exam_sim.exams.exceptions import NotOpenError
from exam_sim.exams.models import AnswerEvent, Attempt, Reserve, State, Study
from tests.exams.sitting import MINUTE, body, event, make_open, make_session, standing
from tests.exams.test_attempts import make_bank
from tests.exams.test_reserve import make_exams
from tests.factories import NOW, make_profile, make_user

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def at_once(*tasks: Callable[[], object]) -> list[object]:
    """Run `tasks` in threads that begin together; what each returned or raised."""
    barrier = threading.Barrier(len(tasks))
    outcomes: list[object] = [None] * len(tasks)

    def run(index: int, task: Callable[[], object]) -> None:
        barrier.wait()
        try:
            outcomes[index] = task()
        except Exception as error:  # noqa: BLE001 - handed to the test
            outcomes[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index, task)) for index, task in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_eight_posts_at_once_lose_nothing() -> None:
    attempt = make_open(make_user())

    def post(device: int) -> Callable[[], object]:
        events = [event(1 + step % 3, "answer", [device % 4], 1_000 * step + device) for step in range(1, 11)]
        return lambda: answers.record(attempt.pk, attempt.user, body(*events), NOW + MINUTE).results

    outcomes = at_once(*(post(device) for device in range(8)))
    assert [isinstance(o, dict) and set(o.values()) <= {"stored", "superseded"} for o in outcomes] == [
        True
    ] * 8
    assert AnswerEvent.objects.filter(attempt=attempt).count() == 80
    assert standing(attempt) == {(1, "answer"): [3], (2, "answer"): [3], (3, "answer"): [3]}


def test_the_same_batch_from_eight_connections_is_logged_once() -> None:
    attempt = make_open(make_user())
    batch = body(*(event(1, "answer", [step % 4], 1_000 * step) for step in range(1, 6)))
    at_once(*[lambda: answers.record(attempt.pk, attempt.user, batch, NOW + MINUTE)] * 8)
    assert AnswerEvent.objects.count() == 5
    assert standing(attempt) == {(1, "answer"): [1]}


def test_end_against_a_batch_takes_the_batch_or_calls_it_late_but_never_half() -> None:
    for round_ in range(5):
        attempt = make_open(make_user(f"{round_}@example.org"))
        batch = body(*(event(number, "answer", [1], 1_000 * number) for number in (1, 2, 3)))
        post = partial(answers.record, attempt.pk, attempt.user, batch, NOW + MINUTE)
        receipt, _ = at_once(
            post, partial(answers.record, attempt.pk, attempt.user, body(), NOW + MINUTE, end=True)
        )
        assert isinstance(receipt, answers.Receipt)
        outcomes = set(receipt.results.values())
        assert len(outcomes) == 1
        stored = {(number, "answer"): [1] for number in (1, 2, 3)}
        assert standing(attempt) == (stored if outcomes == {"stored"} else {})
        assert AnswerEvent.objects.filter(attempt=attempt).count() == (3 if outcomes == {"stored"} else 0)


def test_extend_against_close_ends_in_one_of_both() -> None:
    for round_ in range(5):
        attempt = make_open(make_user(f"{round_}@example.org"), minutes=30)
        at = NOW + 29 * MINUTE
        extended, _ = at_once(
            partial(attempts.extend, attempt.pk, 15, None, "late", at),
            partial(answers.record, attempt.pk, attempt.user, body(), at, end=True),
        )
        attempt.refresh_from_db()
        assert attempt.state == State.CLOSED
        if isinstance(extended, NotOpenError):
            assert (attempt.seconds_granted, attempt.extensions.count()) == (1800, 0)
        else:
            assert (attempt.seconds_granted, attempt.extensions.count()) == (2700, 1)


def test_eight_starts_at_once_make_one_attempt() -> None:
    profile, user = make_bank(), make_user()
    outcomes = at_once(*[lambda: attempts.start(user, profile, NOW).pk] * 8)
    assert len(set(outcomes)) == 1
    assert Attempt.objects.count() == 1


def test_first_starts_at_once_of_exams_and_sessions_draw_one_reserve() -> None:
    """Whoever comes second reads the winner's reserve: none of them shows a question of it. The exams sit ten
    questions of domain 2 at most, so of eleven there is one left to study, whoever comes last."""
    for round_ in range(5):
        mock, rehearsal = make_exams(12)
        other = make_profile("other", scored=5, minutes=30)
        other.collections.set(mock.collections.all())
        user = make_user(f"{round_}@example.org")
        picked = forming.draw(user, mock, {("1", "1.1"): 4, ("2", "2.1"): 11}, NOW, Random(round_))
        outcomes = at_once(
            partial(attempts.start, user, mock, NOW),
            partial(attempts.start, user, other, NOW),
            partial(attempts.start, user, rehearsal, NOW),
            partial(
                drills.start, user, mock, Study.DRILL, "Drill", picked, timed=False, feedback=False, now=NOW
            ),
        )
        assert [type(outcome) for outcome in outcomes] == [Attempt] * 4
        kept = set(reserve.reserved(user, mock.certification_id).values_list("pk", flat=True))
        shown = [set(a.items.values_list("question", flat=True)) & kept for a in outcomes]
        assert shown == [set(), set(), kept, set()]
        assert (len(kept), Reserve.objects.filter(user=user).count()) == (10, 1)


def test_two_rehearsals_at_once_are_one_that_spends_the_reserve() -> None:
    mock, rehearsal = make_exams()
    user = make_user()
    attempts.discard(attempts.start(user, mock, NOW).pk, user, NOW)
    outcomes = at_once(*[lambda: attempts.start(user, rehearsal, NOW).pk] * 6)
    assert len(set(outcomes)) == 1
    assert [row.spent_on_id for row in Reserve.objects.all()] == [outcomes[0]]


def test_attempts_that_share_questions_close_at_once() -> None:
    """Both note the same sights; were it in different orders, PostgreSQL would find a deadlock."""
    for round_ in range(5):
        user = make_user(f"{round_}@example.org")
        first = make_open(user)
        second = make_open(user, minutes=60)
        numbers = [4, 3, 2, 1]
        for item, other in zip(first.items.all(), second.items.order_by("-number"), strict=True):
            second.items.filter(pk=other.pk).update(question=item.question_id, version=item.version_id)
        for attempt in (first, second):
            visits = [event(number, "visit", 0, number) for number in numbers]
            answers.record(attempt.pk, user, body(*visits), NOW + MINUTE)
        outcomes = at_once(
            *(partial(answers.record, a.pk, user, body(), NOW + MINUTE, end=True) for a in (first, second))
        )
        assert [type(outcome) for outcome in outcomes] == [answers.Receipt, answers.Receipt]


def test_two_sweepers_close_each_attempt_once() -> None:
    for number in range(6):
        make_open(make_user(f"{number}@example.org"), minutes=30)
    closed = at_once(*[lambda: attempts.close_expired(NOW + 41 * MINUTE)] * 3)
    assert sum(closed) == 6  # type: ignore[arg-type]
    assert set(Attempt.objects.values_list("state", flat=True)) == {State.CLOSED}


def test_of_two_checks_at_once_one_locks_and_both_are_explained() -> None:
    for round_ in range(5):
        session = make_session(make_user(f"{round_}@example.org"))

        def check(device: int, session: Attempt = session) -> Callable[[], answers.Receipt]:
            batch = body(
                event(1, "answer", [device], 1_000 + device), event(1, "check", True, 2_000 + device)
            )
            return lambda: answers.record(session.pk, session.user, batch, NOW + MINUTE)

        first, second = at_once(check(0), check(1))
        assert isinstance(first, answers.Receipt)
        assert isinstance(second, answers.Receipt)
        assert first.explained == second.explained
        assert sorted(str(result) for r in (first, second) for result in r.results.values()) == [
            "Refusal.LOCKED",
            "Refusal.LOCKED",
            "stored",
            "stored",
        ]
        assert AnswerEvent.objects.filter(attempt=session).count() == 2


def test_pausing_against_the_end_and_an_extension_leaves_times_that_agree() -> None:
    for round_ in range(5):
        session = make_session(make_user(f"{round_}@example.org"), minutes=20)
        at = NOW + 5 * MINUTE
        at_once(
            partial(pausing.pause, session.pk, session.user, at),
            partial(attempts.extend, session.pk, 10, None, "power cut", at),
            partial(answers.record, session.pk, session.user, body(), at, end=True),
        )
        session.refresh_from_db()
        assert (session.state, session.closed_at, session.paused_at) == (State.CLOSED, at, None)
        assert session.deadline == NOW + (session.seconds_granted or 0) / 60 * MINUTE
