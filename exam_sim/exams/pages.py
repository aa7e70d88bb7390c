"""What the pages of a sitting show: one context object for each region, and the markup of the items.

Items are joined from the fragments stored with their versions, not rendered for each request: a page of 65
questions costs string work alone. Nothing here reads a key: `html` holds what a candidate may see, keys live
in other columns.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from exam_sim.accounts.models import User
from exam_sim.exams.answers import Wire, registers_of
from exam_sim.exams.attempts import DISCARD_BELOW, clock_of
from exam_sim.exams.clock import Clock
from exam_sim.exams.events import MAX_SCRATCHPAD
from exam_sim.exams.explaining import LOCKING, Explanation
from exam_sim.exams.models import AnswerEvent, Attempt, AttemptItem, EventKind
from exam_sim.postgresql.compiled import Compiled

VERDICT_WORDS = {"right": "right", "wrong": "not right", "checked": "checked"}
NUMBER_WORDS = {1: "ONE", 2: "TWO", 3: "THREE", 4: "FOUR", 5: "FIVE"}


def instruction(choose: int) -> str:
    """What the candidate has to do, in the words of the exam."""
    return "Select ONE option." if choose == 1 else f"Select {NUMBER_WORDS.get(choose, str(choose))} options."


@dataclass(frozen=True, slots=True)
class ItemState:
    """One question in the navigator and on the review screen."""

    number: int
    chosen: tuple[int, ...]
    choose: int
    flagged: bool
    seen: bool
    verdict: str = ""
    """Of a checked item: right, wrong, or checked where that is not told yet."""

    @property
    def name(self) -> str:
        """unseen, unanswered, incomplete (which scores as wrong) or answered."""
        if len(self.chosen) == self.choose:
            return "answered"
        if self.chosen:
            return "incomplete"
        return "unanswered" if self.seen else "unseen"

    @property
    def text(self) -> str:
        if self.verdict:
            return VERDICT_WORDS[self.verdict]
        return f"{len(self.chosen)} of {self.choose} chosen" if self.name == "incomplete" else self.name

    @property
    def classes(self) -> str:
        """How it is drawn."""
        marks = (self.name, self.verdict, "flagged" if self.flagged else "")
        return " ".join(f"is-{mark}" for mark in marks if mark)


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One option of the current item: `position` counts from 0, the candidate reads it from 1."""

    position: int
    html: SafeString
    chosen: bool
    struck: bool

    @property
    def number(self) -> int:
        return self.position + 1


class SittingPage:
    """An open attempt as its candidate sees it at `now`, item `current` in front. Each property is one query
    at most."""

    def __init__(self, attempt: Attempt, now: datetime, current: int = 1) -> None:
        self.attempt = attempt
        self.now = now
        self.current = min(max(current, 1), attempt.item_count)
        self.clock = clock_of(attempt)

    @cached_property
    def registers(self) -> list[Wire]:
        return registers_of(self.attempt)

    @cached_property
    def values(self) -> dict[tuple[int, str], Any]:
        """What stands, by (item, kind)."""
        return {(item, kind): value for item, kind, value, _, _ in self.registers}

    @property
    def visited(self) -> set[int]:
        """Items that were displayed."""
        return {number for number, (displayed, _, _) in enumerate(self._items, start=1) if displayed}

    @cached_property
    def states(self) -> list[ItemState]:
        visited = self.visited
        return [
            ItemState(
                number,
                tuple(self.values.get((number, EventKind.ANSWER), ())),
                choose,
                bool(self.values.get((number, EventKind.FLAG))),
                number in visited,
                self.verdict(number),
            )
            for number, (_, choose) in enumerate(self.attempt.shape, start=1)
        ]

    def verdict(self, number: int) -> str:
        """Of an item, once it was checked; items are checked in study sessions alone (`exams.study_page`)."""
        return ""

    @property
    def explanation(self) -> Explanation | None:
        return None

    @property
    def is_locked(self) -> bool:
        return False

    @property
    def state(self) -> ItemState:
        return self.states[self.current - 1]

    @property
    def cells(self) -> SafeString:
        """The navigator's buttons. Joined here: a template loop over 65 of them takes a third of the
        request."""
        return mark_safe("".join(cell_markup(state, state.number == self.current) for state in self.states))  # noqa: S308 - numbers and our own words

    def counts(self) -> dict[str, int]:
        """How many items are in each state, and flagged; unseen ones are unanswered too."""
        states = self.states
        named = Counter(state.name for state in states)
        counts = {name: named[name] for name in ("answered", "incomplete", "unseen")}
        counts["unanswered"] = len(states) - counts["answered"] - counts["incomplete"]
        counts["flagged"] = sum(state.flagged for state in states)
        counts["open"] = len(states) - counts["answered"]
        return counts

    @property
    def discard_below(self) -> int:
        """With fewer answers than this the candidate may leave without a result; a preview never has one."""
        return 0 if self.attempt.is_preview else DISCARD_BELOW

    @property
    def may_discard(self) -> bool:
        return sum(bool(state.chosen) for state in self.states) < self.discard_below

    @property
    def previous(self) -> int | None:
        return self.current - 1 if self.current > 1 else None

    @property
    def next(self) -> int | None:
        return self.current + 1 if self.current < self.attempt.item_count else None

    @property
    def is_without_clock(self) -> bool:
        """An untimed study session: nobody waits for its end."""
        return self.attempt.is_study and self.attempt.seconds_granted is None

    @property
    def remaining_text(self) -> str:
        """Time left as h:mm:ss, for the page without a script and for the first paint of the one with."""
        left = self.clock.remaining(self.now)
        return "untimed" if left is None else clock_text(left)

    @property
    def highest_intent(self) -> int:
        return max((intent for _, _, _, intent, _ in self.registers), default=0)

    @property
    def newest_intent(self) -> int:
        """Of what stands for the current item and cannot be set by two windows at once."""
        return max(
            (
                intent
                for item, kind, _, intent, _ in self.registers
                if item == self.current and kind in LOCKING
            ),
            default=0,
        )

    @property
    def elapsed_ms(self) -> int:
        return self.clock.elapsed_ms(self.now)

    @property
    def scratchpad(self) -> str:
        return self.values.get((0, EventKind.SCRATCHPAD), "")

    @property
    def scratchpad_limit(self) -> int:
        return MAX_SCRATCHPAD

    @property
    def instruction(self) -> str:
        return instruction(self.state.choose)

    @property
    def kind_of_input(self) -> str:
        return "radio" if self.state.choose == 1 else "checkbox"

    @property
    def stem(self) -> SafeString:
        return mark_safe(self._items[self.current - 1][1])  # noqa: S308 - sanitised when the version was made

    @property
    def options(self) -> list[OptionRow]:
        """The current item's options in this candidate's order."""
        struck = self.values.get((self.current, EventKind.STRIKE), ())
        return [
            OptionRow(position, mark_safe(html), position in self.state.chosen, position in struck)  # noqa: S308 - as above
            for position, html in enumerate(self._items[self.current - 1][2])
        ]

    @property
    def templates(self) -> SafeString:
        """Every item as an inert element: its stem, then its options in this candidate's order."""
        return mark_safe(  # noqa: S308 - sanitised when the versions were made
            "".join(
                f"<template><div>{stem}</div><div>{'</div><div>'.join(options)}</div></template>"
                for _, stem, options in self._items
            )
        )

    @cached_property
    def _items(self) -> list[tuple[bool, str, list[str]]]:
        """By item: whether it was displayed, its stem, its options. Of the versions nothing is read but what
        a candidate may see."""
        items = []
        for displayed, order, text in _ITEMS.rows(self.attempt.pk):
            html = _parsed(text)
            stem = html["stem"] + exhibits_markup(self.attempt.pk, html["exhibits"])
            items.append((displayed, stem, [html["options"][id_] for id_ in order]))
        return items

    def script_state(self, user: User) -> dict[str, Any]:
        """What the script needs to take over: see static/js/exam.js."""
        pk = self.attempt.pk
        return {
            "user": str(user.pk),
            "attempt": str(pk),
            "clock": clock_stamp(self.clock, self.now),
            "registers": self.registers,
            "visited": sorted(self.visited),
            "shape": self.attempt.shape,
            "current": self.current,
            "noun": self.attempt.noun,
            "characterKeys": user.character_keys,
            "discardBelow": self.discard_below,
            "urls": {
                "events": reverse("exams:events", args=[pk]),
                "clock": reverse("exams:clock", args=[pk]),
                "end": reverse("exams:end", args=[pk]),
                "attempt": reverse("exams:attempt", args=[pk]),
                "worker": reverse("exams:worker", args=[pk]),
                "login": f"{reverse('accounts:login')}?next={reverse('exams:attempt', args=[pk])}",
            },
        }


