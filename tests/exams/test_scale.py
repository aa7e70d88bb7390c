from decimal import ROUND_HALF_UP, Decimal, getcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam_sim.exams.scale import Scale

MLS = Scale(100, 1000, 750)


@pytest.mark.parametrize(
    ("correct", "total", "scaled", "passes"),
    [
        (0, 65, 100, False),
        (46, 65, 737, False),
        (47, 65, 751, True),
        (65, 65, 1000, True),
        (36, 50, 748, False),
        (37, 50, 766, True),
        (1, 8, 213, False),
    ],
)
def test_scaled_scores_at_the_edges(correct: int, total: int, scaled: int, passes: bool) -> None:
    assert (MLS.scaled(correct, total), MLS.passes(MLS.scaled(correct, total))) == (scaled, passes)


def test_the_fewest_that_pass() -> None:
    assert (MLS.passing_count(65), MLS.passing_count(50)) == (47, 37)


@given(total=st.integers(1, 500), data=st.data())
def test_a_scaled_score_is_the_exact_share_rounded_half_up_once(total: int, data: st.DataObject) -> None:
    correct = data.draw(st.integers(0, total))
    getcontext().prec = 60
    exact = Decimal(100) + Decimal(900) * correct / total
    assert MLS.scaled(correct, total) == int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("share", "scaled"),
    [
        (0.0, 100),
        (1.0, 1000),
        (0.5, 550),
        (Fraction(13, 18), 750),
        (Fraction(47, 65), 751),
        # 100 + 900 × 1/1800 is 100.5.
        (Fraction(1, 1800), 101),
        (-0.1, 100),
        (1.1, 1000),
    ],
)
def test_a_share_is_shown_on_the_scale_and_clipped_to_it(share: float | Fraction, scaled: int) -> None:
    assert MLS.at(share) == scaled


@given(total=st.integers(1, 500), data=st.data())
def test_a_share_is_shown_where_a_form_would_score(total: int, data: st.DataObject) -> None:
    correct = data.draw(st.integers(0, total))
    assert MLS.at(Fraction(correct, total)) == MLS.scaled(correct, total)


@pytest.mark.parametrize(("correct", "total"), [(-1, 65), (66, 65), (0, 0)])
def test_a_share_that_cannot_be_is_refused(correct: int, total: int) -> None:
    with pytest.raises(ValueError, match="is not a share of a form"):
        MLS.scaled(correct, total)
