"""Problems that candidates reported with questions: the queue of those who may change them."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from exam_sim.bank.http import instructor
from exam_sim.bank.reports_page import Query, ReportPage, ReportsPage
from exam_sim.http import Request
from results import reports as written
from results.models import Report, ReportState
from results.review_forms import Written


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(
        choices=[(state.value, state.label) for state in written.DECISIONS],
        error_messages={"required": "Choose fixed or declined."},
    )
    reply = Written(required=False)


@require_safe
@instructor
def reports(request: Request) -> HttpResponse:
    page = ReportsPage(request.user, Query.read(request.GET), request.GET.get("page"))
    return render(request, "bank/reports.html", {"page": page})


@require_safe
@instructor
def report(request: Request, report_id: UUID) -> HttpResponse:
    return _page(request, _report(request, report_id), DecisionForm())


@require_POST
@instructor
def decide(request: Request, report_id: UUID) -> HttpResponse:
    found = _report(request, report_id)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form)
    decision = ReportState(form.cleaned_data["decision"])
    try:
        written.decide(found.pk, decision, form.cleaned_data["reply"], request.user, timezone.now())
    except written.DecidedError:
        messages.error(request, "Nothing was changed: somebody decided about this report before you.")
    else:
        messages.success(request, f"{decision.label}. The candidate reads it in their review.")
    return redirect("bank:report", found.pk)


@require_POST
@instructor
def reopen(request: Request, report_id: UUID) -> HttpResponse:
    found = _report(request, report_id)
    try:
        written.reopen(found.pk)
    except written.NotDecidedError:
        messages.error(
            request, "Nothing was changed: this candidate has an open report of the question already."
        )
    else:
        messages.success(request, "The report is open again, and its reply is taken back.")
    return redirect("bank:report", found.pk)


def _report(request: Request, report_id: UUID) -> Report:
    """One of a question that the user may change; any other is not there."""
    found = written.to_decide(request.user).select_related(
        "reporter",
        "decided_by",
        "version__task_statement",
        "question__collection",
        "question__current_version",
    )
    return get_object_or_404(found, pk=report_id)


def _page(request: Request, found: Report, form: DecisionForm) -> HttpResponse:
    return render(request, "bank/report.html", {"page": ReportPage(request.user, found), "form": form})
