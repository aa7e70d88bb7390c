"""Pages about closed attempts. Nothing about an open one is ever shown here: its keys have not been given
out."""

from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from exam_sim.exams.models import Attempt, State
from exam_sim.http import Request
from results.grading import result_for, with_graded


def own_attempt(request: Request, attempt_id: UUID, now: datetime) -> Attempt:
    """The candidate's own attempt, closed first if its time has run out; discarded ones are as if they never
    were."""
    attempt = with_graded(Attempt.objects.of(request.user)).filter(pk=attempt_id).first()
    if attempt is None or attempt.state == State.DISCARDED:
        raise Http404
    return attempt


@require_safe
def result(request: Request, attempt_id: UUID) -> HttpResponse:
    now = timezone.now()
    attempt = own_attempt(request, attempt_id, now)
    if attempt.state == State.OPEN:
        return redirect("exams:attempt", attempt.pk)
    return render(request, "results/result.html", {"attempt": attempt, "result": result_for(attempt, now)})


@require_safe
def review(request: Request, attempt_id: UUID) -> HttpResponse:
    now = timezone.now()
    attempt = own_attempt(request, attempt_id, now)
    if attempt.state == State.OPEN:
        return redirect("exams:attempt", attempt.pk)
    return render(request, "results/review.html", {"attempt": attempt})


@require_safe
def history(request: Request) -> HttpResponse:
    return render(request, "results/history.html", {})
