"""The queue of reported problems, and one of them beside the question as its reporter sat it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.safestring import SafeString, mark_safe

from exam_sim.accounts.models import User
from questions import access
from questions.formats import shorten
from questions.models import Collection
from questions.wording import prose
from results import reports
from results.models import Report, ReportState

PER_PAGE = 25
ALL = "all"
STATES = [*ReportState.choices, (ALL, "All")]
TONES = {ReportState.OPEN: "warn", ReportState.FIXED: "good", ReportState.DECLINED: "neutral"}


@dataclass(frozen=True, slots=True)
class Query:
    """What is listed: the open ones, unless something else is asked for; `collection` empty for all."""

    state: str = ReportState.OPEN.value
    collection: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Query":
        state = query.get("state", "")
        known = state == ALL or state in ReportState.values
        return cls(state if known else ReportState.OPEN.value, query.get("collection", "").replace("\0", ""))

    def of(self, rows: QuerySet[Report]) -> QuerySet[Report]:
        if self.state != ALL:
            rows = rows.filter(state=self.state)
        return rows.filter(question__collection=self.collection) if self.collection else rows

    def url(self, page: int = 1) -> str:
        fields = {"state": self.state, "collection": self.collection, "page": page if page > 1 else ""}
        return "?" + urlencode({name: value for name, value in fields.items() if value})


@dataclass(frozen=True, slots=True)
class Row:
    report: Report

    @property
    def stem(self) -> str:
        return shorten(prose(self.report.version.stem))

    @property
    def who(self) -> str:
        return name_of(self.report)

    @property
    def tone(self) -> str:
        return TONES[ReportState(self.report.state)]


class ReportsPage:
    states = STATES

    def __init__(self, user: User, query: Query, number: str | None) -> None:
        self.user = user
        self.query = query
        self.number = number

    @cached_property
    def collections(self) -> list[Collection]:
        return list(access.changeable(self.user).order_by("title"))

    @cached_property
    def page(self) -> Page:
        rows = self.query.of(reports.to_decide(self.user)).select_related(
            "reporter", "version", "question__collection"
        )
        return Paginator(rows.order_by("-made_at", "-pk"), PER_PAGE).get_page(self.number)

    @property
    def rows(self) -> list[Row]:
        return [Row(report) for report in self.page]

    @property
    def previous(self) -> str:
        return self.query.url(self.page.previous_page_number()) if self.page.has_previous() else ""

    @property
    def next(self) -> str:
        return self.query.url(self.page.next_page_number()) if self.page.has_next() else ""


@dataclass(frozen=True, slots=True)
class SatOption:
    """An option as the reporter saw it: `number` is its place in their order."""

    number: int
    html: SafeString
    rationale: SafeString
    is_key: bool
    is_chosen: bool


class ReportPage:
    def __init__(self, user: User, report: Report) -> None:
        self.user = user
        self.report = report
        self.question = report.question
        self.version = report.version

    @property
    def who(self) -> str:
        return name_of(self.report)

    @property
    def tone(self) -> str:
        return TONES[ReportState(self.report.state)]

    @property
    def stem(self) -> SafeString:
        return _fragment(self.version.html["stem"])

    @property
    def explanation(self) -> SafeString:
        return _fragment(self.version.key_html["explanation"])

    @property
    def exhibits(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self.version.html["exhibits"]
        return found

    @property
    def options(self) -> list[SatOption]:
        key = self.version.key
        return [
            SatOption(
                number,
                _fragment(self.version.html["options"][id_]),
                _fragment(self.version.key_html["rationales"].get(id_, "")),
                id_ in key,
                id_ in self.report.chosen,
            )
            for number, id_ in enumerate(self.report.option_order, start=1)
        ]

    @property
    def newer(self) -> int | None:
        """The number of the current version, if that is another than the reporter's."""
        current = self.question.current_version
        return current.number if current is not None and current.pk != self.version.pk else None

    @cached_property
    def others(self) -> list[Row]:
        """Open reports of the same question by others."""
        same = reports.to_decide(self.user).filter(question=self.question, state=ReportState.OPEN)
        found = same.exclude(pk=self.report.pk).select_related("reporter", "version")
        return [Row(report) for report in found[:PER_PAGE]]


def name_of(report: Report) -> str:
    """What a reporter calls themselves in their settings; never their e-mail address."""
    return report.reporter.name or "A candidate"


def _fragment(html: str) -> SafeString:
    return mark_safe(html)  # noqa: S308 - sanitised when it was rendered
