"""What the bank holds for each exam, and what its next form lacks.

A domain's scored places take published questions; its unscored places take trial ones and, when these run
out, published ones that are left over. Only a domain that cannot be filled keeps an exam from being started,
so what is missing is counted by domain. Enemies and equal testing points are not counted here: they can make
a form impossible that these numbers allow.

Served questions are read from the pools, others in one grouped statement, whatever the size of the bank.
Questions that are not served count only where the reader may see them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Q, QuerySet

from exam_sim.accounts.models import User
from exam_sim.exams.assembly import apportion
from exam_sim.exams.models import ExamProfile
from questions import access
from questions.models import SERVED_STATUSES, Certification, Collection, Domain, Pool, Question, Status


@dataclass(frozen=True, slots=True)
class Counts:
    """Questions of one task statement. `multiple` and `levels` (1, 2, 3) are of the served ones."""

    published: int = 0
    trial: int = 0
    draft: int = 0
    retired: int = 0
    multiple: int = 0
    levels: tuple[int, int, int] = (0, 0, 0)

    @classmethod
    def of(
        cls, status: str, count: int, multiple: int = 0, levels: tuple[int, int, int] = (0, 0, 0)
    ) -> "Counts":
        """`count` questions of one status."""
        return cls(
            count if status == Status.PUBLISHED else 0,
            count if status == Status.TRIAL else 0,
            count if status == Status.DRAFT else 0,
            count if status == Status.RETIRED else 0,
            multiple,
            levels,
        )

    def __add__(self, other: "Counts") -> "Counts":
        one, two, three = self.levels
        return Counts(
            self.published + other.published,
            self.trial + other.trial,
            self.draft + other.draft,
            self.retired + other.retired,
            self.multiple + other.multiple,
            (one + other.levels[0], two + other.levels[1], three + other.levels[2]),
        )


@dataclass(frozen=True, slots=True)
class StatementRow:
    code: str
    title: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class DomainRow:
    """A domain of a profile: the places of one form, and the questions there are for them."""

    code: str
    title: str
    scored: int
    unscored: int
    statements: tuple[StatementRow, ...]

    @property
    def counts(self) -> Counts:
        return sum((row.counts for row in self.statements), Counts())

    @property
    def missing_scored(self) -> int:
        return max(0, self.scored - self.counts.published)

    @property
    def missing_unscored(self) -> int:
        left_over = max(0, self.counts.published - self.scored)
        return max(0, self.unscored - self.counts.trial - left_over)

    @property
    def missing(self) -> int:
        return self.missing_scored + self.missing_unscored

    @property
    def forms(self) -> int | None:
        """How many forms one candidate can sit without meeting a question of this domain twice; None when a
        form has no place for it."""
        counts, places = self.counts, self.scored + self.unscored
        if not places:
            return None
        together = (counts.published + counts.trial if self.unscored else counts.published) // places
        return min(together, counts.published // self.scored) if self.scored else together


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """One exam over its collections. `collections` are slugs."""

    profile: ExamProfile
    collections: tuple[str, ...]
    domains: tuple[DomainRow, ...]

    @property
    def missing(self) -> int:
        return sum(domain.missing for domain in self.domains)

    @property
    def short(self) -> list[DomainRow]:
        return [domain for domain in self.domains if domain.missing]

    @property
    def forms(self) -> int:
        return min((domain.forms for domain in self.domains if domain.forms is not None), default=0)

    @property
    def scarcest(self) -> list[DomainRow]:
        """The domains that run out first; none when all of them do at once."""
        used = [domain for domain in self.domains if domain.forms is not None]
        first = [domain for domain in used if domain.forms == self.forms]
        return first if len(first) < len(used) else []

    def extended(self, extra: Mapping[str, int], status: str) -> "ProfileRow":
        """As it would be with so many more questions of `status`, by code of the task statement."""

        def with_extra(row: StatementRow) -> StatementRow:
            return replace(row, counts=row.counts + Counts.of(status, extra.get(row.code, 0)))

        domains = tuple(
            replace(domain, statements=tuple(map(with_extra, domain.statements))) for domain in self.domains
        )
        return replace(self, domains=domains)


@dataclass(frozen=True, slots=True)
class Effect:
    """What an upload would do to one exam; `sentence` goes on after the exam's name and a colon."""

    before: ProfileRow
    after: ProfileRow
    sentence: str


