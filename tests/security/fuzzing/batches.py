"""Bodies of answer posts: a valid batch with one thing wrong, JSON of any shape, and what is no JSON."""

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from exam_sim.exams.models import EventKind

ID = "00000000-0000-0000-0000-00000000000"
DEEP = 100_000

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 10),
    st.sampled_from([2**31, 2**53, 2**53 + 1, 2**63, -(2**63), 10**18, 10**40, 10**400]),
    st.sampled_from([0.0, -0.0, 1.5, 1e308, float("inf"), float("-inf"), float("nan")]),
    st.sampled_from(["", "x", "\0", "\ud800", "a\udfffb", ID + "1", "answer", "x" * 30_000, "1", "\u2028"]),
    st.text(max_size=8),
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ["id", "item", "kind", "value", "intent_ms"]


@st.composite
def events(draw: st.DrawFn, items: int) -> dict[str, Any]:
    """An event as the page sends it, for a form of `items` items; now and then one that is off the form, or
    ahead of or before its time."""
    kind = draw(st.sampled_from(list(EventKind)))
    item = 0 if kind is EventKind.SCRATCHPAD else draw(st.integers(1, items))
    return {
        "id": draw(st.sampled_from([f"{ID}{n}" for n in range(8)]) | st.uuids().map(str)),
        "item": item if draw(st.integers(0, 9)) else draw(st.integers(-1, items + 1)),
        "kind": kind.value,
        "value": draw(_values(kind)),
        "intent_ms": draw(st.integers(0, 700_000) | st.sampled_from([0, 2**53, 10**7])),
    }


def _values(kind: EventKind) -> st.SearchStrategy[Any]:
    match kind:
        case EventKind.ANSWER | EventKind.STRIKE:
            return st.lists(st.integers(0, 4), max_size=3) | st.lists(st.integers(-1, 101), max_size=101)
        case EventKind.FLAG | EventKind.CHECK:
            return st.booleans()
        case EventKind.SURE:
            return st.none() | st.booleans()
        case EventKind.VISIT:
            return st.integers(0, 10**6) | st.just(2**53)
        case EventKind.SCRATCHPAD:
            return st.text(max_size=20)


@st.composite
def spoilt(draw: st.DrawFn, items: int) -> object:
    """Some events, of which one has something wrong at some depth."""
    batch: list[Any] = draw(st.lists(events(items), min_size=1, max_size=5))
    place = draw(st.integers(0, len(batch) - 1))
    event = batch[place]
    match draw(st.sampled_from(["nothing", "field", "field", "missing", "extra", "event", "inner", "twice"])):
        case "field":
            event[draw(st.sampled_from(FIELDS))] = draw(ANYTHING)
        case "missing":
            del event[draw(st.sampled_from(FIELDS))]
        case "extra":
            event[draw(st.text(max_size=5))] = draw(ANYTHING)
        case "event":
            batch[place] = draw(ANYTHING)
        case "inner":
            event["value"] = [draw(ANYTHING)]
        case "twice":
            batch.append({**event, "value": draw(ANYTHING)})
    whole: dict[str, Any] = {"events": batch}
    if draw(st.integers(0, 4)) == 4:
        whole["at_zero"] = draw(ANYTHING)
    return whole if draw(st.integers(0, 9)) else draw(ANYTHING)


@st.composite
def bodies(draw: st.DrawFn, items: int) -> bytes:
    text = json.dumps(draw(spoilt(items)), ensure_ascii=draw(st.booleans()))
    body = text.encode("utf-8", "surrogatepass")
    match draw(st.sampled_from(["", "", "", "", "cut", "bytes", "encoding", "deep", "double", "empty"])):
        case "cut":
            return body[: draw(st.integers(0, len(body)))]
        case "bytes":
            place = draw(st.integers(0, len(body)))
            return body[:place] + draw(st.binary(min_size=1, max_size=4)) + body[place:]
        case "encoding":
            return draw(st.sampled_from(_ENCODED))(text)
        case "deep":
            return draw(st.sampled_from(DEEP_BODIES))
        case "double":
            return b'{"events": 1, ' + body[1:] if body.startswith(b"{") else body * 2
        case "empty":
            return b""
    return body


_ENCODED = [
    lambda text: text.encode("utf-16", "surrogatepass"),
    lambda text: text.encode("utf-32", "surrogatepass"),
    lambda text: b"\xef\xbb\xbf" + text.encode("utf-8", "surrogatepass"),
]
DEEP_BODIES: Sequence[bytes] = [
    b"[" * DEEP,
    b'{"events":' * DEEP,
    b'{"events": [' + b"[" * DEEP + b"]" * DEEP + b"]}",
    b'{"events": [' + b"{}," * 499 + b"{}]}",
    b'{"events": [' + b"1," * 600 + b"1]}",
]
