"""Each rule between what a candidate did and what the database holds, broken once."""

import copy
import json
from typing import Any

import pytest

from tests.faults.model import Model
from tests.faults.proxy import Message
from tests.faults.records import Breach, Invariant, Outcome
from tests.faults.verdict import judge

EMAIL = "anna@example.org"
TOTAL = 12_000
FIRST, SECOND = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"


def event(id_: str, value: list[int], intent: int) -> dict[str, Any]:
    return {"id": id_, "item": 1, "kind": "answer", "value": value, "intent_ms": intent}


def a_model(*events: dict[str, Any]) -> Model:
    model = Model(Outcome("anna", "a"))
    for made in events:
        model.make(made)
    return model


def tell(model: Model, kind: str, events: list[dict[str, Any]], result: object, elapsed: int) -> None:
    """The server answered to these events."""
    request = Message(
        f"POST /attempts/a/{kind} HTTP/1.1\r\n\r\n".encode(), json.dumps({"events": events}).encode()
    )
    clock = {"elapsed": elapsed, "total": TOTAL, "open": True}
    results = {made["id"]: result for made in events}
    body = json.dumps({"results": results, "clock": clock, "registers": []}).encode()
    model.sent(request)
    model.heard(request, Message(b"HTTP/1.1 200 OK\r\n\r\n", body))


SOUND: dict[str, Any] = {
    "attempts": {
        "a": {
            "email": EMAIL,
            "state": "closed",
            "events": [[1, "answer", [0], 1000, FIRST], [1, "answer", [1], 2000, SECOND]],
            "registers": [[1, "answer", [1], 2000, SECOND]],
        }
    },
    "problems": [],
}


def both_stored() -> Model:
    events = [event(FIRST, [0], 1000), event(SECOND, [1], 2000)]
    model = a_model(*events)
    tell(model, "events", events, "stored", 3000)
    return model


def verdicts(stored: dict[str, Any], model: Model) -> set[Invariant]:
    told: list[Breach] = list(judge(stored, [(EMAIL, model.outcome, model)]))
    return {breach.invariant for breach in [*told, *model.outcome.breaches]}


def test_what_is_as_it_was_said_is_sound() -> None:
    assert verdicts(SOUND, both_stored()) == set()


@pytest.mark.parametrize(
    ("changes", "invariant"),
    [
        ({"state": "open"}, Invariant.LEFT_OPEN),
        ({"registers": [[1, "answer", [0], 1000, FIRST]]}, Invariant.NOT_NEWEST),
        ({"events": SOUND["attempts"]["a"]["events"][1:]}, Invariant.ACKNOWLEDGED_LOST),
        ({"events": [*SOUND["attempts"]["a"]["events"], [1, "answer", [0], 1000, FIRST]]}, Invariant.TWICE),
        ({"events": [*SOUND["attempts"]["a"]["events"], [1, "answer", [0], 1, "x"]]}, Invariant.UNKNOWN),
        ({"email": "otto@example.org"}, Invariant.ATTEMPTS),
    ],
)
def test_what_the_database_holds_otherwise_is_told(changes: dict[str, Any], invariant: Invariant) -> None:
    stored = copy.deepcopy(SOUND)
    stored["attempts"]["a"] |= changes
    assert verdicts(stored, both_stored()) == {invariant}


def test_what_check_integrity_finds_is_told() -> None:
    assert verdicts(SOUND | {"problems": ["pool: odd"]}, both_stored()) == {Invariant.INTEGRITY}


def test_what_was_made_and_never_handed_in_is_told_unless_the_candidate_left_for_good() -> None:
    model = both_stored()
    model.make(event("third", [0], 2500))
    assert verdicts(SOUND, model) == {Invariant.NEVER_HANDED_IN}
    model.gone = True
    assert verdicts(SOUND, model) == set()


LATE = {"refused": "late", "message": ""}


@pytest.mark.parametrize(
    ("kind", "result", "intent", "elapsed", "broken"),
    [
        ("events", "stored", 1000, TOTAL + 3999, set()),
        ("events", "stored", 1000, TOTAL + 4001, {Invariant.TAKEN_LATE}),
        ("events", "stored", TOTAL, TOTAL + 1, {Invariant.TAKEN_LATE}),
        ("events", "duplicate", 1000, TOTAL + 4001, set()),
        ("events", "stored", 6000, 1000, set()),
        ("events", "stored", 6001, 1000, {Invariant.TAKEN_AHEAD}),
        ("events", LATE, 1000, TOTAL + 4001, set()),
        ("events", LATE, 1000, TOTAL + 3999, {Invariant.REFUSED_IN_TIME}),
        ("end", LATE, 1000, TOTAL + 3999, {Invariant.REFUSED_IN_TIME}),
        ("events", LATE, TOTAL, TOTAL + 1, set()),
        ("events", LATE, TOTAL + 9, TOTAL - 1, {Invariant.REFUSED_IN_TIME}),
    ],
)
def test_a_verdict_has_to_keep_the_clock(
    kind: str, result: object, intent: int, elapsed: int, broken: set[Invariant]
) -> None:
    made = event(FIRST, [0], intent)
    model = a_model(made)
    tell(model, kind, [made], result, elapsed)
    assert {breach.invariant for breach in model.outcome.breaches} == broken


def test_an_exam_that_was_ended_takes_nothing_more() -> None:
    made = event(FIRST, [0], 1000)
    model = a_model(made)
    tell(model, "end", [], "stored", 2000)
    tell(model, "events", [made], LATE, 3000)
    assert model.outcome.breaches == []


@pytest.mark.parametrize(
    ("registers", "broken"),
    [
        ([[1, "answer", [1], 2000, SECOND]], set()),
        ([[1, "answer", [0], 1000, FIRST]], {Invariant.NOT_READ_BACK}),
        ([], {Invariant.NOT_READ_BACK}),
    ],
)
def test_what_was_acknowledged_is_there_when_it_is_read(
    registers: list[list[object]], broken: set[Invariant]
) -> None:
    model = both_stored()
    poll = Message(b"GET /attempts/a/clock?since=-1 HTTP/1.1\r\n\r\n")
    model.sent(poll)
    body = json.dumps({"clock": {}, "registers": registers}).encode()
    model.heard(poll, Message(b"HTTP/1.1 200 OK\r\n\r\n", body))
    assert {breach.invariant for breach in model.outcome.breaches} == broken


def test_a_page_with_a_stack_trace_is_told() -> None:
    model = a_model()
    page = Message(b"GET /attempts/a/ HTTP/1.1\r\n\r\n")
    model.heard(page, Message(b"HTTP/1.1 500 \r\n\r\n", b"<pre>Traceback (most recent call last):"))
    assert [breach.invariant for breach in model.outcome.breaches] == [Invariant.TRACEBACK]
