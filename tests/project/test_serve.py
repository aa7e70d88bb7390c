"""The whole way from a checkout to a page: prepare, server, sweeper, and an orderly end.

On a SQLite file of its own, whatever database the other tests run on.
"""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from pytest_django import Settings

from exam_sim.accounts.throttle import GUEST

ROOT = Path(__file__).parents[2]


def environment(directory: Path) -> dict[str, str]:
    """As in a shell that sets nothing but where to keep things."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "LOCAL_DIR": str(directory)}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LOCAL_DIR after the first start's preparation."""
    directory = tmp_path_factory.mktemp("site") / "local"
    subprocess.run(
        [sys.executable, "-m", "exam_sim.prepare"], cwd=ROOT, env=environment(directory), check=True
    )
    return directory


def contents(directory: Path) -> tuple[dict[str, float], list[str]]:
    """Return when each kept file was written, and all that is in the database."""
    files = {
        str(path.relative_to(directory)): path.stat().st_mtime
        for path in directory.rglob("*")
        if path.is_file() and not path.name.startswith("exam_sim.sqlite3")
    }
    database = sqlite3.connect(directory / "exam_sim.sqlite3")
    try:
        return files, list(database.iterdump())
    finally:
        database.close()


def test_preparing_a_prepared_site_changes_nothing(prepared: Path) -> None:
    before = contents(prepared)
    again = subprocess.run(
        [sys.executable, "-m", "exam_sim.prepare"],
        cwd=ROOT,
        env=environment(prepared),
        capture_output=True,
        text=True,
        check=True,
    )
    assert (contents(prepared), again.stdout, again.stderr) == (before, "", "")


def test_what_is_kept_is_for_this_user_only(prepared: Path) -> None:
    modes = {oct(path.stat().st_mode & 0o777) for path in [prepared, *prepared.rglob("*")] if path.is_dir()}
    kept = {oct(path.stat().st_mode & 0o777) for path in prepared.rglob("*") if path.is_file()}
    assert (modes, kept) == ({"0o700"}, {"0o600"})


