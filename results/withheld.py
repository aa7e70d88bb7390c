"""Which questions say nothing yet of their key: those that the candidate sits in an exam that is open.

An open preview holds nothing back: what is known of its keys helps nobody to a score. Neither does an item of
a study session that was checked: it is locked, and its key was shown there.
"""

from uuid import UUID

from django.db.models import Exists, OuterRef

from exam_sim.exams.models import AttemptItem, EventKind, Mode, Register, State


def is_withheld(user_id: UUID, question: str = "question") -> Exists:
    """For a query over rows whose field `question` is a question."""
    checked = Register.objects.filter(
        attempt=OuterRef("attempt"), item=OuterRef("number"), kind=EventKind.CHECK, value=True
    )
    running = AttemptItem.objects.filter(
        attempt__user=user_id, attempt__state=State.OPEN, question=OuterRef(question)
    )
    return Exists(running.exclude(attempt__mode=Mode.PREVIEW).filter(~Exists(checked)))
