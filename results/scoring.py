"""PURE. What a closed attempt is worth, by rule 1.

Inputs: the items of the form with the key and what stood chosen when the attempt closed, the attempt's scale,
and its blueprint (domains and task statements with their titles and weights as they were at the start).

Steps
1. An item is *right* when the chosen options are exactly the key: all or nothing, for multiple response too.
   Nothing chosen, too few, too many or another option are all equally not right; a guess costs nothing.
2. Scored items alone count. Unscored items are in neither `correct` nor `total`, of the whole, of a domain or
   of a task statement; they do count as `answered`, because a candidate cannot tell them apart.
3. The scaled score is the scale's: one straight line, exact fractions, rounded half up once
   (`exam_sim.exams.scale`). A domain's weight is not applied again: the blueprint has already given each
   domain its share of the items.
4. Passing is decided on that rounded score. There is no minimum for a domain.
5. A domain *meets* when its share right reaches the pass mark's share of the scale, compared as exact
   fractions.

Rounding happens in step 3 and nowhere else.

Guarantee to the candidate: the score depends on the set of right scored items and on nothing else (not on
order, time, flags or earlier answers), one more right item never lowers it, and it can be recomputed by hand
from the raw count.

A change to any of this is a new `RULE`: results keep the number of the rule that made them.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from exam_sim.exams.scale import Scale

RULE = 1


@dataclass(frozen=True, slots=True)
class Item:
    """One place of the form. `key` and `chosen` are option ids; `choose` is how many the stem asks for."""

    number: int
    domain: str
    task_statement: str
    scored: bool
    key: frozenset[str]
    chosen: frozenset[str]
    choose: int

    @property
    def right(self) -> bool:
        return bool(self.key) and self.chosen == self.key

    @property
    def answered(self) -> bool:
        return len(self.chosen) == self.choose


@dataclass(frozen=True, slots=True)
class BlueprintDomain:
    """`task_statements` are (code, title). A task statement's code is unique within its domain."""

    code: str
    title: str
    weight: int
    task_statements: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DomainScore:
    code: str
    title: str
    weight: int
    correct: int
    total: int
    meets: bool


@dataclass(frozen=True, slots=True)
class TaskStatementScore:
    domain: str
    code: str
    title: str
    correct: int
    total: int


@dataclass(frozen=True, slots=True)
class Score:
    """`answered` counts items with a complete choice, scored or not. Domains and task statements stand in the
    blueprint's order; those without a scored item are left out, since they have no share."""

    correct: int
    total: int
    answered: int
    scaled: int
    passed: bool
    domains: tuple[DomainScore, ...]
    task_statements: tuple[TaskStatementScore, ...]


def score(items: Iterable[Item], scale: Scale, blueprint: Sequence[BlueprintDomain]) -> Score:
    """Raises ValueError when there is no scored item, or when one belongs to no task statement of the
    blueprint."""
    items = tuple(items)
    scored = [item for item in items if item.scored]
    known = {(domain.code, code) for domain in blueprint for code, _ in domain.task_statements}
    strays = sorted(item.number for item in scored if (item.domain, item.task_statement) not in known)
    if strays:
        raise ValueError(f"scored items of no task statement of the blueprint: {strays}")

    totals = Counter((item.domain, item.task_statement) for item in scored)
    rights = Counter((item.domain, item.task_statement) for item in scored if item.right)
    correct, total = rights.total(), totals.total()
    scaled = scale.scaled(correct, total)
    task_statements = tuple(
        TaskStatementScore(domain.code, code, title, rights[domain.code, code], totals[domain.code, code])
        for domain in blueprint
        for code, title in domain.task_statements
        if totals[domain.code, code]
    )
    return Score(
        correct=correct,
        total=total,
        answered=sum(item.answered for item in items),
        scaled=scaled,
        passed=scale.passes(scaled),
        domains=_domain_scores(task_statements, scale, blueprint),
        task_statements=task_statements,
    )


def _domain_scores(
    task_statements: Sequence[TaskStatementScore], scale: Scale, blueprint: Sequence[BlueprintDomain]
) -> tuple[DomainScore, ...]:
    totals: Counter[str] = Counter()
    rights: Counter[str] = Counter()
    for task_statement in task_statements:
        totals[task_statement.domain] += task_statement.total
        rights[task_statement.domain] += task_statement.correct
    return tuple(
        DomainScore(
            domain.code,
            domain.title,
            domain.weight,
            rights[domain.code],
            totals[domain.code],
            meets=Fraction(rights[domain.code], totals[domain.code]) >= scale.pass_share,
        )
        for domain in blueprint
        if totals[domain.code]
    )
