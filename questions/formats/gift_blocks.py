"""GIFT as text: blocks, escapes, and the parts of a question. What the parts mean is `gift`'s.

A block ends at an empty line. Structure is looked for in `mask`, a copy of the text in which what was escaped
is blank, so that a position means the same in both and a line can be told of each.
"""

import bisect
import html
import re
from array import array
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple

MAX_OPTIONS = 30
MAX_GAPS = 50

_ESCAPE = re.compile(r"\\([\\:#={}~n])")
_BRACKET = re.compile(r"\[(id|tag):")
_BRACKETED = re.compile(r"((?:[^\]\\]++|\\.)*+)\]")
_FORMAT = re.compile(r"\s*\[(html|moodle|plain|markdown)\]", re.IGNORECASE)
_WEIGHT = re.compile(r"\s*%(-*[0-9]{1,3}\.?[0-9]*)%")
_LATE_WEIGHT = re.compile(r"%-?[0-9]{1,3}(?:\.[0-9]*)?%\Z")
_MARKER = re.compile(r"~\s*=|[~=]")
_CLOZE = re.compile(r"\s*\d*:[A-Z_]+:")
_CONTEXTS = re.compile(r"\$[a-z0-9]+\$")
NOTE = "//! "


@dataclass(frozen=True, slots=True)
class Block:
    """A question's own lines. `raw` is how they stood, comments with them; `numbers` has the line in the file
    of each line of `text`, which has no comments. `blank` is the line of an empty line inside braces."""

    raw: str
    text: str
    numbers: Sequence[int]
    category: str = ""
    id: str = ""
    tags: tuple[str, ...] = ()
    id_line: int = 0
    blank: int = 0


class Span(NamedTuple):
    """A part of a block: its text, escapes undone, in the format that it says or inherits."""

    text: str
    format: str
    line: int


@dataclass(slots=True)
class Choice:
    """`weight` is None where the file gives none; `marked` is whether it begins with `=`."""

    text: Span
    marked: bool
    weight: float | None = None
    feedback: Span | None = None
    doubled: bool = False


@dataclass(slots=True)
class Item:
    """A question's parts. `kind` is "multichoice", "truefalse", or what it is instead of those. `flaw` is a
    message with its line, field and offending text."""

    kind: str
    stem: Span
    name: str = ""
    choices: list[Choice] = field(default_factory=list)
    is_true: bool = False
    feedback: list[Span] = field(default_factory=list)
    general: Span | None = None
    flaws: list[tuple[int, str, str, str]] = field(default_factory=list)


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a file that hold a question or a description, with the category that they stand in."""
    category = ""
    chunks = _chunks(text)
    ahead: deque[_Chunk] = deque()
    while chunk := (ahead.popleft() if ahead else next(chunks, None)):
        start, lines = chunk
        blank = start + len(lines) if _balance(lines) == "{" and _closes(chunks, ahead) else 0
        while blank:
            number, following = ahead.popleft()
            lines += [""] * (number - start - len(lines)) + following
            if _balance(following):
                break
        category, skipped = _category(lines, category)
        block = _block(start + skipped, lines[skipped:], category)
        if block.text:
            yield replace(block, blank=blank)


_Chunk = tuple[int, list[str]]


def _chunks(text: str) -> Iterator[_Chunk]:
    """(number of the first line, lines) of what stands between empty lines."""
    lines: list[str] = []
    for number, found in enumerate(re.finditer(r"([^\n]*)\n", f"{text}\n\n"), 1):
        line = found[1]
        if line.strip():
            lines.append(line)
        elif lines:
            yield number - len(lines), lines
            lines = []


def _closes(chunks: Iterator[_Chunk], ahead: deque[_Chunk]) -> bool:
    """Whether the first braces ahead close what is open; what is looked at is put into `ahead`."""
    for at in range(MAX_GAPS):
        if at == len(ahead):
            if (chunk := next(chunks, None)) is None:
                return False
            ahead.append(chunk)
        if found := _balance(ahead[at][1]):
            return found == "}"
    return False


def _balance(lines: list[str]) -> str:
    """ "{" if the lines open a brace and close none, "}" if they first close one, "" if they have none."""
    mask = "".join(_unescaped(line)[1] for line in lines if not line.lstrip().startswith("//"))
    opening, closing = mask.find("{"), mask.find("}")
    if opening < 0:
        return "}" if closing >= 0 else ""
    return "{" if closing < 0 else "}" if closing < opening else "{}"


def _category(lines: list[str], category: str) -> tuple[str, int]:
    """The category after these lines, and how many of them only say so."""
    for at, line in enumerate(lines):
        stripped = line.strip()
        if stripped.startswith("$CATEGORY:"):
            return stripped.removeprefix("$CATEGORY:").strip(), at + 1
        if not stripped.startswith("//"):
            break
    return category, 0


def path_of(category: str) -> tuple[str, ...]:
    """The names in a category's path, without contexts and the root."""
    parts = re.split(r"(?<!/)/(?!/)", category)
    names = (part.replace("//", "/").strip() for part in parts)
    return tuple(name for name in names if name and name != "top" and not _CONTEXTS.fullmatch(name))


