"""PURE. How well a candidate commands each domain and task statement, and where most is to be gained.

The evidence are first sights: of forms that count and of study sessions, all of them alike. Three levels,
each of which adds to its own items imagined ones, so many of them right as the level above it is:
1. the whole: `WHOLE_WEIGHT` items at `PRIOR_MEAN` (the chance's own prior);
2. a domain: `DOMAIN_WEIGHT` items at the mean of the whole;
3. a task statement: `TASK_STATEMENT_WEIGHT` items at the mean of its domain.
The mean, (right + weight × centre) ÷ (total + weight), is that of a beta posterior. The band is Wilson's 80 %
interval of the same counts (`results.level`) and not the quantiles of the beta distribution: where everything
was right these would be certain (30 of 30, and a whole at 98 %: above 99.99 %), because the imagined items
have been right too. The weights were chosen by simulation, see docs/scoring.md: that of a task statement must
be light, or a weakness is talked away by the rest of its domain; that of a domain keeps bands at 80 % whether
a candidate's domains are alike or 10 points apart.

What is to be gained on a task statement, in scaled points: span × domain weight ÷ task statements of the
domain × max(0, `GOAL` - mean), the span being that of the scale (900 for 100 to 1000).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import Any

from results.chance import PRIOR_MEAN, PRIOR_WEIGHT
from results.level import Z_80, interval

WHOLE_WEIGHT = PRIOR_WEIGHT
DOMAIN_WEIGHT = 10.0
TASK_STATEMENT_WEIGHT = 0.5
# Who is right in 85 % of a task statement has little left to gain there.
GOAL = 0.85
MOST_NAMED = 3
WORTH_NAMING = 5.0
THIN = 5


@dataclass(frozen=True, slots=True)
class Place:
    """A task statement in its blueprint: the weight of its domain in percent, and how many task statements
    share it. A code is unique within its domain."""

    domain: str
    code: str
    title: str
    weight: int
    siblings: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """`right` of `total` first sights of one task statement; there may be several of the same one."""

    domain: str
    code: str
    right: int
    total: int


@dataclass(frozen=True, slots=True)
class DomainPosterior:
    """`low` and `high` are the ends of the 80 % band."""

    code: str
    weight: int
    right: int
    total: int
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Posterior:
    """`low` and `high` are the ends of the 80 % band."""

    place: Place
    right: int
    total: int
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Gain:
    """`points` are scaled points, not rounded."""

    posterior: Posterior
    points: float

    @property
    def is_thin(self) -> bool:
        """So few first sights that a short drill should be tried first."""
        return self.posterior.total < THIN


def places_of(blueprint: Iterable[Mapping[str, Any]]) -> list[Place]:
    """The places of a blueprint as an attempt stores it, in its order. It must be an exam's: that of a drill
    names only the task statements drilled."""
    return [
        Place(
            domain["code"],
            task_statement["code"],
            task_statement["title"],
            domain["weight"],
            len(domain["task_statements"]),
        )
        for domain in blueprint
        for task_statement in domain["task_statements"]
    ]


def posteriors(places: Sequence[Place], evidence: Iterable[Evidence]) -> list[Posterior]:
    """One for each place, in their order. Evidence of no place (the blueprint changed) is left out. Raises
    ValueError for a count that cannot be."""
    tallies = _tallies(places, evidence)
    domains = _domain_posteriors(places, tallies)
    return [
        Posterior(
            place,
            *tallies[place.domain, place.code],
            *_band(*tallies[place.domain, place.code], TASK_STATEMENT_WEIGHT, domains[place.domain].mean),
        )
        for place in places
    ]


def domain_posteriors(places: Sequence[Place], evidence: Iterable[Evidence]) -> dict[str, DomainPosterior]:
    """By domain code, in the order of the places; what is said of `posteriors` holds here too."""
    return _domain_posteriors(places, _tallies(places, evidence))


Tallies = Mapping[tuple[str, str], tuple[int, int]]


def _tallies(places: Sequence[Place], evidence: Iterable[Evidence]) -> Tallies:
    """Right and total by (domain, code), for every place."""
    tallies = {(place.domain, place.code): (0, 0) for place in places}
    for one in evidence:
        if not 0 <= one.right <= one.total:
            raise ValueError(f"{one.right} right of {one.total} first sights is no count")
        key = one.domain, one.code
        if key in tallies:
            right, total = tallies[key]
            tallies[key] = right + one.right, total + one.total
    return tallies


def _domain_posteriors(places: Sequence[Place], tallies: Tallies) -> dict[str, DomainPosterior]:
    rights: defaultdict[str, int] = defaultdict(int)
    totals: defaultdict[str, int] = defaultdict(int)
    for (domain, _), (right, total) in tallies.items():
        rights[domain] += right
        totals[domain] += total
    whole = _mean(sum(rights.values()), sum(totals.values()), WHOLE_WEIGHT, PRIOR_MEAN)
    weights = {place.domain: place.weight for place in places}
    return {
        code: DomainPosterior(
            code, weight, rights[code], totals[code], *_band(rights[code], totals[code], DOMAIN_WEIGHT, whole)
        )
        for code, weight in weights.items()
    }


def _mean(right: int, total: int, weight: float, centre: float) -> float:
    return (right + weight * centre) / (total + weight)


def _band(right: int, total: int, weight: float, centre: float) -> tuple[float, float, float]:
    """Mean, low, high."""
    band = interval(right + weight * centre, total + weight, Z_80)
    return _mean(right, total, weight, centre), band.low, band.high


def most_to_gain(posteriors: Iterable[Posterior], span: int) -> list[Gain]:
    """At most three, the largest gain first, none of 5 points or less; of equal gains the one with more
    evidence comes first, then the order of the blueprint."""
    gains = [Gain(posterior, _points(posterior, span)) for posterior in posteriors]
    gains.sort(key=lambda gain: (-gain.points, -gain.posterior.total))
    return [gain for gain in gains if gain.points > WORTH_NAMING][:MOST_NAMED]


def _points(posterior: Posterior, span: int) -> float:
    place = posterior.place
    return span * place.weight / 100 / place.siblings * max(0.0, GOAL - posterior.mean)


def weak_places(posteriors: Sequence[Posterior], length: int) -> dict[tuple[str, str], int]:
    """How many of `length` items each (domain, code) gets in a session on weak areas; who gets none is left
    out, and the counts add up to `length`.

    The need of a task statement is max(0, `GOAL` - low)²: the low end of the band is low when the mean is,
    and when little is known; the square gives the weakest the greater part. When nobody is in need, all are
    alike. Places are apportioned by largest remainder, equal remainders to the greater need, then in the
    order of the blueprint.
    """
    needs = [max(0.0, GOAL - posterior.low) ** 2 for posterior in posteriors]
    if not any(needs):
        needs = [1.0] * len(needs)
    whole = sum(needs)
    quotas = [length * need / whole for need in needs]
    counts = [floor(quota) for quota in quotas]
    by_remainder = sorted(range(len(needs)), key=lambda i: (counts[i] - quotas[i], -needs[i]))
    for i in by_remainder[: length - sum(counts)]:
        counts[i] += 1
    return {
        (posterior.place.domain, posterior.place.code): count
        for posterior, count in zip(posteriors, counts, strict=True)
        if count
    }
