"""Whole sittings by several candidates at once, and what they cost by process."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.benchmarks.load.client import Visitor
from tests.benchmarks.load.people import logged_in
from tests.benchmarks.load.sitting import Exam
from tests.benchmarks.load.timings import Timings
from tests.benchmarks.processes import resident_mb
from tests.benchmarks.site import Site

AT_ONCE = 4
POLLS = 260
"""In 180 minutes: one in each half minute (static/js/sync.js) in which none of the 100 saves was."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one sitting: CPU seconds of server, PostgreSQL and client. `rate` is requests a second by all."""

    server: float
    database: float
    client: float
    rate: float
    resident_mb: float
    timings: Timings


async def sittings(site: Site, count: int, polls: int = 0) -> Cost:
    """`count` sittings, `AT_ONCE` at a time, each with so many polls; one more first that is not counted."""
    await _play(site, logged_in(site, AT_ONCE), Timings(), 1)
    timings, people = Timings(), logged_in(site, count)
    before, client, began = site.cpu(), time.process_time(), time.perf_counter()
    await _play(site, people, timings, polls)
    seconds = time.perf_counter() - began
    server, database = (after - at for after, at in zip(site.cpu(), before, strict=True))
    requests = sum(map(len, timings.seconds.values()))
    return Cost(
        server / count,
        database / count,
        (time.process_time() - client) / count,
        requests / seconds,
        resident_mb(site.server),
        timings,
    )


async def _play(site: Site, people: Sequence[str], timings: Timings, polls: int) -> None:
    waiting = iter(people)

    async def one_after_the_other() -> None:
        for session in waiting:
            async with Visitor(site.port, session, timings) as visitor:
                exam = Exam(visitor)
                await exam.start()
                await exam.open()
                await exam.answer_all()
                for _ in range(polls):
                    await exam.poll()
                await exam.end()

    await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))
