from django.contrib import admin

from exam_sim.accounts.readonly import ReadOnly
from results.models import Result


@admin.register(Result)
class ResultAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("attempt", "candidate", "scaled", "passed", "correct", "total", "revision", "computed_at")
    list_filter = ("passed", "rule")
    list_select_related = ("attempt__user",)
    date_hierarchy = "computed_at"

    @admin.display(ordering="attempt__user")
    def candidate(self, result: Result) -> str:
        return str(result.attempt.user)
