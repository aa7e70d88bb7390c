"""The life of an attempt: start, extend, close, discard. Nothing else writes `Attempt.state` or its deadline,
but for `exams.pausing`.

Locks: everything that changes an attempt takes its row lock first (`locked`), so a batch of answers, an
extension, the end and the sweeper happen one after the other, in whatever order they come.
"""

import logging
import secrets
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import IntegrityError, InterfaceError, OperationalError, transaction

from exam_sim import metrics
from exam_sim.accounts.models import ExtraTime, User
from exam_sim.exams import forming, log, opening, reserve
from exam_sim.exams.clock import Clock
from exam_sim.exams.exceptions import NotOpenError, TooManyAnsweredError
from exam_sim.exams.models import (
    Attempt,
    EndedBy,
    EventKind,
    ExamProfile,
    Extension,
    Mode,
    Register,
    State,
)
from exam_sim.postgresql.compiled import CompiledModels

logger = logging.getLogger(__name__)

DISCARD_BELOW = 5

CLOCK_FIELDS = (
    "started_at",
    "deadline",
    "grace_seconds",
    "state",
    "seconds_granted",
    "paused_ms",
    "paused_at",
)


def clock_from(
    started_at: datetime,
    deadline: datetime | None,
    grace_seconds: int,
    state: str,
    seconds_granted: int | None,
    paused_ms: int,
    paused_at: datetime | None,
) -> Clock:
    """The clock out of an attempt's `CLOCK_FIELDS`."""
    if paused_at is not None and seconds_granted is not None:
        deadline = started_at + timedelta(seconds=seconds_granted, milliseconds=paused_ms)
    grace = timedelta(seconds=grace_seconds)
    return Clock(started_at, deadline, grace, state != State.OPEN, paused_ms, paused_at)


def clock_of(attempt: Attempt) -> Clock:
    return clock_from(*(getattr(attempt, name) for name in CLOCK_FIELDS))


def locked(attempt_id: UUID, user: User | None = None) -> Attempt:
    """The attempt under its row lock, for the rest of the transaction. With `user`, only that candidate's
    own.

    Raises Attempt.DoesNotExist. `no_key`: new events point at this row, and need not wait for each other's
    checks.
    """
    attempts = Attempt.objects.select_for_update(no_key=True)
    return attempts.get(pk=attempt_id) if user is None else attempts.get(pk=attempt_id, user_id=user.pk)


_OWN = CompiledModels(
    lambda user, attempt_id: Attempt.objects.of(user).filter(pk=attempt_id).order_by(),
    UUID(int=1),
    UUID(int=2),
)
_RUNNING = CompiledModels(
    lambda user, profile: Attempt.objects.of(user).open().filter(profile=profile, mode=Mode.EXAM).order_by(),
    UUID(int=1),
    "a profile",
)


def own_attempt(attempt_id: UUID, user: User, now: datetime) -> Attempt | None:
    """The candidate's own attempt, closed first if it is past its grace."""
    attempt = _OWN.first(user.pk, attempt_id)
    try:
        return attempt and close_if_due(attempt, now)
    except Attempt.DoesNotExist:
        return None


def open_attempt(user: User, profile: ExamProfile, now: datetime) -> Attempt | None:
    """The candidate's running attempt at `profile`; one that is past its grace is closed instead."""
    attempt = _RUNNING.first(user.pk, profile.pk)
    found = up_to_date([attempt] if attempt else [], now)
    return found[0] if found and found[0].state == State.OPEN else None


def start(user: User, profile: ExamProfile, now: datetime, seed: int | None = None) -> Attempt:
    """The candidate's running attempt at `profile`, or a new one on a form made for this candidate; the first
    one of a certification draws the candidate's reserve too, and a rehearsal takes it.

    Two starts at once end in one attempt: the database allows one open attempt, and the loser resumes it. Of
    two exams started at once, one draws the reserve; the other is formed again, without it.
    Raises assembly.ShortBankError.
    """
    tries = 3
    while True:
        running = open_attempt(user, profile, now)
        if running is not None:
            return running
        formed = forming.form(user, profile, now, secrets.randbits(62) if seed is None else seed)
        try:
            attempt = _open(user, profile, formed, now)
        except IntegrityError:
            tries -= 1
            if not tries:
                raise
        else:
            metrics.attempt_started(Mode.EXAM)
            return attempt


def extend(attempt_id: UUID, minutes: int, by: User | None, reason: str, now: datetime) -> Extension:
    """Give an open, timed attempt `minutes` more (never fewer), and log who did it and why.

    Raises NotOpenError when it is closed or past its grace, ValueError for less than one minute.
    """
    if minutes < 1:
        raise ValueError("An extension is at least one minute.")
    with transaction.atomic():
        attempt = locked(attempt_id)
        if attempt.seconds_granted is None or attempt.state != State.OPEN or clock_of(attempt).is_due(now):
            raise NotOpenError("Only an open, timed attempt can be given more time.")
        set_deadline(attempt, attempt.seconds_granted + 60 * minutes)
        attempt.seconds_extra += 60 * minutes
        attempt.save(update_fields=["deadline", "close_by", "seconds_granted", "seconds_extra"])
        return Extension.objects.create(
            attempt=attempt, seconds=60 * minutes, reason=reason, granted_at=now, granted_by=by
        )


def close(attempt: Attempt, by: EndedBy, now: datetime) -> None:
    """Close an attempt whose row lock the caller holds; final. Does nothing to one that is not open."""
    if attempt.state == State.OPEN:
        _leave_open(attempt, State.CLOSED, by, now)


