"""What forms are made of, as the database holds it: the domains and pools of an exam, what a candidate saw
and has in reserve, and the questions at some ranks. Each is one statement, whatever the size of the bank.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, F, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast

from exam_sim.accounts.models import User
from exam_sim.exams.assembly import Blueprint, Ranks, apportion
from exam_sim.exams.drafting import Candidate, Places, PoolSize
from exam_sim.exams.models import Attempt, AttemptItem, ExamProfile, Reserve, Sight, State
from exam_sim.postgresql.compiled import Compiled, CompiledModels
from questions.models import Domain, Kind, Question, Status

_PROFILE = CompiledModels(lambda slug: ExamProfile.objects.filter(pk=slug).order_by(), "a profile")
KEPT, SITTING, SPENT = "kept", "sitting", "spent"
_SEEN, _OPEN = "seen", "open"


def profile_named(slug: str) -> ExamProfile | None:
    return _PROFILE.first(slug)


@dataclass(frozen=True, slots=True)
class DomainRow:
    """A domain and its task statements as (code, title)."""

    code: str
    title: str
    weight: int
    task_statements: tuple[tuple[str, str], ...]


def _domain_rows(certification_id: str) -> "QuerySet[Domain, tuple[Any, ...]]":
    return (
        Domain.objects.filter(certification_id=certification_id)
        .order_by("code", "task_statements__code")
        .values_list("code", "title", "weight", "task_statements__code", "task_statements__title")
    )


_DOMAINS = Compiled(_domain_rows, "a certification")


def domains_of(certification_id: str) -> list[DomainRow]:
    rows = _DOMAINS.rows(certification_id)
    statements: dict[tuple[str, str, int], list[tuple[str, str]]] = {}
    for code, title, weight, statement, statement_title in rows:
        found = statements.setdefault((code, title, weight), [])
        if statement is not None:
            found.append((statement, statement_title))
    return [DomainRow(*domain, tuple(found)) for domain, found in statements.items()]


def places_of(scored: int, unscored: int, domains: Sequence[DomainRow]) -> tuple[Places, ...]:
    """The places of a form by domain."""
    weights = {domain.code: domain.weight for domain in domains}
    by_scored, by_unscored = apportion(scored, weights), apportion(unscored, weights)
    return tuple(
        Places(
            domain.code,
            domain.title,
            tuple(code for code, _ in domain.task_statements),
            by_scored[domain.code],
            by_unscored[domain.code],
        )
        for domain in domains
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """An exam's counts and its pools: trial ones only where unscored places can take them."""

    certification_id: str
    profile_id: str
    is_rehearsal: bool
    scored: int
    unscored: int
    pools: tuple[PoolSize, ...]

    def blueprint(self, domains: Sequence[DomainRow]) -> Blueprint:
        return Blueprint(places_of(self.scored, self.unscored, domains), self.pools)


def offers_of(wanted: Q) -> dict[str, Offer]:
    """The offers of the profiles that `wanted` finds, by slug; one without any pool is left out."""
    return _offers(_offer_rows(wanted))


def _offer_rows(wanted: Q) -> "QuerySet[ExamProfile, tuple[Any, ...]]":
    return (
        ExamProfile.objects.filter(wanted, collections__pools__isnull=False)
        .order_by()
        .values_list(
            "certification_id",
            "slug",
            "is_rehearsal",
            "scored",
            "unscored",
            "collections__pools__pk",
            "collections__pools__task_statement__domain__code",
            "collections__pools__task_statement__code",
            "collections__pools__status",
            "collections__pools__size",
            "collections__pools__multiple_response",
            "collections__pools__level_1",
            "collections__pools__level_2",
            "collections__pools__level_3",
        )
    )


def _offers(rows: Iterable[Sequence[Any]]) -> dict[str, Offer]:
    pools: dict[tuple[str, str, bool, int, int], list[PoolSize]] = {}
    for *exam, pk, domain, statement, status, size, multiple, one, two, three in rows:
        certification, slug, is_rehearsal, scored, unscored = exam
        found = pools.setdefault((certification, slug, is_rehearsal, scored, unscored), [])
        trial = status == Status.TRIAL
        if unscored or not trial:
            found.append(PoolSize(pk, domain, statement, trial, size, multiple, (one, two, three)))
    return {exam[1]: Offer(*exam, tuple(found)) for exam, found in pools.items()}


