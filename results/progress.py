"""What the progress page shows: where a candidate stands in one certification, and what to do next.

Everything is worked out of the candidate's history, which is read once; domains and their weights are those
of the newest sitting's blueprint. Days are days of the server's time zone.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from exam_sim.accounts.models import User
from exam_sim.exams.assembly import apportion
from exam_sim.exams.models import Attempt, ExamProfile, Mode, State, Study
from questions.models import Certification
from results import cards, mastery, reports
from results.chance import DomainPlaces
from results.charts import Span, Trend, TrendScore, across, trend
from results.evidence import History, Sitting, history_of
from results.exam_dates import exam_date_of
from results.next_session import Kind, Standing, Suggestion, suggest
from results.report import Confidence, Level, Outlook, confidence_of, level_of, outlook_of

CALIBRATED_FROM = 10
"""Of fewer answers a share would say more about luck than about judgement."""
RECENT = timedelta(days=7)
ONE_SITTING = 20
NEAR = 0.12
"""How far below the pass line a mean is still called close to it."""


@dataclass(frozen=True)
class ScoreRow:
    """One form of the chart and of the table beside it; `level` is None when it says too little."""

    sitting: Sitting
    level: Level | None

    @cached_property
    def day(self) -> str:
        """Such as 2 Mar 2026."""
        begun = timezone.localtime(self.sitting.started_at)
        return f"{begun.day} {begun:%b %Y}"

    @property
    def drawn(self) -> TrendScore:
        day = self.day[:-5]  # without the year
        if self.level is None:
            return TrendScore(day, self.sitting.scaled, None, counts=False)
        return TrendScore(day, self.level.value, self.level.band, counts=self.sitting.counts)


@dataclass(frozen=True, slots=True)
class Command:
    """How well a task statement is commanded, in a word with its sign and its colour."""

    word: str
    sign: str
    tone: str


NOT_ASKED = Command("Not asked yet", "·", "neutral")
EARLY = Command("Too few to say", "…", "neutral")
STRONG = Command("Strong", "✓", "good")
ON_COURSE = Command("On course", "✓", "good")
CLOSE = Command("Close", "◔", "warn")
WEAK = Command("Needs work", "△", "warn")


def command_of(posterior: mastery.Posterior, line: float) -> Command:
    """`line` is the pass mark's share of the scale."""
    if not posterior.total:
        return NOT_ASKED
    if posterior.total < mastery.THIN:
        return EARLY
    if posterior.mean >= mastery.GOAL:
        return STRONG
    if posterior.mean >= line:
        return ON_COURSE
    return CLOSE if posterior.mean >= line - NEAR else WEAK


@dataclass(frozen=True, slots=True)
class TaskStatementRow:
    posterior: mastery.Posterior
    command: Command
    points: int
    """What is to be gained here, where it is among the three with most to gain; else 0."""


@dataclass(frozen=True, slots=True)
class DomainRow:
    """A domain with its band on a line from 0 to 100 %."""

    title: str
    posterior: mastery.DomainPosterior
    line: str
    task_statements: Sequence[TaskStatementRow]

    @property
    def x(self) -> str:
        return across(self.posterior.mean)

    @property
    def span(self) -> Span:
        return Span.of(self.posterior.low, self.posterior.high)

    @property
    def low(self) -> int:
        return round(100 * self.posterior.low)

    @property
    def high(self) -> int:
        return round(100 * self.posterior.high)


@dataclass(frozen=True, slots=True)
class Readiness:
    """One exam of the certification, and the chance of passing a form of it today; None without a form."""

    profile: ExamProfile
    outlook: Outlook | None
    was_sat: bool


@dataclass(frozen=True, slots=True)
class Calibration:
    """Of the answers given in study sessions with this confidence, how many were right."""

    right: int
    total: int

    @property
    def percent(self) -> int | None:
        """None when there are too few to say."""
        return round(100 * self.right / self.total) if self.total >= CALIBRATED_FROM else None


