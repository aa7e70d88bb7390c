"""Where a question was used: in which of its versions, by how many attempts, and how those stand.

Attempts of candidates alone; a preview is no use of a question. Nobody needs to know whether it was 20,000
or 21,000 attempts, and counting them would take the longer the more there are: after `MOST` it is "at least".
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, TextField
from django.db.models.expressions import RawSQL

from exam_sim.exams.models import AttemptItem, Mode, State
from questions.models import Question, QuestionVersion

MOST = 1000


@dataclass(frozen=True, slots=True)
class Count:
    """`more`: there may be more than were counted."""

    number: int = 0
    more: bool = False

    def __str__(self) -> str:
        return f"at least {self.number}" if self.more else str(self.number)


@dataclass(frozen=True, slots=True)
class Use:
    """How many attempts hold a version, by their state; with `more`, of those that were counted."""

    open: int = 0
    closed: int = 0
    discarded: int = 0
    more: bool = False

    @property
    def total(self) -> int:
        return self.open + self.closed + self.discarded


def by_version(question: Question) -> dict[UUID, Use]:
    """The use of each version that is used; one that is not has no entry. One statement."""
    versions = QuestionVersion.objects.filter(question=question).order_by()
    counted = RawSQL(_COUNTED, [Mode.PREVIEW, MOST], output_field=TextField())  # noqa: S611 - all are parameters
    uses = {}
    for pk, counts in versions.annotate(counts=counted).values_list("pk", "counts"):
        numbers = [int(number) for number in counts.split()]
        if any(numbers):
            by_state = {state.value: number for state, number in zip(State, numbers, strict=True)}
            uses[pk] = Use(**by_state, more=sum(numbers) == MOST)
    return uses


# One look at the first attempts of a version counts all states: the ORM has no limit within an aggregate.
_COUNTED = (
    "SELECT "  # noqa: S608 - states are our own
    + " || ' ' || ".join(f"count(*) FILTER (WHERE sat.state = '{state.value}')" for state in State)
    + " FROM (SELECT attempt.state FROM exams_attemptitem AS item"
    " JOIN exams_attempt AS attempt ON attempt.id = item.attempt_id"
    " WHERE item.version_id = questions_questionversion.id AND attempt.mode <> %s LIMIT %s) AS sat"
)


def closed_with_current_key(question: Question) -> Count:
    """How many closed attempts were sat with a version that has the key of the current one: those whose
    reviews speak of a correction when this key is changed. Two statements."""
    versions = QuestionVersion.objects.filter(question=question).only("options")
    keys = {version.pk: version.key for version in versions}
    if question.current_version_id is None:
        return Count()
    current = keys[question.current_version_id]
    same = [id_ for id_, key in keys.items() if key == current]
    return _attempts(AttemptItem.objects.filter(version__in=same))


def closed_with(questions: QuerySet[Any, Any]) -> Count:
    """How many closed attempts have one of these questions (a query of ids), in any version."""
    return _attempts(AttemptItem.objects.filter(question__in=questions))


def _attempts(items: QuerySet[AttemptItem]) -> Count:
    """The closed attempts of candidates that these items are in."""
    closed = items.filter(attempt__state=State.CLOSED).exclude(attempt__mode=Mode.PREVIEW).order_by()
    found = list(closed.values_list("attempt", flat=True)[:MOST])
    return Count(len(set(found)), more=len(found) == MOST)
