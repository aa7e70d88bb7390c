"""A candidate takes their data away: a page, and the files it offers, written while they are sent."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from exam_sim.exams.models import Attempt
from exam_sim.http import NOTHING, Request
from questions.models import Certification
from results import takeout
from results.takeout_cards import cards, missed
from results.takeout_document import document


@dataclass(frozen=True, slots=True)
class Missed:
    certification: Certification
    count: int


@require_safe
def page(request: Request) -> HttpResponse:
    now = timezone.now()
    sat = Attempt.objects.of(request.user).of_candidates()
    certifications = Certification.objects.filter(profiles__attempts__in=sat).distinct().order_by("title")
    context = {
        "attempts": sat.count(),
        "missed": [Missed(one, len(missed(request.user, one, now))) for one in certifications],
    }
    return render(request, "results/takeout.html", context)


@require_safe
def answers(request: Request) -> HttpResponseBase:
    return _file("my-answers.csv", "text/csv; charset=utf-8", takeout.table(request.user))


@require_safe
def everything(request: Request) -> HttpResponseBase:
    pieces = document(request.user, timezone.now())
    return _file("my-exam-simulator-data.json", "application/json", pieces)


@require_safe
def anki(request: Request, certification: str) -> HttpResponseBase:
    wanted = get_object_or_404(Certification, pk=certification)
    now = timezone.now()
    if not missed(request.user, wanted, now):
        messages.info(request, "There is nothing to put on cards: you missed no question.")
        return redirect("results:takeout")
    pieces = iter([cards(request.user, wanted, now).decode()])
    return _file(f"missed-{wanted.pk}-anki.csv", "text/csv; charset=utf-8", pieces)


def _file(name: str, media_type: str, pieces: Iterator[str]) -> StreamingHttpResponse:
    """A file to be saved, never shown or kept by a cache. Names are ours and plain ASCII."""
    response = StreamingHttpResponse((piece.encode() for piece in pieces), content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Security-Policy"] = NOTHING
    response["Cache-Control"] = "private, no-store"
    return response
