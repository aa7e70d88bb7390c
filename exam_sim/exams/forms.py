"""The exam page without a script: one item's form, turned into the same events that the script would send."""

from datetime import datetime
from uuid import uuid4

from django.http import QueryDict
from django.urls import reverse

from exam_sim.exams.events import MAX_SCRATCHPAD, Event, Refusal, Value
from exam_sim.exams.models import EventKind
from exam_sim.exams.pages import SittingPage

CHECK, CLEAR, FLAG, PAUSE, PREVIOUS, NEXT, REVIEW, SCRATCHPAD, STRIKE = (
    "check",
    "clear",
    "flag",
    "pause",
    "previous",
    "next",
    "review",
    "scratchpad",
    "strike-",
)


MAX_POSITION = 99


def _number(text: str | None, default: int) -> int:
    """A number as our own form writes it; `default` for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else default


class ItemForm:
    """What a candidate posted for `page.current`. `action` says which button; every button saves the choice
    first.

    Fields: answer (positions, as often as chosen), sure (true, false; in study sessions), action, seen (the
    highest intent that the page had), shown (exam time in ms at which it was made), scratchpad. Events are
    made with the server's clock, which here stands in for the browser. A page that has not seen what stands
    now says nothing about it: its choice is left out, and the candidate is told. Of an item that was checked
    the form has nothing to say.
    """

    def __init__(self, data: QueryDict, page: SittingPage, now: datetime) -> None:
        self.page = page
        self.action = data.get("action", "")
        self.problem = ""
        self.events: list[Event] = []
        elapsed = page.clock.elapsed_ms(now)
        self._intent = max(elapsed, page.highest_intent + 1)
        if self.action == SCRATCHPAD:
            text = data.get("scratchpad", "").replace("\r\n", "\n").replace("\0", "")
            self._set(0, EventKind.SCRATCHPAD, text[:MAX_SCRATCHPAD])
            return
        if page.newest_intent > _number(data.get("seen"), 0):
            self.problem = (
                f"Question {page.current} was changed in another window: you see the newest answer, "
                "and what you chose here was left out."
            )
        elif not page.is_locked:
            self._read_answer([_number(text, MAX_POSITION) for text in data.getlist("answer")])
            if page.attempt.is_study:
                self._set(page.current, EventKind.SURE, self._read_sure(data.get("sure")))
            if page.attempt.feedback and self.action == CHECK and not self.problem:
                self._intent += 1
                self._add(page.current, EventKind.CHECK, True)
        if self.action == FLAG:
            self._set(page.current, EventKind.FLAG, not page.state.flagged)
        self._add(page.current, EventKind.VISIT, max(0, elapsed - _number(data.get("shown"), elapsed)))

    @property
    def next_url(self) -> str:
        attempt_id = self.page.attempt.pk
        current = self.page.current
        if self.action == REVIEW or (self.action == NEXT and self.page.next is None and not self.problem):
            return f"{reverse('exams:review_screen', args=[attempt_id])}?q={current}"
        if not self.problem and self.action == PREVIOUS:
            current = self.page.previous or current
        elif not self.problem and self.action == NEXT:
            current = self.page.next or current
        elif not self.problem:
            current = _number(self.action, current)
        explained = "#explained" if self.action == CHECK and not self.problem else ""
        return f"{reverse('exams:attempt', args=[attempt_id])}?q={current}{explained}"

    def _read_answer(self, positions: list[int]) -> None:
        options, choose = self.page.attempt.shape[self.page.current - 1]
        chosen = [] if self.action == CLEAR else sorted(set(positions))
        if any(position >= options for position in chosen):
            self.problem = Refusal.UNKNOWN_OPTION.value
        elif len(chosen) > choose:
            self.problem = f"{self.page.instruction} {len(chosen)} were chosen, so nothing was changed."
        else:
            self._set(self.page.current, EventKind.ANSWER, chosen)
        self._strike(options, chosen)

    def _read_sure(self, text: str | None) -> bool | None:
        return None if self.action == CLEAR else {"true": True, "false": False}.get(text or "")

    def _strike(self, options: int, chosen: list[int]) -> None:
        """Strike one option out or bring it back; choosing an option lifts its strike."""
        struck = set(self.page.values.get((self.page.current, EventKind.STRIKE), ()))
        position = _number(self.action.removeprefix(STRIKE), MAX_POSITION)
        if self.action.startswith(STRIKE) and position < options:
            struck ^= {position}
        self._set(self.page.current, EventKind.STRIKE, sorted(struck - set(chosen)))

    def _set(self, item: int, kind: EventKind, value: Value) -> None:
        empty: dict[EventKind, Value] = {
            EventKind.FLAG: False,
            EventKind.SCRATCHPAD: "",
            EventKind.SURE: None,
        }
        if value != self.page.values.get((item, kind), empty.get(kind, [])):
            self._add(item, kind, value)

    def _add(self, item: int, kind: EventKind, value: Value) -> None:
        self.events.append(Event(uuid4(), item, kind, value, self._intent))
