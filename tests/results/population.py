"""Simulated candidates, to hold the statistics of `results` against. It shares no code with them: what a
candidate is able to do is known here, and what they answer is drawn item by item.

A candidate has an ability, the share of all items of the bank that they would be right on, drawn from a beta
distribution, and grows by the same number of points from each form to the next. Items differ in difficulty,
on the logit scale, with standard deviation 1: a candidate answers an item rightly with the chance
1 / (1 + exp(difficulty - skill)), where the skill is such that the chance averaged over the bank is the
ability. Each form is of new items.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import comb, exp
from random import Random

DIFFICULTY_SD = 1.0
MOST_GROWTH = 0.04
MOST_FORMS = 5
BEST = 0.99
WORST = 0.01

# The blueprint of MLS-C01: weight in percent and task statements of each domain; scored items of its two
# exams.
WEIGHTS = {"1": 20, "2": 24, "3": 36, "4": 20}
TASK_STATEMENTS = {
    "1": ["1.1", "1.2", "1.3"],
    "2": ["2.1", "2.2", "2.3"],
    "3": ["3.1", "3.2", "3.3", "3.4", "3.5"],
    "4": ["4.1", "4.2", "4.3", "4.4"],
}
MOCK = {"1": 13, "2": 16, "3": 23, "4": 13}
MOCK_PASSES = 47
REHEARSAL = {"1": 10, "2": 12, "3": 18, "4": 10}
REHEARSAL_PASSES = 37


@dataclass(frozen=True)
class Population:
    """Where abilities lie (beta distribution by mean and standard deviation), and whether candidates grow."""

    mean: float = 0.68
    sd: float = 0.10
    grows: bool = True

    def candidate(self, rng: Random) -> "Candidate":
        weight = self.mean * (1 - self.mean) / self.sd**2 - 1
        ability = rng.betavariate(self.mean * weight, (1 - self.mean) * weight)
        return Candidate(ability, rng.uniform(0, MOST_GROWTH) if self.grows else 0.0)


@dataclass(frozen=True)
class Candidate:
    """`weak` is a task statement that they are `lack` worse at than at everything else."""

    ability: float
    growth: float
    weak: str = ""
    lack: float = field(default=0.0, kw_only=True)

    def ability_at(self, form: int) -> float:
        """At the form of that number, from 0."""
        return min(max(self.ability + self.growth * form, WORST), BEST)

    def sits(self, form: int, places: Mapping[str, int], rng: Random) -> dict[str, tuple[int, int]]:
        """Right and total by domain."""
        skill = skill_of(self.ability_at(form))
        return {domain: (_right(skill, total, rng), total) for domain, total in places.items()}

    def sits_in_detail(self, form: int, places: Mapping[str, int], rng: Random) -> dict[str, tuple[int, int]]:
        """Right and total by task statement: a domain's places are spread evenly, who gets one more is
        drawn."""
        result = {}
        for domain, total in places.items():
            codes = TASK_STATEMENTS[domain]
            each, left = divmod(total, len(codes))
            more = rng.sample(codes, left)
            for code in codes:
                ability = self.ability_at(form) - (self.lack if code == self.weak else 0)
                count = each + (code in more)
                result[code] = (_right(skill_of(max(ability, WORST)), count, rng), count)
        return result

    def chance(self, form: int, places: int, passes: int) -> float:
        """The true chance of passing a form of new items on the day of the form of that number: every new
        item is right with the same chance, the ability, because its difficulty has not been drawn yet."""
        ability = self.ability_at(form)
        return sum(
            comb(places, right) * ability**right * (1 - ability) ** (places - right)
            for right in range(passes, places + 1)
        )


def _right(skill: float, items: int, rng: Random) -> int:
    draw, difficulty = rng.random, rng.gauss
    return sum(draw() * (1 + exp(difficulty(0, DIFFICULTY_SD) - skill)) < 1 for _ in range(items))


def skill_of(ability: float) -> float:
    """The skill that is right on the share `ability` of the bank, from a table 0.02 apart."""
    skills, shares = _table()
    low, high = 0, len(shares) - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if shares[middle] <= ability else (low, middle)
    part = (ability - shares[low]) / (shares[high] - shares[low])
    return skills[low] + part * (skills[high] - skills[low])


@cache
def _table() -> tuple[Sequence[float], Sequence[float]]:
    """Skills, and the share of the bank that each is right on: the average over difficulties, a sum over the
    normal density in steps of 0.05."""
    steps = [step / 20 * DIFFICULTY_SD for step in range(-120, 121)]
    density = [exp(-((step / DIFFICULTY_SD) ** 2) / 2) for step in steps]
    skills = [step / 50 for step in range(-400, 401)]
    shares = [
        sum(d / (1 + exp(step - skill)) for step, d in zip(steps, density, strict=True)) / sum(density)
        for skill in skills
    ]
    return skills, shares
