"""What the harness must notice: each planted defect, and how it is looked for."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.faults.plan import Ending, Moment
from tests.faults.records import Invariant, Kind
from tests.faults.running import Run, play
from tests.faults.site import Person, Site

OUTBOX_IN_MEMORY = "outbox_in_memory_only"
"""A defect of the page: here of the candidates, in Chromium of the script."""


@dataclass(frozen=True, slots=True)
class Hunt:
    """by: the invariants that this defect breaks; that others are broken too does not count. ending, more:
    what every exam is to have besides what is drawn."""

    by: frozenset[Invariant]
    ending: Ending | None = None
    back: float | None = None
    more: tuple[tuple[Kind, Moment], ...] = ()


HUNTS: dict[str, Hunt] = {
    "arrival_order_wins": Hunt(
        frozenset({Invariant.NOT_NEWEST, Invariant.NOT_READ_BACK}),
        Ending.ENDS,
        more=((Kind.SECOND_DEVICE, Moment.CALM), *3 * [(Kind.CUT, Moment.FLIGHT)]),
    ),
    "no_grace": Hunt(frozenset({Invariant.REFUSED_IN_TIME}), Ending.LEAVES, back=0.5),
    "grace_never_ends": Hunt(frozenset({Invariant.TAKEN_LATE, Invariant.LEFT_OPEN}), Ending.LEAVES, back=1.3),
    "acknowledgement_before_commit": Hunt(frozenset({Invariant.ACKNOWLEDGED_LOST, Invariant.NOT_READ_BACK})),
    "duplicates_applied_twice": Hunt(
        frozenset({Invariant.TWICE}),
        more=((Kind.DUPLICATED, Moment.FLIGHT), (Kind.REPLY_LOST, Moment.FLIGHT)),
    ),
    "sweeper_scores_early": Hunt(frozenset({Invariant.REFUSED_IN_TIME}), Ending.LEAVES, back=0.8),
    "client_clock_trusted": Hunt(
        frozenset({Invariant.TAKEN_AHEAD, Invariant.REFUSED_IN_TIME}),
        more=((Kind.CLOCK_MOVED, Moment.FLIGHT), (Kind.CLOCK_MOVED, Moment.CALM)),
    ),
    OUTBOX_IN_MEMORY: Hunt(frozenset({Invariant.NEVER_HANDED_IN}), Ending.LEAVES, back=0.5),
}


@dataclass(frozen=True, slots=True)
class Found:
    """By which of the invariants that it breaks a defect was noticed, and how often each."""

    defect: str
    by: dict[Invariant, int]


async def hunt(site: Site, defect: str, people: Sequence[Person], *, minutes: int, seed: int) -> Found:
    """On a site that has this defect."""
    wanted = HUNTS[defect]
    run = Run(
        people,
        minutes,
        len(people),
        seed,
        wanted.ending,
        wanted.back,
        wanted.more,
        forgetful=defect == OUTBOX_IN_MEMORY,
        patience=0.0,
    )
    broken = Counter(breach.invariant for breach in (await play(site, run)).breaches)
    return Found(defect, {invariant: times for invariant, times in broken.items() if invariant in wanted.by})
