"""What was imported: who, when, from which file, how much of what; and taking it back."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from exam_sim.bank.http import instructor
from exam_sim.http import Request
from questions import access, undoing
from questions.formats import shorten
from questions.models import Import
from questions.wording import prose

PER_PAGE = 25
SHOWN = 200


@require_safe
@instructor
def imports(request: Request) -> HttpResponse:
    page = Paginator(_imports(request), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "bank/imports.html", {"page": page})


@require_safe
@instructor
def import_(request: Request, import_id: UUID) -> HttpResponse:
    done = get_object_or_404(_imports(request), pk=import_id)
    entries = (
        done.entries.exclude(version=None)
        .select_related("question", "version")
        .order_by("question__external_id")
    )
    new, changed = entries.filter(before=None)[:SHOWN], entries.exclude(before=None)[:SHOWN]
    context = {
        "done": done,
        "changeable": access.may_change(request.user, done.collection),
        "new": [(entry, shorten(prose(entry.version.stem))) for entry in new if entry.version],
        "changed": [(entry, shorten(prose(entry.version.stem))) for entry in changed if entry.version],
        "shown": SHOWN,
    }
    return render(request, "bank/import.html", context)


@require_POST
@instructor
def undo(request: Request, import_id: UUID) -> HttpResponse:
    own = _imports(request).filter(collection__in=access.changeable(request.user))
    done = get_object_or_404(own, pk=import_id)
    undone = undoing.undo(done.pk, by=request.user, now=timezone.now())
    messages.success(request, str(undone))
    return redirect("bank:import", done.pk)


def _imports(request: Request) -> QuerySet[Import]:
    return Import.objects.filter(collection__in=access.visible(request.user)).select_related(
        "collection", "by", "undone_by"
    )
