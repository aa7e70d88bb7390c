"""Attempts, a batch at a time, each with its items, events, registers, late answers and result."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.db.models import Exists, OuterRef, Subquery, Sum

from exam_sim.exams.models import (
    AnswerEvent,
    Attempt,
    AttemptItem,
    Extension,
    LateAnswer,
    Register,
    Sight,
)
from questions.models import KeyCorrection, QuestionVersion
from results.integrity import forms, scores, times
from results.integrity.candidates import Recount
from results.integrity.log import EVENT_COLUMNS, Log, Place, Standing
from results.integrity.problem import Kind, Problem, problem
from results.integrity.shapes import BadShapeError, options_of, shape_of
from results.models import FIRST_REVISION, Card, Result

_ATTEMPTS = 100
_ROWS = 2000
_VERSIONS_KEPT = 5000

Row = TypeVar("Row")


class Version(NamedTuple):
    """What a form and its score need to know of a version; `options` is empty where they cannot be read."""

    question: UUID
    number: int
    options: tuple[str, ...]
    key: frozenset[str]
    domain: str
    task_statement: str


class ItemRow(NamedTuple):
    """An item with what must have come of it: `sight`, and by which attempt; `reviewed`: the last review of
    its question's card; `void`: its key was corrected since."""

    number: int
    question: UUID
    version_id: UUID
    scored: bool
    option_order: Any
    sight: int | None
    first_sight: bool
    reviewed: datetime | None
    void: bool


@dataclass
class Sitting:
    attempt: Attempt
    shape: list[list[int]]
    items: list[ItemRow] = field(default_factory=list)
    registers: dict[Place, Standing] = field(default_factory=dict)
    result: Result | None = None
    extended: int = 0

    def __post_init__(self) -> None:
        self.log = Log(self.attempt, self.shape)


def problems(now: datetime, recount: Recount) -> Iterator[Problem]:
    """Of all attempts; what their results say of versions is added to `recount`."""
    versions: dict[UUID, Version] = {}
    attempts = Attempt.objects.order_by("pk").select_related("user").iterator(_ATTEMPTS)
    while batch := list(islice(attempts, _ATTEMPTS)):
        sittings: dict[UUID, Sitting] = {}
        for attempt in batch:
            try:
                sittings[attempt.pk] = Sitting(attempt, shape_of(attempt.shape))
            except BadShapeError as bad:
                yield problem(Kind.JSON, str(bad), attempt=attempt.pk)
        yield from _read(sittings)
        _add_versions(versions, sittings.values())
        for sitting in sittings.values():
            yield from times.problems(sitting.attempt, now, sitting.extended)
            found = [*forms.problems(sitting, versions), *sitting.log.compare(sitting.registers)]
            found += scores.problems(sitting, versions, sound=not found)
            yield from found
            if not found:
                recount.add(sitting)


def _read(sittings: dict[UUID, Sitting]) -> Iterator[Problem]:
    """Fill the sittings; what is wrong with an event or a late answer is told as it goes by."""
    ids = list(sittings)
    for row in _items(ids).iterator(_ROWS):
        sittings[row[0]].items.append(ItemRow(*row[1:]))
    registers = Register.objects.filter(attempt__in=ids).order_by()
    for pk, item, kind, value, intent_ms, event_id in registers.values_list(
        "attempt_id", "item", "kind", "value", "intent_ms", "event_id"
    ).iterator(_ROWS):
        sittings[pk].registers[item, kind] = (intent_ms, event_id, value)
    for result in Result.objects.filter(attempt__in=ids, revision=FIRST_REVISION).order_by():
        sittings[result.attempt_id].result = result
    extensions = Extension.objects.filter(attempt__in=ids).order_by().values_list("attempt_id")
    for pk, seconds in extensions.annotate(Sum("seconds")):
        sittings[pk].extended = seconds
    for answer in LateAnswer.objects.filter(attempt__in=ids).order_by().iterator(_ROWS):
        yield from sittings[answer.attempt_id].log.late(answer)
    events = AnswerEvent.objects.filter(attempt__in=ids).order_by("attempt_id", "pk")
    for attempt_id, *event in events.values_list(*EVENT_COLUMNS).iterator(_ROWS):
        yield from sittings[attempt_id].log.take(*event)


def _items(ids: Sequence[UUID]) -> Any:
    sights = Sight.objects.filter(user=OuterRef("attempt__user"), question=OuterRef("question"))
    cards = Card.objects.filter(user=OuterRef("attempt__user"), question=OuterRef("question"))
    corrections = KeyCorrection.objects.filter(
        question=OuterRef("question"), before__number__gte=OuterRef("version__number")
    )
    return (
        AttemptItem.objects.filter(attempt__in=ids)
        .order_by("attempt_id", "number")
        .annotate(
            sight=Subquery(sights.values("pk")),
            first_sight=Exists(sights.filter(first_attempt=OuterRef("attempt"))),
            reviewed=Subquery(cards.values("last_review")),
            void=Exists(corrections),
        )
        .values_list(
            "attempt_id",
            "number",
            "question_id",
            "version_id",
            "scored",
            "option_order",
            "sight",
            "first_sight",
            "reviewed",
            "void",
        )
    )


def _add_versions(versions: dict[UUID, Version], sittings: Any) -> None:
    """Read what is not known yet; what was read for earlier batches is forgotten when it becomes much."""
    if len(versions) > _VERSIONS_KEPT:
        versions.clear()
    missing = {item.version_id for sitting in sittings for item in sitting.items} - versions.keys()
    rows = QuestionVersion.objects.filter(pk__in=missing).order_by()
    for pk, options, question, number, domain, code in rows.values_list(
        "pk", "options", "question_id", "number", "task_statement__domain__code", "task_statement__code"
    ).iterator(_ROWS):
        try:
            read = options_of(options)
        except BadShapeError:
            read = ()
        ids = tuple(option.id for option in read)
        key = frozenset(option.id for option in read if option.correct)
        versions[pk] = Version(question, number, ids, key, domain, code)
