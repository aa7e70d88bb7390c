"""A candidate's attempts over time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, QuerySet, When

from exam_sim.accounts.models import User
from exam_sim.exams.attempts import close_if_due
from exam_sim.exams.models import Attempt, State
from results.grading import FIRST_REVISION, result_for
from results.models import Result
from results.wording import duration

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """`result` is None while the attempt is open."""

    attempt: Attempt
    result: Result | None

    @property
    def time_used(self) -> str:
        return duration(self.attempt.time_used or timedelta())


def attempts_of(user: User) -> QuerySet[Attempt]:
    """Open ones first, then the newest; discarded ones and previews are left out."""
    return (
        Attempt.objects.of(user)
        .of_candidates()
        .exclude(state=State.DISCARDED)
        .order_by(Case(When(state=State.OPEN, then=0), default=1), "-started_at")
        .defer("blueprint", "shape", "wishes")
    )


def rows(attempts: Iterable[Attempt], now: datetime) -> list[HistoryRow]:
    """Closes what ran out and grades what nobody has graded yet: the sweepers may not have come by."""
    attempts = [close_if_due(attempt, now) for attempt in attempts]
    stored = Result.objects.filter(attempt__in=attempts, revision=FIRST_REVISION)
    results = {result.attempt_id: result for result in stored}
    return [HistoryRow(attempt, results.get(attempt.pk) or _graded(attempt, now)) for attempt in attempts]


def _graded(attempt: Attempt, now: datetime) -> Result | None:
    return None if attempt.state == State.OPEN else result_for(attempt, now)