@dataclass(frozen=True, slots=True)
class Group:
    """Exams that draw from the same collections, by title, and what these hold by task statement."""

    profiles: tuple[str, ...]
    collections: tuple[str, ...]
    domains: tuple[DomainRow, ...]

    @property
    def counts(self) -> Counts:
        return sum((domain.counts for domain in self.domains), Counts())


def of_certification(certification: Certification, user: User) -> list[ProfileRow]:
    """Every exam of `certification`, for somebody who works on the bank. Six statements."""
    return _rows(certification.pk, ExamProfile.objects.filter(certification=certification), user)


def of_collection(collection: Collection, user: User) -> list[ProfileRow]:
    """The exams that draw from `collection`, over everything they draw from. Six statements."""
    profiles = ExamProfile.objects.filter(collections=collection)
    return _rows(collection.certification_id, profiles, user)


def effects(rows: Iterable[ProfileRow], extra: Mapping[str, int], status: str) -> list[Effect]:
    """What so many new questions of `status` (by code of the task statement) would do to each exam."""
    found = []
    for row in rows:
        after = row.extended(extra, status)
        found.append(Effect(row, after, _sentence(after, status)))
    return found


def groups(rows: Iterable[ProfileRow]) -> list[Group]:
    by_collections: dict[tuple[str, ...], list[ProfileRow]] = defaultdict(list)
    for row in rows:
        by_collections[row.collections].append(row)
    return [
        Group(
            tuple(row.profile.title for row in alike),
            tuple(sorted(collection.title for collection in alike[0].profile.collections.all())),
            alike[0].domains,
        )
        for alike in by_collections.values()
    ]


def _sentence(after: ProfileRow, status: str) -> str:
    if status == Status.DRAFT:
        return "unchanged: drafts are not served"
    if not after.missing:
        return "has what it needs"
    if status == Status.TRIAL and any(domain.missing_scored for domain in after.domains):
        return f"still {after.missing} short, these are trial"
    return "still " + " and ".join(
        f"{domain.missing} short in domain {domain.code}" for domain in after.short
    )


def _rows(certification_id: str, profiles: QuerySet[ExamProfile], user: User) -> list[ProfileRow]:
    domains = list(
        Domain.objects.filter(certification=certification_id)
        .order_by("code")
        .prefetch_related("task_statements")
    )
    counts = _counts(certification_id, user)
    return [
        _row(profile, domains, counts)
        for profile in profiles.prefetch_related("collections").order_by("position", "slug")
    ]


def _row(
    profile: ExamProfile, domains: Sequence[Domain], counts: Mapping[tuple[str, int], Counts]
) -> ProfileRow:
    collections = tuple(sorted(collection.pk for collection in profile.collections.all()))
    weights = {domain.code: domain.weight for domain in domains}
    scored, unscored = apportion(profile.scored, weights), apportion(profile.unscored, weights)
    rows = []
    for domain in domains:
        statements = []
        for statement in domain.task_statements.all():
            of_statement = (counts.get((slug, statement.pk), Counts()) for slug in collections)
            statements.append(StatementRow(statement.code, statement.title, sum(of_statement, Counts())))
        rows.append(
            DomainRow(
                domain.code, domain.title, scored[domain.code], unscored[domain.code], tuple(statements)
            )
        )
    return ProfileRow(profile, collections, tuple(rows))


def _counts(certification_id: str, user: User) -> dict[tuple[str, int], Counts]:
    """By (collection, task statement). Two statements."""
    counts: dict[tuple[str, int], Counts] = defaultdict(Counts)
    drawn_from = Collection.objects.filter(profiles__certification=certification_id)
    for pool in Pool.objects.filter(collection__in=drawn_from):
        levels = (pool.level_1, pool.level_2, pool.level_3)
        counts[pool.collection_id, pool.task_statement_id] += Counts.of(
            pool.status, pool.size, pool.multiple_response, levels
        )
    for collection, statement, status, count in _not_served(drawn_from & access.visible(user)):
        counts[collection, statement] += Counts.of(status, count)
    return counts


def _not_served(collections: QuerySet[Collection]) -> QuerySet[Question, tuple[Any, ...]]:
    return (
        Question.objects.filter(~Q(status__in=SERVED_STATUSES), collection__in=collections)
        .order_by()
        .values_list("collection_id", "task_statement_id", "status")
        .annotate(count=Count("pk"))
    )
