"""Exams in real Chromium against a running site, many at once."""

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from random import Random

from playwright.async_api import Browser, async_playwright

from tests.browser import chromium
from tests.faults.browser_books import Books
from tests.faults.browser_candidate import Candidate
from tests.faults.browser_defects import DEFECTS, Defect
from tests.faults.browser_plan import Plan, draw
from tests.faults.browser_sitting import Sitting
from tests.faults.proxy import Line
from tests.faults.records import Invariant, Outcome
from tests.faults.site import Person, Site

AT_ONCE = 5
"""Exams at a time: each has up to four pages."""

BETWEEN_KILLS = 10.0
LONGEST_BESIDE = 180.0
"""Seconds that an exam may take beside its own time, on a machine that has much else to do."""

FLAGS = ["--disable-background-networking", "--disable-component-update", "--disable-gpu", "--disable-sync"]


class NoChromiumError(Exception):
    """There is none here that Playwright can drive."""


class Hall:
    """What the exams of one run have in common."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.books = Books(site.environment["DATABASE_URL"])
        self.sittings: list[Sitting] = []
        self.lines: list[Line] = []
        self.killed_at = 0.0

    def may_kill(self) -> bool:
        """Whether another worker may be killed: a server whose workers die again and again gives up."""
        now = time.monotonic()
        if now - self.killed_at < BETWEEN_KILLS:
            return False
        self.killed_at = now
        return True

    async def line(self) -> Line:
        line = Line(self.site.port)
        await line.open()
        self.lines.append(line)
        return line


@dataclass(frozen=True, slots=True)
class Exam:
    """One exam to be sat; with a `defect`, in a page that has it."""

    name: str
    plan: Plan
    seed: str
    defect: Defect | None = None


async def play_in_browser(site: Site, count: int, seed: int) -> list[Outcome]:
    """`count` exams, each as it is drawn from `seed` and its number."""
    names = [f"browser {seed}/{number}" for number in range(count)]
    return await play(site, [Exam(name, draw(Random(name)), f"{name} clicks") for name in names])


async def play_defects(site: Site) -> dict[str, set[Invariant]]:
    """By name of each defect of the page, the invariants by which its exams show it."""
    broken: dict[str, set[Invariant]] = {defect.name: set() for defect in DEFECTS}
    exams = [Exam(f"{defect.name} {n}", defect.plan, f"{n}", defect) for defect in DEFECTS for n in range(2)]
    for exam, outcome in zip(exams, await play(site, exams), strict=True):
        if exam.defect is not None:
            found = {breach.invariant for breach in outcome.breaches}
            broken[exam.defect.name] |= found & exam.defect.shown_by
    return broken


async def play(site: Site, exams: Sequence[Exam]) -> list[Outcome]:
    """Each is sat by one of the site's last people, AT_ONCE of them at a time."""
    hall, gate = Hall(site), asyncio.Semaphore(AT_ONCE)
    async with browser() as opened:
        beside = [asyncio.create_task(hall.books.watch()), asyncio.create_task(site.supervise())]

        async def sit(exam: Exam, person: Person) -> Outcome:
            async with gate:
                route = exam.defect.plant if exam.defect else None
                sitting = Sitting(exam.name, exam.plan, hall, Candidate(Random(exam.seed), opened, route))
                hall.sittings.append(sitting)
                try:
                    async with asyncio.timeout(exam.plan.total + LONGEST_BESIDE):
                        return await sitting.run(person)
                except Exception as error:  # noqa: BLE001 - one exam that fails must not take the others along
                    sitting.outcome.breach(Invariant.NO_END, repr(error))
                    return sitting.outcome
                finally:
                    hall.sittings.remove(sitting)

        try:
            return await asyncio.gather(*map(sit, exams, site.people[-len(exams) :]))
        finally:
            for task in beside:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            for line in hall.lines:
                await line.close()


@contextlib.asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    path = await asyncio.to_thread(chromium.find)
    if not path:
        raise NoChromiumError("There is no Chromium: name one with CHROMIUM=/path.")
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=path, args=flags)
        try:
            yield opened
        finally:
            await opened.close()
