"""Requests of people who work on the bank."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponseBase

from exam_sim.http import Request
from questions import access

View = Callable[..., HttpResponseBase]


def instructor(view: View) -> View:
    """For everybody else these pages are not there."""

    @wraps(view)
    def guarded(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not access.may_work_on_the_bank(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded
