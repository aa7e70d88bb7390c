"""JSON to nodes. The standard library's reader knows no lines, keeps the last of two equal keys and takes
NaN."""

import re
from collections.abc import Iterator
from functools import reduce
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]

from questions.formats.nodes import (
    MAX_NUMBER_LENGTH,
    Complaint,
    Item,
    Limits,
    ListNode,
    MapNode,
    Node,
    Number,
    ScalarNode,
    UnreadableError,
    child_path,
    shown,
)

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORD = re.compile(r"[A-Za-z]+|-Infinity")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


Path = tuple[str | int, ...]


class _Reader:
    """One pass by recursive descent; `MAX_DEPTH` bounds the recursion."""

    def __init__(self, text: str, complaints: list[Complaint]) -> None:
        self.text = text
        self.at = 0
        self.line = 1
        self.complaints = complaints
        self.limits = Limits()

    def document(self) -> Node | None:
        if not self._peek():
            return None
        root = self._value(1)
        self._end()
        return root

    def pieces(self, streamed: str) -> Iterator[Item | Node]:
        """The document with the entries of the list `streamed` given out one by one."""
        if self._peek() != "{":
            node = self.document()
            if node is not None:
                yield node
            return
        self.limits.count(self.line, 1)
        root = MapNode(self.line)
        self._move(self.at + 1)
        if self._peek() == "}":
            self._move(self.at + 1)
        else:
            yield from self._streamed_entries(root, streamed)
        self._end()
        yield root

    def _streamed_entries(self, root: MapNode, streamed: str) -> Iterator[Item | Node]:
        while True:
            key = self._name(root, ())
            if key == streamed and self._peek() == "[":
                root.items[key] = ListNode(self.line)
                yield root
                yield from self._items()
            else:
                root.items[key] = self._value(2, (key,))
            if self._end_of_item("}"):
                return

    def _items(self) -> Iterator[Item]:
        self._move(self.at + 1)
        if self._peek() == "]":
            self._move(self.at + 1)
            return
        of_file = self.complaints
        while True:
            self.limits.begin_item()
            self.complaints = []
            self._skip_space()
            start = self.at
            node = self._value(3)
            yield Item(node, self.complaints, self.text[start : self.at], self.at)
            self.complaints = of_file
            if self._end_of_item("]"):
                return

    def _end(self) -> None:
        if self._peek():
            raise UnreadableError(self.line, "Keep one value in a file: remove what follows its end.")

    def _move(self, to: int) -> None:
        self.line += self.text.count("\n", self.at, to)
        self.at = to

    def _skip_space(self) -> None:
        match = _SPACE.match(self.text, self.at)
        if match:
            self._move(match.end())

    def _peek(self) -> str:
        self._skip_space()
        return self.text[self.at : self.at + 1]

    def _value(self, depth: int, path: Path = ()) -> Node:
        start = self._peek()
        self.limits.count(self.line, depth)
        line = self.line
        if start == "{":
            return self._mapping(depth, path)
        if start == "[":
            return self._list(depth, path)
        if start == '"':
            return ScalarNode(line, self._string())
        return ScalarNode(line, self._number_or_word())

    def _mapping(self, depth: int, path: Path) -> MapNode:
        node = MapNode(self.line)
        self._move(self.at + 1)
        if self._peek() == "}":
            self._move(self.at + 1)
            return node
        while True:
            key = self._name(node, path)
            node.items[key] = self._value(depth + 1, (*path, key))
            if self._end_of_item("}"):
                return node

    def _name(self, node: MapNode, path: Path) -> str:
        """Read a field's name and the colon after it."""
        if self._peek() != '"':
            message = 'Put a field\'s name in double quotes here, or remove the last ",".'
            raise UnreadableError(self.line, message)
        line = self.line
        key = self._string()
        if self._peek() != ":":
            raise UnreadableError(self.line, f'Put ":" between the name `{shown(key)}` and its value.')
        self._move(self.at + 1)
        if key in node.items:
            message = f"Keep one `{shown(key)}`: it stands in line {node.key_lines[key]} already."
            self.complaints.append(Complaint(line, reduce(child_path, (*path, key), ""), message))
        else:
            node.key_lines[key] = line
        return key

    def _list(self, depth: int, path: Path) -> ListNode:
        node = ListNode(self.line)
        self._move(self.at + 1)
        if self._peek() == "]":
            self._move(self.at + 1)
            return node
        while True:
            node.items.append(self._value(depth + 1, (*path, len(node.items))))
            if self._end_of_item("]"):
                return node

    def _end_of_item(self, closing: str) -> bool:
        """Step over the comma or the closing bracket after an item; whether it was the bracket."""
        sign = self._peek()
        if sign not in {",", closing}:
            raise UnreadableError(self.line, f'Put "," or "{closing}" here.')
        self._move(self.at + 1)
        return sign == closing

    def _string(self) -> str:
        try:
            text, end = scanstring(self.text, self.at + 1, True)
        except JSONDecodeError as error:
            raise UnreadableError(error.lineno, f"Mend the text in quotes: {error.msg.lower()}.") from None
        self._move(end)
        return text

    def _number_or_word(self) -> Number | bool | None:
        match = _NUMBER.match(self.text, self.at)
        if match:
            if len(match.group()) > MAX_NUMBER_LENGTH:
                message = f"Shorten the number: {MAX_NUMBER_LENGTH} characters are the most."
                raise UnreadableError(self.line, message)
            self._move(match.end())
            return Number(match.group())
        word = _WORD.match(self.text, self.at)
        if word is None or word.group() not in _WORDS:
            found = shown(word.group()) if word else shown(self.text[self.at : self.at + 1])
            raise UnreadableError(
                self.line, f"Write a JSON value here in place of {found or 'the end of the file'}."
            )
        self._move(word.end())
        return _WORDS[word.group()]


def read(text: str, complaints: list[Complaint]) -> Node | None:
    """The value of a JSON text, None if there is none.

    What can be read past is added to `complaints`; raises UnreadableError where reading cannot go on.
    """
    return _Reader(text, complaints).document()


def stream(text: str, key: str, complaints: list[Complaint]) -> Iterator[Item | Node]:
    """The entries of the list that stands as `key` in an object, one at a time; the object as far as it is
    read before the first of them, and again, whole but for them, at its end, if there is a value."""
    yield from _Reader(text, complaints).pieces(key)
