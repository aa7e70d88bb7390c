"""Flash cards for Anki: a text file that its import reads, for the note type AllInOne (kprim, mc, sc).

Written only: it says of a question what a card can show. The fields are HTML. The first column is the note's
own id, so that importing again mends cards and makes no second ones."""

import csv
import io
import re
from collections.abc import Iterator
from html import escape

from questions.formats import Draft, Export, Feature, Format
from questions.rendering import option_to_html, to_html

MOST_OPTIONS = 5
NOTE_TYPE = "AllInOne (kprim, mc, sc)"
COLUMNS = (
    "GUID",
    "Question",
    "Title",
    "QType (0=kprim,1=mc,2=sc)",
    *(f"Q_{number}" for number in range(1, MOST_OPTIONS + 1)),
    "Answers",
    "Sources",
    "Extra 1",
    "Tags",
)
_KEEPS = frozenset(
    {
        Feature.MULTIPLE_RESPONSE,
        Feature.ID,
        Feature.TASK_STATEMENT,
        Feature.LEVEL,
        Feature.EXPLANATION,
        Feature.RATIONALES,
        Feature.REFERENCES,
        Feature.SERVICES,
    }
)


def write(export: Export) -> bytes:
    """One note a question; those with more than five options are left out."""
    buffer = io.StringIO(newline="")
    head = {
        "separator": "Semicolon",
        "html": "true",
        "notetype": NOTE_TYPE,
        "columns": ";".join(COLUMNS),
        "guid column": str(COLUMNS.index("GUID") + 1),
        "tags column": str(COLUMNS.index("Tags") + 1),
    }
    buffer.writelines(f"#{name}:{value}\n" for name, value in head.items())
    rows = csv.writer(buffer, delimiter=";", lineterminator="\n")
    for draft in export.drafts:
        if len(draft.options) <= MOST_OPTIONS:
            rows.writerow([_harmless(cell) for cell in _cells(draft, export.certification)])
    return buffer.getvalue().encode()


def _cells(draft: Draft, certification: str) -> Iterator[str]:
    options = draft.options
    yield f"{certification}/{draft.id}"
    yield to_html(draft.stem)
    yield escape(draft.id)
    yield "1" if draft.kind == "multiple_response" else "2"
    yield from (option_to_html(option.text) for option in options)
    yield from [""] * (MOST_OPTIONS - len(options))
    yield " ".join("1" if option.correct else "0" for option in options)
    yield "<br>".join(f'<a href="{escape(one.url)}">{escape(one.title)}</a>' for one in draft.references)
    yield _extra(draft)
    yield " ".join(_tags(draft, certification))


def _extra(draft: Draft) -> str:
    """The explanation, and each option with its rationale: cards shuffle options, so letters would not do."""
    reasons = "".join(
        f"<li>{option_to_html(option.text)}<br>{to_html(option.rationale)}</li>"
        for option in draft.options
        if option.rationale
    )
    return to_html(draft.explanation) + (f"<ul>{reasons}</ul>" if reasons else "")


def _tags(draft: Draft, certification: str) -> Iterator[str]:
    said = [f"task_statement::{draft.task_statement}"] if draft.task_statement else []
    for tag in (*said, f"level::{draft.level}", *(f"service::{name}" for name in draft.services)):
        yield re.sub(r"\s+", "_", f"{certification}::{tag}")


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; to Anki it is the same HTML."""
    return f"&#{ord(cell[0])};{cell[1:]}" if cell.startswith(("=", "+", "-", "@", "\t", "\r", "#")) else cell


FORMAT = Format(
    slug="anki",
    title="Anki cards (CSV)",
    suffix=".csv",
    media_type="text/csv",
    write=write,
    keeps=_KEEPS,
    max_options=MOST_OPTIONS,
)