def _block(start: int, lines: list[str], category: str) -> Block:
    kept: list[str] = []
    numbers = array("l")
    id_, id_line = "", 0
    tags: list[str] = []
    for number, line in enumerate(lines, start):
        stripped = line.strip()
        if not stripped.startswith("//"):
            kept.append(stripped)
            numbers.append(number)
            continue
        for word, said in _bracketed(stripped):
            value = html.unescape(said.replace("\\]", "]")).strip()
            if word == "tag" and value:
                tags.append(value)
            elif word == "id" and value and not id_:
                id_, id_line = value, number
    return Block("\n".join(lines), "\n".join(kept), numbers, category, id_, tuple(tags), id_line)


def _bracketed(comment: str) -> Iterator[tuple[str, str]]:
    """("id" or "tag", what it says) for each of them in a comment."""
    at = 0
    while (word := _BRACKET.search(comment, at)) and (said := _BRACKETED.match(comment, word.end())):
        yield word[1], said[1]
        at = said.end()


def _unescaped(text: str) -> tuple[str, str]:
    """The text with its escapes undone, and its mask."""
    parts: list[str] = []
    masks: list[str] = []
    at = 0
    for found in _ESCAPE.finditer(text):
        parts += [text[at : found.start()], "\n" if found[1] == "n" else found[1]]
        masks += [text[at : found.start()], "\\" if found[1] == "\\" else "\0"]
        at = found.end()
    return "".join([*parts, text[at:]]), "".join([*masks, text[at:]])


def parse(block: Block) -> Item:
    """The parts of a block."""
    return _Parser(block).item()


