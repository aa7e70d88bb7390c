from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from exam_sim.accounts.large import Large
from exam_sim.accounts.models import User
from exam_sim.accounts.readonly import ReadOnly
from results import reports
from results.models import Report, Result


@admin.register(Result)
class ResultAdmin(ReadOnly, Large):
    list_display = ("attempt", "candidate", "scaled", "passed", "correct", "total", "revision", "computed_at")
    list_filter = ("passed", "computed_at")
    list_select_related = ("attempt__user",)

    @admin.display(ordering="attempt__user")
    def candidate(self, result: Result) -> str:
        return str(result.attempt.user)


@admin.register(Report)
class ReportAdmin(ReadOnly, Large):
    """Decided in the bank's pages. Whose questions somebody may not change, their reports are not there; the
    reporter's account is not shown, because its name may be an e-mail address."""

    list_display = ("question", "collection", "kind", "state", "made_at", "decided_at")
    list_filter = ("state", "kind", "made_at")
    list_select_related = ("question__collection",)
    fields = (
        "question",
        "version",
        "number",
        "option_order",
        "chosen",
        "kind",
        "text",
        "made_at",
        "state",
        "reply",
        "decided_by",
        "decided_at",
        "read_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        assert isinstance(request.user, User)  # noqa: S101 - the administration is for people who logged in
        return reports.to_decide(request.user).select_related("question__collection")

    @admin.display(ordering="question__collection__title")
    def collection(self, report: Report) -> str:
        return report.question.collection.title
