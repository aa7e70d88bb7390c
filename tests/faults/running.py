"""Many candidates on one site, and what came of it."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from random import Random

from tests.faults import verdict
from tests.faults.exam import Candidate
from tests.faults.plan import Ending, Moment, draw
from tests.faults.records import GRACE, OVERDUE, Breach, Invariant, Kind, Outcome
from tests.faults.site import Person, Site


@dataclass(frozen=True, slots=True)
class Run:
    """How many exams of how many minutes, how many at once. The same seed plans the same faults; when they
    take effect is up to the machine."""

    people: Sequence[Person]
    minutes: int
    at_once: int
    seed: int
    ending: Ending | None = None
    back: float | None = None
    more: tuple[tuple[Kind, Moment], ...] = ()
    forgetful: bool = False
    patience: float = OVERDUE
    """Seconds to wait in the end for the sweeper."""


@dataclass(slots=True)
class Told:
    outcomes: list[Outcome] = field(default_factory=list)
    breaches: list[Breach] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


async def play(site: Site, run: Run) -> Told:
    """Sit all exams, wait until the last one has to be closed, and judge."""
    told, began = Told(), time.monotonic()
    candidates: list[Candidate] = []
    gate = asyncio.Semaphore(run.at_once)

    async def one(number: int, person: Person) -> None:
        async with gate:
            rng = Random(f"{run.seed} {number}")
            on_sqlite = site.postgres is None
            plan = draw(rng, run.minutes, sqlite=on_sqlite, ending=run.ending, back=run.back, more=run.more)
            candidate = Candidate(site, person, run.minutes, plan, rng, forgetful=run.forgetful)
            candidates.append(candidate)
            await candidate.sit()

    async with watched(site, told):
        await asyncio.gather(*(one(number, person) for number, person in enumerate(run.people)))
        await until_closed(site, run.patience)
    stored = await asyncio.to_thread(verdict.read, site)
    told.outcomes = [candidate.outcome for candidate in candidates]
    sat = [(candidate.person.email, candidate.outcome, candidate.model) for candidate in candidates]
    told.breaches += [breach for outcome in told.outcomes for breach in outcome.breaches]
    told.breaches += verdict.judge(stored, sat)
    for candidate in candidates:
        told.statuses.update(candidate.model.statuses)
    told.seconds = time.monotonic() - began
    return told


@contextlib.asynccontextmanager
async def watched(site: Site, told: Told) -> AsyncIterator[None]:
    """Look every second for attempts that are open later than they may be."""
    seen: set[str] = set()

    async def watch() -> None:
        while True:
            for attempt in set(await site.left_open(OVERDUE)) - seen:
                seen.add(attempt)
                what = f"{attempt}: {OVERDUE:.0f} s after deadline and grace"
                told.breaches.append(Breach(Invariant.LEFT_OPEN, what))
            await asyncio.sleep(1)

    tasks = [asyncio.create_task(watch()), asyncio.create_task(site.supervise())]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def until_closed(site: Site, patience: float) -> None:
    """Those whose candidates have left are closed by the sweeper alone."""
    deadline = time.monotonic() + GRACE + patience
    while time.monotonic() < deadline and await site.open_attempts():
        await asyncio.sleep(0.3)
