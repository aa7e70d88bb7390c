import datetime as dt

import pytest
from fsrs import Card, Rating, Scheduler
from hypothesis import given
from hypothesis import strategies as st

from results.schedule import State, rating_of, recall, review

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
TOKYO = dt.timezone(dt.timedelta(hours=9))

ratings = st.sampled_from([Rating.Again, Rating.Hard, Rating.Good])
gaps = st.timedeltas(min_value=dt.timedelta(seconds=1), max_value=dt.timedelta(days=400))
histories = st.lists(st.tuples(gaps, ratings), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("right", "sure", "rating"),
    [
        (False, None, Rating.Again),
        (False, True, Rating.Again),
        (False, False, Rating.Again),
        (True, False, Rating.Hard),
        (True, True, Rating.Good),
        (True, None, Rating.Good),
    ],
)
def test_wrong_is_again_right_and_unsure_is_hard_right_is_good(
    right: bool, sure: bool | None, rating: Rating
) -> None:
    assert rating_of(right, sure) == rating


@given(histories)
def test_every_date_is_the_packages_own(history: list[tuple[dt.timedelta, Rating]]) -> None:
    """A card of the package is carried through the same reviews; ours is taken apart after each."""
    scheduler = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    card, state, at = Card(card_id=1), None, NOW
    for gap, rating in history:
        at += gap
        card, _ = scheduler.review_card(card, rating, at)
        state = review(state, rating, at)
        assert state == State(card.stability or 0, card.difficulty or 0, card.due, at)
        assert recall(state, at + 9 * DAY) == scheduler.get_card_retrievability(card, at + 9 * DAY)


def test_a_question_comes_back_after_days_and_after_a_wrong_answer_soonest() -> None:
    given_ratings = (Rating.Again, Rating.Hard, Rating.Good)
    assert [(review(None, rating, NOW).due - NOW) / DAY for rating in given_ratings] == [1, 1, 2]
    learnt = review(None, Rating.Good, NOW)
    later = [review(learnt, rating, learnt.due) for rating in given_ratings]
    assert [(state.due - learnt.due) / DAY for state in later] == [1, 8, 11]


@given(histories, ratings, gaps)
def test_a_review_that_is_not_later_than_the_last_changes_nothing(
    history: list[tuple[dt.timedelta, Rating]], rating: Rating, gap: dt.timedelta
) -> None:
    state, at = None, NOW
    for step, given_rating in history:
        at += step
        state = review(state, given_rating, at)
    assert review(state, rating, at) is state
    assert review(state, rating, at - gap) is state


def test_other_time_zones_make_no_other_dates() -> None:
    assert review(None, Rating.Good, NOW.astimezone(TOKYO)) == review(None, Rating.Good, NOW)


def test_what_was_reviewed_longer_ago_and_less_well_is_less_likely_remembered() -> None:
    good, again = review(None, Rating.Good, NOW), review(None, Rating.Again, NOW)
    later = NOW + 3 * DAY
    assert recall(good, NOW) == 1
    assert recall(again, later) < recall(good, later) < recall(good, NOW + DAY)
    assert recall(good, good.due) == pytest.approx(0.9, abs=0.02)
