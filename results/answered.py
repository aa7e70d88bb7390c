"""What a candidate did with each item of a closed attempt: one statement, for grading and for learning.

*Displayed*: the item has an event. *First sight*: it was displayed, this attempt is the one that noted the
sight of its question (`Sight.first_attempt`, whatever the version), and no other attempt of this candidate
that was still open when this one closed had displayed it by then: what is shown in an attempt that is open,
with its explanation perhaps, has no `Sight` yet. Such an attempt may be closed as of an earlier instant, the
one at which it was paused or its deadline. *Void*: the key of its question was corrected since the
version that was sat.

Callers pass closed attempts only: everything here shows keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery

from exam_sim.exams.models import AnswerEvent, Attempt, AttemptItem, EventKind, Mode, Register, Sight
from questions.models import KeyCorrection, QuestionVersion
from results import evidence, scoring


@dataclass(frozen=True, slots=True)
class Answered:
    """`version` is the version's number; `sure` is None where the candidate did not say."""

    item: scoring.Item
    question: UUID
    version_id: UUID
    version: int
    displayed: bool
    first_sight: bool
    sure: bool | None
    void: bool

    @property
    def evidence(self) -> evidence.Item:
        return evidence.Item(
            number=self.item.number,
            question=self.question.hex,
            version=self.version,
            domain=self.item.domain,
            task_statement=self.item.task_statement,
            scored=self.item.scored,
            right=self.item.right,
            displayed=self.displayed,
            first_sight=self.first_sight,
            sure=self.sure,
            void=self.void,
        )


def answered(attempt: Attempt) -> list[Answered]:
    """By number, from registers, events, sights and keys as they are stored: one statement."""
    rows: QuerySet[AttemptItem, Any] = (
        AttemptItem.objects.filter(attempt=attempt)
        .order_by("number")
        .annotate(
            answer=_register(EventKind.ANSWER),
            sure=_register(EventKind.SURE),
            displayed=_is(Q(number__in=AnswerEvent.objects.filter(attempt=attempt).values("item"))),
            noted=_is(Q(question__in=_sights(attempt))),
            elsewhere=_is(Q(question__in=_displayed_elsewhere(attempt))),
            void=Exists(
                KeyCorrection.objects.filter(
                    question=OuterRef("question"), before__number__gte=OuterRef("version__number")
                )
            ),
        )
        .values_list(*_COLUMNS, named=True)
    )
    chooses = [choose for _, choose in attempt.shape]
    return [_answered(row, chooses) for row in rows]


_COLUMNS = (
    "number",
    "question_id",
    "version_id",
    "version__number",
    "version__options",
    "version__task_statement__code",
    "version__task_statement__domain__code",
    "scored",
    "option_order",
    "answer",
    "sure",
    "displayed",
    "noted",
    "elsewhere",
    "void",
)


def _answered(row: Any, chooses: Sequence[int]) -> Answered:
    return Answered(
        item=scoring.Item(
            number=row.number,
            domain=row.version__task_statement__domain__code,
            task_statement=row.version__task_statement__code,
            scored=row.scored,
            key=QuestionVersion(options=row.version__options).key,
            chosen=frozenset(row.option_order[position] for position in row.answer or ()),
            choose=chooses[row.number - 1],
        ),
        question=row.question_id,
        version_id=row.version_id,
        version=row.version__number,
        displayed=row.displayed,
        first_sight=row.displayed and row.noted and not row.elsewhere,
        sure=row.sure,
        void=row.void,
    )


def _register(kind: EventKind) -> Subquery:
    """What stands for the item: at most one row, by `exams_register_unique`."""
    registers = Register.objects.filter(attempt=OuterRef("attempt"), item=OuterRef("number"), kind=kind)
    return Subquery(registers.values("value"))


def _is(condition: Q) -> ExpressionWrapper:
    """`condition` as a column. Its sets are not correlated with the item, so each is read once for all."""
    return ExpressionWrapper(condition, output_field=BooleanField())


def _sights(attempt: Attempt) -> QuerySet[Sight, Any]:
    return Sight.objects.filter(user_id=attempt.user_id, first_attempt=attempt).values("question")


def _displayed_elsewhere(attempt: Attempt) -> QuerySet[AttemptItem, Any]:
    """Questions that the candidate's other attempts, open when this one closed, had displayed by then. Of one
    that was over before, this attempt does not note the sights."""
    events = AnswerEvent.objects.filter(
        attempt=OuterRef("attempt"), item=OuterRef("number"), received_at__lt=attempt.closed_at
    )
    return (
        AttemptItem.objects.filter(
            Q(attempt__closed_at=None)
            | Q(attempt__closed_at__gt=attempt.closed_at)
            | Q(attempt__close_by__gte=attempt.closed_at)
            | Q(attempt__mode=Mode.STUDY),
            Exists(events),
            attempt__user=attempt.user_id,
            attempt__started_at__lt=attempt.closed_at,
        )
        .exclude(attempt__mode=Mode.PREVIEW)
        .exclude(attempt=attempt)
        .values("question")
    )
