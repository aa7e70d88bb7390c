"""PURE. Which questions make a form.

Inputs: the places to fill by domain, pools of questions (all questions of one task statement and status,
ranked 0 … size - 1), what this candidate saw and when, what is reserved, and a `random.Random`. No database,
no clock. A form in the making is in `exam_sim.exams.drafting`.

Hard, in this order: every domain gets exactly its scored and unscored places; no question twice; no two
enemies and no two equal testing points in a form. Scored places take published questions, unscored places
trial ones and only then published ones. A domain that cannot be filled makes the whole form refused with
`ShortBankError`, which names every short domain and by how many; a form is never padded and never smaller.

Soft, in this order: reserved for this form; unseen by this candidate; least recently seen; evenly spread over
the domain's task statements (⌊n/k⌋ or ⌈n/k⌉, the extra ones to those with most unseen left, ties by chance);
the bank's share of multiple response ± 2 and of each level ± 3; chance. A form that breaks a soft wish says
which and why in `Form.wishes`.

Cost: `sample` draws, per pool, as many random ranks as the domain has places plus the number of this pool's
questions that are set aside: seen by the candidate, or reserved. Whatever the draw, it then holds either the
whole pool or at least as many free unseen questions as the domain can use, so the soft wishes are met without
reading the bank (enemies can cost one of them). Rows read are bounded by places × task statements + history,
whatever the size of the bank; a first start, which draws the reserve out of the same reading, counts the
places of both. Only before a refusal are whole pools read: a draw that enemies made short says nothing about
the bank.

The reserve is a form's worth of published questions that are kept for one candidate's dress rehearsal. For
every other form they are not read at all; for their own they are the first tier, also where trial questions
would come before published ones, so that it is wholly the reserve while that is whole.

Enemies can make a domain short though the bank is not. Then questions that stand in the way are exchanged, in
any domain, and if that is not enough the form is drawn again without its soft wishes.

The first wishes order the questions of a domain into tiers (reserved, unseen, by the time last seen). Tiers
are used up in order; only the last tier leaves a choice, and there the next question always comes from the
task statement with fewest so far. Shares are mended afterwards by exchanging questions of the same tier, task
statement and place, so a lower wish never costs a higher one.

The guarantee to the candidate: no repeats while unseen questions are left in a domain (but those kept for the
rehearsal), and the same chance for every question of a task statement.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import TypeVar

from exam_sim.exams.drafting import Candidate, Draft, Places, PoolSize, Shortage, Targets

Ranks = dict[int, list[int]]
Read = Callable[[Ranks], Iterable[Candidate]]
Made = TypeVar("Made")


class ShortBankError(Exception):
    """The bank cannot fill the form. `shortages` names every short domain and how many questions it lacks."""

    def __init__(self, shortages: Sequence[Shortage]) -> None:
        self.shortages = tuple(shortages)
        super().__init__(f"The bank is short: {'; '.join(map(str, self.shortages))}.")

    def keeping(self, kept: Mapping[str, int]) -> "ShortBankError":
        """The same, naming the domains that are short only because `kept`, by domain, are reserved."""
        return ShortBankError(
            [
                replace(s, kept=kept[s.domain]) if kept.get(s.domain, 0) >= s.missing else s
                for s in self.shortages
            ]
        )


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What a form is drawn after: the places to fill, and the pools that may fill them."""

    places: tuple[Places, ...]
    pools: tuple[PoolSize, ...]

    @property
    def needs(self) -> Counter[int]:
        """How many questions of each pool one form can use."""
        by_domain = {p.domain: p for p in self.places}
        needs: Counter[int] = Counter()
        for pool in self.pools:
            domain = by_domain.get(pool.domain)
            if domain is not None:
                needs[pool.pool] = domain.unscored + (0 if pool.trial else domain.scored)
        return needs

    @property
    def of_reserve(self) -> "Blueprint":
        """The blueprint of the reserve for this form: its places, all to be filled with published questions.
        Which of them will count is drawn when it is sat."""
        return Blueprint(
            tuple(replace(p, scored=p.scored + p.unscored, unscored=0) for p in self.places),
            tuple(pool for pool in self.pools if not pool.trial),
        )

    def forms(self) -> int:
        """How many forms without a common question the published pools hold, by the counts of the domains."""
        held: Counter[str] = Counter()
        for pool in self.pools:
            held[pool.domain] += 0 if pool.trial else pool.size
        return min(held[p.domain] // (p.scored + p.unscored) for p in self.places if p.scored + p.unscored)


@dataclass(frozen=True, slots=True)
class Form:
    """The chosen questions in no order that means anything, and the soft wishes that could not be kept."""

    scored: tuple[Candidate, ...]
    unscored: tuple[Candidate, ...]
    wishes: tuple[str, ...] = field(default=())


def apportion(places: int, weights: Mapping[str, int]) -> dict[str, int]:
    """`places` shared out by `weights`, by largest remainder; ties go to the heavier, then the earlier
    domain.

    The method is Hamilton's: https://en.wikipedia.org/wiki/Largest_remainders_method
    """
    total = sum(weights.values())
    shares = {domain: divmod(places * weight, total) for domain, weight in weights.items()}
    counts = {domain: whole for domain, (whole, _) in shares.items()}
    by_remainder = sorted(weights, key=lambda domain: (-shares[domain][1], -weights[domain]))
    for domain in by_remainder[: places - sum(counts.values())]:
        counts[domain] += 1
    return counts


def assemble(blueprint: Blueprint, set_aside: Mapping[int, int], read: Read, rng: Random) -> Form:
    """The form for one candidate, or ShortBankError. `set_aside` counts, by pool, the questions that this
    candidate saw and those that are reserved; `read` gives the questions at some ranks, by pool, but none
    that is reserved for another form."""
    return _with_enough(
        blueprint.needs, blueprint.pools, set_aside, read, rng, lambda found: choose(blueprint, found, rng)
    )


def assemble_both(
    blueprint: Blueprint,
    reserve: Blueprint,
    set_aside: Mapping[int, int],
    read: Read,
    rng: Random,
    *,
    sits: bool = False,
) -> tuple[Form, Form]:
    """A form, and the reserve that is kept out of it, or ShortBankError: both out of one reading. With `sits`
    the form is the rehearsal itself, which takes the reserve at once.

    The reserve is drawn first and like any form, so each question is as likely in it as the others of its
    task statement; and so it is in the form, which draws from what is left.
    """

    def make(found: list[Candidate]) -> tuple[Form, Form]:
        pools = {pool.pool for pool in reserve.pools}
        kept = choose(reserve, [c for c in found if c.pool in pools], rng)
        ids = {c.question for c in kept.scored}
        if sits:
            left = [replace(c, reserved=True) if c.question in ids else c for c in found]
        else:
            left = [c for c in found if c.question not in ids]
        return choose(blueprint, left, rng), kept

    pools = {pool.pool: pool for pool in (*blueprint.pools, *reserve.pools)}
    needs = reserve.needs if sits else blueprint.needs + reserve.needs
    return _with_enough(needs, pools.values(), set_aside, read, rng, make)


def pick(
    wanted: Mapping[tuple[str, str], int],
    pools: Sequence[PoolSize],
    set_aside: Mapping[int, int],
    read: Read,
    rng: Random,
) -> list[Candidate]:
    """Published questions for a study session: up to so many of each (domain, task statement), under the
    rules of a form for enemies, testing points and what is unseen. One that is short gives what it has."""
    asked = [p for p in pools if p.size and not p.trial and wanted.get((p.domain, p.task_statement), 0) > 0]
    needs = Counter({p.pool: wanted[p.domain, p.task_statement] for p in asked})

    def make(found: list[Candidate]) -> list[Candidate]:
        return Draft((), found, rng).take_each(wanted)

    drawn = sample(needs, asked, set_aside, rng)
    picked = make(_sorted(read(drawn)))
    got = Counter((c.domain, c.task_statement) for c in picked)
    more = {
        p.pool: list(range(p.size))
        for p in asked
        if got[p.domain, p.task_statement] < wanted[p.domain, p.task_statement]
        and len(drawn[p.pool]) < p.size
    }
    return make(_sorted(read(drawn | more))) if more else picked


def sample(
    needs: Mapping[int, int], pools: Iterable[PoolSize], set_aside: Mapping[int, int], rng: Random
) -> Ranks:
    """Ranks to read, by pool: see the module's paragraph on cost."""
    return {
        p.pool: rng.sample(range(p.size), min(p.size, needs[p.pool] + set_aside.get(p.pool, 0)))
        for p in sorted(pools, key=lambda p: p.pool)
        if p.size and needs.get(p.pool, 0)
    }


def _with_enough(
    needs: Mapping[int, int],
    pools: Iterable[PoolSize],
    set_aside: Mapping[int, int],
    read: Read,
    rng: Random,
    make: Callable[[list[Candidate]], Made],
) -> Made:
    """What `make` makes of a draw, or of whole pools before it is believed that the bank is short."""
    pools = list(pools)
    drawn = sample(needs, pools, set_aside, rng)
    try:
        return make(_sorted(read(drawn)))
    except ShortBankError:
        whole = {pool.pool: list(range(pool.size)) for pool in pools if pool.pool in drawn}
        if all(len(drawn[pool]) == len(ranks) for pool, ranks in whole.items()):
            raise
        return make(_sorted(read(whole)))


def _sorted(candidates: Iterable[Candidate]) -> list[Candidate]:
    """In an order that does not depend on the database."""
    return sorted(candidates, key=lambda c: c.question.int)


def choose(blueprint: Blueprint, candidates: Sequence[Candidate], rng: Random) -> Form:
    """The form out of `candidates`, or ShortBankError when they do not suffice."""
    places = blueprint.places
    form = Draft(places, candidates, rng)
    form.fill()
    if form.shortages:
        form.repair()
    if form.shortages:
        # Soft wishes stand in the way of a hard rule: once more without them, fewest enemies first.
        blind = [replace(c, last_seen=None, reserved=False) for c in candidates]
        form = Draft(places, blind, rng, fewest_enemies_first=True)
        form.fill()
        form.repair()
        form.restore(candidates)
    if form.shortages:
        raise ShortBankError(form.shortages)
    targets = Targets.of(blueprint.pools, sum(p.scored + p.unscored for p in places))
    form.mend_shares(targets)
    return Form(tuple(form.scored), tuple(form.unscored), tuple(form.broken_wishes(targets)))


@dataclass(frozen=True, slots=True)
class Stock:
    """What one domain holds for one candidate's next form: `reserved` for it (of these seen `reserved_seen`),
    then other published questions that are `unseen`, and `trial` ones (of these `trial_unseen`)."""

    reserved: int = 0
    reserved_seen: int = 0
    unseen: int = 0
    trial: int = 0
    trial_unseen: int = 0

    def repeats(self, places: Places) -> int:
        """How many questions of the next form will have been seen before: tiers are used up in the order of
        `Draft.fill`. Enemies are not counted, they can cost one."""
        scored = max(0, places.scored - self.reserved)
        unscored = max(0, places.unscored - max(0, self.reserved - places.scored))
        trial = min(unscored, self.trial)
        published = scored + unscored - trial
        return self.reserved_seen + max(0, trial - self.trial_unseen) + max(0, published - self.unseen)
