"""PURE. What will happen in one exam: drawn from a seed before it begins."""

from dataclasses import dataclass
from random import Random

from tests.faults.records import GRACE, MINUTE, Kind

LENGTHS = (60, 90)
"""Minutes of exam time."""

START = -1.0
"""The time of a fault that falls into the start of an exam."""

MIDDLE = {
    Kind.CUT: 3,
    Kind.REPLY_LOST: 2,
    Kind.REQUEST_LOST: 1,
    Kind.REPLY_TRUNCATED: 1,
    Kind.DUPLICATED: 1,
    Kind.DELAYED: 1,
    Kind.RELOADED: 3,
    Kind.RELOADED_OFFLINE: 2,
    Kind.TAB_CLOSED: 3,
    Kind.SECOND_TAB: 2,
    Kind.SECOND_DEVICE: 2,
    Kind.CLOCK_MOVED: 2,
    Kind.LOGGED_OUT: 2,
    Kind.WORKER_KILLED: 1,
    Kind.SERVER_KILLED: 0.4,
    Kind.DATABASE_RESTARTED: 0.4,
}
LATE = {
    Kind.CUT: 3,
    Kind.REPLY_LOST: 2,
    Kind.DELAYED: 1,
    Kind.DUPLICATED: 1,
    Kind.RELOADED: 2,
    Kind.RELOADED_OFFLINE: 1,
    Kind.TAB_CLOSED: 2,
    Kind.CLOCK_MOVED: 1,
    Kind.LOGGED_OUT: 1,
    Kind.WORKER_KILLED: 0.5,
}
EDGE = {Kind.REPLY_LOST: 3, Kind.CUT: 2, Kind.RELOADED: 2, Kind.TAB_CLOSED: 2, Kind.WORKER_KILLED: 0.5}


@dataclass(frozen=True, slots=True)
class Planned:
    """A fault, `at` seconds after the start; `after_click`: right after a click, before its reply comes. A
    cut `lasts` so many seconds, or as long as is drawn."""

    kind: Kind
    at: float
    after_click: bool = True
    lasts: float | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """`ends_at`: when the candidate ends the exam, in seconds, and what happens right then; None leaves it to
    the clock. `leaves_at`: when the network goes away for good, until the sweeper has closed the exam.
    `dark_until`: the network is away over the deadline, up to this."""

    minutes: int
    faults: tuple[Planned, ...]
    ends_at: float | None = None
    end_fault: Kind | None = None
    leaves_at: float | None = None
    dark_until: float | None = None

    @property
    def total(self) -> float:
        return self.minutes * MINUTE


def draw(rng: Random) -> Plan:
    """At least three faults. Of ten exams about three are ended by their candidate, one is left alone before
    the deadline, and four are in the dark when it comes."""
    minutes = rng.choice(LENGTHS)
    total = minutes * MINUTE
    end = rng.random()
    ends_at = rng.uniform(0.6, 0.95) * total if end < 0.3 else None
    last = 0.88 * total if ends_at is None else 0.95 * ends_at
    faults = [
        Planned(_one(rng, MIDDLE), rng.uniform(0.12 * total, last), rng.random() < 0.7)
        for _ in range(rng.randint(3, 4))
    ]
    if rng.random() < 0.8:
        faults.append(Planned(_one(rng, EDGE), START))
    if ends_at is not None:
        return Plan(minutes, _sorted(faults), ends_at, _one(rng, EDGE))
    faults += [
        Planned(_one(rng, LATE), total - rng.uniform(0.05, 0.95) * MINUTE)
        for _ in range(rng.choice((1, 1, 2)))
    ]
    if end < 0.4:
        return Plan(minutes, _sorted(faults), leaves_at=total - rng.uniform(0.2, 4))
    if end < 0.6:
        return Plan(minutes, _sorted(faults))
    dark_until = total + rng.uniform(0.4, GRACE - 1.5)
    faults.append(Planned(_one(rng, LATE), rng.uniform(total, dark_until), after_click=False))
    return Plan(minutes, _sorted(faults), dark_until=dark_until)


def _sorted(faults: list[Planned]) -> tuple[Planned, ...]:
    return tuple(sorted(faults, key=lambda fault: fault.at))


def _one(rng: Random, weights: dict[Kind, float]) -> Kind:
    return rng.choices(list(weights), list(weights.values()))[0]
