"""The study page, and the ways from it into a session."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from exam_sim.exams.exceptions import NothingToStudyError
from exam_sim.exams.models import Attempt, ExamProfile, Study
from exam_sim.http import Request
from results import study
from results.digest import digest_of
from results.study import Desk, Terms
from results.study_form import LENGTH, CustomForm, DrillForm, StudyForm
from results.study_page import StudyPage, profiles_to_study


@require_safe
def hub(request: Request) -> HttpResponse:
    profile = _profile(request.GET)
    if profile is None:
        return render(request, "results/study.html", {"page": None})
    now = timezone.now()
    digest_of(request.user, now)
    page = StudyPage(Desk(request.user, profile, now))
    return render(request, "results/study.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: Request) -> HttpResponse:
    """GET is where a log-in in between comes back to: it starts nothing."""
    if request.method != "POST":
        return redirect("results:study")
    desk = _desk(request)
    page = StudyPage(desk, request.POST)
    form = page.posted
    if not form.is_valid():
        return render(request, "results/study.html", {"page": page}, status=422)
    try:
        attempt = _begin(desk, form)
    except NothingToStudyError as nothing:
        form.add_error(None, str(nothing))
        return render(request, "results/study.html", {"page": page}, status=422)
    return redirect("exams:attempt", attempt.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def drill(request: Request) -> HttpResponse:
    """One click from a plan: an untimed drill of a task statement, explained as it goes."""
    if request.method != "POST":
        return redirect("results:study")
    desk = _desk(request)
    length = request.POST.get("length", "")
    is_number = length.isascii() and length.isdigit() and len(length) < 5
    terms = Terms(min(max(int(length), 1), LENGTH * 3) if is_number else LENGTH)
    try:
        attempt = study.drill(
            desk, request.POST.get("domain", ""), request.POST.get("task_statement", ""), terms
        )
    except NothingToStudyError as nothing:
        messages.warning(request, str(nothing))
        return redirect("results:study")
    return redirect("exams:attempt", attempt.pk)


def _begin(desk: Desk, form: StudyForm) -> Attempt:
    match form.study:
        case Study.DRILL:
            assert isinstance(form, DrillForm)  # noqa: S101 - FORMS says so
            return study.drill(desk, form.domain, form.task_statement, form.terms)
        case Study.CUSTOM:
            assert isinstance(form, CustomForm)  # noqa: S101 - FORMS says so
            return study.custom(desk, form.wish, form.terms)
        case Study.WEAK:
            return study.weak(desk, form.terms)
        case Study.MISSED:
            return study.missed(desk, form.terms)
    return study.due(desk, form.terms)


def _desk(request: Request) -> Desk:
    profile = _profile(request.POST)
    if profile is None:
        raise Http404
    now = timezone.now()
    digest_of(request.user, now)
    return Desk(request.user, profile, now)


def _profile(data: Mapping[str, Any]) -> ExamProfile | None:
    """The exam that is prepared for: of the certification that was asked for, or the first one. None where no
    exam is set up."""
    profiles = profiles_to_study()
    wanted = data.get("certification")
    return next((p for p in profiles if p.certification_id == wanted), next(iter(profiles), None))
