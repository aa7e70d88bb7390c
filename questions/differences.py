"""What two texts of a question say differently, word by word. Pure: no database, no rendering.

`between` looks at every field of two drafts. Options are held against each other by their ids; where the old
draft had no such option, all of it is new. A field that says the same is left out. Blanks belong to the word
before them and do not count, unless nothing else differs
in the field.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from html import escape

from questions.formats import Calculation, Draft, Option

MAX_TOKENS = 2_000

_TOKEN = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")


class Mark(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Piece:
    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """`field` is a path below the question, as in a `Problem`, with the position that an option has in the
    new draft, or had in the old one if it is gone; `label` is for people."""

    field: str
    label: str
    pieces: tuple[Piece, ...]

    @property
    def html(self) -> str:
        """Removed and added text in <del> and <ins>, which not every screen reader announces: so in words
        too."""
        return "".join(_html(piece) for piece in self.pieces)


def between(old: Draft, new: Draft) -> list[Change]:
    """The changes in the order of the page: what a candidate sees, then the key and the rest."""
    return [
        Change(field, label, words_between(before, after))
        for field, label, before, after in _fields(old, new)
        if before != after
    ]


def words_between(old: str, new: str) -> tuple[Piece, ...]:
    """The pieces that make `old` without what was added, and `new` without what was removed."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    if len(before) + len(after) > MAX_TOKENS:
        before, after = [old], [new]
    bare = [token.rstrip() for token in before], [token.rstrip() for token in after]
    if bare[0] == bare[1]:
        bare = before, after
    pieces: list[Piece] = []
    for operation, i1, i2, j1, j2 in SequenceMatcher(None, *bare, autojunk=False).get_opcodes():
        if operation == "equal":
            pieces.append(Piece(Mark.SAME, "".join(after[j1:j2])))
        else:
            pieces.append(Piece(Mark.REMOVED, "".join(before[i1:i2])))
            pieces.append(Piece(Mark.ADDED, "".join(after[j1:j2])))
    return tuple(piece for piece in pieces if piece.text)


Field = tuple[str, str, str, str]
"""Path, label, old text, new text."""


def _fields(old: Draft, new: Draft) -> Iterator[Field]:
    yield "kind", "Kind", _plain(old.kind), _plain(new.kind)
    yield "stem", "Stem", old.stem, new.stem
    yield from _options(old, new)
    yield "options", "Key", _key(old), _key(new)
    if _order_matters(old) or _order_matters(new):
        yield "options", "Order of options", _ids(old.options), _ids(new.options)
    yield "shuffle", "Shuffling", _shuffling(old), _shuffling(new)
    yield "explanation", "Explanation", old.explanation, new.explanation
    yield "references", "References", _references(old), _references(new)
    yield "task_statement", "Task statement", old.task_statement, new.task_statement
    yield "level", "Level", str(old.level), str(new.level)
    yield "testing_point", "Testing point", old.testing_point, new.testing_point
    yield "services", "Services", ", ".join(old.services), ", ".join(new.services)
    yield "enemies", "Enemies", ", ".join(old.enemies), ", ".join(new.enemies)
    yield "exhibits", "Exhibits", _exhibits(old), _exhibits(new)
    yield "calculation", "Calculation", _calculation(old.calculation), _calculation(new.calculation)
    yield "verified_on", "Verified on", _day(old), _day(new)


def _options(old: Draft, new: Draft) -> Iterator[Field]:
    before = {option.id: option for option in old.options}
    places = [(option.id, position) for position, option in enumerate(new.options)]
    kept = {option.id for option in new.options}
    places += [(option.id, position) for position, option in enumerate(old.options) if option.id not in kept]
    after = {option.id: option for option in new.options}
    nothing = Option("", "", correct=False)
    for id_, position in places:
        was, is_ = before.get(id_, nothing), after.get(id_, nothing)
        path, label = f"options[{position}]", f"Option {id_}"
        yield f"{path}.text", label, was.text, is_.text
        yield f"{path}.rationale", f"{label}: rationale", was.rationale, is_.rationale
        tags = _plain(was.distractor_tag or ""), _plain(is_.distractor_tag or "")
        yield f"{path}.distractor_tag", f"{label}: distractor tag", *tags
        if id_ in before and id_ in after:
            yield f"{path}.fixed", f"{label}: place", _place(was), _place(is_)


def _key(draft: Draft) -> str:
    return ", ".join(sorted(draft.key))


def _ids(options: Sequence[Option]) -> str:
    return ", ".join(option.id for option in options)


def _order_matters(draft: Draft) -> bool:
    return not draft.shuffle or any(option.fixed for option in draft.options)


def _shuffling(draft: Draft) -> str:
    return "shuffled" if draft.shuffle else "in this order"


def _place(option: Option) -> str:
    return "stays in its place" if option.fixed else "is shuffled"


def _references(draft: Draft) -> str:
    return "\n".join(f"{reference.title} {reference.url}" for reference in draft.references)


def _exhibits(draft: Draft) -> str:
    return "\n".join(
        " \u2013 ".join(filter(None, (exhibit.file, exhibit.alt, exhibit.long_description)))
        for exhibit in draft.exhibits
    )


def _calculation(calculation: Calculation | None) -> str:
    if calculation is None:
        return ""
    given = [f"{name} = {value}" for name, value in sorted(calculation.given.items())]
    results = [
        f"{r.option}: {r.formula} = {r.value}" + (f" ({r.slip})" if r.slip else "")
        for r in sorted(calculation.results, key=lambda result: result.option)
    ]
    return "\n".join([*given, *results])


def _day(draft: Draft) -> str:
    return draft.verified_on.isoformat() if draft.verified_on else ""


def _plain(word: str) -> str:
    return word.replace("_", " ")


def _html(piece: Piece) -> str:
    text = escape(piece.text)
    if piece.mark == Mark.SAME:
        return text
    element, spoken = ("ins", "added") if piece.mark == Mark.ADDED else ("del", "removed")
    return (
        f'<{element}><span class="visually-hidden"> [{spoken}: </span>{text}'
        f'<span class="visually-hidden">] </span></{element}>'
    )