def close_if_due(attempt: Attempt, now: datetime) -> Attempt:
    """Close `attempt` when deadline and grace are past; it is brought up to date in place and returned.

    Raises Attempt.DoesNotExist when it was removed meanwhile, as with its account.
    """
    if attempt.state == State.OPEN and clock_of(attempt).is_due(now):
        with transaction.atomic():
            fresh = locked(attempt.pk)
            if clock_of(fresh).is_due(now):
                close(fresh, EndedBy.CLOCK, now)
        attempt.refresh_from_db()
    return attempt


def up_to_date(attempts: Iterable[Attempt], now: datetime) -> list[Attempt]:
    """As `close_if_due`, without those that were removed meanwhile."""
    found = []
    for attempt in attempts:
        with suppress(Attempt.DoesNotExist):
            found.append(close_if_due(attempt, now))
    return found


def close_expired(now: datetime, limit: int = 500) -> int:
    """Close every attempt past deadline and grace, each in its own transaction; how many were closed.

    Safe to run twice at once: a row that another process holds is left to it. One that cannot be closed is
    logged, at every sweep, and holds up no other; a database that does not serve ends it, with its error.
    """
    closed = 0
    for attempt_id in Attempt.objects.overdue(now).values_list("pk", flat=True)[:limit]:
        try:
            closed += _close_overdue(attempt_id, now)
        except (InterfaceError, OperationalError):
            raise
        except Exception:
            logger.exception("Attempt %s cannot be closed", attempt_id)
    return closed


def _close_overdue(attempt_id: UUID, now: datetime) -> bool:
    with transaction.atomic():
        attempt = (
            Attempt.objects.select_for_update(skip_locked=True)
            .filter(pk=attempt_id, state=State.OPEN)
            .first()
        )
        if attempt is None or not clock_of(attempt).is_due(now):
            return False
        close(attempt, EndedBy.CLOCK, now)
    return True


def discard(attempt_id: UUID, user: User, now: datetime) -> Attempt:
    """End an attempt without a result, while fewer than `DISCARD_BELOW` items are answered.

    Raises TooManyAnsweredError, NotOpenError, Attempt.DoesNotExist.
    """
    with transaction.atomic():
        attempt = locked(attempt_id, user)
        if attempt.state != State.OPEN:
            raise NotOpenError(f"This {attempt.noun} is already over.")
        answers = Register.objects.filter(attempt=attempt, kind=EventKind.ANSWER).values_list(
            "value", flat=True
        )
        if sum(bool(value) for value in answers) >= DISCARD_BELOW:
            raise TooManyAnsweredError(
                f"{DISCARD_BELOW} or more questions are answered: end the {attempt.noun} instead,"
                " its result counts."
            )
        _leave_open(attempt, State.DISCARDED, EndedBy.CANDIDATE, now)
        if attempt.mode == Mode.EXAM:
            reserve.give_back(attempt)
    return attempt


def _leave_open(attempt: Attempt, state: State, by: EndedBy, now: datetime) -> None:
    attempt.closed_at = clock_of(attempt).closing_time(now)
    attempt.state = state
    attempt.ended_by = by
    changed = ["state", "closed_at", "ended_by"]
    if attempt.paused_at is not None:
        attempt.paused_at = None
        set_deadline(attempt, attempt.seconds_granted)
        changed += ["paused_at", "deadline", "close_by"]
    attempt.save(update_fields=changed)
    if not attempt.is_preview:
        log.record_sights(attempt.pk, attempt.user_id, attempt.closed_at)
        reason = by.value if state == State.CLOSED else state.value
        transaction.on_commit(partial(metrics.attempt_closed, reason))


def set_deadline(attempt: Attempt, seconds: int | None) -> None:
    """Give `attempt` `seconds` in all, not yet saved: none for an untimed one. One that is paused has no
    deadline until it goes on."""
    attempt.seconds_granted = seconds
    attempt.deadline = attempt.close_by = None
    if seconds is not None and attempt.paused_at is None:
        time = timedelta(seconds=seconds, milliseconds=attempt.paused_ms)
        attempt.deadline = attempt.started_at + time
        attempt.close_by = attempt.deadline + timedelta(seconds=attempt.grace_seconds)


def _open(user: User, profile: ExamProfile, formed: forming.Formed, now: datetime) -> Attempt:
    """A new attempt on this form, with what it does to the candidate's reserve. Raises IntegrityError when
    another start was first."""
    attempt = Attempt(
        id=uuid7(now),
        user=user,
        profile=profile,
        title=profile.title,
        started_at=now,
        grace_seconds=profile.grace_seconds,
        pass_mark=profile.pass_mark,
        scale_min=profile.scale_min,
        scale_max=profile.scale_max,
        seed=formed.seed,
        shape=formed.shape,
        blueprint=formed.blueprint,
        wishes=list(formed.wishes),
    )
    base = profile.minutes * 60
    attempt.seconds_extra = ExtraTime(user.extra_time).extra_seconds(base)
    set_deadline(attempt, base + attempt.seconds_extra)
    opening.write(attempt, formed, profile.certification_id)
    return attempt


def uuid7(now: datetime) -> UUID:
    """A UUID whose first 48 bits are the milliseconds of `now` (RFC 9562, section 5.7): rows that are made
    together stand together, and a table can be partitioned by start."""
    milliseconds = int(now.timestamp() * 1000)
    value = milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return UUID(int=value)
