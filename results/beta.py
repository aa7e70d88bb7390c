"""PURE. The beta distribution, as far as posteriors need it: its distribution function and its quantiles.

The distribution function is the regularised incomplete beta function by its continued fraction (Abramowitz
and Stegun, 26.5.8; DLMF 8.17.22, https://dlmf.nist.gov/8.17#v), evaluated by the modified Lentz method
(Thompson and Barnett 1986). Quantiles are found by Newton's steps between bounds that close in, so that they
cannot fail.
"""

from math import exp, lgamma, log, log1p

TINY = 1e-300
PRECISION = 1e-13


def cdf(share: float, a: float, b: float) -> float:
    """P(X <= share) of X ~ Beta(a, b), a and b > 0."""
    if share <= 0:
        return 0.0
    if share >= 1:
        return 1.0
    if share > (a + 1) / (a + b + 2):
        return 1 - _lower(1 - share, b, a)
    return _lower(share, a, b)


def quantile(probability: float, a: float, b: float) -> float:
    """The share below which Beta(a, b) lies with `probability`, to 1e-9 or better."""
    if not 0 < probability < 1:
        raise ValueError(f"{probability} is not a probability between 0 and 1")
    low, high = 0.0, 1.0
    share = a / (a + b)
    while high - low > PRECISION:
        excess = cdf(share, a, b) - probability
        if excess > 0:
            high = share
        else:
            low = share
        step = excess / max(exp(_log_density(share, a, b)), TINY)
        nearer = share - step if low < share - step < high else (low + high) / 2
        if abs(nearer - share) <= PRECISION:
            return nearer
        share = nearer
    return share


def _log_density(share: float, a: float, b: float) -> float:
    return (a - 1) * log(share) + (b - 1) * log1p(-share) + lgamma(a + b) - lgamma(a) - lgamma(b)


def _lower(share: float, a: float, b: float) -> float:
    """The fraction converges fast below the mean."""
    front = exp(_log_density(share, a, b)) * share * (1 - share) / a
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * share / (a + 1))
    fraction = d
    for m in range(1, 1000):
        for numerator in (
            m * (b - m) * share / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * share / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away_from_zero(1 + numerator * d)
            c = _away_from_zero(1 + numerator / c)
            fraction *= c * d
        if abs(c * d - 1) < 1e-14:
            break
    return front * fraction


def _away_from_zero(number: float) -> float:
    return number if abs(number) > TINY else TINY
