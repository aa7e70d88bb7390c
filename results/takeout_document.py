"""Everything of a candidate's as one JSON document, written piece by piece.

What is told of questions is decided in `results.takeout`. Nobody else is named: not who granted time, nor who
answered a report.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Case, When

from exam_sim.accounts.models import User
from exam_sim.accounts.roles import role_of
from exam_sim.exams.models import AnswerEvent, Attempt, Extension, LateAnswer, Reserve, Sight, State
from questions.batches import batches
from results.models import Bookmark, Card, ExamDate, Note, Report, Result
from results.takeout import BATCH, Entry, attempts_of, by_attempt, kept_back
from results.withheld import is_withheld, told

_ATTEMPT = (
    "id",
    "title",
    "profile_id",
    "mode",
    "study",
    "feedback",
    "state",
    "started_at",
    "closed_at",
    "ended_by",
    "seconds_granted",
    "seconds_extra",
    "paused_ms",
    "pass_mark",
    "scale_min",
    "scale_max",
)
_ACCOUNT = (
    "id",
    "email",
    "name",
    "is_guest",
    "date_joined",
    "last_login",
    "last_active",
    "extra_time",
    "theme",
    "character_keys",
)
_RESULT = (
    "revision",
    "rule",
    "computed_at",
    "correct",
    "total",
    "answered",
    "scaled",
    "pass_mark",
    "passed",
    "domains",
    "task_statements",
)
_NAMES = {
    "named": "question",
    "version__number": "version",
    "reply_told": "reply",
    "options": "option_order",
    "choice": "chosen",
}
_OF_ITS_ATTEMPT = frozenset({"attempt", "exam", "mode", "state", "started", "closed"})


def document(user: User, now: datetime) -> Iterator[str]:
    yield f'{{"taken_at": {_json(now)}, "account": {_json(account(user))}'
    kept = kept_back(user)
    yield from _list("attempts", _attempts(user, kept))
    for name, rows in _lists(user, kept).items():
        yield from _list(name, rows)
    yield "}\n"


def account(user: User) -> dict[str, Any]:
    """Without the password, and whatever else could open a door."""
    role = role_of(user)
    return {name: getattr(user, name) for name in _ACCOUNT} | {"role": role.value if role else None}


def _lists(user: User, kept: frozenset[UUID]) -> dict[str, Iterable[Any]]:
    """What hangs on the candidate directly. A card tells how its question was answered before, and a reply to
    a report may tell the key, and so may the ids of options: none is told while that question is in an open
    exam. Those in `kept` have no name."""
    named = Case(When(question__in=kept, then=None), default="question__external_id")
    cards = Card.objects.filter(~is_withheld(user.pk), user=user)
    held = is_withheld(user.pk)
    reports = Report.objects.filter(reporter=user).annotate(
        named=named,
        reply_told=Case(When(held, then=None), default="reply"),
        options=Case(When(held, then=None), default="option_order"),
        choice=Case(When(held, then=None), default="chosen"),
    )
    return {
        "exam_dates": ExamDate.objects.filter(user=user).values("certification", "date"),
        "notes": Note.objects.filter(user=user).annotate(named=named).values("named", "text", "updated_at"),
        "bookmarks": Bookmark.objects.filter(user=user).annotate(named=named).values("named", "made_at"),
        "reports": reports.values(
            "attempt",
            "number",
            "named",
            "version__number",
            "options",
            "choice",
            "kind",
            "text",
            "made_at",
            "state",
            "reply_told",
            "decided_at",
            "read_at",
        ),
        "questions_seen": Sight.objects.filter(user=user)
        .order_by("last_seen", "question_id")
        .annotate(named=named)
        .values("named", "first_attempt", "last_seen"),
        "repetition": cards.annotate(named=named).values(
            "named", "due", "last_review", "stability", "difficulty"
        ),
        "reserves": Reserve.objects.filter(user=user).values(
            "certification", "drawn_at", "spent_on", "spent_at"
        ),
        "role_changes": user.role_changes.values("before", "role", "changed_at"),
    }


def _attempts(user: User, kept: frozenset[UUID]) -> Iterator[dict[str, Any]]:
    for batch in batches(attempts_of(user), BATCH):
        entries = by_attempt(user, batch, kept)
        log = AnswerEvent.objects.order_by("intent_ms", "event_id").values(
            "attempt", "item", "kind", "value", "intent_ms", "received_at"
        )
        events = _grouped(batch, log)
        late = _grouped(
            batch, LateAnswer.objects.values("attempt", "item", "value", "intent_ms", "received_at")
        )
        time = _grouped(batch, Extension.objects.values("attempt", "seconds", "reason", "granted_at"))
        results = _grouped(
            batch,
            Result.objects.filter(told(user.pk)).order_by("revision").values("attempt", *_RESULT),
        )
        for attempt in batch:
            yield {name: getattr(attempt, name) for name in _ATTEMPT} | {
                "extensions": time[attempt.pk],
                "results": results[attempt.pk] if attempt.state == State.CLOSED else [],
                "items": [_item(entry) for entry in entries[attempt.pk]],
                "events": events[attempt.pk],
                "late_answers": late[attempt.pk],
            }


def _item(entry: Entry) -> dict[str, Any]:
    return {name: value for name, value in asdict(entry).items() if name not in _OF_ITS_ATTEMPT}


def _grouped(attempts: Iterable[Attempt], rows: Any) -> dict[Any, list[dict[str, Any]]]:
    """The rows of some attempts by attempt, one statement."""
    found: dict[Any, list[dict[str, Any]]] = {attempt.pk: [] for attempt in attempts}
    for row in rows.filter(attempt__in=list(found)):
        found[row.pop("attempt")].append(row)
    return found


def _list(name: str, rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    yield f",\n{_json(name)}: ["
    for place, row in enumerate(rows):
        named = {_NAMES.get(column, column): value for column, value in row.items()}
        yield f"{',' if place else ''}\n{_json(named)}"
    yield "]"


def _json(value: object) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
