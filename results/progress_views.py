"""The progress page, and the day of the exam that is set on it."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from exam_sim.http import Request
from results.digest import digest_of
from results.exam_dates import ExamDateForm, remove_exam_date, set_exam_date
from results.progress import ProgressPage


@require_safe
def progress(request: Request) -> HttpResponse:
    now = timezone.now()
    digest_of(request.user, now)
    page = ProgressPage(request.user, request.GET.get("certification", ""), now)
    form = ExamDateForm(today=page.today, initial=page.exam_date)
    return render(request, "results/progress.html", {"page": page, "form": form})


@require_POST
def exam_date(request: Request) -> HttpResponse:
    """Sets, changes or removes the day; a day that cannot be is told on the page itself."""
    page = ProgressPage(request.user, request.POST.get("certification", ""), timezone.now())
    if page.certification is None:
        raise Http404
    back = f"{reverse('results:progress')}?{urlencode({'certification': page.certification_id})}"
    if request.POST.get("action") == "remove":
        remove_exam_date(request.user, page.certification_id)
        messages.success(request, "The day of your exam is removed.")
        return redirect(back)
    form = ExamDateForm(request.POST, today=page.today)
    if not form.is_valid():
        return render(request, "results/progress.html", {"page": page, "form": form}, status=422)
    set_exam_date(request.user, page.certification_id, form.cleaned_data["date"])
    messages.success(request, "The day of your exam is set.")
    return redirect(back)
