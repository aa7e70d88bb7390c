"""Each check finds what it is for, and nothing else does: one defect is planted into a database that is well.

What the database itself forbids is planted with its constraints left out, as a bad restore leaves them out.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Model
from django.test import TestCase

from exam_sim.exams.models import (
    AnswerEvent,
    Attempt,
    AttemptItem,
    EventKind,
    LateAnswer,
    Register,
    Reserve,
    Sight,
)
from questions.models import Listing, Pool, Question, QuestionVersion
from results.evidence import SCORED
from results.integrity import Kind, problems
from results.models import Card, Result, Tally
from tests.exams.sitting import MINUTE, SECOND
from tests.results.integrity.whole import LATER, Whole, make_whole

DAY = dt.timedelta(days=1)
Plant = Callable[[Whole], object]
Of = Callable[[Whole], dict[str, Any]]


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def unconstrained() -> Iterator[None]:
    """Without check constraints, until the surrounding transaction is undone."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c'"
                " AND connamespace = 'public'::regnamespace"
            )
            for table, name in cursor.fetchall():
                cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        try:
            yield
        finally:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA ignore_check_constraints = OFF")


def set_(model: type[Model], of: Of | None = None, *, delete: bool = False, **values: Any) -> Plant:
    """Change columns of the first row of `model` that is `of`, or delete it past all that hangs on it."""

    def plant(whole: Whole) -> None:
        rows = model._default_manager.filter(**(of(whole) if of else {})).order_by("pk")
        row = model._default_manager.filter(pk=rows[0].pk)
        given = {name: value(whole) if callable(value) else value for name, value in values.items()}
        assert (row._raw_delete("default") if delete else row.update(**given)) == 1

    return plant


def drop(model: type[Model], of: Of) -> Plant:
    """Delete all rows that are `of`, past all that hangs on them."""
    return lambda whole: model._default_manager.filter(**of(whole))._raw_delete("default")


def attempt(name: str, **values: Any) -> Plant:
    return set_(Attempt, lambda whole: {"pk": getattr(whole, name).pk}, **values)


def of(name: str, **more: object) -> Of:
    return lambda whole: {"attempt": getattr(whole, name), **more}


def event(name: str, item: int, kind: EventKind, value: object, *, after: dt.timedelta, intent: int) -> Plant:
    """One event more than `answers.record` would have taken."""

    def plant(whole: Whole) -> None:
        attempt = getattr(whole, name)
        id_, received = uuid.uuid4(), attempt.started_at + after
        AnswerEvent.objects.create(
            attempt=attempt,
            event_id=id_,
            item=item,
            kind=kind,
            value=value,
            intent_ms=intent,
            received_at=received,
        )
        if kind != EventKind.VISIT:
            Register.objects.update_or_create(
                attempt=attempt,
                item=item,
                kind=kind,
                defaults={"value": value, "intent_ms": intent, "event_id": id_},
            )

    return plant


def blueprint(whole: Whole) -> None:
    first, *others = whole.running.blueprint
    counts = {"scored": first["scored"] - 1, "unscored": first["unscored"] + 1}
    attempt("running", blueprint=[first | counts, *others])(whole)


def other_key(whole: Whole) -> None:
    """The key of a version that was sat is changed in place."""
    register = whole.ended.registers.get(kind=EventKind.ANSWER, item=2)
    item = whole.ended.items.select_related("version").get(number=2)
    chosen = {item.option_order[position] for position in register.value}
    spare = next(o["id"] for o in item.version.options if o["id"] not in chosen)
    key = {spare, *sorted(chosen)[1:]} if chosen == item.version.key else chosen
    options = [option | {"correct": option["id"] in key} for option in item.version.options]
    QuestionVersion.objects.filter(pk=item.version_id).update(options=options)


