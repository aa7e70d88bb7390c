"""The questions of a closed attempt as they were sat, with all that its candidate made of them since.

Four statements for any number of items: items with their versions, registers, time by item, late answers;
what stands beside a question (notes, bookmarks, reports, shares) rides with the items. Callers pass closed
attempts only: everything here shows keys.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, Case, Exists, OuterRef, QuerySet, Subquery, Sum, When
from django.db.models.functions import Cast, JSONObject

from exam_sim.exams.models import Attempt, AttemptItem, EventKind, Sight
from questions.fingerprint import fold
from questions.models import KeyCorrection
from results.models import Bookmark, Note, Report, ReportState
from results.withheld import is_withheld
from results.wording import percent

LEAST_SIGHTS = 30
"""Shares of fewer candidates are not shown: they say little, and who was asked first might be found in
them."""


class Outcome(Enum):
    """What became of an item. All but RIGHT earn nothing; `mark` is its sign beside the word. WITHHELD: the
    candidate sits the same question in an exam that is open, so nothing that tells its key is shown yet. A
    preview that is open holds nothing back: what is known of its keys helps nobody to a score. UNSEEN: it was
    never displayed, so it is left out of the review and stays new for a later exam."""

    RIGHT = ("Correct", "good", "✓")
    WRONG = ("Incorrect", "bad", "✗")
    INCOMPLETE = ("Incomplete", "bad", "◐")
    UNANSWERED = ("Unanswered", "warn", "○")
    UNSEEN = ("Unanswered, not reached", "warn", "◌")
    WITHHELD = ("In your open exam or session", "neutral", "…")

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
class Shares:
    """Of so many candidates who saw the question for the first time in this version, how many chose what."""

    sights: int
    chosen: Mapping[str, int]

    def percent(self, option: str) -> int:
        return percent(self.chosen.get(option, 0), self.sights)


@dataclass(frozen=True, slots=True)
class Told:
    """The report that this candidate made of a question: the open one, else the newest."""

    state: ReportState
    reply: str


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One place of the form after the exam. Options are in the order they were sat in, by id; `html` and
    `key_html` are the version's stored, sanitised fragments. `sure` is None where nothing was said of it.

    `text` is what a search looks in, folded: read only where somebody searches, and never what is kept back.
    An item may be withheld and unseen.
    """

    number: int
    question: UUID
    version: UUID
    scored: bool
    options: Sequence[str]
    chosen: frozenset[str]
    struck: frozenset[str]
    key: frozenset[str]
    choose: int
    flagged: bool
    sure: bool | None
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
    unseen: bool
    bookmarked: bool
    note: str
    shares: Shares | None
    told: Told | None
    text: str

    @property
    def outcome(self) -> Outcome:
        if self.unseen:
            return Outcome.UNSEEN
        if self.withheld:
            return Outcome.WITHHELD
        if self.chosen == self.key:
            return Outcome.RIGHT
        if not self.chosen:
            return Outcome.UNANSWERED
        return Outcome.WRONG if len(self.chosen) == self.choose else Outcome.INCOMPLETE

    @property
    def lucky(self) -> bool:
        return self.sure is False and self.outcome is Outcome.RIGHT


def items_of(attempt: Attempt, *, searched: bool = False) -> list[ReviewItem]:
    rows = _rows(attempt).values_list(*_COLUMNS, *(_TEXTS if searched else ()), named=True)
    log = _Log(attempt)
    chooses = [choose for _, choose in attempt.shape]
    return [_item(row, chooses[row.number - 1], log, attempt.is_preview) for row in rows]


class _Log:
    """What the candidate did, by item."""

    def __init__(self, attempt: Attempt) -> None:
        registers = attempt.registers.exclude(kind=EventKind.SCRATCHPAD)
        self.registers: dict[tuple[int, str], Any] = {
            (item, kind): value for item, kind, value in registers.values_list("item", "kind", "value")
        }
        visits = attempt.events.filter(kind=EventKind.VISIT).values_list("item")
        self.spent: dict[int, int] = dict(visits.annotate(spent=Sum(Cast("value", BigIntegerField()))))
        late = attempt.late_answers.values_list("item", "value", "received_at")
        self.late = {item: LateChoice(item, _numbers(value), at) for item, value, at in late}
        self.displayed = {item for item, _ in self.registers} | self.spent.keys()
        """Every event but a visit has a register; of a late answer there is a `Sight`."""


