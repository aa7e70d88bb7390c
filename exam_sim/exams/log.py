"""The two statements that write answers: append to the log, advance the registers.

Plain SQL because the ORM can say neither "insert and tell me which were new" nor "overwrite only what is
older", and these two are what makes a save one round trip each whatever the size of the batch. Both run on
PostgreSQL and SQLite. Callers hold the attempt's row lock.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, models

from exam_sim.exams.events import Event
from exam_sim.exams.models import AnswerEvent, Register, Sight

_EVENT_FIELDS = ("attempt", "event_id", "item", "kind", "value", "intent_ms", "received_at")
_REGISTER_FIELDS = ("attempt", "item", "kind", "value", "intent_ms", "event_id")


def append(attempt_id: UUID, events: Sequence[Event], received: datetime) -> set[UUID]:
    """Insert `events` into the log; the ids of those that were not there before."""
    rows = [(attempt_id, e.id, e.item, e.kind, e.value, e.intent_ms, received) for e in events]
    sql, values = _insert(AnswerEvent, _EVENT_FIELDS, rows)
    to_python = UUID if connection.vendor == "sqlite" else lambda id_: id_
    with connection.cursor() as cursor:
        cursor.execute(sql + " ON CONFLICT (attempt_id, event_id) DO NOTHING RETURNING event_id", values)
        return {to_python(event_id) for (event_id,) in cursor.fetchall()}


def advance(attempt_id: UUID, events: Iterable[Event]) -> set[tuple[int, str]]:
    """Let each register hold the greatest of its own event and `events`; (item, kind) of what changed."""
    newest: dict[tuple[int, str], Event] = {}
    for event in sorted(events, key=lambda e: e.order):
        newest[event.item, event.kind] = event
    if not newest:
        return set()
    rows = [(attempt_id, e.item, e.kind, e.value, e.intent_ms, e.id) for e in newest.values()]
    sql, values = _insert(Register, _REGISTER_FIELDS, rows)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{sql} ON CONFLICT (attempt_id, item, kind) DO UPDATE"
            " SET value = excluded.value, intent_ms = excluded.intent_ms, event_id = excluded.event_id"
            " WHERE (excluded.intent_ms, excluded.event_id)"
            " > (exams_register.intent_ms, exams_register.event_id)"
            " RETURNING item, kind",
            values,
        )
        return set(cursor.fetchall())


def record_sights(attempt_id: UUID, user_id: UUID, seen_at: datetime) -> None:
    """Every item of the attempt that has an event was displayed: note that its question was seen."""
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
            " ON CONFLICT (user_id, question_id) DO UPDATE SET last_seen = excluded.last_seen",
            [user, at, id_],
        )


def _field(model: type[models.Model], name: str) -> "models.Field[Any, Any]":
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field)  # noqa: S101 - the names are columns, not relations from elsewhere
    return field


def _insert(
    model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[object]]
) -> tuple[str, list]:
    fields = [_field(model, name) for name in names]
    columns = ", ".join(field.column for field in fields)
    row = "(" + ", ".join(["%s"] * len(fields)) + ")"
    values = [
        field.get_db_prep_save(v, connection)
        for values in rows
        for field, v in zip(fields, values, strict=True)
    ]
    table = model._meta.db_table
    # Names come from the models; every value is a parameter.
    return f"INSERT INTO {table} ({columns}) VALUES {', '.join([row] * len(rows))}", values  # noqa: S608
