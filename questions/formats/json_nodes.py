"""JSON to nodes. The standard library's reader knows no lines, keeps the last of two equal keys and takes
NaN."""

import re
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]

from questions.formats.nodes import (
    MAX_NUMBER_LENGTH,
    Complaint,
    Limits,
    ListNode,
    MapNode,
    Node,
    Number,
    ScalarNode,
    UnreadableError,
    shown,
)

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORD = re.compile(r"[A-Za-z]+|-Infinity")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


class _Reader:
    """One pass by recursive descent; `MAX_DEPTH` bounds the recursion."""

    def __init__(self, text: str, complaints: list[Complaint]) -> None:
        self.text = text
        self.at = 0
        self.line = 1
        self.complaints = complaints
        self.limits = Limits()

    def document(self) -> Node | None:
        self._skip_space()
        if self.at == len(self.text):
            return None
        root = self._value(1)
        self._skip_space()
        if self.at < len(self.text):
            raise UnreadableError(self.line, "Keep one value in a file: remove what follows its end.")
        return root

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

    def _value(self, depth: int) -> Node:
        start = self._peek()
        self.limits.count(self.line, depth)
        line = self.line
        if start == "{":
            return self._mapping(depth)
        if start == "[":
            return self._list(depth)
        if start == '"':
            return ScalarNode(line, self._string())
        return ScalarNode(line, self._number_or_word())

    def _mapping(self, depth: int) -> MapNode:
        node = MapNode(self.line)
        self._move(self.at + 1)
        if self._peek() == "}":
            self._move(self.at + 1)
            return node
        while True:
            if self._peek() != '"':
                raise UnreadableError(
                    self.line, 'Put a field\'s name in double quotes here, or remove the last ",".'
                )
            self._entry(node, depth)
            if self._end_of_item("}"):
                return node

    def _entry(self, node: MapNode, depth: int) -> None:
        line = self.line
        key = self._string()
        if self._peek() != ":":
            raise UnreadableError(self.line, f'Put ":" between the name `{shown(key)}` and its value.')
        self._move(self.at + 1)
        if key in node.items:
            name = shown(key)
            message = f"Keep one `{name}`: it stands in line {node.key_lines[key]} already."
            self.complaints.append(Complaint(line, name, message))
        else:
            node.key_lines[key] = line
        node.items[key] = self._value(depth + 1)

    def _list(self, depth: int) -> ListNode:
        node = ListNode(self.line)
        self._move(self.at + 1)
        if self._peek() == "]":
            self._move(self.at + 1)
            return node
        while True:
            node.items.append(self._value(depth + 1))
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
