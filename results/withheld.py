"""Which questions say nothing yet of their key: those that the candidate sits in an exam that is open.
And which results say nothing yet: those that were worked out while the candidate sat an exam that shares a
question with them. Somebody who ends a session of one such question would learn from its result whether they
were right, and could try one option after the other.

An open preview holds nothing back: what is known of its keys helps nobody to a score. Neither does an item of
a study session that was checked: it is locked, and its key was shown there.
"""

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from exam_sim.exams.models import Attempt, AttemptItem, EventKind, Mode, Register, State


def is_withheld(user_id: UUID, question: str = "question") -> Exists:
    """For a query over rows whose field `question` is a question."""
    checked = Register.objects.filter(
        attempt=OuterRef("attempt"), item=OuterRef("number"), kind=EventKind.CHECK, value=True
    )
    running = AttemptItem.objects.filter(
        attempt__user=user_id, attempt__state=State.OPEN, question=OuterRef(question)
    )
    return Exists(running.exclude(attempt__mode=Mode.PREVIEW).filter(~Exists(checked)))


def told(user_id: UUID) -> Q:
    """For a query over results: those that hold nothing back. When a result was worked out counts, not when
    its attempt was closed: a session that is ended while it is paused was over, by its clock, when it was
    paused. What was told before the exam began is told."""
    shared = AttemptItem.objects.filter(attempt=OuterRef(OuterRef("attempt")), question=OuterRef("question"))
    running = AttemptItem.objects.filter(
        Exists(shared),
        attempt__user=user_id,
        attempt__state=State.OPEN,
        attempt__mode=Mode.EXAM,
        attempt__started_at__lte=OuterRef("computed_at"),
    )
    return ~Q(Exists(running))


def withholding(attempt: Attempt, computed_at: datetime) -> Attempt | None:
    """The open exam that holds back the result of `attempt` that was worked out at `computed_at`."""
    mine = AttemptItem.objects.filter(attempt=attempt).values("question")
    shared = AttemptItem.objects.filter(attempt=OuterRef("pk"), question__in=mine)
    running = Attempt.objects.of(attempt.user_id).filter(state=State.OPEN, mode=Mode.EXAM)
    return running.filter(Exists(shared), started_at__lte=computed_at).first()
