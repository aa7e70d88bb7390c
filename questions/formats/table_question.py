"""One row of a table to a question, by what its columns mean."""

import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from questions.formats import Draft, Entry, Kind, Option, Place, Problem, Reference, Source, cells, option_id
from questions.formats.beside import Figures
from questions.formats.cells import CellError, Listed
from questions.formats.columns import Columns
from questions.formats.keys import Choice, Key, kind_of, read_key
from questions.formats.sheets import NOTE_ADVICE, Note, Row
from questions.formats.texts import from_html

T = TypeVar("T")

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NEUTRAL = re.compile(r"'+[=+\-@\t\r\n]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_TAGS = (
    "p br b i u em strong code pre ul ol li img span div sub sup a table tr td th h[1-6] tt kbd font hr "
    "blockquote script style iframe object svg"
)
_HTML = re.compile(rf"</?(?:{'|'.join(_TAGS.split())})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_CODE = re.compile(r"(?s)(`{3,}|~{3,}).*?\1|(`+)[^`\n]+\2")
_ENTITY = re.compile(r"&(?:lt|gt|quot|#39|nbsp|amp);")
_OWN = "testing_point"
_NOTHING: tuple[str, ...] = ()
_NO_REFERENCES: tuple[Reference, ...] = ()
_OPTIONAL = (
    *("explanation", "task_statement", "level", "testing_point", "references", "services", "enemies"),
    *("exhibits", "shuffle", "verified_on"),
)


@dataclass(frozen=True, slots=True)
class _Written:
    """An option as a row has it; `number` is its column's number, which the key counts."""

    number: int
    field: str
    text: str
    listed: Listed | None = None


class Question:
    """Reads one row; problems gather while its fields are read."""

    def __init__(self, source: Source, table: Columns, row: Row, path: str, sheet: str) -> None:
        self.table = table
        self.row = row
        self.figures = Figures(source.files)
        self.problems: list[Problem] = []
        self.options = self._written()
        self.place = Place(source.name, path, row=row.number, item=sheet, columns=self._headers())

    def entry(self) -> Entry:
        raw = json.dumps(self.row.cells, ensure_ascii=False)
        declared, word = self._kind()
        if word and word != "true/false":
            return Entry(self.place, skipped=word, raw=raw, done=self.row.done)
        draft = self._draft(declared, is_true_false=bool(word))
        figures = self.figures.content
        return Entry(self.place, draft, "", tuple(self.problems), figures, raw, self.row.done)

    def _draft(self, declared: Kind | None, *, is_true_false: bool) -> Draft:
        shuffle = self._value("shuffle", cells.flag, True)
        if is_true_false and not self.options:
            self.options = [_Written(1, "key", "True"), _Written(2, "key", "False")]
            shuffle = False
        stem = self._text("stem", "stem")
        options = self._options(declared)
        self._images()
        correct = sum(option.correct for option in options)
        task = cells.task_statement(self._cell("task_statement"))
        return Draft(
            kind=declared or kind_of(correct),
            stem=stem,
            options=tuple(options),
            id=self._cell("id"),
            task_statement=task,
            level=self._value("level", cells.level, 2),
            testing_point=self._cell("testing_point"),
            explanation=self._text("explanation", "explanation"),
            references=self._value("references", cells.references, _NO_REFERENCES),
            services=self._value("services", cells.names, _NOTHING),
            enemies=self._value("enemies", cells.names, _NOTHING),
            exhibits=tuple(self.figures.exhibits),
            shuffle=shuffle,
            verified_on=self._value("verified_on", cells.day, None),
            labels=self._labels(task),
            unstated=self._unstated(task, is_true_false=is_true_false),
            place=self.place,
        )

    def _written(self) -> list[_Written]:
        """The options that have a text, or something in its place that is wrong."""
        found: list[_Written] = []
        for position in range(len(LETTERS)):
            name = f"options[{position}].text"
            text = self._clean(name)
            if text or self.row.notes.get(self.table.at.get(name, -1)) in NOTE_ADVICE:
                found.append(_Written(position + 1, name, text))
        return found

    def _headers(self) -> dict[str, str]:
        """The header of each field by its path below the question; options count as the question has them."""
        named = {
            name: self.table.header(name)
            for name in self.table.at
            if "[" not in name and name not in {"key", "several", "alt", "options"}
        }
        named["options"] = self.table.header("key") or self.table.header("options")
        if "several" in self.table.at:
            named.setdefault("kind", self.table.header("several"))
        for position, written in enumerate(self.options):
            for part in ("text", "rationale", "correct", "distractor_tag"):
                header = self.table.header(f"options[{written.number - 1}].{part}")
                if header:
                    named[f"options[{position}].{part}"] = header
        return named

    def _clean(self, name: str) -> str:
        """A cell's text: line ends of one kind, no space around it, and without the apostrophe that keeps a
        spreadsheet from reading it as a formula."""
        at = self.table.at.get(name)
        if at is None or at >= len(self.row.cells):
            return ""
        text = self.row.cells[at].replace("\r\n", "\n").replace("\r", "\n").strip()
        return text[1:] if _NEUTRAL.match(text) else text

    def _cell(self, name: str, field: str = "") -> str:
        """A cell's text, after a look at what makes it doubtful."""
        text = self._clean(name)
        note = self.row.notes.get(self.table.at.get(name, -1))
        advice = NOTE_ADVICE.get(note) if note else None
        if advice and not (note is Note.DAY and name == "verified_on"):
            self._error(field or name, advice, text, name)
        if note is Note.PERCENT:
            advice = "Format the cell as text and write it again if this is not what it shows."
            self.problems.append(self.place.warning(field or name, advice, text))
        odd = _CONTROL.search(text)
        if odd:
            self._error(field or name, f"Remove the control character U+{ord(odd[0]):04X}.", text, name)
        return text

    def _error(self, field: str, advice: str, text: str, name: str) -> None:
        problem = self.place.error(field, advice, text)
        self.problems.append(replace(problem, column=self.table.header(name) or problem.column))

    def _value(self, name: str, read: Callable[[str], T], default: T) -> T:
        text = self._cell(name)
        if not text:
            return default
        try:
            return read(text)
        except CellError as error:
            self._error(name, str(error), text, name)
            return default

    def _kind(self) -> tuple[Kind | None, str]:
        text = self._clean("kind")
        try:
            kind, word = cells.kind(text)
        except CellError as error:
            self._error("kind", str(error), text, "kind")
            return None, ""
        if kind is None and not word and self._clean("several"):
            return (
                "multiple_response" if self._value("several", cells.flag, False) else "multiple_choice"
            ), ""
        return kind, word

    def _options(self, declared: Kind | None) -> list[Option]:
        if not self.options and "options" in self.table.at:
            listed: list[Listed] = self._value("options", cells.options, [])
            self.options = [
                _Written(number, "options", entry.text, entry) for number, entry in enumerate(listed, start=1)
            ]
        ids = self._ids()
        texts = [self._option_text(position, written) for position, written in enumerate(self.options)]
        choices = [
            Choice(id_, LETTERS[(written.number - 1) % 26], written.number, text)
            for id_, written, text in zip(ids, self.options, texts, strict=True)
        ]
        correct = self._correct(choices, declared)
        why = self._value("rationales", cells.by_option, _NOTHING)
        fixed = {number.strip() for number in self._value("fixed", cells.names, _NOTHING)}
        self._left_over()
        return [
            Option(
                id_,
                text,
                id_ in correct,
                self._rationale(position, written, why),
                self._cell(f"options[{written.number - 1}].distractor_tag") or None,
                str(written.number) in fixed,
            )
            for position, (id_, written, text) in enumerate(zip(ids, self.options, texts, strict=True))
        ]

    def _ids(self) -> list[str]:
        own = self._value("option_ids", cells.names, _NOTHING)
        if own and len(own) != len(self.options):
            advice = f"Write one id for each of the {len(self.options)} options, or leave the cell empty."
            self._error("options", advice, self._clean("option_ids"), "option_ids")
        elif own:
            return list(own)
        return [option_id(position) for position in range(len(self.options))]

    def _option_text(self, position: int, written: _Written) -> str:
        field = f"options[{position}].text"
        if written.field in {"options", "key"}:
            return written.text
        text = self._cell(written.field, field)
        if not self.table.html_options:
            return self._markdown(text, field)
        return self._from_html(text, field) if _HTML.search(text) else _unescape(text)

    def _correct(self, choices: list[Choice], declared: Kind | None) -> frozenset[str]:
        flagged = self._flagged(choices)
        note = self.row.notes.get(self.table.at.get("key", -1))
        text = self._clean("key") if note is Note.DAY else self._cell("key", "options")
        if not text:
            return flagged
        if note is not None and note in NOTE_ADVICE and note is not Note.DAY:
            return flagged
        key = self._key(text, choices, declared)
        if key.advice:
            problem = self.place.error("options", key.advice, text, key.readings)
            self.problems.append(replace(problem, column=self.table.header("key")))
            return flagged
        if flagged and flagged != key.ids:
            advice = "Make the key and the options' own marks agree."
            self._error("options", advice, text, "key")
        return key.ids

    def _key(self, text: str, choices: list[Choice], declared: Kind | None) -> Key:
        if text.startswith("["):
            try:
                text = "; ".join(cells.names(text))
            except CellError as error:
                return Key(advice=str(error))
        if [choice.text for choice in choices] == ["True", "False"] and text.upper() in {"T", "F"}:
            text = "True" if text.upper() == "T" else "False"
        return read_key(text, choices, declared, numbered=self.table.html_options)

    def _flagged(self, choices: list[Choice]) -> frozenset[str]:
        """The options that are marked one by one: in columns of their own, or in the cell of all options."""
        marked = set()
        for position, (written, choice) in enumerate(zip(self.options, choices, strict=True)):
            name = f"options[{written.number - 1}].correct"
            text = self._cell(name, f"options[{position}].correct")
            try:
                on = cells.flag(text) or bool(written.listed and written.listed.correct)
            except CellError as error:
                self._error(f"options[{position}].correct", str(error), text, name)
                continue
            if on:
                marked.add(choice.id)
        return frozenset(marked)

    def _rationale(self, position: int, written: _Written, why: tuple[str, ...]) -> str:
        own = self._text(f"options[{written.number - 1}].rationale", f"options[{position}].rationale")
        if own:
            return own
        if position < len(why):
            return why[position]
        return written.listed.rationale if written.listed else ""

    def _left_over(self) -> None:
        """What stands beside an option that is empty."""
        numbers = {written.number for written in self.options}
        for name in self.table.at:
            match = re.fullmatch(r"options\[([0-9]+)\]\.rationale", name)
            if match and int(match[1]) + 1 not in numbers and self._clean(name):
                advice = f"Write option {int(match[1]) + 1}, or remove its explanation."
                self._error("options", advice, self._clean(name), name)

    def _text(self, name: str, field: str) -> str:
        return self._markdown(self._cell(name, field), field)

    def _markdown(self, text: str, field: str) -> str:
        """A text cell is Markdown; in files that are not in our own layout HTML is read as formatting."""
        if "<" not in text or _OWN in self.table.at or not _HTML.search(_CODE.sub("", text)):
            return text
        advice = "Check the text: the HTML in it was read as formatting."
        self.problems.append(self.place.warning(field, advice, text))
        return self._from_html(text, field)

    def _from_html(self, text: str, field: str) -> str:
        if "\n" in text and not re.search(r"<(?:p|br|div|pre|ul|ol|table)\b", text, re.IGNORECASE):
            text = text.replace("\n", "<br>")
        converted = from_html(text, first_figure=len(self.figures.exhibits) + 1)
        for image in converted.images:
            advice = self.figures.take(image.src, image.alt)
            if advice:
                self.problems.append(self.place.warning(field, advice, image.src))
        for name in converted.lost:
            self.problems.append(
                self.place.warning(field, f"Check the text without {name}: it was left out.", text)
            )
        return converted.markdown

    def _images(self) -> None:
        """Figures that a column names, one or several."""
        alts = self._cell("alt").split("\n")
        for position, path in enumerate(self._value("exhibits", cells.names, _NOTHING)):
            alt = alts[position].strip() if position < len(alts) else ""
            advice = self.figures.take(path, alt)
            if advice:
                self.problems.append(self.place.warning("exhibits", advice, path))

    def _labels(self, task: str) -> tuple[str, ...]:
        found = [] if task or not self._clean("task_statement") else [self._clean("task_statement")]
        for at in self.table.labels:
            text = self.row.cells[at].strip() if at < len(self.row.cells) else ""
            text = text[1:] if _NEUTRAL.match(text) else text
            is_list = at == self.table.at.get("tags")
            found += cells.names(text) if is_list and not text.startswith("[") else [text] * bool(text)
        return tuple(dict.fromkeys(found))

    def _unstated(self, task: str, *, is_true_false: bool) -> frozenset[str]:
        """Fields without a column; and the empty cell of a field that cannot be empty."""
        at = self.table.at
        missing = {name for name in _OPTIONAL if name not in at} | {"calculation"}
        missing |= {name for name in ("level", "testing_point") if not self._clean(name)}
        if not task:
            missing.add("task_statement")
        if self.figures.exhibits:
            missing.discard("exhibits")
        if is_true_false:
            missing.discard("shuffle")
        if "rationales" not in at and not any(name.endswith(".rationale") for name in at):
            missing |= set() if any(w.listed and w.listed.rationale for w in self.options) else {"rationale"}
        if not any(name.endswith(".distractor_tag") for name in at):
            missing.add("distractor_tag")
        return frozenset(missing | ({"fixed"} - set(at)) | ({"id"} - set(at)))


def _unescape(text: str) -> str:
    return _ENTITY.sub(lambda match: html.unescape(match[0]).replace("\u00a0", " "), text)
