from django.db.models import Model
from django.http import HttpRequest


class ReadOnly:
    """For rows of the administration that nobody makes, changes or removes by hand. Stands first among the
    bases of a ModelAdmin or an inline."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
