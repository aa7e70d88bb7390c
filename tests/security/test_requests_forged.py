"""What a candidate claims about time, place and person: nothing that the server does not know is believed."""

import datetime as dt
import json
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from exam_sim.accounts.models import User
from exam_sim.exams.models import Attempt, EndedBy, EventKind, LateAnswer, State
from tests.exams.sitting import MINUTE, SECOND, ago, event, make_open, make_session, post_events, standing
from tests.factories import make_user

pytestmark = pytest.mark.django_db
ID = str(uuid.UUID(int=1))


def sent(client: Client, attempt: Attempt, *events: object) -> list[str]:
    """What became of each event, in order."""
    results = post_events(client, attempt, *events).json()["results"]
    return [result if isinstance(result, str) else result["refused"] for result in results.values()]


@pytest.fixture
def sitting(client: Client) -> tuple[Client, Attempt]:
    """A candidate ten minutes into an exam."""
    client.force_login(user := make_user())
    return client, make_open(user, started_at=ago(10 * MINUTE))


@pytest.fixture
def after(client: Client) -> tuple[Client, Attempt]:
    """A candidate in the grace: the deadline was a minute ago."""
    client.force_login(user := make_user())
    return client, make_open(user, minutes=30, started_at=ago(31 * MINUTE))


# Clocks


@pytest.mark.parametrize("ahead", [60_000, 600_000, 86_400_000, 2**53 - 700_000])
def test_an_intent_from_the_future_is_refused_and_changes_nothing(
    sitting: tuple[Client, Attempt], ahead: int
) -> None:
    """However far it is, it cannot stand above what comes later."""
    client, attempt = sitting
    now_ms = (timezone.now() - attempt.started_at) // dt.timedelta(milliseconds=1)
    assert sent(client, attempt, event(1, "answer", [2], now_ms + ahead)) == ["clock"]
    assert (standing(attempt), attempt.events.count()) == ({}, 0)
    assert sent(client, attempt, event(1, "answer", [1], now_ms)) == ["stored"]


@pytest.mark.parametrize("intent", [-1, -(2**63), 2**53 + 1, 10**30, 1.0, "1000", True, None, [1000]])
def test_an_intent_that_is_no_moment_of_the_exam_is_malformed(
    sitting: tuple[Client, Attempt], intent: object
) -> None:
    client, attempt = sitting
    assert sent(client, attempt, {**event(1, "answer", [2], 0, ID), "intent_ms": intent}) == ["malformed"]
    assert attempt.events.count() == 0


def test_a_claim_to_have_been_in_time_is_worth_nothing_after_the_grace(client: Client) -> None:
    client.force_login(user := make_user())
    attempt = make_open(user, minutes=30, started_at=ago(40 * MINUTE + 2 * SECOND))
    assert sent(client, attempt, event(1, "answer", [2], 1000)) == ["late"]
    attempt.refresh_from_db()
    assert (attempt.state, attempt.closed_at, standing(attempt)) == (State.CLOSED, attempt.deadline, {})
    assert LateAnswer.objects.get().value == [2]


def test_in_the_grace_nothing_meant_after_the_deadline_counts(after: tuple[Client, Attempt]) -> None:
    client, attempt = after
    total = 30 * 60_000
    events = [
        event(1, "answer", [0], total),
        event(2, "answer", [0], total - 1),
        event(3, "flag", True, total + 5),
    ]
    assert sorted(sent(client, attempt, *events)) == ["late", "late", "stored"]
    assert standing(attempt) == {(2, "answer"): [0]}


CLAIMS = {
    "now": "2020-01-01T00:00:00Z",
    "received_at": "2020-01-01T00:00:00Z",
    "client_time": 0,
    "elapsed": 0,
    "deadline": "2099-01-01T00:00:00Z",
    "close_by": "2099-01-01T00:00:00Z",
    "closed_at": "2099-01-01T00:00:00Z",
    "seconds_granted": 10**6,
    "grace_seconds": 10**6,
    "state": "open",
    "clock": {"elapsed": 0, "total": None, "open": True},
    "correct": True,
    "scored": True,
    "attempt": str(uuid.UUID(int=7)),
    "attempt_id": str(uuid.UUID(int=7)),
    "user": str(uuid.UUID(int=7)),
}


