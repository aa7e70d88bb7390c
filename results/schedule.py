"""PURE. When a question is due again: spaced repetition by the `fsrs` package. That is FSRS 6 with its
default parameters (https://github.com/open-spaced-repetition/py-fsrs).

Steps
1. An answer is a rating (`rating_of`): wrong is Again, right but unsure is Hard, right is Good. Easy is never
   given: a candidate does not say how easy it was. Whoever did not say how sure they were, was sure.
2. A review is the package's (`review`), at the moment the attempt was closed: days, not minutes, between two
   reviews, because a question comes back in another session; no chance in it.
3. Reviews are taken in the order of time. One that is not later than the last changes nothing: where two
   attempts come in the wrong order, the later one stands as if the other had not been.
4. What would be due after the exam date is due on that day (`cards.due`). The stored date stays the package's
   own, so that a date that moves, or has passed, leaves nothing behind.
5. Most urgent is what is least likely to be remembered (`recall`).

Guarantee to the candidate: no review is scheduled after the exam date, and every other date is the package's.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from fsrs import Card, Rating, Scheduler
from fsrs import State as Phase

RETENTION = 0.9
"""The chance of a right answer at which a question is due. The package's parameters are fitted so that an
interval at 0.9 is a card's stability; wanting more multiplies the reviews for little gain."""

SCHEDULER = Scheduler(
    desired_retention=RETENTION,
    learning_steps=(),  # steps are minutes within one sitting; a question is asked once in an attempt
    relearning_steps=(),
    enable_fuzzing=False,  # the same answers give the same dates
)


@dataclass(frozen=True, slots=True)
class State:
    """Where a candidate stands with a question after a review: stability in days, difficulty from 1 to 10."""

    stability: float
    difficulty: float
    due: datetime
    last_review: datetime


def rating_of(right: bool, sure: bool | None) -> Rating:
    if not right:
        return Rating.Again
    return Rating.Hard if sure is False else Rating.Good


def review(state: State | None, rating: Rating, at: datetime) -> State:
    """`state` after a review; None is a question that was never reviewed. `state` itself is returned when
    its last review is not before `at`."""
    if state is not None and at <= state.last_review:
        return state
    card, _ = SCHEDULER.review_card(_card(state), rating, at.astimezone(UTC))
    if card.stability is None or card.difficulty is None or card.last_review is None:
        raise ValueError(f"a review leaves a card in review, not {card}")
    return State(card.stability, card.difficulty, card.due, card.last_review)


def recall(state: State, now: datetime) -> float:
    """The chance that it is still remembered, counted in whole days since the last review."""
    return SCHEDULER.get_card_retrievability(_card(state), now)


def _card(state: State | None) -> Card:
    """The id is given because the package would otherwise wait for a new one."""
    if state is None:
        return Card(card_id=0)
    return Card(
        card_id=0,
        state=Phase.Review,
        stability=state.stability,
        difficulty=state.difficulty,
        due=state.due,
        last_review=state.last_review,
    )
