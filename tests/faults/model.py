"""What one candidate did and what the server said to it, and the rules that hold between the two while the
exam runs. It listens at the network (`proxy.Listener`), so it knows also what never got back to the browser.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.faults.proxy import Message, kind_of
from tests.faults.records import GRACE, Invariant, Outcome

AHEAD_MS = 5000
TRACES = (b"Traceback (most recent call last)", b"DEBUG = True", b"Request Method:")
ACKNOWLEDGED = ("stored", "superseded", "duplicate")

Order = tuple[int, str]
"""(intent, event id)."""

Place = tuple[int, str]
"""(item, kind)."""


@dataclass(slots=True)
class Made:
    """One event of the candidate: what it says, every intent that it was sent with, and what became of it."""

    item: int
    kind: str
    value: Any
    intents: set[int] = field(default_factory=set)
    acknowledged: bool = False
    refused: str = ""


@dataclass(slots=True)
class Model:
    outcome: Outcome
    made: dict[str, Made] = field(default_factory=dict)
    ends: int = 0
    """Requests to end the exam that went to the server so far."""
    statuses: dict[str, int] = field(default_factory=dict)
    """How often a kind of request was answered by a status."""
    standing: dict[Place, Order] = field(default_factory=dict)
    """The newest acknowledged event of each register."""
    gone: bool = False
    """The candidate left and does not come back: what was not handed in stays there."""
    _asked: dict[int, dict[Place, Order]] = field(default_factory=dict)

    def make(self, event: Mapping[str, Any]) -> None:
        """The candidate clicked, or its event was stamped again."""
        made = Made(event["item"], event["kind"], event["value"])
        self.made.setdefault(event["id"], made).intents.add(event["intent_ms"])

    def sent(self, request: Message) -> None:
        kind = kind_of(request)
        if kind == "end":
            self.ends += 1
        elif kind == "clock" and request.path.endswith("since=-1"):
            self._asked[id(request)] = dict(self.standing)

    def heard(self, request: Message, reply: Message) -> None:
        kind = kind_of(request)
        name = f"{kind} {reply.status}"
        self.statuses[name] = self.statuses.get(name, 0) + 1
        if any(trace in reply.body for trace in TRACES):
            self.outcome.breach(Invariant.TRACEBACK, f"{request.method} {request.path}: {reply.status}")
        if reply.status != 200 or kind not in ("events", "end", "clock"):
            return
        data = json.loads(reply.body)
        if kind == "clock":
            self._read_back(self._asked.pop(id(request), {}), data)
        else:
            self._settled(kind, json.loads(request.body), data)

    def _settled(self, kind: str, sent: Mapping[str, Any], data: Mapping[str, Any]) -> None:
        events = {event["id"]: event for event in sent["events"]}
        for id_, result in data["results"].items():
            made, event = self.made.get(id_), events.get(id_)
            if made is None or event is None:
                self.outcome.breach(Invariant.UNKNOWN, f"a verdict on {id_}, which was not sent")
            elif result in ACKNOWLEDGED:
                made.acknowledged = True
                if made.kind != "visit":
                    place, order = (made.item, made.kind), (event["intent_ms"], id_)
                    if result != "duplicate":
                        self.standing[place] = max(order, self.standing.get(place, (-1, "")))
                if result != "duplicate":
                    self._judge_taken(event, data["clock"])
            else:
                made.refused = result["refused"]
                self._judge_refused(kind, event, result["refused"], data["clock"])

    def _judge_taken(self, event: Mapping[str, Any], clock: Mapping[str, Any]) -> None:
        elapsed, total, intent = clock["elapsed"], clock["total"], event["intent_ms"]
        if elapsed > total + 1000 * GRACE or (elapsed >= total and intent >= total):
            what = f"meant at {intent}, taken at {elapsed} of {total} ms"
            self.outcome.breach(Invariant.TAKEN_LATE, what)
        if intent > elapsed + AHEAD_MS:
            self.outcome.breach(Invariant.TAKEN_AHEAD, f"meant at {intent}, taken at {elapsed} ms")

    def _judge_refused(
        self, kind: str, event: Mapping[str, Any], reason: str, clock: Mapping[str, Any]
    ) -> None:
        """An exam that somebody ended takes nothing more; the request that ends it takes what it brings."""
        elapsed, total, intent = clock["elapsed"], clock["total"], event["intent_ms"]
        is_ended = self.ends > (kind == "end")
        in_time = elapsed < total or (intent < total and elapsed <= total + 1000 * GRACE)
        if reason == "late" and in_time and not is_ended:
            what = f"meant at {intent}, refused at {elapsed} of {total} ms"
            self.outcome.breach(Invariant.REFUSED_IN_TIME, what)
        elif reason not in ("late", "clock"):
            self.outcome.breach(Invariant.UNKNOWN, f"refused as {reason}")

    def _read_back(self, before: Mapping[Place, Order], data: Mapping[str, Any]) -> None:
        read = {(item, kind): (intent, id_) for item, kind, _, intent, id_ in data["registers"]}
        for place, order in before.items():
            if read.get(place, (-1, "")) < order:
                what = f"{place}: {order} was acknowledged, {read.get(place)} was read"
                self.outcome.breach(Invariant.NOT_READ_BACK, what)
