"""How good the statistics of `results` are: how often bands hold, how true a stated chance is, how often a
weakness is found. tests/results/tables.py prints what docs/scoring.md shows; the tests hold the same figures,
from fewer candidates where that takes less time.

What is true comes from sums over binomial probabilities, or from tests/results/population.py.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import comb, exp, lgamma, sqrt
from random import Random

from results.chance import Counts, DomainPlaces, pass_chance
from results.level import level_band, next_form
from results.mastery import Evidence, Place, domain_posteriors, most_to_gain, posteriors
from tests.results.population import (
    MOCK,
    MOCK_PASSES,
    MOST_FORMS,
    REHEARSAL,
    REHEARSAL_PASSES,
    TASK_STATEMENTS,
    WEIGHTS,
    Candidate,
    Population,
)

ABILITIES = [percent / 100 for percent in range(30, 96)]
PLACES = [
    Place(domain, code, f"Task statement {code}", WEIGHTS[domain], len(codes))
    for domain, codes in TASK_STATEMENTS.items()
    for code in codes
]
SPAN = 900
Z_95, Z_80 = 1.959963984540054, 1.2815515655446004
LACK = 0.25


@dataclass(frozen=True)
class Exam:
    title: str
    places: dict[str, int]
    passes: int

    @property
    def domains(self) -> list[DomainPlaces]:
        return [DomainPlaces(code, WEIGHTS[code], places) for code, places in self.places.items()]


FULL_MOCK = Exam("Full mock exam", MOCK, MOCK_PASSES)
DRESS_REHEARSAL = Exam("Dress rehearsal", REHEARSAL, REHEARSAL_PASSES)
POPULATIONS = {
    (mean, grows): Population(mean=mean, grows=grows)
    for mean in (0.68, 0.60, 0.74)
    for grows in (True, False)
}


def binomial(total: int, ability: float) -> list[float]:
    return [comb(total, k) * ability**k * (1 - ability) ** (total - k) for k in range(total + 1)]


@dataclass(frozen=True)
class Coverage:
    """How often intervals hold what they should, and how long they are, over `ABILITIES`."""

    mean: float
    worst: float
    worst_at: float
    length: float

    @classmethod
    def of(cls, by_ability: Sequence[tuple[float, float]]) -> "Coverage":
        """From (coverage, length) of each ability."""
        coverages = [coverage for coverage, _ in by_ability]
        worst = min(coverages)
        return cls(
            sum(coverages) / len(coverages),
            worst,
            ABILITIES[coverages.index(worst)],
            sum(length for _, length in by_ability) / len(by_ability),
        )


Bands = Callable[[int, int], tuple[float, float]]


def ours(correct: int, total: int) -> tuple[float, float]:
    band = level_band(correct, total)
    return band.low, band.high


def wilson(right: float, total: float, z: float = Z_95) -> tuple[float, float]:
    """Plain Wilson as textbooks have it."""
    share = right / total
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return centre - half, centre + half


def level_coverage(total: int, bands: Bands = ours) -> Coverage:
    band_of = [bands(correct, total) for correct in range(total + 1)]
    by_ability = []
    for ability in ABILITIES:
        chances = list(zip(binomial(total, ability), band_of, strict=True))
        by_ability.append(
            (
                sum(chance for chance, (low, high) in chances if low <= ability <= high),
                sum(chance * (high - low) for chance, (low, high) in chances),
            )
        )
    return Coverage.of(by_ability)


Intervals = Callable[[int, int, int], tuple[int, int]]


def beta_binomial(correct: int, total: int, places: int) -> tuple[int, int]:
    """What else could be shown: the middle 95 % of the beta-binomial distribution, by Jeffreys' prior."""
    a, b = correct + 0.5, total - correct + 0.5
    scale = lgamma(a + b) - lgamma(a) - lgamma(b) - lgamma(a + b + places)
    below, low = 0.0, -1
    for count in range(places + 1):
        below += comb(places, count) * exp(lgamma(count + a) + lgamma(places - count + b) + scale)
        if low < 0 and below > 0.025:
            low = count
        if below >= 0.975:
            return low, count
    return low, places


def next_form_coverage(total: int, places: int, intervals: Intervals = next_form) -> Coverage:
    """Two forms on one level. The length is in items, both ends counted."""
    interval_of = [intervals(correct, total, places) for correct in range(total + 1)]
    by_ability = []
    for ability in ABILITIES:
        after = binomial(places, ability)
        chances = list(zip(binomial(total, ability), interval_of, strict=True))
        by_ability.append(
            (
                sum(chance * sum(after[low : high + 1]) for chance, (low, high) in chances),
                sum(chance * (high - low + 1) for chance, (low, high) in chances),
            )
        )
    return Coverage.of(by_ability)


