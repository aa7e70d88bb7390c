from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from exam_sim.bank.coverage import groups, of_certification
from exam_sim.bank.http import instructor
from exam_sim.http import Request
from questions.models import Certification


@require_safe
@instructor
def coverage(request: Request) -> HttpResponse:
    """`certification` in the query chooses; the first one stands there otherwise."""
    certifications = list(Certification.objects.order_by("title", "slug"))
    wanted = request.GET.get("certification", "")
    chosen = next((c for c in certifications if c.pk == wanted), None)
    if chosen is None:
        if wanted:
            raise Http404
        chosen = certifications[0] if certifications else None
    rows = of_certification(chosen, request.user) if chosen else []
    context = {"certifications": certifications, "chosen": chosen, "rows": rows, "groups": groups(rows)}
    return render(request, "bank/coverage.html", context)
