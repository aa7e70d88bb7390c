"""Two app hosts behind nginx, as docs/production.md sets them up, one of which dies under load.

Two servers on two loopback addresses, each with a directory and a sweeper of its own, one PostgreSQL, and in
front nginx with deploy/nginx.conf itself, in which names, ports and paths alone are changed. Candidates sit
whole exams; in the middle the second host, server, workers and sweeper, is killed with SIGKILL, and later
started again. What is not acknowledged is sent again, as the exam page does it.
"""

import asyncio
import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

import run
from tests.benchmarks.load.client import UnexpectedReplyError, Visitor
from tests.benchmarks.load.people import logged_in
from tests.benchmarks.load.sitting import Exam
from tests.benchmarks.load.timings import Timings
from tests.benchmarks.site import HERE, Site, database, free_port, prepare
from tests.benchmarks.sitting import CHANGED, FLAGGED

NAME = "exam.example.org"
ADDRESSES = ("127.0.0.1", "127.0.0.2")
AT_ONCE = 24
EVENTS = 2 * (65 + CHANGED) + FLAGGED
"""Of one sitting: each answer comes with the time on the item before."""
TRIES, PAUSE = 200, 0.1


class NoNginxError(Exception):
    """There is no nginx, or it does not start; the message says what to do."""


@dataclass(slots=True)
class Told:
    """What the candidates were told: by attempt, the events that were acknowledged, and by item the newest
    answer among them. `again`: requests that had to be sent again. `slowest`: seconds until a save was
    acknowledged."""

    events: dict[str, set[str]] = field(default_factory=dict)
    answers: dict[str, dict[int, tuple[int, Any]]] = field(default_factory=dict)
    again: int = 0
    slowest: float = 0.0

    @property
    def acknowledged(self) -> int:
        return sum(map(len, self.events.values()))


@dataclass(frozen=True, slots=True)
class Outcome:
    """`lost`: acknowledged events that are not in the log; `wrong`: final answers that are not the newest.
    `served`: by host, how many requests it answered, before it was killed, while it was dead, and after it
    was started again. `handed_on`: requests that nginx gave to the other host."""

    told: Told
    lost: int
    wrong: int
    served: Sequence[Sequence[int]]
    handed_on: int
    integrity: str


