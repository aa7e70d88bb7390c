"""Words that a question is found by: how a text is taken apart, and the column that keeps them.

The same words are looked up on both databases, so that both find the same: nothing is stemmed, no word is too
common. A *mark* such as `service=amazon-s3` stands among the words, and can be no word of a text.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Lookup

from questions.fingerprint import fold

MAX_WORD = 64
MAX_WORDS = 5_000
MIN_PREFIX = 3

_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """The words of a text in its order, folded; dashes, underscores and points part words."""
    return [word[:MAX_WORD] for word in _WORD.findall(fold(text))]


def mark(name: str, value: str) -> str:
    return f"{name}={'-'.join(words(value))}"[: 2 * MAX_WORD]


def joined(found: Iterable[str], marks: Iterable[str] = ()) -> str:
    """What a `WordsField` takes: each word once, blanks around each."""
    return f" {' '.join([*marks, *dict.fromkeys(found)][:MAX_WORDS])} "


@dataclass(frozen=True, slots=True)
class Terms:
    """What must stand in a row: all of `whole`, and a word that begins with `prefix`. A prefix of fewer than
    `MIN_PREFIX` characters begins too many words, and is looked up as a word."""

    whole: tuple[str, ...] = ()
    prefix: str = ""

    def __bool__(self) -> bool:
        return bool(self.whole or self.prefix)


def terms(text: str, marks: Iterable[str] = ()) -> Terms:
    """What somebody who typed `text` looks for: the last word may be unfinished."""
    found = words(text)
    prefix = found.pop() if found and len(found[-1]) >= MIN_PREFIX else ""
    return Terms((*marks, *dict.fromkeys(found)), prefix)


class WordsField(models.Field):
    """A tsvector made of just these words on PostgreSQL, the text itself elsewhere. Written, never read."""

    def db_type(self, connection: Any) -> str:
        return "tsvector" if connection.vendor == "postgresql" else "text"

    def get_placeholder(self, value: object, compiler: Any, connection: Any) -> str:
        if connection.vendor == "postgresql":
            return "array_to_tsvector(string_to_array(btrim(%s), ' '))"
        return "%s"


@WordsField.register_lookup
class Hold(Lookup):
    """`words__hold=Terms(…)`."""

    lookup_name = "hold"
    prepare_rhs = False

    def get_db_prep_lookup(self, value: Any, connection: Any) -> tuple[str, list[Any]]:
        return "%s", [value]

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        query = " & ".join([*(f"'{word}'" for word in self.rhs.whole), *self._prefix()])
        return f"{column} @@ %s::tsquery", [*params, query]

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        looked_for = [*(f" {word} " for word in self.rhs.whole)]
        looked_for += [f" {self.rhs.prefix}"] if self.rhs.prefix else []
        tests = " AND ".join(f"instr({column}, %s) > 0" for _ in looked_for)
        return f"({tests})", [param for text in looked_for for param in (*params, text)]

    def _prefix(self) -> list[str]:
        return [f"'{self.rhs.prefix}':*"] if self.rhs.prefix else []