class ProgressPage:
    """One candidate's progress in the certification asked for, else in the one they worked on last."""

    def __init__(self, user: User, certification_id: str, now: datetime) -> None:
        self.user = user
        self.asked = certification_id
        self.now = now
        self.today = timezone.localdate(now)

    @cached_property
    def _every_profile(self) -> list[ExamProfile]:
        """Of all certifications, each with the attempt that was begun last and one that is open."""
        own = Attempt.objects.of(self.user).of_candidates().exclude(state=State.DISCARDED)
        last = own.filter(profile__certification=OuterRef("certification")).order_by("-started_at")
        return list(
            ExamProfile.objects.select_related("certification").annotate(
                last_begun=Subquery(last.values("started_at")[:1]),
                is_open=Exists(own.open().filter(profile=OuterRef("pk"), mode=Mode.EXAM)),
            )
        )

    @cached_property
    def certifications(self) -> list[Certification]:
        """Those that the candidate sat something of, the newest first; without any, all there are."""
        begun = {p: at for p in self._every_profile if (at := getattr(p, "last_begun", None))}
        found = sorted(begun, key=begun.__getitem__, reverse=True) or self._every_profile
        return list({profile.certification_id: profile.certification for profile in found}.values())

    @cached_property
    def certification(self) -> Certification | None:
        """None where no exam is set up."""
        asked = (one for one in self.certifications if one.pk == self.asked)
        return next(asked, next(iter(self.certifications), None))

    @property
    def certification_id(self) -> str:
        return self.certification.pk if self.certification else ""

    @cached_property
    def profiles(self) -> list[ExamProfile]:
        """The dress rehearsal first: it is the nearest to the real exam."""
        own = [p for p in self._every_profile if p.certification_id == self.certification_id]
        return sorted(own, key=lambda profile: not profile.is_rehearsal)

    @cached_property
    def history(self) -> History:
        return history_of(self.user, self.certification_id, self.now)

    @cached_property
    def forms(self) -> list[Sitting]:
        return [sitting for sitting in self.history.sittings if sitting.is_form]

    @cached_property
    def studied(self) -> list[Sitting]:
        return [sitting for sitting in self.history.sittings if not sitting.is_form]

    @cached_property
    def unread_replies(self) -> int:
        return reports.unread(self.user)

    # Readiness

    @cached_property
    def readiness(self) -> list[Readiness]:
        sat = {sitting.profile_id for sitting in self.forms}
        return [
            Readiness(
                profile,
                outlook_of(profile.title, self.history, self._places_of(profile), profile.scale),
                profile.pk in sat,
            )
            for profile in self.profiles
        ]

    @property
    def is_ready_to_tell(self) -> bool:
        return any(row.outlook for row in self.readiness)

    def _places_of(self, profile: ExamProfile) -> list[DomainPlaces]:
        weights = {domain["code"]: domain["weight"] for domain in self._blueprint}
        if not weights:
            return []
        places = apportion(profile.scored, weights)
        return [DomainPlaces(code, weight, places[code]) for code, weight in weights.items()]

    @cached_property
    def _blueprint(self) -> list[dict[str, Any]]:
        return self.history.sittings[-1].blueprint if self.history.sittings else []

    # Scores

    @cached_property
    def scores(self) -> list[ScoreRow]:
        """Oldest first."""
        return [ScoreRow(form, level_of(form, form.scale, form.total)) for form in self.forms]

    @cached_property
    def trend(self) -> Trend:
        return trend([row.drawn for row in self.scores], self.scores[-1].sitting.scale)

    @property
    def newest_first(self) -> list[ScoreRow]:
        return self.scores[::-1]

    @property
    def has_hollow(self) -> bool:
        return any(point.hollow for point in self.trend.points)

    # Domains

    @cached_property
    def _posteriors(self) -> list[mastery.Posterior]:
        return mastery.posteriors(mastery.places_of(self._blueprint), self._evidence)

    @cached_property
    def _evidence(self) -> list[mastery.Evidence]:
        return self.history.evidence()

    @cached_property
    def gains(self) -> list[mastery.Gain]:
        scale = self.history.sittings[-1].scale
        return mastery.most_to_gain(self._posteriors, scale.maximum - scale.minimum)

    @cached_property
    def domains(self) -> list[DomainRow]:
        if not self._evidence:
            return []
        of_domains = mastery.domain_posteriors(mastery.places_of(self._blueprint), self._evidence)
        line = float(self.history.sittings[-1].scale.pass_share)
        points = {gain.posterior.place: round(gain.points) for gain in self.gains}
        return [
            DomainRow(
                domain["title"],
                of_domains[domain["code"]],
                across(line),
                [
                    TaskStatementRow(posterior, command_of(posterior, line), points.get(posterior.place, 0))
                    for posterior in self._posteriors
                    if posterior.place.domain == domain["code"]
                ],
            )
            for domain in self._blueprint
        ]

    @property
    def pass_percent(self) -> int:
        return round(100 * self.history.sittings[-1].scale.pass_share)

    # Habits

    @cached_property
    def _confidence(self) -> Confidence:
        return confidence_of(self.studied) or Confidence((0, 0), (0, 0))

    @property
    def sure(self) -> Calibration:
        return Calibration(*self._confidence.sure)

    @property
    def unsure(self) -> Calibration:
        return Calibration(*self._confidence.unsure)

    @property
    def streak(self) -> int:
        return streak({self._day(sitting) for sitting in self.history.sittings}, self.today)

    @property
    def recent_questions(self) -> int:
        """How many were displayed in sittings that were closed on the last seven days, today included."""
        recent = (s for s in self.history.sittings if self._day(s) > self.today - RECENT)
        return sum(sitting.displayed for sitting in recent)

    @staticmethod
    def _day(sitting: Sitting) -> date:
        return timezone.localdate(sitting.closed_at)

    # What next

    @cached_property
    def exam_date(self) -> date | None:
        return exam_date_of(self.user, self.certification_id)

    @property
    def days_left(self) -> int | None:
        return None if self.exam_date is None else (self.exam_date - self.today).days

    @cached_property
    def due(self) -> int:
        return cards.count_due(self.user, self.certification_id, self.now, self.exam_date)

    @property
    def due_length(self) -> int:
        """How many of them one session takes."""
        return min(self.due, ONE_SITTING)

    @cached_property
    def suggestion(self) -> Suggestion:
        rehearsal = self.rehearsal
        return suggest(
            Standing(
                days_left=self.days_left,
                rehearsed=rehearsal is None or any(form.profile_id == rehearsal.pk for form in self.forms),
                due=self.due,
                repeated=any(s.study == Study.DUE and self._day(s) == self.today for s in self.studied),
                forms=len(self.history.counting),
                sessions_since=self._sessions_since_form,
                largest=self.gains[0] if self.history.sittings and self.gains else None,
            )
        )

    @property
    def kind(self) -> str:
        """Of the suggestion, as the template asks for it."""
        return self.suggestion.kind.value

    @property
    def rehearsal(self) -> ExamProfile | None:
        return next((profile for profile in self.profiles if profile.is_rehearsal), None)

    @property
    def suggested_profile(self) -> ExamProfile | None:
        if self.suggestion.kind is Kind.REHEARSAL:
            return self.rehearsal
        return next((profile for profile in self.profiles if not profile.is_rehearsal), self.rehearsal)

    @property
    def largest(self) -> mastery.Gain:
        return self.gains[0]

    @property
    def _sessions_since_form(self) -> int:
        since = 0
        for sitting in reversed(self.history.sittings):
            if sitting.counts:
                break
            since += not sitting.is_form
        return since


def streak(days: Collection[date], today: date) -> int:
    """How many days in a row, up to today. One that reached yesterday is still alive: today is not over."""
    day = today if today in days else today - timedelta(days=1)
    length = 0
    while day - timedelta(days=length) in days:
        length += 1
    return length
