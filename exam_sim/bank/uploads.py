"""Uploading: a file comes in, is previewed, mended and settled, and applied whole or not at all.

Everything here belongs to the one who uploaded it; somebody else's preview is not there."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from exam_sim import http
from exam_sim.bank.downloads import attachment
from exam_sim.bank.http import instructor
from exam_sim.bank.preview_page import PreviewPage, told
from exam_sim.bank.upload_form import STATUSES, UploadForm, readable_formats
from exam_sim.http import Request, page_or_partial
from questions import access, mappings, previewing
from questions.formats import table, templates
from questions.formats.nodes import ENCODINGS
from questions.formats.registry import FORMATS
from questions.formats.stored import problem_of
from questions.models import (
    Decision,
    Preview,
    PreviewEntry,
    PreviewFigure,
    PreviewState,
    Status,
    TaskStatement,
)


@require_http_methods(["GET", "HEAD", "POST"])
@instructor
def upload(request: Request) -> HttpResponse:
    form = UploadForm(request.user, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            preview = _begin(request, form)
        except previewing.TooManyError as error:
            form.add_error(None, str(error))
        else:
            previewing.start_reading(preview)
            return redirect("bank:preview", preview.pk)
    own = Preview.objects.filter(owner=request.user, expires_at__gt=timezone.now())
    waiting = own.exclude(state=PreviewState.APPLIED).order_by("-created_at")
    context = {
        "form": form,
        "templates": templates.TEMPLATES,
        "waiting": waiting.select_related("collection").defer("content", "problems"),
    }
    return render(request, "bank/upload.html", context)


@transaction.atomic
def _begin(request: Request, form: UploadForm) -> Preview:
    """What was sent, taken with its new collection or not at all."""
    sent, now = form.upload(), timezone.now()
    preview = previewing.begin(
        request.user,
        sent.collection,
        file_name=sent.file_name,
        content=sent.content,
        format=sent.format,
        status=sent.status,
        now=now,
    )
    columns = mappings.recall(request.user, previewing.headers(preview))
    if columns:
        previewing.read_as(preview, columns=columns, now=now)
    return preview


@require_safe
@instructor
def template(request: Request, slug: str) -> HttpResponse:
    """A file to fill in, with three worked examples."""
    if slug not in templates.TEMPLATES:
        raise Http404
    name, content = templates.template(slug)
    return attachment(name, content, FORMATS[slug].media_type)


@require_safe
@instructor
def preview(request: Request, preview_id: UUID) -> HttpResponse:
    preview = _preview(request, preview_id)
    if preview.state == PreviewState.READING:
        previewing.take_up(preview, timezone.now())
        return page_or_partial(request, "bank/reading.html", "bank/_reading.html", {"preview": preview})
    if preview.state == PreviewState.APPLIED:
        return _moved(request, reverse("bank:imports"))
    if preview.state == PreviewState.UNUSABLE:
        return _unusable(request, preview)
    page = PreviewPage(preview, request.user, request.GET)
    context = {"preview": preview, "page": page, "formats": readable_formats(), "statuses": STATUSES}
    return page_or_partial(request, "bank/preview.html", "bank/_preview.html", context)


@require_safe
@instructor
def figure(request: Request, preview_id: UUID, sha256: str) -> HttpResponse:
    """A figure of an upload, for its uploader alone."""
    shown = get_object_or_404(PreviewFigure, preview=_preview(request, preview_id), sha256=sha256)
    return http.figure(bytes(shown.content), shown.media_type, max_age=3600)


@require_POST
@instructor
def read_again(request: Request, preview_id: UUID) -> HttpResponse:
    """Read the same file in another way: format, encoding, what a table's headers mean."""
    preview = _preview(request, preview_id)
    columns = {
        header.replace("\0", ""): field
        for n, header in enumerate(request.POST.getlist("header"))
        if (field := request.POST.get(f"column-{n}", "")) in table.FIELDS
    }
    slug = request.POST.get("format", preview.format)
    encoding = request.POST.get("encoding", preview.encoding)
    if slug not in dict(readable_formats()) or encoding not in ENCODINGS:
        raise Http404
    if columns:
        columns = {**preview.columns, **columns}
        mappings.remember(request.user, previewing.headers(preview), columns)
    previewing.read_as(preview, format=slug, encoding=encoding, columns=columns or None, now=timezone.now())
    previewing.start_reading(preview)
    return redirect("bank:preview", preview.pk)