_OFFERS_OF_EXAM = Compiled(
    lambda profile, certification: _offer_rows(
        Q(pk=profile) | Q(certification=certification, is_rehearsal=True)
    ),
    "a profile",
    "a certification",
)


def of_profile_and_rehearsal(profile: ExamProfile) -> tuple[Offer, Offer | None]:
    """What `profile` draws from, and what the dress rehearsal of its certification does, if it has one."""
    offers = _offers(_OFFERS_OF_EXAM.rows(profile.pk, profile.certification_id))
    own = offers.get(profile.pk) or Offer(
        profile.certification_id, profile.pk, profile.is_rehearsal, profile.scored, profile.unscored, ()
    )
    return own, next((offer for offer in offers.values() if offer.is_rehearsal), None)


@dataclass(frozen=True, slots=True)
class Held:
    """A reserve as it stands. `mark` is KEPT, SITTING (its rehearsal is open, and may yet be discarded) or
    SPENT, which is final; `at` is when it was drawn or spent. `questions` are pools by id, None for one that
    is not served now."""

    mark: str
    at: datetime
    questions: dict[UUID, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class History:
    """`seen`: (pool, when last seen) of every question this candidate saw; `reserves` by certification."""

    seen: dict[UUID, tuple[int | None, datetime]] = field(default_factory=dict)
    reserves: dict[str, Held] = field(default_factory=dict)

    @property
    def kept(self) -> dict[UUID, int | None]:
        """The pools of all questions that are kept for a rehearsal, of whichever certification."""
        return {
            question: pool
            for held in self.reserves.values()
            if held.mark != SPENT
            for question, pool in held.questions.items()
        }

    @property
    def set_aside(self) -> Counter[int]:
        """By pool, how many of its questions are seen or kept."""
        pools = {question: pool for question, (pool, _) in self.seen.items()} | self.kept
        return Counter(pool for pool in pools.values() if pool is not None)

    def last_seen(self, question: UUID) -> datetime | None:
        return self.seen[question][1] if question in self.seen else None


def _history_rows(user: UUID) -> "QuerySet[Any, tuple[Any, ...]]":
    in_open = AttemptItem.objects.filter(attempt__in=Attempt.objects.filter(user=user).open().of_candidates())
    nowhere = Value("", CharField())
    mark = Case(
        When(spent_at__isnull=True, then=Value(KEPT)),
        When(spent_on__state=State.OPEN, then=Value(SITTING)),
        default=Value(SPENT),
        output_field=CharField(),
    )
    since = Case(When(spent_at__isnull=True, then=F("drawn_at")), default=F("spent_at"))
    return (
        in_open.order_by()
        .annotate(mark=Value(_OPEN, CharField()), of=nowhere)
        .values_list("question_id", "question__pool_id", "attempt__started_at", "mark", "of")
        .union(
            Sight.objects.filter(user=user)
            .annotate(mark=Value(_SEEN, CharField()), of=nowhere)
            .values_list("question_id", "question__pool_id", "last_seen", "mark", "of"),
            Reserve.objects.filter(user=user)
            .annotate(mark=mark, since=since)
            .values_list(
                "questions__question_id", "questions__question__pool_id", "since", "mark", "certification_id"
            ),
            all=True,
        )
    )


_HISTORY = Compiled(_history_rows, UUID(int=1))


def history_of(user: User, now: datetime | None = None) -> History:
    """What `user` saw and has in reserve, in one statement. Questions of open attempts are in front of the
    candidate, so they are seen at `now`; leave it out where the time does not matter. What was looked at in a
    preview was not seen by a candidate."""
    rows = _HISTORY.rows(user.pk)
    history = History()
    for question, pool, at, marked, certification in rows:
        if marked in (_SEEN, _OPEN):
            seen_at = now if now and marked == _OPEN else at
            before = history.last_seen(question)
            history.seen[question] = (pool, seen_at if before is None else max(before, seen_at))
        else:
            reserve = history.reserves.setdefault(certification, Held(marked, at))
            if question is not None:
                reserve.questions[question] = pool
    return history


@dataclass(frozen=True, slots=True)
class Layout:
    """What an attempt freezes of a question: its version, and its options as (id, fixed)."""

    version: UUID
    options: tuple[tuple[str, bool], ...]
    choose: int
    shuffle: bool


def _facts(questions: "QuerySet[Question]") -> "QuerySet[Any, tuple[Any, ...]]":
    """What assembly weighs of `questions`. JSON as its text: most of it says the same, and is parsed once."""
    return questions.order_by().values_list(
        "id",
        "collection_id",
        "external_id",
        "pool_id",
        "current_version_id",
        "current_version__kind",
        "current_version__level",
        "current_version__testing_point_key",
        Cast("current_version__enemies", TextField()),
        Cast("current_version__layout", TextField()),
    )


def _side_by_side(ranks: Ranks) -> tuple[list[int], list[int]]:
    """The pools and the ranks of all places, side by side."""
    pools = [pool for pool, of_pool in ranks.items() for _ in of_pool]
    return pools, [rank for of_pool in ranks.values() for rank in of_pool]


_DRAWN = Compiled(lambda pools, ranks: _facts(Question.objects.at_places(pools, ranks)), [-1], [-2])


class Reader:
    """Reads candidates out of pools, none of them `hidden`, and knows the layouts of all that were read.
    `reserved` questions are read along, wherever in the pools they are."""

    def __init__(
        self,
        pools: Iterable[PoolSize],
        history: History,
        *,
        hidden: Collection[UUID] = (),
        reserved: Collection[UUID] = (),
    ) -> None:
        self.pools = {pool.pool: pool for pool in pools}
        self.history = history
        self.hidden = hidden
        self.reserved = reserved
        self._layouts: dict[UUID, tuple[UUID, str]] = {}

    def __call__(self, ranks: Ranks) -> list[Candidate]:
        rows: Iterable[tuple[Any, ...]]
        if self.reserved:
            drawn = Question.objects.at_places(*_side_by_side(ranks))
            rows = _facts(drawn | Question.objects.filter(pk__in=self.reserved, pool__isnull=False))
        else:
            rows = _DRAWN.rows(*_side_by_side(ranks))
        return [self._candidate(*row) for row in rows if row[3] in self.pools and row[0] not in self.hidden]

    def layout(self, question: UUID) -> Layout:
        """Of a question that was read."""
        version, layout = self._layouts[question]
        return Layout(version, *_parsed_layout(layout))

    def _candidate(
        self,
        question: UUID,
        collection: str,
        external_id: str,
        pool_id: int,
        version_id: UUID,
        kind: str,
        level: int,
        point: str,
        enemies: str,
        layout: str,
    ) -> Candidate:
        self._layouts[question] = (version_id, layout)
        pool = self.pools[pool_id]
        seen = self.history.seen.get(question)
        return Candidate(
            question,
            f"{collection}/{external_id}",
            pool.domain,
            pool.task_statement,
            pool.trial,
            kind == Kind.MULTIPLE_RESPONSE,
            level,
            point,
            _parsed_enemies(collection, enemies),
            None if seen is None else seen[1],
            pool_id,
            question in self.reserved,
        )


@lru_cache(maxsize=1000)
def _parsed_layout(text: str) -> tuple[tuple[tuple[str, bool], ...], int, bool]:
    """Options as (id, fixed), how many to choose, whether to shuffle them: few questions differ in it."""
    layout = json.loads(text)
    options = tuple((id_, bool(fixed)) for id_, fixed in layout["options"])
    return options, layout["choose"], layout["shuffle"]


@lru_cache(maxsize=1000)
def _parsed_enemies(collection: str, text: str) -> frozenset[str]:
    return frozenset(f"{collection}/{enemy}" for enemy in json.loads(text))
