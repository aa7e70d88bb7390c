"""Markdown: checkbox lists, lettered lists with the answer below, and our own kind, which says everything."""

from collections.abc import Sequence

from questions.formats import Export, Feature, Format, Problem, Read, Rejected, Severity, Source, shorten
from questions.formats.exchange_fields import MAX_QUESTIONS
from questions.formats.markdown_dialects import retold
from questions.formats.markdown_lines import Document, document, pieces
from questions.formats.markdown_question import Question
from questions.formats.markdown_writer import write as written
from questions.formats.nodes import UnreadableError, decode

MAX_LINES = 500_000
KEEPS = frozenset(Feature) - {Feature.CALCULATION}


def read(source: Source) -> Read:
    """Every question of the file. Raises nothing."""
    try:
        text = decode(source.content, source.encoding)
    except UnreadableError as error:
        yield error.problem(source.name)
        return
    if text.count("\n") + text.count("\r") > MAX_LINES:
        advice = f"Split the file: {MAX_LINES:,} lines are the most that is read at once."
        yield Problem(Severity.ERROR, source.name, 0, "", advice)
        return
    whole = document(text)
    yield from _about_file(source, whole)
    number = 0
    last = max((line.number for line in whole.lines), default=1)
    for piece in pieces(whole, retold):
        line = piece.lines[0].number
        if piece.doubt:
            yield Problem(Severity.WARNING, source.name, line, "", piece.doubt, shorten(piece.head))
            continue
        if number >= MAX_QUESTIONS:
            advice = f"Split the file: {MAX_QUESTIONS:,} questions are the most that is read at once."
            yield Problem(Severity.ERROR, source.name, line, "", advice)
            return
        yield Question(source, whole, piece, f"questions[{number}]").entry(piece.lines[-1].number / last)
        number += 1
    if not number:
        advice = "Write questions as the page on Markdown files shows them: none was found."
        yield Problem(Severity.ERROR, source.name, 0, "", advice)


def _about_file(source: Source, whole: Document) -> Read:
    front = whole.front
    if front.get("format", "1") != "1":
        line = whole.front_lines["format"]
        advice = "Write format: 1. This program reads no other."
        yield Problem(Severity.ERROR, source.name, line, "format", advice, shorten(front["format"]))
    meant = front.get("certification", "")
    if source.certification is not None and meant and meant != source.certification:
        advice = (
            f"Import this into a collection for {shorten(meant)}: this one is for {source.certification}."
        )
        line = whole.front_lines["certification"]
        yield Problem(Severity.ERROR, source.name, line, "certification", advice)


def write(export: Export) -> bytes:
    return written(export, read)


def give_back(source: Source, rejected: Sequence[Rejected]) -> bytes:
    """The rejected questions as they stood, each below its problems; comments are not read."""
    try:
        whole = document(decode(source.content, source.encoding))
    except UnreadableError:
        whole = Document()
    front = "".join(f"{name}: {value}\n" for name, value in whole.front.items())
    head = f"---\n{front}---\n" if front else ""
    blocks = ["\n".join([*map(_comment, entry.problems), entry.raw]) for entry in rejected]
    text = "\n\n".join([head.rstrip("\n"), *blocks]).strip("\n")
    return f"{text}\n".encode("utf-8", "replace")


def _comment(problem: Problem) -> str:
    said = f"{problem.field.partition('.')[2]}: {problem.advice}".removeprefix(": ")
    shown = f"{said} [{problem.text}]" if problem.text else said
    return f"<!-- problem: {' '.join(shown.split()).replace('--', '- -').replace('>', '')} -->"


FORMAT = Format(
    slug="markdown",
    title="Markdown",
    suffix=".md",
    media_type="text/markdown",
    read=read,
    write=write,
    give_back=give_back,
    keeps=KEEPS,
)
