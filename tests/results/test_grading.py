import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from pytest_django.fixtures import DjangoAssertNumQueries

from exam_sim.exams.models import Attempt, EventKind, Register, State
from results.evidence import Item, read
from results.grading import NoResultError, grade_closed, result_for, with_graded
from results.models import Result
from tests.factories import make_attempt, make_register, make_sighted_attempt, make_user, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def now(now: dt.datetime) -> dt.datetime:
    """An hour after the attempts that the factory makes were closed."""
    return now + dt.timedelta(hours=3)


def domains_of(result: Result) -> list[tuple[object, ...]]:
    """The domains that came with the result, which are those that are stored."""
    assert result.domains == Result.objects.get(pk=result.pk).domains
    names = ("code", "title", "weight", "correct", "total", "meets")
    return [tuple(domain[name] for name in names) for domain in result.domains]


def test_a_closed_attempt_is_scored_from_its_registers_and_stored(now: dt.datetime) -> None:
    versions = [
        make_version("1.1", key="a"),
        make_version("1.2", key="ab"),
        make_version("2.1", key="ac", options="abcde"),
        make_version("2.1", key="d"),
        make_version("2.1", key="d"),
    ]
    attempt = make_attempt(make_user(), versions, answers={1: "a", 2: "a", 3: "ac", 5: "d"}, unscored={5})
    make_register(attempt, 4, EventKind.ANSWER, [])
    make_register(attempt, 4, EventKind.STRIKE, [0])
    result = result_for(attempt, now)
    assert Result.objects.values().get() == {
        "id": result.pk,
        "attempt_id": attempt.pk,
        "revision": 1,
        "rule": 1,
        "computed_at": now,
        "correct": 2,
        "total": 4,
        "answered": 3,
        "scaled": 550,
        "pass_mark": 750,
        "passed": False,
        "task_statements": [
            {"domain": "1", "code": "1.1", "title": "Create data repositories", "correct": 1, "total": 1},
            {"domain": "1", "code": "1.2", "title": "Ingest data", "correct": 0, "total": 1},
            {"domain": "2", "code": "2.1", "title": "Train models", "correct": 1, "total": 2},
        ],
        "domains": result.domains,
        "items": result.items,
        "displayed": 0,
        "digested_at": None,
    }
    assert domains_of(result) == [
        ("1", "Data engineering", 60, 1, 2, False),
        ("2", "Modeling", 40, 1, 2, False),
    ]


def test_what_each_item_says_is_gathered_in_the_same_pass(now: dt.datetime) -> None:
    versions = [make_version("1.1"), make_version("1.2"), make_version("2.1"), make_version("2.1")]
    attempt = make_sighted_attempt(
        make_user(),
        versions,
        answers={1: "a", 2: "b"},
        unscored={2},
        shown={1, 2, 3},
        sure={1: True, 2: False},
    )
    result = result_for(attempt, now)
    hexes = [version.question_id.hex for version in versions]
    assert read(result.items) == (
        Item(1, hexes[0], 1, "1", "1.1", True, True, True, True, True),
        Item(2, hexes[1], 1, "1", "1.2", False, False, True, True, False),
        Item(3, hexes[2], 1, "2", "2.1", True, False, True, True, None),
        Item(4, hexes[3], 1, "2", "2.1", True, False, False, False, None),
    )
    assert result.displayed == 3
    stored = Result.objects.get()
    assert (stored.items, stored.displayed) == (result.items, result.displayed)


def test_asking_again_gives_the_stored_result_even_if_a_key_changed_since(now: dt.datetime) -> None:
    version = make_version("1.1", key="a")
    attempt = make_attempt(make_user(), [version], answers={1: "a"})
    first = result_for(attempt, now)
    for option in version.options:
        option["correct"] = option["id"] == "b"
    version.save(update_fields=["options"])
    again = result_for(attempt, now + dt.timedelta(days=1))
    assert again == first
    assert (again.scaled, again.computed_at) == (1000, now)
    assert domains_of(again) == domains_of(first)


def test_a_result_is_never_computed_before_its_attempt_was_closed(now: dt.datetime) -> None:
    """A sweep reads the time once, and an attempt may be closed beside it by a later one."""
    attempt = make_attempt(make_user(), [make_version()])
    assert result_for(attempt, now - dt.timedelta(hours=2)).computed_at == attempt.closed_at


