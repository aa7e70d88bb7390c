"""What is said to PostgreSQL in fewer words means what the ORM means."""

from uuid import UUID

import pytest
from django.db import IntegrityError, connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from exam_sim.accounts.models import User
from exam_sim.exams.models import Attempt, AttemptItem
from exam_sim.postgresql import bulk
from exam_sim.postgresql.compiled import Compiled, CompiledModels
from exam_sim.postgresql.prepared import rows_of
from questions.models import Question
from tests.exams.sitting import make_open
from tests.factories import make_user

pytestmark = pytest.mark.django_db

COLUMNS = ("attempt_id", "number", "question_id", "version_id", "scored", "option_order")


def named(pk: UUID, name: str) -> QuerySet[User, tuple[UUID, str]]:
    return User.objects.filter(pk=pk, name=name).values_list("pk", "name")


def test_a_compiled_query_gives_the_rows_of_its_values_each_time() -> None:
    anna, otto = make_user("anna@example.org", name="Anna"), make_user("otto@example.org", name="Otto")
    query = Compiled(named, UUID(int=1), "a name")
    asked = [(anna.pk, "Anna"), (otto.pk, "Otto"), (otto.pk, "Anna"), (anna.pk, "a name")]
    assert [list(query.rows(*values)) for values in asked] == [
        [(anna.pk, "Anna")],
        [(otto.pk, "Otto")],
        [],
        [],
    ]


def whole(attempt_id: UUID, title: str) -> QuerySet[Attempt]:
    return Attempt.objects.filter(pk=attempt_id, title=title)


def test_a_compiled_query_of_models_gives_what_the_orm_gives() -> None:
    attempt = make_open(make_user(), title="100 % of it, %s")
    query = CompiledModels(whole, UUID(int=1), "a title")
    found = query.first(attempt.pk, "100 % of it, %s")
    assert found is not None
    names = [field.attname for field in Attempt._meta.concrete_fields]
    stored = Attempt.objects.get()
    assert [getattr(found, name) for name in names] == [getattr(stored, name) for name in names]
    assert (found, query.first(attempt.pk, "a title")) == (stored, None)


def test_what_is_no_stand_in_stays_as_it_is() -> None:
    make_user("anna@example.org", name="100 %s")
    names = Compiled(
        lambda pk: User.objects.exclude(pk=pk).filter(name="100 %s").values_list("name"), UUID(int=1)
    )
    assert [list(names.rows(UUID(int=number))) for number in (2, 3)] == [[("100 %s",)], [("100 %s",)]]


@pytest.mark.postgres
def test_what_is_asked_again_is_prepared_once() -> None:
    prepared = "SELECT %s::int + 1 AS one_more"
    assert [rows_of(prepared, [number]) for number in (1, 2)] == [[(2,)], [(3,)]]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%one_more%'")
        assert cursor.fetchone() == (1,)


@pytest.mark.postgres
def test_a_list_is_one_value_and_the_log_says_which() -> None:
    ids = [UUID(int=2), UUID(int=1)]
    with CaptureQueriesContext(connection) as captured:
        assert rows_of("SELECT id FROM unnest(%s::uuid[]) AS id", [ids]) == [(ids[0],), (ids[1],)]
        assert rows_of("SELECT %s::int[]", [[]]) == [([],)]
    assert [str(ids[1]) in query["sql"] for query in captured] == [True, False]


def test_rows_are_written_as_the_orm_writes_them_and_in_one_statement() -> None:
    attempt = make_open(make_user())
    items = AttemptItem.objects.filter(attempt=attempt)
    before = list(items.values(*COLUMNS))
    items.delete()
    with CaptureQueriesContext(connection) as captured:
        bulk.insert(AttemptItem, before)
    assert list(items.values(*COLUMNS)) == before
    assert len(captured) == 1


def test_nothing_is_written_without_a_statement() -> None:
    with CaptureQueriesContext(connection) as captured:
        bulk.insert(AttemptItem, [])
    assert len(captured) == 0


def test_what_the_database_forbids_is_an_error_as_ever() -> None:
    attempt = make_open(make_user())
    items = AttemptItem.objects.filter(attempt=attempt).values(*COLUMNS)
    with pytest.raises(IntegrityError):
        bulk.insert(AttemptItem, list(items[:1]))


def test_no_ranks_find_no_questions() -> None:
    make_open(make_user())
    assert list(Question.objects.at_places([], [])) == []
