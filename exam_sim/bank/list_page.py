"""The list of questions: one page of what a query finds, and what can be asked for."""

import uuid
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, QuerySet
from django.db.models.functions import Substr

from exam_sim.accounts.models import User
from exam_sim.bank.selection import LEVELS, SORTS, Query
from exam_sim.bank.wording import MEANINGS, TONES, WARNINGS
from questions import access, listing
from questions.formats import shorten
from questions.models import Collection, Kind, ListedService, Listing, Status, StatusChange, TaskStatement
from questions.wording import prose

PAGE_SIZE = 25
MAX_SERVICES = 500
READ_OF_STEM = 600
Choice = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    id: UUID
    external_id: str
    stem: str
    collection: str
    task_statement: str
    status: Status
    kind: Kind
    level: int
    warnings: int
    changed_at: datetime

    @property
    def tone(self) -> str:
        return TONES[self.status]


@dataclass(frozen=True, slots=True)
class Batch:
    """A change of status that can still be undone: how many questions it moved to what."""

    id: UUID
    status: Status
    count: int


class ListPage:
    """Reads collections, task statements, services, the count and the rows: a statement each."""

    statuses = list(Status.choices)
    kinds = list(Kind.choices)
    levels = list(LEVELS.items())
    sorts = list(SORTS.items())
    meanings = [(status.label, meaning) for status, meaning in MEANINGS.items()]
    warnings = [(listing.ANY, "Any"), *((rule.value, label) for rule, label in WARNINGS.items())]

    def __init__(self, user: User, query: Query, number: str | None = None) -> None:
        self.user = user
        self.query = query
        self.number = number

    @cached_property
    def collections(self) -> list[Collection]:
        return list(access.visible(self.user).select_related("certification").order_by("title"))

    @cached_property
    def changeable(self) -> list[Collection]:
        return [collection for collection in self.collections if access.may_change(self.user, collection)]

    @property
    def may_change_status(self) -> bool:
        """Whether anything that is listed may be among what the user may change."""
        return any(self.query.collection in ("", collection.pk) for collection in self.changeable)

    @cached_property
    def places(self) -> list[tuple[Choice, list[Choice]]]:
        """Domains with their task statements, of the certifications that the collections are for."""
        certifications = {collection.certification_id for collection in self.collections}
        found = TaskStatement.objects.filter(domain__certification__in=certifications)
        found = found.select_related("domain").order_by("domain__certification", "domain__code", "code")
        return [
            (
                (f"{domain.certification_id}/{domain.code}", str(domain)),
                [(f"{domain.certification_id}/{ts.code}", str(ts)) for ts in task_statements],
            )
            for domain, task_statements in groupby(found, key=lambda ts: ts.domain)
        ]

    @cached_property
    def services(self) -> list[str]:
        shown = [c.pk for c in self.collections if self.query.collection in ("", c.pk)]
        found = ListedService.objects.filter(collection__in=shown).order_by("name")
        return list(found.values_list("name", flat=True).distinct()[:MAX_SERVICES])

    @cached_property
    def found(self) -> QuerySet[Listing]:
        rows = Listing.objects.all()
        if not self.user.has_perm(access.CHANGE_EVERYTHING):
            rows = rows.filter(collection__in=[collection.pk for collection in self.collections])
        return self.query.found_in(rows)

    @cached_property
    def _read(self) -> tuple[Page, list[Row]]:
        with listing.by_the_index() if self.query.looks_up_words else nullcontext():
            page = Paginator(self.found.order_by(*self.query.order), PAGE_SIZE).get_page(self.number)
            return page, self._rows(_slice(self.found.order_by(*self.query.order), page))

    @property
    def page(self) -> Page:
        return self._read[0]

    @property
    def rows(self) -> list[Row]:
        return self._read[1]

    @property
    def total(self) -> int:
        return self.page.paginator.count

    def _rows(self, some: QuerySet[Listing]) -> list[Row]:
        """Only the rows of the page are joined with what they show."""
        titles = {collection.pk: collection.title for collection in self.collections}
        rows = Listing.objects.filter(pk__in=some.values("pk")).order_by(*self.query.order)
        found = rows.annotate(
            external_id=F("question__external_id"),
            code=F("task_statement__code"),
            stem=Substr("question__current_version__stem", 1, READ_OF_STEM),
        ).defer("words", "order")
        return [
            Row(
                row.pk,
                row.external_id,
                shorten(prose(row.stem)),
                titles[row.collection_id],
                row.code,
                Status(row.status),
                Kind(row.kind),
                row.level,
                row.warnings,
                row.changed_at,
            )
            for row in found
        ]

    @property
    def counted(self) -> str:
        return f"{self.total:,} question{'' if self.total == 1 else 's'}"

    def link(self, number: int) -> str:
        return self.query.url(**({"page": number} if number > 1 else {}))

    @property
    def previous(self) -> str:
        return self.link(self.page.previous_page_number()) if self.page.has_previous() else ""

    @property
    def next(self) -> str:
        return self.link(self.page.next_page_number()) if self.page.has_next() else ""

    @property
    def first_and_last(self) -> list[tuple[str, str]]:
        """Ways to the ends, where they are not the neighbours anyhow."""
        last = self.page.paginator.num_pages
        ends = [("First", 1)] if self.page.number > 2 else []
        ends += [("Last", last)] if self.page.number < last - 1 else []
        return [(label, self.link(number)) for label, number in ends]


def _slice(rows: QuerySet[Listing], page: Page) -> QuerySet[Listing]:
    """The rows of a page, in no order: those of the second half are counted off from the end, so that the
    last page costs no more than the first."""
    count = page.paginator.count
    start, end = page.start_index() - 1, page.end_index()
    return rows.reverse()[count - end : count - start] if start > count / 2 else rows[max(start, 0) : end]


def batch_of(user: User, id_: str | None) -> Batch | None:
    """What `user` changed in one go, as far as it still stands: to say so, and to offer to undo it."""
    try:
        batch = uuid.UUID(id_ or "")
    except ValueError:
        return None
    moved = StatusChange.objects.filter(batch=batch, by=user, question__status=F("new")).order_by()
    row = moved.values("new").annotate(count=Count("pk")).order_by("-count").first()
    return Batch(batch, Status(row["new"]), row["count"]) if row else None
