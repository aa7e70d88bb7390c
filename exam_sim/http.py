"""Requests and access: the leaf that every view stands on.

Everything needs a log-in, except the views named in `PUBLIC_VIEWS`: one list, so that a review of who may see
what without an account is a look at one place.
"""

from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.csrf import csrf_failure as csrf_failure_page
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

if TYPE_CHECKING:
    from exam_sim.accounts.models import User

PUBLIC_VIEWS = frozenset(
    {
        "accounts:login",
        "accounts:sign_up",
        "accounts:guest",
        "accounts:password_reset",
        "accounts:password_reset_done",
        "accounts:password_reset_confirm",
        "accounts:password_reset_complete",
        "exams:home",
        "exams:profile",
        # For machines
        "healthz",
        "readyz",
        "metrics",
    }
)

METHODS = ("GET", "HEAD", "POST")
"""All that any page here has an answer to. Views of Django's own, the administration above all, would take
PUT, PATCH and DELETE for a GET, or PUT for a POST."""


class TooManyError(Exception):
    """Something was done too often; `wait` is how long it is refused from now on."""

    def __init__(self, wait: timedelta, of: str = "attempts") -> None:
        self.seconds = max(1, ceil(wait.total_seconds()))
        number, unit = (self.seconds, "second") if self.seconds < 60 else (ceil(self.seconds / 60), "minute")
        super().__init__(f"Too many {of}: wait {number} {unit}{'s'[: number != 1]}, then try again.")


class Request(HttpRequest):
    """A request behind the whole middleware stack by somebody who is logged in."""

    htmx: HtmxDetails
    user: "User"


def page_or_partial(request: Request, page: str, partial: str, context: dict[str, Any]) -> HttpResponse:
    """The region `partial` for htmx, the whole `page` for everybody else; for htmx too when it restores a
    page of the history, because then it has nothing to put a region into."""
    whole = not request.htmx or request.htmx.history_restore_request
    response = render(request, page if whole else partial, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def content_policy() -> str:
    """SECURE_CSP as the header says it."""
    return "; ".join(" ".join([directive, *sources]) for directive, sources in settings.SECURE_CSP.items())


NOTHING = "default-src 'none'; sandbox"
"""The policy for what somebody else made and a browser may be led to: it can do and reach nothing."""


def figure(content: bytes, media_type: str, *, max_age: int) -> HttpResponse:
    """An exhibit's bytes, kept by the browser of whoever may see it for `max_age` seconds; a figure never
    changes under its address."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Security-Policy"] = NOTHING
    patch_cache_control(response, private=True, max_age=max_age, immutable=True)
    return response


JSON_VIEWS = frozenset({"exams:events", "exams:clock"})


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asks: such a request is answered by a status and JSON, never by a redirect."""
    match = request.resolver_match
    return (
        (match is not None and match.view_name in JSON_VIEWS)
        or request.content_type == "application/json"
        or request.headers.get("Accept", "").startswith("application/json")
    )


def problem(status: int, message: str) -> JsonResponse:
    """A refusal in one sentence for a script."""
    return JsonResponse({"error": message}, status=status)


def too_many(request: HttpRequest, error: TooManyError) -> HttpResponse:
    """429, with how long to wait; for a script in JSON."""
    response: HttpResponse
    if wants_json(request):
        response = problem(429, str(error))
    else:
        response = render(request, "429.html", {"sentence": str(error)}, status=429)
    response["Retry-After"] = str(error.seconds)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """What a request without a valid token gets: the page templates/403_csrf.html, or for a script one
    sentence."""
    if wants_json(request):
        return problem(403, "This browser's security token has changed. It is sent again with the new one.")
    return csrf_failure_page(request, reason)


class DenyByDefaultMiddleware(LoginRequiredMiddleware):
    """Refuses every method but `METHODS`, and sends anybody without a log-in to log in, unless the view is
    public.

    A script gets 401, because a redirect to a page would look to it like success; htmx gets a redirect of the
    whole page in place of a log-in form inside a fragment.
    """

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        match = request.resolver_match
        if match is not None and match.view_name in PUBLIC_VIEWS:
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return too_many(request, exception) if isinstance(exception, TooManyError) else None

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Any
    ) -> HttpResponseBase:
        if wants_json(request):
            return problem(401, "You are logged out. Log in again: your answers are kept in this browser.")
        if request.headers.get("HX-Request") == "true":
            login_url = self.get_login_url(view_func)
            return HttpResponseClientRedirect(redirect_to_login(_page_of(request), login_url).url)
        return super().handle_no_permission(request, view_func)


def _page_of(request: HttpRequest) -> str:
    """The path of the page in which htmx asks; the home page if what the header names is none of ours."""
    try:
        return HtmxDetails(request).current_url_abs_path or "/"
    except ValueError:  # not even an address
        return "/"
