"""A file read to nodes that know their line, before anything is known of what they mean.

A scalar keeps its source text: YAML's unquoted scalars have no type until the field that they stand in gives
them one, so that `task_statement: 1.10` is the text 1.10 and `text: no` the text no. A file is hostile until
it is read; whatever it holds, reading ends in nodes and problems."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_BYTES = 10_000_000
MAX_DEPTH = 12
MAX_NODES = 400_000
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


class UnreadableError(Exception):
    """Reading cannot go on."""

    def __init__(self, line: int, message: str, field: str = "") -> None:
        super().__init__(message)
        self.complaint = Complaint(line, field, message)


class Limits:
    """Counts what a reader makes and stops it before a small file becomes a big problem."""

    def __init__(self) -> None:
        self.nodes = 0

    def count(self, line: int, depth: int) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise UnreadableError(line, f"Split the file: it holds more than {MAX_NODES:,} values.")
        if depth > MAX_DEPTH:
            raise UnreadableError(line, f"Flatten this: values are nested more than {MAX_DEPTH} deep.")


NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOMS = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"), (b"\x00\x00\xfe\xff", "UTF-32"))


def decode(content: bytes) -> str:
    """The text of a file, which must be UTF-8 (a byte order mark is dropped)."""
    if len(content) > MAX_BYTES:
        raise UnreadableError(
            0, f"Split the file: it has {len(content):,} bytes, and {MAX_BYTES:,} are the most that is read."
        )
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            raise UnreadableError(0, f"Save the file as UTF-8: it is written in {encoding}.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start]
        raise UnreadableError(
            line, f"Save the file as UTF-8: the byte 0x{byte:02X} in this line is from another encoding."
        ) from None


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
