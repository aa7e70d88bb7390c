"""A file read to nodes that know their line, before anything is known of what they mean.

A scalar keeps its source text: YAML's unquoted scalars have no type until the field that they stand in gives
them one, so that `task_statement: 1.10` is the text 1.10 and `text: no` the text no. A file is hostile until
it is read; whatever it holds, reading ends in nodes and problems."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from questions.formats import Problem, Reading, Severity, shorten

MAX_BYTES = 64_000_000
MAX_DEPTH = 12
MAX_NODES = 400_000
MAX_ITEM_NODES = 20_000
MAX_NUMBER_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Plain:
    """An unquoted YAML scalar."""

    text: str


@dataclass(frozen=True, slots=True)
class Number:
    """A JSON number."""

    text: str


@dataclass(slots=True)
class ScalarNode:
    line: int
    value: str | Plain | Number | bool | None


@dataclass(slots=True)
class ListNode:
    line: int
    items: list["Node"] = field(default_factory=list)


@dataclass(slots=True)
class MapNode:
    line: int
    items: dict[str, "Node"] = field(default_factory=dict)
    key_lines: dict[str, int] = field(default_factory=dict)


Node = ScalarNode | ListNode | MapNode


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with the writing of a file, whatever it says."""

    line: int
    field: str
    message: str
    text: str = ""
    readings: tuple[Reading, ...] = ()

    def problem(self, file: str) -> Problem:
        text = shorten(self.text)
        return Problem(
            Severity.ERROR, file, self.line, self.field, self.message, text, readings=self.readings
        )


class UnreadableError(Exception):
    """Reading cannot go on."""

    def __init__(
        self, line: int, message: str, field: str = "", text: str = "", readings: tuple[Reading, ...] = ()
    ) -> None:
        super().__init__(message)
        self.complaint = Complaint(line, field, message, text, readings)

    def problem(self, file: str) -> Problem:
        return self.complaint.problem(file)


class Limits:
    """Counts what a reader makes and stops it before a small file becomes a big problem."""

    def __init__(self) -> None:
        self.nodes = 0
        self.most = MAX_NODES

    def count(self, line: int, depth: int) -> None:
        self.nodes += 1
        if self.nodes > self.most:
            raise UnreadableError(line, f"Split this: it holds more than {self.most:,} values.")
        if depth > MAX_DEPTH:
            raise UnreadableError(line, f"Flatten this: values are nested more than {MAX_DEPTH} deep.")

    def begin_item(self) -> None:
        """Count anew: from here on what one item of a streamed list holds."""
        self.nodes = 0
        self.most = MAX_ITEM_NODES


@dataclass(slots=True)
class Item:
    """One entry of a streamed list: its node, what is wrong with its writing, and its own piece of the text;
    `end` is where in the text it ends."""

    node: Node
    complaints: list[Complaint]
    raw: str
    end: int


NULLS = frozenset({"", "~", "null", "Null", "NULL"})
ENCODINGS = {
    "utf-8": "UTF-8",
    "cp1252": "Windows-1252",
    "cp1250": "Windows-1250",
    "cp1251": "Windows-1251",
    "mac_roman": "Mac Roman",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "utf-32": "UTF-32",
}
"""Encodings that a file may be read in when somebody says so, by Python's name, as people know them."""

_LIKELY = ("utf-8", "cp1252", "cp1250", "cp1251", "mac_roman")
_MARKS = (
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f]")
_AROUND = 30


def decode(content: bytes, encoding: str = "utf-8") -> str:
    """The text of a file, a byte order mark dropped.

    UTF-8 unless somebody chose one of ENCODINGS. Nothing is guessed: bytes of another encoding raise
    UnreadableError with the encodings that fit as its readings, each with its first telling words.
    """
    if len(content) > MAX_BYTES:
        message = (
            f"Split the file: it has {len(content):,} bytes, and {MAX_BYTES:,} are the most that is read."
        )
        raise UnreadableError(0, message)
    if encoding == "utf-8":
        return _utf8(content)
    if encoding not in ENCODINGS:
        message = f"Choose another encoding: {shown(encoding)} is not one that is read."
        raise UnreadableError(0, message, readings=_readings(content, 0))
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"Choose another encoding: this line is not written in {ENCODINGS[encoding]}."
        readings = _readings(content, error.start)
        raise UnreadableError(line, message, readings=readings) from None


def _utf8(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            message = f"Save the file as UTF-8: it is written in {ENCODINGS[encoding]}."
            raise UnreadableError(0, message, readings=_readings(content, 0))
    if _wide(content):
        message = "Save the file as UTF-8: it is written in UTF-16 without a byte order mark."
        raise UnreadableError(0, message, readings=_readings(content, 0))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start]
        message = f"Save the file as UTF-8: the byte 0x{byte:02X} in this line is from another encoding."
        readings = _readings(content, error.start)
        text = readings[0].label.partition(": ")[2] if readings else ""
        raise UnreadableError(line, message, text=text, readings=readings) from None


def _wide(content: bytes) -> str:
    """The UTF-16 that a file without a mark is in by where its zero bytes are, "" if it is in none."""
    start = content[:1000]
    zeros = (start[0::2].count(0), start[1::2].count(0))
    if len(start) < 4 or sum(zeros) * 10 < len(start) * 3:
        return ""
    return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"


def _readings(content: bytes, at: int) -> tuple[Reading, ...]:
    """The encodings that the whole of a file can be in, with what would stand at the byte `at`."""
    marked = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), _wide(content))
    found = []
    for encoding in (marked,) if marked else _LIKELY:
        try:
            text = content.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
        if marked or encoding == "utf-8" or not _CONTROL.search(text):
            sample = shorten(_words_at(text, 0 if marked else at))
            found.append(Reading(f"{ENCODINGS[encoding]}: {sample}", {"encoding": encoding}))
    return tuple(found)


def _words_at(text: str, at: int) -> str:
    """The whole words of one line around a place."""
    before, after = text[max(at - _AROUND, 0) : at], text[at : at + _AROUND]
    start = before.splitlines()[-1:] if before[-1:] not in {"\n", "\r"} else []
    return "".join(start) + "".join(after.splitlines()[:1])


@lru_cache(maxsize=1_000)
def shown(text: str) -> str:
    """A name out of a file as it may be printed: short, one line, ASCII."""
    if re.fullmatch(r"[A-Za-z0-9_.-]{1,60}", text):
        return text
    return ascii(text[:40])


def child_path(path: str, key: str | int) -> str:
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{shown(key)}" if path else shown(key)


def lines_below(node: Node, path: str = "") -> Iterator[tuple[str, int]]:
    """The line of every value in `node`, by its path below it; a mapping's entry has the line of its key."""
    if not path:
        yield "", node.line
    if isinstance(node, MapNode):
        for key, child in node.items.items():
            below = child_path(path, key)
            yield below, node.key_lines[key]
            yield from lines_below(child, below)
    elif isinstance(node, ListNode):
        for position, child in enumerate(node.items):
            below = child_path(path, position)
            yield below, child.line
            yield from lines_below(child, below)


def as_values(node: Node) -> object:
    """The node as dicts, lists and scalars; an unquoted null is None, other unquoted scalars stay `Plain`."""
    if isinstance(node, MapNode):
        return {key: as_values(child) for key, child in node.items.items()}
    if isinstance(node, ListNode):
        return [as_values(child) for child in node.items]
    if isinstance(node.value, Plain) and node.value.text in NULLS:
        return None
    return node.value
