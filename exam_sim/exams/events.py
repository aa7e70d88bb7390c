"""Answer events as they come over the wire: untrusted JSON in, typed events and refusals out. No database.

An event is `{id: uuid, item: number, kind, value, intent_ms}`. An item is its number in the form (0: the
attempt as a whole), an option its position in this attempt's order, so nothing about keys or versions is ever
on the wire.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import UUID

from exam_sim.exams.models import EventKind

MAX_EVENTS = 500
MAX_SCRATCHPAD = 20_000
MAX_INTENT_MS = 2**53

EXAM_KINDS = frozenset(EventKind) - {EventKind.SURE, EventKind.CHECK}
Value = list[int] | bool | str | int | None


class Refusal(Enum):
    """Why an event was not taken, each with the sentence that the candidate reads."""

    MALFORMED = "This change could not be read and was left out."
    UNKNOWN_ITEM = "There is no such question here."
    UNKNOWN_OPTION = "This question has no such option."
    TOO_MANY = "More options were chosen than the question asks for."
    CLOCK = "Your browser's clock ran ahead; it has been set right and sends the change again."
    LATE = "This change came after the time was over and does not count."
    LOCKED = "This question was checked: its answer stands."

    @property
    def reason(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Event:
    """One thing the candidate did. `order` decides between two events for the same register."""

    id: UUID
    item: int
    kind: EventKind
    value: Value
    intent_ms: int

    @property
    def order(self) -> tuple[int, UUID]:
        return self.intent_ms, self.id


@dataclass(frozen=True, slots=True)
class Batch:
    """What a request held: readable events, and by the id they were sent under those refused. `at_zero` says
    that the browser ends the exam by its clock and not by its candidate's wish; `ours`, that the events were
    made here, out of a form."""

    events: tuple[Event, ...]
    refused: dict[str, Refusal]
    at_zero: bool = False
    ours: bool = False


class UnreadableError(ValueError):
    """Not a batch at all; its text says why in one sentence."""


def kinds_of(*, study: bool, feedback: bool) -> Collection[EventKind]:
    """What may be said in an attempt: in study sessions how sure one is, and with feedback that an item is
    to be checked."""
    return {*EXAM_KINDS, *([EventKind.SURE] if study else []), *([EventKind.CHECK] if feedback else [])}


def parse(body: bytes, shape: Sequence[Sequence[int]], kinds: Collection[EventKind] = EXAM_KINDS) -> Batch:
    """Read a request body `{"events": [...], "at_zero": bool}` for an attempt of this `shape` in which events
    of these `kinds` may happen; others are malformed.

    Raises UnreadableError when nothing can be made of it; a single bad event is refused and the rest still
    read.
    """
    try:
        payload = json.loads(body or b"{}", parse_int=_read_int)
    except (ValueError, RecursionError):
        raise UnreadableError("The request is not JSON.") from None
    rows = payload.get("events", []) if isinstance(payload, dict) else None
    if not isinstance(rows, list):
        raise UnreadableError('The request has no list of "events".')
    if len(rows) > MAX_EVENTS:
        raise UnreadableError(f"The request holds more than {MAX_EVENTS} events; send them in parts.")
    events: dict[UUID, Event] = {}
    refused: dict[str, Refusal] = {}
    for row in rows:
        read = _read(row, shape, kinds)
        if isinstance(read, Event):
            events[read.id] = read
        elif isinstance(row, dict) and isinstance(row.get("id"), str):
            refused[row["id"][:100]] = read
        else:
            refused["?"] = read
    return Batch(tuple(events.values()), refused, payload.get("at_zero") is True)


def fits(
    item: int, kind: str, value: object, shape: Sequence[Sequence[int]], kinds: Collection[EventKind]
) -> bool:
    """Whether a stored event is one that `parse` could have made for an attempt of this `shape`."""
    if kind not in kinds or not 0 <= item <= len(shape) or (item == 0) != (kind == EventKind.SCRATCHPAD):
        return False
    return _value(value, EventKind(kind), shape[item - 1]) == value


def _read(row: Any, shape: Sequence[Sequence[int]], kinds: Collection[EventKind]) -> Event | Refusal:
    if not isinstance(row, dict):
        return Refusal.MALFORMED
    item: Any = row.get("item")
    intent_ms: Any = row.get("intent_ms")
    try:
        id_, kind = UUID(row["id"]), EventKind(row["kind"])
    except (KeyError, ValueError, TypeError, AttributeError):
        return Refusal.MALFORMED
    if (
        kind not in kinds
        or str(id_) != row["id"]
        or not _is_int(item)
        or not _is_int(intent_ms)
        or not 0 <= intent_ms <= MAX_INTENT_MS
    ):
        return Refusal.MALFORMED
    if (item == 0) != (kind is EventKind.SCRATCHPAD) or not 0 <= item <= len(shape):
        return Refusal.UNKNOWN_ITEM
    value = _value(row.get("value"), kind, shape[item - 1])
    return value if isinstance(value, Refusal) else Event(id_, item, kind, value, intent_ms)


def _value(value: Any, kind: EventKind, item_shape: Sequence[int]) -> Value | Refusal:
    match kind:
        case EventKind.ANSWER | EventKind.STRIKE:
            options, choose = item_shape
            if not isinstance(value, list) or len(value) > 100 or not all(map(_is_int, value)):
                return Refusal.MALFORMED
            positions = sorted(set(value))
            if positions and not 0 <= positions[0] <= positions[-1] < options:
                return Refusal.UNKNOWN_OPTION
            return Refusal.TOO_MANY if kind is EventKind.ANSWER and len(positions) > choose else positions
        case EventKind.FLAG:
            return value if isinstance(value, bool) else Refusal.MALFORMED
        case EventKind.SURE:
            return value if value is None or isinstance(value, bool) else Refusal.MALFORMED
        case EventKind.CHECK:
            return value if value is True else Refusal.MALFORMED
        case EventKind.VISIT:
            return value if _is_int(value) and 0 <= value <= MAX_INTENT_MS else Refusal.MALFORMED
        case EventKind.SCRATCHPAD:
            return value if isinstance(value, str) and _is_storable(value) else Refusal.MALFORMED


def _read_int(text: str) -> int:
    """An integer of thousands of digits costs the event that holds it, not its batch."""
    return int(text) if len(text) < 20 else MAX_INTENT_MS + 1


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_storable(text: str) -> bool:
    """PostgreSQL's JSON holds neither NUL nor half a surrogate pair."""
    return (
        len(text) <= MAX_SCRATCHPAD
        and "\0" not in text
        and not any("\ud800" <= char <= "\udfff" for char in text)
    )