@pytest.fixture(scope="module")
def served(prepared: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The printed address of a running site, and its process."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "run.py", "--port", str(port)],
        cwd=ROOT,
        env=environment(prepared),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            printed = process.stdout.readline() if process.stdout else ""
            assert printed == f"Serving on http://127.0.0.1:{port}/ — stop with Ctrl-C\n"
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.terminate()


def fetch(url: str) -> tuple[int, str, str, bytes]:
    """Return status, encoding, caching and the bytes as sent."""
    request = urllib.request.Request(url, headers={"Accept-Encoding": "br, gzip"})
    with urllib.request.urlopen(request) as answer:
        headers = answer.headers
        encoding, caching = headers.get("Content-Encoding", ""), headers.get("Cache-Control", "")
        return answer.status, encoding, caching, answer.read()


def test_a_page_and_its_styles_are_served_compressed(served: tuple[str, subprocess.Popen[str]]) -> None:
    address, _ = served
    with urllib.request.urlopen(f"{address}/accounts/login/") as answer:
        page = answer.read().decode()
    styles = re.findall(r'href="(/static/[^"]+\.css)"', page)
    answers = [fetch(f"{address}{name}")[:3] for name in styles]
    assert (fetch(f"{address}/accounts/login/")[:2], answers) == (
        (200, "gzip"),
        [(200, "br", "max-age=315360000, public, immutable") for _ in styles],
    )
    assert all(re.search(r"\.[0-9a-f]{12}\.css$", name) for name in styles)


# Lets the post through to what reads its body.
TOKEN = b"Cookie: csrftoken=" + b"a" * 32 + b"\r\nX-CSRFToken: " + b"a" * 32 + b"\r\n"
STRAY: list[bytes] = [
    b"",
    b"\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00",  # the begin of TLS
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n",
    b"GET //evil.example/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET http://evil.example/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET /%ff%00%0d%0aX:%20y HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET /\xff?\xfe HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET /?" + b"q=" * 30_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"y" * 1_000_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X: y\r\n" * 5_000 + b"\r\n",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid=\xff\x00\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid=\xff; csrftoken=\xfe\r\n\r\n",
    *(
        b"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n" + TOKEN + rest
        for rest in (
            b"Content-Length: x\r\n\r\nabc",
            b"Content-Length: -1\r\n\r\nabc",
            b"Content-Length: 3\r\nContent-Length: 5\r\n\r\nabcde",
            b"Content-Length: 3\r\n\r\nabcdef",
            b"Content-Length: 9999999999\r\n\r\nabc",
            b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
            b"Transfer-Encoding: chunked\r\n\r\n5\r\nabc",
            b"Transfer-Encoding: gzip\r\n\r\nabc",
            b"Content-Type: multipart/form-data\r\nContent-Length: 3\r\n\r\nabc",
            b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 3\r\n\r\n--x",
            b"Content-Type: text/plain; charset=rot13\r\nContent-Length: 3\r\n\r\nabc",
            b"Content-Type: text/plain; charset*=foo''x\r\nContent-Length: 3\r\n\r\nabc",
            b"Content-Type: text/html; charset=\x00\r\nContent-Length: 3\r\n\r\nabc",
            b"Content-Type: application/x-www-form-urlencoded; charset=foo\r\nContent-Length: 3\r\n\r\na=b",
            b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 4000000\r\n\r\n"
            + b"a=b&" * 1_000_000,
        )
    ),
]


def test_whatever_comes_in_at_the_socket_gets_no_error_of_the_server(
    served: tuple[str, subprocess.Popen[str]],
) -> None:
    """What is not whole gets no answer, for as long as its sender keeps the line: to limit that is for the
    proxy."""
    address, _ = served
    port = int(address.rpartition(":")[2])
    with ThreadPoolExecutor(max_workers=len(STRAY)) as pool:
        lines = list(pool.map(lambda sent: first_line(port, sent), STRAY))
    harmed = [sent[-150:] for sent, line in zip(STRAY, lines, strict=True) if not HARMLESS.match(line)]
    assert harmed == []
    assert sum(bool(line) for line in lines) > len(STRAY) / 2
    assert fetch(f"{address}/healthz")[0] == 200


HARMLESS = re.compile(rb"$|HTTP/1\.[01] [234]\d\d ")


def first_line(port: int, sent: bytes) -> bytes:
    """What the server answers first; nothing when it hangs up or waits for more."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.settimeout(3)
        try:
            connection.sendall(sent)
            return connection.recv(4096).partition(b"\r\n")[0]
        except (TimeoutError, ConnectionError):
            return b""


def test_limits_by_address_count_for_who_holds_the_other_end(
    served: tuple[str, subprocess.Popen[str]], prepared: Path, settings: Settings
) -> None:
    """What the server gives as the peer's address has no port, which every connection has another of."""
    address, _ = served
    port = int(address.rpartition(":")[2])
    request = b"POST /accounts/guest/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n" + TOKEN + b"\r\n"
    answers = [first_line(port, request) for _ in range(2)]
    settings.SECRET_KEY = (prepared / "secret_key").read_text()
    key = GUEST.of("127.0.0.1").key
    with closing(sqlite3.connect(prepared / "exam_sim.sqlite3")) as database:
        counted = database.execute("SELECT key, count FROM accounts_throttle WHERE key LIKE 'guest:%'")
        assert (answers, counted.fetchall()) == ([b"HTTP/1.1 302 Found"] * 2, [(key, 2)])


def test_told_to_stop_it_ends_and_frees_the_port(served: tuple[str, subprocess.Popen[str]]) -> None:
    address, process = served
    process.send_signal(signal.SIGTERM)
    status = process.wait(timeout=30)
    with socket.create_server(("127.0.0.1", int(address.rpartition(":")[2]))):
        assert status == 0
