"""What this process knows of open attempts: what is frozen on them and, as it was last read, their clock.

A memory to save a read by, never the truth: whoever acts on it makes the database compare, as
`log.take_if_unchanged` does. Only attempts whose every event is plainly judged by the clock are kept: open,
not paused, and without the locks of a study session with feedback.
"""

from threading import Lock
from typing import Any
from uuid import UUID

from exam_sim.accounts.models import User
from exam_sim.exams import attempts
from exam_sim.exams.models import Attempt, State

KEPT = 2000
"""At 6 KB each."""
_WANTED = {"id", "user_id", "mode", "feedback", "shape", *attempts.CLOCK_FIELDS}
_FIELDS = [field.attname for field in Attempt._meta.concrete_fields if field.attname in _WANTED]

_known: dict[UUID, tuple[Any, ...]] = {}
_lock = Lock()


def note(attempt: Attempt) -> None:
    """Keep what was just read of `attempt`; the one that was noted first makes room."""
    if attempt.state != State.OPEN or attempt.paused_at is not None or attempt.feedback:
        forget(attempt.pk)
        return
    with _lock:
        _known.pop(attempt.pk, None)
        _known[attempt.pk] = tuple(getattr(attempt, name) for name in _FIELDS)
        if len(_known) > KEPT:
            del _known[next(iter(_known))]


def attempt(attempt_id: UUID, user: User) -> Attempt | None:
    """The candidate's own attempt as it was noted, every other field deferred."""
    values = _known.get(attempt_id)
    if values is None:
        return None
    attempt = Attempt.from_db(None, _FIELDS, values)
    return attempt if attempt.user_id == user.pk else None


def forget(attempt_id: UUID) -> None:
    with _lock:
        _known.pop(attempt_id, None)
