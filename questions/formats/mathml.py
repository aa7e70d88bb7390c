"""MathML as a line of text that can be read: x^2, (a + b)/c, √(n)."""

import re
from collections.abc import Sequence

_TAG_NAMES = (
    "math mrow mi mn mo mtext ms mspace mfrac msup msub msubsup msqrt mroot mfenced mtable mtr mtd mover"
    " munder munderover mstyle mpadded mphantom menclose merror semantics annotation annotation-xml"
)
TAGS = frozenset(_TAG_NAMES.split())
_SPACED = re.compile(
    r"[=+<>\u2212\u00b1\u00d7\u00f7\u2192\u21d2\u2260\u2264\u2265\u2248\u2208\u2209\u222a\u2229-]"
)
_POWERS = dict(zip("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", strict=True))
_INDICES = dict(zip("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", strict=True))


def raised(text: str) -> str:
    """A superscript in a line of text."""
    return _shifted(text, _POWERS, "^")


def lowered(text: str) -> str:
    """A subscript in a line of text."""
    return _shifted(text, _INDICES, "_")


def _shifted(text: str, shapes: dict[str, str], mark: str) -> str:
    core = text.strip()
    if not core:
        return text
    if all(character in shapes for character in core):
        return "".join(shapes[character] for character in core)
    return f"{mark}{core}" if len(core) == 1 or core.isalnum() else f"{mark}({core})"


class Formula:
    """One <math> element, built up as its tags come. It never recurses: depth is the stack's."""

    def __init__(self) -> None:
        self._stack: list[tuple[str, list[str]]] = [("math", [])]

    def start(self, tag: str) -> None:
        self._stack.append((tag, []))

    def text(self, text: str) -> None:
        self._stack[-1][1].append(" ".join(text.split()))

    def end(self) -> None:
        if len(self._stack) > 1:
            tag, parts = self._stack.pop()
            self._stack[-1][1].append(_composed(tag, [part for part in parts if part]))

    def line(self) -> str:
        while len(self._stack) > 1:
            self.end()
        return re.sub(r" +", " ", "".join(self._stack[0][1])).strip()


def _composed(tag: str, parts: Sequence[str]) -> str:
    whole = "".join(parts)
    match tag, parts:
        case (("annotation" | "annotation-xml" | "mphantom"), _):
            return ""
        case "mo", _:
            return f" {whole} " if _SPACED.fullmatch(whole) else whole
        case "mfrac", [above, below]:
            return f"{_grouped(above)}/{_grouped(below)}"
        case (("msup" | "mover"), [base, power]):
            return f"{base}{raised(power)}"
        case (("msub" | "munder"), [base, index]):
            return f"{base}{lowered(index)}"
        case (("msubsup" | "munderover"), [base, index, power]):
            return f"{base}{lowered(index)}{raised(power)}"
        case "msqrt", _:
            return f"\u221a{_grouped(whole)}"
        case "mroot", [base, index]:
            return f"{raised(index)}\u221a{_grouped(base)}"
        case "mfenced", _:
            return f"({', '.join(parts)})"
        case "mtr", _:
            return ", ".join(parts)
        case "mtable", _:
            return f"[{'; '.join(parts)}]"
    return whole


def _grouped(text: str) -> str:
    core = text.strip()
    return core if re.fullmatch(r"\w*", core) else f"({core})"
