"""What will happen to one exam, drawn from a seed: its faults with the moment of each, and how it ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from random import Random

from tests.faults.records import GRACE, MINUTE, Kind


class Moment(Enum):
    """START: while it is being started. FLIGHT: while a click is on its way to the server or its
    acknowledgement on the way back. CALM: at any time. LATE: from the last minute before the deadline on, on
    the way of what is handed in. END: while it is being ended."""

    START = "start"
    FLIGHT = "flight"
    CALM = "calm"
    LATE = "late"
    END = "end"


class Ending(Enum):
    """ENDS: by its candidate, before the deadline. ZERO: the clock runs out with the page open. LEAVES: the
    candidate closes everything, and comes back in the grace or later."""

    ENDS = "ends"
    ZERO = "zero"
    LEAVES = "leaves"


@dataclass(frozen=True, slots=True)
class Step:
    """`at`: seconds after the start."""

    kind: Kind
    moment: Moment
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """`until`: when the candidate ends it or leaves. `back`: when one who left comes back, None for never. In
    seconds after the start."""

    steps: tuple[Step, ...]
    ending: Ending
    until: float
    back: float | None

    def of(self, moment: Moment) -> list[Step]:
        return [step for step in self.steps if step.moment is moment]


_ON_THE_WAY = {
    Kind.REQUEST_LOST: 3.0,
    Kind.REPLY_LOST: 4.0,
    Kind.REQUEST_TRUNCATED: 1.5,
    Kind.REPLY_TRUNCATED: 2.0,
    Kind.DUPLICATED: 3.0,
    Kind.REORDERED: 3.0,
    Kind.DELAYED: 3.0,
    Kind.CUT: 5.0,
    Kind.LOGGED_OUT: 2.0,
}
_IN_THE_BROWSER = {
    Kind.RELOADED: 2.0,
    Kind.RELOADED_OFFLINE: 2.0,
    Kind.TAB_CLOSED: 2.0,
    Kind.SECOND_TAB: 1.5,
    Kind.SECOND_DEVICE: 2.0,
    Kind.CLOCK_MOVED: 2.0,
}
_ON_POSTGRESQL = {Kind.WORKER_KILLED: 1.2, Kind.SERVER_KILLED: 0.4, Kind.DATABASE_RESTARTED: 0.5}
_ON_SQLITE = {Kind.WORKER_KILLED: 1.2, Kind.SERVER_KILLED: 0.4, Kind.DISK_FULL: 3.0}
OF_THE_SITE = _ON_POSTGRESQL.keys() | _ON_SQLITE.keys()
"""These meet all exams that are sat at the time, and count for the one that they were planned for."""

_NOT_AT_THE_START = {Kind.REORDERED, Kind.DELAYED}


def draw(
    rng: Random,
    minutes: int,
    *,
    sqlite: bool = False,
    ending: Ending | None = None,
    back: float | None = None,
    more: Sequence[tuple[Kind, Moment]] = (),
) -> Plan:
    """At least five faults, two more than have to take effect. Two or three of an exam that comes to its
    deadline are late. `ending`, `back` and `more` are wishes: an ending that is not drawn, when somebody who
    leaves comes back, in shares of the grace after the deadline, and faults besides those that are drawn."""
    total = minutes * MINUTE
    site = _ON_SQLITE if sqlite else _ON_POSTGRESQL
    anywhere = {**_ON_THE_WAY, **_IN_THE_BROWSER, **site}
    if back is None and rng.random() < 0.7:
        back = rng.uniform(-0.1, 1.5)
    if ending is None:
        ending = rng.choices([*Ending], [3, 6, 1.5])[0]
    until = rng.uniform(0.65, 0.9) * total if ending is Ending.ENDS else rng.uniform(0.85, 1.0) * total
    steps = []
    if rng.random() < 0.45:
        at_start = {kind: weight for kind, weight in _ON_THE_WAY.items() if kind not in _NOT_AT_THE_START}
        steps.append(Step(_one(rng, {**at_start, **site}), Moment.START))
    if ending is Ending.ENDS and rng.random() < 0.7:
        steps.append(Step(_one(rng, anywhere), Moment.END))
    if ending is Ending.ZERO:
        late = [rng.uniform(total - MINUTE, total) for _ in range(rng.choice([2, 3]))]
        steps += [Step(_one(rng, anywhere), Moment.LATE, at) for at in late]
    for number, (kind, moment) in enumerate(more, start=1):
        at = total - MINUTE if moment is Moment.LATE else 0.5 * total * number / (len(more) + 1)
        steps.append(Step(kind, moment, at))
    while len(steps) < 5 or rng.random() < 0.4:
        moment = Moment.CALM if rng.random() < 0.15 else Moment.FLIGHT
        kinds = {**_IN_THE_BROWSER, **site, Kind.CUT: 4.0} if moment is Moment.CALM else anywhere
        steps.append(Step(_one(rng, kinds), moment, rng.uniform(0.02, 0.55) * total))
    returns = None if back is None else total + back * GRACE
    return Plan(tuple(sorted(steps, key=lambda step: step.at)), ending, until, returns)


def _one(rng: Random, weights: dict[Kind, float]) -> Kind:
    return rng.choices([*weights], [*weights.values()])[0]
