import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questions.calculation import FormulaError, evaluate
from questions.rules import agrees, numbers_in


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("tp / (tp + fn)", 80 / 120),
        ("-2 ** 2 + 3 * 4", 8.0),
        ("ceil(0.1 * 30)", 3.0),
        ("floor(2.9) + sqrt(16)", 6.0),
        ("log2(8) + log10(100) + ln(1)", 5.0),
        ("min(tp, fn) - max(1, 2, 3)", 37.0),
    ],
)
def test_a_formula_has_its_value(formula: str, expected: float) -> None:
    assert evaluate(formula, {"tp": 80, "fn": 40}) == expected


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("tp / 0", "Mend the formula: it divides by zero."),
        ("x + 1", "Give a value for `x` or mend the formula."),
        ("tp +", "Write the formula as arithmetic, such as tp / (tp + fp)."),
        ("9 ** 9 ** 9", "Mend the formula: its result is not a number."),
        ("(-8) ** 0.5", "Mend the formula: its result is not a number."),
        ("sqrt(1, 2)", "Mend the formula: `sqrt` takes another number of values."),
        ("1e400", "Mend the formula: its result is not a finite number."),
        ("1" * 301, "Shorten the formula to at most 300 characters."),
        ("(" * 250 + "1", "Write the formula as arithmetic, such as tp / (tp + fp)."),
    ],
)
def test_a_formula_that_cannot_be_computed_says_why(formula: str, message: str) -> None:
    with pytest.raises(FormulaError) as error:
        evaluate(formula, {"tp": 80})
    assert str(error.value) == message


@pytest.mark.parametrize(
    "formula",
    ["__import__('os')", "tp.real", "[1][0]", "lambda: 1", "tp if tp else 1", "True", "'a' * 9", "tp // 2"],
)
def test_a_formula_is_arithmetic_and_nothing_else(formula: str) -> None:
    with pytest.raises(FormulaError):
        evaluate(formula, {"tp": 80})


@given(st.text(alphabet="tp0123456789.e+-*/() ,sqrtceilmaxln\x00", max_size=60))
def test_a_formula_has_a_finite_value_or_an_error(formula: str) -> None:
    try:
        result = evaluate(formula, {"tp": 80})
    except FormulaError:
        return
    assert math.isfinite(result)


def test_a_value_agrees_when_it_is_the_result_rounded_to_its_decimals() -> None:
    cases = [
        (2 / 3, "0.67"),
        (2 / 3, "0.66"),
        (0.125, "0.13"),
        (0.125, "0.12"),
        (12.4, "12"),
        (12.6, "12"),
        (1e6, "1E+6"),
    ]
    assert [agrees(result, Decimal(value)) for result, value in cases] == [
        True,
        False,
        True,
        True,
        True,
        False,
        True,
    ]


def test_numbers_are_found_in_an_options_text() -> None:
    assert numbers_in("About 12,000 shards, 0.50 of 3.") == {Decimal(12000), Decimal("0.5"), Decimal(3)}
    assert Decimal("-1.5") in numbers_in("a change of \u22121.5 points")
    assert numbers_in("none") == set()
