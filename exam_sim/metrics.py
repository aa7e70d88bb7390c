"""What is counted while the site works, for Prometheus: a leaf that everybody may call.

Nothing is counted, and the client library not loaded, until `start` was called, which is done where
METRICS_TOKEN is set. Each process writes its numbers to files of its own in one directory (the client's
multiprocess mode), and whichever process is asked adds them all up. Counts of processes that have ended stay,
so that sums never fall, until `exam_sim.prepare` begins a new version with an empty directory.

Labels are names of views, methods, statuses and words of our own: no person, no id, no address.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponseBase

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

LATENCIES = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
DURATIONS = (0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0)
METHODS = frozenset({"GET", "HEAD", "POST"})
NO_VIEW = "none"
"""Of a request that matched no URL."""

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class Metrics:
    """The instruments. `statements` counts those of the request that this thread is at work on."""

    def __init__(self) -> None:
        # Only now: the library reads where its files are when it is loaded.
        from prometheus_client import Counter, Histogram

        self.requests = Counter(
            "exam_sim_requests", "Requests answered.", ("view", "method", "status"), registry=None
        )
        self.seconds = Histogram(
            "exam_sim_request_seconds",
            "From reading a request to its answer.",
            ("view",),
            buckets=LATENCIES,
            registry=None,
        )
        self.statements = Counter(
            "exam_sim_database_statements", "Statements sent to the database.", ("view",), registry=None
        )
        self.events = Counter(
            "exam_sim_answer_events",
            "Answer events received, by what became of them.",
            ("outcome",),
            registry=None,
        )
        self.started = Counter("exam_sim_attempts_started", "Attempts started.", ("mode",), registry=None)
        self.closed = Counter("exam_sim_attempts_closed", "Attempts closed.", ("reason",), registry=None)
        self.imports = Histogram(
            "exam_sim_import_seconds", "Time that imports took.", ("step",), buckets=DURATIONS, registry=None
        )
        self.of_thread = threading.local()
        self._bound: dict[tuple[str, str, int], tuple[Any, Any, Any]] = {}

    def request(self, view: str, method: str, status: int, seconds: float, statements: int) -> None:
        bound = self._bound.get((view, method, status))
        if bound is None:
            bound = (
                self.requests.labels(view, method, str(status)),
                self.seconds.labels(view),
                self.statements.labels(view),
            )
            self._bound[view, method, status] = bound
        bound[0].inc()
        bound[1].observe(seconds)
        if statements:
            bound[2].inc(statements)


_metrics: Metrics | None = None


def start(directory: Path) -> None:
    """Count from now on, in files in `directory`."""
    global _metrics  # noqa: PLW0603 - one for the process, as the library has it
    if _metrics is None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(directory)
        _metrics = Metrics()


def clear(directory: Path) -> None:
    """Forget what was counted, before the processes that count are started."""
    for path in directory.glob("*.db"):
        path.unlink(missing_ok=True)


def count_statements(sender: object, connection: "BaseDatabaseWrapper", **kwargs: object) -> None:
    """Receives `connection_created`: count what this connection is asked from now on."""
    if _metrics is not None and _count not in connection.execute_wrappers:
        connection.execute_wrappers.append(_count)


def _count(execute: Callable[..., object], sql: str, params: object, many: bool, context: object) -> object:
    if _metrics is not None:
        of_thread = _metrics.of_thread
        of_thread.statements = getattr(of_thread, "statements", 0) + 1
    return execute(sql, params, many, context)


def requests(get_response: GetResponse) -> GetResponse:
    """Middleware: count each request by its view, method and status, with its time and its statements."""

    def counted(request: HttpRequest) -> HttpResponseBase:
        if _metrics is None:
            return get_response(request)
        of_thread, began = _metrics.of_thread, time.perf_counter()
        of_thread.statements = 0
        response = get_response(request)
        match = request.resolver_match
        _metrics.request(
            match.view_name if match else NO_VIEW,
            request.method if request.method in METHODS else "other",
            response.status_code,
            time.perf_counter() - began,
            of_thread.statements,
        )
        return response

    return counted


def answer_events(outcomes: Iterable[str]) -> None:
    """`stored`, `superseded`, `duplicate`, or the reason of a refusal."""
    if _metrics is not None:
        for outcome in outcomes:
            _metrics.events.labels(outcome).inc()


def attempt_started(mode: str) -> None:
    if _metrics is not None:
        _metrics.started.labels(mode).inc()


def attempt_closed(reason: str) -> None:
    """`candidate`, `clock` or `discarded`."""
    if _metrics is not None:
        _metrics.closed.labels(reason).inc()


@contextmanager
def timed_import(step: str) -> Iterator[None]:
    """`read`: an upload into its preview; `apply`: that into the bank; `files`: on the command line."""
    began = time.perf_counter()
    yield
    if _metrics is not None:
        _metrics.imports.labels(step).observe(time.perf_counter() - began)
