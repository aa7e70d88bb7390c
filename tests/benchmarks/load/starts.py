"""Many who press Start at nearly the same time, each with the first page of the exam."""

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass

from tests.benchmarks.load.client import Visitor
from tests.benchmarks.load.people import logged_in
from tests.benchmarks.load.sitting import Exam
from tests.benchmarks.load.timings import Timings
from tests.benchmarks.site import Site


@dataclass(frozen=True, slots=True)
class Rush:
    """`done`: seconds from the first press to the last page. `timings` hold "start" and "exam page", and as
    "both" what a candidate waits from the press on Start until the page is there."""

    done: float
    timings: Timings


async def rush(site: Site, count: int, within: float) -> Rush:
    """So many starts spread evenly over `within` seconds, by candidates who are logged in and connected."""
    timings = Timings()
    async with AsyncExitStack() as stack:
        exams = [
            Exam(await stack.enter_async_context(Visitor(site.port, session, timings)))
            for session in logged_in(site, count)
        ]
        began = time.perf_counter() + 0.1

        async def one(number: int, exam: Exam) -> None:
            due = began + number * within / count
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await exam.start()
            await exam.open()
            timings.note("both", time.perf_counter() - due, 0)

        await asyncio.gather(*(one(number, exam) for number, exam in enumerate(exams)))
        return Rush(time.perf_counter() - began, timings)
