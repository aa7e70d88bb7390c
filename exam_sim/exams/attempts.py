"""The life of an attempt: start, extend, close, discard. Nothing else writes `Attempt.state` or its deadline,
but for `exams.pausing`.

Locks: everything that changes an attempt takes its row lock first (`locked`), so a batch of answers, an
extension, the end and the sweeper happen one after the other, in whatever order they come.
"""

import secrets
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from django.db import IntegrityError, transaction

from exam_sim.accounts.models import ExtraTime, User
from exam_sim.exams import assembly, log
from exam_sim.exams.clock import Clock
from exam_sim.exams.exceptions import NotOpenError, TooManyAnsweredError
from exam_sim.exams.models import (
    Attempt,
    AttemptItem,
    EndedBy,
    EventKind,
    ExamProfile,
    Extension,
    Mode,
    Register,
    Sight,
    State,
)
from exam_sim.exams.shuffling import shuffle_options, shuffled
from questions.models import Domain, Kind, Pool, Question, Status

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


def open_attempt(user: User, profile: ExamProfile, now: datetime) -> Attempt | None:
    """The candidate's running attempt at `profile`; one that is past its grace is closed instead."""
    attempt = Attempt.objects.of(user).open().filter(profile=profile, mode=Mode.EXAM).first()
    if attempt is None or close_if_due(attempt, now).state != State.OPEN:
        return None
    return attempt


def start(user: User, profile: ExamProfile, now: datetime, seed: int | None = None) -> Attempt:
    """The candidate's running attempt at `profile`, or a new one on a form made for this candidate.

    Two starts at once end in one attempt: the database allows one open attempt, and the loser resumes it.
    Raises assembly.ShortBankError.
    """
    running = open_attempt(user, profile, now)
    if running is not None:
        return running
    attempt, items = _prepare(user, profile, now, secrets.randbits(62) if seed is None else seed)
    try:
        with transaction.atomic():
            attempt.save(force_insert=True)
            AttemptItem.objects.bulk_create(items)
    except IntegrityError:
        running = open_attempt(user, profile, now)
        if running is None:
            raise
        return running
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
    """Close `attempt` when deadline and grace are past; it is brought up to date in place and returned."""
    if attempt.state == State.OPEN and clock_of(attempt).is_due(now):
        with transaction.atomic():
            fresh = locked(attempt.pk)
            if clock_of(fresh).is_due(now):
                close(fresh, EndedBy.CLOCK, now)
        attempt.refresh_from_db()
    return attempt


def close_expired(now: datetime, limit: int = 500) -> int:
    """Close every attempt past deadline and grace, each in its own transaction; how many were closed.

    Safe to run twice at once: a row that another process holds is left to it.
    """
    closed = 0
    for attempt_id in Attempt.objects.overdue(now).values_list("pk", flat=True)[:limit]:
        with transaction.atomic():
            attempt = (
                Attempt.objects.select_for_update(skip_locked=True)
                .filter(pk=attempt_id, state=State.OPEN)
                .first()
            )
            if attempt is not None and clock_of(attempt).is_due(now):
                close(attempt, EndedBy.CLOCK, now)
                closed += 1
    return closed


def discard(attempt_id: UUID, user: User, now: datetime) -> Attempt:
    """End an attempt without a result, while fewer than `DISCARD_BELOW` items are answered.

    Raises TooManyAnsweredError, NotOpenError, Attempt.DoesNotExist.
    """
    with transaction.atomic():
        attempt = locked(attempt_id, user)
        if attempt.state != State.OPEN:
            raise NotOpenError("This exam is already over.")
        answers = Register.objects.filter(attempt=attempt, kind=EventKind.ANSWER).values_list(
            "value", flat=True
        )
        if sum(bool(value) for value in answers) >= DISCARD_BELOW:
            raise TooManyAnsweredError(
                f"{DISCARD_BELOW} or more questions are answered: end the exam instead, its result counts."
            )
        _leave_open(attempt, State.DISCARDED, EndedBy.CANDIDATE, now)
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


def set_deadline(attempt: Attempt, seconds: int | None) -> None:
    """Give `attempt` `seconds` in all, not yet saved: none for an untimed one. One that is paused has no
    deadline until it goes on."""
    attempt.seconds_granted = seconds
    attempt.deadline = attempt.close_by = None
    if seconds is not None and attempt.paused_at is None:
        time = timedelta(seconds=seconds, milliseconds=attempt.paused_ms)
        attempt.deadline = attempt.started_at + time
        attempt.close_by = attempt.deadline + timedelta(seconds=attempt.grace_seconds)


