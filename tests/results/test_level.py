from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from results.level import level_band, next_form, too_few
from tests.results.figures import Z_80, level_coverage, next_form_coverage, wilson

LINE = Fraction(13, 18)
counts = st.integers(1, 500).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))


@pytest.mark.parametrize("total", [65, 50])
def test_the_level_band_covers_95_percent_and_is_no_wider_than_wilson(total: int) -> None:
    coverage = level_coverage(total)
    assert 0.94 <= coverage.mean <= 0.96
    assert coverage.worst >= 0.92
    assert coverage.length <= 1.02 * level_coverage(total, wilson).length


@pytest.mark.parametrize("places", [65, 50])
@pytest.mark.parametrize("total", [65, 50])
def test_the_next_form_falls_into_its_interval_95_times_of_100(total: int, places: int) -> None:
    coverage = next_form_coverage(total, places)
    assert 0.93 <= coverage.mean <= 0.97
    assert coverage.worst >= 0.93


@pytest.mark.parametrize(
    ("correct", "total", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_level_band_of_published_examples(correct: int, total: int, low: float, high: float) -> None:
    """Newcombe 1998, "Two-sided confidence intervals for the single proportion", Stat. Med. 17: 857–872,
    table I, method 3."""
    band = level_band(correct, total)
    assert (round(band.low, 4), round(band.high, 4)) == (low, high)


@given(counts)
def test_the_level_band_holds_the_share_and_mirrors(count: tuple[int, int]) -> None:
    correct, total = count
    band, mirrored = level_band(correct, total), level_band(total - correct, total)
    assert 0 <= band.low <= correct / total <= band.high <= 1
    assert (band.low, band.high) == pytest.approx((1 - mirrored.high, 1 - mirrored.low), abs=1e-12)


@given(counts)
def test_one_more_right_item_never_lowers_band_or_next_form(count: tuple[int, int]) -> None:
    correct, total = count
    fewer = max(correct - 1, 0)
    before, after = level_band(fewer, total), level_band(correct, total)
    assert (after.low >= before.low, after.high >= before.high) == (True, True)
    earlier, later = next_form(fewer, total, 65), next_form(correct, total, 65)
    assert (later[0] >= earlier[0], later[1] >= earlier[1]) == (True, True)


def test_nothing_and_everything_right_reach_the_ends_exactly() -> None:
    assert (level_band(0, 65).low, level_band(65, 65).high) == (0.0, 1.0)
    assert (next_form(0, 65, 65)[0], next_form(65, 65, 65)[1]) == (0, 65)
    assert round(level_band(0, 1).high, 4) == 0.7935


@pytest.mark.parametrize(
    ("correct", "total", "places", "interval"),
    [
        # For y of 10 after 8 of 10: (10y - 80)² × 20 against 3.8415 × 100 × (8 + y)(12 - y). y = 3: 50,000 >
        # 38,031; y = 4: 32,000 < 36,878; y = 10: 8,000 < 13,829.
        (8, 10, 10, (4, 10)),
        # (y - 1)² × 2 against 3.8415 × (1 + y)(1 - y). y = 0: 2 < 3.84.
        (1, 1, 1, (0, 1)),
        (47, 65, 65, (37, 56)),
        (47, 65, 50, (28, 43)),
    ],
)
def test_the_next_form_by_hand(correct: int, total: int, places: int, interval: tuple[int, int]) -> None:
    assert next_form(correct, total, places) == interval


@given(counts, st.integers(1, 100))
def test_the_next_form_holds_the_same_share_again(count: tuple[int, int], places: int) -> None:
    correct, total = count
    low, high = next_form(correct, total, places)
    assert 0 <= low <= correct * places // total
    assert -(-correct * places // total) <= high <= places


@pytest.mark.parametrize(
    ("correct", "says_too_little"),
    # 1.2816 × √(13/18 × 5/18 ÷ 13) = 0.1592 around 0.7222.
    [(7, False), (8, True), (9, True), (11, True), (12, False)],
)
def test_thirteen_items_say_too_little_near_the_pass_line(correct: int, says_too_little: bool) -> None:
    assert too_few(correct, 13, LINE) is says_too_little


@given(counts)
def test_too_few_is_wilsons_80_percent_interval(count: tuple[int, int]) -> None:
    correct, total = count
    low, high = wilson(correct, total, Z_80)
    assert too_few(correct, total, LINE) == (low <= LINE <= high)


def test_no_items_say_too_little_and_have_no_band() -> None:
    assert too_few(0, 0, LINE) is True
    with pytest.raises(ValueError, match="0 right of 0"):
        level_band(0, 0)
    with pytest.raises(ValueError, match="0 right of 0"):
        next_form(0, 0, 65)


@pytest.mark.parametrize(("correct", "total"), [(-1, 65), (66, 65)])
def test_a_count_that_cannot_be_is_refused(correct: int, total: int) -> None:
    for function in (lambda: level_band(correct, total), lambda: next_form(correct, total, 65)):
        with pytest.raises(ValueError, match="is not a share of a form"):
            function()
    with pytest.raises(ValueError, match="is not a share of a form"):
        too_few(correct, total, LINE)


def test_a_form_without_places_is_refused() -> None:
    with pytest.raises(ValueError, match="a form of 0 items"):
        next_form(47, 65, 0)