@pytest.mark.parametrize("headers", [{}, {"Date": "Wed, 01 Jan 2020 00:00:00 GMT", "X-Client-Time": "0"}])
def test_what_else_a_batch_claims_is_not_read(after: tuple[Client, Attempt], headers: dict[str, str]) -> None:
    client, attempt = after
    before = Attempt.objects.values().get()
    began = timezone.now()
    batch = {"events": [{**event(1, "answer", [2], 1000, ID), **CLAIMS}], **CLAIMS}
    url = f"/attempts/{attempt.pk}/events"
    answer = client.post(url, json.dumps(batch), content_type="application/json", headers=headers).json()
    assert answer["results"] == {ID: "stored"}
    assert Attempt.objects.values().get() == before
    row = attempt.events.get()
    assert (str(row.event_id), row.item, row.kind, row.value, row.intent_ms) == (ID, 1, "answer", [2], 1000)
    assert began <= row.received_at <= timezone.now()


# Events


def test_an_event_that_is_sent_again_with_another_value_is_the_first(sitting: tuple[Client, Attempt]) -> None:
    client, attempt = sitting
    assert sent(client, attempt, event(1, "answer", [2], 1000, ID)) == ["stored"]
    forged = [event(1, "answer", [0], 5000, ID), event(2, "answer", [0], 5000, ID)]
    for again in forged:
        assert sent(client, attempt, again) == ["duplicate"]
    assert standing(attempt) == {(1, "answer"): [2]}


def test_an_event_id_of_somebody_else_is_only_a_number(sitting: tuple[Client, Attempt]) -> None:
    client, attempt = sitting
    other = Client()
    other.force_login(user := make_user("other@example.org"))
    theirs = make_open(user, started_at=ago(10 * MINUTE))
    assert sent(client, attempt, event(1, "answer", [2], 1000, ID)) == ["stored"]
    assert sent(other, theirs, event(1, "answer", [3], 900, ID)) == ["stored"]
    assert (standing(attempt), standing(theirs)) == ({(1, "answer"): [2]}, {(1, "answer"): [3]})


@pytest.mark.parametrize(
    ("item", "kind", "value", "reason"),
    [
        (5, "answer", [0], "unknown_item"),
        (-1, "answer", [0], "unknown_item"),
        (0, "answer", [0], "unknown_item"),
        (1, "scratchpad", "x", "unknown_item"),
        (1, "answer", [4], "unknown_option"),
        (1, "answer", [-1], "unknown_option"),
        (1, "answer", [0, 1], "too_many"),
        (1, "answer", ["a"], "malformed"),
        (1, "check", True, "malformed"),
        (1, "sure", True, "malformed"),
        (1, "state", "closed", "malformed"),
    ],
)
def test_what_is_not_in_the_form_is_refused(
    sitting: tuple[Client, Attempt], item: int, kind: str, value: object, reason: str
) -> None:
    """In an exam nothing can be checked, whatever the browser says."""
    client, attempt = sitting
    answer = post_events(client, attempt, event(item, kind, value, 1000, ID)).json()
    assert answer["results"][ID]["refused"] == reason
    assert ("explained" in answer, attempt.events.count()) == (False, 0)


@pytest.mark.parametrize("to", ["events", "end", "pause", "resume", "discard"])
@pytest.mark.parametrize("state", [State.OPEN, State.CLOSED, State.DISCARDED])
def test_the_attempt_of_somebody_else_is_not_there(client: Client, to: str, state: State) -> None:
    attempt = make_session(make_user("other@example.org"), started_at=ago(10 * MINUTE))
    over = {"closed_at": ago(MINUTE), "ended_by": EndedBy.CANDIDATE} if state == State.CLOSED else {}
    over |= {"closed_at": ago(MINUTE)} if state == State.DISCARDED else {}
    Attempt.objects.update(state=state, **over)
    before = Attempt.objects.values().get()
    client.force_login(make_user())
    assert post_events(client, attempt, event(1, "answer", [2], 1000), to=to).status_code == 404
    assert (Attempt.objects.values().get(), attempt.events.count()) == (before, 0)


