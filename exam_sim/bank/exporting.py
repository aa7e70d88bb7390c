"""Questions leave in any format; what a format cannot carry is said first."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from exam_sim.bank.downloads import attachment
from exam_sim.bank.http import instructor
from exam_sim.bank.selection import selected
from exam_sim.http import Request
from questions import drafts
from questions.formats import Export, Feature
from questions.formats.exchange import MAX_QUESTIONS
from questions.formats.losses import Loss, losses
from questions.formats.registry import FORMATS, package
from questions.models import Question, QuestionVersion, TaskStatement

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
    if count == 0:
        messages.error(request, "Tick the questions to export first, or take all that match.")
        return redirect("bank:questions")
    if count > MAX_QUESTIONS:
        messages.error(request, f"Narrow it down: {MAX_QUESTIONS:,} questions are the most in one file.")
        return redirect("bank:questions")
    if questions.order_by().values("collection").distinct().count() > 1:
        messages.error(request, "Choose one collection to export: ids are unique only within one.")
        return redirect("bank:questions")
    wanted = data.get("format", "")
    exported = export_of(questions, with_figures=bool(wanted))
    if wanted:
        format_ = FORMATS.get(wanted)
        if format_ is None or format_.write is None:
            raise Http404
        name, content = package(exported, wanted)
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
    if loss.feature == Feature.MULTIPLE_RESPONSE:
        return f"{questions} of the kind multiple response altogether"
    return f"The {loss.feature.value} of {questions}"


def export_of(questions: QuerySet[Question], *, with_figures: bool) -> Export:
    """What a writer needs of these questions, in the order of their ids."""
    current = questions.exclude(current_version=None).order_by("external_id").values("current_version")
    versions = list(
        QuestionVersion.objects.filter(pk__in=current)
        .select_related("question__collection__certification", "task_statement")
        .defer("html", "key_html", "layout")
        .order_by("question__external_id")
    )
    certification = versions[0].question.collection.certification
    statements = TaskStatement.objects.filter(domain__certification=certification).select_related("domain")
    return Export(
        drafts=list(drafts.of(versions).values()),
        certification=certification.slug,
        title=certification.title,
        figures=drafts.figures(versions) if with_figures else {},
        statements={statement.code: statement.title for statement in statements},
        domains={s.code: (s.domain.code, s.domain.title) for s in statements},
    )


def _fields(data: QueryDict) -> list[tuple[str, str]]:
    """The selection again, for the form that downloads."""
    return [
        (name, str(value))
        for name, values in data.lists()
        if name not in {"csrfmiddlewaretoken", "format"}
        for value in values
    ]
