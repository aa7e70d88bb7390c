"""What the review shows: every question of a closed attempt as it was sat, and a choice of which.

Six statements for any number of items: attempt, items with their versions, registers, time by item, late
answers (and the session's two). Callers pass closed attempts only: everything here shows keys.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import BigIntegerField, Exists, OuterRef, Subquery, Sum
from django.db.models.functions import Cast
from django.utils.safestring import SafeString, mark_safe

from exam_sim.exams.models import Attempt, AttemptItem, EventKind, Mode, State
from questions.models import KeyCorrection, QuestionVersion
from results import markup
from results.wording import counted


class Outcome(Enum):
    """What became of an item. All but RIGHT earn nothing; `mark` is its sign beside the word. WITHHELD: the
    candidate sits the same question in an exam that is open, so nothing that tells its key is shown yet. A
    preview that is open holds nothing back: what is known of its keys helps nobody to a score."""

    RIGHT = ("Correct", "good", "✓")
    WRONG = ("Incorrect", "bad", "✗")
    INCOMPLETE = ("Incomplete", "bad", "◐")
    UNANSWERED = ("Unanswered", "warn", "○")
    WITHHELD = ("In your open exam", "neutral", "…")

    def __init__(self, label: str, tone: str, mark: str) -> None:
        self.label = label
        self.tone = tone
        self.mark = mark


@dataclass(frozen=True, slots=True)
class LateChoice:
    """An answer that arrived after the time and did not count."""

    number: int
    numbers: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Correction:
    """The newest correction of a question's key since the version that was sat."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One place of the form after the exam. Options are in the order they were sat in, by id; `html` and
    `key_html` are the version's stored, sanitised fragments."""

    number: int
    scored: bool
    options: Sequence[str]
    chosen: frozenset[str]
    struck: frozenset[str]
    key: frozenset[str]
    choose: int
    flagged: bool
    spent: timedelta
    late: LateChoice | None
    correction: Correction | None
    domain: str
    task_statement: str
    html: dict[str, Any]
    key_html: dict[str, Any]
    references: Sequence[dict[str, str]]
    has_newer_version: bool
    withheld: bool

    @property
    def outcome(self) -> Outcome:
        if self.withheld:
            return Outcome.WITHHELD
        if self.chosen == self.key:
            return Outcome.RIGHT
        if not self.chosen:
            return Outcome.UNANSWERED
        return Outcome.WRONG if len(self.chosen) == self.choose else Outcome.INCOMPLETE


class Show(Enum):
    """A filter over the items. An unanswered item is incorrect too: that is how it was scored."""

    ALL = ("all", "All", "This exam has no questions.")
    INCORRECT = (
        "incorrect",
        "Incorrect",
        "Nothing incorrect here: all of these questions were correct.",
    )
    UNANSWERED = ("unanswered", "Unanswered", "Nothing unanswered here: you chose something everywhere.")
    FLAGGED = ("flagged", "Flagged", "You flagged none of these questions.")
    UNSCORED = ("unscored", "Unscored", "None of these questions was unscored.")

    def __init__(self, slug: str, label: str, empty: str) -> None:
        self.slug = slug
        self.label = label
        self.empty = empty

    def holds(self, item: ReviewItem) -> bool:
        return _HOLDS[self](item)


_HOLDS: dict[Show, Callable[[ReviewItem], bool]] = {
    Show.ALL: lambda item: True,
    Show.INCORRECT: lambda item: item.outcome not in (Outcome.RIGHT, Outcome.WITHHELD),
    Show.UNANSWERED: lambda item: not item.chosen,
    Show.FLAGGED: lambda item: item.flagged,
    Show.UNSCORED: lambda item: not item.scored,
}


@dataclass(frozen=True, slots=True)
class Choice:
    """Which items to show: `domain` is a code, empty for all. What is not understood shows all."""

    show: Show = Show.ALL
    domain: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Choice":
        show = next((show for show in Show if show.slug == query.get("show")), Show.ALL)
        return cls(show, query.get("domain", ""))

    def holds(self, item: ReviewItem) -> bool:
        return self.show.holds(item) and self.domain in ("", item.domain)

    @property
    def query(self) -> str:
        chosen = {"show": self.show.slug if self.show is not Show.ALL else "", "domain": self.domain}
        return "?" + urlencode({name: value for name, value in chosen.items() if value})


@dataclass(frozen=True, slots=True)
class Filter:
    """A link of the filter bar; `count` is how many items it would show."""

    label: str
    query: str
    count: int
    current: bool


