"""Questions leave in any format; what a format cannot carry is said first."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from exam_sim.bank.downloads import attachment
from exam_sim.bank.http import instructor
from exam_sim.bank.selection import Query, selected
from exam_sim.http import Request
from questions.exporting import export_of
from questions.formats import Export
from questions.formats.exchange import MAX_QUESTIONS
from questions.formats.losses import Loss, losses
from questions.formats.registry import FORMATS, package
from questions.models import Collection

NAMED = 12


@dataclass(frozen=True, slots=True)
class Lost:
    """A loss as the page tells it, and of which questions."""

    sentence: str
    named: Sequence[str]
    others: int


@dataclass(frozen=True, slots=True)
class Choice:
    slug: str
    title: str
    losses: Sequence[Lost]


@require_http_methods(["GET", "HEAD", "POST"])
@instructor
def export(request: Request) -> HttpResponse:
    """Choose a format, knowing what each leaves out. `format` downloads."""
    data = request.POST if request.method == "POST" else request.GET
    questions = selected(request.user, data)
    count = questions.count()
    back = reverse("bank:questions") + Query.read(data).url()
    if count == 0:
        messages.error(request, "Tick the questions to export first, or take all that match.")
        return redirect(back)
    if count > MAX_QUESTIONS:
        messages.error(request, f"Narrow it down: {MAX_QUESTIONS:,} questions are the most in one file.")
        return redirect(back)
    collections = (
        Collection.objects.filter(questions__in=questions).select_related("certification").distinct()
    )
    if len(collections) > 1:
        messages.error(request, "Choose one collection to export: ids are unique only within one.")
        return redirect(back)
    wanted = data.get("format", "")
    exported = export_of(questions, collections[0].certification, with_figures=bool(wanted))
    if wanted:
        format_ = FORMATS.get(wanted)
        if format_ is None or format_.write is None:
            raise Http404
        name, content = package(exported, wanted)
        name = f"{collections[0].pk}-{wanted}{PurePath(name).suffix}"
        return attachment(name, content, "application/octet-stream")
    context = {"count": count, "choices": choices(exported), "fields": _fields(data)}
    return render(request, "bank/export.html", context)


def choices(exported: Export) -> list[Choice]:
    return [
        Choice(slug, format_.title, [_lost(loss) for loss in losses(exported.drafts, format_)])
        for slug, format_ in FORMATS.items()
        if format_.write
    ]


def _lost(loss: Loss) -> Lost:
    return Lost(_sentence(loss), loss.ids[:NAMED], max(0, len(loss.ids) - NAMED))


def _sentence(loss: Loss) -> str:
    questions = "1 question" if len(loss.ids) == 1 else f"{len(loss.ids):,} questions"
    if loss.left_out:
        return f"{questions} altogether: {loss.feature.value}"
    return f"The {loss.feature.value} of {questions}"


def _fields(data: QueryDict) -> list[tuple[str, str]]:
    """The selection again, for the form that downloads."""
    return [
        (name, str(value))
        for name, values in data.lists()
        if name not in {"csrfmiddlewaretoken", "format"}
        for value in values
    ]
