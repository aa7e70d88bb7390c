"""What a run of the fault harness is told in: faults as they took effect, invariants that were broken, and
what became of each exam. Candidates over HTTP and in Chromium hand in the same.

The scale of all exams here: a minute of exam time takes `MINUTE` seconds. Deadlines and clocks are real; it
is the exams that are short.
"""

import time
from dataclasses import dataclass, field
from enum import StrEnum

MINUTE = 0.4
GRACE = 4
"""Seconds: the ten minutes of production. The longest cut of the network is as long."""

OVERDUE = 60.0
"""Seconds after deadline and grace within which an attempt has to be closed."""


FEWEST = 3
"""Faults that take effect in each exam."""


class Kind(StrEnum):
    CUT = "network cut"
    REQUEST_LOST = "request lost"
    REPLY_LOST = "acknowledgement lost"
    REQUEST_TRUNCATED = "request truncated"
    REPLY_TRUNCATED = "reply truncated"
    DUPLICATED = "request duplicated"
    REORDERED = "requests reordered"
    DELAYED = "request delayed"
    RELOADED = "page reloaded"
    RELOADED_OFFLINE = "page reloaded without network"
    TAB_CLOSED = "tab closed"
    SECOND_TAB = "second tab"
    SECOND_DEVICE = "second device"
    CLOCK_MOVED = "device clock moved"
    LOGGED_OUT = "log-in expired"
    WORKER_KILLED = "worker killed"
    SERVER_KILLED = "server killed"
    DATABASE_RESTARTED = "PostgreSQL restarted"
    DISK_FULL = "disk full"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault at the moment at which it took effect. between: the candidate had clicked something that was
    not acknowledged yet. late: in the last minute before the deadline or in the grace. edge: while the
    exam was being started or ended."""

    kind: Kind
    between: bool = False
    late: bool = False
    edge: bool = False


class Invariant(StrEnum):
    ACKNOWLEDGED_LOST = "an acknowledged event is not in the log"
    NOT_NEWEST = "a final answer is not the newest intent that reached the server"
    TWICE = "an event was applied twice"
    UNKNOWN = "the log holds what nobody did"
    REFUSED_IN_TIME = "an event meant in time was refused as late before the end of the grace"
    TAKEN_LATE = "an event was taken after deadline and grace"
    TAKEN_AHEAD = "an event was taken that was meant in the future"
    NOT_READ_BACK = "an acknowledged event was not there when it was read"
    NEVER_HANDED_IN = "an event was made and never handed in"
    LEFT_OPEN = "an attempt was open later than it may be"
    ATTEMPTS = "a candidate has more or fewer attempts than one"
    TRACEBACK = "a page showed a stack trace"
    INTEGRITY = "check_integrity found a problem"
    NO_END = "a candidate did not come to an end"
    SHOWN_TOO_EARLY = "a page showed an answer as saved before the server had it"
    MEANT_LATE = "an event meant after the deadline counts"
    CLOSED_EARLY = "an exam was closed before its time"
    WRONG_TIME = "a page showed a wrong time left"
    HIDDEN_OFFLINE = "a reload without network did not show the exam"
    CONSOLE = "a page's console told of an error"


@dataclass(frozen=True, slots=True)
class Breach:
    """A broken invariant: whose exam, and what was seen."""

    invariant: Invariant
    what: str


@dataclass(slots=True)
class Outcome:
    """What one candidate went through. `started` and `total` in seconds, by the monotonic clock of this
    process and as granted: where the deadline is."""

    name: str
    attempt: str = ""
    started: float = 0.0
    total: float = 0.0
    made: int = 0
    acknowledged: int = 0
    refused: int = 0
    faults: list[Fault] = field(default_factory=list)
    breaches: list[Breach] = field(default_factory=list)

    def is_late(self) -> bool:
        """Whether it is now the last minute before the deadline, or the grace."""
        since = time.monotonic() - self.started
        return bool(self.total) and self.total - MINUTE <= since <= self.total + GRACE

    def note(self, kind: Kind, *, between: bool = False, edge: bool = False) -> None:
        """A fault takes effect now."""
        self.faults.append(Fault(kind, between, self.is_late(), edge))

    def breach(self, invariant: Invariant, what: str) -> None:
        self.breaches.append(Breach(invariant, f"{self.name} {self.attempt}: {what}"))
