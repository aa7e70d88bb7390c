"""A table as its file has it, before anybody knows what its columns mean."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

MAX_SCANNED = 200_000
MAX_COLUMNS = 300


class Note(StrEnum):
    """What is special about a cell that is no plain text."""

    NUMBER = "number"
    DAY = "day"
    PERCENT = "percent"
    FORMULA = "formula"
    FAULT = "fault"
    MERGED = "merged"


NOTE_ADVICE: Mapping[Note, str] = {
    Note.DAY: "Format the cell as text and write it again: the spreadsheet made a date of it.",
    Note.FORMULA: "Write the value in place of the formula: the file holds no result for it.",
    Note.FAULT: "Write a value: the cell holds the error of a formula.",
    Note.MERGED: "Unmerge the cells, and write into each what holds for its row.",
}
"""What to do about a cell that cannot be taken as it is."""


@dataclass(frozen=True, slots=True)
class Row:
    """`number` as a spreadsheet counts, the first row is 1; `line` is where it starts in a text file, else 0.
    `notes` are by column. A `fault` is the advice about a row that could not be taken apart; `fault_line` is
    where it went wrong. `done` is the share of the file that was read with it."""

    number: int
    cells: tuple[str, ...]
    line: int = 0
    notes: Mapping[int, Note] = field(default_factory=dict)
    fault: str = ""
    fault_line: int = 0
    done: float = 0.0

    def is_blank(self) -> bool:
        return not self.fault and not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Sheet:
    """`padded` says that rows have no width of their own: what is missing at their end is empty."""

    name: str
    rows: Iterator[Row]
    padded: bool = False
