"""The rows of a run of `bench`: what was measured, beside what it should be, shown and written down."""

from collections.abc import Sequence
from dataclasses import dataclass

BEGIN, END = "<!-- load: begin -->", "<!-- load: end -->"
_HEADER = ["| what | measured | target | when | command |", "|---|---|---|---|---|"]


@dataclass(frozen=True, slots=True)
class Row:
    """`target` is empty for what is reported alone; `met` says whether it was reached."""

    what: str
    measured: str
    target: str = ""
    met: bool = True


def at_most(what: str, value: float, limit: float, unit: str, digits: int) -> Row:
    return Row(what, f"{value:.{digits}f}{unit}", f"≤ {limit:g}{unit}", value <= limit)


def at_least(what: str, value: float, limit: float, digits: int) -> Row:
    return Row(what, f"{value:.{digits}f}", f"≥ {limit:g}", value >= limit)


def target_of(row: Row) -> str:
    return row.target if row.met else f"{row.target} (missed)"


def rewritten(text: str, rows: Sequence[tuple[str, Row]], when: str, order: Sequence[str]) -> str:
    """The document with these rows, each under the name it was measured by, in place of all that stood under
    those names between the two marks; names come in this `order`."""
    head, _, rest = text.partition(BEGIN)
    table, _, tail = rest.partition(END)
    by_name: dict[str, list[str]] = {name: [] for name in order}
    for line in table.strip().splitlines()[len(_HEADER) :]:
        by_name[line.rpartition("`bench ")[2].partition("`")[0]].append(line)
    for name in {name for name, _ in rows}:
        by_name[name] = [
            f"| {row.what} | {row.measured} | {target_of(row)} | {when} | `bench {name}` |"
            for of, row in rows
            if of == name
        ]
    lines = [line for name in order for line in by_name[name]]
    return "\n".join([f"{head}{BEGIN}", *_HEADER, *lines, f"{END}{tail}"])
