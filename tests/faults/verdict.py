"""What the database holds in the end, against what the candidates did and were told."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from tests.faults.model import Model
from tests.faults.records import Breach, Invariant, Outcome
from tests.faults.site import Site, helper

Stored = dict[str, Any]


def read(site: Site) -> Stored:
    stored: Stored = json.loads(helper(site.environment, "tests.faults.reading"))
    return stored


def judge(stored: Stored, sat: Sequence[tuple[str, Outcome, Model]]) -> Iterator[Breach]:
    """Of people by their address; what is no one's is told as well."""
    by_email: dict[str, list[tuple[str, Stored]]] = {}
    for pk, attempt in stored["attempts"].items():
        by_email.setdefault(attempt["email"], []).append((pk, attempt))
    for email, outcome, model in sat:
        attempts = by_email.pop(email, [])
        if not outcome.attempt and len(attempts) < 2:
            continue  # its page never came, which is told already
        if [pk for pk, _ in attempts] != [outcome.attempt]:
            yield _breach(outcome, Invariant.ATTEMPTS, f"{[pk for pk, _ in attempts]}")
            continue
        for invariant, what in _judge(attempts[0][1], model):
            yield _breach(outcome, invariant, what)
    for email in by_email:
        yield Breach(Invariant.ATTEMPTS, f"{email} has an attempt and sat no exam")
    for problem in stored["problems"]:
        yield Breach(Invariant.INTEGRITY, problem)


def _judge(attempt: Stored, model: Model) -> Iterator[tuple[Invariant, str]]:
    if attempt["state"] != "closed":
        yield Invariant.LEFT_OPEN, "still open when all was over"
    logged = {id_: (item, kind, value, intent) for item, kind, value, intent, id_ in attempt["events"]}
    for id_, times in Counter(id_ for *_, id_ in attempt["events"]).items():
        if times > 1:
            yield Invariant.TWICE, f"{id_} is in the log {times} times"
    for id_, made in model.made.items():
        if made.acknowledged and id_ not in logged:
            yield Invariant.ACKNOWLEDGED_LOST, f"{made.kind} of item {made.item}, {id_}"
        if not (made.acknowledged or made.refused or model.gone):
            yield Invariant.NEVER_HANDED_IN, f"{made.kind} of item {made.item}, {id_}"
    for id_, (item, kind, value, intent) in logged.items():
        event = model.made.get(id_)
        if event is None or intent not in event.intents or not _says(event, item, kind, value):
            yield Invariant.UNKNOWN, f"{kind} of item {item}, {id_}"
    newest: dict[tuple[int, str], tuple[int, str, Any]] = {}
    for id_, (item, kind, value, intent) in logged.items():
        if kind != "visit":
            standing = newest.get((item, kind), (-1, "", None))
            newest[item, kind] = max((intent, id_, value), standing, key=lambda entry: entry[:2])
    final = {(item, kind): (intent, id_, value) for item, kind, value, intent, id_ in attempt["registers"]}
    for place in sorted(newest.keys() | final.keys()):
        if newest.get(place) != final.get(place):
            yield Invariant.NOT_NEWEST, f"{place}: {final.get(place)}, and not {newest.get(place)}"


def _says(made: Any, item: int, kind: str, value: object) -> bool:
    """What a visit lasted may be capped by the server."""
    return (made.item, made.kind) == (item, kind) and (kind == "visit" or made.value == value)


def _breach(outcome: Outcome, invariant: Invariant, what: str) -> Breach:
    return Breach(invariant, f"{outcome.name} {outcome.attempt}: {what}")