def _rows(attempt: Attempt) -> QuerySet[AttemptItem]:
    user = attempt.user_id
    since = KeyCorrection.objects.filter(
        question=OuterRef("question"), before__number__gte=OuterRef("version__number")
    ).order_by("-at", "-pk")
    if attempt.is_preview:
        since = since.none()  # the sentence speaks of a result
    own = {"user": user, "question": OuterRef("question")}
    return (
        AttemptItem.objects.filter(attempt=attempt)
        .order_by("number")
        .annotate(
            withheld=is_withheld(user),
            seen=Exists(Sight.objects.filter(**own)),
            corrected_at=Subquery(since.values("at")[:1]),
            corrected_why=Subquery(since.values("reason")[:1]),
            bookmarked=Exists(Bookmark.objects.filter(**own)),
            note=Subquery(Note.objects.filter(**own).values("text")[:1]),
            told=Subquery(_told(user).values(told=JSONObject(state="state", reply="reply"))[:1]),
        )
    )


def _told(user: UUID) -> QuerySet[Report]:
    own = Report.objects.filter(reporter=user, question=OuterRef("question"))
    return own.order_by(Case(When(state=ReportState.OPEN, then=0), default=1), "-made_at")


_COLUMNS = (
    "number",
    "question_id",
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
    "version__tally__sights",
    "version__tally__chosen",
    "withheld",
    "seen",
    "corrected_at",
    "corrected_why",
    "bookmarked",
    "note",
    "told",
)
_TEXTS = ("version__stem", "version__explanation")


def _item(row: Any, choose: int, log: _Log, everything: bool) -> ReviewItem:
    """`everything`: nothing is kept unseen, as in a preview."""
    order = row.option_order
    current: UUID | None = row.question__current_version_id
    said = log.registers.get
    unseen = not (everything or row.seen or row.number in log.displayed)
    return ReviewItem(
        number=row.number,
        question=row.question_id,
        version=row.version_id,
        scored=row.scored,
        options=order,
        chosen=_ids(order, said((row.number, EventKind.ANSWER))),
        struck=_ids(order, said((row.number, EventKind.STRIKE))),
        key=frozenset(option["id"] for option in row.version__options if option["correct"]),
        choose=choose,
        flagged=bool(said((row.number, EventKind.FLAG))),
        sure=said((row.number, EventKind.SURE)),
        spent=timedelta(milliseconds=log.spent.get(row.number, 0)),
        late=log.late.get(row.number),
        correction=Correction(row.corrected_at, row.corrected_why) if row.corrected_at else None,
        domain=row.version__task_statement__domain__code,
        task_statement=f"{row.version__task_statement__code} {row.version__task_statement__title}",
        html=row.version__html,
        key_html=row.version__key_html,
        references=row.version__references,
        has_newer_version=current is not None and current != row.version_id,
        withheld=row.withheld,
        unseen=unseen,
        bookmarked=row.bookmarked,
        note=row.note or "",
        shares=_shares(row) if not (row.withheld or unseen) else None,
        told=Told(ReportState(row.told["state"]), row.told["reply"]) if row.told else None,
        text="" if unseen else _text(row, row.withheld),
    )


def _shares(row: Any) -> Shares | None:
    sights = row.version__tally__sights
    return Shares(sights, row.version__tally__chosen) if sights and sights >= LEAST_SIGHTS else None


def _text(row: Any, withheld: bool) -> str:
    """Stem, options and my note, and with the key also what explains it."""
    if not hasattr(row, "version__stem"):
        return ""
    texts = [row.version__stem, row.note or "", *(option["text"] for option in row.version__options)]
    if not withheld:
        texts += [
            row.version__explanation,
            *(option.get("rationale") or "" for option in row.version__options),
        ]
    return fold(" ".join(texts))


def _ids(order: Sequence[str], positions: Sequence[int] | None) -> frozenset[str]:
    return frozenset(order[position] for position in positions or ())


def _numbers(positions: Sequence[int]) -> str:
    return ", ".join(str(position + 1) for position in positions)
