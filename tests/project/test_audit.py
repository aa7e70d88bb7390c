"""`run.py audit`: it passes only when it was told so, by a database that knows something."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests import audit

PACKAGES = [("alpha", "1.0"), ("beta", "2.1")]
BAD = {"vulns": [{"id": "PYSEC-1"}, {"id": "GHSA-2"}]}
Answer = Callable[[Any], tuple[int, bytes]]


@contextmanager
def database(answer: Answer) -> Iterator[str]:
    """A server that answers like OSV's, and its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, content = answer(asked) if self.path == "/v1/querybatch" else (404, b"")
            self.send_response(status)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def results(*given: object) -> Answer:
    return lambda asked: (200, json.dumps({"results": given}).encode())


def test_it_asks_for_every_package_by_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[Any] = []

    def answer(asked: Any) -> tuple[int, bytes]:
        seen.append(asked)
        return results(BAD, {}, {})(asked)

    with database(answer) as address:
        assert audit.audit(PACKAGES, address) == 0
    assert seen == [
        {
            "queries": [
                {"package": {"name": name, "ecosystem": "PyPI"}, "version": version}
                for name, version in [("django", "3.2.0"), *PACKAGES]
            ]
        }
    ]
    said = capsys.readouterr()
    assert (said.out, said.err) == ("2 packages were checked; something is known against 0 of them.\n", "")


def test_what_is_known_is_named_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    with database(results(BAD, {}, BAD)) as address:
        assert audit.audit(PACKAGES, address) == 1
    assert capsys.readouterr().out == (
        "beta 2.1: PYSEC-1, GHSA-2\n2 packages were checked; something is known against 1 of them.\n"
    )


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (results({}, {}, {}), "{} has nothing against django==3.2.0, which is known to be vulnerable"),
        (results(BAD, {}), "{} did not answer for every package"),
        (results(BAD, {}, []), "what {} answers for beta cannot be read"),
        (results(BAD, {}, {"vulns": "none"}), "what {} answers for beta cannot be read"),
        (lambda asked: (200, b"{}"), "{} did not answer for every package"),
        (lambda asked: (200, b"[]"), "what {} answers cannot be read"),
        (lambda asked: (200, b"<html>"), "{}: not reachable"),
        (lambda asked: (403, b"{}"), "{}: it answers 403"),
        (lambda asked: (503, b""), "{}: it answers 503"),
    ],
)
def test_whatever_else_is_answered_is_no_pass(
    capsys: pytest.CaptureFixture[str], answer: Answer, why: str
) -> None:
    with database(answer) as address:
        assert audit.audit(PACKAGES, address) == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"NOTHING WAS CHECKED: {why.format(address)}.\n")


def test_where_nobody_answers_nothing_was_checked(capsys: pytest.CaptureFixture[str]) -> None:
    with database(results(BAD, {}, {})) as gone:
        pass
    assert audit.main(["--database", gone]) == 2
    assert capsys.readouterr().err == f"NOTHING WAS CHECKED: {gone}: not reachable.\n"


def test_both_locks_are_read(tmp_path: Path) -> None:
    one, other = tmp_path / "one.txt", tmp_path / "other.txt"
    one.write_text("alpha==1.0 \\\n    --hash=sha256:00\nbeta==2.1 \\\n")
    other.write_text("beta==2.1 \\\n    --hash=sha256:00\nnamed.with-dots==3 ; python_version > '3'\n")
    assert audit.locked(one, other) == [("alpha", "1.0"), ("beta", "2.1"), ("named.with-dots", "3")]
    assert len(audit.locked(*(audit.HERE / lock for lock in audit.LOCKS))) > 30
