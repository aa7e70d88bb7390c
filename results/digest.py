"""Taking a result in: what is learnt from a closed attempt reaches cards and tallies exactly once.

`Result.digested_at` is written in the transaction that writes them, so what was broken off is as if it had
not begun. The candidate's row is locked first, then the result: a candidate's results are digested one after
the other, because each moves the same cards; and an account is deleted before or after, never in between.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from exam_sim.accounts.models import User
from exam_sim.exams.models import Attempt, Mode
from results import cards, tallies
from results.answered import answered
from results.evidence import is_incomplete
from results.grading import DEFECTS, note_digested, result_for, with_graded
from results.models import FIRST_REVISION, Result

logger = logging.getLogger(__name__)

AT_ONCE = 20
"""How many attempts a page takes in for its candidate; what is left is the sweeper's."""

_DIGESTED = Exists(
    Result.objects.filter(attempt=OuterRef("pk"), revision=FIRST_REVISION, digested_at__isnull=False)
)


def digest(result: Result, now: datetime, *, wait: bool = True) -> bool:
    """Take `result` into the candidate's cards and the tallies; whether it was this call that did.

    Eight statements at most. Without `wait`, a result whose candidate another process is at work on is left
    to it.
    """
    with transaction.atomic():
        mine = (
            Result.objects.select_for_update(of=("attempt__user", "self"), no_key=True, skip_locked=not wait)
            .select_related("attempt__user")
            .filter(pk=result.pk, revision=FIRST_REVISION, digested_at=None)
            .first()
        )
        if mine is None:
            return False
        attempt = mine.attempt
        if attempt.closed_at is None:
            raise ValueError("an open attempt has a result")
        items = answered(attempt)
        cards.review(attempt.user_id, items, attempt.closed_at)
        is_whole = attempt.mode == Mode.STUDY or not is_incomplete(
            sum(i.displayed for i in items), len(items)
        )
        if is_whole and tallies.is_counted(attempt.user):
            tallies.count(items)
        note_digested(mine, items, now)
    return True


def digest_of(user: User, now: datetime) -> int:
    """Grade and digest what this candidate closed and nobody has taken in yet, oldest first and at most
    `AT_ONCE`: for pages that need cards as they are. One query when there is nothing to do."""
    closed = Attempt.objects.of(user).closed().of_candidates().filter(~_DIGESTED)
    done = 0
    for attempt in with_graded(closed).order_by("closed_at")[:AT_ONCE]:
        try:
            done += digest(result_for(attempt, now), now)
        except DEFECTS:
            logger.exception("Attempt %s cannot be digested", attempt.pk)
    return done


def digest_results(now: datetime) -> int:
    """Digest every result that was not digested yet, oldest first; says how many.

    One that cannot be digested is logged, at every sweep, and holds up nobody else's.
    """
    pending = Result.objects.filter(revision=FIRST_REVISION, digested_at=None).order_by("computed_at")
    done = 0
    for result in pending.only("pk", "attempt_id").iterator(100):
        try:
            done += digest(result, now, wait=False)
        except DEFECTS:
            logger.exception("Attempt %s cannot be digested", result.attempt_id)
    return done
