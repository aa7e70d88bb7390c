"""Log lines for machines (LOG_FORMAT=json), and the access log.

A line is one JSON object. It holds names of views and never a path, a query string, a body, an address or an
e-mail: paths hold ids, and that of a password reset its token; texts of exceptions hold what somebody typed,
so of an exception the line has its type and where it came from. `request` is the same in all lines of one
request, in the answer's X-Request-ID, and in the proxy's log if that sent one.
"""

import json
import logging
import re
import secrets
import time
import traceback
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from http import HTTPStatus

from django.http import HttpRequest, HttpResponseBase

GetResponse = Callable[[HttpRequest], HttpResponseBase]
QUIET_VIEWS = frozenset({"healthz", "readyz", "metrics"})
"""Asked every few seconds by machines: in the access log at DEBUG alone."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")
_request_id: ContextVar[str] = ContextVar("request_id", default="")

access = logging.getLogger("exam_sim.access")


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
        }
        request = getattr(record, "request", None)
        # Django's own line about a request comes when the middleware is through with it.
        if request_id := _request_id.get() or getattr(request, "log_id", ""):
            line["request"] = request_id
        if isinstance(fields := getattr(record, "fields", None), dict):
            line |= fields
        elif isinstance(request, HttpRequest):
            # Its text and every part of it may be the path, or where somebody came from.
            status = getattr(record, "status_code", None)
            line |= {"message": phrase_of(status), "view": view_of(request), "status": status}
        else:
            line["message"] = record.getMessage()
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__qualname__
            line["trace"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return json.dumps(line, ensure_ascii=False, default=str)


def phrase_of(status: int | None) -> str:
    try:
        return HTTPStatus(status or 0).phrase
    except ValueError:
        return ""


def view_of(request: HttpRequest) -> str | None:
    return request.resolver_match.view_name if request.resolver_match else None


def identify(get_response: GetResponse) -> GetResponse:
    """Middleware: give each request an id, the proxy's if it sent a proper one."""

    def identified(request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        request.log_id = request_id  # type: ignore[attr-defined]
        token = _request_id.set(request_id)
        try:
            response = get_response(request)
        finally:
            _request_id.reset(token)
        response.headers["X-Request-ID"] = request_id
        return response

    return identified


def log_access(get_response: GetResponse) -> GetResponse:
    """Middleware: a line for each request, with its view, method, status and milliseconds."""

    def logged(request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response = get_response(request)
        view = view_of(request)
        fields = {
            "message": "request",
            "view": view,
            "method": request.method,
            "status": response.status_code,
            "ms": round(1000 * (time.perf_counter() - began), 1),
        }
        level = logging.DEBUG if view in QUIET_VIEWS else logging.INFO
        access.log(level, "%s %s %s %s ms", *list(fields.values())[1:], extra={"fields": fields})
        return response

    return logged
