"""What the server works, and how long a candidate waits for one saved answer.

User and system time of the site's processes and of PostgreSQL's, over HTTP to the server as run.py starts it,
with fsync. Other work on the machine makes everything dearer, so the best of some rounds counts.
"""

import asyncio
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial

import psycopg

from tests.benchmarks.conftest import Newcomers
from tests.benchmarks.figures import Figures
from tests.benchmarks.load.client import Visitor
from tests.benchmarks.load.people import logged_in
from tests.benchmarks.load.sitting import Exam
from tests.benchmarks.load.timings import Timings
from tests.benchmarks.site import Site
from tests.benchmarks.sitting import Candidate, Sitting
from tests.benchmarks.yardstick import slowness

SITTINGS, READINGS, PAGES, SAVES = 5, 6, 40, 200
STARTS, ROUNDS = 20, 4
SITTING_SECONDS, START_MS, PAGE_MS, SAVE_MS = 0.6, 28.0, 7.5, 7.0


def test_a_whole_sitting_costs_little_cpu(site: Site, newcomer: Newcomers, figures: Figures) -> None:
    """The first sitting is not counted: it loads what the first request of each sort loads."""
    candidates = [newcomer() for _ in range(1 + SITTINGS)]
    log_ins = [sum(cpu_of(site, candidate.log_in)) for candidate in candidates]
    sit(candidates.pop())
    server, database = min((cpu_of(site, partial(sit, c)) for c in candidates), key=sum)

    figures.note("CPU: log-in", min(log_ins), "s")
    figures.note("CPU: sitting, server", server, "s")
    figures.note("CPU: sitting, PostgreSQL", database, "s")
    figures.note("CPU: sitting, both", server + database, "s", SITTING_SECONDS)
    assert server + database <= SITTING_SECONDS * slowness()


def test_a_start_with_its_first_page_costs_little_cpu(site: Site, figures: Figures) -> None:
    """By candidates who never sat an exam: their reserve is drawn too. The first round is not counted."""
    people = logged_in(site, STARTS * ROUNDS)
    rounds = [people[first : first + STARTS] for first in range(0, len(people), STARTS)]
    costs = [cpu_of(site, lambda some=some: asyncio.run(start(site, some))) for some in rounds]  # type: ignore[misc]
    server, database = (1000 / STARTS * seconds for seconds in min(costs[1:], key=sum))

    figures.note("CPU: start and first page, server", server, "ms")
    figures.note("CPU: start and first page, PostgreSQL", database, "ms")
    figures.note("CPU: start and first page, both", server + database, "ms", START_MS)
    assert server + database <= START_MS * slowness()


async def start(site: Site, sessions: Sequence[str]) -> None:
    for session in sessions:
        async with Visitor(site.port, session, Timings()) as visitor:
            exam = Exam(visitor)
            await exam.start()
            await exam.open()


def test_an_exam_page_costs_little_cpu(site: Site, newcomer: Newcomers, figures: Figures) -> None:
    candidate = newcomer()
    candidate.log_in()
    sitting = Sitting(candidate)

    def read() -> None:
        for _ in range(PAGES):
            candidate.get(sitting.path)

    def best() -> list[float]:
        read()
        return [1000 / PAGES * s for s in min((cpu_of(site, read) for _ in range(READINGS)), key=sum)]

    server, database = best()
    sitting.answer_all()
    answered, _ = best()

    figures.note("CPU: exam page, server", server, "ms", PAGE_MS)
    figures.note("CPU: exam page, server, all answered", answered, "ms")
    figures.note("CPU: exam page, PostgreSQL", database, "ms")
    assert server <= PAGE_MS * slowness()


def test_an_answer_is_saved_at_once(site: Site, newcomer: Newcomers, figures: Figures) -> None:
    """Saves are timed in turn with polls, which only read, and with bare commits: the floor of this run."""
    candidate = newcomer()
    candidate.log_in()
    sitting = Sitting(candidate)
    clock = f"{sitting.state['urls']['clock']}?since={2**53}"
    items = range(1, 1 + len(sitting.state["shape"]))
    saves, polls, commits = [], [], []
    with psycopg.connect(site.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE commits (number integer)")
        for number in range(SAVES):
            item = items[number % len(items)]
            saves.append(milliseconds(partial(sitting.answer, item, shift=number)))
            polls.append(milliseconds(partial(candidate.get, clock)))
            commits.append(milliseconds(partial(connection.execute, "INSERT INTO commits VALUES (1)")))
    save, poll, commit = (statistics.median(times) for times in (saves, polls, commits))

    figures.note("saving one answer, p50 at the client", save, "ms", SAVE_MS)
    figures.note("reading the clock, p50 at the client", poll, "ms")
    figures.note("bare commit with fsync, p50", commit, "ms")
    assert save <= 2 * (poll + commit)


def sit(candidate: Candidate) -> None:
    sitting = Sitting(candidate)
    sitting.answer_all()
    sitting.end()


def cpu_of(site: Site, work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the server and of PostgreSQL for `work`."""
    server, database = site.cpu()
    work()
    server_after, database_after = site.cpu()
    return server_after - server, database_after - database


def milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)
