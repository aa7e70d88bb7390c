"""Fields that a format has no place for, as tags or keywords of a question: `task_statement:1.1`.

What is no keyword of ours stays a label; so does one of ours that does not say what its field can hold."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from questions.formats import Draft, Reference

_OURS = re.compile(r"([a-z_]+):\s*(.*)", re.DOTALL)
_TAG = re.compile(r"([a-z0-9][a-z0-9_-]{0,19}) ([a-z_]{1,40})")
UNSAID = frozenset(
    {
        "task_statement",
        "level",
        "testing_point",
        "references",
        "services",
        "enemies",
        "calculation",
        "verified_on",
        "distractor_tag",
    }
)
"""The fields of a draft that only keywords say, or nothing does."""

_LISTS = {"service": "services", "enemy": "enemies"}


@dataclass(slots=True)
class Stated:
    """What keywords say: fields of the draft by name, distractor tags by option id, and all other labels."""

    fields: dict[str, Any] = field(default_factory=dict)
    distractor_tags: dict[str, str] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)


def keywords(draft: Draft) -> Iterator[str]:
    """The draft's fields as keywords; what is empty is not written."""
    if draft.task_statement:
        yield f"task_statement:{draft.task_statement}"
    yield f"level:{draft.level}"
    if draft.testing_point:
        yield f"testing_point:{draft.testing_point}"
    yield from (f"service:{service}" for service in draft.services)
    yield from (f"enemy:{enemy}" for enemy in draft.enemies)
    yield from (f"reference:{reference.url} {reference.title}" for reference in draft.references)
    if draft.verified_on:
        yield f"verified_on:{draft.verified_on.isoformat()}"
    for option in draft.options:
        if option.distractor_tag:
            yield f"distractor_tag:{option.id} {option.distractor_tag}"


def stated(labels: Iterable[str]) -> Stated:
    """What keywords and labels say, in the order that they came."""
    found = Stated()
    for label in dict.fromkeys(labels):
        ours = _OURS.fullmatch(label)
        if not (ours and _take(found, ours[1], ours[2].strip())):
            found.labels.append(label)
    return found


def _take(found: Stated, name: str, value: str) -> bool:
    """Whether the keyword is one of ours, and taken."""
    if name in {"task_statement", "testing_point", "id"} and value:
        found.fields[name] = value
    elif name == "level" and re.fullmatch(r"[0-9]{1,3}", value):
        found.fields["level"] = int(value)
    elif name in _LISTS and value:
        found.fields[_LISTS[name]] = (*found.fields.get(_LISTS[name], ()), value)
    elif name == "reference" and re.match(r"https?://", value):
        url, _, title = value.partition(" ")
        found.fields["references"] = (*found.fields.get("references", ()), Reference(title or url, url))
    elif name == "verified_on" and (day := _day(value)):
        found.fields["verified_on"] = day
    elif name == "distractor_tag" and (tag := _TAG.fullmatch(value)):
        found.distractor_tags[tag[1]] = tag[2]
    else:
        return False
    return True


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
