"""Writing answers: append to the log, advance the registers.

Plain SQL because the ORM can say neither "insert and tell me which were new" nor "overwrite only what is
older". PostgreSQL does both in one statement, SQLite in two, whatever the size of the batch: a save is worth
little more than its round trips. Callers of `take` hold the attempt's row lock; `take_if_unchanged` takes it
itself, in the one statement that is then a transaction of its own.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, models

from exam_sim.exams.events import Event
from exam_sim.exams.models import AnswerEvent, Attempt, EventKind, Register, Sight, State
from exam_sim.postgresql.prepared import rows_of

_EVENT_FIELDS = ("attempt", "event_id", "item", "kind", "value", "intent_ms", "received_at")
_REGISTER_FIELDS = ("attempt", "item", "kind", "value", "intent_ms", "event_id")
_UNLESS_LOGGED = "ON CONFLICT (attempt_id, event_id) DO NOTHING"
_UNLESS_NEWER = (
    "ON CONFLICT (attempt_id, item, kind) DO UPDATE"
    " SET value = excluded.value, intent_ms = excluded.intent_ms, event_id = excluded.event_id"
    " WHERE (excluded.intent_ms, excluded.event_id) > (exams_register.intent_ms, exams_register.event_id)"
)


def take(
    attempt_id: UUID, events: Sequence[Event], received: datetime
) -> tuple[set[UUID], set[tuple[int, str]]]:
    """Append `events` to the log, and let each register hold the greatest of its own event and the new ones.

    Returns the ids of the events that were not in the log before, and (item, kind) of what changed.
    """
    if connection.vendor == "postgresql":
        taken = _take_at_once(attempt_id, events, received)
        assert taken is not None  # noqa: S101 - the caller holds the row
        return taken
    new = _append(attempt_id, events, received)
    return new, _advance(attempt_id, [e for e in events if e.id in new and e.kind is not EventKind.VISIT])


def take_if_unchanged(
    attempt: Attempt, events: Sequence[Event], received: datetime
) -> tuple[set[UUID], set[tuple[int, str]]] | None:
    """As `take`, under the row lock, if `attempt` is still open, runs by the same clock and is the same
    candidate's; None, and nothing written, if not. PostgreSQL alone.

    Whoever holds the lock meanwhile is waited for, and the row is then judged by what it says afterwards.
    """
    return _take_at_once(
        attempt.pk,
        events,
        received,
        " AND user_id = %s AND state = %s AND paused_at IS NULL AND paused_ms = %s"
        " AND deadline IS NOT DISTINCT FROM %s",
        [attempt.user_id, State.OPEN, attempt.paused_ms, attempt.deadline],
    )


def _take_at_once(
    attempt_id: UUID,
    events: Sequence[Event],
    received: datetime,
    unless_changed: str = "",
    values: Sequence[Any] = (),
) -> tuple[set[UUID], set[tuple[int, str]]] | None:
    """The rows come out of the locked row, so the lock is held before any is written; the registers are
    advanced from those that the log has just returned as new."""
    columns = "attempt_id, item, kind, value, intent_ms, event_id"
    rows = rows_of(
        "WITH held AS (SELECT id FROM exams_attempt"  # noqa: S608 - names of columns
        f"  WHERE id = %s{unless_changed} FOR NO KEY UPDATE),"
        f" fresh AS (INSERT INTO exams_answerevent ({columns}, received_at)"
        "  SELECT held.id, e.item, e.kind, coalesce(e.value, 'null'), e.intent_ms, e.event_id, %s"
        "  FROM held, jsonb_to_recordset(%s) AS"
        "  e(event_id uuid, item smallint, kind text, value jsonb, intent_ms bigint)"
        f" {_UNLESS_LOGGED} RETURNING {columns}),"
        f" changed AS (INSERT INTO exams_register ({columns})"
        f"  SELECT DISTINCT ON (item, kind) {columns} FROM fresh WHERE kind <> %s"
        "  ORDER BY item, kind, intent_ms DESC, event_id DESC"
        f" {_UNLESS_NEWER} RETURNING item, kind)"
        " SELECT event_id, NULL, NULL FROM fresh UNION ALL SELECT NULL, item, kind FROM changed"
        " UNION ALL SELECT NULL, NULL, NULL FROM held",
        [attempt_id, *values, received, _as_json(events), EventKind.VISIT],
    )
    if not rows:
        return None
    new = {event_id for event_id, _, _ in rows if event_id is not None}
    return new, {(item, kind) for _, item, kind in rows if item is not None}


def _as_json(events: Iterable[Event]) -> str:
    return json.dumps(
        [
            {
                "event_id": str(e.id),
                "item": e.item,
                "kind": e.kind,
                "value": e.value,
                "intent_ms": e.intent_ms,
            }
            for e in events
        ]
    )


def _append(attempt_id: UUID, events: Sequence[Event], received: datetime) -> set[UUID]:
    sql, values = _insert(AnswerEvent, _EVENT_FIELDS, _event_rows(attempt_id, events, received))
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} {_UNLESS_LOGGED} RETURNING event_id", values)
        return {UUID(event_id) for (event_id,) in cursor.fetchall()}


def _advance(attempt_id: UUID, events: Iterable[Event]) -> set[tuple[int, str]]:
    newest: dict[tuple[int, str], Event] = {}
    for event in sorted(events, key=lambda e: e.order):
        newest[event.item, event.kind] = event
    if not newest:
        return set()
    rows = [(attempt_id, e.item, e.kind, e.value, e.intent_ms, e.id) for e in newest.values()]
    sql, values = _insert(Register, _REGISTER_FIELDS, rows)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} {_UNLESS_NEWER} RETURNING item, kind", values)
        return set(cursor.fetchall())


def _event_rows(attempt_id: UUID, events: Sequence[Event], received: datetime) -> list[tuple[object, ...]]:
    return [(attempt_id, e.id, e.item, e.kind, e.value, e.intent_ms, received) for e in events]


def record_sights(attempt_id: UUID, user_id: UUID, seen_at: datetime) -> None:
    """Every item of the attempt that has an event was displayed: note that its question was seen.

    In the order of the questions: two attempts of one candidate may close at once and share questions.
    """
    id_, user, at = (
        field.get_db_prep_value(value, connection)
        for field, value in (
            (_field(AnswerEvent, "attempt"), attempt_id),
            (_field(Sight, "user"), user_id),
            (_field(Sight, "last_seen"), seen_at),
        )
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO exams_sight (user_id, question_id, first_attempt_id, last_seen)"
            " SELECT %s, question_id, attempt_id, %s FROM exams_attemptitem AS item"
            " WHERE attempt_id = %s AND EXISTS (SELECT 1 FROM exams_answerevent AS event"
            "  WHERE event.attempt_id = item.attempt_id AND event.item = item.number)"
            " ORDER BY question_id"
            " ON CONFLICT (user_id, question_id) DO UPDATE SET last_seen = excluded.last_seen",
            [user, at, id_],
        )


def _field(model: type[models.Model], name: str) -> "models.Field[Any, Any]":
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field)  # noqa: S101 - the names are columns, not relations from elsewhere
    return field


def _prepared(field: "models.Field[Any, Any]", value: object) -> object:
    """`value` for a column. None is JSON's null where it is a value, and not the absence of one."""
    if value is None and isinstance(field, models.JSONField):
        value = models.Value(None, models.JSONField())
    return field.get_db_prep_save(value, connection)


def _insert(
    model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[object]]
) -> tuple[str, list]:
    fields = [_field(model, name) for name in names]
    columns = ", ".join(field.column for field in fields)
    row = "(" + ", ".join(["%s"] * len(fields)) + ")"
    values = [_prepared(field, v) for values in rows for field, v in zip(fields, values, strict=True)]
    table = model._meta.db_table
    # Names come from the models; every value is a parameter.
    return f"INSERT INTO {table} ({columns}) VALUES {', '.join([row] * len(rows))}", values  # noqa: S608
