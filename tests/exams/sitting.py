"""Sitting an exam in tests: a small exam of four items, and events as a browser would send them."""

import datetime as dt
import json
import uuid
from typing import Any

from django.test import Client
from django.utils import timezone

from exam_sim.accounts.models import User
from exam_sim.exams.models import Attempt, Mode, Register, State, Study
from tests.factories import NOW, make_attempt, make_profile, make_version

SECOND = dt.timedelta(seconds=1)
MINUTE = 60 * SECOND


def ago(delta: dt.timedelta) -> dt.datetime:
    return timezone.now() - delta


def make_open(user: User, *, minutes: int = 180, started_at: dt.datetime = NOW, **fields: Any) -> Attempt:
    """An open attempt of four items: three to choose one of four, the last to choose two of five."""
    versions = [make_version(key="a"), make_version(key="b"), make_version("1.2", key="c")]
    versions.append(make_version("2.1", key="ab", options="abcde"))
    profile = make_profile(f"short-{minutes}", minutes=minutes, scored=4)
    return make_attempt(user, versions, state=State.OPEN, started_at=started_at, profile=profile, **fields)


def make_session(
    user: User, *, minutes: int | None = None, started_at: dt.datetime = NOW, **fields: Any
) -> Attempt:
    """An open study session with feedback over the four items of `make_open`; untimed, without `minutes`."""
    session: dict[str, Any] = {"mode": Mode.STUDY, "study": Study.DRILL, "feedback": True}
    if minutes is None:
        session |= {"seconds_granted": None, "deadline": None, "close_by": None}
    return make_open(user, minutes=minutes or 180, started_at=started_at, **session | fields)


def event(item: int, kind: str, value: object, intent_ms: int, id_: str | None = None) -> dict[str, Any]:
    return {
        "id": id_ or str(uuid.uuid4()),
        "item": item,
        "kind": kind,
        "value": value,
        "intent_ms": intent_ms,
    }


def body(*events: object) -> bytes:
    return json.dumps({"events": events}).encode()


def post_events(client: Client, attempt: Attempt, *events: object, to: str = "events") -> Any:
    return client.post(
        f"/attempts/{attempt.pk}/{to}",
        body(*events),
        content_type="application/json",
        headers={"Accept": "application/json"},
    )


def standing(attempt: Attempt) -> dict[tuple[int, str], object]:
    """What stands for each (item, kind)."""
    rows = Register.objects.filter(attempt=attempt).values_list("item", "kind", "value")
    return {(item, kind): value for item, kind, value in rows}
