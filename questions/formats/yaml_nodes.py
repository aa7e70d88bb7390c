"""YAML to nodes, from the parser's events, so that tags, anchors and aliases can be refused where they stand
and no nesting or expansion happens that the limits have not counted."""

from dataclasses import dataclass

import yaml

from questions.formats.nodes import (
    Complaint,
    Limits,
    ListNode,
    MapNode,
    Node,
    Plain,
    ScalarNode,
    UnreadableError,
    shown,
)


@dataclass(slots=True)
class _Frame:
    """A collection that is being read; `key` is the key whose value comes next."""

    node: ListNode | MapNode
    key: str | None = None


class _Builder:
    def __init__(self, complaints: list[Complaint]) -> None:
        self.root: Node | None = None
        self.complaints = complaints
        self.frames: list[_Frame] = []
        self.limits = Limits()
        self.documents = 0

    def take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise UnreadableError(
                    line, "Keep one document in a file: move what follows `---` to its own file."
                )
        elif isinstance(event, yaml.AliasEvent):
            raise UnreadableError(line, "Write the value out: aliases (`*name`) are not read.")
        elif isinstance(event, yaml.CollectionEndEvent):
            self.frames.pop()
        elif isinstance(event, yaml.NodeEvent):
            self._refuse_decoration(event, line)
            self._node(event, line)

    def _refuse_decoration(self, event: yaml.NodeEvent, line: int) -> None:
        if event.anchor is not None:
            self.complaints.append(Complaint(line, "", "Remove the anchor (`&name`): anchors are not read."))
        if getattr(event, "tag", None) is not None:
            self.complaints.append(Complaint(line, "", "Remove the tag (`!name`): tags are not read."))

    def _node(self, event: yaml.NodeEvent, line: int) -> None:
        self.limits.count(line, len(self.frames) + 1)
        frame = self.frames[-1] if self.frames else None
        if frame is not None and isinstance(frame.node, MapNode) and frame.key is None:
            self._key(frame, frame.node, event, line)
            return
        node: Node
        if isinstance(event, yaml.ScalarEvent):
            node = ScalarNode(line, Plain(event.value) if event.style in {None, ""} else event.value)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = ListNode(line)
        else:
            node = MapNode(line)
        self._attach(frame, node)
        if not isinstance(node, ScalarNode):
            self.frames.append(_Frame(node))

    def _key(self, frame: _Frame, mapping: MapNode, event: yaml.NodeEvent, line: int) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            raise UnreadableError(
                line, "Use plain text as the name of a field: this one is a list or a mapping."
            )
        frame.key = event.value
        if event.value in mapping.items:
            name = shown(event.value)
            first = mapping.key_lines[event.value]
            message = f"Keep one `{name}`: it stands in line {first} already."
            self.complaints.append(Complaint(line, name, message))
        else:
            mapping.key_lines[event.value] = line

    def _attach(self, frame: _Frame | None, node: Node) -> None:
        if frame is None:
            self.root = node
        elif isinstance(frame.node, ListNode):
            frame.node.items.append(node)
        elif frame.key is not None:
            frame.node.items[frame.key] = node
            frame.key = None


def read(text: str, complaints: list[Complaint]) -> Node | None:
    """The one document of a YAML text, None if there is none.

    What can be read past is added to `complaints`; raises UnreadableError where reading cannot go on.
    """
    builder = _Builder(complaints)
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # The parser counts one line too many where the text ends without a line end.
        line = min(mark.line, text.count("\n")) + 1 if mark else 0
        raise UnreadableError(line, f"Mend the YAML: {error.problem}.") from None
    except yaml.reader.ReaderError as error:
        raise UnreadableError(0, f"Remove the character that YAML does not allow: {error.reason}.") from None
    except yaml.YAMLError as error:
        raise UnreadableError(0, f"Mend the YAML: {shown(str(error))}.") from None
    return builder.root