def _prepare(user: User, profile: ExamProfile, now: datetime, seed: int) -> tuple[Attempt, list[AttemptItem]]:
    """An attempt with its items, not yet saved."""
    domains = list(
        Domain.objects.filter(certification_id=profile.certification_id).prefetch_related("task_statements")
    )
    places = _places(profile, domains)
    rng = Random(seed)  # noqa: S311 - a form can be drawn again from its stored seed
    pools = {
        pool.pk: pool
        for pool in Pool.objects.filter(collection__profiles=profile).select_related("task_statement__domain")
        if pool.status == Status.PUBLISHED or profile.unscored
    }
    sizes = {pool.pk: _size(pool) for pool in pools.values()}
    seen = _seen(user)
    seen_by_pool = Counter(pool_id for pool_id, _ in seen.values() if pool_id is not None)
    layouts: dict[UUID, tuple[UUID, dict]] = {}
    form = assembly.assemble(
        places, list(sizes.values()), seen_by_pool, lambda ranks: _read(ranks, sizes, seen, layouts), rng
    )
    scored = {candidate.question for candidate in form.scored}
    item_rng = Random(seed)  # noqa: S311 - as above
    order = shuffled((c.question for c in (*form.scored, *form.unscored)), item_rng)
    option_rng = Random(seed + 1)  # noqa: S311 - as above
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
        seed=seed,
        shape=[[len(layouts[question][1]["options"]), layouts[question][1]["choose"]] for question in order],
        blueprint=[_blueprint(domain, place) for domain, place in zip(domains, places, strict=True)],
        wishes=list(form.wishes),
    )
    base = profile.minutes * 60
    attempt.seconds_extra = ExtraTime(user.extra_time).extra_seconds(base)
    set_deadline(attempt, base + attempt.seconds_extra)
    items = []
    for number, question in enumerate(order, start=1):
        version_id, layout = layouts[question]
        options = [(id_, bool(fixed)) for id_, fixed in layout["options"]]
        items.append(
            AttemptItem(
                attempt=attempt,
                number=number,
                question_id=question,
                version_id=version_id,
                scored=question in scored,
                option_order=shuffle_options(options, layout["shuffle"], option_rng),
            )
        )
    return attempt, items


def _places(profile: ExamProfile, domains: Iterable[Domain]) -> list[assembly.Places]:
    weights = {domain.code: domain.weight for domain in domains}
    scored = assembly.apportion(profile.scored, weights)
    unscored = assembly.apportion(profile.unscored, weights)
    return [
        assembly.Places(
            domain.code,
            domain.title,
            tuple(statement.code for statement in domain.task_statements.all()),
            scored[domain.code],
            unscored[domain.code],
        )
        for domain in domains
    ]


def _blueprint(domain: Domain, places: assembly.Places) -> dict[str, object]:
    return {
        "code": domain.code,
        "title": domain.title,
        "weight": domain.weight,
        "scored": places.scored,
        "unscored": places.unscored,
        "task_statements": [
            {"code": statement.code, "title": statement.title} for statement in domain.task_statements.all()
        ],
    }


def _size(pool: Pool) -> assembly.PoolSize:
    statement = pool.task_statement
    return assembly.PoolSize(
        pool=pool.pk,
        domain=statement.domain.code,
        task_statement=statement.code,
        trial=pool.status == Status.TRIAL,
        size=pool.size,
        multiple=pool.multiple_response,
        levels=(pool.level_1, pool.level_2, pool.level_3),
    )


def _seen(user: User) -> dict[UUID, tuple[int | None, datetime]]:
    """(pool, when last seen) of every question this candidate saw, those of open attempts as of their
    start. What was looked at in a preview was not seen by a candidate."""
    seen: dict[UUID, tuple[int | None, datetime]] = {}
    in_open = AttemptItem.objects.filter(attempt__in=Attempt.objects.of(user).open().of_candidates())
    for question, pool, at in in_open.values_list("question_id", "question__pool_id", "attempt__started_at"):
        seen[question] = (pool, at)
    closed = Sight.objects.filter(user=user).values_list("question_id", "question__pool_id", "last_seen")
    for question, pool, at in closed:
        seen.setdefault(question, (pool, at))
    return seen


def _read(
    ranks: dict[int, list[int]],
    sizes: dict[int, assembly.PoolSize],
    seen: dict[UUID, tuple[int | None, datetime]],
    layouts: dict[UUID, tuple[UUID, dict]],
) -> list[assembly.Candidate]:
    """The questions at `ranks`, in one statement for all pools; `layouts` takes (version id, layout) by
    question."""
    candidates = []
    for row in Question.objects.at_ranks(ranks).values_list(
        "id",
        "collection_id",
        "external_id",
        "pool_id",
        "current_version_id",
        "current_version__kind",
        "current_version__level",
        "current_version__testing_point_key",
        "current_version__enemies",
        "current_version__layout",
    ):
        question, collection, external_id, pool_id, version_id, kind, level, point, enemies, layout = row
        layouts[question] = version_id, layout
        candidates.append(
            assembly.Candidate(
                question=question,
                name=f"{collection}/{external_id}",
                domain=sizes[pool_id].domain,
                task_statement=sizes[pool_id].task_statement,
                trial=sizes[pool_id].trial,
                multiple=kind == Kind.MULTIPLE_RESPONSE,
                level=level,
                testing_point=point,
                enemies=frozenset(f"{collection}/{enemy}" for enemy in enemies),
                last_seen=seen[question][1] if question in seen else None,
            )
        )
    return candidates


def uuid7(now: datetime) -> UUID:
    """A UUID whose first 48 bits are the milliseconds of `now` (RFC 9562, section 5.7): rows that are made
    together stand together, and a table can be partitioned by start."""
    milliseconds = int(now.timestamp() * 1000)
    value = milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return UUID(int=value)
