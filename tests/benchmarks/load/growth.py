"""What does not get slower as the database grows: two sites, one of them filled by SQL, asked in turn, so
that what else the machine does falls on both."""

import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psycopg

from tests.benchmarks.load.client import Visitor
from tests.benchmarks.load.filling import fill_answers, fill_bank
from tests.benchmarks.load.people import logged_in
from tests.benchmarks.load.sitting import Exam
from tests.benchmarks.load.timings import Timings
from tests.benchmarks.site import HERE, Site

STARTS, READINGS, SWEEPS, WARMING = 60, 60, 5, 12
MODELS = 8
"""How many candidates sit over HTTP; all others are like them."""

Times = Mapping[str, tuple[float, float]]
"""By name, p50 in ms on the small site and on the large one."""


def banks(small: Site, large: Site, few: int, many: int) -> tuple[float, float]:
    """p50 in ms of a start on a site with a bank of `few` questions, and on one with `many`."""
    for site, size in ((small, few), (large, many)):
        fill_bank(site, size)
    people = [logged_in(site, STARTS) for site in (small, large)]
    times: tuple[list[float], list[float]] = ([], [])
    for sessions in zip(*people, strict=True):
        for site, session, kept in zip((small, large), sessions, times, strict=True):
            kept.append(asyncio.run(_start(site, session)))
    first, second = (statistics.median(all_[WARMING:]) for all_ in times)
    return first, second


@dataclass(frozen=True, slots=True)
class Filled:
    """A site with sittings of others; `session` and `attempt` are those of one who sat over HTTP."""

    site: Site
    session: str
    attempt: str


def filled(site: Site, answers: int) -> Filled:
    sessions = logged_in(site, MODELS)
    likes = [asyncio.run(sit(site, session)) for session in sessions]
    for sittings in fill_answers(site, likes, answers):
        print(f"{sittings:,} sittings", file=sys.stderr, flush=True)
    return Filled(site, sessions[0], likes[0])


def pages(small: Filled, large: Filled) -> Times:
    """What candidates, instructors and administrators read, and what candidates do."""
    readers = [_readers(filled) for filled in (small, large)]
    newcomers = [logged_in(filled.site, READINGS + WARMING) for filled in (small, large)]
    rounds = [
        [
            asyncio.run(_read(filled.site, pages)) | asyncio.run(_sit_a_little(filled.site, session))
            for filled, pages, session in zip((small, large), readers, sessions, strict=True)
        ]
        for sessions in zip(*newcomers, strict=True)
    ]
    return _medians(rounds[WARMING:])


def sweeps(small: Filled, large: Filled) -> Times:
    """The sweeper's commands, each in a process that has run them before."""
    rounds = [[_commands(filled.site) for filled in (small, large)] for _ in range(SWEEPS)]
    return _medians(rounds)


def check(filled: Filled) -> float:
    """Seconds that `check_integrity` takes; it must find nothing."""
    began = time.monotonic()
    command = [sys.executable, "manage.py", "check_integrity"]
    subprocess.run(command, cwd=HERE, env=filled.site.environment, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


async def sit(site: Site, session: str) -> str:
    """A whole sitting, review and all; the attempt's id."""
    async with Visitor(site.port, session, Timings()) as visitor:
        exam = Exam(visitor)
        await exam.start()
        await exam.open()
        await exam.answer_all()
        await exam.end()
        return str(exam.state["attempt"])


def _medians(rounds: Sequence[Sequence[Mapping[str, float]]]) -> Times:
    return {
        name: (statistics.median(r[0][name] for r in rounds), statistics.median(r[1][name] for r in rounds))
        for name in rounds[0][0]
    }


async def _start(site: Site, session: str) -> float:
    async with Visitor(site.port, session, Timings()) as visitor:
        await visitor.get("page", "/")
        began = time.perf_counter()
        await Exam(visitor).start()
        return 1000 * (time.perf_counter() - began)


def _readers(filled: Filled) -> list[tuple[str, str, str]]:
    """(session, name of the page, path)."""
    result = f"/results/{filled.attempt}/"
    with psycopg.connect(filled.site.url) as connection:
        item = connection.execute(
            "SELECT question_id FROM exams_attemptitem WHERE attempt_id = %s AND number = 1", [filled.attempt]
        ).fetchone()
        assert item is not None
    paths = {
        "candidate": {
            "history": "/results/",
            "result": result,
            "review": f"{result}review",
            "pacing": f"{result}pacing",
            "progress": "/progress/",
            "study": "/study/",
        },
        "instructor": {
            "queue of reports": "/bank/reports/",
            "decided reports": "/bank/reports/?state=declined",
            "question and its use": f"/bank/questions/{item[0]}/",
            "bank list": "/bank/",
        },
        "administrator": {
            "admin: attempts": "/admin/exams/attempt/",
            "admin: open attempts": "/admin/exams/attempt/?state__exact=open",
            "admin: people": "/admin/accounts/user/",
            "admin: one person": "/admin/accounts/user/?q=somebody%40example.org",
            "admin: results": "/admin/results/result/",
            "admin: reports": "/admin/results/report/",
            "admin: audit log": "/admin/accounts/auditentry/",
        },
    }
    sessions = {role: logged_in(filled.site, 1, role)[0] for role in ("instructor", "administrator")}
    sessions["candidate"] = filled.session
    return [(sessions[role], name, path) for role, of in paths.items() for name, path in of.items()]


async def _read(site: Site, pages: Sequence[tuple[str, str, str]]) -> dict[str, float]:
    """ms of each page, read once."""
    timings = Timings()
    for session in dict.fromkeys(session for session, _, _ in pages):
        async with Visitor(site.port, session, timings) as visitor:
            for of, name, path in pages:
                if of == session:
                    await visitor.get(name, path)
    return {name: timings.ms(name, 0.5) for _, name, _ in pages}


async def _sit_a_little(site: Site, session: str) -> dict[str, float]:
    timings = Timings()
    async with Visitor(site.port, session, Timings()) as visitor:
        await visitor.get("page", "/")
        visitor.timings = timings
        exam = Exam(visitor)
        await exam.start()
        await exam.open()
        for item in exam.items[:5]:
            await exam.answer(item)
            await exam.poll()
    return {name: timings.ms(name, 0.5) for name in ("start", "exam page", "save", "poll")}


def _commands(site: Site) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.load.sweeping"]
    done = subprocess.run(
        command, cwd=HERE, env=site.environment, check=True, text=True, stdout=subprocess.PIPE
    )
    return {f"sweeper: {name}": ms for name, ms in json.loads(done.stdout.splitlines()[-1]).items()}
