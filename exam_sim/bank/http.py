"""Requests of people who work on the bank."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from django.http import Http404, HttpResponseBase

from exam_sim.accounts.models import User
from exam_sim.http import Request
from questions import access
from results import reports
from results.models import ReportState

View = Callable[..., HttpResponseBase]


class InstructorRequest(Request):
    """`open_reports` counts what waits to be decided, for the pages that tell it."""

    open_reports: Callable[[], int]


def instructor(view: View) -> View:
    """For everybody else these pages are not there."""

    @wraps(view)
    def guarded(request: InstructorRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not access.may_work_on_the_bank(request.user):
            raise Http404
        request.open_reports = partial(open_reports, request.user)
        return view(request, *args, **kwargs)

    return guarded


def open_reports(user: User) -> int:
    return reports.to_decide(user).filter(state=ReportState.OPEN).count()
