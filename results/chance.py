"""PURE. The chance of passing another form of this bank today, from the forms sat so far. Never a chance at
the real exam: it is about a form drawn by the same blueprint from the same bank.

Steps
1. By domain, right and first sights of the forms are added up, the newest in full, each older one for half as
   much as the one after it (`OLDER_FORM`).
2. To these come the prior's imagined items: `PRIOR_WEIGHT` of them over the whole form, shared between the
   domains in proportion to their places, `PRIOR_MEAN` of them right. With as many imagined items in a domain
   as it has a share of the form, the four domains together are as sure of themselves as one pool of all items
   would be. (Ten for each domain would pull four times as hard: simulated, deciles are then out by up to 12
   points.)
3. The level in a domain is then Beta(right, wrong), and the number right in its places of a new form is
   beta-binomial (Skellam 1948, "A probability distribution derived from the binomial distribution by
   regarding the probability of success as variable between the sets of trials", J. R. Stat. Soc. B 10:
   257–261).
4. The domains are taken as independent: the distribution of the whole count is the convolution of theirs, and
   the chance is its part at or above the passing count. What ties the domains is the prior alone.
5. The range: the mean and the variance of the level over the whole form (domains weighted by places) are
   those of one beta distribution, worth so many items. Wilson's 80 % interval of those (`results.level`) ends
   at two levels, and their chances (binomial) are the range's ends.

Calibration is simulated by tests/results/population.py; docs/scoring.md has the tables. One more right item
never lowers the chance. A form's items that were seen before, or whose key was corrected, are not in the
counts.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb, exp, floor, fsum, lgamma

from results.level import Z_80, Band, interval

# Where candidates of an exam like this stand who take mock exams: a little below the 72 % that pass. It is
# what is believed of somebody who has not answered anything.
PRIOR_MEAN = 0.68
# As many imagined items: few beside a form of 65, so that one form says nearly everything; enough that eight
# right of eight is not yet a certain pass. The reference population would be worth 21; ten leave room for
# another one.
PRIOR_WEIGHT = 10.0
# Candidates learn between forms, a few points each time. Halving keeps the newest form at more than half
# of the evidence, however many there are, and still lets the one before steady it.
OLDER_FORM = 0.5
# What is shown is rounded to so many percent.
STEP = 5

Counts = tuple[int, int]


@dataclass(frozen=True, slots=True)
class DomainPlaces:
    """`places` are the scored items of the domain in the form that the chance is asked for: what `weight`, in
    percent, comes to in whole items. The places are what counts."""

    code: str
    weight: int
    places: int


@dataclass(frozen=True, slots=True)
class Chance:
    """`value` lies between `low` and `high`; `forms` had first sights. Without any the prior alone speaks."""

    value: float
    low: float
    high: float
    forms: int

    @property
    def text(self) -> str:
        """In steps of 5 %: after one form as a range, since one form leaves too much open. It never says 0 or
        100 %."""
        if self.forms == 0:
            return "not known yet"
        if self.forms == 1:
            return _range(_rounded(self.low), _rounded(self.high))
        value = _rounded(self.value)
        return _range(value, value)


@dataclass(frozen=True, slots=True)
class _Level:
    """Beta(right, wrong): the level in one domain."""

    places: int
    right: float
    wrong: float

    @property
    def weight(self) -> float:
        return self.right + self.wrong

    @property
    def mean(self) -> float:
        return self.right / self.weight

    @property
    def variance(self) -> float:
        return self.mean * (1 - self.mean) / (self.weight + 1)


def pass_chance(
    forms: Sequence[Mapping[str, Counts]], domains: Sequence[DomainPlaces], passing_count: int
) -> Chance:
    """`forms` oldest first: by domain code (right, first sights) of scored items. A domain may be missing, or
    have fewer first sights than places; domains that the new form has not are left out, and forms without a
    first sight are as if they had not been sat. Raises ValueError when the new form has no places or a count
    is none.
    """
    places = sum(domain.places for domain in domains)
    if places <= 0:
        raise ValueError("a form without places cannot be passed")
    codes = {domain.code for domain in domains}
    told = [form for form in forms if any(total for code, (_, total) in form.items() if code in codes)]
    right, total = _evidence(told)
    imagined = {domain.code: PRIOR_WEIGHT * domain.places / places for domain in domains}
    levels = [
        _Level(
            domain.places,
            right[domain.code] + imagined[domain.code] * PRIOR_MEAN,
            total[domain.code] - right[domain.code] + imagined[domain.code] * (1 - PRIOR_MEAN),
        )
        for domain in domains
        if domain.places
    ]
    value = fsum(_counts_of_the_whole(levels)[max(passing_count, 0) :])
    value = min(max(value, 0.0), 1.0)
    likely = _likely_levels(levels, places)
    low, high = (_binomial_tail(passing_count, places, level) for level in (likely.low, likely.high))
    return Chance(value, min(low, value), max(high, value), len(told))


def _evidence(forms: Sequence[Mapping[str, Counts]]) -> tuple[defaultdict[str, float], ...]:
    """Right and total by domain, discounted; 0 for a domain that is missing."""
    rights: defaultdict[str, float] = defaultdict(float)
    totals: defaultdict[str, float] = defaultdict(float)
    for age, form in enumerate(reversed(forms)):
        for code, (right, total) in form.items():
            if not 0 <= right <= total:
                raise ValueError(f"{right} right of {total} first sights is no count")
            rights[code] += right * OLDER_FORM**age
            totals[code] += total * OLDER_FORM**age
    return rights, totals


def _counts_of_the_whole(levels: Sequence[_Level]) -> list[float]:
    """P(count right = 0, 1, …) over the whole form."""
    whole = [1.0]
    for level in levels:
        part = _beta_binomial(level)
        longer = [0.0] * (len(whole) + level.places)
        for have, chance in enumerate(whole):
            for more, likely in enumerate(part):
                longer[have + more] += chance * likely
        whole = longer
    return whole


def _beta_binomial(level: _Level) -> list[float]:
    """C(n, k) B(k + a, n - k + b) ÷ B(a, b) for k = 0 … n."""
    a, b, n = level.right, level.wrong, level.places
    scale = lgamma(a + b) - lgamma(a) - lgamma(b) - lgamma(a + b + n)
    return [comb(n, k) * exp(lgamma(k + a) + lgamma(n - k + b) + scale) for k in range(n + 1)]


def _likely_levels(levels: Sequence[_Level], places: int) -> Band:
    mean = fsum(level.places * level.mean for level in levels) / places
    variance = fsum(level.places**2 * level.variance for level in levels) / places**2
    weight = mean * (1 - mean) / variance - 1
    return interval(weight * mean, weight, Z_80)


def _binomial_tail(passing_count: int, places: int, level: float) -> float:
    counts = range(max(passing_count, 0), places + 1)
    return min(fsum(comb(places, k) * level**k * (1 - level) ** (places - k) for k in counts), 1.0)


def _rounded(chance: float) -> int:
    return STEP * floor(100 * chance / STEP + 0.5)


def _range(low: int, high: int) -> str:
    least, most = STEP, 100 - STEP
    if low < least and high > most:
        return f"between {least} and {most} %"
    if low < least:
        return f"under {max(high, least)} %"
    if high > most:
        return f"over {min(low, most)} %"
    if low == high:
        return f"about {low} %"
    return f"between {low} and {high} %"
