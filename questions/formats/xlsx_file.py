"""XLSX workbooks: the same columns as CSV, every cell text, so that no spreadsheet changes 1.10 or a date."""

import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from questions.formats import Export, Format, Read, Rejected, Source
from questions.formats.table import entries
from questions.formats.table_rows import KEEPS, printable, returned, rows

_WIDE = {"Question": 60.0, "Overall Explanation": 60.0, "Problems": 60.0}
_NARROW = 24.0


def read(source: Source) -> Read:
    return entries(source)


def write(export: Export) -> bytes:
    return _content(rows(export))


def give_back(source: Source, rejected: Sequence[Rejected]) -> bytes:
    return _content(returned(source, rejected))


def _content(table: Sequence[Sequence[str]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Questions")
    sheet.freeze_panes = "A2"
    for position, header in enumerate(table[0]):
        sheet.column_dimensions[get_column_letter(position + 1)].width = _WIDE.get(header, _NARROW)
    bold, wrap = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    for number, row in enumerate(table):
        cells = []
        for text in row:
            cell = WriteOnlyCell(sheet, printable(text) or None)
            cell.number_format = "@"
            cell.alignment = wrap
            if number == 0:
                cell.font = bold
            cells.append(cell)
        sheet.append(cells)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


FORMAT = Format(
    slug="xlsx",
    title="Excel workbook (XLSX)",
    suffix=".xlsx",
    media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    read=read,
    write=write,
    give_back=give_back,
    keeps=KEEPS,
)
