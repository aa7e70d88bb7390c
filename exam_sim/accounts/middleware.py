"""Keeps `User.last_active` up to date and the session alive: at most one write of each a day."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from exam_sim.accounts.models import User

EVERY = timedelta(days=1)
QUIET_VIEWS = frozenset({"exams:clock"})


class LastActiveMiddleware:
    """Stands below `DenyByDefaultMiddleware`. Views that a page polls are no sign of a person.

    The session's age counts from its last write, so saving it here lets it slide: who comes back often
    enough is never logged out, and a guest's session lives as long as the guest. Each session slides for
    itself: what somebody does on one device says nothing of another.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any) -> None:
        user = request.user
        match = request.resolver_match
        if not isinstance(user, User) or match is None or match.view_name in QUIET_VIEWS:
            return
        now = timezone.now()
        if user.last_active < now - EVERY:
            User.objects.filter(pk=user.pk, last_active__lt=now - EVERY).update(last_active=now)
        written = _written(request.session)
        if written is not None and written < now - EVERY:
            request.session.modified = True


def _written(session: SessionBase) -> datetime | None:
    """When the session was last saved; None for one that was not read, being new."""
    expires: datetime | None = getattr(session, "expires", None)
    return expires and expires - timedelta(seconds=session.get_expiry_age())
