"""The arithmetic behind a calculation item, so that its key and every named slip can be computed again.

Formulas hold numbers, names of given values, + - * / ** and unary minus, parentheses, and the functions
below. Everything is computed in floating point: there are no large integers to build, and what overflows is
an error."""

import ast
import math
import operator
import warnings
from collections.abc import Callable, Mapping

MAX_LENGTH = 300

_BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: math.pow,
}
_UNARY: dict[type[ast.unaryop], Callable[[float], float]] = {ast.USub: operator.neg, ast.UAdd: operator.pos}
_FUNCTIONS: dict[str, tuple[Callable[..., float], range]] = {
    "ceil": (math.ceil, range(1, 2)),
    "floor": (math.floor, range(1, 2)),
    "sqrt": (math.sqrt, range(1, 2)),
    "log2": (math.log2, range(1, 2)),
    "log10": (math.log10, range(1, 2)),
    "ln": (math.log, range(1, 2)),
    "min": (min, range(2, 11)),
    "max": (max, range(2, 11)),
}
FUNCTIONS = frozenset(_FUNCTIONS)


class FormulaError(ValueError):
    """The formula cannot be computed; the message says why in one sentence."""


def evaluate(formula: str, given: Mapping[str, float]) -> float:
    """The value of `formula`, a finite number.

    ceil and floor forgive the last bits of floating point: ceil(0.1 * 30) is 3.
    """
    if len(formula) > MAX_LENGTH:
        raise FormulaError(f"Shorten the formula to at most {MAX_LENGTH} characters.")
    try:
        result = _value(_parse(formula.strip()), given)
    except (SyntaxError, RecursionError, MemoryError):
        raise FormulaError("Write the formula as arithmetic, such as tp / (tp + fp).") from None
    except ZeroDivisionError:
        raise FormulaError("Mend the formula: it divides by zero.") from None
    except FormulaError:
        raise
    except (ArithmeticError, ValueError):
        raise FormulaError("Mend the formula: its result is not a number.") from None
    if not math.isfinite(result):
        raise FormulaError("Mend the formula: its result is not a finite number.")
    return result


def _parse(formula: str) -> ast.expr:
    """The formula's tree; what Python only warns of, such as 2if, is an error here."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return ast.parse(formula, mode="eval").body


def _value(node: ast.expr, given: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return float(number)
        case ast.Name(id=name):
            if name not in given:
                raise FormulaError(f"Give a value for `{name}` or mend the formula.")
            return float(given[name])
        case ast.UnaryOp(op=sign, operand=operand) if type(sign) in _UNARY:
            return _UNARY[type(sign)](_value(operand, given))
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _BINARY:
            return float(_BINARY[type(sign)](_value(left, given), _value(right, given)))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _FUNCTIONS:
            return _call(name, [_value(argument, given) for argument in args])
        case _:
            raise FormulaError(
                "Use only numbers, given names, + - * / ** ( ) and the functions of the format."
            )


def _call(name: str, values: list[float]) -> float:
    function, arity = _FUNCTIONS[name]
    if len(values) not in arity:
        raise FormulaError(f"Mend the formula: `{name}` takes another number of values.")
    if name in {"ceil", "floor"}:
        values = [round(values[0], 9)]
    return float(function(*values))