def _item_rows(attempt_id: UUID) -> "QuerySet[AttemptItem, tuple[Any, ...]]":
    touched = AnswerEvent.objects.filter(attempt=attempt_id).values("item")
    items = AttemptItem.objects.filter(attempt=attempt_id).order_by("number")
    displayed = ExpressionWrapper(Q(number__in=touched), BooleanField())
    html = Cast("version__html", TextField())
    return items.annotate(displayed=displayed).values_list("displayed", "option_order", html)


_ITEMS = Compiled(_item_rows, UUID(int=1))


@lru_cache(maxsize=2000)
def _parsed(html: str) -> Any:
    """The fragments of a version, at 4 KB each. Whoever is shown them must leave them as they are."""
    return json.loads(html)


def clock_stamp(clock: Clock, now: datetime) -> dict[str, Any]:
    """The server's clock as the browser anchors to it: milliseconds of exam time, and whether the attempt is
    open; where it stands still, that too."""
    stamp = {"elapsed": clock.elapsed_ms(now), "total": clock.total_ms, "open": not clock.closed}
    return stamp if clock.stopped_at is None else stamp | {"paused": True}


def clock_text(left: timedelta) -> str:
    """h:mm:ss, rounded up: a clock that shows 0:00:00 is over."""
    seconds = -(-left // timedelta(seconds=1))
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def cell_markup(state: ItemState, is_current: bool) -> str:
    """One question in the navigator: a button that saves and goes there, its state by shape and in words."""
    flagged = ", flagged" if state.flagged else ""
    current = ' aria-current="step"' if is_current else ""
    return (
        f'<li><button form="item-form" name="action" value="{state.number}"'
        f' class="cell {state.classes}"{current}><span class="number">{state.number}</span>'
        f'<span class="visually-hidden state">, {state.text}{flagged}</span></button></li>'
    )


def exhibits_markup(attempt_id: UUID, exhibits: Iterable[dict[str, str]]) -> str:
    """Figures of an item, each with its long description to open."""
    return "".join(
        f'<figure class="exhibit"><img src="{reverse("exams:exhibit", args=[attempt_id, exhibit["sha256"]])}"'
        f' alt="{escape(exhibit["alt"])}" loading="lazy">{_long_description(exhibit)}</figure>'
        for exhibit in exhibits
    )


def _long_description(exhibit: dict[str, str]) -> str:
    text = exhibit.get("long_description")
    if not text:
        return ""
    return (
        "<figcaption><details><summary>Description of the figure</summary>"
        f"<p>{escape(text)}</p></details></figcaption>"
    )
