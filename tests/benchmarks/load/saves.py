"""Answers saved by many at once, beside the floor in the same run against the same server."""

import asyncio
import itertools
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from tests.benchmarks.load.client import Visitor
from tests.benchmarks.load.people import logged_in
from tests.benchmarks.load.sitting import Exam
from tests.benchmarks.load.timings import Timings, percentile
from tests.benchmarks.site import Site

AT_ONCE = 32

Work = Callable[[Exam, Iterator[int]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Round:
    """`seconds` of each request, and how many of them were answered a second."""

    rate: float
    seconds: Sequence[float]

    def ms(self, share: float) -> float:
        return 1000 * percentile(self.seconds, share)


@dataclass(frozen=True, slots=True)
class Compared:
    """Rounds of saves and of the floor in turn: medians, and medians of the ratios of neighbours."""

    saves: Sequence[Round]
    floors: Sequence[Round]

    @property
    def rate(self) -> float:
        return statistics.median(r.rate for r in self.saves)

    @property
    def floor_rate(self) -> float:
        return statistics.median(r.rate for r in self.floors)

    @property
    def rate_ratio(self) -> float:
        pairs = zip(self.saves, self.floors, strict=True)
        return statistics.median(save.rate / floor.rate for save, floor in pairs)

    def ms(self, share: float) -> float:
        return statistics.median(r.ms(share) for r in self.saves)

    def floor_ms(self, share: float) -> float:
        return statistics.median(r.ms(share) for r in self.floors)

    def ms_ratio(self, share: float) -> float:
        pairs = zip(self.saves, self.floors, strict=True)
        return statistics.median(save.ms(share) / floor.ms(share) for save, floor in pairs)


async def closed_loop(site: Site, seconds: float, rounds: int) -> Compared:
    """`AT_ONCE` candidates, each sending the next answer when the last one is acknowledged; rounds of
    `seconds` in turn with the floor, a short one of each first that is not counted."""
    async with AsyncExitStack() as stack:
        exams = await _started(stack, site, AT_ONCE)
        for exam in exams:
            await exam.answer(1)
        await _round(exams, _save, seconds / 4)
        await _round(exams, _floor, seconds / 4)
        saves: list[Round] = []
        floors: list[Round] = []
        for number in range(rounds):
            for work, kept in ((_save, saves), (_floor, floors))[:: 1 if number % 2 else -1]:
                kept.append(await _round(exams, work, seconds))
        return Compared(saves, floors)


async def open_loop(site: Site, rate: int, seconds: float, visitors: int = 2 * AT_ONCE) -> Timings:
    """So many answers a second, whether or not those before are acknowledged: the wait counts from when an
    answer was due. The first second is not counted."""
    async with AsyncExitStack() as stack:
        exams = await _started(stack, site, visitors)
        free: asyncio.Queue[Exam] = asyncio.Queue()
        for exam in exams:
            free.put_nowait(exam)
        await _offer(free, rate, 1.0)
        timings = Timings()
        for exam in exams:
            exam.visitor.timings = timings
        await _offer(free, rate, seconds)
        return timings


async def _offer(free: "asyncio.Queue[Exam]", rate: int, seconds: float) -> None:
    began = time.perf_counter() + 0.01

    async def one(number: int) -> None:
        due = began + number / rate
        exam = await free.get()
        try:
            await exam.answer(exam.items[number % len(exam.items)], shift=number, since=due)
        finally:
            free.put_nowait(exam)

    tasks = []
    for number in range(int(rate * seconds)):
        wait = began + number / rate - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        tasks.append(asyncio.create_task(one(number)))
    await asyncio.gather(*tasks)


async def _started(stack: AsyncExitStack, site: Site, count: int) -> list[Exam]:
    timings = Timings()
    exams = []
    for session in logged_in(site, count):
        exam = Exam(await stack.enter_async_context(Visitor(site.port, session, timings)))
        await exam.start()
        await exam.open()
        exams.append(exam)
    return exams


async def _save(exam: Exam, numbers: Iterator[int]) -> None:
    number = next(numbers)
    await exam.answer(exam.items[number % len(exam.items)], shift=number)


async def _floor(exam: Exam, numbers: Iterator[int]) -> None:
    await exam.visitor.send("save", f"/floor/{exam.state['attempt']}/1", b"")


async def _round(exams: Sequence[Exam], work: Work, seconds: float) -> Round:
    timings = Timings()
    end = time.perf_counter() + seconds

    async def keep_on(exam: Exam) -> None:
        exam.visitor.timings = timings
        numbers = itertools.count()
        while time.perf_counter() < end:
            await work(exam, numbers)

    began = time.perf_counter()
    await asyncio.gather(*map(keep_on, exams))
    all_ = timings.seconds["save"]
    return Round(len(all_) / (time.perf_counter() - began), all_)