@require_POST
@instructor
def tag(request: Request, preview_id: UUID) -> HttpResponse:
    """Set the task statement of the entries chosen, or of all that have none."""
    preview = _ready(request, preview_id)
    code = _text(request, "task_statement")
    chosen = [int(n) for n in request.POST.getlist("entry") if n.isascii() and n.isdigit() and len(n) < 7]
    if not code:
        messages.error(request, "Choose a task statement first.")
        return _back(request, preview)
    known = TaskStatement.objects.filter(domain__certification=preview.collection.certification_id)
    if not known.filter(code=code).exists():
        raise Http404
    changed = previewing.tag(
        preview, code, positions=None if "all" in request.POST else chosen, now=timezone.now()
    )
    if not changed:
        messages.error(request, "Tick the questions that it is for, or set it for all that have none.")
    return _back(request, preview)


@require_POST
@instructor
def options(request: Request, preview_id: UUID) -> HttpResponse:
    """What new questions enter as, and whether what has errors is left out."""
    preview = _ready(request, preview_id)
    if request.POST.get("status") in {value for value, _ in STATUSES}:
        previewing.set_status(preview, Status(request.POST["status"]))
    previewing.leave_out(preview, "leave_out" in request.POST)
    return _back(request, preview)


@require_POST
@instructor
def mend(request: Request, preview_id: UUID, position: int) -> HttpResponse:
    entry = _entry(request, preview_id, position)
    with _still_there():
        previewing.mend(entry, changes_of(request.POST, entry.draft or {}), timezone.now())
    return _back(request, entry.preview, position)


@require_POST
@instructor
def settle(request: Request, preview_id: UUID, position: int) -> HttpResponse:
    """Take one of the readings that a problem offers."""
    entry = _entry(request, preview_id, position)
    named = re.fullmatch(r"([0-9]{1,4})-([0-9]{1,4})", request.POST.get("reading", ""))
    if named is None:
        raise Http404
    with _still_there():
        previewing.settle(entry, int(named[1]), int(named[2]), timezone.now())
    return _back(request, entry.preview, position)


@require_POST
@instructor
def decide(request: Request, preview_id: UUID, position: int) -> HttpResponse:
    entry = _entry(request, preview_id, position)
    if request.POST.get("decision") not in {Decision.REPLACE, Decision.ADD}:
        raise Http404
    with _still_there():
        previewing.decide(entry, Decision(request.POST["decision"]), timezone.now())
    return _back(request, entry.preview, position)


@require_POST
@instructor
def apply(request: Request, preview_id: UUID) -> HttpResponse:
    preview = _preview(request, preview_id)
    reason = _text(request, "reason").strip()
    if preview.state == PreviewState.READY and not reason and previewing.keys_changed(preview).exists():
        messages.error(
            request, "Say why other keys are right: reviews of what was sat with the old ones say it."
        )
        return _back(request, preview)
    try:
        done = previewing.apply(preview.pk, request.user, timezone.now(), reason)
    except previewing.NotReadyError as error:
        messages.error(request, str(error))
        return _back(request, preview)
    except previewing.OutdatedError:
        messages.warning(
            request,
            "The bank changed since this preview was made, so nothing was written. "
            "The preview below is held against the bank as it is now.",
        )
        return _back(request, preview)
    return _moved(request, reverse("bank:import", args=[done.pk]))


@require_POST
@instructor
def discard(request: Request, preview_id: UUID) -> HttpResponse:
    _preview(request, preview_id).delete()
    messages.success(request, "The upload was discarded. Nothing of it is in the bank.")
    return _moved(request, reverse("bank:upload"))


