"""What a candidate's closed attempts say about the candidate: items, sittings, and their history.

An item is *evidence* when it was displayed and its key was not corrected since (`Item.counts`). A displayed
item that was left blank is wrong. Nothing counts that was answered after the explanation: an item that was
checked in a study session takes no later answer, and a question that was seen before, with its explanation or
without, is no first sight.

Three kinds of sittings:
- *forms that count*: exams of which at least 80 % of the items were displayed. Their first sights, scored
  items alone, are what level, chance and trends are made of.
- *incomplete forms*: fewer were displayed. They keep their score and stay out of level, chance and trends,
  because a form that was broken off is no sample of a form. The first sights of scored items that they did
  display say as much about a task statement as those of a drill, and a first sight does not come again: they
  are evidence for the task statements.
- *study sessions*: evidence for the task statements alone, however many items were displayed.

How items are stored in `Result.items`: a list in the order of the form (its first is item 1) of [question (32
hexadecimal digits), number of the version, code of the domain, code of the task statement, marks], where
marks is the sum of SCORED, RIGHT, DISPLAYED, FIRST_SIGHT, SAID and SURE. It is written once, when the attempt
is graded; what was void is looked up when it is read, because keys are corrected later.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.db.models import Exists, Max

from exam_sim.accounts.models import User
from exam_sim.exams.models import Mode, Sight
from exam_sim.exams.scale import Scale
from questions.models import KeyCorrection
from results.mastery import Evidence
from results.models import FIRST_REVISION, Result
from results.withheld import told

SCORED, RIGHT, DISPLAYED, FIRST_SIGHT, SAID, SURE = 1, 2, 4, 8, 16, 32

LEAST_DISPLAYED = (4, 5)
"""The share of a form's items, as a fraction, that must have been displayed for it to count."""

Counts = tuple[int, int]
"""(right, of how many)."""

Key = TypeVar("Key")


class Item(NamedTuple):
    """One item of a closed attempt. `question` is the hexadecimal uuid of its identity, whatever the version;
    `sure` is None where the candidate did not say; `void`: answered under a key that was corrected since."""

    number: int
    question: str
    version: int
    domain: str
    task_statement: str
    scored: bool
    right: bool
    displayed: bool
    first_sight: bool
    sure: bool | None
    void: bool = False

    @property
    def counts(self) -> bool:
        """Whether it is evidence at all."""
        return self.displayed and not self.void

    @property
    def is_lucky(self) -> bool:
        """Right, and unsure: on the list to repeat."""
        return self.right and self.sure is False


def is_incomplete(displayed: int, total: int) -> bool:
    """Whether a sitting was broken off: fewer than `LEAST_DISPLAYED` of its items were displayed."""
    part, whole = LEAST_DISPLAYED
    return whole * displayed < part * total


def stored(items: Iterable[Item]) -> list[list[Any]]:
    """As `Result.items` keeps them. Raises ValueError unless they are numbered from 1 without a gap."""
    rows = []
    for number, item in enumerate(items, start=1):
        if item.number != number:
            raise ValueError(f"item {item.number} stands in place {number}")
        marks = (
            SCORED * item.scored
            + RIGHT * item.right
            + DISPLAYED * item.displayed
            + FIRST_SIGHT * item.first_sight
            + SAID * (item.sure is not None)
            + SURE * bool(item.sure)
        )
        rows.append([item.question, item.version, item.domain, item.task_statement, marks])
    return rows


def read(
    rows: Sequence[Sequence[Any]] | None, corrected: Mapping[str, int] | None = None
) -> tuple[Item, ...]:
    """The items of `Result.items`, none while they were not gathered. `corrected`: by question, the newest
    version whose key was found wrong."""
    corrected = corrected or {}
    return tuple(
        Item(
            number,
            question,
            version,
            domain,
            task_statement,
            marks & SCORED != 0,
            marks & RIGHT != 0,
            marks & DISPLAYED != 0,
            marks & FIRST_SIGHT != 0,
            marks & SURE != 0 if marks & SAID else None,
            version <= corrected.get(question, 0),
        )
        for number, (question, version, domain, task_statement, marks) in enumerate(rows or (), start=1)
    )


