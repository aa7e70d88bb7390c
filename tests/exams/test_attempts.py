"""The life of an attempt: start, resume, extend, close, discard."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction

from exam_sim.accounts.models import ExtraTime, User
from exam_sim.exams import attempts
from exam_sim.exams.assembly import ShortBankError
from exam_sim.exams.exceptions import NotOpenError, TooManyAnsweredError
from exam_sim.exams.models import Attempt, EndedBy, EventKind, ExamProfile, Extension, Sight, State
from exam_sim.exams.shuffling import shuffled
from questions.models import Collection, Kind, Question
from questions.pools import renumber
from tests.exams.sitting import MINUTE, SECOND, make_open
from tests.factories import NOW, make_certification, make_profile, make_register, make_user, make_version

pytestmark = pytest.mark.django_db


def make_bank(per_statement: int = 6, **fields: object) -> ExamProfile:
    """Published questions in each of the three task statements, and a profile of ten items (six and four)."""
    make_certification()
    for code in ("1.1", "1.2", "2.1"):
        for number in range(per_statement):
            multiple = number == 0
            make_version(code, key="ab" if multiple else "c", options="abcde" if multiple else "abcd")
    collection = Collection.objects.get(pk="mls-c01")
    renumber(collection)
    profile = make_profile("ten", scored=10, minutes=30, **fields)
    profile.collections.add(collection)
    return profile


def test_a_start_freezes_the_form_and_the_rules() -> None:
    profile = make_bank()
    attempt = attempts.start(make_user(), profile, NOW, seed=7)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.title, attempt.started_at) == (State.OPEN, "Full mock exam", NOW)
    assert (attempt.seconds_granted, attempt.seconds_extra, attempt.deadline, attempt.close_by) == (
        1800,
        0,
        NOW + 30 * MINUTE,
        NOW + 40 * MINUTE,
    )
    assert (attempt.grace_seconds, attempt.pass_mark, attempt.scale_min, attempt.scale_max) == (
        600,
        750,
        100,
        1000,
    )
    items = list(attempt.items.select_related("version"))
    assert [item.number for item in items] == list(range(1, 11))
    assert [item.question_id for item in items] == shuffled((i.question_id for i in items), Random(7))
    assert [sorted(item.option_order) for item in items] == [
        sorted(option["id"] for option in item.version.options) for item in items
    ]
    assert attempt.shape == [
        [5, 2] if item.version.kind == Kind.MULTIPLE_RESPONSE else [4, 1] for item in items
    ]
    assert [(d["code"], d["weight"], d["scored"], d["unscored"]) for d in attempt.blueprint] == [
        ("1", 60, 6, 0),
        ("2", 40, 4, 0),
    ]
    domains = [item.version.task_statement.domain.code for item in items]
    assert (domains.count("1"), domains.count("2")) == (6, 4)


def test_a_second_start_resumes_the_first() -> None:
    profile = make_bank()
    user = make_user()
    first = attempts.start(user, profile, NOW)
    assert attempts.start(user, profile, NOW + MINUTE).pk == first.pk
    assert Attempt.objects.count() == 1


def test_a_start_after_the_grace_closes_the_old_one_and_makes_a_new_one() -> None:
    profile = make_bank()
    user = make_user()
    first = attempts.start(user, profile, NOW)
    second = attempts.start(user, profile, NOW + 40 * MINUTE + SECOND)
    first.refresh_from_db()
    assert (first.state, first.ended_by, first.closed_at) == (State.CLOSED, EndedBy.CLOCK, NOW + 30 * MINUTE)
    assert second.pk != first.pk


def test_the_database_holds_one_open_attempt_per_candidate_and_profile() -> None:
    profile = make_bank()
    user = make_user()
    attempt = attempts.start(user, profile, NOW)
    attempt.pk = uuid.uuid4()
    with (
        pytest.raises(IntegrityError, match=r"exams_attempt_one_open|exams_attempt.user_id"),
        transaction.atomic(),
    ):
        attempt.save(force_insert=True)


def test_two_candidates_and_two_profiles_do_not_meet() -> None:
    profile = make_bank()
    other = make_bank(0)
    first, second = make_user(), make_user("second@example.org")
    assert len({attempts.start(user, profile, NOW).pk for user in (first, second)}) == 2
    assert other == profile


def test_a_short_bank_starts_nothing_and_names_the_domains() -> None:
    profile = make_bank(2)
    with pytest.raises(
        ShortBankError, match=r"Data engineering lacks 2 questions; Modeling lacks 2 questions\."
    ):
        attempts.start(make_user(), profile, NOW)
    assert Attempt.objects.count() == 0


def test_the_next_form_has_what_was_not_displayed_and_then_what_was_seen_longest_ago() -> None:
    profile = make_bank(5)
    user = make_user()
    first = attempts.start(user, profile, NOW)
    displayed = list(first.items.filter(number__lte=6))
    for item in displayed:
        first.events.create(
            event_id=uuid.uuid4(),
            item=item.number,
            kind=EventKind.VISIT,
            value=0,
            intent_ms=1,
            received_at=NOW,
        )
    attempts.close_if_due(first, NOW + dt.timedelta(hours=1))
    second = attempts.start(user, profile, NOW + dt.timedelta(hours=2))
    seen = set(Sight.objects.values_list("question", flat=True))
    assert seen == {item.question_id for item in displayed}
    for domain, places in (("1", 6), ("2", 4)):
        in_domain = Question.objects.filter(task_statement__domain__code=domain)
        unseen = in_domain.exclude(pk__in=seen).count()
        repeats = second.items.filter(
            question__in=seen, question__task_statement__domain__code=domain
        ).count()
        assert repeats == max(0, places - unseen)


def test_questions_of_an_open_attempt_count_as_seen() -> None:
    profile = make_bank(10)
    other = make_profile("other", scored=10, minutes=30)
    other.collections.add(Collection.objects.get(pk="mls-c01"))
    user = make_user()
    first = attempts.start(user, profile, NOW)
    second = attempts.start(user, other, NOW)
    questions = [set(a.items.values_list("question", flat=True)) for a in (first, second)]
    assert questions[0] & questions[1] == set()


@pytest.mark.parametrize(
    ("preset", "seconds"),
    [
        (ExtraTime.NONE, 0),
        (ExtraTime.ESL_30, 1800),
        (ExtraTime.X1_25, 480),
        (ExtraTime.X1_5, 900),
        (ExtraTime.X2, 1800),
    ],
)
def test_extra_time_is_added_at_the_start(preset: ExtraTime, seconds: int) -> None:
    attempt = attempts.start(make_user(extra_time=preset), make_bank(), NOW)
    assert (attempt.seconds_granted, attempt.seconds_extra) == (1800 + seconds, seconds)
    assert attempt.deadline == NOW + (1800 + seconds) * SECOND


def test_a_changed_preset_counts_from_the_next_start() -> None:
    user, profile = make_user(), make_bank()
    attempts.start(user, profile, NOW)
    User.objects.filter(pk=user.pk).update(extra_time=ExtraTime.X2)
    user.refresh_from_db()
    assert attempts.start(user, profile, NOW + MINUTE).seconds_granted == 1800


def test_an_extension_moves_the_deadline_and_is_logged() -> None:
    attempt = make_open(make_user(), minutes=30)
    administrator = make_user("admin@example.org")
    attempts.extend(attempt.pk, 15, administrator, "power cut", NOW + 10 * MINUTE)
    attempt.refresh_from_db()
    assert (attempt.deadline, attempt.close_by, attempt.seconds_granted, attempt.seconds_extra) == (
        NOW + 45 * MINUTE,
        NOW + 55 * MINUTE,
        2700,
        900,
    )
    logged = Extension.objects.values_list("attempt", "seconds", "reason", "granted_at", "granted_by")
    assert list(logged) == [(attempt.pk, 900, "power cut", NOW + 10 * MINUTE, administrator.pk)]


@pytest.mark.parametrize("minutes", [0, -5])
def test_an_extension_is_never_negative(minutes: int) -> None:
    attempt = make_open(make_user())
    with pytest.raises(ValueError, match="at least one minute"):
        attempts.extend(attempt.pk, minutes, None, "", NOW)


def test_nothing_is_extended_after_its_grace() -> None:
    attempt = make_open(make_user(), minutes=30)
    with pytest.raises(NotOpenError):
        attempts.extend(attempt.pk, 15, None, "", NOW + 41 * MINUTE)
    attempts.extend(attempt.pk, 15, None, "in the grace", NOW + 39 * MINUTE)


def test_the_sweeper_closes_what_is_due_and_nothing_else() -> None:
    due = make_open(make_user(), minutes=30)
    running = make_open(make_user("b@example.org"), minutes=60)
    in_grace = make_open(make_user("c@example.org"), minutes=35)
    assert attempts.close_expired(NOW + 41 * MINUTE) == 1
    assert attempts.close_expired(NOW + 41 * MINUTE) == 0
    states = dict(Attempt.objects.values_list("pk", "state"))
    assert states == {due.pk: State.CLOSED, running.pk: State.OPEN, in_grace.pk: State.OPEN}
    due.refresh_from_db()
    assert (due.closed_at, due.ended_by) == (NOW + 30 * MINUTE, EndedBy.CLOCK)


@pytest.fixture
def overdue() -> list[Attempt]:
    return [make_open(make_user(f"{number}@example.org"), minutes=30) for number in range(3)]


@contextmanager
def failing_at_first(overdue: list[Attempt], error: Exception) -> Iterator[None]:
    """The database raises `error` when the first of them is read to be closed."""
    ids: dict[object, int] = {id_: number for number, a in enumerate(overdue) for id_ in (a.pk, a.pk.hex)}
    first = None

    def fail(execute: Callable[..., Any], sql: str, params: Any, *rest: Any) -> Any:
        nonlocal first
        number = next((ids[value] for value in params or () if value in ids), None)
        first = number if first is None else first
        if number is not None and number == first:
            raise error
        return execute(sql, params, *rest)

    with connection.execute_wrapper(fail):
        yield


def test_an_attempt_that_cannot_be_closed_holds_up_no_other(
    overdue: list[Attempt], caplog: pytest.LogCaptureFixture
) -> None:
    with failing_at_first(overdue, IntegrityError("one row")):
        assert attempts.close_expired(NOW + 41 * MINUTE) == 2
    left = Attempt.objects.open().get()
    assert [record.getMessage() for record in caplog.records] == [f"Attempt {left.pk} cannot be closed"]


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_is_down_is_no_defect_of_an_attempt(
    overdue: list[Attempt], error: type[Exception]
) -> None:
    with failing_at_first(overdue, error("down")), pytest.raises(error):
        attempts.close_expired(NOW + 41 * MINUTE)
    assert Attempt.objects.open().count() == 3


def test_a_few_answers_may_be_discarded() -> None:
    attempt = make_open(make_user())
    for number in (1, 2, 3, 4):
        make_register(attempt, number, EventKind.ANSWER, [0])
    attempts.discard(attempt.pk, attempt.user, NOW + MINUTE)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.closed_at) == (State.DISCARDED, NOW + MINUTE)
    with pytest.raises(NotOpenError):
        attempts.discard(attempt.pk, attempt.user, NOW + MINUTE)


def test_five_answers_may_not_be_discarded_but_cleared_ones_do_not_count() -> None:
    attempt = make_open(make_user())
    for number in (1, 2, 3, 4, 5):
        make_register(attempt, number, EventKind.ANSWER, [0])
    with pytest.raises(TooManyAnsweredError, match="5 or more questions are answered"):
        attempts.discard(attempt.pk, attempt.user, NOW + MINUTE)
    attempt.registers.filter(item=5).update(value=[])
    attempts.discard(attempt.pk, attempt.user, NOW + MINUTE)


def test_ids_of_attempts_sort_by_their_start() -> None:
    ids = [attempts.uuid7(NOW + number * SECOND) for number in range(50)]
    assert ids == sorted(ids)
    assert {(id_.version, id_.variant) for id_ in ids} == {(7, uuid.RFC_4122)}
    assert ids[0].int >> 80 == int(NOW.timestamp() * 1000)
