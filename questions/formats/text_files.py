"""What the readers of line-based formats share: a file's lines, and problems written as lines beside them."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from questions.formats import Problem, Read, Rejected, Severity, Source, shorten
from questions.formats.exchange_fields import MAX_QUESTIONS
from questions.formats.nodes import UnreadableError, decode

ONE_LINE_END = re.compile(r"\r\n|\r")


def text_of(source: Source) -> str:
    """The file's text, its lines ended by "\\n" whatever ended them. Raises UnreadableError."""
    return ONE_LINE_END.sub("\n", decode(source.content, source.encoding))


def read_text(source: Source, entries: Callable[[str, str], Read]) -> Read:
    """What `entries(file, text)` yields, the share of the file that was read added, up to the most questions
    that are read at once; the one problem of a file that is no text."""
    try:
        text = text_of(source)
    except UnreadableError as error:
        yield error.problem(source.name)
        return
    lines = text.count("\n") + 1
    count = 0
    refused = False
    for found in entries(source.name, text):
        if isinstance(found, Problem):
            refused = refused or found.severity == Severity.ERROR
            yield found
            continue
        if count == MAX_QUESTIONS:
            advice = f"Split the file: {MAX_QUESTIONS:,} questions are the most that is read at once."
            line = found.place.line("")
            yield Problem(Severity.ERROR, source.name, line, "", advice, shorten(found.raw))
            return
        count += 1
        yield replace(found, done=min(1.0, found.place.line("") / lines))
    if not count and not refused:
        yield Problem(
            Severity.ERROR, source.name, 0, "", "Upload a file with questions: there is none in this."
        )


def notes(problems: Sequence[Problem], mark: str) -> Iterator[str]:
    """A line for each problem, for somebody who mends the file in an editor. No brackets or braces, which
    could mean something to the format."""
    for problem in problems:
        field = problem.field.rpartition("].")[2] if problem.field.count("[") == 1 else problem.field
        where = f"{problem.severity.value}, {field.partition('.')[2] or field}" if field else problem.severity
        text = f" Here: {problem.text}" if problem.text else ""
        yield mark + " ".join(f"{where}: {problem.advice}{text}".translate(_HARMLESS).split())


_HARMLESS = str.maketrans("[]{}", "()()")


def given_back(rejected: Sequence[Rejected], mark: str, between: str) -> bytes:
    """The rejected pieces, each below its problems; notes of an earlier time are dropped."""
    pieces = []
    for piece in rejected:
        kept = [line for line in piece.raw.split("\n") if not line.startswith(mark)]
        pieces.append("\n".join([*notes(piece.problems, mark), *kept]))
    return (between.join(pieces) + "\n").encode()
