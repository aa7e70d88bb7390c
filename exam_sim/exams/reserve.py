"""The reserve: a form's worth of questions that nothing but the dress rehearsal shows a candidate.

It is drawn at a candidate's first attempt of a certification, whichever mode that is in, if the published
questions hold two whole forms of the rehearsal in every domain; once for ever (a unique constraint: of two
starts at once the loser reads what the winner drew). Until it is spent its questions do not exist for
anything else. The rehearsal takes them before all others, and fills up with unseen ones what was deleted,
retired or moved in the meantime.

Its rehearsal spends it at the start. While that is open the questions stay kept, because discarding it gives
the reserve back; once it is closed they are questions like all others.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from random import SystemRandom
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from exam_sim.accounts.models import User
from exam_sim.exams import supply
from exam_sim.exams.assembly import Blueprint, ShortBankError, Stock, assemble
from exam_sim.exams.models import Attempt, ExamProfile, Reserve, ReservedQuestion, State
from exam_sim.postgresql import bulk
from questions.models import Question

FORMS_NEEDED = 2


def reserved(user: User, certification_id: str) -> QuerySet[Question]:
    """The questions that are kept for this candidate's rehearsal; none once it is spent for good."""
    kept = ReservedQuestion.objects.filter(
        Q(reserve__spent_at__isnull=True) | Q(reserve__spent_on__state=State.OPEN),
        reserve__user=user,
        reserve__certification=certification_id,
    )
    return Question.objects.filter(pk__in=kept.values("question"))


def blueprint_of(offer: supply.Offer, domains: list[supply.DomainRow]) -> Blueprint | None:
    """What the reserve for this rehearsal is drawn after; None while the bank holds too few for one."""
    blueprint = offer.blueprint(domains)
    return blueprint.of_reserve if blueprint.forms() >= FORMS_NEEDED else None


def ensure(user: User, profile: ExamProfile, now: datetime, sitting: Collection[UUID] = ()) -> None:
    """Draw the candidate's reserve, unless there is one or the bank holds too few. Call it in the transaction
    that makes an attempt, before it leaves out what is `reserved`.

    `sitting` is about to be sat: it is drawn only where nothing else is left.
    """
    certification = profile.certification_id
    if Reserve.objects.filter(user=user, certification=certification).exists():
        return
    _, rehearsal = supply.of_profile_and_rehearsal(profile)
    if rehearsal is None:
        return
    blueprint = blueprint_of(rehearsal, supply.domains_of(certification))
    if blueprint is None:
        return
    history = supply.history_of(user, now)
    pools = dict(Question.objects.filter(pk__in=sitting).values_list("pk", "pool_id"))
    history.seen.update({question: (pool, now) for question, pool in pools.items()})
    read = supply.Reader(blueprint.pools, history, hidden=history.kept)
    try:
        form = assemble(blueprint, history.set_aside, read, SystemRandom())
    except ShortBankError:
        return
    try:
        with transaction.atomic():
            draw_first(user, certification, (c.question for c in form.scored), now)
    except IntegrityError:
        # Another start drew it in the meantime, and that one stands.
        if not Reserve.objects.filter(user=user, certification=certification).exists():
            raise


def draw_first(
    user: User,
    certification_id: str,
    questions: Iterable[UUID],
    now: datetime,
    spent_on: Attempt | None = None,
) -> None:
    """Write a reserve, with `spent_on` one that its rehearsal takes at once. Raises IntegrityError when there
    is one already."""
    reserve = Reserve.objects.create(**row_of(user.pk, certification_id, now, spent_on))
    rows = [{"reserve_id": reserve.pk, "question_id": question} for question in sorted(questions)]
    bulk.insert(ReservedQuestion, rows)


def row_of(user_id: UUID, certification_id: str, drawn_at: datetime, spent_on: Attempt | None) -> bulk.Row:
    """A new reserve, not yet written."""
    return {
        "user_id": user_id,
        "certification_id": certification_id,
        "drawn_at": drawn_at,
        "spent_on_id": None if spent_on is None else spent_on.pk,
        "spent_at": None if spent_on is None else drawn_at,
    }


def spend(attempt: Attempt, certification_id: str, now: datetime) -> None:
    """Note that the rehearsal `attempt`, which is being started, takes the reserve."""
    Reserve.objects.filter(
        user=attempt.user_id, certification=certification_id, spent_at__isnull=True
    ).update(spent_on=attempt, spent_at=now)


