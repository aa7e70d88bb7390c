"""The exchange format, version 1: questions in YAML or JSON by one schema. `docs/exchange-format.md`
describes it.

A file is read one question at a time. What it says beside its questions may stand before or after them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Protocol

from questions.formats import (
    Draft,
    Entry,
    Feature,
    Format,
    Place,
    Problem,
    Read,
    Severity,
    Source,
    json_nodes,
    yaml_nodes,
)
from questions.formats.archive import ArchiveError
from questions.formats.exchange_drafts import draft_of, what_there_is
from questions.formats.exchange_fields import (
    FORMAT,
    MAX_QUESTIONS,
    EnvelopeFields,
    QuestionFields,
    json_schema,
)
from questions.formats.exchange_writing import (
    give_back_json,
    give_back_yaml,
    question_data,
    write_json,
    write_yaml,
)
from questions.formats.nodes import (
    Complaint,
    Item,
    ListNode,
    MapNode,
    Node,
    UnreadableError,
    decode,
    lines_below,
)
from questions.formats.validation import MAX_PROBLEMS, NO_FIELDS, validate

__all__ = [
    "FORMATS",
    "Parsed",
    "QuestionFields",
    "json_schema",
    "parse",
    "question_data",
    "read",
    "read_json",
    "read_yaml",
    "write_json",
    "write_yaml",
]


class _Stream(Protocol):
    def __call__(self, text: str, key: str, complaints: list[Complaint]) -> Iterator[Item | Node]: ...


def read(source: Source) -> Read:
    """A file's questions; its name's ending tells YAML from JSON."""
    return read_json(source) if PurePath(source.name).suffix.lower() == ".json" else read_yaml(source)


def read_yaml(source: Source) -> Read:
    yield from _Reader(source).read(yaml_nodes.stream)


def read_json(source: Source) -> Read:
    yield from _Reader(source).read(json_nodes.stream)


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.complaints: list[Complaint] = []
        self.told: set[Problem] = set()
        self.position = 0

    def read(self, stream: _Stream) -> Read:
        name = self.source.name
        root: Node | None = None
        try:
            text = decode(self.source.content, self.source.encoding).replace("\r\n", "\n").replace("\r", "\n")
            for piece in stream(text, "questions", self.complaints):
                yield from self._complaints()
                if not isinstance(piece, Item):
                    root = piece
                    yield from self._head(root)
                elif self.position == MAX_QUESTIONS:
                    message = (
                        f"Split the file: {MAX_QUESTIONS:,} questions are the most that is read at once."
                    )
                    yield Problem(Severity.ERROR, name, piece.node.line, "questions", message)
                    return
                else:
                    yield self._entry(piece, piece.end / len(text))
                    self.position += 1
        except UnreadableError as error:
            yield from self._complaints()
            yield error.problem(name)
            return
        yield from self._complaints()
        yield from self._end(root)

    def _complaints(self) -> Iterator[Problem]:
        while self.complaints:
            yield self.complaints.pop(0).problem(self.source.name)

    def _head(self, root: Node) -> Iterator[Problem]:
        """What is wrong with the head as soon as it is complete; told once."""
        if isinstance(root, MapNode) and {"format", "certification"} <= root.items.keys():
            for problem in _envelope_problems(root, self.source.name, self.source.certification):
                if problem not in self.told:
                    self.told.add(problem)
                    yield problem

    def _end(self, root: Node | None) -> Iterator[Problem]:
        name = self.source.name
        if root is None:
            message = "Write fields and their values: the file is empty."
            yield Problem(Severity.ERROR, name, 0, "", message)
        elif not isinstance(root, MapNode):
            yield Problem(Severity.ERROR, name, root.line, "", NO_FIELDS)
        else:
            for problem in _envelope_problems(root, name, self.source.certification):
                if problem not in self.told:
                    yield problem
            if not isinstance(root.items.get("questions"), ListNode):
                line = root.key_lines.get("questions", root.line)
                yield Problem(Severity.ERROR, name, line, "questions", "Write a list of questions.")

    def _entry(self, item: Item, done: float) -> Entry:
        node, name, path = item.node, self.source.name, f"questions[{self.position}]"
        if isinstance(node, MapNode):
            node.items.pop("problems", None)
        place = Place(name, path, dict(lines_below(node)))
        problems = [
            Problem(Severity.ERROR, name, one.line, f"{path}.{one.field}" if one.field else path, one.message)
            for one in item.complaints
        ]
        fields, breaches = validate(QuestionFields, node, file=name, path=path)
        draft = draft_of(fields, place) if fields else what_there_is(node, place)
        figures, missing = self._figures(draft) if draft else ({}, [])
        return Entry(place, draft, "", (*problems, *breaches, *missing), figures, item.raw, done)

    def _figures(self, draft: Draft) -> tuple[Mapping[str, bytes], list[Problem]]:
        figures: dict[str, bytes] = {}
        problems = []
        for position, exhibit in enumerate(draft.exhibits):
            try:
                content = self.source.files.read(f"exhibits/{exhibit.file}")
            except ArchiveError as error:
                problems.append(draft.place.error(f"exhibits[{position}].file", str(error), exhibit.file))
                continue
            if content is not None:
                figures[exhibit.file] = content
        return figures, problems


def _envelope_problems(root: MapNode, name: str, certification: str | None) -> list[Problem]:
    fields = {key: node for key, node in root.items.items() if key != "questions"}
    envelope, problems = validate(EnvelopeFields, MapNode(root.line, fields, root.key_lines), file=name)
    if envelope is None:
        return problems
    if envelope.format != FORMAT:
        message = f"Write format: {FORMAT}. This program reads no other."
        problems.append(
            Problem(Severity.ERROR, name, root.key_lines["format"], "format", message, str(envelope.format))
        )
    if certification is not None and envelope.certification != certification:
        message = (
            f"Import this into a collection for {envelope.certification}: this one is for {certification}."
        )
        line = root.key_lines["certification"]
        text = envelope.certification
        problems.append(Problem(Severity.ERROR, name, line, "certification", message, text))
    return problems


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file holds: the drafts that could be read, and everything that could not."""

    drafts: tuple[Draft, ...]
    problems: tuple[Problem, ...]


def parse(content: bytes, name: str, *, certification: str | None = None) -> Parsed:
    """Read a whole file; `name` tells YAML from JSON by its ending and stands in the problems.

    With `certification`, a file for another one is a problem. Reading stops after too many. Raises nothing.
    """
    drafts: list[Draft] = []
    problems: list[Problem] = []
    for found in read(Source(name, content, certification=certification)):
        if isinstance(found, Problem):
            problems.append(found)
            continue
        problems += found.problems
        if found.draft is not None and not found.problems:
            drafts.append(found.draft)
        if len(problems) > MAX_PROBLEMS:
            message = f"Mend these first: reading stopped after {MAX_PROBLEMS} problems."
            problems.append(Problem(Severity.ERROR, name, 0, "", message))
            break
    return Parsed(tuple(drafts), tuple(problems))


FORMATS = (
    Format(
        "exchange-yaml",
        "Exchange format (YAML)",
        ".yaml",
        "application/yaml",
        read=read_yaml,
        write=write_yaml,
        give_back=give_back_yaml,
        keeps=frozenset(Feature),
    ),
    Format(
        "exchange-json",
        "Exchange format (JSON)",
        ".json",
        "application/json",
        read=read_json,
        write=write_json,
        give_back=give_back_json,
        keeps=frozenset(Feature),
    ),
)
