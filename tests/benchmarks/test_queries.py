"""How often a request asks the database, session and user included: literal numbers that hold whatever the
size of the bank and however long the candidate's history is."""

import json
import uuid
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from exam_sim.accounts.models import User
from exam_sim.exams import answers, attempts
from exam_sim.exams.events import Event
from exam_sim.exams.models import Attempt, EventKind, ExamProfile, State
from results.grading import grade_closed
from tests.benchmarks.bank import analyse, grow, load_shipped
from tests.benchmarks.figures import Figures
from tests.factories import make_user

TRANSACTION = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT")
# A candidate's first start draws the reserve too; the rehearsal notes that it is spent.
STARTS = {"first start": 8, "later start": 8, "rehearsal": 10, "rehearsal as first start": 8}
# Whoever takes the first batch of an attempt reads the attempt too.
EXPECTED = {
    "exam page": 4,
    "batch of 1": 3,
    "batch of 65": 2,
    "batch of 65, overtaken": 3,
    "poll": 2,
    "end + result": 11,
    "review": 6,
}
LIMITS = {
    "first start": 8,
    "later start": 8,
    "rehearsal": 10,
    "rehearsal as first start": 8,
    "exam page": 4,
    "batch of 1": 3,
    "batch of 65": 3,
    "batch of 65, overtaken": 6,
    "end + result": 12,
    "review": 8,
}
BANK, HISTORY = 5_000, 50

pytestmark = pytest.mark.django_db


def test_the_number_of_queries_depends_on_neither_bank_nor_history(client: Client, figures: Figures) -> None:
    collection = load_shipped()
    profile = ExamProfile.objects.get(pk="mls-c01-full-mock")
    veteran = make_user("veteran@example.org")
    live_through(veteran, profile, HISTORY)
    analyse()

    newcomers, veterans = (EXPECTED | {"start": STARTS[start]} for start in ("first start", "later start"))
    assert queries_of_a_sitting(client, make_user(None), profile) == newcomers
    assert queries_of_a_sitting(client, veteran, profile) == veterans
    grow(collection, BANK)
    assert queries_of_a_sitting(client, make_user(None), profile) == newcomers
    assert queries_of_a_sitting(client, veteran, profile) == veterans
    numbers = EXPECTED | STARTS
    for name, limit in LIMITS.items():
        figures.note(f"queries: {name}", numbers[name], "", limit)
        assert numbers[name] <= limit


def test_the_number_of_queries_of_each_start(client: Client) -> None:
    load_shipped()
    full, rehearsal = ExamProfile.objects.order_by("position")
    assert starts(client, make_user(None), full, rehearsal) == [
        STARTS["first start"],
        STARTS["rehearsal"],
    ]
    assert starts(client, make_user(None), rehearsal, full) == [
        STARTS["rehearsal as first start"],
        STARTS["later start"],
    ]


def starts(client: Client, user: User, *profiles: ExamProfile) -> list[int]:
    """How often starting each of these exams, one after the other, asks."""
    client.force_login(user)
    return [
        statements(partial(client.post, reverse("exams:start", args=[profile.pk])), 302)
        for profile in profiles
    ]


def live_through(user: User, profile: ExamProfile, count: int) -> None:
    """Let `user` sit `count` exams in earlier weeks, see every item of them and get the results."""
    for number in range(count):
        now = timezone.now() - timedelta(weeks=1 + number)
        attempt = attempts.start(user, profile, now, seed=number)
        visits = [Event(uuid.uuid4(), item, EventKind.VISIT, 1, 1) for item in range(1, 66)]
        answers.record(attempt.pk, user, visits, now, end=True)
    assert grade_closed(timezone.now()) == count


def queries_of_a_sitting(client: Client, user: User, profile: ExamProfile) -> dict[str, int]:
    client.force_login(user)
    start = statements(lambda: client.post(reverse("exams:start", args=[profile.pk])), 302)
    attempt = Attempt.objects.get(user=user, state=State.OPEN)

    def url(name: str) -> str:
        return reverse(name, args=[attempt.pk])

    def post(name: str, kind: str, items: Iterable[int], intent_ms: int) -> Callable[[], Any]:
        body = json.dumps({"events": [event(item, kind, intent_ms) for item in items]})
        return lambda: client.post(url(name), body, content_type="application/json")

    every = range(1, 66)
    return {
        "start": start,
        "exam page": statements(lambda: client.get(url("exams:attempt"))),
        "batch of 1": statements(post("exams:events", "answer", [1], 2)),
        "batch of 65": statements(post("exams:events", "answer", every, 3)),
        "batch of 65, overtaken": statements(post("exams:events", "answer", every, 1)),
        "poll": statements(lambda: client.get(url("exams:clock"), {"since": 0})),
        "end + result": statements(post("exams:end", "answer", [2], 4))
        + statements(lambda: client.get(url("results:result"))),
        "review": statements(lambda: client.get(url("results:review"))),
    }


def event(item: int, kind: str, intent_ms: int) -> dict[str, Any]:
    value = [0] if kind == "answer" else 1
    return {"id": str(uuid.uuid4()), "item": item, "kind": kind, "value": value, "intent_ms": intent_ms}


def statements(request: Callable[[], Any], status: int = 200) -> int:
    """How many statements `request` needs, without those that only frame a transaction."""
    with CaptureQueriesContext(connection) as captured:
        response = request()
    assert response.status_code == status
    return sum(not query["sql"].startswith(TRANSACTION) for query in captured)