@dataclass(frozen=True)
class Sitting:
    """A closed attempt with its result. `scaled`, `passed`, `correct` and `total` are the result as it was
    given, whatever was corrected or seen before. `items` is empty while an older result has none gathered
    yet."""

    attempt_id: UUID
    profile_id: str
    title: str
    mode: str
    study: str
    started_at: datetime
    closed_at: datetime
    scale: Scale
    blueprint: list[dict[str, Any]]
    scaled: int
    passed: bool
    correct: int
    total: int
    items: tuple[Item, ...]

    @property
    def is_form(self) -> bool:
        return self.mode == Mode.EXAM

    @cached_property
    def displayed(self) -> int:
        return sum(item.displayed for item in self.items)

    @property
    def is_incomplete(self) -> bool:
        return is_incomplete(self.displayed, len(self.items))

    @property
    def counts(self) -> bool:
        """Whether level, chance and trends take it in."""
        return self.is_form and bool(self.items) and not self.is_incomplete

    @cached_property
    def evidence(self) -> tuple[Item, ...]:
        """The items that say something about the candidate's level: first sights of scored items."""
        return tuple(item for item in self.items if item.first_sight and item.scored and item.counts)

    @cached_property
    def seen_again(self) -> tuple[Item, ...]:
        """Scored items whose question this candidate had seen before."""
        return tuple(item for item in self.items if not item.first_sight and item.scored and item.counts)

    @property
    def first_sights(self) -> Counts:
        return _counts(self.evidence)

    @property
    def repeats(self) -> Counts:
        return _counts(self.seen_again)

    def by_domain(self) -> dict[str, Counts]:
        """First sights of scored items by the domain's code; domains without one are left out."""
        return _counts_by((item.domain, item) for item in self.evidence)


@dataclass(frozen=True)
class Outcome:
    """The newest that is known about a question: the item, and where it was sat."""

    item: Item
    sitting: Sitting


@dataclass(frozen=True)
class History:
    """All of a candidate's sittings in one certification, in the order in which they were closed."""

    sittings: tuple[Sitting, ...]

    @property
    def counting(self) -> list[Sitting]:
        return [sitting for sitting in self.sittings if sitting.counts]

    def forms(self) -> list[dict[str, Counts]]:
        """By domain, the first sights of each form that counts; forms without a first sight say nothing."""
        return [counts for sitting in self.counting if (counts := sitting.by_domain())]

    def evidence(self) -> list[Evidence]:
        """First sights by task statement, of forms (incomplete ones too) and of study sessions."""
        counts = _counts_by(
            ((item.domain, item.task_statement), item)
            for sitting in self.sittings
            for item in sitting.evidence
        )
        return [Evidence(domain, code, right, total) for (domain, code), (right, total) in counts.items()]

    def newest(self) -> dict[str, Outcome]:
        """By question, what became of it when it was displayed last, in whatever sitting; scored or not."""
        return {
            item.question: Outcome(item, sitting)
            for sitting in self.sittings
            for item in sitting.items
            if item.counts
        }


def history_of(user: User, certification_id: str, now: datetime) -> History:
    """What was closed by `now`, and graded, but for results that are held back (`results.withheld`). One
    query; two when the key of a question that this candidate saw was ever corrected."""
    sights = Sight.objects.filter(user=user).values("question")
    rows = (
        Result.objects.filter(
            told(user.pk),
            attempt__user=user,
            attempt__profile__certification=certification_id,
            attempt__closed_at__lte=now,
            revision=FIRST_REVISION,
        )
        .order_by("attempt__closed_at", "attempt__started_at")
        .annotate(any_corrected=Exists(KeyCorrection.objects.filter(question__in=sights)))
        .values_list(*_COLUMNS, named=True)
    )
    found = list(rows)
    corrected = _corrected(user) if found and found[0].any_corrected else {}
    return History(tuple(_sitting(row, corrected) for row in found))


_COLUMNS = (
    "attempt_id",
    "attempt__profile_id",
    "attempt__title",
    "attempt__mode",
    "attempt__study",
    "attempt__started_at",
    "attempt__closed_at",
    "attempt__scale_min",
    "attempt__scale_max",
    "attempt__pass_mark",
    "attempt__blueprint",
    "scaled",
    "passed",
    "correct",
    "total",
    "items",
    "any_corrected",
)


def _sitting(row: Any, corrected: Mapping[str, int]) -> Sitting:
    return Sitting(
        attempt_id=row.attempt_id,
        profile_id=row.attempt__profile_id,
        title=row.attempt__title,
        mode=row.attempt__mode,
        study=row.attempt__study,
        started_at=row.attempt__started_at,
        closed_at=row.attempt__closed_at,
        scale=Scale(row.attempt__scale_min, row.attempt__scale_max, row.attempt__pass_mark),
        blueprint=row.attempt__blueprint,
        scaled=row.scaled,
        passed=row.passed,
        correct=row.correct,
        total=row.total,
        items=read(row.items, corrected),
    )


def _corrected(user: User) -> dict[str, int]:
    """By question that this candidate saw, the newest version whose key was found wrong."""
    rows = (
        KeyCorrection.objects.filter(question__in=Sight.objects.filter(user=user).values("question"))
        .order_by()
        .values_list("question_id")
        .annotate(newest=Max("before__number"))
    )
    return {question.hex: number for question, number in rows}


def _counts(items: Sequence[Item]) -> Counts:
    return sum(item.right for item in items), len(items)


def _counts_by(pairs: Iterable[tuple[Key, Item]]) -> dict[Key, Counts]:
    rights: Counter[Key] = Counter()
    totals: Counter[Key] = Counter()
    for key, item in pairs:
        totals[key] += 1
        rights[key] += item.right
    return {key: (rights[key], total) for key, total in totals.items()}
