"""What a start writes, whichever way the database is told."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, models
from django.test.utils import CaptureQueriesContext

from exam_sim.exams import attempts, forming, opening
from exam_sim.exams.models import Attempt, AttemptItem, Reserve, ReservedQuestion
from tests.exams.test_attempts import make_bank
from tests.exams.test_reserve import make_exams
from tests.factories import NOW, make_user

pytestmark = pytest.mark.django_db


def columns(row: models.Model) -> dict[str, Any]:
    """Of a row: every column but a key that the database makes."""
    fields = [field for field in row._meta.concrete_fields if not isinstance(field, models.AutoField)]
    return {field.attname: getattr(row, field.attname) for field in fields}


@pytest.mark.parametrize("which", [0, 1], ids=["mock exam", "rehearsal"])
def test_the_database_holds_what_was_begun(which: int) -> None:
    profile = make_exams()[which]
    user = make_user()
    formed = forming.form(user, profile, NOW, seed=5)
    attempt = attempts.start(user, profile, NOW, seed=5)

    assert columns(Attempt.objects.get()) == columns(attempt)
    items = [columns(item) for item in AttemptItem.objects.order_by("number")]
    assert items == formed.rows_of(attempt.pk)
    spent = {"spent_on_id": attempt.pk, "spent_at": NOW} if which else {"spent_on_id": None, "spent_at": None}
    assert columns(Reserve.objects.get()) == {
        "user_id": user.pk,
        "certification_id": "mls-c01",
        "drawn_at": NOW,
        **spent,
    }
    kept = ReservedQuestion.objects.values_list("reserve", "question")
    assert sorted(kept) == [(Reserve.objects.get().pk, question) for question in formed.reserve]
    assert len(formed.reserve) == 10


def test_without_a_reserve_none_is_written() -> None:
    attempt = attempts.start(make_user(), make_bank(), NOW)
    assert (attempt.items.count(), Reserve.objects.count(), ReservedQuestion.objects.count()) == (10, 0, 0)


def test_who_comes_second_writes_nothing() -> None:
    profile = make_exams()[0]
    user = make_user()
    formed = forming.form(user, profile, NOW, seed=5)
    first = attempts.start(user, profile, NOW, seed=5)
    before = counts()
    second = Attempt(**columns(first) | {"id": attempts.uuid7(NOW)})
    with pytest.raises(IntegrityError):
        opening.write(second, formed, profile.certification_id)
    assert (counts(), Attempt.objects.get()) == (before, first)


def test_who_comes_second_for_the_reserve_writes_nothing_either() -> None:
    mock, rehearsal = make_exams()
    user = make_user()
    late = forming.form(user, rehearsal, NOW, seed=6)
    first = attempts.start(user, mock, NOW, seed=5)
    before = counts()
    second = Attempt(**columns(first) | {"id": attempts.uuid7(NOW), "profile_id": rehearsal.pk})
    with pytest.raises(IntegrityError, match="exams_reserve"):
        opening.write(second, late, rehearsal.certification_id)
    assert (counts(), Attempt.objects.get()) == (before, first)


@pytest.mark.postgres
def test_it_is_one_statement() -> None:
    user, profile = make_user(), make_exams()[0]
    with CaptureQueriesContext(connection) as captured:
        attempts.start(user, profile, NOW)
    changing = [query["sql"].split()[0] for query in captured if "INSERT" in query["sql"]]
    assert changing == ["WITH"]


def counts() -> list[int]:
    tables: list[type[models.Model]] = [Attempt, AttemptItem, Reserve, ReservedQuestion]
    return [model._default_manager.count() for model in tables]
