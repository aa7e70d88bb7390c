"""The headers that every answer carries."""

import pytest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.test import Client, RequestFactory

from exam_sim.accounts.sessions import SessionStore
from exam_sim.middleware import LongPagesGZipMiddleware, private_pages


class Person:
    def __init__(self, *, is_authenticated: bool) -> None:
        self.is_authenticated = is_authenticated


def cache_control(*, logged_in: bool, looks_at_session: bool, content_type: str, given: str = "") -> str:
    def view(request: HttpRequest) -> HttpResponseBase:
        if looks_at_session:
            request.session.accessed = True
        return HttpResponse(content_type=content_type, headers={"Cache-Control": given} if given else {})

    request = RequestFactory().get("/")
    request.session = SessionStore()
    request.user = Person(is_authenticated=logged_in)  # type: ignore[assignment]
    return private_pages(view)(request).headers.get("Cache-Control", "")


@pytest.mark.parametrize("content_type", ["text/html; charset=utf-8", "application/json"])
def test_what_a_logged_in_person_sees_is_kept_by_no_cache(content_type: str) -> None:
    shown = cache_control(logged_in=True, looks_at_session=True, content_type=content_type)
    assert shown == "private, no-store"


def test_the_view_has_the_last_word_on_caching() -> None:
    shown = cache_control(logged_in=True, looks_at_session=True, content_type="text/html", given="max-age=60")
    assert shown == "max-age=60"


@pytest.mark.parametrize(
    ("logged_in", "looks_at_session", "content_type"),
    [(False, True, "text/html"), (True, False, "text/html"), (True, True, "image/svg+xml")],
)
def test_anything_else_is_left_alone(logged_in: bool, looks_at_session: bool, content_type: str) -> None:
    shown = cache_control(logged_in=logged_in, looks_at_session=looks_at_session, content_type=content_type)
    assert shown == ""


@pytest.mark.parametrize(("length", "encoding"), [(999, ""), (1000, "gzip")])
def test_what_fits_into_one_packet_is_not_compressed(length: int, encoding: str) -> None:
    compress = LongPagesGZipMiddleware(lambda request: HttpResponse("a" * length))
    response = compress(RequestFactory().get("/", headers={"Accept-Encoding": "gzip"}))
    assert response.headers.get("Content-Encoding", "") == encoding


@pytest.mark.django_db
def test_every_page_carries_the_same_policy() -> None:
    headers = Client().get("/no-such-page/").headers
    assert {name: headers[name] for name in POLICY} == POLICY


POLICY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "font-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
