"""The key of an item of QTI 1.2, out of the conditions that give points.

Of a single choice it is the option that gives the most, or the one marked `correctanswer` where points vary;
of a multiple response the options of the one combination that gives the most, or else every option that adds
points of its own. Where that leaves several answers, all of them are offered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from questions.formats import Kind, Reading, option_id
from questions.formats.qti_content import PARTIAL_CREDIT, Content
from questions.formats.xml_nodes import Element

_FULL = "SCORE.max"


@dataclass(frozen=True, slots=True)
class Condition:
    """What a condition asks for (options chosen, options not chosen), what it gives, and what it shows."""

    chosen: tuple[str, ...]
    avoided: tuple[str, ...]
    points: float
    marked: bool
    shows: tuple[str, ...]
    line: int


def condition_of(element: Element) -> Condition:
    chosen: list[str] = []
    avoided: list[str] = []
    for found in element.all("conditionvar"):
        _asked(found, chosen, avoided)
    marked = any(
        found.attributes.get("correctanswer", "").casefold() == "yes"
        for found in [element, *element.below("setvar"), *element.below("varequal")]
    )
    points = sum(_points(found) for found in element.all("setvar"))
    shows = tuple(found.attributes.get("linkrefid", "").strip() for found in element.all("displayfeedback"))
    return Condition(tuple(chosen), tuple(avoided), points, marked, shows, element.line)


def _asked(around: Element, chosen: list[str], avoided: list[str]) -> None:
    for found in around.elements:
        if found.tag == "not":
            _asked(found, avoided, chosen)
        elif found.tag == "varequal":
            chosen.append(found.text.strip())
        elif found.tag == "varsubset":
            chosen += [name.strip() for name in found.text.split(",") if name.strip()]
        else:
            _asked(found, chosen, avoided)


def _points(setvar: Element) -> float:
    text = setvar.text.strip()
    if setvar.attributes.get("action", "Set").casefold() not in {"set", "add"}:
        return 0.0
    try:
        return 100.0 if text.casefold() == _FULL.casefold() else float(text)
    except ValueError:
        return 0.0


def find_key(
    conditions: Sequence[Condition], kind: Kind, names: Sequence[str], content: Content
) -> frozenset[str]:
    """The idents of the correct options; what is to be said about them becomes problems of `content`."""
    giving = [one for one in conditions if one.points > 0 and one.chosen]
    if giving:
        content.lines["key"] = giving[0].line
    return (
        _key_of_one(giving, names, content)
        if kind == "multiple_choice"
        else _key_of_several(giving, names, content)
    )


def _key_of_one(giving: Sequence[Condition], names: Sequence[str], content: Content) -> frozenset[str]:
    points: dict[str, float] = {}
    for one in giving:
        for name in one.chosen:
            points[name] = max(points.get(name, 0.0), one.points)
    marked = {name for one in giving if one.marked for name in one.chosen}
    most = max(points.values(), default=0.0)
    best = [name for name in points if points[name] == most]
    key = marked if len(marked) == 1 else set(best)
    if len(points) > len(key):
        content.problems.append(content.place.warning("options", PARTIAL_CREDIT))
    if len(key) > 1:
        readings = [
            Reading("All of them, as a multiple response", _changes(names, "multiple_response", best))
        ]
        readings += [
            Reading(f"Only option {_ids(names, [name])[0]}", _changes(names, "multiple_choice", [name]))
            for name in best
            if name in names
        ]
        advice = "Say which is meant: the question is single choice, but several options give full points."
        content.problems.append(content.place.error("key", advice, ", ".join(best), tuple(readings)))
    return frozenset(key)


def _key_of_several(giving: Sequence[Condition], names: Sequence[str], content: Content) -> frozenset[str]:
    together = [one for one in giving if len(one.chosen) > 1 or one.avoided]
    if not together:
        if len(giving) > 1:
            content.problems.append(content.place.warning("options", PARTIAL_CREDIT))
        return frozenset(name for one in giving for name in one.chosen)
    most = max(one.points for one in together)
    best = list(dict.fromkeys(frozenset(one.chosen) for one in together if one.points == most))
    if len(best) > 1:
        content.lines["key"] = together[-1].line
        ordered = [[name for name in names if name in key] for key in best]
        readings = tuple(
            Reading(f"Options {', '.join(_ids(names, key))}", _changes(names, "multiple_response", key))
            for key in ordered
        )
        advice = "Say which is meant: several combinations of options give full points."
        content.problems.append(content.place.error("key", advice, readings=readings))
    return best[0]


def _changes(names: Sequence[str], kind: Kind, key: Sequence[str]) -> dict[str, Any]:
    return {"kind": kind, "key": _ids(names, key)}


def _ids(names: Sequence[str], key: Collection[str]) -> list[str]:
    return [option_id(position) for position, name in enumerate(names) if name in key]
