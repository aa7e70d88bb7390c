"""What the result page shows: one context object for each of its regions.

What is said about the candidate's level, the next form and the chance of passing rests on first sights alone
and touches neither score nor verdict. The whole page asks for the history once and for the plan once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from exam_sim.accounts.models import User
from exam_sim.exams.models import Attempt, EndedBy, ExamProfile, Reserve
from exam_sim.exams.scale import Scale
from results import mastery
from results.chance import Chance, DomainPlaces, pass_chance
from results.charts import ScaleMark, Span, across
from results.evidence import History, Sitting, history_of
from results.level import level_band, next_form, too_few
from results.models import Result
from results.plan import Plan, plan_of
from results.withheld import withholding
from results.wording import duration, percent

FEWEST_FIRST_SIGHTS = 20
"""With fewer of them the band would span half of the scale: a sentence says more."""


@dataclass(frozen=True)
class Level:
    """Where the level probably lies, and where the next form will probably fall: scaled scores, from the
    first sights of one sitting. `places` is how many scored items the next form is taken to have."""

    scale: Scale
    correct: int
    total: int
    places: int

    @property
    def value(self) -> int:
        """The scaled score of the first sights alone; it is not always the score that was given."""
        return self.scale.scaled(self.correct, self.total)

    @cached_property
    def band(self) -> tuple[int, int]:
        band = level_band(self.correct, self.total)
        return self.scale.at(band.low), self.scale.at(band.high)

    @cached_property
    def next(self) -> tuple[int, int]:
        low, high = next_form(self.correct, self.total, self.places)
        return self.scale.scaled(low, self.places), self.scale.scaled(high, self.places)

    @property
    def band_span(self) -> Span:
        return Span.on(self.scale, *self.band)

    @property
    def next_span(self) -> Span:
        return Span.on(self.scale, *self.next)


def level_of(sitting: Sitting, scale: Scale, places: int) -> Level | None:
    """None when the sitting says too little: too few first sights, or it was not displayed to its end."""
    correct, total = sitting.first_sights
    if total < FEWEST_FIRST_SIGHTS or sitting.is_incomplete:
        return None
    return Level(scale, correct, total, places)


@dataclass(frozen=True, slots=True)
class Outlook:
    """The chance of passing another form of one profile, drawn on a line from 0 to 100 %."""

    title: str
    needed: int
    places: int
    chance: Chance

    @property
    def is_range(self) -> bool:
        """After one form alone a single number would claim too much."""
        return self.chance.forms == 1

    @property
    def x(self) -> str:
        return across(self.chance.value)

    @property
    def span(self) -> Span:
        return Span.of(self.chance.low, self.chance.high)


def outlook_of(title: str, history: History, domains: Sequence[DomainPlaces], scale: Scale) -> Outlook | None:
    """None as long as no form counts."""
    forms = history.forms()
    places = sum(domain.places for domain in domains)
    if not forms or not places:
        return None
    needed = scale.passing_count(places)
    return Outlook(title, needed, places, pass_chance(forms, domains, needed))


@dataclass(frozen=True, slots=True)
class DomainRow:
    """A domain of the result with its bar; `line` is where the pass mark's share lies on that bar."""

    domain: dict[str, Any]
    scale: Scale

    @property
    def percent(self) -> int:
        return percent(self.domain["correct"], self.domain["total"])

    @property
    def width(self) -> str:
        return across(self.domain["correct"] / self.domain["total"])

    @property
    def line(self) -> str:
        return across(float(self.scale.pass_share))

    @property
    def item_worth(self) -> int:
        """What one item is worth in percent of the domain: the caution about few items, as a number."""
        return percent(1, self.domain["total"])

    @property
    def standing(self) -> "Standing":
        if too_few(self.domain["correct"], self.domain["total"], self.scale.pass_share):
            return TOO_FEW
        return MEETS if self.domain["meets"] else IMPROVE


@dataclass(frozen=True, slots=True)
class Standing:
    """A word with its sign and its colour."""

    word: str
    sign: str
    tone: str


MEETS = Standing("Meets competencies", "✓", "good")
IMPROVE = Standing("Needs improvement", "△", "warn")
TOO_FEW = Standing("Too few items to say", "…", "neutral")


@dataclass(frozen=True, slots=True)
class TaskStatementGroup:
    code: str
    title: str
    task_statements: Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Sights:
    """The scored items of a sitting by whether they were seen before: (right, of how many)."""

    first: tuple[int, int]
    repeats: tuple[int, int]

    @property
    def total(self) -> int:
        return self.first[1] + self.repeats[1]

    @property
    def first_percent(self) -> int:
        return percent(*self.first) if self.first[1] else 0

    @property
    def repeats_percent(self) -> int:
        return percent(*self.repeats) if self.repeats[1] else 0


@dataclass(frozen=True, slots=True)
class Confidence:
    """How sure the candidate was of the answers of a study session: (right, of how many)."""

    sure: tuple[int, int]
    unsure: tuple[int, int]

    @property
    def lucky(self) -> int:
        return self.unsure[0]


