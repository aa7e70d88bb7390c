"""Files to start from: the same three worked examples in each format that people write by hand."""

from collections.abc import Mapping

from questions.formats import Export, Format, exchange
from questions.formats.csv_file import FORMAT as CSV
from questions.formats.markdown_file import FORMAT as MARKDOWN
from questions.formats.worked_examples import EXAMPLES
from questions.formats.xlsx_file import FORMAT as XLSX

CERTIFICATION = "mls-c01"
TEMPLATES: Mapping[str, str] = {
    "xlsx": "Excel workbook",
    "csv": "CSV",
    "markdown": "Markdown",
    "exchange-yaml": "YAML",
}
"""What to call the template of a format, by the format's slug."""

_FORMATS: Mapping[str, Format] = {
    format_.slug: format_ for format_ in (CSV, XLSX, MARKDOWN, *exchange.FORMATS) if format_.slug in TEMPLATES
}


def template(slug: str) -> tuple[str, bytes]:
    """The name and the bytes of the template of a format in TEMPLATES."""
    write = _FORMATS[slug].write
    if write is None:
        raise LookupError(slug)
    export = Export(EXAMPLES, CERTIFICATION, domains=_DOMAINS)
    return f"questions{_FORMATS[slug].suffix}", write(export)


_DOMAINS = {
    "2.1": ("2", "Exploratory Data Analysis"),
    "3.4": ("3", "Modeling"),
    "3.5": ("3", "Modeling"),
}
