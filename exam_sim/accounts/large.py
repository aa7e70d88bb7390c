from functools import cached_property

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet

MOST = 10_000


class _Pages(Paginator):
    """Pages of the first `MOST` rows: to count them all takes the longer the more there are."""

    @cached_property
    def count(self) -> int:
        assert isinstance(self.object_list, QuerySet)  # noqa: S101 - lists of the administration are
        return self.object_list[:MOST].count()


class Large(admin.ModelAdmin):
    """For lists of the administration whose tables grow with the number of candidates: the first `MOST` rows
    of an order that has an index, and what filters and search find. Not to be combined with
    `date_hierarchy`, which reads every row for the years that there are."""

    paginator = _Pages
    show_full_result_count = False
