"""Pages about closed attempts. Nothing of an open one is shown here: its keys have not been given out."""

from datetime import datetime
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from exam_sim.exams.attempts import close_if_due
from exam_sim.exams.compression import compressed
from exam_sim.exams.models import Attempt, State
from exam_sim.http import Request, page_or_partial
from results.grading import result_for, with_graded
from results.history import PAGE_SIZE, attempts_of, rows
from results.pacing_page import PacingPage
from results.report import result_page, with_reserve_spent
from results.review import Choice, ReviewPage


def own_attempt(request: Request, attempt_id: UUID, now: datetime) -> Attempt:
    """The candidate's own attempt, closed first if its time ran out; a discarded one is as if it never
    was."""
    own = with_reserve_spent(with_graded(Attempt.objects.of(request.user)))
    attempt = own.select_related("profile").filter(pk=attempt_id).first()
    if attempt is None or attempt.state == State.DISCARDED:
        raise Http404
    try:
        return close_if_due(attempt, now)
    except Attempt.DoesNotExist:
        raise Http404 from None


@require_safe
def history(request: Request) -> HttpResponse:
    page = Paginator(attempts_of(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "results/history.html", {"page": page, "rows": rows(page, timezone.now())})


@require_safe
def result(request: Request, attempt_id: UUID) -> HttpResponse:
    now = timezone.now()
    attempt = own_attempt(request, attempt_id, now)
    if attempt.state == State.OPEN:
        return redirect("exams:attempt", attempt.pk)
    if attempt.is_preview:
        return redirect("results:review", attempt.pk)
    page = result_page(request.user, attempt, result_for(attempt, now), now)
    return render(request, "results/result.html", {"page": page})


@require_safe
@compressed
def review(request: Request, attempt_id: UUID) -> HttpResponse:
    attempt = own_attempt(request, attempt_id, timezone.now())
    if attempt.state == State.OPEN:
        return redirect("exams:attempt", attempt.pk)
    page = ReviewPage(attempt, Choice.read(request.GET))
    return page_or_partial(request, "results/review.html", "results/_review.html", {"page": page})


@require_safe
@compressed
def pacing(request: Request, attempt_id: UUID) -> HttpResponse:
    attempt = own_attempt(request, attempt_id, timezone.now())
    if attempt.state == State.OPEN:
        return redirect("exams:attempt", attempt.pk)
    if attempt.is_preview:
        return redirect("results:review", attempt.pk)
    return render(request, "results/pacing.html", {"page": PacingPage(attempt)})