def test_the_score_goes_by_the_version_that_was_sat(now: dt.datetime) -> None:
    version = make_version("1.1", key="a")
    attempt = make_attempt(make_user(), [version], answers={1: "a"})
    make_version("2.1", key="b", question=version.question)
    result = result_for(attempt, now)
    assert (result.correct, [domain["code"] for domain in result.domains]) == (1, ["1"])


@pytest.mark.parametrize("state", [State.OPEN, State.DISCARDED])
def test_what_is_not_closed_has_no_result(state: State, now: dt.datetime) -> None:
    attempt = make_attempt(make_user(), [make_version()], state=state)
    with pytest.raises(NoResultError):
        result_for(attempt, now)
    assert Result.objects.count() == 0


@pytest.mark.parametrize("items", [1, 3])
def test_grading_takes_three_queries_and_reading_one(
    items: int, now: dt.datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    attempt = make_attempt(make_user(), [make_version() for _ in range(items)], answers={1: "a"})
    with django_assert_num_queries(3 + 2):  # and the savepoint around the insert
        result_for(attempt, now)
    with django_assert_num_queries(1):
        result_for(attempt, now)


def test_an_attempt_known_to_be_ungraded_is_not_looked_up_again(
    now: dt.datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_attempt(make_user(), [make_version()])
    attempt = with_graded(Attempt.objects.all()).get()
    with django_assert_num_queries(2 + 2):
        result_for(attempt, now)


def test_losing_the_race_reads_the_winners_result_and_keeps_the_callers_transaction(now: dt.datetime) -> None:
    make_attempt(make_user(), [make_version()], answers={1: "a"})
    late = with_graded(Attempt.objects.all()).get()
    winner = result_for(Attempt.objects.get(), now)
    with transaction.atomic():
        loser = result_for(late, now + dt.timedelta(seconds=1))
        assert Register.objects.count() == 1
    assert loser == winner
    assert loser.computed_at == now
    assert domains_of(loser) == domains_of(winner)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_eight_at_once_store_one_result(now: dt.datetime) -> None:
    make_attempt(make_user(), [make_version() for _ in range(3)], answers={1: "a"})
    together = Barrier(8)

    def grade(nth: int) -> int:
        try:
            attempt = with_graded(Attempt.objects.all()).get()
            together.wait(10)
            return result_for(attempt, now + dt.timedelta(seconds=nth)).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(grade, range(8)))
    assert keys == set(Result.objects.values_list("pk", flat=True))
    assert len(keys) == 1


def test_the_sweep_grades_closed_attempts_alone_and_once(now: dt.datetime) -> None:
    version, user = make_version(), make_user()
    closed = [make_attempt(user, [version]) for _ in range(2)]
    make_attempt(user, [version], state=State.OPEN)
    make_attempt(user, [version], state=State.DISCARDED)
    assert grade_closed(now) == 2
    assert set(Result.objects.values_list("attempt", flat=True)) == {attempt.pk for attempt in closed}
    assert grade_closed(now) == 0


def test_what_was_closed_long_ago_is_left_to_the_next_search(now: dt.datetime) -> None:
    version, hour = make_version(), dt.timedelta(hours=1)
    make_attempt(make_user("old@example.org"), [version], started_at=now)
    new = make_attempt(make_user("new@example.org"), [version], started_at=now + 2 * hour)
    assert new.closed_at == now + 4 * hour
    assert grade_closed(now + 15 * hour, recent=True) == 1
    assert Result.objects.get().attempt == new
    assert grade_closed(now + 15 * hour) == 1


def test_an_attempt_that_cannot_be_scored_holds_up_no_other(
    now: dt.datetime, caplog: pytest.LogCaptureFixture
) -> None:
    version, user = make_version(), make_user()
    unscored = make_attempt(user, [version], unscored={1})
    unreadable = make_attempt(user, [version])
    Attempt.objects.filter(pk=unreadable.pk).update(blueprint=[{"code": "1"}])
    broken = [unscored, unreadable]
    sound = make_attempt(user, [version], started_at=now + dt.timedelta(days=1))
    assert grade_closed(now) == 1
    assert Result.objects.get().attempt == sound
    said = [f"Attempt {attempt.pk} cannot be scored" for attempt in broken]
    assert sorted(record.getMessage() for record in caplog.records) == sorted(said)


def test_the_command_says_how_many_it_graded(capsys: pytest.CaptureFixture[str]) -> None:
    make_attempt(make_user(), [make_version()])
    call_command("grade_closed")
    call_command("grade_closed")
    assert capsys.readouterr().out == "1 graded\n"