@require_safe
@instructor
def rejected(request: Request, preview_id: UUID) -> HttpResponse:
    """What has errors, in the format it came in, with the problems beside it."""
    preview = _ready(request, preview_id)
    name, content = previewing.given_back(preview)
    return attachment(name, content, "application/octet-stream")


def changes_of(data: QueryDict, draft: Mapping[str, Any]) -> dict[str, Any]:
    """What a form for mending sets, without what it left as it was. `path` fields are texts by their path in
    the draft, `key` the ids of the correct options."""
    changes: dict[str, Any] = {}
    for name, value in data.items():
        if name.startswith("path-") and isinstance(value, str):
            changes[name.removeprefix("path-")] = value.replace("\r\n", "\n").replace("\0", "")
    for name in ("kind", "task_statement"):
        if name in data:
            changes[name] = data.get(name, "").replace("\0", "")
    if "key-shown" in data:
        changes["key"] = data.getlist("key")
    return {path: value for path, value in changes.items() if value != _stands(draft, path)}


def _stands(draft: Mapping[str, Any], path: str) -> Any:
    options = draft.get("options", [])
    if path == "key":
        return [option["id"] for option in options if option["correct"]]
    head, _, rest = path.partition("].")
    if rest and head.startswith("options[") and head[8:].isdigit() and int(head[8:]) < len(options):
        return options[int(head[8:])].get(rest)
    return str(draft.get(path, ""))


def _preview(request: Request, preview_id: UUID) -> Preview:
    own = Preview.objects.filter(owner=request.user, collection__in=access.changeable(request.user))
    return get_object_or_404(
        own.select_related("collection__certification").defer("content"),
        pk=preview_id,
        expires_at__gt=timezone.now(),
    )


def _ready(request: Request, preview_id: UUID) -> Preview:
    preview = _preview(request, preview_id)
    if preview.state != PreviewState.READY:
        raise Http404
    return preview


def _entry(request: Request, preview_id: UUID, position: int) -> PreviewEntry:
    preview = _ready(request, preview_id)
    return get_object_or_404(
        preview.entries.select_related("preview__collection"), position=position, draft__isnull=False
    )


@contextmanager
def _still_there() -> Iterator[None]:
    """What was imported, read again or thrown away meanwhile is not there any more; nor is a field or a
    reading that no form of ours has."""
    try:
        yield
    except (ObjectDoesNotExist, previewing.UnknownFieldError, previewing.UnknownReadingError):
        raise Http404 from None


def _text(request: Request, name: str) -> str:
    """No database takes NUL."""
    return request.POST.get(name, "").replace("\0", "")


def _back(request: Request, preview: Preview, position: int | None = None) -> HttpResponse:
    """To where in the preview the form was; htmx stays where it is by itself."""
    query = request.POST.get("back", "")
    query = query if all(part.partition("=")[0] in {"show", "page"} for part in query.split("&")) else ""
    url = reverse("bank:preview", args=[preview.pk]) + (f"?{query}" if query else "")
    anchor = f"#entry-{position + 1}" if position is not None and not request.htmx else ""
    return redirect(url + anchor)


def _moved(request: Request, url: str) -> HttpResponse:
    """The whole page goes on to `url`, also where htmx asked."""
    if request.htmx:
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    return redirect(url)


def _unusable(request: Request, preview: Preview) -> HttpResponse:
    problems = [problem_of(data) for data in preview.problems]
    encodings = [
        (reading.changes["encoding"], reading.label)
        for problem in problems
        for reading in problem.readings
        if "encoding" in reading.changes
    ]
    context = {
        "preview": preview,
        "problems": [told(problem) for problem in problems],
        "encodings": encodings,
        "formats": readable_formats(),
        "headers": previewing.headers(preview),
        "fields": table.FIELDS,
    }
    return page_or_partial(request, "bank/unusable.html", "bank/_unusable.html", context)
