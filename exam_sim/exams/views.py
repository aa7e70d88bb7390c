from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from exam_sim import metrics
from exam_sim.accounts.models import User
from exam_sim.exams import answers, attempts, flood, offline, pausing, supply
from exam_sim.exams.assembly import ShortBankError
from exam_sim.exams.compression import compressed
from exam_sim.exams.events import MAX_INTENT_MS, Event, Refusal, UnreadableError
from exam_sim.exams.exceptions import NotOpenError, NotStudyError, TooManyAnsweredError
from exam_sim.exams.forms import PAUSE, ItemForm
from exam_sim.exams.models import Attempt, ExamProfile, State
from exam_sim.exams.pages import clock_stamp
from exam_sim.exams.start_pages import HomePage, ProfilePage
from exam_sim.exams.study_page import page_of
from exam_sim.http import Request, figure, problem
from questions.models import Asset, Domain


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    user = request.user if isinstance(request.user, User) else None
    standing = _open_attempts(user, timezone.now()) if user else []
    return render(request, "exams/home.html", {"page": HomePage(user, standing)})


@require_safe
def profile(request: HttpRequest, slug: str) -> HttpResponse:
    profile = get_object_or_404(ExamProfile.objects.select_related("certification"), pk=slug)
    user = request.user if isinstance(request.user, User) else None
    standing = attempts.open_attempt(user, profile, timezone.now()) if user else None
    domains = Domain.objects.filter(certification=profile.certification)
    return render(request, "exams/profile.html", {"page": ProfilePage(profile, domains, user, standing)})


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: Request, slug: str) -> HttpResponse:
    """GET is where a log-in in between comes back to: it starts nothing."""
    if request.method != "POST":
        return redirect("exams:profile", slug)
    profile = supply.profile_named(slug)
    if profile is None:
        raise Http404
    try:
        attempt = attempts.start(request.user, profile, timezone.now())
    except ShortBankError as short:
        messages.error(request, f"{profile.title} cannot be started. {short}")
        return redirect("exams:profile", slug)
    return redirect("exams:attempt", attempt.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@compressed
def attempt(request: Request, attempt_id: UUID) -> HttpResponse:
    """The exam page. It is whole without a script: POST saves the item's form and moves on."""
    now = timezone.now()
    if request.method == "POST":
        flood.count_post(request.user.pk, now)
    attempt = _attempt(request, attempt_id, now)
    if attempt.state != State.OPEN:
        return _after(attempt)
    page = page_of(attempt, now, _number(request.GET.get("q")))
    if request.method == "POST" and attempt.paused_at is not None:
        if request.POST.get("action") != PAUSE:
            messages.error(request, "The session is paused: what you chose was left out.")
        return redirect("exams:attempt", attempt_id)
    if request.method == "POST":
        form = ItemForm(request.POST, page, now)
        receipt = _record(request, attempt_id, form.events, now)
        _count(receipt)
        for refusal in {result for result in receipt.results.values() if isinstance(result, Refusal)}:
            messages.error(request, refusal.value)
        if form.problem:
            messages.error(request, form.problem)
        if form.action == PAUSE:
            return _change_pause(request, attempt_id, pausing.pause, now)
        return redirect(form.next_url)
    if attempt.paused_at is not None:
        return render(request, "exams/paused.html", {"page": page})
    return render(request, "exams/attempt.html", {"page": page, "state": page.script_state(request.user)})


@require_POST
def events(request: Request, attempt_id: UUID) -> HttpResponse:
    """Take a batch of answer events: `{"events": [...]}` in, `{"results", "clock", "registers"}` out, always
    200 when the batch could be read."""
    return _take(request, attempt_id, end=False)


@require_safe
def clock(request: Request, attempt_id: UUID) -> HttpResponse:
    """The poll: the clock, and the registers newer than `since`, in one indexed read."""
    try:
        since = min(int(request.GET.get("since", "-1")), MAX_INTENT_MS)
    except ValueError:
        return problem(400, '"since" is not a number of milliseconds.')
    now = timezone.now()
    try:
        clock, registers = answers.newer(attempt_id, request.user, since, now)
    except Attempt.DoesNotExist:
        return problem(404, "This exam is not yours, or there is no such exam.")
    return JsonResponse({"clock": clock_stamp(clock, now), "registers": registers})


@require_safe
def review_screen(request: Request, attempt_id: UUID) -> HttpResponse:
    """What is still open, before the end. The exam page has the same screen built in where scripts run."""
    now = timezone.now()
    attempt = _attempt(request, attempt_id, now)
    if attempt.state != State.OPEN:
        return _after(attempt)
    if attempt.paused_at is not None:
        return redirect("exams:attempt", attempt_id)
    show = request.GET.get("show", "all")
    page = page_of(attempt, now, _number(request.GET.get("q")))
    states = [
        state for state in page.states if show in ("all", state.name) or (show == "flagged" and state.flagged)
    ]
    if show == "unanswered":
        states = [state for state in page.states if not state.chosen]
    context = {"page": page, "states": states, "show": show, "counts": page.counts()}
    return render(request, "exams/review_screen.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def pause(request: Request, attempt_id: UUID) -> HttpResponse:
    """GET is where a log-in in between comes back to: it changes nothing."""
    return _change_pause(request, attempt_id, pausing.pause, timezone.now())


@require_http_methods(["GET", "HEAD", "POST"])
def resume(request: Request, attempt_id: UUID) -> HttpResponse:
    """GET as above."""
    return _change_pause(request, attempt_id, pausing.resume, timezone.now())


@require_http_methods(["GET", "HEAD", "POST"])
def end(request: Request, attempt_id: UUID) -> HttpResponse:
    """End it: GET asks once, POST closes it. A script posts its unsent events along and gets JSON."""
    if request.method == "POST" and request.content_type == "application/json":
        return _take(request, attempt_id, end=True)
    now = timezone.now()
    attempt = _attempt(request, attempt_id, now)
    if attempt.state != State.OPEN:
        return _after(attempt)
    if request.method == "POST":
        receipt = _record(request, attempt_id, (), now, end=True)
        return _after(receipt.attempt)
    page = page_of(attempt, now)
    return render(request, "exams/end.html", {"page": page, "counts": page.counts()})


@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: Request, attempt_id: UUID) -> HttpResponse:
    """GET is where a log-in in between comes back to: it discards nothing."""
    if request.method != "POST":
        return redirect(
            "exams:attempt", get_object_or_404(Attempt.objects.of(request.user), pk=attempt_id).pk
        )
    try:
        attempt = attempts.discard(attempt_id, request.user, timezone.now())
    except Attempt.DoesNotExist:
        raise Http404 from None
    except (TooManyAnsweredError, NotOpenError) as refusal:
        messages.error(request, str(refusal))
        return redirect("exams:attempt", attempt_id)
    sentence = f"The {attempt.noun} was ended and discarded: it has no result."
    kept = f"{request.user.pk}:{attempt_id}"
    messages.success(request, sentence, extra_tags=kept)  # what static/js/kept.js is to forget
    if attempt.is_study:
        return redirect("results:study")
    return redirect("exams:profile", attempt.profile_id) if attempt.profile_id else redirect("exams:home")


@require_safe
def exhibit(request: Request, attempt_id: UUID, sha256: str) -> HttpResponse:
    """A figure of a question in the candidate's own attempt; another's is not there at all."""
    asset = (
        Asset.objects.filter(
            pk=sha256,
            versions__in=Attempt.objects.of(request.user).filter(pk=attempt_id).values("items__version"),
        )
        .distinct()
        .first()
    )
    if asset is None:
        raise Http404
    return figure(bytes(asset.content), asset.media_type, max_age=24 * 3600)


@require_safe
def worker(request: Request, attempt_id: UUID) -> HttpResponse:
    """The service worker of the candidate's own attempt: its address is what limits it to that page.

    A browser looks for a newer one now and then, after the end too.
    """
    if not Attempt.objects.of(request.user).filter(pk=attempt_id).exists():
        raise Http404
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": offline.WORKER_POLICY}
    return HttpResponse(offline.worker_script(), content_type="text/javascript", headers=headers)


def _attempt(request: Request, attempt_id: UUID, now: datetime) -> Attempt:
    attempt = attempts.own_attempt(attempt_id, request.user, now)
    if attempt is None:
        raise Http404
    return attempt


def _open_attempts(user: User, now: datetime) -> list[Attempt]:
    found = attempts.up_to_date(Attempt.objects.of(user).open().of_candidates(), now)
    return [attempt for attempt in found if attempt.state == State.OPEN]


def _after(attempt: Attempt) -> HttpResponse:
    """Where an attempt that is over leads to."""
    if attempt.state == State.DISCARDED:
        return redirect("results:study" if attempt.is_study else "exams:home")
    if attempt.is_preview:
        return redirect("results:review", attempt.pk)
    return redirect("results:result", attempt.pk)


def _change_pause(
    request: Request, attempt_id: UUID, change: Callable[[UUID, User, datetime], Attempt], now: datetime
) -> HttpResponse:
    attempt = _attempt(request, attempt_id, now)
    if request.method == "POST" and attempt.state == State.OPEN:
        try:
            change(attempt_id, request.user, now)
        except Attempt.DoesNotExist:
            raise Http404 from None
        except (NotStudyError, NotOpenError) as refusal:
            messages.error(request, str(refusal))
    return redirect(f"{reverse('exams:attempt', args=[attempt_id])}?q={_number(request.GET.get('q'))}")


def _record(
    request: Request, attempt_id: UUID, events: Sequence[Event], now: datetime, end: bool = False
) -> answers.Receipt:
    """Of a form. Its attempt may have been removed since the page was read, as with its account."""
    try:
        return answers.record(attempt_id, request.user, events, now, end=end)
    except Attempt.DoesNotExist:
        raise Http404 from None


def _take(request: Request, attempt_id: UUID, end: bool) -> HttpResponse:
    if request.content_type != "application/json":
        return problem(400, "Send the events as application/json.")
    now = timezone.now()
    flood.count_post(request.user.pk, now)
    try:
        receipt = answers.record(attempt_id, request.user, request.body, now, end=end)
    except Attempt.DoesNotExist:
        return problem(404, "This exam is not yours, or there is no such exam.")
    except UnreadableError as unreadable:
        return problem(400, str(unreadable))
    except RequestDataTooBig:
        return problem(413, "The request is too large; send the changes in parts.")
    _count(receipt)
    results = {
        id_: {"refused": result.reason, "message": result.value} if isinstance(result, Refusal) else result
        for id_, result in receipt.results.items()
    }
    answer: dict[str, Any] = {
        "results": results,
        "clock": clock_stamp(attempts.clock_of(receipt.attempt), now),
        "registers": receipt.registers,
    }
    if receipt.explained:
        answer["explained"] = {number: item.wire for number, item in receipt.explained.items()}
    return JsonResponse(answer)


def _count(receipt: answers.Receipt) -> None:
    metrics.answer_events(
        result.reason if isinstance(result, Refusal) else result for result in receipt.results.values()
    )


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 5 else 1