class ReviewPage:
    """A closed attempt under `choice`."""

    def __init__(self, attempt: Attempt, choice: Choice) -> None:
        self.attempt = attempt
        domains = {domain["code"] for domain in attempt.blueprint}
        self.choice = choice if choice.domain in domains else Choice(choice.show)

    @cached_property
    def items(self) -> list[ReviewItem]:
        return items_of(self.attempt)

    @cached_property
    def shown(self) -> list[ReviewItem]:
        return [item for item in self.items if self.choice.holds(item)]

    @property
    def filters(self) -> list[Filter]:
        shows = [show for show in Show if show is not Show.UNSCORED or not all(i.scored for i in self.items)]
        return [self._filter(show.label, Choice(show, self.choice.domain)) for show in shows]

    @property
    def domain_filters(self) -> list[Filter]:
        every = [("All domains", "")]
        named = [(f"{domain['code']} {domain['title']}", domain["code"]) for domain in self.attempt.blueprint]
        return [self._filter(label, Choice(self.choice.show, code)) for label, code in every + named]

    @property
    def late(self) -> list[LateChoice]:
        return [item.late for item in self.items if item.late]

    @property
    def withheld(self) -> int:
        """How many items keep their key back, because the candidate sits their question in an open exam."""
        return sum(item.withheld for item in self.items)

    @property
    def empty(self) -> str:
        """What to say when nothing is shown."""
        if self.withheld and self.choice.show is Show.INCORRECT:
            return "Nothing to show yet: what became of the questions of your open exam is kept back."
        return self.choice.show.empty

    @property
    def summary(self) -> str:
        return f"{len(self.shown)} of {counted(len(self.items), 'question')} shown"

    @property
    def navigator(self) -> SafeString:
        return mark_safe(markup.navigator(self.shown))  # noqa: S308

    @property
    def articles(self) -> SafeString:
        """The questions, joined: `markup` escapes all that is not a stored, sanitised fragment."""
        return mark_safe(markup.articles(self.shown, self.attempt.pk))  # noqa: S308

    def _filter(self, label: str, choice: Choice) -> Filter:
        count = sum(choice.holds(item) for item in self.items)
        return Filter(label, choice.query, count, choice == self.choice)


def items_of(attempt: Attempt) -> list[ReviewItem]:
    registers = {
        (item, kind): value
        for item, kind, value in attempt.registers.exclude(kind=EventKind.SCRATCHPAD).values_list(
            "item", "kind", "value"
        )
    }
    spent = dict(
        attempt.events.filter(kind=EventKind.VISIT)
        .values_list("item")
        .annotate(spent=Sum(Cast("value", BigIntegerField())))
    )
    late = {
        item: (value, received_at)
        for item, value, received_at in attempt.late_answers.values_list("item", "value", "received_at")
    }
    running = AttemptItem.objects.filter(
        attempt__user=attempt.user_id, attempt__state=State.OPEN, question=OuterRef("question")
    ).exclude(attempt__mode=Mode.PREVIEW)
    since = KeyCorrection.objects.filter(
        question=OuterRef("question"), before__number__gte=OuterRef("version__number")
    ).order_by("-at", "-pk")
    if attempt.is_preview:
        since = since.none()  # the sentence speaks of a result
    items = (
        AttemptItem.objects.filter(attempt=attempt)
        .order_by("number")
        .annotate(
            withheld=Exists(running),
            corrected_at=Subquery(since.values("at")[:1]),
            corrected_why=Subquery(since.values("reason")[:1]),
        )
    )
    rows = items.values_list(*_COLUMNS, named=True)
    chooses = [choose for _, choose in attempt.shape]
    return [_item(row, chooses[row.number - 1], registers, spent.get(row.number, 0), late) for row in rows]


_COLUMNS = (
    "number",
    "scored",
    "option_order",
    "version_id",
    "question__current_version_id",
    "version__options",
    "version__html",
    "version__key_html",
    "version__references",
    "version__task_statement__code",
    "version__task_statement__title",
    "version__task_statement__domain__code",
    "withheld",
    "corrected_at",
    "corrected_why",
)


def _item(
    row: Any,
    choose: int,
    registers: Mapping[tuple[int, str], Any],
    spent_ms: int,
    late: Mapping[int, tuple[list[int], datetime]],
) -> ReviewItem:
    order = row.option_order
    current: UUID | None = row.question__current_version_id
    return ReviewItem(
        number=row.number,
        scored=row.scored,
        options=order,
        chosen=_ids(order, registers.get((row.number, EventKind.ANSWER))),
        struck=_ids(order, registers.get((row.number, EventKind.STRIKE))),
        key=QuestionVersion(options=row.version__options).key,
        choose=choose,
        flagged=bool(registers.get((row.number, EventKind.FLAG))),
        spent=timedelta(milliseconds=spent_ms),
        late=_late(row.number, *late[row.number]) if row.number in late else None,
        correction=Correction(row.corrected_at, row.corrected_why) if row.corrected_at else None,
        domain=row.version__task_statement__domain__code,
        task_statement=f"{row.version__task_statement__code} {row.version__task_statement__title}",
        html=row.version__html,
        key_html=row.version__key_html,
        references=row.version__references,
        has_newer_version=current is not None and current != row.version_id,
        withheld=row.withheld,
    )


def _ids(order: Sequence[str], positions: Sequence[int] | None) -> frozenset[str]:
    return frozenset(order[position] for position in positions or ())


def _late(number: int, positions: Sequence[int], received_at: datetime) -> LateChoice:
    return LateChoice(number, ", ".join(str(position + 1) for position in positions), received_at)
