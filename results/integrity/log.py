"""The answer log of one attempt: that every event could have been taken, and what the registers must hold."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from exam_sim.exams.clock import AHEAD_MS, MS
from exam_sim.exams.events import fits, kinds_of
from exam_sim.exams.explaining import LOCKING
from exam_sim.exams.models import Attempt, EventKind, LateAnswer, State
from results.integrity.problem import Kind, Problem, problem
from results.integrity.times import TOLERANCE

Place = tuple[int, str]
"""(item, kind)."""

Standing = tuple[int, UUID, Any]
"""(intent, event id, value)."""

NEXT_MS = 2
"""A form's events are meant at most this much later than what stood, whatever the clock says then."""

EVENT_COLUMNS = ("attempt_id", "event_id", "item", "kind", "value", "intent_ms", "received_at")


class Log:
    """What the events of an attempt come to; they are handed in in the order in which they arrived."""

    def __init__(self, attempt: Attempt, shape: Sequence[Sequence[int]]) -> None:
        self.attempt = attempt
        self.shape = shape
        self.kinds = kinds_of(study=attempt.is_study, feedback=attempt.feedback)
        self.newest: dict[Place, Standing] = {}
        self.displayed: set[int] = set()
        self._checked: dict[int, datetime] = {}
        self._highest = 0

    def take(
        self, id_: UUID, item: int, kind: str, value: Any, intent_ms: int, received: datetime
    ) -> Iterator[Problem]:
        self.displayed.add(item)
        where = {"attempt": self.attempt.pk, "event": id_, "item": item}
        if not fits(item, kind, value, self.shape, self.kinds):
            yield problem(Kind.EVENT, f"This {kind} does not fit the attempt's form.", **where)
        elif kind == EventKind.VISIT and value * MS > max(received - self.attempt.started_at, 0 * MS):
            yield problem(Kind.VISIT, "This visit is longer than the attempt was by then.", **where)
        if sentence := self._out_of_time(intent_ms, received):
            yield problem(Kind.EVENT, sentence, **where)
        self._highest = max(self._highest, intent_ms)
        if kind in LOCKING and self.attempt.feedback:
            if self._checked.get(item, received) != received:
                yield problem(Kind.LOCK, f"This {kind} came after its item was checked.", **where)
            if kind == EventKind.CHECK:
                self._checked.setdefault(item, received)
        if kind != EventKind.VISIT:
            standing = self.newest.get((item, kind))
            if standing is None or (intent_ms, id_) > standing[:2]:
                self.newest[item, kind] = (intent_ms, id_, value)

    def _out_of_time(self, intent_ms: int, received: datetime) -> str:
        attempt = self.attempt
        if received < attempt.started_at - TOLERANCE:
            return "It was received before the attempt was started."
        is_ahead = intent_ms * MS > received - attempt.started_at + AHEAD_MS * MS + TOLERANCE
        if is_ahead and intent_ms > self._highest + NEXT_MS:
            return "It was meant after it was received."
        if attempt.close_by is not None and received > attempt.close_by:
            return "It was received after deadline and grace."
        # A study session that was closed while it stood still is over since it was paused.
        if (
            attempt.closed_at is not None
            and not attempt.is_study
            and attempt.closed_at != attempt.deadline
            and received > attempt.closed_at + TOLERANCE
        ):
            return "It was received after the attempt was closed."
        if attempt.state != State.OPEN and attempt.deadline is not None:
            total = (attempt.deadline - attempt.started_at) // MS - attempt.paused_ms
            if received >= attempt.deadline and intent_ms >= total:
                return "It was meant after the deadline."
        return ""

    def compare(self, registers: dict[Place, Standing]) -> Iterator[Problem]:
        """Every register holds its newest event, and every event of a register has one."""
        for item, kind in sorted(registers.keys() | self.newest.keys()):
            held, newest = registers.get((item, kind)), self.newest.get((item, kind))
            if held == newest:
                continue
            if held is None:
                sentence = f"There is no register for this {kind}, and events for it."
            elif newest is None:
                sentence = f"The register of this {kind} has no event."
            else:
                sentence = f"The register of this {kind} is not its newest event."
            yield problem(Kind.REGISTER, sentence, attempt=self.attempt.pk, item=item)

    def late(self, answer: LateAnswer) -> Iterator[Problem]:
        if not fits(answer.item, EventKind.ANSWER, answer.value, self.shape, self.kinds):
            sentence = "This late answer does not fit the attempt's form."
            yield problem(Kind.LATE_ANSWER, sentence, attempt=self.attempt.pk, item=answer.item)
