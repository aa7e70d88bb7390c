"""What a candidate sees without an event that counts: a question that they never got to and choose to see, in
the review of an attempt that is closed; and one that they answered too late."""

from collections.abc import Collection
from datetime import datetime

from exam_sim.exams import reserve
from exam_sim.exams.models import Attempt, AttemptItem, Mode, Sight, State


class KeptUnseenError(Exception):
    """The question is needed unseen; the message says what for, in one sentence."""


def reveal(attempt: Attempt, number: int, now: datetime) -> None:
    """Note that the candidate of a closed attempt has seen the question of item `number` from now on. One
    that was seen before stays as it is.

    Raises AttemptItem.DoesNotExist, KeptUnseenError.
    """
    item = attempt.items.get(number=number)
    elsewhere = AttemptItem.objects.filter(
        question=item.question_id, attempt__user=attempt.user_id, attempt__state=State.OPEN
    )
    if elsewhere.exclude(attempt__mode=Mode.PREVIEW).exists():
        raise KeptUnseenError(
            "It is in an exam or session that you have open: it is shown when that is over."
        )
    profile = attempt.profile
    if (
        profile
        and reserve.reserved(attempt.user, profile.certification_id).filter(pk=item.question_id).exists()
    ):
        raise KeptUnseenError("It is kept for your dress rehearsal: it is shown when that is over.")
    sight = Sight(user=attempt.user, question_id=item.question_id, first_attempt=attempt, last_seen=now)
    Sight.objects.bulk_create([sight], ignore_conflicts=True)


def note_late(attempt: Attempt, numbers: Collection[int], now: datetime) -> None:
    """An answer that came too late was given to something seen, and the review shows its question: it is no
    first sight anywhere else. One that is kept for the rehearsal stays unseen."""
    if attempt.is_preview or attempt.profile is None:
        return
    kept = reserve.reserved(attempt.user, attempt.profile.certification_id)
    items = attempt.items.filter(number__in=numbers).exclude(question__in=kept.values("pk"))
    Sight.objects.bulk_create(
        [
            Sight(user_id=attempt.user_id, question_id=question, first_attempt=attempt, last_seen=now)
            for question in items.order_by("question").values_list("question", flat=True)
        ],
        ignore_conflicts=True,
    )
