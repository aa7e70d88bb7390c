"""Sites that faults happen to: the server as `run.py` starts it, the sweeper, and a PostgreSQL with fsync,
which can be ended and started again; or SQLite, on a disk that can be full.

All that is different from production is beside the product: a trigger that makes exams short, a sweep every
second, and higher limits for one address. With a `defect`, `planted.py` puts it into server and sweeper.
"""

import asyncio
import contextlib
import os
import resource
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import IO, Any

import psycopg
from psycopg import sql

import run
from tests.benchmarks.processes import children_of
from tests.benchmarks.site import HERE, HOST, with_name
from tests.postgres import Postgres, temporary_postgres

_TEMPLATE = "template_of_sites"
_UNLIMITED = resource.RLIM_INFINITY
CALM = 3.0
"""Seconds between two faults that concern all exams of a site."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account who is logged in."""

    email: str
    session: str


class Site:
    """A running site. What takes long is to be awaited; the candidates go on meanwhile."""

    def __init__(
        self,
        environment: Mapping[str, str],
        directory: Path,
        people: list[Person],
        postgres: Postgres | None = None,
    ) -> None:
        self.environment, self.directory, self.postgres = environment, directory, postgres
        self.people = people
        self.log = directory / f"log-{secrets.token_hex(4)}"
        self.port = free_port()
        self.server: subprocess.Popen[bytes] | None = None
        self.sweeper: subprocess.Popen[bytes] | None = None
        self._busy = asyncio.Lock()
        self._whole_since = 0.0

    # ---- its life

    def start(self) -> None:
        """Start server and sweeper, and wait until a page comes."""
        self.server, self.sweeper = self._start_server(), self._start_sweeper()
        if not run.wait_for_answer(self.server, HOST, self.port):
            raise RuntimeError(self.log.read_text())

    def _start_server(self) -> subprocess.Popen[bytes]:
        command = run.server_command(HOST, self.port)
        command[0] = str(Path(sys.executable).with_name("granian"))
        if "PLANTED_DEFECT" in self.environment:
            command[-1] = "tests.faults.planted_wsgi:application"
        return self._process(command)

    def _start_sweeper(self) -> subprocess.Popen[bytes]:
        return self._process([sys.executable, "-m", "tests.faults.sweeping"])

    async def supervise(self) -> None:
        """Start again what ended by itself, as systemd does: the server gives up when its workers are killed
        one soon after the other."""
        while True:
            async with self._busy:
                if self.server is not None and self.server.poll() is not None:
                    self.server = self._start_server()
                if self.sweeper is not None and self.sweeper.poll() is not None:
                    self.sweeper = self._start_sweeper()
            await asyncio.sleep(0.5)

    def stop(self) -> None:
        run.stop([process for process in (self.sweeper, self.server) if process is not None])

    def _process(self, command: list[str]) -> subprocess.Popen[bytes]:
        """Its lines go through a pipe: a disk that is full for it is not full for the log."""
        process = subprocess.Popen(
            command, cwd=HERE, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert process.stdout is not None
        threading.Thread(target=_append, args=(process.stdout, self.log), daemon=True).start()
        return process

    # ---- what happens to it

    def may_break(self) -> bool:
        """Whether it has been whole for a while. Every exam breaks it for all others: on a slow machine it
        would be down most of the time."""
        return not self._busy.locked() and time.monotonic() - self._whole_since > CALM

    @contextlib.asynccontextmanager
    async def _breaking(self) -> AsyncIterator[None]:
        async with self._busy:
            try:
                yield
            finally:
                self._whole_since = time.monotonic()

    async def kill_worker(self, rng: Random) -> None:
        """SIGKILL; the server starts another one. Where there is none, the next one that there is."""
        while True:
            async with self._breaking():
                workers = [] if self.server is None else children_of(self.server.pid)
                if workers:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(rng.choice(workers), signal.SIGKILL)
                    return
            await asyncio.sleep(0.1)

    async def kill_server(self) -> None:
        """SIGKILL to all of it and to the sweeper, as when the machine fails; then both are started again."""
        async with self._breaking():
            await asyncio.to_thread(self._kill_server)

    async def restart_database(self) -> None:
        """PostgreSQL ends at once, without a word to anybody, and recovers from its log."""
        assert self.postgres is not None
        async with self._breaking():
            await asyncio.to_thread(self.postgres.crash)

    async def fill_disk(self, seconds: float) -> None:
        """For so long no process of the site can write a byte to a file: every write fails, as on a disk that
        has no room. Set from outside, by the limit that the kernel holds for each process."""
        async with self._breaking():
            self._limit_files(0)
            await asyncio.sleep(seconds)
            self._limit_files(_UNLIMITED)

    async def expire(self, session: str) -> None:
        """The log-in of this session is over."""
        await asyncio.to_thread(self._execute, "DELETE FROM accounts_session WHERE session_key = ?", session)

    async def left_open(self, seconds: float) -> list[str]:
        """Attempts that are still open so many seconds after deadline and grace."""
        before = "now() - ? * interval '1 second'"
        if self.postgres is None:
            before = "strftime('%Y-%m-%d %H:%M:%f', 'now', '-' || ? || ' seconds')"
        rows = await asyncio.to_thread(
            self._execute,
            f"SELECT id FROM exams_attempt WHERE state = 'open' AND close_by < {before}",  # noqa: S608
            seconds,
        )
        return [str(id_) for (id_,) in rows]

    async def open_attempts(self) -> int:
        rows = await asyncio.to_thread(
            self._execute, "SELECT count(*) FROM exams_attempt WHERE state = 'open'"
        )
        return int(rows[0][0])

    def _kill_server(self) -> None:
        assert self.server is not None
        assert self.sweeper is not None
        # First the one that would start others.
        pids = [self.server.pid, self.sweeper.pid, *children_of(self.server.pid)]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.server.wait()
        self.sweeper.wait()
        self.start()

    def _limit_files(self, size: int) -> None:
        assert self.server is not None
        assert self.sweeper is not None
        for pid in (self.server.pid, self.sweeper.pid, *children_of(self.server.pid)):
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, _UNLIMITED))

    def _execute(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Again and again while PostgreSQL is being restarted."""
        if self.postgres is None:
            with contextlib.closing(sqlite3.connect(self.directory / "exam_sim.sqlite3", timeout=20)) as file:
                rows = file.execute(statement, values).fetchall()
                file.commit()
                return rows
        deadline = time.monotonic() + 30
        while True:
            try:
                with psycopg.connect(self.environment["DATABASE_URL"], autocommit=True) as connection:
                    cursor = connection.execute(statement.replace("?", "%s").encode(), values)
                    return cursor.fetchall() if cursor.description else []
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)


class Sites:
    """Sites on one PostgreSQL, each on a copy of one prepared database with the same people."""

    def __init__(self, postgres: Postgres, directory: Path, people: int) -> None:
        self.postgres, self.directory = postgres, directory
        self.environment = environment(with_name(postgres.url, _TEMPLATE), directory)
        self._create(_TEMPLATE, "template1")
        self.people = prepare(self.environment, people)

    @contextlib.contextmanager
    def site(self, defect: str = "") -> Iterator[Site]:
        """A site of its own; with `defect`, one that `planted.py` puts into it."""
        name = f"site_{secrets.token_hex(4)}"
        self._create(name, _TEMPLATE)
        changes = {"DATABASE_URL": with_name(self.postgres.url, name)}
        if defect:
            changes["PLANTED_DEFECT"] = defect
        site = Site({**self.environment, **changes}, self.directory, self.people, self.postgres)
        try:
            site.start()
            yield site
        finally:
            site.stop()

    def _create(self, name: str, template: str) -> None:
        """With a checkpoint: what a crash has to recover are the exams, not the making of the database."""
        with psycopg.connect(self.postgres.url, autocommit=True) as connection:
            names = sql.Identifier(name), sql.Identifier(template)
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
            connection.execute("CHECKPOINT")


@contextlib.contextmanager
def sites(directory: Path, people: int) -> Iterator[Sites]:
    with temporary_postgres(durable=True) as postgres:
        yield Sites(postgres, directory, people)


@contextlib.contextmanager
def sqlite_site(directory: Path, people: int) -> Iterator[Site]:
    variables = environment("", directory)
    site = Site(variables, directory, prepare(variables, people))
    try:
        site.start()
        yield site
    finally:
        site.stop()


def environment(url: str, directory: Path) -> dict[str, str]:
    """That of a public server, but for its limits on one address: here all candidates have the same."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "ADDRESS_LIMIT_FACTOR": "10000",
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
        "HTTPS": "off",
        "LOCAL_DIR": str(directory),
        "LOG_LEVEL": "INFO",
        "PYTHONUNBUFFERED": "1",
        "SECRET_KEY": secrets.token_urlsafe(48),
    }


def prepare(environment: Mapping[str, str], people: int) -> list[Person]:
    """Make the database, and so many people in it."""
    lines = helper(environment, "tests.faults.setting_up", str(people)).splitlines()
    return [Person(*line.split()) for line in lines]


def helper(environment: Mapping[str, str], *module: str) -> str:
    """What a program in this environment prints."""
    command = [sys.executable, "-m", *module]
    done = subprocess.run(command, cwd=HERE, env=environment, check=False, text=True, capture_output=True)
    if done.returncode != 0:
        raise RuntimeError(done.stdout + done.stderr)
    return done.stdout


def free_port() -> int:
    with socket.create_server((HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _append(lines: IO[bytes], path: Path) -> None:
    with lines, path.open("ab") as log:
        shutil.copyfileobj(lines, log, 4096)