def rehearse(url: str, candidates: int = 2 * AT_ONCE) -> Outcome:
    """Raises NoNginxError."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        raise NoNginxError("There is no nginx here: apt-get install nginx-light.")
    with contextlib.ExitStack() as stack:
        own, postmaster = stack.enter_context(database(url))
        top = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        top.chmod(0o755)  # nginx's workers are somebody else
        hosts = [Host(address, _environment(own, top / address)) for address in ADDRESSES]
        for host in hosts:
            stack.callback(host.kill)
            prepare(host.environment)
            host.start()
        proxy = stack.enter_context(_nginx(nginx, top / "nginx", hosts))
        site = Site(proxy.port, own, 0, postmaster, hosts[0].environment)
        told, marks = asyncio.run(_sit(site, hosts[1], logged_in(site, candidates)))
        with psycopg.connect(own) as connection:
            lost, wrong = _compare(connection, told)
        check = [sys.executable, "manage.py", "check_integrity"]
        checked = subprocess.run(
            check, cwd=HERE, env=site.environment, check=False, text=True, capture_output=True
        )
        served, handed_on = proxy.read(marks)
        return Outcome(told, lost, wrong, served, handed_on, checked.stdout.strip())


class Host:
    """An app host: what runs on one loopback address."""

    def __init__(self, address: str, environment: Mapping[str, str]) -> None:
        self.address, self.environment = address, environment
        self.port = free_port(address)
        self.processes: list[subprocess.Popen[bytes]] = []
        Path(environment["LOCAL_DIR"]).mkdir(parents=True)

    def start(self) -> None:
        sweeper = [sys.executable, "-m", "exam_sim.sweeper"]
        with (Path(self.environment["LOCAL_DIR"]) / "log").open("ab") as log:
            self.processes = [
                subprocess.Popen(
                    command,
                    cwd=HERE,
                    env=self.environment,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
                for command in (run.server_command(self.address, self.port), sweeper)
            ]
        if not run.wait_for_answer(self.processes[0], self.address, self.port):
            raise RuntimeError((Path(self.environment["LOCAL_DIR"]) / "log").read_text())

    def kill(self) -> None:
        """All of it, at once, as a power cut would."""
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.processes = []


@dataclass(frozen=True, slots=True)
class Proxy:
    port: int
    log: Path
    hosts: Sequence[Host]

    def read(self, marks: Sequence[float]) -> tuple[list[list[int]], int]:
        """By host, how many requests it answered until each of the `marks` and after the last; and how many
        were handed on."""
        counts = [[0] * (len(marks) + 1) for _ in self.hosts]
        handed_on = 0
        for line in self.log.read_text().splitlines():
            at, upstreams = line.split(" ", 1)
            asked = upstreams.split(", ")
            handed_on += len(asked) > 1
            for count, host in zip(counts, self.hosts, strict=True):
                count[sum(float(at) > mark for mark in marks)] += asked[-1] == f"{host.address}:{host.port}"
        return counts, handed_on


def _environment(url: str, directory: Path) -> dict[str, str]:
    """As docs/production.md has it."""
    return os.environ | {
        "ALLOWED_HOSTS": NAME,
        "CSRF_TRUSTED_ORIGINS": f"https://{NAME}",
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "exam_sim.settings",
        "EMAIL_URL": "console:",
        "HTTPS": "on",
        "LOCAL_DIR": str(directory),
        "LOG_FORMAT": "json",
        "SECRET_KEY": _KEY,
        "TRUSTED_PROXIES": "1",
    }


_KEY = secrets.token_urlsafe(48)


@contextlib.contextmanager
def _nginx(program: str, directory: Path, hosts: Sequence[Host]) -> Iterator[Proxy]:
    directory.mkdir()
    key, certificate = directory / "privkey.pem", directory / "fullchain.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    port, plain, log = free_port(), free_port(), directory / "access.log"
    site = configured((HERE / "deploy" / "nginx.conf").read_text(), hosts, port, plain, directory)
    (directory / "site.conf").write_text(site)
    (directory / "nginx.conf").write_text(
        f"daemon off;\npid {directory}/pid;\nerror_log {directory}/error.log;\nevents {{ }}\nhttp {{\n"
        f"log_format hosts '$msec $upstream_addr';\naccess_log {log} hosts;\n"
        + "".join(f"{kind}_temp_path {directory}/{kind};\n" for kind in _TEMPORARY)
        + f"include {directory}/site.conf;\n}}\n"
    )
    with (directory / "out").open("wb") as out:
        process = subprocess.Popen(
            [program, "-e", directory / "error.log", "-c", directory / "nginx.conf"], stdout=out, stderr=out
        )
    try:
        if not run.wait_for_answer(process, ADDRESSES[0], plain):
            raise NoNginxError(f"nginx did not start:\n{(directory / 'error.log').read_text()}")
        yield Proxy(port, log, hosts)
    finally:
        run.stop([process])


_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def configured(site: str, hosts: Sequence[Host], port: int, plain: int, directory: Path) -> str:
    """The site of deploy/nginx.conf for these hosts, ports and certificate, and else as it stands."""
    servers = re.findall(r"^    #? ?server .*;$", site, flags=re.MULTILINE)
    rest = servers[0].partition(" 127.0.0.1:8000")[2]
    site = site.replace(
        "\n".join(servers), "\n".join(f"    server {host.address}:{host.port}{rest}" for host in hosts)
    )
    site = site.replace("listen 80;", f"listen {plain};").replace("listen 443 ", f"listen {port} ")
    return site.replace(f"/etc/ssl/{NAME}", str(directory))


async def _sit(site: Site, doomed: Host, sessions: Sequence[str]) -> tuple[Told, list[float]]:
    """All sit, `AT_ONCE` at a time; a third of the way `doomed` is killed, and half way it is started again.
    With what they were told, when either was done."""
    told, marks, waiting = Told(), [], iter(sessions)
    all_ = EVENTS * len(sessions)

    async def one_after_the_other() -> None:
        for session in waiting:
            async with Visitor(site.port, session, Timings(), https=NAME) as visitor:
                await _Patient(visitor, told).sit()

    async def fate() -> None:
        for share, act in ((1 / 3, doomed.kill), (1 / 2, doomed.start)):
            while told.acknowledged < share * all_:
                await asyncio.sleep(0.01)
            await asyncio.to_thread(act)
            marks.append(time.time())

    await asyncio.gather(fate(), *(one_after_the_other() for _ in range(AT_ONCE)))
    return told, marks


class _Patient(Exam):
    """Sends again what was not acknowledged, with the same ids; starts and reads again what failed."""

    def __init__(self, visitor: Visitor, told: Told) -> None:
        super().__init__(visitor)
        self.told = told

    async def sit(self) -> None:
        await self._insist(self.start)
        await self._insist(self.open)
        await self.answer_all()
        await self._insist(self.end)

    async def _insist(self, act: Any) -> Any:
        for _ in range(TRIES):
            try:
                return await act()
            except (OSError, UnexpectedReplyError):
                self.told.again += 1
                self.visitor.close()
                await asyncio.sleep(PAUSE)
        raise UnexpectedReplyError("The site did not come back.")

    async def _save(self, *events: dict[str, Any], since: float | None = None) -> None:
        began = time.monotonic()
        body = json.dumps({"events": events}).encode()

        async def send() -> dict[str, Any]:
            reply = await self.visitor.send("save", self.state["urls"]["events"], body)
            results: dict[str, Any] = json.loads(reply.text)["results"]
            return results

        results = await self._insist(send)
        attempt = str(self.state["attempt"])
        for event in events:
            if results[event["id"]] not in ("stored", "superseded", "duplicate"):
                raise UnexpectedReplyError(f"refused: {results[event['id']]}")
            self.told.events.setdefault(attempt, set()).add(event["id"])
            if event["kind"] == "answer":
                answers = self.told.answers.setdefault(attempt, {})
                answers[event["item"]] = (event["intent_ms"], event["value"])
        self.told.slowest = max(self.told.slowest, time.monotonic() - began)


def _compare(connection: "psycopg.Connection[tuple[Any, ...]]", told: Told) -> tuple[int, int]:
    logged: Counter[str] = Counter()
    for attempt, events in told.events.items():
        rows = connection.execute(
            "SELECT event_id FROM exams_answerevent WHERE attempt_id = %s", [UUID(attempt)]
        ).fetchall()
        logged["lost"] += len(events - {str(event) for (event,) in rows})
        standing = connection.execute(
            "SELECT item, intent_ms, value FROM exams_register WHERE attempt_id = %s AND kind = 'answer'",
            [UUID(attempt)],
        ).fetchall()
        found = {item: (intent, value) for item, intent, value in standing}
        logged["wrong"] += sum(found.get(item) != newest for item, newest in told.answers[attempt].items())
    return logged["lost"], logged["wrong"]
