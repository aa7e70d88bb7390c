from collections.abc import Sequence
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from results.mastery import (
    Evidence,
    Gain,
    Place,
    Posterior,
    domain_posteriors,
    most_to_gain,
    places_of,
    posteriors,
    weak_places,
)
from tests.results.figures import FULL_MOCK, PLACES, Z_80, altogether, bands_hold, found_weaknesses, wilson

ONE = [Place("1", "1.1", "Stores", 100, 1)]
TWO = [
    Place("1", "1.1", "Stores", 60, 2),
    Place("1", "1.2", "Ingestion", 60, 2),
    Place("2", "2.1", "Training", 40, 1),
]


def posterior(code: str, mean: float, total: int = 10, low: float = 0.5, weight: int = 20) -> Posterior:
    return Posterior(Place("4", code, "", weight, 4), 0, total, mean, low, 1.0)


def test_a_planted_weakness_is_named_after_two_forms_in_70_of_100() -> None:
    """It is named least often where least is to be gained: domain 4 has the lightest task statements."""
    found = found_weaknesses(20_000, 2, FULL_MOCK, Random(1))
    assert altogether(found).share >= 0.70
    assert {domain: round(one.share, 1) for domain, one in found.items()} == {
        "1": 0.7,
        "2": 0.8,
        "3": 0.8,
        "4": 0.5,
    }


def test_bands_hold_the_true_ability_four_times_in_five() -> None:
    domains, task_statements = bands_hold(1, 1_000, Random(1))
    assert 0.78 <= domains <= 0.88
    assert 0.78 <= task_statements <= 0.85


def test_places_are_read_from_a_stored_blueprint() -> None:
    titles = ["Stores", "Ingestion"]
    stored = [
        {
            "code": "1",
            "title": "Data",
            "weight": 60,
            "scored": 3,
            "unscored": 0,
            "task_statements": [{"code": f"1.{n}", "title": title} for n, title in enumerate(titles, 1)],
        },
        {
            "code": "2",
            "title": "Models",
            "weight": 40,
            "scored": 2,
            "unscored": 0,
            "task_statements": [{"code": "2.1", "title": "Training"}],
        },
    ]
    assert places_of(stored) == TWO


def test_posteriors_by_hand() -> None:
    """10 of 10: the whole (10 + 6.8) ÷ 20 = 0.84, the domain (10 + 8.4) ÷ 20 = 0.92, the task statement
    (10 + 0.46) ÷ 10.5."""
    evidence = [Evidence("1", "1.1", 4, 4), Evidence("1", "1.1", 6, 6)]
    (domain,) = domain_posteriors(ONE, evidence).values()
    assert (domain.code, domain.weight, domain.right, domain.total) == ("1", 100, 10, 10)
    assert (domain.mean, domain.low, domain.high) == pytest.approx((0.92, *wilson(18.4, 20, Z_80)))
    (one,) = posteriors(ONE, evidence)
    assert (one.place, one.right, one.total) == (ONE[0], 10, 10)
    assert (one.mean, one.low, one.high) == pytest.approx((10.46 / 10.5, *wilson(10.46, 10.5, Z_80)))


def test_a_task_statement_without_evidence_stands_where_its_domain_does() -> None:
    """The whole (6 + 6.8) ÷ 20 = 0.64; domain 1 (6 + 6.4) ÷ 20 = 0.62; domain 2, of which nothing is known,
    0.64."""
    evidence = [Evidence("1", "1.1", 6, 10)]
    assert [round(one.mean, 12) for one in posteriors(TWO, evidence)] == [
        round((6 + 0.31) / 10.5, 12),
        0.62,
        0.64,
    ]
    assert [one.total for one in posteriors(TWO, evidence)] == [10, 0, 0]
    assert {code: round(one.mean, 12) for code, one in domain_posteriors(TWO, evidence).items()} == {
        "1": 0.62,
        "2": 0.64,
    }


def test_without_any_evidence_everything_is_the_prior() -> None:
    assert {round(one.mean, 12) for one in posteriors(TWO, [])} == {0.68}
    assert {round(one.mean, 12) for one in domain_posteriors(TWO, []).values()} == {0.68}


def test_evidence_of_what_the_blueprint_has_not_says_nothing() -> None:
    assert posteriors(TWO, [Evidence("9", "1.1", 0, 50), Evidence("1", "9.9", 0, 50)]) == posteriors(TWO, [])


@pytest.mark.parametrize(("right", "total"), [(3, 2), (-1, 2)])
def test_a_count_that_cannot_be_is_refused(right: int, total: int) -> None:
    with pytest.raises(ValueError, match="is no count"):
        posteriors(TWO, [Evidence("1", "1.1", right, total)])


evidences = st.lists(
    st.integers(0, 30).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))),
    min_size=3,
    max_size=3,
).map(
    lambda counts: [
        Evidence(place.domain, place.code, *count) for place, count in zip(TWO, counts, strict=True)
    ]
)


