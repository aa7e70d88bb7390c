"""The one way in which a question's status changes.

What was changed together has one batch, and is undone together.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from exam_sim.accounts.models import User
from questions import listing, pools
from questions.batches import batches
from questions.models import Collection, Question, Status, StatusChange

_BATCH = 5_000


@transaction.atomic
def change(
    questions: Iterable[UUID], status: Status, *, by: User | None, now: datetime, batch: UUID | None = None
) -> int:
    """Move the questions with these ids to `status`, log it, and bring pools and listing in line; how many
    changed.

    Collections are locked in the order of their slugs before anything is read, so that two changes, or a
    change and an import, wait for each other."""
    moves = {status: list(questions)}
    return _move(moves, by, now, batch or uuid.uuid4())


@transaction.atomic
def undo(batch: UUID, *, by: User | None, now: datetime) -> int:
    """Put back what `batch` moved, where it still has the status that it was given; how many were."""
    rows = StatusChange.objects.filter(batch=batch, question__status=F("new")).order_by()
    moves: dict[Status, list[UUID]] = {}
    for question, old in rows.values_list("question", "old"):
        moves.setdefault(Status(old), []).append(question)
    return _move(moves, by, now, uuid.uuid4(), expected=batch)


def _move(
    moves: dict[Status, list[UUID]],
    by: User | None,
    now: datetime,
    batch: UUID,
    *,
    expected: UUID | None = None,
) -> int:
    """With `expected`, only those that still stand as that batch left them."""
    every = [id_ for ids in moves.values() for id_ in ids]
    locked = _lock(every)
    moved = 0
    for status, ids in moves.items():
        for some in batches(ids, _BATCH):
            questions = Question.objects.filter(pk__in=some).exclude(status=status)
            if expected is not None:
                questions = questions.filter(status_changes__batch=expected, status_changes__new=F("status"))
            moving = list(questions.only("status"))
            StatusChange.objects.bulk_create(
                [
                    StatusChange(
                        question=question, old=question.status, new=status, at=now, by=by, batch=batch
                    )
                    for question in moving
                ],
                batch_size=500,
            )
            leaving = [question.pk for question in moving]
            Question.objects.filter(pk__in=leaving).update(status=status, pool=None, rank=None)
            listing.set_status(leaving, status)
            moved += len(moving)
    for collection in locked:
        pools.renumber(collection)
    return moved


def _lock(ids: list[UUID]) -> list[Collection]:
    slugs: set[str] = set()
    for some in batches(ids, _BATCH):
        rows = Question.objects.filter(pk__in=some).order_by().values_list("collection", flat=True)
        slugs.update(rows.distinct())
    return list(Collection.objects.filter(slug__in=slugs).order_by("slug").select_for_update())