def marks(change: int) -> Plant:
    def plant(whole: Whole) -> None:
        result = Result.objects.get(attempt=whole.ended)
        (*place, before), *others = result.items or [[0]]
        Result.objects.filter(pk=result.pk).update(items=[[*place, before ^ change], *others])

    return plant


def result_of(name: str) -> Plant:
    def plant(whole: Whole) -> None:
        result = Result.objects.filter(attempt=whole.ended).get()
        result.pk, result.attempt = None, getattr(whole, name)
        result.save(force_insert=True)

    return plant


def tally(**values: Any) -> Plant:
    return set_(Tally, lambda whole: {"sights__gt": 0}, **values)


def seen_item(whole: Whole) -> dict[str, object]:
    return {"user": whole.user, "question": whole.ended.items.get(number=1).question_id}


def other_version(whole: Whole) -> None:
    versions = list(whole.running.items.filter(version__kind="multiple_choice")[:2])
    whole.running.items.filter(pk=versions[0].pk).update(version=versions[1].version_id)


def old_version(**values: Any) -> Plant:
    """A version that is not current and was never sat."""

    def plant(whole: Whole) -> None:
        version = QuestionVersion.objects.order_by("pk")[0]
        version.pk, version.number = uuid.uuid4(), 99
        for name, value in values.items():
            setattr(version, name, value)
        version.save(force_insert=True)

    return plant


def borrowed_version(whole: Whole) -> None:
    first, second = Question.objects.order_by("task_statement", "current_version__kind", "pk")[:2]
    Question.objects.filter(pk=first.pk).update(current_version=second.current_version_id)


def register(name: str, kind: EventKind, **values: Any) -> Plant:
    return set_(Register, of(name, kind=kind), **values)


