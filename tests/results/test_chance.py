from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from math import comb
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from results.chance import Chance, Counts, DomainPlaces, pass_chance
from tests.results.figures import (
    DRESS_REHEARSAL,
    FULL_MOCK,
    POPULATIONS,
    Exam,
    calibration,
    histories,
    range_holds,
)

ONE = [DomainPlaces("1", 100, 1)]
TWO = [DomainPlaces("1", 50, 1), DomainPlaces("2", 50, 1)]
MOCK = FULL_MOCK.domains


def form(shares: Sequence[float], domains: Sequence[DomainPlaces] = MOCK) -> dict[str, Counts]:
    return {
        domain.code: (round(share * domain.places), domain.places)
        for domain, share in zip(domains, shares, strict=True)
    }


def test_the_chance_is_calibrated_in_the_reference_population() -> None:
    """The dress rehearsal and the other populations take minutes: see below."""
    result = calibration(histories(POPULATIONS[0.68, True], FULL_MOCK, 36_000, Random(2)), FULL_MOCK)
    assert len(result.deciles) == 10
    assert result.fewest >= 2_000
    assert result.worst <= 0.07
    assert result.weighted <= 0.04


@pytest.mark.long
@pytest.mark.parametrize("exam", [FULL_MOCK, DRESS_REHEARSAL], ids=lambda exam: exam.title)
@pytest.mark.parametrize(("mean", "grows"), POPULATIONS)
def test_the_chance_is_calibrated_in_all_populations(mean: float, grows: bool, exam: Exam) -> None:
    result = calibration(histories(POPULATIONS[mean, grows], exam, 60_000, Random(1)), exam)
    if (mean, grows) == (0.68, True):
        assert result.fewest >= 2_000
        assert result.worst <= 0.07
        assert result.weighted <= 0.04
    assert result.weighted <= 0.07


@pytest.mark.parametrize(
    ("forms", "domains", "passing_count", "value"),
    [
        # The prior alone: 6.8 of 10 right.
        ([], ONE, 1, 0.68),
        # (6.8 + 1) ÷ (10 + 1).
        ([{"1": (1, 1)}], ONE, 1, 7.8 / 11),
        # The older form counts half: (6.8 + 2 × 0.5 + 0) ÷ (10 + 2 × 0.5 + 1).
        ([{"1": (2, 2)}, {"1": (0, 1)}], ONE, 1, 7.8 / 12),
        # The oldest of three a quarter, and one without first sights is as if it had not been sat.
        ([{"1": (4, 4)}, {"1": (0, 0)}, {"1": (2, 2)}, {"1": (0, 1)}], ONE, 1, 8.8 / 13),
        # Both of two places of one domain: 6.8 × 7.8 ÷ (10 × 11).
        ([], [DomainPlaces("1", 100, 2)], 2, 6.8 * 7.8 / 110),
        # Two domains share the prior, and are independent.
        ([], TWO, 2, 0.68**2),
        ([{"1": (1, 1)}], TWO, 2, (3.4 + 1) / 6 * 0.68),
        ([{"1": (1, 1)}], TWO, 1, 1 - (1.6 / 6) * 0.32),
        # A domain that the new form has not, and one without places there, say nothing.
        ([{"1": (1, 1), "9": (0, 50)}], ONE, 1, 7.8 / 11),
        ([{"1": (1, 1), "2": (0, 50)}], [*ONE, DomainPlaces("2", 0, 0)], 1, 7.8 / 11),
        # Nothing must be right; more than there is must be right.
        ([], TWO, 0, 1.0),
        ([], TWO, 3, 0.0),
    ],
)
def test_the_chance_by_hand(
    forms: list[dict[str, Counts]], domains: list[DomainPlaces], passing_count: int, value: float
) -> None:
    assert pass_chance(forms, domains, passing_count).value == pytest.approx(value, abs=1e-12)


def test_forms_are_counted_that_have_first_sights() -> None:
    forms = [{"1": (1, 1)}, {"1": (0, 0)}, {"9": (3, 3)}, {}, {"1": (0, 2)}]
    assert [pass_chance(forms[:n], ONE, 1).forms for n in range(6)] == [0, 1, 1, 1, 1, 2]


small_forms = st.lists(
    st.dictionaries(
        st.sampled_from("123"), st.integers(0, 4).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
    ),
    max_size=3,
)


