"""A candidate's cards: where they stand with each question in spaced repetition, and what is due.

Written by `review` alone, out of `results.digest`, under the lock of the candidate's row. A card is made of
what was displayed, scored or not, in exams and in study sessions; a void answer makes none and moves none.

Never due, whatever the card says: what is kept for the dress rehearsal, what the candidate sits in an attempt
that is open, and what is served no more. A question whose key was corrected after its last review is due at
once, and before all others: what was remembered may be wrong.

Days are those of the site's time zone. A card is due on the whole day, from its beginning: who studies each
day does not come at the same hour.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from exam_sim.accounts.models import User
from exam_sim.exams.models import Attempt, AttemptItem
from exam_sim.exams.reserve import reserved
from questions.models import SERVED_STATUSES, KeyCorrection
from results import schedule
from results.answered import Answered
from results.models import Card


def review(user_id: UUID, items: Sequence[Answered], at: datetime) -> None:
    """Take the answers of an attempt that was closed at `at` into the candidate's cards: two statements.

    A card that was reviewed at `at` or later stays as it is (see `results.schedule`)."""
    ratings = {
        answer.question: schedule.rating_of(answer.item.right, answer.sure)
        for answer in items
        if answer.displayed and not answer.void
    }
    stored = Card.objects.filter(user=user_id, question__in=ratings)
    before = {card.question_id: _state(card) for card in stored}
    after = {
        question: schedule.review(before.get(question), rating, at) for question, rating in ratings.items()
    }
    Card.objects.bulk_create(
        [
            Card(
                user_id=user_id,
                question_id=question,
                due=state.due,
                last_review=state.last_review,
                stability=state.stability,
                difficulty=state.difficulty,
            )
            for question, state in sorted(after.items())
            if state is not before.get(question)
        ],
        update_conflicts=True,
        unique_fields=["user", "question"],
        update_fields=["due", "last_review", "stability", "difficulty"],
    )


def due(
    user: User, certification_id: str, now: datetime, exam_date: date | None, limit: int | None = None
) -> list[UUID]:
    """The questions that are due today: first those whose key was corrected since, then by what is least
    likely to be remembered (ties: what was due first, then by id). On the exam date every card is due. One
    statement."""
    rows = _due_cards(user, certification_id, now, exam_date)
    standing = [_Due(card.question_id, _state(card), bool(card.corrected)) for card in rows]
    return [card.question for card in sorted(standing, key=lambda card: card.urgency(now))][:limit]


def count_due(user: User, certification_id: str, now: datetime, exam_date: date | None) -> int:
    """How many `due` would give without a limit. One statement."""
    return _due_cards(user, certification_id, now, exam_date).count()


def _due_cards(
    user: User, certification_id: str, now: datetime, exam_date: date | None
) -> "QuerySet[Any, Any]":
    """Cards, each with whether its question's key was `corrected` since."""
    today, zone = timezone.localdate(now), timezone.get_current_timezone()
    corrections = KeyCorrection.objects.filter(question=OuterRef("question"), at__gt=OuterRef("last_review"))
    rows = _open_to(user, certification_id).annotate(corrected=Exists(corrections))
    if exam_date == today:
        return rows
    tomorrow = datetime.combine(today + timedelta(days=1), time.min, zone)
    return rows.filter(Q(due__lt=tomorrow) | Q(corrected=True))


@dataclass(frozen=True, slots=True)
class _Due:
    question: UUID
    state: schedule.State
    corrected: bool

    def urgency(self, now: datetime) -> tuple[object, ...]:
        chance = 0.0 if self.corrected else schedule.recall(self.state, now)
        return (not self.corrected, chance, self.state.due, self.question)


def _open_to(user: User, certification_id: str) -> "QuerySet[Card]":
    running = Attempt.objects.of(user).open().of_candidates()
    return (
        Card.objects.filter(
            user=user,
            question__collection__certification=certification_id,
            question__status__in=SERVED_STATUSES,
        )
        .exclude(question__in=reserved(user, certification_id).values("pk"))
        .exclude(question__in=AttemptItem.objects.filter(attempt__in=running).values("question"))
    )


def _state(card: Card) -> schedule.State:
    return schedule.State(card.stability, card.difficulty, card.due, card.last_review)
