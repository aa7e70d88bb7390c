"""YAML to nodes, from the parser's events, so that tags, anchors and aliases can be refused where they stand
and no nesting or expansion happens that the limits have not counted."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from questions.formats.nodes import (
    Complaint,
    Item,
    Limits,
    ListNode,
    MapNode,
    Node,
    Plain,
    ScalarNode,
    UnreadableError,
    child_path,
    shown,
)


@dataclass(slots=True)
class _Frame:
    """A collection that is being read; `key` is the key whose value comes next, `at` the last one."""

    node: ListNode | MapNode
    key: str | None = None
    at: str = ""


@dataclass(slots=True)
class _Open:
    """The item of the streamed list that is being read."""

    node: Node
    start: int
    column: int
    complaints: list[Complaint] = field(default_factory=list)


class _Builder:
    """Makes nodes of events. The entries of the list that stands as `streamed` in the root are given out one
    by one as they end, and not kept."""

    def __init__(self, complaints: list[Complaint], text: str, streamed: str | None = None) -> None:
        self.root: Node | None = None
        self.complaints = complaints
        self.text = text
        self.streamed = streamed
        self.list: ListNode | None = None
        self.in_flow = False
        self.item: _Open | None = None
        self.end = 0
        self.frames: list[_Frame] = []
        self.limits = Limits()
        self.documents = 0

    def take(self, event: yaml.Event) -> Item | None:
        """Add what an event says; the item that it ends."""
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent):
            raise UnreadableError(line, "Write the value out: aliases (`*name`) are not read.")
        if isinstance(event, yaml.NodeEvent):
            node = self._node(event, line)
            self._refuse_decoration(event, line)
            if isinstance(event, yaml.ScalarEvent) and self.item is not None and node is self.item.node:
                return self._ended(self.item, event)
        elif isinstance(event, yaml.CollectionEndEvent):
            ended = self.frames.pop().node
            if self.item is not None and ended is self.item.node:
                return self._ended(self.item, event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise UnreadableError(
                    line, "Keep one document in a file: move what follows `---` to its own file."
                )
        return None

    def _complain(self, line: int, message: str, field: str = "") -> None:
        complaints = self.item.complaints if self.item else self.complaints
        complaints.append(Complaint(line, field, message))

    def _refuse_decoration(self, event: yaml.NodeEvent, line: int) -> None:
        if event.anchor is not None:
            self._complain(line, "Remove the anchor (`&name`): anchors are not read.")
        if getattr(event, "tag", None) is not None:
            self._complain(line, "Remove the tag (`!name`): tags are not read.")

    def _node(self, event: yaml.NodeEvent, line: int) -> Node | None:
        frame = self.frames[-1] if self.frames else None
        if frame is not None and frame.node is self.list:
            self.limits.begin_item()
        self.limits.count(line, len(self.frames) + 1)
        if frame is not None and isinstance(frame.node, MapNode) and frame.key is None:
            self._key(frame, frame.node, event, line)
            return None
        node: Node
        if isinstance(event, yaml.ScalarEvent):
            node = ScalarNode(line, Plain(event.value) if event.style in {None, ""} else event.value)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = ListNode(line)
        else:
            node = MapNode(line)
        self._attach(frame, node, event)
        if not isinstance(node, ScalarNode):
            self.frames.append(_Frame(node))
        return node

    def _key(self, frame: _Frame, mapping: MapNode, event: yaml.NodeEvent, line: int) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            raise UnreadableError(
                line, "Use plain text as the name of a field: this one is a list or a mapping."
            )
        frame.key = frame.at = event.value
        if event.value in mapping.items:
            first = mapping.key_lines[event.value]
            message = f"Keep one `{shown(event.value)}`: it stands in line {first} already."
            self._complain(line, message, self._path(event.value))
        else:
            mapping.key_lines[event.value] = line

    def _path(self, name: str) -> str:
        """The path of a field of the collection that is being read; below the item while there is one."""
        path = ""
        outermost = 2 if self.item else 0
        for frame in self.frames[outermost:-1]:
            here = len(frame.node.items) - 1 if isinstance(frame.node, ListNode) else frame.at
            path = child_path(path, here)
        return child_path(path, name)

    def _attach(self, frame: _Frame | None, node: Node, event: yaml.NodeEvent) -> None:
        if frame is None:
            self.root = node
        elif frame.node is self.list:
            mark = event.start_mark
            self.item = _Open(node, mark.index if mark else 0, mark.column if mark else 0)
        elif isinstance(frame.node, ListNode):
            frame.node.items.append(node)
        elif frame.key is not None:
            frame.node.items[frame.key] = node
            if len(self.frames) == 1 and frame.key == self.streamed and isinstance(node, ListNode):
                self.list = node
                self.in_flow = bool(getattr(event, "flow_style", False))
            frame.key = None

    def _ended(self, item: _Open, event: yaml.Event) -> Item:
        self.item = None
        end = event.end_mark.index if event.end_mark else item.start
        if self.in_flow:
            raw = self.text[item.start : end]
        else:
            start = max(self.text.rfind("\n", 0, item.start) + 1, self.end)
            end = self._line_end(end)
            raw = _own_lines(self.text[start:end], item.column)
        self.end = end
        return Item(item.node, item.complaints, raw, end)

    def _line_end(self, at: int) -> int:
        """Where the last line that belongs to something ends, when the parser says that it ends `at`: behind
        its last character, or where the next thing begins."""
        line = self.text.rfind("\n", 0, at) + 1
        if not self.text[line:at].strip(" "):
            return line
        following = self.text.find("\n", at)
        return len(self.text) if following < 0 else following


def _own_lines(piece: str, column: int) -> str:
    """The lines of an item without what stands before its dash, and without the comments that follow it and
    are indented no deeper than its fields: those speak of the next one."""
    lines = piece.split("\n")
    while lines and (not lines[-1].strip() or _is_comment(lines[-1], column)):
        lines.pop()
    margin = len(lines[0]) - len(lines[0].lstrip(" ")) if lines else 0
    return "\n".join(line[min(margin, len(line) - len(line.lstrip(" "))) :] for line in lines)


def _is_comment(line: str, column: int) -> bool:
    text = line.lstrip(" ")
    return text.startswith("#") and len(line) - len(text) <= column


def _events(text: str) -> Iterator[yaml.Event]:
    """The parser's events; raises UnreadableError where it cannot go on."""
    try:
        yield from yaml.parse(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # The parser counts one line too many where the text ends without a line end.
        line = min(mark.line, text.count("\n")) + 1 if mark else 0
        begin = error.context_mark.line + 1 if error.context and error.context_mark else line
        around = f", {error.context} that begins in line {begin}" if begin != line else ""
        raise UnreadableError(line, f"Mend the YAML: {error.problem}{around}.") from None
    except yaml.reader.ReaderError as error:
        raise UnreadableError(0, f"Remove the character that YAML does not allow: {error.reason}.") from None
    except yaml.YAMLError as error:
        raise UnreadableError(0, f"Mend the YAML: {shown(str(error))}.") from None


def read(text: str, complaints: list[Complaint]) -> Node | None:
    """The one document of a YAML text, None if there is none.

    What can be read past is added to `complaints`; raises UnreadableError where reading cannot go on.
    """
    builder = _Builder(complaints, text)
    for event in _events(text):
        builder.take(event)
    return builder.root


def stream(text: str, key: str, complaints: list[Complaint]) -> Iterator[Item | Node]:
    """The entries of the list that stands as `key` in a document, one at a time; the document as far as it is
    read before the first of them, and again, whole but for them, at its end, if there is a document."""
    builder = _Builder(complaints, text, key)
    begun = False
    for event in _events(text):
        item = builder.take(event)
        if not begun and builder.list is not None and builder.root is not None:
            begun = True
            yield builder.root
        if item is not None:
            yield item
    if builder.root is not None:
        yield builder.root
