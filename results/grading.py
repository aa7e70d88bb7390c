"""From a closed attempt to its stored result: the only writer of `Result`."""

import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from exam_sim.exams.models import Attempt, State
from results import evidence, scoring
from results.answered import Answered, answered
from results.models import FIRST_REVISION, Result

logger = logging.getLogger(__name__)


HAS_RESULT = Exists(Result.objects.filter(attempt=OuterRef("pk"), revision=FIRST_REVISION))


class NoResultError(ValueError):
    """The attempt is open, was discarded or is a preview: it has no result, and asking for one is the
    caller's defect."""


def with_graded(attempts: QuerySet[Attempt]) -> QuerySet[Attempt]:
    """Adds `graded`: who finds an attempt ungraded need not look for its result a second time."""
    return attempts.annotate(graded=HAS_RESULT)


def result_for(attempt: Attempt, now: datetime) -> Result:
    """The first result of a closed attempt; scored and stored at the first call.

    Raises NoResultError unless the attempt is closed and no preview. Calling it again, or from two processes
    at once, gives the one stored result: a closed attempt's answers are final, so both compute the same, and
    `results_result_revision_unique` lets one of them store it.
    """
    if attempt.state != State.CLOSED or attempt.is_preview:
        raise NoResultError(f"attempt {attempt.pk} is {attempt.state}, {attempt.mode}")
    if getattr(attempt, "graded", True):
        stored = _stored(attempt)
        if stored is not None:
            return stored
    return _store(attempt, answered(attempt), now)


RECENTLY = timedelta(hours=12)
DEFECTS = (IntegrityError, LookupError, TypeError, ValueError)
"""What one attempt may bring about and the next does not; the first of them when its account has gone."""


def grade_closed(now: datetime, *, recent: bool = False) -> int:
    """Grades every closed attempt that has no result yet, discarded ones and previews never; says how many.

    One attempt that cannot be scored is logged and left, so that it holds up nobody else's result. `recent`:
    looks at those alone that were closed `RECENTLY`, which takes no longer the more there are of others.
    """
    graded = 0
    ungraded = Attempt.objects.closed().of_candidates().filter(~HAS_RESULT)
    if recent:
        ungraded = ungraded.filter(closed_at__gt=now - RECENTLY)
    for attempt in ungraded.order_by("closed_at").iterator(100):
        try:
            result_for(attempt, now)
        except DEFECTS:
            logger.exception("Attempt %s cannot be scored", attempt.pk)
        else:
            graded += 1
    return graded


def note_digested(result: Result, items: Sequence[Answered], now: datetime) -> None:
    """Cards and tallies took `result` in. A result of a version that gathered no items gets them here."""
    if result.items is None:
        result.items, result.displayed = _gathered(items)
    result.digested_at = now
    result.save(update_fields=["items", "displayed", "digested_at"])


def blueprint_of(attempt: Attempt) -> list[scoring.BlueprintDomain]:
    return [
        scoring.BlueprintDomain(
            code=domain["code"],
            title=domain["title"],
            weight=domain["weight"],
            task_statements=tuple((entry["code"], entry["title"]) for entry in domain["task_statements"]),
        )
        for domain in attempt.blueprint
    ]


def _stored(attempt: Attempt) -> Result | None:
    return Result.objects.filter(attempt=attempt, revision=FIRST_REVISION).first()


def _store(attempt: Attempt, items: Sequence[Answered], now: datetime) -> Result:
    """Two at once: the second waits for the first on the unique index, fails, and reads what is stored.

    The savepoint keeps that failure from spoiling a transaction that the caller may have open.
    """
    score = scoring.score((answer.item for answer in items), attempt.scale, blueprint_of(attempt))
    try:
        with transaction.atomic():
            return _insert(attempt, score, items, now)
    except IntegrityError:
        stored = _stored(attempt)
        if stored is None:
            raise
        return stored


def _insert(attempt: Attempt, score: scoring.Score, items: Sequence[Answered], now: datetime) -> Result:
    """Never computed before the attempt was closed, which may have been after `now` was read: by a request
    beside the sweep that grades it, or by the clock of another machine."""
    gathered, displayed = _gathered(items)
    return Result.objects.create(
        attempt=attempt,
        revision=FIRST_REVISION,
        rule=scoring.RULE,
        computed_at=now if attempt.closed_at is None else max(now, attempt.closed_at),
        correct=score.correct,
        total=score.total,
        answered=score.answered,
        scaled=score.scaled,
        pass_mark=attempt.pass_mark,
        passed=score.passed,
        domains=[asdict(domain) for domain in score.domains],
        task_statements=[asdict(task_statement) for task_statement in score.task_statements],
        items=gathered,
        displayed=displayed,
    )


def _gathered(items: Sequence[Answered]) -> tuple[list[list[Any]], int]:
    """`Result.items` and `Result.displayed`."""
    return evidence.stored(answer.evidence for answer in items), sum(answer.displayed for answer in items)
