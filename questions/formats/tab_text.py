"""Blackboard's tab-delimited text: one question a line, its kind first, then stem, options and keys by turns.

Texts may be HTML. Some programs put a code of their own making before the stem, in a paragraph of its own; it
is no part of the question."""

import re
from collections.abc import Sequence

from questions.formats import (
    Draft,
    Entry,
    Format,
    Kind,
    Option,
    Place,
    Problem,
    Read,
    Rejected,
    Source,
    option_id,
)
from questions.formats.keywords import UNSAID
from questions.formats.text_files import given_back, read_text
from questions.formats.texts import from_auto

NOTE = "//! "
UNSTATED = UNSAID | {"id", "explanation", "exhibits", "shuffle", "fixed", "rationale"}
MAX_OPTIONS = 30

_KINDS: dict[str, Kind] = {"MC": "multiple_choice", "MA": "multiple_response"}
_OTHERS = {
    "ESS": "essay",
    "ORD": "ordering",
    "MAT": "matching",
    "FIB": "fill in the blank",
    "FIB_PLUS": "fill in several blanks",
    "FIL": "file response",
    "NUM": "numerical",
    "SR": "short response",
    "OP": "opinion",
    "JUMBLED_SENTENCE": "jumbled sentence",
    "QUIZ_BOWL": "quiz bowl",
}
_CODE = re.compile(r"\s*<p>\s*[0-9a-f]{4}_[0-9a-f]{4}\s*</p>\s*")


def read(source: Source) -> Read:
    """The questions of a tab-delimited file, one after the other."""

    def entries(file: str, text: str) -> Read:
        position = 0
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip() and not line.startswith(NOTE.strip()):
                yield _Line(file, position, number, line).entry()
                position += 1

    return read_text(source, entries)


class _Line:
    """One line on its way to an entry."""

    def __init__(self, file: str, position: int, number: int, line: str) -> None:
        self._raw = line
        self._place = Place(file, f"questions[{position}]", {"": number})
        self._problems: list[Problem] = []
        self._cells = [_unquoted(cell.strip()) for cell in line.rstrip().split("\t")]

    def entry(self) -> Entry:
        word = self._cells[0].upper()
        if word in _OTHERS:
            return Entry(self._place, skipped=_OTHERS[word], raw=self._raw)
        if word not in _KINDS and word != "TF":
            advice = "Begin the line with MC, MA or TF and a tab."
            return self._rejected("kind", advice, self._cells[0])
        if len(self._cells) > 2 + 2 * MAX_OPTIONS:
            return self._rejected("options", f"Give fewer options: there are {len(self._cells) // 2 - 1:,}.")
        stem = self._stem()
        if word == "TF":
            kind, options = self._true_or_false()
        else:
            kind, options = _KINDS[word], self._options()
        unstated = UNSTATED - {"shuffle"} if word == "TF" else UNSTATED
        draft = Draft(kind, stem, options, shuffle=word != "TF", unstated=unstated, place=self._place)
        return Entry(self._place, draft, "", tuple(self._problems), raw=self._raw)

    def _rejected(self, field: str, advice: str, text: str = "") -> Entry:
        return Entry(self._place, problems=(self._place.error(field, advice, text),), raw=self._raw)

    def _stem(self) -> str:
        return self._text("stem", _CODE.sub("", self._cells[1], count=1)) if len(self._cells) > 1 else ""

    def _options(self) -> tuple[Option, ...]:
        options = []
        for at in range((len(self._cells) - 1) // 2):
            text, key, *_ = *self._cells[2 + 2 * at : 4 + 2 * at], ""
            options.append(
                Option(option_id(at), self._text(f"options[{at}].text", text), self._is_key(at, key))
            )
        return tuple(options)

    def _is_key(self, at: int, key: str) -> bool:
        if key.lower() not in {"correct", "incorrect"}:
            advice = "Write correct or incorrect into the field behind the option."
            self._problems.append(self._place.error(f"options[{at}].correct", advice, key))
        return key.lower() == "correct"

    def _true_or_false(self) -> tuple[Kind, tuple[Option, ...]]:
        said = self._cells[2].lower() if len(self._cells) > 2 else ""
        if said not in {"true", "false"}:
            advice = "Write true or false into the field behind the stem."
            self._problems.append(self._place.error("options", advice, said))
        return "multiple_choice", (Option("a", "True", said == "true"), Option("b", "False", said == "false"))

    def _text(self, field: str, text: str) -> str:
        converted = from_auto(text)
        for lost in [*converted.lost, *("a figure" for _ in converted.images[:1])]:
            advice = f"Check the text: {lost} is left out."
            self._problems.append(self._place.warning(field, advice, text))
        return (
            re.sub(r"\s*\(Figure [0-9]+\)", "", converted.markdown)
            if converted.images
            else converted.markdown
        )


def _unquoted(cell: str) -> str:
    """The cell without the quotes that spreadsheets put around one that has quotes inside."""
    if (
        len(cell) > 4
        and cell[0] == cell[-1] == '"'
        and '""' in cell
        and '"' not in cell[1:-1].replace('""', "")
    ):
        return cell[1:-1].replace('""', '"')
    return cell


def give_back(source: Source, rejected: Sequence[Rejected]) -> bytes:
    """The rejected questions, each below its problems; reading passes over those lines."""
    return given_back(rejected, NOTE, "\n")


FORMAT = Format("tab-text", "Blackboard tab-delimited text", ".txt", "text/plain", read, None, give_back)
