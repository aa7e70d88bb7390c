#!/usr/bin/env python3
"""The one command: serve, test, bench, faults, lint, format or audit; it needs Python 3.11 and pip alone.

Standard library only. What else is needed goes into .venv/, from the locked requirements; what the site must
keep goes into .local/. Nothing else is touched.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import http.client
import os
import platform
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
BIN = VENV / "bin"
RUNTIME, TESTING = "requirements.txt", "requirements-test.txt"
# On SQLite too: a request is mostly Python, which two processes spread over two cores; writers take turns.
WORKERS, THREADS = 2, 4
START_SECONDS, STOP_SECONDS, SWEEP_SECONDS = 60, 10, 20


def fail(message: str, code: int = 1) -> NoReturn:
    print(message, file=sys.stderr, flush=True)
    raise SystemExit(code)


# ---- the environment


def prepare_environment(lock: str) -> None:
    """Make .venv hold what `lock` names; a stamp of locks and Python version makes the next time free.

    A bare Debian has neither ensurepip nor a pip that may install into the system: so the environment is made
    without pip, and the system's pip installs into it from outside.
    """
    if (BIN / "python").exists() and (is_current(lock) or is_current(TESTING)):
        return
    require_pip()
    print("Installing the locked packages into .venv/ …", flush=True)
    try:
        outdated = not (BIN / "python").exists() or python_of_environment() != platform.python_version()
        venv.EnvBuilder(with_pip=False, symlinks=True, clear=outdated).create(VENV)
    except OSError as error:
        fail(f"The environment cannot be made in {VENV}: {error.strerror}.")
    command = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(BIN / "python"),
        "install",
        "--quiet",
        "--no-compile",
    ]
    command += ["--retries", "2", "--disable-pip-version-check", "--require-hashes", "--only-binary=:all:"]
    command += ["--requirement", str(HERE / lock)]
    installed = subprocess.run(command, capture_output=True, text=True, check=False)
    if installed.returncode != 0:
        fail(explain(installed.stderr))
    stamp_of(lock).write_text(state_of(lock))


def is_current(lock: str) -> bool:
    """Whether this very lock was installed; that of the tests holds all that the site needs."""
    return stamp_of(lock).exists() and stamp_of(lock).read_text() == state_of(lock)


def stamp_of(lock: str) -> Path:
    return VENV / f"{lock}.stamp"


def state_of(lock: str) -> str:
    digests = [hashlib.sha256((HERE / name).read_bytes()).hexdigest() for name in (RUNTIME, lock)]
    return " ".join([platform.python_version(), *digests])


def python_of_environment() -> str:
    code = "import platform; print(platform.python_version())"
    return subprocess.run(
        [BIN / "python", "-c", code], capture_output=True, text=True, check=False
    ).stdout.strip()


def require_pip() -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "pip", "--version"], capture_output=True, text=True, check=False
    )
    version = re.match(r"pip (\d+)\.(\d+)", answer.stdout)
    if version is None:
        fail("pip is missing: install it first (on Debian and Ubuntu: apt install python3-pip).")
    if (int(version[1]), int(version[2])) < (22, 3):
        fail(f"pip {version[1]}.{version[2]} is too old: version 22.3 or later is needed.")


def explain(errors: str) -> str:
    """Turn what pip said into one sentence where the cause is known."""
    if re.search(
        "Max retries exceeded|NewConnectionError|onnection broken|Read timed out|ailed to establish", errors
    ):
        return "The packages cannot be fetched: the package index does not answer. Is this machine online?"
    if "No space left" in errors:
        return "The packages cannot be installed: the disk is full."
    return f"The packages cannot be installed; pip says:\n{errors.strip()}"


def child_environment(**changes: str) -> dict[str, str]:
    """The environment of our programs: this one, with .venv first, and bytecode kept out of the checkout."""
    path = f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    python = {"PYTHONPYCACHEPREFIX": str(VENV / "pycache"), "PYTHONUNBUFFERED": "1"}
    return {**os.environ, "PATH": path, "VIRTUAL_ENV": str(VENV), **python, **changes}


# ---- serve


def serve(host: str, port: int) -> int:
    """Prepare the site, then run the server and the sweeper until told to stop."""
    # A closed terminal and a service manager end us as Ctrl-C does.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    require_free(host, port)
    prepare_environment(RUNTIME)
    os.umask(0o077)  # all that we keep is for this user only
    environment = child_environment()
    python = str(BIN / "python")
    prepared = subprocess.run([python, "-m", "exam_sim.prepare"], cwd=HERE, env=environment, check=False)
    if prepared.returncode != 0:
        return prepared.returncode

    # In sessions of their own: Ctrl-C reaches this process alone, which then ends the others.
    def start(command: list[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, cwd=HERE, env=environment, start_new_session=True)

    server = start(server_command(host, port))
    sweeper, restart = None, 0.0
    try:
        if not wait_for_answer(server, host, port):
            fail("The server did not start.")
        print(f"Serving on {address(host, port)} — stop with Ctrl-C", flush=True)
        while server.poll() is None:
            if (sweeper is None or sweeper.poll() is not None) and time.monotonic() >= restart:
                sweeper, restart = start([python, "-m", "exam_sim.sweeper"]), time.monotonic() + SWEEP_SECONDS
            time.sleep(1)
        fail(f"The server ended by itself with status {server.returncode}.")
    except KeyboardInterrupt:
        return 0
    finally:
        stop([process for process in (sweeper, server) if process is not None])


def server_command(host: str, port: int) -> list[str]:
    command = [str(BIN / "granian"), "--interface", "wsgi", "--host", host, "--port", str(port)]
    command += ["--workers", str(WORKERS), "--blocking-threads", str(THREADS), "--http", "1", "--no-ws"]
    command += ["--log-level", "warning", "--respawn-failed-workers"]
    command += ["--workers-kill-timeout", str(STOP_SECONDS // 2)]
    return [*command, "exam_sim.wsgi:application"]


def interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def address(host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{shown}]:{port}/" if ":" in shown else f"http://{shown}:{port}/"


def require_free(host: str, port: int) -> None:
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as error:
        fail(f"Cannot listen on {host} port {port} ({error.strerror}); choose another with --port.")


def wait_for_answer(server: subprocess.Popen[bytes], host: str, port: int) -> bool:
    """Ask until any answer comes; False when the server died or took too long. `/healthz` answers under any
    host name: other pages would log an error where ALLOWED_HOSTS names the site alone."""
    where = urlsplit(address(host, port))
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=START_SECONDS)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
        else:
            return True
        finally:
            connection.close()
    return False


def stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


# ---- test


def run_tests(arguments: list[str], *, browser: bool) -> NoReturn:
    """Hand over to tests/run.py, which may use what the environment holds; this process becomes that one."""
    prepare_environment(TESTING)
    choice = [] if browser else ["--no-browser"]
    os.chdir(HERE)
    sys.stdout.flush()
    python = str(BIN / "python")
    os.execve(python, [python, "-m", "tests.run", *choice, "--", *arguments], child_environment())  # noqa: S606


def run_module(module: str, arguments: list[str]) -> NoReturn:
    """Hand over to a program of the tests, as to the tests."""
    prepare_environment(TESTING)
    os.chdir(HERE)
    sys.stdout.flush()
    python = str(BIN / "python")
    os.execve(python, [python, "-m", module, *arguments], child_environment())  # noqa: S606


# ---- lint and format


def lint() -> int:
    """Run every check, also after one has failed, so that one run shows all there is to mend."""
    prepare_environment(TESTING)
    manage = [str(BIN / "python"), "manage.py"]
    with tempfile.TemporaryDirectory() as directory:
        local = {"LOCAL_DIR": directory, "DATABASE_URL": "", "DJANGO_SETTINGS_MODULE": "exam_sim.settings"}
        https = {"HTTPS": "on", "TRUSTED_PROXIES": "1", "EMAIL_URL": "console:"}
        production = {**local, **https, "ALLOWED_HOSTS": "exam.example.org"}
        environment = child_environment(**production, SECRET_KEY=secrets.token_urlsafe(48))
        checks = [
            ["ruff", "check"],
            ["ruff", "format", "--check"],
            ["djade", "--check", "--target-version", "5.2", *templates()],
            ["mypy"],
            ["lint-imports"],
            [*manage, "makemigrations", "--check", "--dry-run"],
            [*manage, "check", "--deploy", "--fail-level", "WARNING"],
        ]
        # A list, because a generator would stop at the first failure.
        results = [run_check(command, environment) for command in checks]
        return int(not all(results))


def run_check(command: list[str], environment: dict[str, str]) -> bool:
    began = time.monotonic()
    done = subprocess.run(
        command,
        cwd=HERE,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    shown = " ".join(Path(word).name for word in command if not word.endswith(".html"))
    print(
        f"{'ok' if done.returncode == 0 else 'FAILED':>6} {time.monotonic() - began:5.1f} s  {shown}",
        flush=True,
    )
    if done.returncode != 0:
        print(done.stdout, flush=True)
    return done.returncode == 0


def tidy() -> int:
    """Mend what the tools can mend by themselves."""
    prepare_environment(TESTING)
    for command in (["ruff", "check", "--fix", "--exit-zero"], ["ruff", "format"]):
        subprocess.run([BIN / command[0], *command[1:]], cwd=HERE, check=False)
    subprocess.run([BIN / "djade", "--target-version", "5.2", *templates()], cwd=HERE, check=False)
    return 0


def templates() -> list[str]:
    return sorted(str(path.relative_to(HERE)) for path in (HERE / "templates").rglob("*.html"))


# ---- the command line


def port_number(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        fail(f"A port is a number from 1 to 65535, not {text!r}.")
    return int(text)


def parse(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """Return what is for us, and what is for pytest."""
    parser = argparse.ArgumentParser(
        prog="run.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.set_defaults(host="127.0.0.1", port=None)
    names = "serve | test | bench | faults | lint | format | audit"
    commands = parser.add_subparsers(dest="command", metavar=names)
    for target in (parser, commands.add_parser("serve", help="prepare and serve the site (the default)")):
        # No defaults here: those of "serve" would overwrite what stands before it.
        target.add_argument(
            "--host", default=argparse.SUPPRESS, help="address to listen on; 127.0.0.1 if not given"
        )
        target.add_argument(
            "--port", default=argparse.SUPPRESS, help="port to listen on; $PORT or 8000 if not given"
        )
    test = commands.add_parser(
        "test", allow_abbrev=False, help="run all tests; what follows, as -k clock, is pytest's"
    )
    test.add_argument("--no-browser", action="store_true", help="leave out the tests in a real Chromium")
    commands.add_parser(
        "bench", allow_abbrev=False, add_help=False, help="measure the load; what follows names what"
    )
    commands.add_parser(
        "faults", allow_abbrev=False, add_help=False, help="sit exams while the site is broken on purpose"
    )
    commands.add_parser("lint", help="run every check")
    commands.add_parser("format", help="format code and templates")
    commands.add_parser(
        "audit", allow_abbrev=False, add_help=False, help="ask what is known against the locked packages"
    )
    known, rest = parser.parse_known_args(arguments)
    known.command = known.command or "serve"
    if rest and known.command not in ("test", "bench", "faults", "audit"):
        parser.error(f"unknown argument: {rest[0]}")
    return known, rest


def main() -> int:
    if sys.version_info < (3, 11):  # noqa: UP036  the one module that an older Python may meet
        fail(f"Python 3.11 or later is needed; this is {platform.python_version()}.")
    known, rest = parse(sys.argv[1:])
    with contextlib.suppress(KeyboardInterrupt):
        if known.command == "test":
            run_tests(rest, browser=not known.no_browser)
        if known.command == "bench":
            run_module("tests.benchmarks.bench", rest)
        if known.command == "faults":
            run_module("tests.faults.long", rest)
        if known.command == "audit":
            from tests import audit  # needs the standard library alone, as this module

            return audit.main(rest)
        if known.command == "lint":
            return lint()
        if known.command == "format":
            return tidy()
        return serve(known.host, port_number(known.port or os.environ.get("PORT") or "8000"))
    return 130


if __name__ == "__main__":
    sys.exit(main())
