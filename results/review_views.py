"""What candidates do with a question in their review: note, bookmark, report, show; and their reports.

Each is a POST that leads back to the question in the same review; htmx gets the question's foot alone, with
the filters and a sentence to be spoken beside it.
"""

from datetime import MAXYEAR, MINYEAR, datetime
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from exam_sim.exams import sights
from exam_sim.exams.models import Attempt, AttemptItem, State
from exam_sim.http import Request, page_or_partial
from results import notes, reports
from results.items import ReviewItem
from results.models import ReportKind
from results.review import Choice, ReviewPage
from results.review_forms import MAX_TEXT, NoteForm, ReportForm
from results.views import own_attempt

form_view = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def item(request: Request, attempt_id: UUID, number: int) -> HttpResponse:
    """The foot of a question as it stands, in place of a form that was left."""
    page, found = _question(request, attempt_id, number, timezone.now())
    return _changed(request, page, found, "", request.GET.get("from", ""))


@form_view
def note(request: Request, attempt_id: UUID, number: int) -> HttpResponse:
    now = timezone.now()
    page, found = _question(request, attempt_id, number, now)
    form = NoteForm(request.POST if request.method == "POST" else None, initial={"text": found.note})
    if not form.is_valid():
        return _form(request, "note", page, found, {"form": form})
    text = form.cleaned_data["text"]
    notes.write(request.user, found.question, text, now)
    return _done(request, page, number, "Note saved." if text else "Note removed.", "note")


@require_POST
def bookmark(request: Request, attempt_id: UUID, number: int) -> HttpResponse:
    now = timezone.now()
    page, found = _question(request, attempt_id, number, now)
    on = bool(request.POST.get("on"))
    notes.bookmark(request.user, found.question, on, now)
    return _done(request, page, number, "Bookmarked." if on else "Bookmark removed.")


@form_view
def report(request: Request, attempt_id: UUID, number: int) -> HttpResponse:
    now = timezone.now()
    page, found = _question(request, attempt_id, number, now)
    standing = reports.open_report(request.user.pk, found.question)
    if standing is not None:
        return _form(request, "report", page, found, {"report": standing})
    form = ReportForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _form(request, "report", page, found, {"form": form, "kinds": ReportKind.choices})
    kind = ReportKind(form.cleaned_data["kind"])
    _, is_new = reports.make(page.attempt, found, kind, form.cleaned_data["text"], now)
    said = "Thank you: your report was sent." if is_new else "You have an open report of this question."
    return _done(request, page, number, said, "report")


@require_POST
def reveal(request: Request, attempt_id: UUID, number: int) -> HttpResponse:
    now = timezone.now()
    attempt = _closed(request, attempt_id, now)
    try:
        sights.reveal(attempt, number, now)
    except AttemptItem.DoesNotExist:
        raise Http404 from None
    except sights.KeptUnseenError as error:
        messages.error(request, f"Question {number} stays unseen. {error}")
    return redirect(ReviewPage(attempt, Choice.read(request.GET)).address_of(number))


@require_safe
def my_reports(request: Request) -> HttpResponse:
    found = reports.own(request.user)
    new = [one.report.decided_at for one in found if one.is_unread and one.report.decided_at]
    return render(request, "results/reports.html", {"reports": found, "until": max(new, default=None)})


@require_POST
def read_reports(request: Request) -> HttpResponse:
    try:
        until = forms.DateTimeField().clean(request.POST.get("until"))
    except forms.ValidationError:
        return redirect("results:reports")
    if MINYEAR < until.year < MAXYEAR:  # in whatever time zone a database holds it
        reports.mark_read(request.user, until, timezone.now())
    return redirect("results:reports")


def _closed(request: Request, attempt_id: UUID, now: datetime) -> Attempt:
    """The candidate's own closed attempt. Nothing is kept of a preview."""
    attempt = own_attempt(request, attempt_id, now)
    if attempt.state == State.OPEN or attempt.is_preview:
        raise Http404
    return attempt


def _question(
    request: Request, attempt_id: UUID, number: int, now: datetime
) -> tuple[ReviewPage, ReviewItem]:
    """A question that its candidate has seen, and the review that it stands in."""
    page = ReviewPage(_closed(request, attempt_id, now), Choice.read(request.GET))
    found = page.item(number)
    if found is None or found.unseen:
        raise Http404
    return page, found


def _form(
    request: Request, name: str, page: ReviewPage, found: ReviewItem, context: dict[str, object]
) -> HttpResponse:
    back = reverse("results:item", args=[page.attempt.pk, found.number])
    context |= {
        "page": page,
        "item": found,
        "name": name,
        "max_text": MAX_TEXT,
        "address": request.get_full_path(),
        "back": f"{back}?{urlencode(page.choice.fields | {'from': name})}",
        "there": page.address_of(found.number),
        "stem": mark_safe(found.html["stem"]),  # noqa: S308 - sanitised when it was rendered
    }
    return page_or_partial(request, "results/item.html", f"results/_{name}_form.html", context)


def _done(request: Request, page: ReviewPage, number: int, said: str, focus: str = "") -> HttpResponse:
    """After a change: everything is read anew, because the change may be in any part of it."""
    fresh = ReviewPage(page.attempt, Choice.read(request.GET))
    found = fresh.item(number)
    if found is None:
        raise Http404
    return _changed(request, fresh, found, said, focus)


def _changed(request: Request, page: ReviewPage, found: ReviewItem, said: str, focus: str) -> HttpResponse:
    if not request.htmx:
        return redirect(page.address_of(found.number))
    context = {"page": page, "tools": page.tools(found, focus), "said": said}
    return render(request, "results/_changed.html", context)
