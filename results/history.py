"""A candidate's attempts over time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

from django.db.models import BooleanField, Case, ExpressionWrapper, QuerySet, When

from exam_sim.accounts.models import User
from exam_sim.exams.attempts import up_to_date
from exam_sim.exams.models import Attempt, State
from results import evidence
from results.grading import result_for
from results.models import FIRST_REVISION, Result
from results.withheld import told
from results.wording import duration

PAGE_SIZE = 20


@dataclass(frozen=True)
class HistoryRow:
    """`result` is None while the attempt is open. `withheld`: it says nothing yet, see `results.withheld`."""

    attempt: Attempt
    result: Result | None
    withheld: bool = False

    @property
    def time_used(self) -> str:
        return duration(self.attempt.time_used or timedelta())

    @property
    def notes(self) -> list[str]:
        """What to know beside the score; of a form alone."""
        if self.attempt.is_study or not self._items:
            return []
        notes = []
        if evidence.is_incomplete(sum(item.displayed for item in self._items), len(self._items)):
            notes.append("Incomplete")
        repeats = sum(item.scored and item.displayed and not item.first_sight for item in self._items)
        if repeats:
            notes.append(f"{repeats} of {sum(item.scored for item in self._items)} seen before")
        return notes

    @cached_property
    def _items(self) -> Sequence[evidence.Item]:
        """Empty while the attempt is open, and where an older result has not gathered them."""
        return evidence.read((self.result and self.result.items) or ())


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
    attempts = up_to_date(attempts, now)
    results = _results(attempts)
    ungraded = [a for a in attempts if a.state != State.OPEN and a.pk not in results]
    for attempt in ungraded:
        result_for(attempt, now)
    if ungraded:
        results = _results(attempts)
    return [HistoryRow(attempt, *results.get(attempt.pk, (None, False))) for attempt in attempts]


def _results(attempts: Sequence[Attempt]) -> dict[UUID, tuple[Result, bool]]:
    """By attempt of one candidate, its result and whether that is held back."""
    if not attempts:
        return {}
    stored = Result.objects.filter(attempt__in=attempts, revision=FIRST_REVISION)
    is_told = ExpressionWrapper(told(attempts[0].user_id), output_field=BooleanField())
    return {result.attempt_id: (result, not result.is_told) for result in stored.annotate(is_told=is_told)}
