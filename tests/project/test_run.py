"""The one command: what it understands, and what it says when something is missing."""

import argparse
import os
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

import run as command
from tests.run import concerns, with_suffix

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("words", "known", "rest"),
    [
        ([], {"command": "serve", "host": "127.0.0.1", "port": None}, []),
        (["--port", "8123"], {"command": "serve", "host": "127.0.0.1", "port": "8123"}, []),
        (["serve", "--host", "::1"], {"command": "serve", "host": "::1", "port": None}, []),
        (["--port", "8123", "serve"], {"command": "serve", "host": "127.0.0.1", "port": "8123"}, []),
        (
            ["test", "tests/exams", "-k", "clock", "--no-browser"],
            {"command": "test", "host": "127.0.0.1", "port": None, "no_browser": True},
            ["tests/exams", "-k", "clock"],
        ),
        (
            ["bench", "saves", "--write"],
            {"command": "bench", "host": "127.0.0.1", "port": None},
            ["saves", "--write"],
        ),
        (
            ["faults", "--exams", "20"],
            {"command": "faults", "host": "127.0.0.1", "port": None},
            ["--exams", "20"],
        ),
    ],
)
def test_command_line_is_split_between_us_and_pytest(
    words: list[str], known: dict[str, object], rest: list[str]
) -> None:
    assert command.parse(words) == (argparse.Namespace(**known), rest)


def call(*words: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "run.py", *words],
        cwd=ROOT,
        env={**os.environ, **changes},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_unknown_argument_is_named() -> None:
    refused = call("lint", "--fast")
    assert (refused.returncode, refused.stderr.splitlines()[-1]) == (
        2,
        "run.py: error: unknown argument: --fast",
    )


def test_a_port_that_is_no_port_is_named() -> None:
    refused = call(PORT="http")
    assert (refused.returncode, refused.stderr) == (1, "A port is a number from 1 to 65535, not 'http'.\n")


def test_a_port_in_use_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = call("--port", str(port))
    assert (refused.returncode, refused.stderr) == (
        1,
        f"Cannot listen on 127.0.0.1 port {port} (Address already in use); choose another with --port.\n",
    )


class Listening(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_error(503)


def test_the_start_asks_what_answers_under_any_name_of_a_host() -> None:
    with HTTPServer(("127.0.0.1", 0), Listening) as server, subprocess.Popen(["sleep", "60"]) as process:
        threading.Thread(target=server.handle_request).start()
        answered = command.wait_for_answer(process, "127.0.0.1", server.server_port)
        process.kill()
    assert (answered, Listening.asked) == (True, ["/healthz"])


@pytest.mark.parametrize(
    ("errors", "sentence"),
    [
        (
            "WARNING: Retrying … after connection broken by 'NewConnectionError(…)'\nERROR: No matching …",
            "The packages cannot be fetched: the package index does not answer. Is this machine online?",
        ),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "The packages cannot be installed: the disk is full.",
        ),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES",
            "The packages cannot be installed; pip says:\nERROR: THESE PACKAGES DO NOT MATCH THE HASHES",
        ),
    ],
)
def test_what_pip_said_becomes_a_sentence(errors: str, sentence: str) -> None:
    assert command.explain(errors) == sentence


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/"),
        ("0.0.0.0", "http://127.0.0.1:8000/"),  # noqa: S104
        ("::1", "http://[::1]:8000/"),
        ("exam.example.org", "http://exam.example.org:8000/"),
    ],
)
def test_the_printed_address_can_be_opened(host: str, shown: str) -> None:
    assert command.address(host, 8000) == shown


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ([], True),
        (["-k", "clock"], True),
        (["tests"], True),
        (["tests/browser/test_console.py::test_name"], True),
        (["tests/project", "-x"], False),
    ],
)
def test_browser_tests_are_looked_at_only_where_the_paths_take_them_in(
    arguments: list[str], wanted: bool
) -> None:
    assert concerns("tests/browser", arguments) == wanted


def test_parts_on_one_server_get_databases_of_their_own() -> None:
    assert (
        with_suffix("postgres://postgres@/postgres?host=/tmp/pg", "browser"),
        with_suffix("postgres://anna:p%40ss@db.example/exams", "benchmark"),
    ) == (
        "postgres://postgres@/postgres_browser?host=/tmp/pg",
        "postgres://anna:p%40ss@db.example/exams_benchmark",
    )
