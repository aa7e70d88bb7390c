"""What is said to PostgreSQL in fewer words means what the ORM means."""

from uuid import UUID

import pytest
from django.db import IntegrityError, connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from exam_sim.accounts.models import User
from exam_sim.exams.models import AttemptItem
from exam_sim.postgresql import bulk
from exam_sim.postgresql.compiled import Compiled
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
