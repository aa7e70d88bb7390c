"""What machines ask: is the process up, may it get requests, what has it counted?

A load balancer knows a host by its address and speaks plain HTTP to it, so these three stand before the
check of the host's name, before sessions, and outside the redirect to HTTPS (`SECURE_REDIRECT_EXEMPT`).
"""

from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import resolve
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from exam_sim.operations import heartbeat


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process is up. Asks nobody, so that a database that is down restarts no server."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when all is as it must be to serve, else 503; either way what was looked at."""
    found = {"database": "ok", "migrations": "unknown", "sweeper": "unknown"}
    try:
        missing = missing_migrations()
        found["migrations"] = f"{missing} not applied" if missing else "ok"
        silence = heartbeat.silence(timezone.now())
        if silence is None:
            found["sweeper"] = "has not swept yet"
        elif silence > heartbeat.LONGEST_SILENCE:
            found["sweeper"] = f"swept {silence.total_seconds():.0f} s ago"
        else:
            found["sweeper"] = "ok"
    except Error:
        if found["migrations"] == "unknown":
            found["database"] = "does not answer"
    ready = set(found.values()) == {"ok"}
    return JsonResponse({"ready": ready, **found}, status=200 if ready else 503)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """What `exam_sim.metrics` counts, to whoever brings the token; without one set there is no such page."""
    if not settings.METRICS_TOKEN:
        return HttpResponse("Not found.\n", status=404, content_type="text/plain; charset=utf-8")
    given = request.headers.get("Authorization", "")
    if not constant_time_compare(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()):
        refusal = HttpResponse(
            "The token is missing.\n", status=401, content_type="text/plain; charset=utf-8"
        )
        refusal["WWW-Authenticate"] = "Bearer"
        return refusal
    from exam_sim.operations.exposition import CONTENT_TYPE, exposition  # loads the client library

    return HttpResponse(exposition(timezone.now()), content_type=CONTENT_TYPE)


def missing_migrations() -> int:
    """How many of the migrations that this version brings the database has not seen."""
    return len(_migrations() - MigrationRecorder(connection).applied_migrations().keys())


@cache
def _migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)


PATHS = frozenset({"/healthz", "/readyz", "/metrics"})


def first(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: answer these before anything looks at host, session or user."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.path_info not in PATHS:
            return get_response(request)
        request.resolver_match = match = resolve(request.path_info)
        return match.func(request)

    return answer
