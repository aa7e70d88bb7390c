"""Aiken: a stem in one line, options that begin with a capital letter, and a line that names the key.

Any other line begins a new question, so that a stem in two lines, or an option in two, is told as what it
is rather than dropped.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from questions.formats import (
    Draft,
    Entry,
    Export,
    Format,
    Option,
    Place,
    Problem,
    Read,
    Reading,
    Rejected,
    Severity,
    Source,
    option_id,
    shorten,
)
from questions.formats.keywords import UNSAID
from questions.formats.text_files import given_back, read_text
from questions.formats.texts import from_plain, to_plain

NOTE = "//! "
UNSTATED = UNSAID | {"id", "explanation", "exhibits", "shuffle", "fixed", "rationale"}
MAX_OPTIONS = 30
MAX_LINES = 1_000

NO_AIKEN = "Choose the file's format: it is not Aiken, which has options A. and B. and a line ANSWER: below."
_SIGN = re.compile(r"^[ \t]*(?:(?i:ANSWER[ \t]*:)|A[).])", re.MULTILINE)
_OPTION = re.compile(r"([A-Z](?=[).])|[a-z](?=[).][ \t]))[).][ \t]*(.*)")
_ANSWER = re.compile(r"ANSWER:\s*(.*)", re.IGNORECASE)
_LETTER = re.compile(r"([A-Za-z])(?![A-Za-z])")
_LETTERS = re.compile(r"[A-Z](?:\s*(?:[,;/&+]|\band\b)?\s*[A-Z])+\.?")


@dataclass(slots=True)
class _Line:
    number: int
    text: str


@dataclass(slots=True)
class _Marked:
    """An option: its letter, and its text in the lines that it takes."""

    letter: str
    lines: list[_Line]

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)


@dataclass(slots=True)
class _Question:
    """What was read of one question so far."""

    stem: list[_Line] = field(default_factory=list)
    options: list[_Marked] = field(default_factory=list)
    answer: _Line | None = None
    raw: list[str] = field(default_factory=list)

    @property
    def line(self) -> int:
        known = [*self.stem, *(option.lines[0] for option in self.options), *filter(None, [self.answer])]
        return known[0].number


def read(source: Source) -> Read:
    """The questions of an Aiken file, one after the other."""

    def entries(file: str, text: str) -> Read:
        if text.strip() and not _SIGN.search(text):
            yield Problem(Severity.ERROR, file, 0, "", NO_AIKEN, shorten(text))
            return
        for position, question in enumerate(_questions(text)):
            yield _entry(question, file, position)

    return read_text(source, entries)


def _questions(text: str) -> Iterator[_Question]:
    question = _Question()
    after_gap = False
    for number, raw, following in _lines(text):
        line = raw.strip()
        if not line:
            after_gap = True
            if question.raw:
                question.raw.append(raw)
            continue
        if question.raw and _begins_anew(question, line, following, after_gap=after_gap):
            yield question
            question = _Question()
        question.raw.append(raw)
        _take(question, _Line(number, line))
        after_gap = False
        if question.answer:
            yield question
            question = _Question()
    if question.raw:
        yield question


def _lines(text: str) -> Iterator[tuple[int, str, str]]:
    """(number, line, mark of the next line that is not empty) of every line that is no note. A mark is an
    option's letter, "=" for the answer, or "" for any other line. An empty line has the number of the line
    before it: nobody asks for its own, and a file may have millions."""
    number, waiting = 0, ""
    gap: list[str] = []
    for at, found in enumerate(re.finditer(r"[^\n]*(?:\n|$)", text), 1):
        raw = found[0].removesuffix("\n")
        if raw.startswith(NOTE.strip()):
            continue
        if not raw.strip():
            gap.append(raw)
            continue
        if number:
            yield number, waiting, _mark(raw.strip())
        yield from ((number, empty, "") for empty in gap)
        number, waiting = at, raw
        gap.clear()
    if number:
        yield number, waiting, ""
    yield from ((number, empty, "") for empty in gap)


def _mark(line: str) -> str:
    option = _OPTION.match(line)
    return "=" if _ANSWER.match(line) else option[1].upper() if option else ""


def _begins_anew(question: _Question, text: str, following: str, *, after_gap: bool) -> bool:
    """Whether a line begins a question while another has no answer yet."""
    if len(question.raw) >= MAX_LINES:
        return True
    if _ANSWER.match(text):
        return False
    if option := _OPTION.match(text):
        last = question.options[-1].letter.upper() if question.options else ""
        return bool(last) and after_gap and option[1].upper() == "A"
    if not question.options:
        return after_gap
    wraps = following == "=" or following > question.options[-1].letter.upper()
    return after_gap or not wraps


def _take(question: _Question, line: _Line) -> None:
    if answer := _ANSWER.match(line.text):
        question.answer = _Line(line.number, answer[1].strip())
    elif option := _OPTION.match(line.text):
        question.options.append(_Marked(option[1], [_Line(line.number, option[2].strip())]))
    elif question.options:
        question.options[-1].lines.append(line)
    else:
        question.stem.append(line)


def _entry(question: _Question, file: str, position: int) -> Entry:
    lines = {"": question.line, "stem": question.stem[0].number if question.stem else question.line}
    if question.options:
        lines["options"] = question.options[0].lines[0].number
    for at, option in enumerate(question.options[:MAX_OPTIONS]):
        lines[f"options[{at}]"] = option.lines[0].number
    place = Place(file, f"questions[{position}]", lines)
    raw = "\n".join(question.raw).rstrip()
    if len(question.options) > MAX_OPTIONS:
        advice = f"Give fewer options: this question has {len(question.options):,}."
        return Entry(place, problems=(place.error("options", advice),), raw=raw)
    if not question.options and not question.answer:
        advice = "Give the question options (A. …) and a line ANSWER: with the letter of the correct one."
        return Entry(place, problems=(place.error("options", advice, question.stem[0].text),), raw=raw)
    key, problems = _key(question, place)
    draft = Draft(
        "multiple_choice",
        from_plain(" ".join(line.text for line in question.stem)),
        tuple(
            Option(option_id(at), from_plain(option.text), option.letter.upper() in key)
            for at, option in enumerate(question.options)
        ),
        unstated=UNSTATED,
        place=place,
    )
    return Entry(place, draft, "", (*_stem(question, place), *_options(question, place), *problems), raw=raw)


def _stem(question: _Question, place: Place) -> Iterator[Problem]:
    if not question.stem:
        advice = "Write the question into the line before its options; it may not begin like an option."
        yield place.error("stem", advice, question.raw[0])
    if len(question.stem) > 1:
        whole, last = " ".join(line.text for line in question.stem), question.stem[-1].text
        readings = (
            Reading("The lines are one stem", {"stem": from_plain(whole)}),
            Reading("Only the last line is the stem", {"stem": from_plain(last)}),
        )
        yield place.error("stem", "Write the stem in one line.", whole, readings)


def _options(question: _Question, place: Place) -> Iterator[Problem]:
    seen: set[str] = set()
    for at, option in enumerate(question.options):
        if option.letter.islower():
            yield place.error(f"options[{at}]", "Begin the option with a capital letter.", option.text)
        if option.letter.upper() in seen:
            advice = f"Give every option a letter of its own: {option.letter} is taken."
            yield place.error(f"options[{at}]", advice, option.text)
        if len(option.lines) > 1:
            line = Place(place.file, place.path, {"": option.lines[1].number})
            yield line.error(f"options[{at}].text", "Write the option in one line.", option.lines[1].text)
        seen.add(option.letter.upper())


def _key(question: _Question, place: Place) -> tuple[set[str], list[Problem]]:
    """The letters of the correct options, and what is wrong with the line that names them."""
    answer = question.answer
    if answer is None:
        advice = "Add a line below the options: ANSWER: and the letter of the correct one."
        return set(), [place.error("options", advice)]
    here = Place(place.file, place.path, {"": answer.number})
    letters = [option.letter.upper() for option in question.options]
    if _LETTERS.fullmatch(answer.text.strip(" .")):
        said: list[str] = re.findall(r"[A-Z]", answer.text)
        readings = []
        if set(said) <= set(letters):
            ids = [option_id(letters.index(letter)) for letter in dict.fromkeys(said)]
            label = f"Multiple response: {', '.join(said)}"
            readings = [Reading(label, {"kind": "multiple_response", "key": ids})]
            first = {"kind": "multiple_choice", "key": ids[:1]}
            readings.append(Reading(f"Only {said[0]} is correct", first))
        advice = "Name one option: Aiken has no questions with several correct answers."
        return set(), [here.error("options", advice, answer.text, tuple(readings))]
    found = _LETTER.match(answer.text)
    if not found:
        return set(), [here.error("options", "Write the letter of the correct option.", answer.text)]
    letter = found[1].upper()
    if letter not in letters:
        advice = f"Name an option of the question: it has no {letter}."
        return set(), [here.error("options", advice, answer.text)]
    return {letter}, []


def write(export: Export) -> bytes:
    """The multiple-choice questions as plain text; Aiken cannot say a multiple response."""
    pieces = [_written(draft) for draft in export.drafts if draft.kind == "multiple_choice"]
    return "\n".join(pieces).encode()


def _written(draft: Draft) -> str:
    stem = _one_line(draft.stem)
    if _OPTION.match(stem) or _ANSWER.match(stem) or stem.startswith(NOTE.strip()):
        stem = f"Question: {stem}"
    lines = [stem]
    answer = ""
    for option, letter in zip(draft.options, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", strict=False):
        lines.append(f"{letter}. {_one_line(option.text)}")
        answer = letter if option.correct else answer
    return "\n".join([*lines, f"ANSWER: {answer}", ""])


def _one_line(markdown: str) -> str:
    return " ".join(to_plain(markdown).split())


def give_back(source: Source, rejected: Sequence[Rejected]) -> bytes:
    """The rejected questions, each below its problems; reading passes over those lines."""
    return given_back(rejected, NOTE, "\n\n")


FORMAT = Format("aiken", "Aiken", ".txt", "text/plain", read, write, give_back, plain=True)
