"""A candidate's own data, to take away: every item of every attempt, as a table and as a document.

What leaves is what the candidate did, and of the questions only what they were shown. Of an attempt that is
open no question is named and nothing tells its key; of one that was discarded no key is told; of a question
that sits in an open exam no key is told anywhere (`results.withheld`). A question that was not displayed, or
is kept for the dress rehearsal, has neither name nor text nor key. Previews are no attempts of a candidate.

Everything is read in batches of attempts while it is sent: `entries` costs four statements for each.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, OuterRef, Subquery, Sum
from django.db.models.functions import Cast

from exam_sim.accounts.models import User
from exam_sim.exams.models import AnswerEvent, Attempt, AttemptItem, EventKind, Register, Reserve, State
from exam_sim.exams.reserve import reserved
from questions.batches import batches
from questions.formats.table_rows import printable
from questions.models import QuestionVersion
from results import evidence
from results.models import FIRST_REVISION, Note, Result
from results.withheld import is_withheld

BATCH = 20
BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes UTF-8 for something else; other readers of tables know it."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of an attempt; the fields are the table's columns. None: not told, or nothing to tell.

    my_numbers and key_numbers count options from 1 in the order in which they were sat.
    """

    attempt: UUID
    exam: str
    mode: str
    state: str
    started: datetime
    closed: datetime | None
    number: int
    question: str | None
    version: int | None
    domain: str | None
    task_statement: str | None
    scored: bool | None
    my_numbers: list[int]
    my_answer: list[str]
    key_numbers: list[int] | None
    key: list[str] | None
    right: bool | None
    first_sight: bool | None
    seconds: float
    flagged: bool
    sure: bool | None
    note: str | None


def attempts_of(user: User) -> list[Attempt]:
    """Oldest first, without what only assembly needs."""
    own = Attempt.objects.of(user).of_candidates().order_by("started_at", "pk")
    return list(own.defer("blueprint", "shape", "wishes"))


def entries(user: User) -> Iterator[Entry]:
    kept = kept_back(user)
    for batch in batches(attempts_of(user), BATCH):
        for found in by_attempt(user, batch, kept).values():
            yield from found


def kept_back(user: User) -> frozenset[UUID]:
    """The questions of this candidate's reserves."""
    certifications = Reserve.objects.filter(user=user).values_list("certification", flat=True)
    return frozenset(
        pk for slug in list(certifications) for pk in reserved(user, slug).values_list("pk", flat=True)
    )


def by_attempt(user: User, attempts: Sequence[Attempt], kept: frozenset[UUID]) -> dict[UUID, list[Entry]]:
    """The entries of some attempts, in four statements."""
    log = _Log(attempts)
    found: dict[UUID, list[Entry]] = {attempt.pk: [] for attempt in attempts}
    by_id = {attempt.pk: attempt for attempt in attempts}
    notes = Note.objects.filter(user=user, question=OuterRef("question")).values("text")
    rows = (
        AttemptItem.objects.filter(attempt__in=attempts)
        .order_by("attempt", "number")
        .annotate(withheld=is_withheld(user.pk), note=Subquery(notes[:1]))
        .values_list(*_COLUMNS, named=True)
    )
    for row in rows:
        found[row.attempt_id].append(_entry(row, by_id[row.attempt_id], log, row.question_id in kept))
    return found


_COLUMNS = (
    "attempt_id",
    "number",
    "question_id",
    "question__external_id",
    "scored",
    "option_order",
    "version__number",
    "version__options",
    "version__task_statement__code",
    "version__task_statement__domain__code",
    "withheld",
    "note",
)


class _Log:
    """What was done, by (attempt, item): three statements. Every event but a visit has a register."""

    def __init__(self, attempts: Sequence[Attempt]) -> None:
        registers = Register.objects.filter(attempt__in=attempts).exclude(kind=EventKind.SCRATCHPAD)
        self.registers: dict[tuple[UUID, int, str], Any] = {
            (attempt, item, kind): value
            for attempt, item, kind, value in registers.values_list("attempt", "item", "kind", "value")
        }
        visits = AnswerEvent.objects.filter(attempt__in=attempts, kind=EventKind.VISIT)
        self.spent: dict[tuple[UUID, int], int] = {
            (attempt, item): spent
            for attempt, item, spent in visits.values_list("attempt", "item").annotate(
                spent=Sum(Cast("value", BigIntegerField()))
            )
        }
        self.displayed = {(attempt, item) for attempt, item, _ in self.registers} | self.spent.keys()
        results = Result.objects.filter(attempt__in=attempts, revision=FIRST_REVISION)
        self.first_sights: dict[tuple[UUID, int], bool] = {
            (attempt, item.number): item.first_sight
            for attempt, rows in results.values_list("attempt", "items")
            for item in evidence.read(rows)
        }


def _entry(row: Any, attempt: Attempt, log: _Log, is_kept: bool) -> Entry:
    place = (attempt.pk, row.number)
    is_open = attempt.state == State.OPEN
    is_named = place in log.displayed and not is_kept and not is_open
    tells_key = is_named and attempt.state == State.CLOSED and not row.withheld
    answer: list[int] = log.registers.get((*place, EventKind.ANSWER)) or []
    key = QuestionVersion(options=row.version__options).key
    key_at = [position for position, id_ in enumerate(row.option_order) if id_ in key]
    texts = {option["id"]: option["text"] for option in row.version__options}

    def said(positions: list[int]) -> list[str]:
        return [texts[row.option_order[position]] for position in positions]

    return Entry(
        attempt=attempt.pk,
        exam=attempt.title,
        mode=attempt.study or attempt.mode,
        state=attempt.state,
        started=attempt.started_at,
        closed=attempt.closed_at,
        number=row.number,
        question=row.question__external_id if is_named else None,
        version=row.version__number if is_named else None,
        domain=None if is_open else row.version__task_statement__domain__code,
        task_statement=None if is_open else row.version__task_statement__code,
        scored=None if is_open else row.scored,
        my_numbers=[position + 1 for position in answer],
        my_answer=[] if is_kept else said(answer),
        key_numbers=[position + 1 for position in key_at] if tells_key else None,
        key=said(key_at) if tells_key else None,
        right=sorted(answer) == key_at if tells_key else None,
        first_sight=log.first_sights.get(place),
        seconds=log.spent.get(place, 0) / 1000,
        flagged=bool(log.registers.get((*place, EventKind.FLAG))),
        sure=log.registers.get((*place, EventKind.SURE)),
        note=row.note if is_named else None,
    )


def table(user: User) -> Iterator[str]:
    """The entries as CSV, a piece for each row."""
    yield BYTE_ORDER_MARK + _line([field.name for field in fields(Entry)])
    for entry in entries(user):
        yield _line([_cell(value) for value in asdict(entry).values()])


def _line(cells: Sequence[str]) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue()


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.isoformat(" ", "seconds")
        case list():
            return harmless(" | ".join(map(str, value)))
    return harmless(str(value))


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = printable(text)
    return f"'{text}" if text.startswith(_FORMULA) else text
