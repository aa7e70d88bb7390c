"""All of it or nothing, whatever goes wrong and whoever comes at the same moment."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from questions import previewing, undoing
from questions.models import (
    Asset,
    Import,
    ImportEntry,
    ListedService,
    Listing,
    Pool,
    Preview,
    Question,
    QuestionVersion,
)
from tests.factories import NOW
from tests.questions.builders import content, question
from tests.questions.test_exhibits import svg
from tests.questions.uploads import instructor, stems, upload, zipped

LATER = NOW + dt.timedelta(hours=1)
EVERYTHING = (Question, QuestionVersion, Asset, Pool, Listing, ListedService, Import, ImportEntry)


class BrokenError(Exception):
    """Thrown into the middle of what is written."""


def rows() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in EVERYTHING]


def fail_at(number: int, do: Callable[[], object]) -> bool:
    """Do it with a database that fails at the statement with this number; whether it came to that."""
    seen = 0

    def execute(run: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal seen
        if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            seen += 1
            if seen == number:
                raise BrokenError
        return run(sql, params, many, context)

    with connection.execute_wrapper(execute):
        try:
            do()
        except BrokenError:
            return True
    return False


def mixture() -> bytes:
    """With what is in the bank by `first`: one new question, one changed, one unchanged, and figures."""
    figure = {"id": "f", "file": "a.svg", "alt": "A"}
    return zipped(
        bank_json=content(
            question("q-1", level=3, exhibits=[figure], services=["S3"]), question("q-2"), question("q-3")
        ),
        exhibits__a_svg=svg(),
    )


def first() -> None:
    previewing.apply(upload(question("q-1"), question("q-2"), status="published").pk, instructor(), NOW)


@pytest.mark.django_db
def test_a_failure_at_any_statement_of_applying_leaves_no_row_behind() -> None:
    first()
    preview = upload(name="bank.zip", data=mixture(), status="published")
    before, number = rows(), 1
    while fail_at(number, lambda: previewing.apply(preview.pk, instructor(), LATER)):
        assert rows() == before
        preview.refresh_from_db()
        assert preview.state == "ready"
        number += 1
    assert number > 20
    assert Import.objects.get(pk=preview.pk).counts == {
        "read": 3,
        "new": 1,
        "changed": 1,
        "unchanged": 1,
        "skipped": 0,
        "rejected": 0,
    }


@pytest.mark.django_db
def test_a_failure_at_any_statement_of_undoing_changes_nothing() -> None:
    first()
    preview = upload(name="bank.zip", data=mixture(), status="published")
    done = previewing.apply(preview.pk, instructor(), LATER)
    before, number = rows(), 1
    while fail_at(number, lambda: undoing.undo(done.pk, instructor(), LATER)):
        assert rows() == before
        number += 1
    assert number > 10
    assert list(stems()) == ["q-1", "q-2"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same", [True, False])
def test_two_applies_at_once_write_each_question_once(same: bool) -> None:
    questions = [question(f"q-{n}") for n in range(30)]
    one = upload(*questions)
    other = one if same else upload(*questions)
    together = Barrier(2)

    def apply(preview: Preview) -> str:
        together.wait()
        try:
            return str(previewing.apply(preview.pk, instructor(), LATER).pk)
        except previewing.OutdatedError:
            return "outdated"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        ended = list(threads.map(apply, (one, other)))
    assert (Question.objects.count(), QuestionVersion.objects.count(), Import.objects.count()) == (30, 30, 1)
    assert ended.count("outdated") == (0 if same else 1)
    if not same:
        late = one if ended[0] == "outdated" else other
        assert previewing.counts(late)["unchanged"] == 30
