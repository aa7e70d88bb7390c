"""Text with delimiters to rows, strictly: a quote that does not close, or closes in the middle of a cell, is
reported where it opens, and reading goes on in the line after it.

The delimiter is what the header line has most of, outside quotes: comma, semicolon or tab."""

import re
from collections.abc import Iterator

from questions.formats.sheets import MAX_SCANNED, Row, Sheet

DELIMITERS = (",", ";", "\t")
MAX_CELL = 200_000
MAX_CELLS = 1_000

_OPEN = (
    "Double the quotes inside the cell and close it with one quote: a quote that opens here is not closed."
)
_AFTER = "Double the quotes inside the cell, or put quotes around the whole cell: one closes in the middle."


def sheet(text: str) -> Sheet:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return Sheet("", _Reader(text, delimiter(text)).rows())


def delimiter(text: str) -> str:
    """The delimiter of the first line that says anything. Excel's own `sep=;` line is obeyed."""
    start = re.search(r"\S", text)
    if start is None:
        return ","
    begin = text.rfind("\n", 0, start.start()) + 1
    end = text.find("\n", begin)
    line = text[begin : end if end >= 0 else len(text)][:MAX_CELL]
    named = re.fullmatch(r"sep=(.)\s*", line)
    if named and named[1] in DELIMITERS:
        return named[1]
    bare = re.sub(r'"[^"]*"', "", line)
    return max(DELIMITERS, key=bare.count)


class _Reader:
    def __init__(self, text: str, delimiter: str) -> None:
        self.text = text
        mark = re.escape(delimiter)
        self.delimiter = delimiter
        self.quoted = re.compile(r'[ ]*"([^"]*(?:""[^"]*)*)"[ ]*(?=' + mark + r"|\n|\Z)")
        self.ends = re.compile(rf"[\n{mark}]")
        self.opens = re.compile(r'[ ]*"')
        self.closes = re.compile(r'[ ]*"[^"]*(?:""[^"]*)*"')

    def rows(self) -> Iterator[Row]:
        at, line, number = 0, 1, 0
        if re.match(r"sep=.[ ]*\n", self.text):
            at, line = self.text.index("\n") + 1, 2
        size = max(len(self.text), 1)
        while at < len(self.text) and number <= MAX_SCANNED:
            number += 1
            cells, end, fault_at = self._row(at)
            if fault_at is None:
                yield Row(number, tuple(cells), line, done=end / size)
            else:
                fault_line = line + self.text.count("\n", at, fault_at)
                advice = self._advice(fault_at, len(cells))
                end = self._line_end(fault_at)
                cells.append(self.text[fault_at : end - 1 if end <= len(self.text) else end][:MAX_CELL])
                yield Row(
                    number, tuple(cells), line, fault=advice, fault_line=fault_line, done=min(end / size, 1.0)
                )
            line += self.text.count("\n", at, end)
            at = end

    def _advice(self, at: int, cells: int) -> str:
        if cells > MAX_CELLS:
            return f"Split the row: it has more than {MAX_CELLS:,} cells."
        return _AFTER if self.closes.match(self.text, at) else _OPEN

    def _row(self, at: int) -> tuple[list[str], int, int | None]:
        """The cells of the row at `at`, where the next one begins, and where a cell could not be read."""
        cells: list[str] = []
        while True:
            begin = at
            if len(cells) > MAX_CELLS:
                return cells, at, begin
            if self.opens.match(self.text, at):
                match = self.quoted.match(self.text, at)
                if match is None:
                    return cells, at, begin
                cells.append(match[1].replace('""', '"'))
                at = match.end()
            else:
                found = self.ends.search(self.text, at)
                cells.append(self.text[at : found.start() if found else len(self.text)])
                at = found.start() if found else len(self.text)
            if self.text[at : at + 1] != self.delimiter:
                return cells, at + 1, None
            at += 1

    def _line_end(self, at: int) -> int:
        end = self.text.find("\n", at)
        return len(self.text) + 1 if end < 0 else end + 1
