"""Forms for candidates: what the bank and a candidate's history make of an exam's blueprint. Nothing is
written here, `attempts.start` writes.

A question that is reserved for a dress rehearsal does not exist for any other form or study session: what
reads questions is told to hide it, and what draws ranks draws as many more.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from exam_sim.accounts.models import User
from exam_sim.exams import assembly, supply
from exam_sim.exams.assembly import Blueprint, Form, ShortBankError
from exam_sim.exams.models import ExamProfile
from exam_sim.exams.reserve import blueprint_of
from exam_sim.exams.shuffling import shuffle_options, shuffled
from exam_sim.postgresql import bulk


@dataclass(frozen=True, slots=True)
class FormedItem:
    question: UUID
    layout: supply.Layout
    scored: bool
    option_order: list[str]


@dataclass(frozen=True, slots=True)
class Formed:
    """A form in its candidate's order, and what an attempt freezes of it.

    reserve: the questions that this start keeps for the dress rehearsal; empty when it draws none.
    spends: the form is a rehearsal that takes the candidate's reserve.
    """

    seed: int
    items: tuple[FormedItem, ...]
    blueprint: list[dict[str, object]]
    wishes: tuple[str, ...]
    reserve: tuple[UUID, ...]
    spends: bool

    @property
    def shape(self) -> list[list[int]]:
        return [[len(item.layout.options), item.layout.choose] for item in self.items]

    def rows_of(self, attempt_id: UUID) -> list[bulk.Row]:
        """The items as new rows of AttemptItem."""
        return [
            {
                "attempt_id": attempt_id,
                "number": number,
                "question_id": item.question,
                "version_id": item.layout.version,
                "scored": item.scored,
                "option_order": item.option_order,
            }
            for number, item in enumerate(self.items, start=1)
        ]


def form(user: User, profile: ExamProfile, now: datetime, seed: int) -> Formed:
    """A form of `profile` for `user`, and their reserve if this is the start that draws it.

    Raises assembly.ShortBankError, which names the domains that are short only because of the reserve.
    """
    return _Forming(user, profile, now, seed).formed()


def draw(
    user: User, profile: ExamProfile, wanted: Mapping[tuple[str, str], int], now: datetime, rng: Random
) -> list[UUID]:
    """Up to so many questions of each (domain code, task statement code) for a study session, in an order
    that means nothing: published ones, unseen first, then least recently seen, never a reserved one, no two
    enemies or equal testing points. A task statement that is short gives fewer.

    What is in front of the candidate at `now`, in an open attempt, comes last of all.
    """
    own, _ = supply.of_profile_and_rehearsal(profile)
    history = supply.history_of(user, now)
    read = supply.Reader(own.pools, history, hidden=history.kept)
    picked = assembly.pick(wanted, own.pools, history.set_aside, read, rng)
    return shuffled((candidate.question for candidate in picked), rng)


class _Forming:
    """One candidate's form of one exam in the making."""

    def __init__(self, user: User, profile: ExamProfile, now: datetime, seed: int) -> None:
        self.seed = seed
        self.certification = profile.certification_id
        self.domains = supply.domains_of(self.certification)
        self.own, self.rehearsal = supply.of_profile_and_rehearsal(profile)
        self.history = supply.history_of(user, now)
        self.blueprint = self.own.blueprint(self.domains)

    def formed(self) -> Formed:
        held = self.history.reserves.get(self.certification)
        both = self._with_reserve() if held is None else None
        if both is not None:
            form, reserve = both
            return self._laid_out(form, [c.question for c in reserve.scored], self.own.is_rehearsal)
        spends = held is not None and held.mark == supply.KEPT and self.own.is_rehearsal
        own = held.questions if held is not None and spends else {}
        return self._laid_out(self._form(own), (), spends)

    def _with_reserve(self) -> tuple[Form, Form] | None:
        """A form and the reserve, if the bank holds both."""
        reserve = blueprint_of(self.rehearsal, self.domains) if self.rehearsal else None
        if reserve is None:
            return None
        read = self._reader(self.blueprint, reserve)
        try:
            return assembly.assemble_both(
                self.blueprint,
                reserve,
                self.history.set_aside,
                read,
                self._rng(),
                sits=self.own.is_rehearsal,
            )
        except ShortBankError:
            # Enemies, or an exam larger than its rehearsal: rather an exam without a reserve than none.
            return None

    def _form(self, reserved: Mapping[UUID, Any]) -> Form:
        """A form that takes what is `reserved` for it first, and nothing that is reserved otherwise."""
        hidden = {q: pool for q, pool in self.history.kept.items() if q not in reserved}
        read = self._reader(self.blueprint, hidden=hidden, reserved=reserved)
        try:
            return assembly.assemble(self.blueprint, self.history.set_aside, read, self._rng())
        except ShortBankError as short:
            domains = {pool.pool: pool.domain for pool in self.own.pools}
            kept = Counter(domains[pool] for pool in hidden.values() if pool in domains)
            raise short.keeping(kept) from None

    def _reader(
        self,
        *blueprints: Blueprint,
        hidden: Iterable[UUID] | None = None,
        reserved: Iterable[UUID] = (),
    ) -> supply.Reader:
        pools = [pool for blueprint in blueprints for pool in blueprint.pools]
        hidden = self.history.kept if hidden is None else hidden
        read = supply.Reader(pools, self.history, hidden=frozenset(hidden), reserved=frozenset(reserved))
        self.read = read
        return read

    def _rng(self) -> Random:
        return Random(self.seed)  # noqa: S311 - a form can be drawn again from its stored seed

    def _laid_out(self, form: Form, reserve: Sequence[UUID], spends: bool) -> Formed:
        """The form in this candidate's order of items and options."""
        scored = {candidate.question for candidate in form.scored}
        order = shuffled((c.question for c in (*form.scored, *form.unscored)), self._rng())
        option_rng = Random(self.seed + 1)  # noqa: S311 - as above
        layouts = [self.read.layout(question) for question in order]
        return Formed(
            self.seed,
            tuple(
                FormedItem(
                    question,
                    layout,
                    question in scored,
                    shuffle_options(layout.options, layout.shuffle, option_rng),
                )
                for question, layout in zip(order, layouts, strict=True)
            ),
            [
                _frozen(domain, places)
                for domain, places in zip(self.domains, self.blueprint.places, strict=True)
            ],
            form.wishes,
            tuple(sorted(reserve)),
            spends,
        )


def _frozen(domain: supply.DomainRow, places: assembly.Places) -> dict[str, object]:
    """A domain as an attempt keeps it: see `Attempt.blueprint`."""
    return {
        "code": domain.code,
        "title": domain.title,
        "weight": domain.weight,
        "scored": places.scored,
        "unscored": places.unscored,
        "task_statements": [{"code": code, "title": title} for code, title in domain.task_statements],
    }
