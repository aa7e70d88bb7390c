"""Taking answers: `record` is the only writer of events, registers and late answers.

For each batch, under the attempt's row lock: judge every event by the clock, append what is taken to the log,
let each register hold its greatest (intent, id). The order of arrival therefore never matters, and a batch
that arrives twice changes nothing. But for one thing: a check locks its item from its arrival on, because the
reply shows the key. An event is acknowledged by its place in `Receipt.results`, which is read
after the commit.

Nearly every batch finds its attempt as the last one left it. On PostgreSQL such a batch is judged by what is
`known` of the attempt and taken by one statement that locks the row, makes sure, writes and commits; when it
finds something else, nothing was written, and the batch goes the long way.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import FilteredRelation, Q, QuerySet

from exam_sim.accounts.models import User
from exam_sim.exams import attempts, explaining, known, log, sights
from exam_sim.exams.clock import Clock, Verdict
from exam_sim.exams.events import Batch, Event, Refusal, UnreadableError, kinds_of, parse
from exam_sim.exams.explaining import LOCKING, Explanation
from exam_sim.exams.models import AnswerEvent, Attempt, EndedBy, EventKind, LateAnswer, Register, State
from exam_sim.postgresql.compiled import Compiled
from exam_sim.postgresql.prepared import rows_of

Wire = tuple[int, str, object, int, str]


@dataclass(slots=True)
class Receipt:
    """What became of a batch. `results` says of each event id "stored", "superseded" by a newer one,
    "duplicate" of one already in the log, or the Refusal; `registers` are (item, kind, value, intent, event
    id) of what it touched; `explained` is what the items show that it checked, by number."""

    attempt: Attempt
    results: dict[str, str | Refusal] = field(default_factory=dict)
    registers: list[Wire] = field(default_factory=list)
    explained: dict[int, Explanation] = field(default_factory=dict)


def record(
    attempt_id: UUID, user: User, batch: bytes | Sequence[Event], now: datetime, end: bool = False
) -> Receipt:
    """Take a batch (a request body, or events already made) for the candidate's own attempt; with `end`,
    close the attempt in the same transaction.

    An attempt past its grace is closed first. It is not ended while an event was refused for its clock,
    because that event comes again at once; nor at a browser's zero that is not the server's, as when time was
    added that the browser had not heard of. Raises Attempt.DoesNotExist, events.UnreadableError.
    """
    quick = None if end else _record_at_once(attempt_id, user, batch, now)
    if quick is not None:
        return quick
    with transaction.atomic():
        attempt = attempts.locked(attempt_id, user)
        if attempts.clock_of(attempt).is_due(now):
            attempts.close(attempt, EndedBy.CLOCK, now)
        parsed = _read(batch, attempt)
        receipt = Receipt(attempt, dict(parsed.refused))
        overtaken = _take(receipt, parsed, now)
        is_over = attempts.clock_of(attempt).is_over(now)
        if end and Refusal.CLOCK not in receipt.results.values() and (is_over or not parsed.at_zero):
            attempts.close(attempt, EndedBy.CLOCK if is_over else EndedBy.CANDIDATE, now)
        if overtaken and attempt.state == State.OPEN:
            receipt.registers = registers_of(attempt, overtaken)
    known.note(attempt)
    return receipt


def _record_at_once(
    attempt_id: UUID, user: User, batch: bytes | Sequence[Event], now: datetime
) -> Receipt | None:
    """A batch of which every event is taken, for an attempt that is as it is known to be; else None."""
    attempt = known.attempt(attempt_id, user) if connection.vendor == "postgresql" else None
    if attempt is None:
        return None
    try:
        parsed = _read(batch, attempt)
    except UnreadableError:
        return None
    clock = attempts.clock_of(attempt)
    if parsed.refused or not parsed.events:
        return None
    if any(clock.judge(event.intent_ms, now) is not Verdict.TAKEN for event in parsed.events):
        return None
    taken = [_capped(event, clock.elapsed_ms(now)) for event in parsed.events]
    logged = log.take_if_unchanged(attempt, taken, now)
    if logged is None:
        known.forget(attempt_id)
        return None
    receipt = Receipt(attempt)
    overtaken = _note_taken(receipt, taken, *logged)
    if overtaken:
        receipt.registers = registers_of(attempt, overtaken)
    return receipt


def _read(batch: bytes | Sequence[Event], attempt: Attempt) -> Batch:
    if not isinstance(batch, bytes):
        return Batch(tuple(batch), {}, ours=True)
    return parse(batch, attempt.shape, kinds_of(study=attempt.is_study, feedback=attempt.feedback))


def _register_rows(attempt_id: UUID) -> "QuerySet[Register, tuple[Any, ...]]":
    registers = Register.objects.filter(attempt=attempt_id).order_by("item", "kind")
    return registers.values_list("item", "kind", "value", "intent_ms", "event_id")


_REGISTERS = Compiled(_register_rows, UUID(int=1))


def registers_of(attempt: Attempt, items: Iterable[int] | None = None) -> list[Wire]:
    """What stands now, for all items or for some."""
    rows: Iterable[tuple[Any, ...]]
    if items is None:
        rows = _REGISTERS.rows(attempt.pk)
    else:
        rows = _register_rows(attempt.pk).filter(item__in=set(items))
    return [(item, kind, value, intent_ms, str(event_id)) for item, kind, value, intent_ms, event_id in rows]


def newer(attempt_id: UUID, user: User, since: int, now: datetime) -> tuple[Clock, list[Wire]]:
    """The poll: the clock of the candidate's own attempt and its registers newer than the intent `since`, in
    one indexed read (and a close, when grace has passed). Raises Attempt.DoesNotExist."""
    rows = _clock_and_newer(attempt_id, user, since)
    if not rows:
        raise Attempt.DoesNotExist
    clock = attempts.clock_from(*rows[0][: len(attempts.CLOCK_FIELDS)])
    if not clock.closed and clock.is_due(now):
        clock = attempts.clock_of(attempts.close_if_due(Attempt.objects.get(pk=attempt_id), now))
    registers = [(item, kind, value, intent, str(id_)) for *_, item, kind, value, intent, id_ in rows if kind]
    return clock, registers


def _clock_and_newer(attempt_id: UUID, user: User, since: int) -> Sequence[tuple[Any, ...]]:
    """By register newer than `since`, the attempt's clock and the register; with nothing newer, one row that
    has only the clock. What every idle page asks is written down for PostgreSQL: the ORM takes 0.5 ms to say
    it again."""
    if connection.vendor == "postgresql":
        clock = ", ".join(f"a.{name}" for name in attempts.CLOCK_FIELDS)
        rows = rows_of(
            f"SELECT {clock}, r.item, r.kind, r.value, r.intent_ms, r.event_id"  # noqa: S608 - names of columns
            " FROM exams_attempt AS a"
            " LEFT JOIN exams_register AS r ON r.attempt_id = a.id AND r.intent_ms > %s"
            " WHERE a.id = %s AND a.user_id = %s",
            [since, attempt_id, user.pk],
        )
        return [(*row[:-3], None if row[-4] is None else json.loads(row[-3]), *row[-2:]) for row in rows]
    return list(
        Attempt.objects.of(user)
        .filter(pk=attempt_id)
        .annotate(newer=FilteredRelation("registers", condition=Q(registers__intent_ms__gt=since)))
        .values_list(
            *attempts.CLOCK_FIELDS,
            "newer__item",
            "newer__kind",
            "newer__value",
            "newer__intent_ms",
            "newer__event_id",
        )
    )


def _take(receipt: Receipt, batch: Batch, now: datetime) -> set[int]:
    """Note in `receipt` what became of its events; the items of which something else stands than was sent.

    No browser would stamp again what is `ours`: it is ahead where the server's own clock was set back, or
    another host's is slow, because its intent had to be greater than what stood.
    """
    clock = attempts.clock_of(receipt.attempt)
    judged = [(event, clock.judge(event.intent_ms, now)) for event in batch.events]
    if batch.ours:
        judged = [(e, Verdict.TAKEN if verdict is Verdict.AHEAD else verdict) for e, verdict in judged]
    taken = [_capped(event, clock.elapsed_ms(now)) for event, verdict in judged if verdict is Verdict.TAKEN]
    late = [event for event, verdict in judged if verdict is Verdict.LATE]
    receipt.results |= {str(event.id): Refusal.CLOCK for event, verdict in judged if verdict is Verdict.AHEAD}
    if late:
        _keep_late(receipt, late, now)
    locked: set[int] = set()
    if receipt.attempt.feedback:
        taken, locked = _respect_locks(receipt, taken)
    if not taken:
        return set()
    new, changed = log.take(receipt.attempt.pk, taken, now)
    # A check under the id of another event is in the log already: it locks nothing, so it explains nothing.
    receipt.explained = {
        item: told
        for item, told in receipt.explained.items()
        if item in locked or (item, EventKind.CHECK) in changed
    }
    return _note_taken(receipt, taken, new, changed)


def _note_taken(
    receipt: Receipt, taken: Sequence[Event], new: set[UUID], changed: set[tuple[int, str]]
) -> set[int]:
    """As `_take`, of events that went to the log: which of them were new, and what they changed."""
    fresh = [event for event in taken if event.id in new]
    standing = {
        (e.item, e.kind): e for e in sorted(fresh, key=lambda e: e.order) if (e.item, e.kind) in changed
    }
    for event in taken:
        if event.id not in new:
            outcome = "duplicate"
        elif event.kind is EventKind.VISIT or standing.get((event.item, event.kind)) is event:
            outcome = "stored"
        else:
            outcome = "superseded"
        receipt.results[str(event.id)] = outcome
    if len(standing) != sum(event.kind is not EventKind.VISIT for event in taken):
        return {event.item for event in taken if event.kind is not EventKind.VISIT}
    receipt.registers = [(e.item, e.kind.value, e.value, e.intent_ms, str(e.id)) for e in standing.values()]
    return set()


def _respect_locks(receipt: Receipt, events: Sequence[Event]) -> tuple[list[Event], set[int]]:
    """`events` without those that would change an item after its check: those that come to an item that is
    locked already, and in this batch those that were meant after the check. What the log holds already stays,
    to be acknowledged again. With them, which items were locked before. Notes what the checked items show."""
    touching = [event for event in events if event.kind in LOCKING]
    checks: dict[int, Event] = {}
    for event in sorted(touching, key=lambda e: e.order, reverse=True):
        if event.kind is EventKind.CHECK:
            checks[event.item] = event
    items = {event.item for event in touching}
    if checks:
        locked, explanations = explaining.explained(receipt.attempt, items)
        receipt.explained = {item: explanations[item] for item in sorted(checks)}
    elif items:
        locked = explaining.locked(receipt.attempt, items)
    else:
        return list(events), set()
    barred = [
        event
        for event in touching
        if event.item in locked or (event.item in checks and event.order > checks[event.item].order)
    ]
    known = _known(receipt.attempt, barred) if barred else set()
    refused = {event.id for event in barred} - known
    receipt.results |= {str(id_): Refusal.LOCKED for id_ in refused}
    return [event for event in events if event.id not in refused], locked


def _known(attempt: Attempt, events: Iterable[Event]) -> set[UUID]:
    """The ids of those that the log holds already."""
    logged = AnswerEvent.objects.filter(attempt=attempt, event_id__in=[event.id for event in events])
    return set(logged.values_list("event_id", flat=True))


def _capped(event: Event, elapsed_ms: int) -> Event:
    """A visit cannot have lasted longer than the attempt so far."""
    if event.kind is EventKind.VISIT and isinstance(event.value, int) and event.value > elapsed_ms:
        return replace(event, value=elapsed_ms)
    return event


def _keep_late(receipt: Receipt, late: Sequence[Event], now: datetime) -> None:
    """Acknowledge what the log holds already; refuse the rest, and keep the newest late answer of each
    item."""
    attempt = receipt.attempt
    known = _known(attempt, late)
    receipt.results |= {str(e.id): "duplicate" if e.id in known else Refusal.LATE for e in late}
    answers = {
        e.item: e
        for e in sorted(late, key=lambda e: e.order)
        if e.kind is EventKind.ANSWER and e.id not in known
    }
    if not answers or attempt.state == State.DISCARDED:
        return
    kept = dict(LateAnswer.objects.filter(attempt=attempt, item__in=answers).values_list("item", "intent_ms"))
    LateAnswer.objects.bulk_create(
        [
            LateAnswer(attempt=attempt, item=e.item, value=e.value, intent_ms=e.intent_ms, received_at=now)
            for e in answers.values()
            if e.intent_ms > kept.get(e.item, -1)
        ],
        update_conflicts=True,
        unique_fields=["attempt", "item"],
        update_fields=["value", "intent_ms", "received_at"],
    )
    sights.note_late(attempt, answers, now)
