"""What a process knows of an attempt saves a read and decides nothing: what changed since is found out."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from exam_sim.exams import answers, attempts, known, pausing
from exam_sim.exams.events import Refusal
from exam_sim.exams.models import AnswerEvent, Attempt, Mode, Study
from tests.exams.sitting import MINUTE, body, event, make_open, standing
from tests.factories import NOW, make_user

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

FIRST, SECOND = (f"00000000-0000-4000-8000-00000000000{number}" for number in (1, 2))


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    known._known.clear()
    yield
    known._known.clear()


@pytest.fixture
def attempt() -> Attempt:
    """Known, with one answer at ten seconds."""
    attempt = make_open(make_user(), minutes=10)
    save(attempt, event(1, "answer", [1], 10_000, FIRST))
    return attempt


def save(attempt: Attempt, *events: dict[str, object], minutes: float = 1) -> answers.Receipt:
    return answers.record(attempt.pk, attempt.user, body(*events), NOW + minutes * MINUTE)


def statements(work: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def test_the_next_answer_is_one_statement(attempt: Attempt) -> None:
    assert statements(partial(save, attempt, event(1, "answer", [2], 20_000, SECOND))) == 1
    assert standing(attempt) == {(1, "answer"): [2]}


def test_it_is_answered_as_the_long_way_answers(attempt: Attempt) -> None:
    batch = [event(2, "answer", [2], 20_000, SECOND), event(1, "visit", 90_000, 20_000)]
    quick = save(attempt, *batch)
    AnswerEvent.objects.exclude(event_id=FIRST).delete()
    attempt.registers.filter(item=2).delete()
    known.forget(attempt.pk)
    long = save(attempt, *batch)
    assert (quick.results, quick.registers) == (long.results, long.registers)
    assert attempts.clock_of(quick.attempt) == attempts.clock_of(long.attempt)
    assert AnswerEvent.objects.get(kind="visit").value == 60_000


def test_an_older_and_a_repeated_one_change_nothing(attempt: Attempt) -> None:
    receipt = save(attempt, event(1, "answer", [3], 5_000, SECOND), event(1, "answer", [1], 10_000, FIRST))
    assert receipt.results == {SECOND: "superseded", FIRST: "duplicate"}
    assert receipt.registers == [(1, "answer", [1], 10_000, FIRST)]


def test_one_that_another_process_closed_takes_no_more(attempt: Attempt) -> None:
    fresh = Attempt.objects.get(pk=attempt.pk)
    fresh.state, fresh.closed_at = "closed", NOW + MINUTE
    fresh.save(update_fields=["state", "closed_at"])
    receipt = save(attempt, event(1, "answer", [2], 20_000, SECOND))
    assert receipt.results == {SECOND: Refusal.LATE}
    assert standing(attempt) == {(1, "answer"): [1]}


def test_time_that_was_added_counts_at_once(attempt: Attempt) -> None:
    attempts.extend(attempt.pk, 60, None, "a fire alarm", NOW + MINUTE)
    receipt = save(attempt, event(1, "answer", [2], 30 * 60_000, SECOND), minutes=30)
    assert receipt.results == {SECOND: "stored"}
    assert attempts.clock_of(receipt.attempt).total_ms == 70 * 60_000


def test_past_the_grace_it_is_closed(attempt: Attempt) -> None:
    receipt = save(attempt, event(1, "answer", [2], 20_000, SECOND), minutes=60)
    assert (receipt.results, receipt.attempt.state) == ({SECOND: Refusal.LATE}, "closed")


def test_a_pause_in_another_process_refuses_what_was_meant_after_it() -> None:
    session = make_open(make_user(), mode=Mode.STUDY, study=Study.DRILL)
    save(session, event(1, "answer", [1], 10_000, FIRST))
    pausing.pause(session.pk, session.user, NOW + MINUTE)
    receipt = save(session, event(1, "answer", [2], 100_000, SECOND), minutes=2)
    assert receipt.results == {SECOND: Refusal.CLOCK}


def test_another_candidate_does_not_find_it(attempt: Attempt) -> None:
    with pytest.raises(Attempt.DoesNotExist):
        answers.record(attempt.pk, make_user("other@example.org"), body(), NOW + MINUTE)


def test_one_that_is_gone_is_not_found(attempt: Attempt) -> None:
    Attempt.objects.filter(pk=attempt.pk).delete()
    with pytest.raises(Attempt.DoesNotExist):
        save(attempt, event(1, "answer", [2], 20_000, SECOND))


def test_no_more_are_kept_than_there_is_room_for(attempt: Attempt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "KEPT", 1)
    other = make_open(make_user("other@example.org"), minutes=20)
    save(other, event(1, "answer", [1], 10_000))
    assert list(known._known) == [other.pk]
