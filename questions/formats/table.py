"""Sheets to questions, for CSV and XLSX alike.

The first row that names what a question needs is the header. Rows are taken as they stand: one that is wider
or narrower than the header is reported and never realigned."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from questions.formats import Entry, Place, Problem, Read, Severity, Source, delimited, shorten, workbook
from questions.formats.archive import is_archive
from questions.formats.columns import FIELDS, Columns, Headers, columns, described
from questions.formats.exchange_fields import MAX_QUESTIONS
from questions.formats.nodes import UnreadableError, decode
from questions.formats.sheets import MAX_SCANNED, Row, Sheet
from questions.formats.table_question import Question

__all__ = ["FIELDS", "Headers", "Table", "entries", "headers", "sheets_of", "tables"]

_LOOKED_AT = 10


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet whose header was looked for; `header` is the row that is most like one, None in an empty
    sheet. `rows` are those below it."""

    sheet: Sheet
    columns: Columns
    header: Row | None
    rows: Iterator[Row]

    def is_readable(self) -> bool:
        return self.header is not None and not self.columns.missing


def sheets_of(source: Source) -> list[Sheet]:
    """The sheets of a workbook, or the one of a text file. Raises UnreadableError and WorkbookError."""
    if is_archive(source.content):
        return workbook.sheets(source.content)
    return [delimited.sheet(decode(source.content, source.encoding))]


def headers(source: Source) -> Headers:
    """What the headers of a file are taken for, for a page that lets somebody say more. Raises nothing."""
    try:
        found = [table for table in tables(source) if table.header is not None]
    except (UnreadableError, workbook.WorkbookError):
        return Headers()
    return described(_best(found).columns) if found else Headers()


def tables(source: Source) -> list[Table]:
    """Every sheet with the header that it has."""
    return [_table(sheet, source) for sheet in sheets_of(source)]


def entries(source: Source) -> Read:
    """The questions of all sheets that have them. Raises nothing."""
    try:
        found = tables(source)
        yield from _entries(source, found)
    except UnreadableError as error:
        yield error.problem(source.name)
    except workbook.WorkbookError as error:
        yield Problem(Severity.ERROR, source.name, 0, "", str(error))


def _table(sheet: Sheet, source: Source) -> Table:
    """The first of the top rows that names all that is needed, else the one that names most. One known name
    alone proves nothing: a key can be called A."""
    rows = iter(sheet.rows)
    top: list[Row] = []
    best: tuple[int, int] = (-1, 0)
    for row in rows:
        if row.is_blank():
            continue
        top.append(row)
        table = columns(_cells(row), source.columns)
        named = len(table.at) + len(table.labels)
        best = max(best, (named if named > 1 else 0, 1 - len(top)))
        if not table.missing or len(top) == _LOOKED_AT:
            break
    if not top:
        return Table(sheet, columns((), {}), None, rows)
    at = -best[1]
    header = top[at]
    return Table(sheet, columns(_cells(header), source.columns), header, chain(top[at + 1 :], rows))


def _cells(row: Row) -> tuple[str, ...]:
    cells = [" ".join(cell.split()) for cell in row.cells]
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)


def _best(found: Sequence[Table]) -> Table:
    return max(found, key=lambda table: (table.is_readable(), len(table.columns.at)))


def _entries(source: Source, found: Sequence[Table]) -> Read:
    readable = [table for table in found if table.is_readable()]
    yield from _about_headers(source, found, readable)
    number = 0
    for table in readable:
        name = table.sheet.name if len(readable) > 1 else ""
        for row in table.rows:
            if row.is_blank():
                continue
            if number >= MAX_QUESTIONS:
                advice = f"Split the file: {MAX_QUESTIONS:,} questions are the most that is read at once."
                yield Problem(Severity.ERROR, source.name, 0, "", advice, row=row.number, item=name)
                return
            yield _entry(source, table, row, f"questions[{number}]", name)
            number += 1
            if row.number >= MAX_SCANNED:
                advice = f"Remove the empty rows: no more than {MAX_SCANNED:,} are looked at."
                yield Problem(Severity.ERROR, source.name, 0, "", advice, row=row.number, item=name)


def _about_headers(source: Source, found: Sequence[Table], readable: Sequence[Table]) -> Iterator[Problem]:
    with_rows = [table for table in found if table.header is not None]
    if not with_rows:
        yield Problem(Severity.ERROR, source.name, 0, "", "Write a header and questions: the file is empty.")
        return
    if not readable:
        yield _unusable(source, _best(with_rows))
        return
    for table in with_rows:
        row = table.header.number if table.header else 0
        if table not in readable:
            advice = "Give this sheet the headers of questions if it holds some: it was left out."
            yield Problem(Severity.WARNING, source.name, 0, "", advice, row=row, item=table.sheet.name)
            continue
        item = table.sheet.name if len(readable) > 1 else ""
        if table.columns.unknown:
            text = shorten(", ".join(table.columns.unknown))
            advice = "Say what these columns hold, or leave them: they were left out."
            yield Problem(
                Severity.WARNING, source.name, 0, "", advice, text, row, item, table.columns.unknown[0]
            )
        for header in table.columns.repeated:
            advice = (
                "Keep one column of a kind: this one says what another one says already, and was left out."
            )
            yield Problem(Severity.WARNING, source.name, 0, "", advice, shorten(header), row, item, header)


def _unusable(source: Source, table: Table) -> Problem:
    missing = " and ".join(table.columns.missing)
    unknown = [header for header in table.columns.unknown if header]
    advice = f"Name the columns in the first row: none is known to hold {missing}."
    if unknown:
        advice = f"Say which columns hold {missing}: these headers are not known."
    row = table.header.number if table.header else 0
    text = shorten(", ".join(unknown))
    return Problem(
        Severity.ERROR, source.name, table.header.line if table.header else 0, "", advice, text, row
    )


def _entry(source: Source, table: Table, row: Row, path: str, sheet: str) -> Entry:
    width = len(table.columns.headers)
    over = [cell for cell in row.cells[width:] if cell.strip()]
    if row.fault:
        return _rejected(source, row, path, sheet, row.fault, row.cells[-1] if row.cells else "")
    unnamed = [
        row.cells[at]
        for at in range(min(width, len(row.cells)))
        if not table.columns.headers[at] and row.cells[at].strip()
    ]
    if over or unnamed:
        advice = f"Quote the cells that hold a separator: the row has more cells than the header's {width}."
        return _rejected(source, row, path, sheet, advice, (over or unnamed)[0])
    if len(row.cells) < width and not table.sheet.padded:
        advice = f"Complete the row: it has {len(row.cells)} cells, and the header has {width}."
        return _rejected(source, row, path, sheet, advice, row.cells[-1])
    return Question(source, table.columns, row, path, sheet).entry()


def _rejected(source: Source, row: Row, path: str, sheet: str, advice: str, text: str) -> Entry:
    """A row that nobody can take apart for certain."""
    place = Place(source.name, path, row=row.number, item=sheet)
    line = row.fault_line or row.line
    problem = Problem(Severity.ERROR, source.name, line, path, advice, shorten(text), row.number, sheet)
    raw = json.dumps(row.cells, ensure_ascii=False)
    return Entry(place, problems=(problem,), raw=raw, done=row.done)