@given(small_forms, st.lists(st.integers(1, 4), min_size=1, max_size=3), st.integers(0, 12))
def test_the_chance_is_the_sum_over_all_counts_of_all_domains(
    forms: list[dict[str, Counts]], places: list[int], passing_count: int
) -> None:
    """In fractions, by the urn: each item that is right makes the next one likelier to be (Pólya)."""
    domains = [DomainPlaces(code, 0, count) for code, count in zip("123", places, strict=False)]
    told = [one for one in forms if any(one.get(domain.code, (0, 0))[1] for domain in domains)]
    urns = []
    for domain in domains:
        imagined = Fraction(10 * domain.places, sum(places))
        right, wrong = imagined * Fraction(68, 100), imagined * Fraction(32, 100)
        for age, one in enumerate(told[::-1]):
            got, total = one.get(domain.code, (0, 0))
            right += Fraction(got, 2**age)
            wrong += Fraction(total - got, 2**age)
        urns.append((right, wrong))
    exact = Fraction(0)
    for counts in product(*(range(count + 1) for count in places)):
        if sum(counts) >= passing_count:
            likely = Fraction(1)
            for (right, wrong), count, total in zip(urns, counts, places, strict=True):
                likely *= comb(total, count)
                for drawn in range(total):
                    more = right + drawn if drawn < count else wrong + drawn - count
                    likely *= more / (right + wrong + drawn)
            exact += likely
    assert pass_chance(forms, domains, passing_count).value == pytest.approx(float(exact), abs=1e-10)


shares = st.lists(st.floats(0, 1), min_size=4, max_size=4)


@given(st.lists(shares, min_size=1, max_size=5), st.data())
def test_one_more_right_item_never_lowers_the_chance(sat: list[list[float]], data: st.DataObject) -> None:
    forms = [form(one) for one in sat]
    at = data.draw(st.integers(0, len(forms) - 1))
    code = data.draw(st.sampled_from(sorted(forms[at])))
    right, total = forms[at][code]
    more = [*forms[:at], {**forms[at], code: (min(right + 1, total), total)}, *forms[at + 1 :]]
    before, after = (pass_chance(one, MOCK, FULL_MOCK.passes) for one in (forms, more))
    assert after.value >= before.value - 1e-12
    assert after.low >= before.low - 1e-9
    assert after.high >= before.high - 1e-9


@given(st.lists(shares, max_size=3), st.integers(0, 65))
def test_the_chance_lies_in_its_range(sat: list[list[float]], passing_count: int) -> None:
    chance = pass_chance([form(one) for one in sat], MOCK, passing_count)
    assert 0 <= chance.low <= chance.value <= chance.high <= 1


def test_the_range_after_one_form_holds_the_true_chance_of_four_in_five() -> None:
    held = range_holds(POPULATIONS[0.68, True], FULL_MOCK, 2_000, Random(1))
    assert 0.77 <= held <= 0.87


@given(shares, st.integers(0, 64))
def test_a_higher_passing_count_is_never_likelier(sat: list[float], passing_count: int) -> None:
    lower, higher = (pass_chance([form(sat)], MOCK, count) for count in (passing_count, passing_count + 1))
    assert lower.value >= higher.value


def test_more_forms_of_one_level_narrow_the_range() -> None:
    ranges = [pass_chance([form([0.75] * 4)] * count, MOCK, 47) for count in (1, 2, 3)]
    widths = [chance.high - chance.low for chance in ranges]
    assert widths == sorted(widths, reverse=True)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "under 5 %"),
        (0.0249, "under 5 %"),
        (0.025, "about 5 %"),
        (0.68, "about 70 %"),
        (0.6749, "about 65 %"),
        (0.9749, "about 95 %"),
        (0.975, "over 95 %"),
        (1.0, "over 95 %"),
    ],
)
def test_the_words_after_several_forms(value: float, text: str) -> None:
    assert Chance(value, 0.0, 1.0, forms=2).text == text


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (0.44, 0.81, "between 45 and 80 %"),
        (0.51, 0.52, "about 50 %"),
        (0.001, 0.02, "under 5 %"),
        (0.001, 0.11, "under 10 %"),
        (0.88, 0.99, "over 90 %"),
        (0.98, 0.99, "over 95 %"),
        (0.01, 0.99, "between 5 and 95 %"),
        (0.025, 0.97, "between 5 and 95 %"),
    ],
)
def test_the_words_after_one_form(low: float, high: float, text: str) -> None:
    assert Chance(0.5, low, high, forms=1).text == text


def test_without_a_form_nothing_is_known() -> None:
    assert pass_chance([], MOCK, 47).text == "not known yet"


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="3 right of 2"):
        pass_chance([{"1": (3, 2)}], ONE, 1)
    with pytest.raises(ValueError, match="without places"):
        pass_chance([{"1": (1, 2)}], [], 1)
