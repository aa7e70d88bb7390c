from django.contrib import admin
from django.http import HttpRequest

from results.models import DomainResult, Result


class ReadOnly:
    """History: results are written by grading alone."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class DomainResultInline(ReadOnly, admin.TabularInline):
    model = DomainResult
    extra = 0


@admin.register(Result)
class ResultAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("attempt", "candidate", "scaled", "passed", "correct", "total", "revision", "computed_at")
    list_filter = ("passed", "rule")
    list_select_related = ("attempt__user",)
    date_hierarchy = "computed_at"
    inlines = (DomainResultInline,)

    @admin.display(ordering="attempt__user")
    def candidate(self, result: Result) -> str:
        return str(result.attempt.user)
