"""The key of a question as people write it beside the options: letters, numbers, or the options' own texts.

What can be read in one way is read; what can be read in several, or in none for certain (a decimal or a date
that a spreadsheet made of two numbers), is an error that offers its readings. Nothing is guessed."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from questions.fingerprint import fold
from questions.formats import Kind, Reading

_SEPARATORS = re.compile(r"(?:\s+and\s+|[\s,;&|+])+", re.IGNORECASE)
_LETTER = re.compile(r"\(?(?:(?:option|choice|answer)\s*)?([A-Za-z])[.):]?", re.IGNORECASE)
_NUMBER = re.compile(r"\(?(?:(?:option|choice|answer)\s*)?#?0*([0-9]{1,3})[.):]?", re.IGNORECASE)
_WORD = re.compile(r"\b(?:options?|choices?|answers?)\s+(?=[A-Za-z0-9]\b)", re.IGNORECASE)
_LETTERED_TEXT = re.compile(r"\(?([A-Za-z])[.):]\s+(\S.*)", re.DOTALL)
_PARTS_OF_NUMBER = re.compile(r"[0-9]+(?:[.,/-][0-9]+){1,2}(?:[ T]0?0:00(?::00)?)?")
MAX_PIECES = 60
MAX_LENGTH = 5_000


@dataclass(frozen=True, slots=True)
class Choice:
    """An option as a key may name it. Numbers count from 1, in the file's own count."""

    id: str
    letter: str
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Key:
    """The correct options' ids; where they are not certain there is `advice` and maybe `readings`."""

    ids: frozenset[str] = frozenset()
    advice: str = ""
    readings: tuple[Reading, ...] = ()


def read_key(
    text: str, choices: Sequence[Choice], kind: Kind | None = None, *, numbered: bool = False
) -> Key:
    """What a key's text says. `kind` is what the file declares, if it does; a reading sets it otherwise.
    In a `numbered` file numbers are positions, whatever the options' texts are."""
    if len(text) > MAX_LENGTH:
        return Key(advice="Write letters such as A, C: this is too long to name options.")
    text = " ".join(text.strip().strip("\"'*_`").split(" ")).strip()
    if not text:
        return Key()
    by_number = _by_tokens(text, {str(choice.number): choice.id for choice in choices}, _NUMBER)
    if numbered and by_number:
        return Key(by_number)
    sure = [by_number, *_by_letters(text, choices), *_by_texts(text, choices)]
    found = list(dict.fromkeys(ids for ids in sure if ids))
    if len(found) == 1:
        return Key(found[0])
    if found:
        return Key(
            advice="Choose what the key means: it can be read in more than one way.",
            readings=readings(found, choices, kind),
        )
    unsure = list(dict.fromkeys(ids for ids in _possible(text, choices) if ids))
    if unsure:
        advice = "Choose what the key means, or write letters such as A, C: it may have been changed."
        return Key(advice=advice, readings=readings(unsure, choices, kind))
    return Key(advice=_unknown(choices))


def readings(
    found: Iterable[frozenset[str]], choices: Sequence[Choice], kind: Kind | None
) -> tuple[Reading, ...]:
    """One reading for each set of ids, in the order of the options."""
    return tuple(_reading(ids, choices, kind) for ids in found)


def _reading(ids: frozenset[str], choices: Sequence[Choice], kind: Kind | None) -> Reading:
    named = [choice for choice in choices if choice.id in ids]
    changes: dict[str, object] = {"key": [choice.id for choice in named]}
    if kind is None:
        changes["kind"] = kind_of(len(named))
    return Reading(" and ".join(f"{choice.letter} ({choice.text[:40]})" for choice in named), changes)


def kind_of(keys: int) -> Kind:
    """The kind of a question whose file does not declare it."""
    return "multiple_response" if keys > 1 else "multiple_choice"


def _by_tokens(text: str, ids: dict[str, str], pattern: re.Pattern[str]) -> frozenset[str]:
    """The ids that all the words of a key name, each once; empty if one of them names none."""
    words = [word for word in _SEPARATORS.split(_WORD.sub("", text)) if word]
    matches = [pattern.fullmatch(word) for word in words]
    names = [match[1].upper() for match in matches if match]
    if len(names) < len(words) or len(set(names)) < len(names) or not set(names) <= set(ids):
        return frozenset()
    return frozenset(ids[name] for name in names)


def _by_letters(text: str, choices: Sequence[Choice]) -> Iterator[frozenset[str]]:
    ids = {choice.letter: choice.id for choice in choices}
    yield _by_tokens(text, ids, _LETTER)
    if re.fullmatch(r"[A-Za-z]{2,26}", text):
        yield _by_tokens(" ".join(text), ids, _LETTER)
    lettered = _LETTERED_TEXT.fullmatch(text)
    if lettered:
        said = fold(lettered[2])
        yield frozenset(c.id for c in choices if c.letter == lettered[1].upper() and fold(c.text) == said)


def _by_texts(text: str, choices: Sequence[Choice]) -> Iterator[frozenset[str]]:
    ids: dict[str, str] = {}
    for choice in choices:
        ids.setdefault(fold(choice.text), choice.id)
    if fold(text) in ids:
        yield frozenset({ids[fold(text)]})
    for separator in (r"[;|\n]", r","):
        pieces = [piece.strip() for piece in re.split(separator, text)]
        if 1 < len(pieces) <= MAX_PIECES:
            yield from _partitions(pieces, ids, ", " if separator == "," else "; ")


def _partitions(pieces: Sequence[str], ids: dict[str, str], glue: str) -> list[frozenset[str]]:
    """Every way (two at most: more do not matter) to join neighbours so that each part is an option."""
    ways: list[list[frozenset[str]]] = [[frozenset()]]
    for end in range(1, len(pieces) + 1):
        here: dict[frozenset[str], None] = {}
        for start in range(end):
            named = ids.get(fold(glue.join(pieces[start:end])))
            if named is not None:
                here.update(dict.fromkeys(way | {named} for way in ways[start] if named not in way))
        ways.append(list(here)[:2])
    return ways[-1]


def _possible(text: str, choices: Sequence[Choice]) -> Iterator[frozenset[str]]:
    """What may have been meant by a text that names no options as it stands."""
    by_number = {choice.number: choice.id for choice in choices}
    if _PARTS_OF_NUMBER.fullmatch(text):
        numbers = [int(digits) for digits in re.findall(r"[0-9]+", text.split(" ")[0].split("T")[0])]
        if len(numbers) == 3:
            numbers = [number for number in numbers if number < 1000]
            yield frozenset(by_number[number] for number in numbers[:2] if number in by_number)
        elif all(number in by_number or number == 0 for number in numbers):
            yield frozenset(by_number[number] for number in numbers if number)
    elif re.fullmatch(r"[0-9]{2,9}", text) and len(set(text)) == len(text):
        ids = [by_number.get(int(digit)) for digit in text]
        yield frozenset(id_ for id_ in ids if id_ is not None) if None not in ids else frozenset()
    lettered = _LETTERED_TEXT.fullmatch(text)
    if lettered:
        yield frozenset(c.id for c in choices if c.letter == lettered[1].upper())
        yield frozenset(c.id for c in choices if fold(c.text) == fold(lettered[2]))


def _unknown(choices: Sequence[Choice]) -> str:
    if not choices:
        return "Write the options: the key names what is not there."
    last = choices[-1].letter
    return f"Name options that exist, such as A, C: the question has the options A to {last}."
