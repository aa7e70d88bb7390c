"""Sitting a selection of the bank as a candidate."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from exam_sim.bank.http import instructor
from exam_sim.bank.selection import Query, selected
from exam_sim.exams import previews
from exam_sim.exams.exceptions import PreviewError
from exam_sim.http import Request


@require_POST
@instructor
def sit(request: Request) -> HttpResponse:
    """Open a preview over the selection; what cannot be sat leads back to the list as it was filtered."""
    try:
        attempt = previews.start(request.user, selected(request.user, request.POST), timezone.now())
    except PreviewError as refusal:
        messages.error(request, str(refusal))
        return redirect(reverse("bank:questions") + Query.read(request.POST).url())
    return redirect("exams:attempt", attempt.pk)
