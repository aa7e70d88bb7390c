"""Middleware of our own: security headers, pages that no cache may keep, and what is worth compressing."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_cache_control
from django.views.defaults import bad_request

from exam_sim.http import content_policy

logger = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponseBase]
PRIVATE_TYPES = ("text/html", "application/json")


def content_security_policy(get_response: GetResponse) -> GetResponse:
    """Send SECURE_CSP, the same for every page, and PERMISSIONS_POLICY. A view that serves what somebody else
    wrote may have set a stricter policy: that one stays."""
    policy = content_policy()

    def add_headers(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers["Permissions-Policy"] = settings.PERMISSIONS_POLICY
        return response

    return add_headers


def private_pages(get_response: GetResponse) -> GetResponse:
    """Keep what a logged-in person was shown out of every cache, unless the view said otherwise.

    A response that never looked at the session cannot depend on who asks; it is left alone.
    """

    def forbid_storing(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if (
            not response.has_header("Cache-Control")
            and response.headers.get("Content-Type", "").startswith(PRIVATE_TYPES)
            and request.session.accessed
            and request.user.is_authenticated
        ):
            patch_cache_control(response, private=True, no_store=True)
        return response

    return forbid_storing


class RefusedLookupsMiddleware:
    """400 where the administration was asked for what cannot be: Django's own pages take `_to_field`, ids and
    the fields that an address presets, for what a page of theirs wrote."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        match = request.resolver_match
        if match is None or match.app_name != "admin":
            return None
        if not isinstance(exception, FieldDoesNotExist | ValidationError | DataError):
            return None
        logger.warning("Refused a lookup of the administration", exc_info=exception)
        return bad_request(request, exception)


class LongPagesGZipMiddleware(GZipMiddleware):
    """Leaves alone what fits into one packet compressed or not, as the reply to an answer does: nobody gets
    it any sooner, and it costs the server 0.1 ms."""

    packet = 1000

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if isinstance(response, HttpResponse) and len(response.content) < self.packet:
            return response
        return super().process_response(request, response)
