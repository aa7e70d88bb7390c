"""The sheets of an XLSX file as rows of text.

A workbook is a zip of XML and hostile until it is read: the package's limits hold, each part that is needed
is looked at (no document type, no other encoding than UTF-8, a size of its own), and only then is a package
of just these parts made for the library to read. Pictures, macros, comments and links to elsewhere never
reach it."""

import datetime as dt
import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter, range_boundaries

from questions.formats.archive import ArchiveError, open_archive
from questions.formats.sheets import MAX_COLUMNS, MAX_SCANNED, Note, Row, Sheet

MAX_PART = 40_000_000
MAX_PARTS = 64_000_000
MAX_ELEMENTS = 1_500_000
MAX_SHEETS = 50
MAX_MERGED = 2_000

_PARTS = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/(?:workbook|sharedStrings|styles)\.xml"
    r"|xl/_rels/workbook\.xml\.rels|xl/worksheets/[^/]+\.xml"
)
_ENCODING = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]+)""")
_CELL = re.compile(rb"<(?:\w{1,20}:)?c\s([^<>]{0,300})>")
_REFERENCE = re.compile(rb"""(?:^|\s)r\s*=\s*["']([A-Z]{1,3}[0-9]{1,7})["']""")
_IS_TEXT = re.compile(rb"""(?:^|\s)t\s*=\s*["']str["']""")
_VALUE = re.compile(rb"<(?:\w{1,20}:)?v>[^<]")
_FORMULA = re.compile(rb"<(?:\w{1,20}:)?f[\s>/]")
_MERGED = re.compile(
    rb"""<(?:\w{1,20}:)?mergeCell\s[^<>]{0,200}?ref\s*=\s*["']([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})["']"""
)
_CELL_END = re.compile(rb"</(?:\w{1,20}:)?c>")

_LIBRARY_ERRORS = (
    *(ArithmeticError, AttributeError, LookupError, OSError, SyntaxError, TypeError, ValueError),
    *(zipfile.BadZipFile, RecursionError, NotImplementedError, AssertionError),
)
"""What the library raises on a damaged workbook."""

MAX_TEXT = 30_000_000
"""Characters in the cells of a sheet: a text that stands in the workbook once may be that of many cells."""

TOO_MUCH_TEXT = f"Split the workbook: {MAX_TEXT:,} characters in a sheet are the most that is read."
DAMAGED = "Save the workbook again in your spreadsheet program: this file is damaged."


class WorkbookError(ValueError):
    """The workbook cannot be read; the message says what to do."""


def sheets(content: bytes) -> list[Sheet]:
    """The sheets of a workbook in its order, hidden ones too. Raises WorkbookError, as their rows may."""
    parts = _parts(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(
                io.BytesIO(_package(parts)), read_only=True, data_only=True, keep_links=False
            )
        found = book.worksheets[: MAX_SHEETS + 1]
        places = [_Notes(parts.get(_part_name(sheet), b"")) for sheet in found]
    except _LIBRARY_ERRORS:
        raise WorkbookError(DAMAGED) from None
    if len(found) > MAX_SHEETS:
        raise WorkbookError(f"Keep at most {MAX_SHEETS} sheets in the workbook.")
    return [
        Sheet(str(sheet.title), _rows(sheet, notes), padded=True)
        for sheet, notes in zip(found, places, strict=True)
    ]


def _part_name(sheet: Any) -> str:
    return str(getattr(sheet, "_worksheet_path", "")).lstrip("/")


def _parts(content: bytes) -> dict[str, bytes]:
    """The parts that are read, each checked."""
    parts: dict[str, bytes] = {}
    try:
        archive = open_archive(content)
        for name in filter(_PARTS.fullmatch, archive.names()):
            part = archive.read(name) or b""
            _check(name, part, sum(map(len, parts.values())))
            parts[name] = part
    except ArchiveError as error:
        raise WorkbookError(str(error)) from None
    if "xl/workbook.xml" not in parts:
        raise WorkbookError("Save the workbook as XLSX: this package holds none.")
    return parts


def _check(name: str, part: bytes, size_before: int) -> None:
    if len(part) > MAX_PART or size_before + len(part) > MAX_PARTS:
        raise WorkbookError(f"Split the workbook: {name} is larger than may be read.")
    declared = _ENCODING.match(part.removeprefix(b"\xef\xbb\xbf"))
    utf8 = declared is None or declared[1].lower() in {b"utf-8", b"utf8", b"us-ascii", b"ascii"}
    if part.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in part[:1000] or not utf8:
        raise WorkbookError(f"Save the workbook again: {name} is not in UTF-8.")
    if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
        raise WorkbookError(f"Remove the document type from {name}: no entities are read.")
    if part.count(b"<") > 2 * MAX_ELEMENTS:
        raise WorkbookError(f"Split the workbook: {name} holds more cells than may be read.")


def _package(parts: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as package:
        for name, part in parts.items():
            package.writestr(name, part)
    return buffer.getvalue()


class _Notes:
    """What the library does not tell of a sheet: formulas without a result, and cells that were merged."""

    def __init__(self, part: bytes) -> None:
        self.formulas = frozenset(_formulas_without_result(part))
        self.merged = [range_boundaries(m[1].decode()) for m in _MERGED.finditer(part)][:MAX_MERGED]

    def of(self, row: int) -> dict[int, Note]:
        return {
            column - 1: Note.MERGED
            for left, top, right, bottom in self.merged
            if left and top and right and bottom and top <= row <= bottom
            for column in range(int(left), min(int(right), MAX_COLUMNS) + 1)
        }

    def formula(self, row: int, column: int) -> bool:
        return bool(self.formulas) and f"{get_column_letter(column + 1)}{row}".encode() in self.formulas


def _formulas_without_result(part: bytes) -> Iterator[bytes]:
    if not _FORMULA.search(part):
        return
    start = 0
    for end in _CELL_END.finditer(part):
        formula = _FORMULA.search(part, start, end.start())
        if formula and not _VALUE.search(part, formula.start(), end.start()):
            cells = _CELL.findall(part, start, formula.start())
            reference = _REFERENCE.search(cells[-1]) if cells else None
            if reference and not _IS_TEXT.search(cells[-1]):
                yield reference[1]
        start = end.end()


def _rows(sheet: Any, notes: _Notes) -> Iterator[Row]:
    size = 0
    for row in _any_rows(sheet, notes):
        size += sum(map(len, row.cells))
        if size > MAX_TEXT:
            raise WorkbookError(TOO_MUCH_TEXT)
        yield row


def _any_rows(sheet: Any, notes: _Notes) -> Iterator[Row]:
    total = max(sheet.max_row or 0, 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sheet.reset_dimensions()  # what the sheet says of its size may leave rows out
            found = sheet.iter_rows(max_col=MAX_COLUMNS)
            for number, cells in enumerate(found, start=1):
                if number > MAX_SCANNED:
                    break
                yield _row(number, cells, notes, min(number / total, 1.0))
    except _LIBRARY_ERRORS:
        raise WorkbookError(DAMAGED) from None


def _row(number: int, cells: Sequence[Any], notes: _Notes, done: float) -> Row:
    texts: list[str] = []
    special = notes.of(number) if notes.merged else {}
    for column, cell in enumerate(cells):
        text, note = _text(cell)
        if cell.value is None and notes.formula(number, column):
            note = Note.FORMULA
        texts.append(text)
        if note is not None:
            special.setdefault(column, note)
    while texts and not texts[-1] and len(texts) - 1 not in special:
        texts.pop()
    return Row(number, tuple(texts), notes=special, done=done)


def _text(cell: Any) -> tuple[str, Note | None]:
    """A cell as text, as the spreadsheet shows it where that is certain."""
    value = cell.value
    if value is None:
        return "", None
    if isinstance(value, str):
        return value, Note.FAULT if cell.data_type == "e" else None
    if isinstance(value, bool):
        return str(value), None
    if isinstance(value, dt.datetime):
        at_midnight = value.time() == dt.time()
        return (value.date().isoformat() if at_midnight else value.isoformat(" ")), Note.DAY
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        return str(value), Note.DAY
    if "%" in str(cell.number_format):
        return f"{_number(round(value * 100, 10))}%", Note.PERCENT
    return _number(value), Note.NUMBER


def _number(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
