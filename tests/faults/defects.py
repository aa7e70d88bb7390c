"""What the harness must notice: each planted defect, and how it is looked for."""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.faults.records import Invariant, Kind
from tests.faults.running import Run, Told, play
from tests.faults.site import Sites

OUTBOX_IN_MEMORY = "outbox_in_memory_only"
"""A defect of the page: here of the candidates, in Chromium of the script."""

LOOKED_FOR: dict[str, tuple[Kind, ...]] = {
    "arrival_order_wins": (Kind.REORDERED, Kind.REORDERED),
    "no_grace": (),
    "grace_never_ends": (),
    "acknowledgement_before_commit": (Kind.WORKER_KILLED,),
    "duplicates_applied_twice": (Kind.DUPLICATED,),
    "sweeper_scores_early": (),
    "client_clock_trusted": (Kind.CLOCK_MOVED, Kind.CLOCK_MOVED),
    OUTBOX_IN_MEMORY: (Kind.RELOADED, Kind.TAB_CLOSED),
}
"""By defect, the faults that every exam gets besides those that are drawn."""


@dataclass(frozen=True, slots=True)
class Found:
    """By which invariants a defect was noticed, and how often each."""

    defect: str
    by: dict[Invariant, int]


def noticed(told: Told) -> dict[Invariant, int]:
    kinds = [breach.invariant for breach in told.breaches]
    return {kind: kinds.count(kind) for kind in Invariant if kind in kinds}


async def hunt(sites: Sites, defect: str, *, exams: int, minutes: int, seed: int) -> Found:
    with sites.site("" if defect == OUTBOX_IN_MEMORY else defect) as site:
        run = Run(
            site.people[:exams],
            minutes,
            exams,
            seed,
            LOOKED_FOR[defect],
            forgetful=defect == OUTBOX_IN_MEMORY,
        )
        return Found(defect, noticed(await play(site, run)))


async def hunt_all(
    sites: Sites, defects: Iterable[str], *, exams: int, minutes: int, seed: int
) -> list[Found]:
    """One after the other."""
    return [await hunt(sites, defect, exams=exams, minutes=minutes, seed=seed) for defect in defects]