@pytest.mark.parametrize("to", ["events", "end", "pause", "resume", "discard"])
def test_a_closed_attempt_stays_as_it_is(sitting: tuple[Client, Attempt], to: str) -> None:
    client, attempt = sitting
    sent(client, attempt, event(1, "answer", [2], 1000))
    client.post(f"/attempts/{attempt.pk}/end")
    before = Attempt.objects.values().get(), standing(attempt), attempt.events.count()
    forged = [event(1, "answer", [0], 999_999), event(0, "scratchpad", "x", 5)]
    post_events(client, attempt, *forged, to=to)
    client.post(f"/attempts/{attempt.pk}/", {"answer": "0", "action": "next", "seen": "999999999"})
    assert (Attempt.objects.values().get(), standing(attempt), attempt.events.count()) == before


# Masses


def test_ten_thousand_events_at_once_are_refused_whole(sitting: tuple[Client, Attempt]) -> None:
    client, attempt = sitting
    rows = [event(1, "answer", [n % 4], n) for n in range(10_000)]
    response = post_events(client, attempt, *rows)
    assert (response.status_code, response.json()) == (
        400,
        {"error": "The request holds more than 500 events; send them in parts."},
    )
    assert attempt.events.count() == 0


@pytest.mark.parametrize("to", ["events", "end"])
def test_a_body_over_the_limit_is_refused_in_json(sitting: tuple[Client, Attempt], to: str) -> None:
    client, attempt = sitting
    response = client.post(f"/attempts/{attempt.pk}/{to}", b" " * 2_700_000, content_type="application/json")
    assert (response.status_code, response.json()) == (
        413,
        {"error": "The request is too large; send the changes in parts."},
    )
    attempt.refresh_from_db()
    assert (attempt.state, attempt.events.count()) == (State.OPEN, 0)


PRIVILEGES = ("is_staff", "is_superuser", "is_active", "is_guest", "email", "date_joined", "id")
EVERYTHING: dict[str, Any] = {
    "is_staff": "on",
    "is_superuser": "on",
    "is_active": "",
    "is_guest": "on",
    "id": str(uuid.UUID(int=7)),
    "pk": "1",
    "email": "root@example.org",
    "groups": "1",
    "user_permissions": "1",
    "role": "administrator",
    "date_joined": "2020-01-01",
    "user": "1",
    "owner": "1",
    "state": "open",
    "mode": "study",
    "feedback": "on",
    "seconds_granted": "999999",
    "deadline": "2099-01-01",
}


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (
            "/accounts/settings/",
            {"name": "Ada", "extra_time": "none", "theme": "dark", "character_keys": "on"},
        ),
        ("/accounts/theme/", {"theme": "dark"}),
        (
            "/accounts/password/",
            {
                "old_password": "correct horse",
                "new_password1": "another long one",
                "new_password2": "another long one",
            },
        ),
    ],
)
def test_no_form_of_somebody_s_own_sets_more_than_it_shows(
    client: Client, path: str, fields: dict[str, str]
) -> None:
    user = make_user()
    client.force_login(user)
    before = User.objects.values(*PRIVILEGES).get()
    assert client.post(path, EVERYTHING | fields).status_code == 302
    user = User.objects.get()
    assert User.objects.values(*PRIVILEGES).get() == before
    assert (user.groups.count(), user.user_permissions.count()) == (0, 0)


def test_signing_up_makes_a_candidate_whatever_else_is_sent(client: Client) -> None:
    fields = {"email": "ada@example.org", "name": "Ada", "password": "a moth in relay 70"}
    assert client.post("/accounts/sign-up/", EVERYTHING | fields).status_code == 302
    user = User.objects.get()
    assert (user.email, user.is_staff, user.is_superuser, user.is_active, user.is_guest) == (
        "ada@example.org",
        False,
        False,
        True,
        False,
    )
    assert [group.name for group in user.groups.all()] == ["candidate"]
    assert user.pk != uuid.UUID(int=7)


def test_the_form_of_an_item_sets_nothing_of_its_attempt(sitting: tuple[Client, Attempt]) -> None:
    client, attempt = sitting
    before = Attempt.objects.values().get()
    fields = {"answer": "1", "action": "next", "seen": "0", "item": "3", "intent_ms": "1", "kind": "check"}
    client.post(f"/attempts/{attempt.pk}/?q=1", EVERYTHING | fields)
    assert Attempt.objects.values().get() == before
    assert standing(attempt) == {(1, EventKind.ANSWER): [1]}
