"""Pausing a study session: its clock stands still until it is resumed. The only writer of the pause, but for
closing, which ends it.

Both happen under the attempt's row lock, so an answer, an extension or the end comes wholly before or after.
A paused session has no deadline, so the sweeper leaves it alone, however long it stands; extra time is noted
in `seconds_granted`. When it is closed it ends at the instant at which it was paused.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from exam_sim.accounts.models import User
from exam_sim.exams import attempts
from exam_sim.exams.exceptions import NotOpenError, NotStudyError
from exam_sim.exams.models import Attempt, State

_FIELDS = ("paused_at", "paused_ms", "deadline", "close_by")


def pause(attempt_id: UUID, user: User, now: datetime) -> Attempt:
    """Stop the clock of the candidate's own session; one that is paused stays as it is.

    Raises NotStudyError, NotOpenError (in the grace too: no time is left), Attempt.DoesNotExist.
    """
    with transaction.atomic():
        attempt = _locked(attempt_id, user, now)
        if attempt.paused_at is None:
            attempt.paused_at = attempts.clock_of(attempt).stopped(now).stopped_at
            attempts.set_deadline(attempt, attempt.seconds_granted)
            attempt.save(update_fields=_FIELDS)
    return attempt


def resume(attempt_id: UUID, user: User, now: datetime) -> Attempt:
    """Let the clock go on with the time that was left; one that is not paused stays as it is.

    Raises NotStudyError, NotOpenError, Attempt.DoesNotExist.
    """
    with transaction.atomic():
        attempt = _locked(attempt_id, user, now)
        if attempt.paused_at is not None:
            attempt.paused_ms = attempts.clock_of(attempt).going_on(now).paused_ms
            attempt.paused_at = None
            attempts.set_deadline(attempt, attempt.seconds_granted)
            attempt.save(update_fields=_FIELDS)
    return attempt


def _locked(attempt_id: UUID, user: User, now: datetime) -> Attempt:
    attempt = attempts.locked(attempt_id, user)
    if not attempt.is_study:
        raise NotStudyError("Only a study session can be paused.")
    if attempt.state != State.OPEN or attempts.clock_of(attempt).is_over(now):
        raise NotOpenError("This session is already over.")
    return attempt
