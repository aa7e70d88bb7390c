"""The list of questions, a question's page, and changes of status."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from exam_sim.bank.http import instructor
from exam_sim.bank.list_page import ListPage, batch_of
from exam_sim.bank.question_page import QuestionPage
from exam_sim.bank.selection import Query, selected
from exam_sim.http import Request, figure, page_or_partial
from questions import access, statuses
from questions.models import Asset, Question, Status, StatusChange


@require_safe
@instructor
def questions(request: Request) -> HttpResponse:
    query = Query.read(request.GET)
    page = ListPage(request.user, query, request.GET.get("page"))
    batch = batch_of(request.user, request.GET["changed"]) if "changed" in request.GET else None
    response = page_or_partial(
        request, "bank/questions.html", "bank/_questions.html", {"page": page, "batch": batch}
    )
    if request.htmx:
        response["HX-Push-Url"] = request.path + page.link(page.page.number)
    return response


@require_safe
@instructor
def question(request: Request, question_id: UUID) -> HttpResponse:
    found = _visible(request, question_id)
    if found.current_version is None:
        raise Http404
    batch = batch_of(request.user, request.GET["changed"]) if "changed" in request.GET else None
    page = QuestionPage(request.user, found, found.current_version, timezone.localdate())
    return render(request, "bank/question.html", {"page": page, "batch": batch})


@require_POST
@instructor
def change_status(request: Request) -> HttpResponse:
    """Move what is selected, as far as it may be changed; then back to where it was selected."""
    status = request.POST.get("to", "")
    if status not in Status.values:
        messages.error(request, "Nothing was changed: choose a status.")
        return redirect(_back(request))
    wanted = selected(request.user, request.POST)
    ids = list(
        wanted.filter(collection__in=access.changeable(request.user)).order_by().values_list("pk", flat=True)
    )
    others = wanted.count() - len(ids)
    if not ids:
        if others:
            raise Http404
        messages.error(request, "Nothing was changed: tick the questions that you mean.")
        return redirect(_back(request))
    batch = uuid4()
    moved = statuses.change(ids, Status(status), by=request.user, now=timezone.now(), batch=batch)
    if not moved:
        messages.info(request, "Nothing was changed: that is their status already.")
    if others:
        messages.warning(request, f"{others} left as they are: they are in collections that are not yours.")
    return redirect(_back(request, batch if moved else None))


@require_POST
@instructor
def undo_status(request: Request, batch: UUID) -> HttpResponse:
    """Only who made a change takes it back here, and only where all of it may still be changed."""
    changes = StatusChange.objects.filter(batch=batch)
    own = changes.filter(by=request.user, question__collection__in=access.changeable(request.user))
    if not changes.exists() or own.count() < changes.count():
        raise Http404
    count = statuses.undo(batch, by=request.user, now=timezone.now())
    messages.success(request, f"{count} put back to the status that they had.")
    return redirect(_back(request))


@require_safe
@instructor
def asset(request: Request, question_id: UUID, sha256: str) -> HttpResponse:
    """A figure of any version of a question that may be looked at."""
    found = Asset.objects.filter(pk=sha256, versions__question=_visible(request, question_id)).first()
    if found is None:
        raise Http404
    return figure(bytes(found.content), found.media_type, max_age=24 * 3600)


def _visible(request: Request, question_id: UUID) -> Question:
    found = Question.objects.filter(collection__in=access.visible(request.user)).select_related(
        "collection__certification", "task_statement__domain", "current_version__task_statement"
    )
    return get_object_or_404(found, pk=question_id)


def _back(request: Request, batch: UUID | None = None) -> str:
    """The page that a form of ours was on: a question's, or the list as it was filtered."""
    more = {"changed": str(batch)} if batch else {}
    if request.POST.get("back") == "question":
        (question,) = request.POST.getlist("question")[:1] or [""]
        try:
            path = reverse("bank:question", args=[UUID(question)])
        except ValueError:
            path = reverse("bank:questions")
        return f"{path}?changed={batch}" if batch else path
    page = {"page": request.POST["page"]} if request.POST.get("page", "").isdigit() else {}
    return reverse("bank:questions") + Query.read(request.POST).url(**page, **more)