@given(evidences)
def test_the_mean_lies_in_its_band(evidence: list[Evidence]) -> None:
    for one in [*posteriors(TWO, evidence), *domain_posteriors(TWO, evidence).values()]:
        assert 0 < one.low < one.mean < one.high < 1


@given(evidences, st.integers(0, 2))
def test_one_more_right_item_lowers_no_mean_and_no_band(evidence: list[Evidence], at: int) -> None:
    one = evidence[at]
    more = [*evidence]
    more[at] = Evidence(one.domain, one.code, min(one.right + 1, one.total), one.total)
    for before, after in zip(posteriors(TWO, evidence), posteriors(TWO, more), strict=True):
        assert after.mean >= before.mean
        assert after.low >= before.low - 1e-9
        assert after.high >= before.high - 1e-9


def test_gains_by_hand() -> None:
    """A domain of 20 % with 4 task statements: 45 points from nothing to everything; a mean of 0.45 leaves
    45 × 0.4 = 18."""
    weak, middling, strong = posterior("4.1", 0.45), posterior("4.2", 0.65), posterior("4.3", 0.9)
    gains = most_to_gain([strong, middling, weak], 900)
    assert [(gain.posterior.place.code, round(gain.points, 9)) for gain in gains] == [
        ("4.1", 18.0),
        ("4.2", 9.0),
    ]
    assert round(most_to_gain([weak], 400)[0].points, 9) == 8.0


def test_a_heavier_domain_has_more_to_gain() -> None:
    light, heavy = posterior("4.1", 0.5, weight=20), posterior("4.2", 0.55, weight=36)
    assert [gain.posterior for gain in most_to_gain([light, heavy], 900)] == [heavy, light]


def test_three_are_named_at_most_and_of_equals_those_that_more_is_known_of() -> None:
    many = [posterior(f"4.{n}", 0.5, total) for n, total in enumerate([5, 9, 7, 9], 1)]
    assert [gain.posterior.place.code for gain in most_to_gain(many, 900)] == ["4.2", "4.4", "4.3"]


def test_five_points_or_less_are_not_worth_naming() -> None:
    exactly, more = posterior("4.1", 0.75, weight=20), posterior("4.2", 0.74, weight=20)
    assert [gain.posterior.place.code for gain in most_to_gain([exactly, more], 1000)] == ["4.2"]
    assert most_to_gain([exactly], 1000) == []


@pytest.mark.parametrize(("total", "is_thin"), [(0, True), (4, True), (5, False)])
def test_below_five_first_sights_a_gain_is_thin(total: int, is_thin: bool) -> None:
    assert Gain(posterior("4.1", 0.5, total), 9.0).is_thin is is_thin


def lows(*values: float) -> list[Posterior]:
    return [posterior(f"4.{n}", 0.5, low=low) for n, low in enumerate(values, 1)]


@pytest.mark.parametrize(
    ("given_lows", "length", "counts"),
    [
        # Needs 0.25, 0.0625 and none: four fifths and one fifth.
        ((0.35, 0.6, 0.85), 10, {"4.1": 8, "4.2": 2}),
        ((0.35, 0.6, 0.9), 1, {"4.1": 1}),
        # 2.4 and 0.6: the greater remainder has the third.
        ((0.35, 0.6), 3, {"4.1": 2, "4.2": 1}),
        # Nobody in need: all alike, and equal remainders in the order of the blueprint.
        ((0.9, 0.95, 0.99), 4, {"4.1": 2, "4.2": 1, "4.3": 1}),
        ((0.5, 0.5, 0.5), 2, {"4.1": 1, "4.2": 1}),
        ((0.5, 0.5), 0, {}),
        ((), 10, {}),
    ],
)
def test_places_on_weak_areas_by_hand(
    given_lows: Sequence[float], length: int, counts: dict[str, int]
) -> None:
    assert weak_places(lows(*given_lows), length) == {("4", code): count for code, count in counts.items()}


@given(st.lists(st.integers(0, 100), min_size=1, max_size=15), st.integers(0, 65))
def test_places_on_weak_areas_add_up_and_the_weaker_has_no_fewer(percents: list[int], length: int) -> None:
    given_lows = [percent / 100 for percent in percents]
    places = weak_places(lows(*given_lows), length)
    assert sum(places.values()) == length
    assert min(places.values(), default=1) >= 1
    counts = [places.get(("4", f"4.{n}"), 0) for n in range(1, len(given_lows) + 1)]
    ranked = sorted(zip(given_lows, counts, strict=True))
    assert all(
        weaker[1] >= stronger[1] for weaker, stronger in pairwise(ranked) if weaker[0] < stronger[0] <= 0.85
    )


def test_what_is_little_known_gets_more_than_what_is_known_to_be_as_good() -> None:
    known = [Evidence(place.domain, place.code, 7, 10) for place in PLACES if place.code != "3.3"]
    places = weak_places(posteriors(PLACES, known), 45)
    assert max(places, key=lambda place: places[place]) == ("3", "3.3")
    assert sum(places.values()) == 45
