"""PURE. What a count of right items says about the level behind it: how far it is sure, and what another form
would bring. All shares are of questions like those answered: scored items seen for the first time.

The level band is Wilson's interval (Wilson 1927, "Probable inference, the law of succession, and statistical
inference", J. Am. Stat. Assoc. 22: 209–212, https://doi.org/10.1080/01621459.1927.10502953), which Brown, Cai
and DasGupta advise for up to 40 items and find as good as any above (2001, "Interval estimation for a
binomial proportion", Statistical Science 16: 101–133, https://doi.org/10.1214/ss/1009213286). It holds every
level p at which the share right is no further than z standard errors *of that p* away: |x/n - p| <= z √(p(1 -
p)/n). They also offer a modified Wilson interval, which mends its dips close to 0 and 1. It is not needed
here: over levels from 30 to 95 % in steps of a point the plain interval covers 95.1 % on average for 65 items
and for 50, and at worst 93.3 % (at 83 %) and 93.2 % (at 81 %), by exact sums of binomial probabilities.

The next form's interval asks the same question of two counts: which counts y of m items are no further from x
of n than chance would take two forms of one and the same level? With the level estimated from both together,
p = (x + y)/(n + m), they are those with |y/m - x/n| <= z √(p(1 - p)(1/n + 1/m)), that is, those that the
chi-square test of the fourfold table would not call different at 5 %: the score prediction interval (Wang
2010, "Closed form prediction intervals applied for disease counts", Am. Stat. 64: 250–256; Krishnamoorthy and
Peng 2011, "Improved closed-form prediction intervals for binomial and Poisson distributions", J. Stat. Plan.
Inference 141: 1709–1718). It is the shortest of those measured that cover, see docs/scoring.md.

Neither touches a verdict. Items of differing difficulty drawn anew from a bank behave like this or vary less.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from statistics import NormalDist

Z_95 = NormalDist().inv_cdf(0.975)
Z_80 = NormalDist().inv_cdf(0.9)


@dataclass(frozen=True, slots=True)
class Band:
    """Shares from 0 to 1, low <= high."""

    low: float
    high: float


def interval(right: float, total: float, z: float) -> Band:
    """Wilson's interval, also of counts that are no whole numbers (imagined items, older ones that count
    less): total > 0, 0 <= right <= total. It begins at exactly 0 for nothing right and ends at exactly 1 for
    everything."""
    share = right / total
    spread = z * z / total
    centre = share + spread / 2
    reach = sqrt(spread * (share * (1 - share) + spread / 4))
    low = 0.0 if right == 0 else (centre - reach) / (1 + spread)
    high = 1.0 if right == total else (centre + reach) / (1 + spread)
    return Band(low, high)


def level_band(correct: int, total: int) -> Band:
    """The 95 % band for the level behind `correct` of `total`. Raises ValueError unless 0 <= correct <=
    total, total > 0."""
    _check(correct, total)
    return interval(correct, total, Z_95)


def next_form(correct: int, total: int, places: int) -> tuple[int, int]:
    """The fewest and the most right of `places` scored items that are to be expected, with 95 % probability,
    of another form on the level that brought `correct` of `total`. Raises ValueError unless 0 <= correct <=
    total, total > 0, places > 0."""
    _check(correct, total)
    if places <= 0:
        raise ValueError(f"a form of {places} items is none")
    likely = [count for count in range(places + 1) if _could_follow(count, places, correct, total)]
    return likely[0], likely[-1]


def _could_follow(count: int, places: int, correct: int, total: int) -> bool:
    """Both sides of the docstring's inequality multiplied out. The whole counts next to the same share always
    could, which matters for a handful of places alone."""
    both, right = total + places, correct + count
    apart = abs(count * total - correct * places)
    return apart < total or apart**2 * both <= Z_95**2 * total * places * right * (both - right)


def too_few(correct: int, total: int, line: Fraction) -> bool:
    """Whether `correct` of `total` says too little to be held against the pass line, a share of 0 to 1: its
    80 % Wilson interval holds the line. No items at all always say too little. Raises ValueError for a count
    that cannot be."""
    if total == 0 == correct:
        return True
    _check(correct, total)
    return abs(Fraction(correct, total) - line) <= Z_80 * sqrt(line * (1 - line) / total)


def _check(correct: int, total: int) -> None:
    if total <= 0 or not 0 <= correct <= total:
        raise ValueError(f"{correct} right of {total} is not a share of a form")
