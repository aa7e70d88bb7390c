"""What the pages before an exam show: which exams there are, what is open, and the rules of one exam."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from exam_sim.accounts.models import ExtraTime, User
from exam_sim.exams import reserve
from exam_sim.exams.assembly import apportion
from exam_sim.exams.models import Attempt, ExamProfile, Mode, Sight
from exam_sim.exams.reserve import ReserveState
from questions.models import Certification, Domain, Pool, Status


def minutes_text(seconds: int) -> str:
    return f"{seconds // 60} min"


@dataclass(frozen=True, slots=True)
class Duration:
    """How long an exam takes this candidate: "210 min (180 + 30)"."""

    base_seconds: int
    extra_seconds: int

    def __str__(self) -> str:
        total = minutes_text(self.base_seconds + self.extra_seconds)
        if not self.extra_seconds:
            return total
        return f"{total}: {self.base_seconds // 60} + {self.extra_seconds // 60} extra"


def duration_of(profile: ExamProfile, user: User | None) -> Duration:
    """How long `profile` takes `user`, or anybody."""
    base = profile.minutes * 60
    return Duration(base, ExtraTime(user.extra_time).extra_seconds(base) if user else 0)


@dataclass(frozen=True, slots=True)
class ExamCard:
    """One exam on the home page; `reserve` is of a dress rehearsal alone."""

    profile: ExamProfile
    duration: Duration
    open: Attempt | None
    reserve: ReserveState | None


@dataclass(frozen=True)
class HomePage:
    """The exams there are, and what this person has open. `open` are attempts of any mode, newest first."""

    user: User | None
    open: list[Attempt] = field(default_factory=list)

    @cached_property
    def certifications(self) -> list[tuple[Certification, list[ExamCard]]]:
        standing = {attempt.profile_id: attempt for attempt in self.open if attempt.mode == Mode.EXAM}
        profiles = list(ExamProfile.objects.select_related("certification"))
        states = reserve.states(self.user, {profile.certification_id for profile in profiles})
        cards: dict[Certification, list[ExamCard]] = {}
        for profile in profiles:
            state = states.get(profile.certification_id) if profile.is_rehearsal else None
            card = ExamCard(profile, duration_of(profile, self.user), standing.get(profile.pk), state)
            cards.setdefault(profile.certification, []).append(card)
        return list(cards.items())

    @property
    def sessions(self) -> list[Attempt]:
        """Open study sessions."""
        return [attempt for attempt in self.open if attempt.mode == Mode.STUDY]


@dataclass(frozen=True)
class ProfilePage:
    """The start page of one exam: its rules as this candidate will sit them."""

    profile: ExamProfile
    domains: Iterable[Domain]
    user: User | None
    open: Attempt | None = None

    @cached_property
    def reserve(self) -> ReserveState | None:
        """What is kept for the dress rehearsal of this certification, whether or not this is it."""
        return reserve.state(self.user, self.profile)

    @cached_property
    def bank(self) -> int:
        """How many questions a form of this exam is drawn from."""
        statuses = [Status.PUBLISHED, Status.TRIAL] if self.profile.unscored else [Status.PUBLISHED]
        pools = Pool.objects.filter(collection__profiles=self.profile, status__in=statuses)
        return sum(pools.values_list("size", flat=True))

    @cached_property
    def seen(self) -> int:
        """How many of them this candidate has seen."""
        pools = Pool.objects.filter(collection__profiles=self.profile)
        return Sight.objects.filter(user=self.user, question__pool__in=pools).count() if self.user else 0

    @property
    def duration(self) -> Duration:
        return duration_of(self.profile, self.user)

    @property
    def passing_count(self) -> int:
        return self.profile.scale.passing_count(self.profile.scored)

    @property
    def places(self) -> list[tuple[Domain, int, int]]:
        """(domain, scored, unscored) places of the form."""
        weights = {domain.code: domain.weight for domain in self.domains}
        scored = apportion(self.profile.scored, weights)
        unscored = apportion(self.profile.unscored, weights)
        return [(domain, scored[domain.code], unscored[domain.code]) for domain in self.domains]

    @property
    def minutes_per_item(self) -> str:
        seconds = (self.duration.base_seconds + self.duration.extra_seconds) // self.profile.item_count
        return f"{seconds // 60} min {seconds % 60:02d} s"
