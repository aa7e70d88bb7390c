"""Questions to the rows of a table: Udemy's 17 columns first, then columns of our own that some question
needs.

What a column of ours says stands as people would write it; where that would not read back letter for letter
it is JSON. Options under Udemy's headers are HTML there, so that `<` and what looks like an entity is
escaped; reading undoes it."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from questions.formats import Draft, Export, Feature, Problem, Rejected, Source, cells, option_id
from questions.formats.cells import CellError
from questions.formats.nodes import UnreadableError
from questions.formats.table import Table, tables
from questions.formats.workbook import WorkbookError

KEEPS = frozenset(Feature) - {Feature.EXHIBITS, Feature.CALCULATION}
UDEMY_OPTIONS = 6
PROBLEMS = "Problems"
_MARK_OF_OURS = "Testing Point"

_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_LOOKS_ESCAPED = re.compile(r"&(?=(?:lt|gt|quot|#39|nbsp|amp);)")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class _Column:
    header: str
    cell: Callable[[Draft, Export], str]


_OWN = (
    _Column("ID", lambda draft, _: draft.id),
    _Column("Task Statement", lambda draft, _: draft.task_statement),
    _Column("Level", lambda draft, _: str(draft.level)),
    _Column("Testing Point", lambda draft, _: draft.testing_point),
    _Column("Services", lambda draft, _: _list(draft.services)),
    _Column("References", lambda draft, _: _references(draft)),
    _Column("Enemies", lambda draft, _: _list(draft.enemies)),
    _Column("Shuffle", lambda draft, _: "" if draft.shuffle else "no"),
    _Column("Fixed Options", lambda draft, _: _fixed(draft)),
    _Column("Option IDs", lambda draft, _: _option_ids(draft)),
    _Column("Verified On", lambda draft, _: draft.verified_on.isoformat() if draft.verified_on else ""),
)


def rows(export: Export) -> list[list[str]]:
    """The header and a row for each question, every cell neutral."""
    drafts = export.drafts
    widest = max((len(draft.options) for draft in drafts), default=0)
    own = [
        column
        for column in _OWN
        if (column.header == _MARK_OF_OURS and any(map(_has_angles, drafts)))
        or any(column.cell(draft, export) for draft in drafts)
    ]
    if [column.header for column in own] == ["Level"] and all(draft.level == 2 for draft in drafts):
        own = []
    tagged = [
        position
        for position in range(widest)
        if any(position < len(d.options) and d.options[position].distractor_tag for d in drafts)
    ]
    header = [
        *("Question", "Question Type", *_option_headers(0, UDEMY_OPTIONS)),
        *("Correct Answers", "Overall Explanation", "Domain"),
        *_option_headers(UDEMY_OPTIONS, widest),
        *(column.header for column in own),
        *(f"Distractor Tag {position + 1}" for position in tagged),
    ]
    found = [header, *(_row(draft, export, own, tagged, widest) for draft in drafts)]
    return [[neutral(cell) for cell in row] for row in found]


def _has_angles(draft: Draft) -> bool:
    """Whether a text would be taken for HTML in a file that is not marked as ours."""
    rationales = (option.rationale for option in draft.options)
    return any("<" in text for text in (draft.stem, draft.explanation, *rationales))


def _option_headers(start: int, end: int) -> list[str]:
    return [f"{part} {n + 1}" for n in range(start, end) for part in ("Answer Option", "Explanation")]


def _row(
    draft: Draft, export: Export, own: Sequence[_Column], tagged: Sequence[int], widest: int
) -> list[str]:
    keys = [str(number) for number, option in enumerate(draft.options, start=1) if option.correct]
    domain = export.domains.get(draft.task_statement, ("", ""))[1]
    return [
        draft.stem,
        "multi-select" if draft.kind == "multiple_response" else "multiple-choice",
        *_option_cells(draft, 0, UDEMY_OPTIONS),
        *(",".join(keys), draft.explanation, domain),
        *_option_cells(draft, UDEMY_OPTIONS, widest),
        *(column.cell(draft, export) for column in own),
        *((draft.options[n].distractor_tag or "") if n < len(draft.options) else "" for n in tagged),
    ]


def _option_cells(draft: Draft, start: int, end: int) -> list[str]:
    found: list[str] = []
    for position in range(start, end):
        option = draft.options[position] if position < len(draft.options) else None
        found += [_escape(option.text), option.rationale] if option else ["", ""]
    return found


def _escape(text: str) -> str:
    return _LOOKS_ESCAPED.sub("&amp;", text).replace("<", "&lt;")


def _list(names: Sequence[str]) -> str:
    plain = "; ".join(names)
    return plain if _reads_back(cells.names, plain, tuple(names)) else json.dumps(names, ensure_ascii=False)


def _references(draft: Draft) -> str:
    plain = "\n".join(f"{reference.title} {reference.url}" for reference in draft.references)
    if _reads_back(cells.references, plain, draft.references):
        return plain
    return json.dumps([asdict(reference) for reference in draft.references], ensure_ascii=False)


def _reads_back(read: Callable[[str], object], text: str, value: object) -> bool:
    """Whether a cell says what it should; all cells are read without the space around them."""
    try:
        return read(text.strip()) == value or not value
    except CellError:
        return False


def _fixed(draft: Draft) -> str:
    return "; ".join(str(n) for n, option in enumerate(draft.options, start=1) if option.fixed)


def _option_ids(draft: Draft) -> str:
    ids = [option.id for option in draft.options]
    return "" if ids == [option_id(position) for position in range(len(ids))] else _list(ids)


def neutral(text: str) -> str:
    """A cell that no spreadsheet takes for a formula; reading takes the apostrophe off again."""
    return f"'{text}" if _FORMULA.match(text) else text


def printable(text: str) -> str:
    """A cell without what no table can hold."""
    return _UNPRINTABLE.sub("", text.replace("\r\n", "\n"))


def returned(source: Source, rejected: Sequence[Rejected]) -> list[list[str]]:
    """The header of the file (of its widest sheet that has questions) and the rejected rows as they stood,
    each with its problems in a last column."""
    found = _cells_of(rejected)
    header = list(_header(source))
    width = max([len(header), *(len(row) for row in found)])
    if header[-1:] == [PROBLEMS] and width == len(header):
        header, width = header[:-1], width - 1
        found = [row[:width] for row in found]
    said = ["\n".join(_sentence(problem) for problem in entry.problems) for entry in rejected]
    padded = [[*map(_guarded, row), *[""] * (width - len(row))] for row in (header, *found)]
    return [[*row, last] for row, last in zip(padded, [PROBLEMS, *said], strict=True)]


def _guarded(text: str) -> str:
    """A cell of somebody's file, which may be neutral already."""
    return text if text.startswith("'") else neutral(text)


def _sentence(problem: Problem) -> str:
    return f"{problem.column}: {problem.advice}" if problem.column else problem.advice


def _cells_of(rejected: Sequence[Rejected]) -> list[list[str]]:
    return [[str(cell) for cell in json.loads(entry.raw)] for entry in rejected]


def _header(source: Source) -> Sequence[str]:
    try:
        found: list[Table] = [table for table in tables(source) if table.is_readable()]
    except (UnreadableError, WorkbookError):
        return ()
    return max((table.columns.headers for table in found), key=len, default=())
