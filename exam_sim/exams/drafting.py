"""PURE. A form in the making: questions taken place by place, exchanged where they stand in each other's way.

What a form is and what it promises stands in `exam_sim.exams.assembly`.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from random import Random
from uuid import UUID

MULTIPLE_TOLERANCE = 2
LEVEL_TOLERANCE = 3


@dataclass(frozen=True, slots=True)
class Places:
    """What one domain has to supply. `task_statements` are codes."""

    domain: str
    title: str
    task_statements: tuple[str, ...]
    scored: int
    unscored: int = 0


@dataclass(frozen=True, slots=True)
class PoolSize:
    """How many questions of a (task statement, status) there are, and of which sort."""

    pool: int
    domain: str
    task_statement: str
    trial: bool
    size: int
    multiple: int = 0
    levels: tuple[int, int, int] = (0, 0, 0)


@dataclass(slots=True)
class Candidate:
    """A question that may be chosen. `name` and `enemies` are identities in the same naming (collection/id);
    `last_seen` is None for a question that this candidate never saw; `reserved` is one that is kept for the
    form being drawn, which takes it before all others. Nobody changes one; a frozen class takes three times
    as long to make, and a start makes hundreds."""

    question: UUID
    name: str
    domain: str
    task_statement: str
    trial: bool
    multiple: bool
    level: int
    testing_point: str
    enemies: frozenset[str] = frozenset()
    last_seen: datetime | None = None
    pool: int = 0
    reserved: bool = False

    @property
    def tier(self) -> tuple[int, float]:
        """Reserved, unseen, seen by when that was: the smaller is used up first."""
        if self.reserved:
            return 0, 0.0
        return (1, 0.0) if self.last_seen is None else (2, self.last_seen.timestamp())


@dataclass(frozen=True, slots=True)
class Shortage:
    """A domain that lacks `missing` questions. `kept`: it has so many, but they wait for the rehearsal."""

    domain: str
    title: str
    missing: int
    kept: int = 0

    def __str__(self) -> str:
        lacks = f"{self.title} lacks {self.missing} question{'s'[: self.missing != 1]}"
        if not self.kept:
            return lacks
        return f"{lacks} ({self.kept} {'is' if self.kept == 1 else 'are'} kept for your dress rehearsal)"


@dataclass(frozen=True, slots=True)
class Targets:
    """How many items of each sort the bank's shares ask for, and how far a form may be from them. What a sort
    asks for is `sums[sort] / size`, kept apart: fractions take ten times as long to compare."""

    size: int
    sums: dict[Hashable, int]

    @classmethod
    def of(cls, pools: Iterable[PoolSize], places: int) -> "Targets":
        pools = list(pools)
        sums: dict[Hashable, int] = {"multiple": places * sum(p.multiple for p in pools)}
        for level in (1, 2, 3):
            sums[level] = places * sum(p.levels[level - 1] for p in pools)
        return cls(sum(p.size for p in pools) or 1, sums)

    def wanted(self, sort: Hashable) -> int:
        """The nearest whole number of items."""
        return round(Fraction(self.sums[sort], self.size))

    def excess(self, counts: Mapping[Hashable, int]) -> dict[Hashable, int]:
        """By sort, by how many items beyond its tolerance the form is off, times `size`; sorts within it are
        left out."""
        off = {}
        for sort, total in self.sums.items():
            tolerance = MULTIPLE_TOLERANCE if sort == "multiple" else LEVEL_TOLERANCE
            by = abs(counts.get(sort, 0) * self.size - total) - tolerance * self.size
            if by > 0:
                off[sort] = by
        return off


def _sorts(candidate: Candidate) -> tuple[Hashable, ...]:
    return ("multiple", candidate.level) if candidate.multiple else (candidate.level,)


def _rivals(candidates: Sequence[Candidate]) -> dict[UUID, int]:
    """How many others each question keeps out of a form."""
    points = Counter(c.testing_point for c in candidates)
    named = Counter(enemy for c in candidates for enemy in c.enemies)
    return {c.question: points[c.testing_point] - 1 + len(c.enemies) + named[c.name] for c in candidates}


def clash(one: Candidate, other: Candidate) -> bool:
    return one.testing_point == other.testing_point or one.name in other.enemies or other.name in one.enemies


class Draft:
    """A form in the making."""

    def __init__(
        self,
        places: Sequence[Places],
        candidates: Sequence[Candidate],
        rng: Random,
        fewest_enemies_first: bool = False,
    ) -> None:
        self.places = places
        self.rng = rng
        self.scored: list[Candidate] = []
        self.unscored: list[Candidate] = []
        self.points: Counter[str] = Counter()
        self.names: Counter[str] = Counter()
        self.shunned: Counter[str] = Counter()
        rivals = _rivals(candidates) if fewest_enemies_first else {}
        order = [rng.random() + (rivals[c.question] if rivals else 0) for c in candidates]
        self.by_domain: dict[tuple[str, bool], list[Candidate]] = defaultdict(list)
        for index in sorted(range(len(order)), key=order.__getitem__):
            candidate = candidates[index]
            self.by_domain[candidate.domain, candidate.trial].append(candidate)

    def fill(self) -> None:
        """Fill the places, domain by domain."""
        for domain in self.places:
            spread: Counter[str] = Counter()
            published, trial = self.by_domain[domain.domain, False], self.by_domain[domain.domain, True]
            self.scored += self._take(published, domain.scored, domain, spread)
            for source in ([c for c in published if c.reserved], trial, published):
                self.unscored += self._take(source, self._missing(domain)[1], domain, spread)

    def take_each(self, wanted: Mapping[tuple[str, str], int]) -> list[Candidate]:
        """Up to so many published questions of each (domain, task statement), whatever a form would ask."""
        taken = []
        for (domain, statement), need in wanted.items():
            group = [c for c in self.by_domain[domain, False] if c.task_statement == statement]
            taken += self._take(group, need, Places(domain, "", (statement,), need), Counter())
        return taken

    def _missing(self, domain: Places) -> tuple[int, int]:
        """How many scored and unscored places of `domain` are still empty."""
        scored = sum(c.domain == domain.domain for c in self.scored)
        unscored = sum(c.domain == domain.domain for c in self.unscored)
        return domain.scored - scored, domain.unscored - unscored

    @property
    def shortages(self) -> list[Shortage]:
        missing = {domain: sum(self._missing(domain)) for domain in self.places}
        return [Shortage(d.domain, d.title, number) for d, number in missing.items() if number]

    def repair(self) -> None:
        """Fill places that are still empty by exchanging questions that stand in the way, of any domain."""
        for domain in self.places:
            for chosen, place in ((self.scored, 0), (self.unscored, 1)):
                sources = [False] if place == 0 else [True, False]
                spare = [c for trial in sources for c in self.by_domain[domain.domain, trial]]
                while self._missing(domain)[place] > 0 and any(self._make_room(c, chosen) for c in spare):
                    pass

    def _make_room(self, candidate: Candidate, chosen: list[Candidate]) -> bool:
        """Put `candidate` among `chosen`, if each question that it cannot stand beside can be exchanged."""
        if self.names[candidate.name]:
            return False
        rivals = [(group, c) for group in (self.scored, self.unscored) for c in group if clash(candidate, c)]
        before = (self.scored[:], self.unscored[:])
        for group, rival in rivals:
            group.remove(rival)
            self._count(rival, -1)
        chosen.append(candidate)
        self._count(candidate, 1)
        for group, rival in rivals:
            stand_ins = self.by_domain[rival.domain, False] + self.by_domain[rival.domain, True]
            stand_in = next(
                (c for c in stand_ins if self._fits(c) and (group is self.unscored or not c.trial)), None
            )
            if stand_in is None:
                for c in (*self.scored, *self.unscored):
                    self._count(c, -1)
                self.scored[:], self.unscored[:] = before
                for c in (*self.scored, *self.unscored):
                    self._count(c, 1)
                return False
            group.append(stand_in)
            self._count(stand_in, 1)
        return True

    def restore(self, candidates: Sequence[Candidate]) -> None:
        """Take over what `candidates` know and this draft was not told: reserved or seen, and when."""
        known = {c.question: c for c in candidates}
        for chosen in (self.scored, self.unscored, *self.by_domain.values()):
            chosen[:] = [known[c.question] for c in chosen]

    def _take(
        self, candidates: Sequence[Candidate], need: int, domain: Places, spread: Counter[str]
    ) -> list[Candidate]:
        """Up to `need` of `candidates`, tier by tier, from the task statement that has fewest so far."""
        tiers: dict[tuple[int, float], dict[str, list[Candidate]]] = defaultdict(lambda: defaultdict(list))
        for candidate in reversed(candidates):
            tiers[candidate.tier][candidate.task_statement].append(candidate)
        taken: list[Candidate] = []
        tie = {code: self.rng.random() for code in domain.task_statements}
        for _, left in sorted(tiers.items(), key=lambda tier: tier[0]):
            while left and len(taken) < need:
                code = min(left, key=lambda code: (spread[code], -len(left[code]), tie[code]))
                candidate = left[code].pop()
                if not left[code]:
                    del left[code]
                if self._fits(candidate):
                    self._count(candidate, 1)
                    spread[code] += 1
                    taken.append(candidate)
        return taken

    def _fits(self, candidate: Candidate) -> bool:
        return not (
            self.names[candidate.name]
            or self.points[candidate.testing_point]
            or self.shunned[candidate.name]
            or any(self.names[enemy] for enemy in candidate.enemies)
        )

    def _count(self, candidate: Candidate, by: int) -> None:
        self.names[candidate.name] += by
        self.points[candidate.testing_point] += by
        for enemy in candidate.enemies:
            self.shunned[enemy] += by

    def mend_shares(self, targets: Targets) -> None:
        """Exchange questions of one tier, task statement and sort of place while that brings the shares
        nearer."""
        counts = Counter(sort for c in (*self.scored, *self.unscored) for sort in _sorts(c))
        excess = sum(targets.excess(counts).values())
        spare = self._spare() if excess else {}
        for chosen in (self.scored, self.unscored):
            for index in self.rng.sample(range(len(chosen)), len(chosen)):
                if not excess:
                    return
                old = chosen[index]
                group = spare.get(self._exchangeable(old), [])
                changes: dict[Hashable, tuple[Counter[Hashable], int]] = {}
                for position, new in enumerate(group):
                    sorts = _sorts(new)
                    if sorts not in changes:
                        changed = counts.copy()
                        changed.subtract(_sorts(old))
                        changed.update(sorts)
                        changes[sorts] = changed, sum(targets.excess(changed).values())
                    changed, after = changes[sorts]
                    if after < excess and self._exchange(old, new):
                        chosen[index], group[position] = new, old
                        counts, excess = changed, after
                        break

    def _spare(self) -> dict[Hashable, list[Candidate]]:
        """What was not chosen, by what it may stand in for."""
        spare: dict[Hashable, list[Candidate]] = defaultdict(list)
        for group in self.by_domain.values():
            for candidate in group:
                if not self.names[candidate.name]:
                    spare[self._exchangeable(candidate)].append(candidate)
        return spare

    @staticmethod
    def _exchangeable(candidate: Candidate) -> Hashable:
        return candidate.task_statement, candidate.trial, candidate.tier

    def _exchange(self, old: Candidate, new: Candidate) -> bool:
        self._count(old, -1)
        fits = self._fits(new)
        self._count(new if fits else old, 1)
        return fits

    def broken_wishes(self, targets: Targets) -> Iterable[str]:
        chosen = (*self.scored, *self.unscored)
        for domain in self.places:
            items = [c for c in chosen if c.domain == domain.domain]
            if repeats := sum(c.last_seen is not None for c in items):
                yield f"{domain.title}: {repeats} of {len(items)} seen before, too few unseen ones were left."
            spread = Counter(c.task_statement for c in items)
            counts = [spread[code] for code in domain.task_statements]
            if counts and max(counts) - min(counts) > 1:
                shown = ", ".join(f"{code}: {spread[code]}" for code in domain.task_statements)
                yield f"{domain.title}: not evenly spread ({shown}), unseen questions were not left in each."
        counts_by_sort = Counter(sort for c in chosen for sort in _sorts(c))
        for sort in targets.excess(counts_by_sort):
            name = "multiple response" if sort == "multiple" else f"level {sort}"
            wanted = targets.wanted(sort)
            yield f"{counts_by_sort[sort]} items are {name}; the bank's share would be {wanted}."
