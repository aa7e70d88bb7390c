"""The one way in which a question's status changes."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from exam_sim.accounts.models import User
from questions import pools
from questions.models import Collection, Question, Status, StatusChange


@transaction.atomic
def change(questions: Iterable[UUID], status: Status, *, by: User | None, now: datetime) -> int:
    """Move the questions with these ids to `status`, log it, and bring the pools in line; how many changed.

    Collections are locked in the order of their slugs before anything is read, so that two changes, or a
    change and an import, wait for each other."""
    ids = list(questions)
    collections = Collection.objects.filter(questions__in=ids).order_by("slug").values_list("slug", flat=True)
    locked = list(Collection.objects.filter(slug__in=list(collections)).order_by("slug").select_for_update())
    moving = list(Question.objects.filter(pk__in=ids).exclude(status=status))
    StatusChange.objects.bulk_create(
        StatusChange(question=question, old=question.status, new=status, at=now, by=by) for question in moving
    )
    leaving = [question.pk for question in moving]
    Question.objects.filter(pk__in=leaving).update(status=status, pool=None, rank=None)
    for collection in locked:
        pools.renumber(collection)
    return len(moving)