def give_back(attempt: Attempt) -> None:
    """Keep the reserve that `attempt` had spent for the next rehearsal: this one is discarded. What it
    displayed is seen now."""
    Reserve.objects.filter(spent_on=attempt).update(spent_on=None, spent_at=None)


def release(question_ids: Collection[UUID]) -> None:
    """Let go of questions that are about to be deleted: a reserve is no use of a question, and the rehearsal
    fills the gap."""
    ReservedQuestion.objects.filter(question__in=question_ids).delete()


class Stage(Enum):
    """TO_COME: it is drawn at this candidate's first attempt. KEPT: until the rehearsal. SPENT: on a
    rehearsal. NONE: the bank is too small."""

    TO_COME = "to come"
    KEPT = "kept"
    SPENT = "spent"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ReserveState:
    """What pages say of a candidate's reserve. `kept`: how many of its questions are still served.
    `repeats`: how many of the `places` of the next rehearsal will have been seen before."""

    stage: Stage
    places: int
    kept: int = 0
    repeats: int = 0
    spent_at: datetime | None = None

    @property
    def is_kept(self) -> bool:
        return self.stage is Stage.KEPT

    @property
    def is_spent(self) -> bool:
        return self.stage is Stage.SPENT

    @property
    def is_to_come(self) -> bool:
        return self.stage is Stage.TO_COME


def state(user: User | None, profile: ExamProfile) -> ReserveState | None:
    """The reserve for the dress rehearsal of `profile`'s certification; None when it has no rehearsal."""
    return states(user, [profile.certification_id]).get(profile.certification_id)


def states(user: User | None, certification_ids: Collection[str]) -> dict[str, ReserveState]:
    """By certification, the reserve of `user`, or of anybody who comes. One statement for all pools, one for
    the candidate, one for the domains of each certification with a rehearsal. Nothing is drawn."""
    offers = supply.offers_of(Q(is_rehearsal=True, certification__in=certification_ids)).values()
    history = supply.history_of(user) if user and offers else supply.History()
    return {
        offer.certification_id: _state(offer, supply.domains_of(offer.certification_id), history)
        for offer in offers
    }


def _state(offer: supply.Offer, domains: list[supply.DomainRow], history: supply.History) -> ReserveState:
    places = offer.scored + offer.unscored
    held = history.reserves.get(offer.certification_id)
    if held is None:
        if blueprint_of(offer, domains) is not None:
            return ReserveState(Stage.TO_COME, places, places)
        return ReserveState(Stage.NONE, places, 0, _repeats(offer, domains, history, set()))
    if held.mark == supply.SPENT:
        repeats = _repeats(offer, domains, history, set())
        return ReserveState(Stage.SPENT, places, 0, repeats, held.at)
    pools = {pool.pool for pool in offer.pools}
    kept = {question for question, pool in held.questions.items() if pool in pools}
    return ReserveState(Stage.KEPT, places, len(kept), _repeats(offer, domains, history, kept))


def _repeats(
    offer: supply.Offer, domains: list[supply.DomainRow], history: supply.History, kept: set[UUID]
) -> int:
    """How many questions of the next rehearsal will have been seen before."""
    pools = {pool.pool: pool for pool in offer.pools}
    taken = history.kept
    own, seen, away = Counter[str](), Counter[str](), Counter[tuple[str, bool]]()
    for question, pool_id in ({q: pool for q, (pool, _) in history.seen.items()} | taken).items():
        pool = pools.get(pool_id or 0)
        if pool is None:
            continue
        if question in kept:
            own[pool.domain] += 1
            seen[pool.domain] += question in history.seen
        away[pool.domain, pool.trial] += 1
    sizes = Counter[tuple[str, bool]]()
    trial = Counter[str]()
    for pool in offer.pools:
        sizes[pool.domain, pool.trial] += pool.size
        trial[pool.domain] += pool.size if pool.trial else 0
    return sum(
        Stock(
            own[domain.domain],
            seen[domain.domain],
            sizes[domain.domain, False] - away[domain.domain, False],
            trial[domain.domain],
            sizes[domain.domain, True] - away[domain.domain, True],
        ).repeats(domain)
        for domain in offer.blueprint(domains).places
    )