class _Parser:
    def __init__(self, block: Block) -> None:
        self._block = block
        self._text, self._mask = _unescaped(block.text)
        self._ends = [found.start() for found in re.finditer("\n", self._mask)]

    def item(self) -> Item:
        mask = self._mask
        name, start = self._name()
        opening = mask.find("{", start)
        closing = mask.find("}", max(opening, start))
        format_ = self._span(start, opening if opening >= 0 else len(mask), "moodle").format
        if opening < 0 or closing < 0:
            return self._without_answers(name, start, opening, closing)
        tail = mask[closing + 1 :]
        stem = self._span(start, opening, "moodle")
        if "{" in tail or "}" in tail:
            return self._several_braces(name, stem, opening, closing)
        if tail.strip() and tail.strip() not in {'";', ";"}:
            rest = self._text[closing + 1 :].rstrip()
            stem = stem._replace(text=f"{self._raw_stem(start, opening)}_____{rest}".strip())
        item = self._answers(opening + 1, closing, format_, stem)
        item.name = name
        return item

    def _name(self) -> tuple[str, int]:
        """The name between double colons, and where the stem begins."""
        if self._mask.startswith("::") and (end := self._mask.find("::", 2)) >= 0:
            return self._text[2:end].strip(), end + 2
        return "", 0

    def _raw_stem(self, start: int, end: int) -> str:
        text = self._text[start:end]
        found = _FORMAT.match(text)
        return text[found.end() :] if found else text

    def _without_answers(self, name: str, start: int, opening: int, closing: int) -> Item:
        end = max(opening, closing)
        item = Item("description", self._span(start, end if end >= 0 else len(self._mask), "moodle"), name)
        if opening >= 0:
            item.kind = "broken"
            self._flaw(
                item, opening, "options", "Close the answers with }, or write \\{ for a brace in the text."
            )
        elif closing >= 0:
            item.kind = "broken"
            self._flaw(
                item, closing, "options", "Open the answers with {, or write \\} for a brace in the text."
            )
        return item

    def _several_braces(self, name: str, stem: Span, opening: int, closing: int) -> Item:
        if _CLOZE.match(self._mask, opening + 1):
            return Item("cloze", stem, name)
        item = self._answers(opening + 1, closing, stem.format, stem)
        item.name = name
        if item.kind in {"essay", "short answer"}:
            item.kind = "broken"
        second = re.compile("[{}]").search(self._mask, closing + 1)
        advice = "Put an empty line between two questions, and write \\{ and \\} for braces in a text."
        self._flaw(item, second.start() if second else closing, "stem", advice)
        return item

    def _answers(self, start: int, end: int, format_: str, stem: Span) -> Item:
        general = None
        if (at := self._mask.rfind("####", start, end)) >= 0:
            general = self._span(at + 4, end, format_)
            end = at
        answers = self._mask[start:end].strip()
        if _CLOZE.match(answers):
            return Item("cloze", stem)
        if "~" in answers and not answers.startswith("#"):
            item = Item("multichoice", stem, general=general)
            self._choices(item, start, end, format_)
            return item
        return self._other(answers, start, end, format_, Item("", stem, general=general))

    def _other(self, answers: str, start: int, end: int, format_: str, item: Item) -> Item:
        said = answers.partition("#")[0].strip()
        if not answers:
            item.kind = "essay"
        elif answers.startswith("#"):
            item.kind = "numerical"
        elif "=" in answers and "->" in answers:
            item.kind = "matching"
        elif said in {"T", "TRUE", "F", "FALSE"}:
            item.kind, item.is_true = "truefalse", said in {"T", "TRUE"}
            marks = [found.start() for found in re.finditer("#", self._mask[start:end])][:2]
            for mark, after in pairwise([*marks, end - start]):
                item.feedback.append(self._span(start + mark + 1, start + after, format_))
        else:
            item.kind = "short answer"
        return item

    def _choices(self, item: Item, start: int, end: int, format_: str) -> None:
        markers = list(_MARKER.finditer(self._mask[start:end]))
        if before := self._mask[start : start + markers[0].start()].strip():
            self._flaw(item, self._mask.index(before, start), "options", "Begin every option with = or ~.")
        if len(markers) > MAX_OPTIONS:
            self._flaw(item, start, "options", f"Give fewer options: this question has {len(markers):,}.")
            item.kind = "broken"
            return
        for marker, following in zip(markers, [*markers[1:], None], strict=True):
            until = start + following.start() if following else end
            choice = self._choice(start + marker.end(), until, format_)
            choice.marked = marker[0].endswith("=")
            plain = choice.weight is None and choice.text.format == "moodle"
            if plain and _LATE_WEIGHT.search(choice.text.text):
                advice = "Write the weight before the text, as in ~%50%text."
                self._flaw(item, start + marker.end(), f"options[{len(item.choices)}].correct", advice)
            last = item.choices[-1] if item.choices else None
            if last and last.marked and not last.text.text and last.weight is None:
                choice.doubled = True
                item.choices.pop()
            item.choices.append(choice)

    def _choice(self, start: int, end: int, format_: str) -> Choice:
        weight = None
        if found := _WEIGHT.match(self._mask, start, end):
            weight = float(re.sub("^-+", "-", found[1]))
            start = found.end()
        mark = self._mask.find("#", start, end)
        text = self._span(start, mark if mark >= 0 else end, format_)
        feedback = self._span(mark + 1, end, format_) if mark >= 0 else None
        return Choice(text, False, weight, feedback if feedback and feedback.text else None)

    def _span(self, start: int, end: int, inherited: str) -> Span:
        text = self._text[start:end]
        lead = len(self._mask[start:end]) - len(self._mask[start:end].lstrip())
        found = _FORMAT.match(self._mask, start, end)
        format_ = found[1].lower() if found else inherited
        return Span(
            (text[found.end() - start :] if found else text).strip(), format_, self._line(start + lead)
        )

    def _line(self, at: int) -> int:
        numbers = self._block.numbers
        return numbers[min(bisect.bisect_left(self._ends, at), len(numbers) - 1)]

    def _flaw(self, item: Item, at: int, field_: str, advice: str) -> None:
        line = self._line(at)
        text = self._block.text.split("\n")[self._block.numbers.index(line)]
        item.flaws.append((line, field_, advice, text))
