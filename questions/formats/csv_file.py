"""CSV: comma, semicolon or tab, by the header line. Written for Udemy's upload: commas, CRLF between rows, no
byte order mark, quotes where they are needed."""

import csv
import io
from collections.abc import Sequence

from questions.formats import Export, Format, Read, Rejected, Source
from questions.formats.table import entries
from questions.formats.table_rows import KEEPS, printable, returned, rows


def read(source: Source) -> Read:
    return entries(source)


def write(export: Export) -> bytes:
    return _content(rows(export))


def give_back(source: Source, rejected: Sequence[Rejected]) -> bytes:
    return _content(returned(source, rejected))


def _content(table: Sequence[Sequence[str]]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows([printable(cell) for cell in row] for row in table)
    return buffer.getvalue().encode("utf-8", "replace")


FORMAT = Format(
    slug="csv",
    title="CSV (Udemy's columns)",
    suffix=".csv",
    media_type="text/csv",
    read=read,
    write=write,
    give_back=give_back,
    keeps=KEEPS,
)
