"""PURE. The reported scale of an exam: from a share of correct items to a scaled score, and back to what
passes.

`scaled = minimum + (maximum - minimum) × correct ÷ total`, an exact fraction rounded half up once, to an
integer. The straight line is an approximation (the exam's owner does not publish its conversion): a candidate
can recompute it by hand. Passing is decided on the rounded score: the score a candidate reads is the score
that decides.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import floor


@dataclass(frozen=True, slots=True)
class Scale:
    """`minimum` and `maximum` are the scores of nothing and everything right; `pass_mark` lies between
    them."""

    minimum: int
    maximum: int
    pass_mark: int

    def scaled(self, correct: int, total: int) -> int:
        """The scaled score of `correct` of `total` items. Raises ValueError unless 0 <= correct <= total,
        total > 0."""
        if total <= 0 or not 0 <= correct <= total:
            raise ValueError(f"{correct} correct of {total} is not a share of a form")
        return floor(self.minimum + Fraction((self.maximum - self.minimum) * correct, total) + Fraction(1, 2))

    def at(self, share: float | Fraction) -> int:
        """The scaled score of a share of right items that nobody answered: the end of a band, a mean. Rounded
        half up, and clipped to the scale. For display alone: it decides nothing."""
        scaled = self.minimum + (self.maximum - self.minimum) * Fraction(share)
        return min(max(floor(scaled + Fraction(1, 2)), self.minimum), self.maximum)

    def passes(self, scaled: int) -> bool:
        return scaled >= self.pass_mark

    def passing_count(self, total: int) -> int:
        """The fewest correct items of `total` that pass."""
        return next(correct for correct in range(total + 1) if self.passes(self.scaled(correct, total)))

    @property
    def pass_share(self) -> Fraction:
        """The pass mark as a share of the scale: the line that a domain's share is held against."""
        return Fraction(self.pass_mark - self.minimum, self.maximum - self.minimum)
