"""What the exam page's script talks to: batches, the end, the poll."""

import json
import uuid

import pytest
from django.test import Client

from exam_sim.exams.models import Attempt, EndedBy, EventKind, State
from tests.exams.sitting import MINUTE, SECOND, ago, event, make_open, post_events, standing
from tests.factories import make_register, make_user

pytestmark = pytest.mark.django_db

ID = str(uuid.UUID(int=1))


def test_a_batch_is_answered_with_results_clock_and_registers(sitting: tuple[Client, Attempt]) -> None:
    client, attempt = sitting
    bad = str(uuid.UUID(int=2))
    response = post_events(
        client, attempt, event(1, "answer", [2], 1000, ID), event(9, "answer", [2], 1000, bad)
    )
    assert response.status_code == 200
    answer = response.json()
    elapsed = answer["clock"].pop("elapsed")
    assert answer == {
        "results": {
            ID: "stored",
            bad: {"refused": "unknown_item", "message": "There is no such question here."},
        },
        "clock": {"total": 180 * 60_000, "open": True},
        "registers": [[1, "answer", [2], 1000, ID]],
    }
    assert 10 * 60_000 <= elapsed < 11 * 60_000


def test_end_by_the_script_takes_events_and_closes(sitting: tuple[Client, Attempt]) -> None:
    client, attempt = sitting
    answer = post_events(client, attempt, event(1, "answer", [2], 1000, ID), to="end").json()
    assert (answer["results"], answer["clock"]["open"]) == ({ID: "stored"}, False)
    assert standing(attempt) == {(1, "answer"): [2]}


def test_the_poll_gives_the_clock_and_what_is_newer(sitting: tuple[Client, Attempt]) -> None:
    client, attempt = sitting
    make_register(attempt, 1, EventKind.ANSWER, [2], 1000)
    newer = make_register(attempt, 2, EventKind.FLAG, True, 2000)
    answer = client.get(f"/attempts/{attempt.pk}/clock?since=1000").json()
    assert answer["registers"] == [[2, "flag", True, 2000, str(newer.event_id)]]
    assert (answer["clock"]["total"], answer["clock"]["open"]) == (180 * 60_000, True)
    assert len(client.get(f"/attempts/{attempt.pk}/clock?since=-1").json()["registers"]) == 2
    assert client.get(f"/attempts/{attempt.pk}/clock?since=2000").json()["registers"] == []


def test_the_poll_past_the_grace_closes_and_says_so(client: Client) -> None:
    client.force_login(user := make_user())
    attempt = make_open(user, minutes=30, started_at=ago(40 * MINUTE + 2 * SECOND))
    assert client.get(f"/attempts/{attempt.pk}/clock").json()["clock"]["open"] is False


@pytest.mark.parametrize("since", ["x", "1.5", "9" * 5000])
def test_a_poll_that_asks_nonsense_is_told_so(sitting: tuple[Client, Attempt], since: str) -> None:
    client, attempt = sitting
    response = client.get(f"/attempts/{attempt.pk}/clock", {"since": since})
    assert (response.status_code, response.json()) == (
        400,
        {"error": '"since" is not a number of milliseconds.'},
    )


def test_an_unreadable_batch_is_400_in_one_sentence(sitting: tuple[Client, Attempt]) -> None:
    client, attempt = sitting
    response = client.post(f"/attempts/{attempt.pk}/events", b"{", content_type="application/json")
    assert (response.status_code, response.json()) == (400, {"error": "The request is not JSON."})


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data; boundary=x"])
def test_a_batch_that_does_not_say_it_is_json_is_400(
    sitting: tuple[Client, Attempt], content_type: str
) -> None:
    client, attempt = sitting
    response = client.post(f"/attempts/{attempt.pk}/events", b"--x--", content_type=content_type)
    assert (response.status_code, response.json()) == (400, {"error": "Send the events as application/json."})


def test_a_browsers_zero_that_is_not_the_servers_ends_nothing(sitting: tuple[Client, Attempt]) -> None:
    """As when time was added that the browser has not heard of."""
    client, attempt = sitting
    url = f"/attempts/{attempt.pk}/end"
    batch = json.dumps({"events": [event(1, "answer", [2], 1000, ID)], "at_zero": True}).encode()
    answer = client.post(url, batch, content_type="application/json").json()
    assert (answer["results"], answer["clock"]["open"]) == ({ID: "stored"}, True)
    Attempt.objects.filter(pk=attempt.pk).update(started_at=ago(180 * MINUTE), deadline=ago(SECOND))
    assert client.post(url, batch, content_type="application/json").json()["clock"]["open"] is False
    attempt.refresh_from_db()
    assert (attempt.state, attempt.ended_by) == (State.CLOSED, EndedBy.CLOCK)


@pytest.mark.parametrize("to", ["events", "end"])
def test_a_script_that_is_logged_out_or_not_the_owner_gets_json(
    sitting: tuple[Client, Attempt], to: str
) -> None:
    _, attempt = sitting
    anonymous, other = Client(), Client()
    other.force_login(make_user("other@example.org"))
    refusals = [post_events(c, attempt, event(1, "answer", [0], 1), to=to) for c in (anonymous, other)]
    assert [(r.status_code, list(r.json())) for r in refusals] == [(401, ["error"]), (404, ["error"])]
    assert attempt.events.count() == 0


def test_a_script_without_its_csrf_token_gets_403_in_json(sitting: tuple[Client, Attempt]) -> None:
    _, attempt = sitting
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(attempt.user)
    response = post_events(strict, attempt, event(1, "answer", [0], 1))
    assert (response.status_code, list(json.loads(response.content))) == (403, ["error"])


def test_a_batch_that_arrives_after_the_end_is_acknowledged_or_late_and_200(
    sitting: tuple[Client, Attempt],
) -> None:
    client, attempt = sitting
    post_events(client, attempt, event(1, "answer", [2], 1000, ID), to="end")
    late = str(uuid.UUID(int=3))
    response = post_events(
        client, attempt, event(1, "answer", [2], 1000, ID), event(2, "answer", [1], 2000, late)
    )
    assert (response.status_code, response.json()["results"]) == (
        200,
        {
            ID: "duplicate",
            late: {
                "refused": "late",
                "message": "This change came after the time was over and does not count.",
            },
        },
    )
