"""The whole site as `run.py` serves it, on a PostgreSQL database of its own with the shipped bank."""

import contextlib
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

import run
from tests.benchmarks.processes import cpu_seconds, parent_of

HERE = Path(__file__).resolve().parent.parent.parent
HOST = "127.0.0.1"


class NotDurableError(Exception):
    """This PostgreSQL acknowledges what a power cut may take away, or runs where its CPU cannot be seen."""


@dataclass(frozen=True, slots=True)
class Site:
    """A running site; `server` and `database` are the processes above all of the server and of PostgreSQL.
    `environment` is the server's, for programs that work beside it."""

    port: int
    url: str
    server: int
    database: int
    environment: Mapping[str, str]

    def cpu(self) -> tuple[float, float]:
        """Seconds used so far by the server and by PostgreSQL."""
        return cpu_seconds(self.server), cpu_seconds(self.database)


@contextlib.contextmanager
def served(url: str, directory: Path) -> Iterator[Site]:
    """Make a database on the server of `url`, prepare and serve the site on it, and take all down again."""
    with database(url) as (own, postmaster):
        environment = _environment(own, directory)
        with _running(environment, directory) as (port, server):
            yield Site(port, own, server, postmaster, environment)


@contextlib.contextmanager
def serving(url: str, directory: Path, beside: Site) -> Iterator[Site]:
    """A second server `beside` another, on `url`, with the same secret key."""
    environment = _environment(url, directory) | {"SECRET_KEY": beside.environment["SECRET_KEY"]}
    with _running(environment, directory) as (port, server):
        yield Site(port, url, server, beside.database, environment)


@contextlib.contextmanager
def database(url: str) -> Iterator[tuple[str, int]]:
    """A new database on the server of `url`, removed afterwards: its own URL, and PostgreSQL's first
    process."""
    name = f"site_{secrets.token_hex(4)}"
    with psycopg.connect(with_name(url, "postgres"), autocommit=True) as connection:
        postmaster = _postmaster(connection)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield with_name(url, name), postmaster
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _postmaster(connection: "psycopg.Connection[tuple[str, ...]]") -> int:
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        row = connection.execute(sql.SQL("SHOW {}").format(sql.Identifier(name))).fetchone()
        if row != ("on",):
            raise NotDurableError(f"PostgreSQL runs without {name}: what it answers is not yet safe.")
    try:
        return parent_of(connection.info.backend_pid)
    except KeyError:
        raise NotDurableError("PostgreSQL runs on another machine: its CPU time cannot be read.") from None


def _environment(url: str, directory: Path) -> dict[str, str]:
    """That of a public server, but for its limits on one address and one person: here 32 people of a few
    send from one machine what a thousand would."""
    return os.environ | {
        "ADDRESS_LIMIT_FACTOR": "10000",
        "ANSWER_POSTS_PER_SECOND": "10000",
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "tests.benchmarks.floor.settings",
        "HTTPS": "off",
        "LOCAL_DIR": str(directory),
        "LOG_LEVEL": "INFO",
        "SECRET_KEY": secrets.token_urlsafe(48),
    }


@contextlib.contextmanager
def _running(environment: Mapping[str, str], directory: Path) -> Iterator[tuple[int, int]]:
    """The port and the pid of a server in `environment`, which keeps its files in `directory`."""
    prepare(environment)
    port = free_port()
    with (directory / "log").open("wb") as log:
        server = subprocess.Popen(
            run.server_command(HOST, port), cwd=HERE, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            if not run.wait_for_answer(server, HOST, port):
                raise RuntimeError((directory / "log").read_text())
            yield port, server.pid
        finally:
            run.stop([server])


def prepare(environment: Mapping[str, str]) -> None:
    prepared = subprocess.run(
        [sys.executable, "-m", "exam_sim.prepare"],
        cwd=HERE,
        env=environment,
        check=False,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if prepared.returncode != 0:
        raise RuntimeError(prepared.stdout)


def free_port(host: str = HOST) -> int:
    """A port of `host` that nobody listens on."""
    with socket.create_server((host, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def with_name(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
