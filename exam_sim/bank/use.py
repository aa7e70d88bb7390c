"""Where a question was used: in which of its versions, by how many attempts, and how those stand.

Attempts of candidates alone; a preview is no use of a question.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from exam_sim.exams.models import AttemptItem, Mode, State
from questions.models import Question, QuestionVersion


@dataclass(frozen=True, slots=True)
class Use:
    """How many attempts hold a version, by their state."""

    open: int = 0
    closed: int = 0
    discarded: int = 0

    @property
    def total(self) -> int:
        return self.open + self.closed + self.discarded


def by_version(question: Question) -> dict[UUID, Use]:
    """The use of each version that is used; one that is not has no entry. One statement."""
    rows = (
        AttemptItem.objects.filter(question=question)
        .exclude(attempt__mode=Mode.PREVIEW)
        .order_by()
        .values("version")
        .annotate(**{state.value: Count("pk", filter=Q(attempt__state=state)) for state in State})
    )
    return {row.pop("version"): Use(**row) for row in rows}


def closed_with_current_key(question: Question) -> int:
    """How many closed attempts were sat with a version that has the key of the current one: those whose
    reviews speak of a correction when this key is changed. Two statements."""
    versions = QuestionVersion.objects.filter(question=question).only("options")
    keys = {version.pk: version.key for version in versions}
    if question.current_version_id is None:
        return 0
    current = keys[question.current_version_id]
    same = [id_ for id_, key in keys.items() if key == current]
    items = AttemptItem.objects.filter(question=question, version__in=same, attempt__state=State.CLOSED)
    return items.exclude(attempt__mode=Mode.PREVIEW).count()


def closed_with(questions: QuerySet[Any, Any]) -> int:
    """How many closed attempts have one of these questions (a query of ids), in any version."""
    items = AttemptItem.objects.filter(question__in=questions, attempt__state=State.CLOSED)
    return items.exclude(attempt__mode=Mode.PREVIEW).values("attempt").distinct().count()