def next_form_holds(candidates: int, total: Exam, places: Exam, rng: Random) -> float:
    """The share of simulated candidates without growth whose next form falls into the interval."""
    held = 0
    for _ in range(candidates):
        candidate = Population(grows=False).candidate(rng)
        first, then = (
            sum(right for right, _ in candidate.sits(form, exam.places, rng).values())
            for form, exam in enumerate((total, places))
        )
        low, high = next_form(first, sum(total.places.values()), sum(places.places.values()))
        held += low <= then <= high
    return held / candidates


@dataclass(frozen=True)
class Decile:
    """Cases whose stated chance lies in one tenth from 0 to 1: what was stated, what was true, on average."""

    cases: int
    stated: float
    true: float

    @property
    def gap(self) -> float:
        """Positive when more pass than was said."""
        return self.true - self.stated


@dataclass(frozen=True)
class Calibration:
    deciles: tuple[Decile, ...]

    @property
    def worst(self) -> float:
        return max(abs(decile.gap) for decile in self.deciles)

    @property
    def weighted(self) -> float:
        cases = sum(decile.cases for decile in self.deciles)
        return sum(decile.cases * abs(decile.gap) for decile in self.deciles) / cases

    @property
    def fewest(self) -> int:
        return min(decile.cases for decile in self.deciles)


History = tuple[list[dict[str, Counts]], float]


def histories(population: Population, exam: Exam, candidates: int, rng: Random) -> Iterator[History]:
    """One to five full mock exams, and the true chance of passing one more of `exam` on the day of the last:
    it takes the place of whether they passed, and is the average of it."""
    for _ in range(candidates):
        candidate = population.candidate(rng)
        count = rng.randint(1, MOST_FORMS)
        forms = [candidate.sits(form, MOCK, rng) for form in range(count)]
        yield forms, candidate.chance(count - 1, sum(exam.places.values()), exam.passes)


def calibration(histories: Iterable[History], exam: Exam) -> Calibration:
    cases = [0] * 10
    stated, true = [0.0] * 10, [0.0] * 10
    for forms, chance in histories:
        value = pass_chance(forms, exam.domains, exam.passes).value
        decile = min(int(value * 10), 9)
        cases[decile] += 1
        stated[decile] += value
        true[decile] += chance
    return Calibration(
        tuple(
            Decile(count, s / count, t / count)
            for count, s, t in zip(cases, stated, true, strict=True)
            if count
        )
    )


def range_holds(population: Population, exam: Exam, candidates: int, rng: Random) -> float:
    """The share of candidates whose true chance lies in the range that is shown after one form."""
    held = 0
    for _ in range(candidates):
        candidate = population.candidate(rng)
        chance = pass_chance([candidate.sits(0, MOCK, rng)], exam.domains, exam.passes)
        held += chance.low <= candidate.chance(0, sum(exam.places.values()), exam.passes) <= chance.high
    return held / candidates


def bands_hold(forms: int, candidates: int, rng: Random) -> tuple[float, float]:
    """The shares of 80 % bands of domains and of task statements that hold the true ability, of candidates
    without growth who are equally able everywhere."""
    domains = task_statements = 0
    for _ in range(candidates):
        candidate = Population(grows=False).candidate(rng)
        evidence = [one for form in range(forms) for one in sight(candidate, form, FULL_MOCK, rng)]
        ability = candidate.ability_at(0)
        bands = domain_posteriors(PLACES, evidence).values()
        domains += sum(band.low <= ability <= band.high for band in bands)
        task_statements += sum(band.low <= ability <= band.high for band in posteriors(PLACES, evidence))
    return domains / candidates / len(WEIGHTS), task_statements / candidates / len(PLACES)


def sight(candidate: Candidate, form: int, exam: Exam, rng: Random) -> list[Evidence]:
    counts = candidate.sits_in_detail(form, exam.places, rng)
    return [Evidence(code.split(".")[0], code, right, total) for code, (right, total) in counts.items()]


@dataclass(frozen=True)
class Found:
    """How many candidates had the weakness planted, and of how many it was named."""

    planted: int
    named: int

    @property
    def share(self) -> float:
        return self.named / self.planted


def found_weaknesses(candidates: int, forms: int, exam: Exam, rng: Random) -> dict[str, Found]:
    """By domain of the planted task statement; each of them is drawn equally often on average."""
    planted = dict.fromkeys(WEIGHTS, 0)
    named = dict.fromkeys(WEIGHTS, 0)
    for _ in range(candidates):
        place = rng.choice(PLACES)
        candidate = replace(Population().candidate(rng), weak=place.code, lack=LACK)
        evidence = [one for form in range(forms) for one in sight(candidate, form, exam, rng)]
        gains = most_to_gain(posteriors(PLACES, evidence), SPAN)
        planted[place.domain] += 1
        named[place.domain] += place.code in [gain.posterior.place.code for gain in gains]
    return {domain: Found(planted[domain], named[domain]) for domain in WEIGHTS}


def altogether(found: dict[str, Found]) -> Found:
    return Found(sum(one.planted for one in found.values()), sum(one.named for one in found.values()))
