"""PURE. The exam clock: when an attempt ends, how long is left, and which events still count.

All instants are aware datetimes of the server; `now` or `received` is read once per request and passed in.
Exam time is elapsed milliseconds since the start, without pauses; an event's *intent* is the exam time at
which the candidate acted, as measured by the browser against the server's last stamp.

A clock that is stopped (study sessions may be paused) stands at the instant at which it was stopped: whatever
`now` is, everything below is answered as of then. When it goes on, its deadline has moved by as long as it
stood. It stops at, and stands for, whole milliseconds, so that exam time is the same before and after.

An event is judged in this order:
1. not open any more, or received after deadline + grace: LATE;
2. received at or after the deadline, and meant at or after it: LATE;
3. meant more than `AHEAD_MS` after the moment it was received: AHEAD, the browser's anchor is wrong and it
   sends the event again with a fresh one;
4. otherwise: TAKEN.

The guarantee to the candidate: what was clicked before the deadline counts when it reaches the server within
the grace, however the device's own clock is set; and what is clicked after it never counts. A pause takes
no time away and gives none.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

AHEAD_MS = 5_000
MS = timedelta(milliseconds=1)


class Verdict(Enum):
    TAKEN = "taken"
    LATE = "late"
    AHEAD = "clock"


@dataclass(frozen=True, slots=True)
class Clock:
    """The times of one attempt. `deadline` is None for an untimed one; one that is `closed` takes no more.

    paused_ms: how long it stood still before. stopped_at: since when it stands still now; `deadline` is then
    the one that it had when it was stopped.
    """

    started_at: datetime
    deadline: datetime | None
    grace: timedelta
    closed: bool = False
    paused_ms: int = 0
    stopped_at: datetime | None = None

    def stopped(self, now: datetime) -> "Clock":
        """The same clock, standing still from `now` on."""
        return replace(self, stopped_at=self.started_at + (self.elapsed_ms(now) + self.paused_ms) * MS)

    def going_on(self, now: datetime) -> "Clock":
        """The same clock, going on at `now` with the time that was left."""
        stood = 0 if self.stopped_at is None else max(0, (now - self.stopped_at) // MS)
        deadline = None if self.deadline is None else self.deadline + stood * MS
        return replace(self, deadline=deadline, paused_ms=self.paused_ms + stood, stopped_at=None)

    def elapsed_ms(self, now: datetime) -> int:
        """Exam time at `now`, never negative (the server's own clock may be set back)."""
        return max(0, (self._at(now) - self.started_at) // MS - self.paused_ms)

    @property
    def total_ms(self) -> int | None:
        """The exam time at which the deadline falls."""
        return None if self.deadline is None else (self.deadline - self.started_at) // MS - self.paused_ms

    def remaining(self, now: datetime) -> timedelta | None:
        """Time left, never negative; None when untimed."""
        return None if self.deadline is None else max(timedelta(0), self.deadline - self._at(now))

    def is_over(self, now: datetime) -> bool:
        """Whether the deadline has come. Answers given before it may still arrive until `is_due`."""
        return self.deadline is not None and self._at(now) >= self.deadline

    def is_due(self, now: datetime) -> bool:
        """Whether deadline and grace are past, so that the attempt has to be closed."""
        return self.deadline is not None and self._at(now) > self.deadline + self.grace

    def judge(self, intent_ms: int, received: datetime) -> Verdict:
        """What becomes of an event meant at `intent_ms` and received at `received`."""
        if self.closed or self.is_due(received):
            return Verdict.LATE
        total = self.total_ms
        if total is not None and self.is_over(received) and intent_ms >= total:
            return Verdict.LATE
        if intent_ms > self.elapsed_ms(received) + AHEAD_MS:
            return Verdict.AHEAD
        return Verdict.TAKEN

    def closing_time(self, now: datetime) -> datetime:
        """The instant that stands as the end of the attempt when it is closed at `now`: never after its
        deadline, and never before its start, to which the server's own clock may have been set back."""
        at = self._at(now)
        at = at if self.deadline is None else min(at, self.deadline)
        return max(self.started_at + self.paused_ms * MS, at)

    def _at(self, now: datetime) -> datetime:
        return now if self.stopped_at is None else self.stopped_at