LONG = 30 * 60 * 1000
DEFECTS: dict[str, tuple[set[Kind], Plant]] = {
    # References and the bank
    "a late answer of no attempt": ({Kind.REFERENCE}, set_(LateAnswer, attempt=uuid.uuid4())),
    "options that cannot be read": ({Kind.JSON}, old_version(options=[{"id": "a"}])),
    "HTML that cannot be read": ({Kind.JSON}, set_(QuestionVersion, html={})),
    "HTML of other options": (
        {Kind.VERSION},
        set_(QuestionVersion, key_html={"explanation": "", "rationales": {"a": ""}}),
    ),
    "a layout of other options": ({Kind.VERSION}, old_version(layout={})),
    "a current version of another question": ({Kind.VERSION}, borrowed_version),
    "a pool that counts one more": ({Kind.POOL}, set_(Pool, size=F("size") + 1, level_2=F("level_2") + 1)),
    "a gap in the ranks": ({Kind.POOL}, set_(Question, rank=100)),
    "a pool of other levels": ({Kind.POOL}, set_(Pool, level_1=1, level_2=F("level_2") - 1)),
    "a served question in no pool": ({Kind.POOL}, set_(Question, pool=None, rank=None)),
    "a question that is not listed": ({Kind.LISTING}, set_(Listing, delete=True)),
    "a listing of another level": ({Kind.LISTING}, set_(Listing, level=3)),
    "a listing in another place": ({Kind.LISTING}, set_(Listing, order=b"somewhere")),
    # Attempts
    "a shape that cannot be read": ({Kind.JSON}, attempt("running", shape={"options": 4})),
    "a blueprint that cannot be read": ({Kind.JSON}, attempt("running", blueprint=[{"code": "1"}])),
    "a start in the future": (
        {Kind.CLOCK, Kind.EVENT},
        attempt(
            "preview", started_at=LATER + DAY, closed_at=LATER + 2 * DAY, ended_by="candidate", state="closed"
        ),
    ),
    "a deadline that was moved": (
        {Kind.CLOCK},
        attempt("running", deadline=F("deadline") + DAY, close_by=F("close_by") + DAY),
    ),
    "another time to be closed by": ({Kind.CLOCK}, attempt("running", close_by=F("close_by") + DAY)),
    "more extensions than extra time": ({Kind.CLOCK}, attempt("expired", seconds_extra=599)),
    "more extra time than time": ({Kind.CLOCK}, attempt("running", seconds_extra=1801)),
    "a pause in an exam": (
        {Kind.CLOCK},
        attempt("running", paused_at=LATER, deadline=None, close_by=None),
    ),
    "an open attempt that was ended": ({Kind.CLOCK}, attempt("running", ended_by="clock")),
    "closed after the deadline": (
        {Kind.CLOCK},
        attempt("discarded", closed_at=F("deadline") + SECOND),
    ),
    "closed before its start": (
        {Kind.CLOCK, Kind.EVENT},
        attempt("preview", closed_at=F("started_at") - SECOND),
    ),
    "longer pauses than it was open": (
        {Kind.CLOCK, Kind.EVENT},
        attempt(
            "discarded",
            closed_at=F("started_at"),
            paused_ms=1000,
            deadline=F("deadline") + SECOND,
            close_by=F("close_by") + SECOND,
        ),
    ),
    # Forms
    "a blueprint of other items": ({Kind.FORM}, blueprint),
    "an item that is missing": ({Kind.FORM}, drop(AttemptItem, of("preview", number=3))),
    "a version of another question": ({Kind.FORM}, other_version),
    "an option twice": (
        {Kind.FORM},
        set_(AttemptItem, of("running", number=1), option_order=["a", "a", "b", "c"]),
    ),
    "a shape of other items": (
        {Kind.FORM},
        attempt("preview", shape=lambda whole: [*whole.preview.shape[:2], [9, 1]]),
    ),
    # The log
    "an event of an item that is not there": (
        {Kind.EVENT},
        event("running", 11, EventKind.FLAG, True, after=MINUTE, intent=1000),
    ),
    "an answer of too many options": (
        {Kind.EVENT},
        event("running", 1, EventKind.ANSWER, [0, 1, 2], after=20 * MINUTE, intent=60_000),
    ),
    "a confidence in an exam": (
        {Kind.EVENT},
        event("running", 1, EventKind.SURE, True, after=MINUTE, intent=1000),
    ),
    "an event from before the start": (
        {Kind.EVENT},
        event("running", 1, EventKind.VISIT, 0, after=-2 * MINUTE, intent=0),
    ),
    "an event from the future": (
        {Kind.EVENT},
        event("running", 1, EventKind.FLAG, True, after=MINUTE, intent=5 * 60_000),
    ),
    "an event after deadline and grace": (
        {Kind.EVENT},
        event("expired", 1, EventKind.VISIT, 0, after=51 * MINUTE, intent=1000),
    ),
    "an event in the grace, meant after the deadline": (
        {Kind.EVENT},
        event("expired", 1, EventKind.VISIT, 0, after=45 * MINUTE, intent=41 * 60_000),
    ),
    "an event after the end": (
        {Kind.EVENT},
        event("ended", 1, EventKind.VISIT, 0, after=25 * MINUTE, intent=1000),
    ),
    "a visit that is longer than the exam": (
        {Kind.VISIT},
        event("running", 1, EventKind.VISIT, LONG, after=20 * MINUTE, intent=1000),
    ),
    "an answer after the check": (
        {Kind.LOCK},
        event("study", 1, EventKind.STRIKE, [0], after=6 * 60 * MINUTE + MINUTE, intent=1000),
    ),
    "a late answer of no option": ({Kind.LATE_ANSWER}, set_(LateAnswer, value=[7])),
    "a register with another value": ({Kind.REGISTER}, register("running", EventKind.FLAG, value=False)),
    "a register of an older event": ({Kind.REGISTER}, register("running", EventKind.ANSWER, intent_ms=1)),
    "a register without an event": (
        {Kind.REGISTER},
        drop(AnswerEvent, of("running", kind=EventKind.FLAG, item=3)),
    ),
    "an event without a register": (
        {Kind.REGISTER},
        drop(Register, of("running", kind=EventKind.FLAG, item=3)),
    ),
    # Results
    "a result of an open attempt": ({Kind.RESULT}, result_of("running")),
    "a result of a discarded attempt": ({Kind.RESULT}, result_of("discarded")),
    "a result of a preview": ({Kind.RESULT}, result_of("preview")),
    "a result from before the end": (
        {Kind.RESULT},
        set_(Result, of("ended"), computed_at=LATER - 20 * DAY),
    ),
    "another score": ({Kind.SCORE}, set_(Result, of("ended"), answered=9)),
    "another pass mark": ({Kind.SCORE}, set_(Result, of("ended"), pass_mark=751)),
    "another key": ({Kind.SCORE, Kind.EVIDENCE}, other_key),
    "evidence of other items": ({Kind.EVIDENCE}, marks(SCORED)),
    "evidence of a first sight that was none": ({Kind.EVIDENCE}, set_(Sight, seen_item, first_attempt=None)),
    "a count of other displays": ({Kind.EVIDENCE}, set_(Result, of("ended"), displayed=9)),
    # What candidates have
    "a question that was displayed and not seen": (
        {Kind.SIGHT},
        set_(Sight, lambda whole: {"first_attempt": whole.discarded}, delete=True),
    ),
    "a sight by somebody else's attempt": (
        {Kind.SIGHT},
        set_(
            Sight, lambda whole: {"first_attempt": whole.discarded}, first_attempt=lambda whole: whole.expired
        ),
    ),
    "a result without a card": ({Kind.CARD}, set_(Card, seen_item, delete=True)),
    "a card of no review": ({Kind.CARD}, set_(Card, seen_item, last_review=LATER)),
    "a tally of fewer": ({Kind.TALLY}, tally(sights=0, chosen={})),
    "a tally of more choices than sights": ({Kind.TALLY}, tally(chosen={"a": 99, "b": 99, "c": 99, "d": 99})),
    "a tally of an option that is not there": ({Kind.TALLY}, tally(chosen={"z": 1})),
    "a tally that is missing": ({Kind.TALLY}, set_(Tally, lambda whole: {"sights__gt": 0}, delete=True)),
    "counts that cannot be read": ({Kind.JSON}, tally(chosen={"a": "many"})),
    "what is kept for the rehearsal given out": (
        {Kind.RESERVE},
        set_(Reserve, lambda whole: {"user": whole.user}, spent_on=None, spent_at=None),
    ),
    "a reserve that was spent on a session": (
        {Kind.RESERVE},
        set_(Reserve, lambda whole: {"user": whole.user}, spent_on=lambda whole: whole.study),
    ),
}


class Defects(TestCase):
    """One database for all: each defect is planted, looked for and undone."""

    whole: Whole

    @classmethod
    def setUpTestData(cls) -> None:
        cls.whole = make_whole()

    def test_one_defect_is_found_and_nothing_else(self) -> None:
        for name, (kinds, plant) in DEFECTS.items():
            with self.subTest(name):
                with undone(), unconstrained():
                    plant(self.whole)
                    found = list(problems(LATER))
                assert {problem.kind for problem in found} == kinds, [str(problem) for problem in found]

    def test_an_attempt_that_is_open_a_minute_after_deadline_and_grace_is_overdue(self) -> None:
        running = self.whole.running
        assert running.close_by is not None
        times = [running.close_by + MINUTE, running.close_by + MINUTE + SECOND]
        found = [[(p.kind, p.ids) for p in problems(now)] for now in times]
        assert found == [[], [(Kind.OVERDUE, {"attempt": str(running.pk)})]]


def test_every_kind_of_defect_is_planted() -> None:
    assert {kind for kinds, _ in DEFECTS.values() for kind in kinds} | {Kind.OVERDUE} == set(Kind)
