"""Sitting questions as a candidate, by somebody who works on the bank: an attempt in `Mode.PREVIEW`.

It is the very exam page over questions of any status, untimed, as many at once as somebody likes. Nothing
is made of it: no result, no history, no exposure, no use of a question. So it may be deleted at any time, and
is: a week after it was closed or last touched, and when a question of it is deleted.
"""

import secrets
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from exam_sim.accounts import audit
from exam_sim.accounts.models import Action, User
from exam_sim.exams.attempts import uuid7
from exam_sim.exams.exceptions import PreviewError
from exam_sim.exams.models import AnswerEvent, Attempt, AttemptItem, Mode
from exam_sim.exams.shuffling import shuffle_options
from questions.listing import natural
from questions.models import Domain, Question

LARGEST = 100
KEPT = timedelta(days=7)
_BATCH = 100
_COLUMNS = (
    "pk",
    "external_id",
    "current_version_id",
    "current_version__layout",
    "collection__certification_id",
)
_NO_SCALE = {"pass_mark": 1, "scale_min": 0, "scale_max": 1}


def start(user: User, questions: QuerySet[Question], now: datetime, seed: int | None = None) -> Attempt:
    """A preview over the current versions of `questions`, in the order of the bank's list (q2 before q10);
    options are shuffled by `seed`, as in a form.

    Raises PreviewError when there is nothing to sit, more than `LARGEST`, or more than one certification.
    """
    rows = _sittable(questions)
    seed = secrets.randbits(62) if seed is None else seed
    rng = Random(seed)  # noqa: S311 - the orders can be made again from the stored seed
    layouts = [row.current_version__layout for row in rows]
    attempt = Attempt(
        id=uuid7(now),
        user=user,
        title=f"Preview of {len(rows)} question{'s'[: len(rows) != 1]}",
        mode=Mode.PREVIEW,
        started_at=now,
        grace_seconds=0,
        seed=seed,
        shape=[[len(layout["options"]), layout["choose"]] for layout in layouts],
        blueprint=_blueprint(rows[0].collection__certification_id, [row.pk for row in rows]),
        **_NO_SCALE,
    )
    items = [
        AttemptItem(
            attempt=attempt,
            number=number,
            question_id=row.pk,
            version_id=row.current_version_id,
            option_order=shuffle_options(
                [(id_, bool(fixed)) for id_, fixed in layout["options"]], layout["shuffle"], rng
            ),
        )
        for number, (row, layout) in enumerate(zip(rows, layouts, strict=True), start=1)
    ]
    with transaction.atomic():
        attempt.save(force_insert=True)
        AttemptItem.objects.bulk_create(items)
    return attempt


def _sittable(questions: QuerySet[Question]) -> list[Any]:
    """Their `_COLUMNS`, in the order of the bank's list. Raises PreviewError."""
    rows = list(
        questions.filter(current_version__isnull=False)
        .order_by()
        .values_list(*_COLUMNS, named=True)[: LARGEST + 1]
    )
    if not rows:
        raise PreviewError("Select at least one question to sit.")
    if len(rows) > LARGEST:
        raise PreviewError(f"Select at most {LARGEST} questions: a preview is not larger than that.")
    if len({row.collection__certification_id for row in rows}) > 1:
        raise PreviewError("Select questions of one certification: a preview has its domains.")
    return sorted(rows, key=lambda row: (natural(row.external_id), row.pk))


def remove_over(question_ids: Collection[UUID], by: User | None, now: datetime) -> None:
    """Delete every preview that holds one of these questions, open ones too, whoever's it is: `by` is about
    to delete the questions."""
    found = list(
        Attempt.objects.previews()
        .filter(pk__in=AttemptItem.objects.filter(question__in=question_ids).values("attempt"))
        .select_for_update()
    )
    for attempt in found:
        before = {"mode": attempt.mode, "state": attempt.state, "user": str(attempt.user_id)}
        audit.note(Action.ATTEMPT_DELETED, attempt, by=by, at=now, before=before)
    _delete(attempt.pk for attempt in found)


def remove_old(now: datetime) -> int:
    """Delete previews that were closed or last touched `KEPT` ago; return how many. Safe to run twice at
    once: a row that another process holds is left to it."""
    limit = now - KEPT
    touched = AnswerEvent.objects.filter(attempt=OuterRef("pk"), received_at__gte=limit)
    old = (
        Attempt.objects.previews()
        .filter(started_at__lt=limit)
        .exclude(closed_at__gte=limit)
        .exclude(Exists(touched))
        .select_for_update(skip_locked=True)
        .values_list("pk", flat=True)
    )
    removed = 0
    while True:
        with transaction.atomic():
            count = _delete(old[:_BATCH])
        removed += count
        if count < _BATCH:
            return removed


def _delete(ids: Iterable[UUID]) -> int:
    found = list(ids)
    Attempt.objects.filter(pk__in=found).delete()
    return len(found)


def _blueprint(certification_id: str, question_ids: Collection[UUID]) -> list[dict[str, object]]:
    """The domains of the questions as an attempt keeps them; nothing is weighed in a preview."""
    domains = Domain.objects.filter(
        certification=certification_id,
        task_statements__in=Question.objects.filter(pk__in=question_ids).values(
            "current_version__task_statement"
        ),
    )
    return [
        {
            "code": domain.code,
            "title": domain.title,
            "weight": domain.weight,
            "scored": 0,
            "unscored": 0,
            "task_statements": [],
        }
        for domain in domains.distinct()
    ]
