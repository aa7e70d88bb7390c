"""Log lines for machines say what happened, and nothing that a person wrote."""

import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest
from django.test import Client, override_settings

from exam_sim.logs import JsonFormatter
from tests.factories import make_user

MIDDLEWARE = ["exam_sim.logs.identify", "exam_sim.logs.log_access"]


@pytest.fixture
def lines() -> Iterator[StringIO]:
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root, access = logging.getLogger(), logging.getLogger("exam_sim.access")
    root.addHandler(handler)
    access.setLevel(logging.INFO)
    with override_settings(MIDDLEWARE=[*MIDDLEWARE, *_middleware()]):
        yield stream
    access.setLevel(logging.NOTSET)
    root.removeHandler(handler)


def _middleware() -> list[str]:
    from django.conf import settings

    return list(settings.MIDDLEWARE)


def read(stream: StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.django_db
def test_a_request_is_one_line_with_the_proxys_id(lines: StringIO) -> None:
    response = Client().get("/?q=somebody@example.org", headers={"X-Request-ID": "abcdef-123456"})
    (line,) = read(lines)
    assert isinstance(line.pop("ms"), float)
    del line["at"]
    assert line == {
        "level": "INFO",
        "logger": "exam_sim.access",
        "request": "abcdef-123456",
        "message": "request",
        "view": "exams:home",
        "method": "GET",
        "status": 200,
    }
    assert response.headers["X-Request-ID"] == "abcdef-123456"


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["", "short", "x" * 65, "a b c d e f g h", 'quote"quote"'])
def test_an_id_that_is_not_one_is_replaced(lines: StringIO, given: str) -> None:
    response = Client().get("/", headers={"X-Request-ID": given})
    assert len(response.headers["X-Request-ID"]) == 16
    assert read(lines)[0]["request"] == response.headers["X-Request-ID"]


@pytest.mark.django_db
def test_a_page_that_is_not_there_is_logged_without_its_path(lines: StringIO) -> None:
    Client().get("/accounts/reset/MQ/a-secret-token-of-somebody/x?mail=somebody@example.org")
    assert "secret" not in lines.getvalue()
    assert "somebody" not in lines.getvalue()
    first, second = read(lines)
    assert [(line["logger"], line["message"], line["view"], line["status"]) for line in (first, second)] == [
        ("exam_sim.access", "request", None, 404),
        ("django.request", "Not Found", None, 404),
    ]
    assert first["request"] == second["request"]


@pytest.mark.django_db
def test_a_refusal_is_logged_without_its_path_and_where_it_came_from(lines: StringIO) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user())
    client.get("/admin/login/?next=somebody")
    elsewhere = {"Referer": "https://somebody.example/a-secret/"}
    client.post("/accounts/login/", secure=True, headers=elsewhere)
    client.get("/a-secret/", headers={"Host": "somebody.example"})
    told = [line for line in read(lines) if line["logger"] != "exam_sim.access"]
    assert [(line["logger"], line["message"], line["view"], line["status"]) for line in told] == [
        ("django.request", "Forbidden", "exam_sim.accounts.views.admin_door", 403),
        ("django.security.csrf", "Forbidden", "accounts:login", 403),
        ("django.security.DisallowedHost", "Bad Request", None, 400),
    ]
    assert [word for word in ("somebody", "secret", "/login") if word in lines.getvalue()] == []


def test_probes_are_not_in_the_access_log(lines: StringIO) -> None:
    Client().get("/healthz")
    assert lines.getvalue() == ""


def test_an_exception_is_its_type_and_where_it_was_raised(lines: StringIO) -> None:
    try:
        int("somebody@example.org")
    except ValueError:
        logging.getLogger("exam_sim.test").exception("Attempt %s cannot be scored", 7)
    (line,) = read(lines)
    assert (line["message"], line["exception"]) == ("Attempt 7 cannot be scored", "ValueError")
    assert "somebody" not in lines.getvalue()
    assert "test_an_exception_is_its_type" in str(line["trace"])