def with_reserve_spent(attempts: QuerySet[Attempt]) -> QuerySet[Attempt]:
    """Adds `spent_reserve`: whether the attempt was the dress rehearsal that the reserve was kept for."""
    return attempts.annotate(spent_reserve=Exists(Reserve.objects.filter(spent_on=OuterRef("pk"))))


class ResultPage:
    """A closed attempt at `profile` and its result, as its candidate reads them."""

    def __init__(self, attempt: Attempt, profile: ExamProfile, result: Result, history: History) -> None:
        self.attempt = attempt
        self.profile = profile
        self.result = result
        self.history = history
        self.scale = Scale(attempt.scale_min, attempt.scale_max, result.pass_mark)

    @property
    def spent_reserve(self) -> bool:
        return bool(getattr(self.attempt, "spent_reserve", False))

    @cached_property
    def is_withheld(self) -> bool:
        """Whether it says nothing yet, see `results.withheld`: the history leaves such a result out."""
        return all(sitting.attempt_id != self.attempt.pk for sitting in self.history.sittings)

    @cached_property
    def withholding(self) -> Attempt | None:
        """The open exam because of which it says nothing yet; None when that has ended just now."""
        return withholding(self.attempt, self.result.computed_at)

    @cached_property
    def sitting(self) -> Sitting:
        return next(sitting for sitting in self.history.sittings if sitting.attempt_id == self.attempt.pk)

    @property
    def is_study(self) -> bool:
        return self.attempt.is_study

    @property
    def score_mark(self) -> ScaleMark:
        return ScaleMark.at(self.scale, self.result.scaled)

    @property
    def pass_mark(self) -> ScaleMark:
        return ScaleMark.at(self.scale, self.scale.pass_mark)

    @property
    def passing_count(self) -> int:
        return self.scale.passing_count(self.result.total)

    @property
    def span(self) -> int:
        return self.scale.maximum - self.scale.minimum

    @property
    def unscored(self) -> int:
        return self.attempt.item_count - self.result.total

    @property
    def open(self) -> int:
        """Items without a complete choice, scored or not: nobody can tell before the end."""
        return self.attempt.item_count - self.result.answered

    @property
    def time_used(self) -> str:
        return duration(self.attempt.time_used or timedelta())

    @property
    def time_granted(self) -> str:
        seconds = self.attempt.seconds_granted
        return "" if seconds is None else duration(timedelta(seconds=seconds))

    @property
    def ended_by(self) -> str:
        return "Time ran out" if self.attempt.ended_by == EndedBy.CLOCK else "You ended it"

    @cached_property
    def level(self) -> Level | None:
        return level_of(self.sitting, self.scale, self.result.total)

    @cached_property
    def outlook(self) -> Outlook | None:
        domains = [
            DomainPlaces(domain["code"], domain["weight"], domain["scored"])
            for domain in self.attempt.blueprint
        ]
        return outlook_of(self.attempt.title, self.history, domains, self.scale)

    @cached_property
    def sights(self) -> Sights:
        return Sights(self.sitting.first_sights, self.sitting.repeats)

    @property
    def undisplayed(self) -> int:
        """Scored items that were never displayed: neither first sights nor repeats."""
        return sum(item.scored and not item.displayed for item in self.sitting.items)

    @property
    def void(self) -> int:
        """Scored items whose key was corrected since: they say nothing about the candidate."""
        return sum(item.scored and item.displayed and item.void for item in self.sitting.items)

    @cached_property
    def confidence(self) -> Confidence | None:
        """None when the candidate said nowhere how sure they were."""
        return confidence_of([self.sitting])

    @cached_property
    def plan(self) -> Plan:
        places = mastery.places_of(self.attempt.blueprint)
        return plan_of(
            self.history,
            mastery.posteriors(places, self.history.evidence()),
            certification_id=self.profile.certification_id,
            user_id=self.attempt.user_id,
            span=self.span,
            here=self.attempt.pk,
        )

    @cached_property
    def domains(self) -> list[DomainRow]:
        return [DomainRow(domain, self.scale) for domain in self.result.domains]

    @cached_property
    def task_statements(self) -> list[TaskStatementGroup]:
        return [
            TaskStatementGroup(
                domain["code"],
                domain["title"],
                [row for row in self.result.task_statements if row["domain"] == domain["code"]],
            )
            for domain in self.result.domains
        ]


def result_page(user: User, attempt: Attempt, result: Result, now: datetime) -> ResultPage:
    """Raises ValueError for a preview: it prepares for no exam."""
    profile = attempt.profile
    if profile is None:
        raise ValueError(f"attempt {attempt.pk} belongs to no exam")
    return ResultPage(attempt, profile, result, history_of(user, profile.certification_id, now))


def confidence_of(sittings: Sequence[Sitting]) -> Confidence | None:
    said = [
        (item.sure, item.right)
        for sitting in sittings
        for item in sitting.items
        if item.sure is not None and item.displayed and not item.void
    ]
    if not said:
        return None
    sure, unsure = ([right for was_sure, right in said if was_sure is kind] for kind in (True, False))
    return Confidence((sum(sure), len(sure)), (sum(unsure), len(unsure)))
