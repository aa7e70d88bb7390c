"""What every format reads to and reports: drafts of questions, and problems that say where and what to do.

A format module turns bytes into `Draft`s and `Problem`s and knows neither the database nor the file system.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, Protocol, TypeVar

V = TypeVar("V")
Kind = Literal["multiple_choice", "multiple_response"]


class DistractorTag(StrEnum):
    """Why a half-prepared candidate picks a wrong option."""

    WRONG_SETTING = "wrong_setting"
    VIOLATES_CONSTRAINT = "violates_constraint"
    WRONG_STAGE = "wrong_stage"
    WRONG_INPUT_FORMAT = "wrong_input_format"
    OPPOSITE_DIRECTION = "opposite_direction"
    BLIND_METRIC = "blind_metric"
    WRONG_PROCESSING_MODE = "wrong_processing_mode"
    TREATS_SYMPTOM = "treats_symptom"
    OVER_ENGINEERED = "over_engineered"
    FORBIDDEN_ACCESS = "forbidden_access"


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


SHOWN = 200


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read what a file leaves open. `changes` holds by field path below the question what taking
    it sets: "kind", "stem", "task_statement", or "key" with the list of the correct options' ids."""

    label: str
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: where it is, what stands there, and what to do about it.

    `line` counts from 1, and is 0 where there is no line to point at; tables have a `row` instead (as a
    spreadsheet counts, the header is row 1) and packages an `item` (its identifier or file). `field` is a
    path such as `questions[3].options[1].text` with positions from 0, and is empty for the file as a whole;
    `column` is what a table calls it. `text` is the offending text, cut to `SHOWN` characters. `readings` are
    offered where nothing may be guessed.
    """

    severity: Severity
    file: str
    line: int
    field: str
    advice: str
    text: str = ""
    row: int = 0
    item: str = ""
    column: str = ""
    readings: tuple[Reading, ...] = ()

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        named = (f"row {self.row}" if self.row else "", f"item {self.item}" if self.item else "")
        where = ", ".join(part for part in (place, *named) if part)
        said = f"{self.advice} [{self.text}]" if self.text else self.advice
        return ": ".join(
            part for part in (where, self.severity.value, self.column or self.field, said) if part
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question was read: its file, its path in it (`questions[n]`, n counts from 0 what the file has,
    whatever became of it), and the line of each field by path below the question ("" is the question
    itself). In a table `row` is the question's row and `columns` says what column a field stands in; in a
    package `item` is the item's identifier."""

    file: str = ""
    path: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)
    row: int = 0
    item: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)

    def line(self, field: str) -> int:
        """The line of `field`, or of the nearest thing around it that the file has."""
        return self._nearest(self.lines, field) or self.lines.get("", 0)

    def column(self, field: str) -> str:
        return self._nearest(self.columns, field) or ""

    def error(self, field: str, advice: str, text: str = "", readings: tuple[Reading, ...] = ()) -> Problem:
        return self._problem(Severity.ERROR, field, advice, text, readings)

    def warning(self, field: str, advice: str, text: str = "") -> Problem:
        return self._problem(Severity.WARNING, field, advice, text, ())

    def _problem(
        self, severity: Severity, field: str, advice: str, text: str, readings: tuple[Reading, ...]
    ) -> Problem:
        return Problem(
            severity,
            self.file,
            0 if self.row else self.line(field),
            ".".join(part for part in (self.path, field) if part),
            advice,
            shorten(text),
            self.row,
            self.item,
            self.column(field),
            readings,
        )

    @staticmethod
    def _nearest(known: Mapping[str, V], field: str) -> V | None:
        while field and field not in known:
            field = field[: max(field.rfind("."), field.rfind("["), 0)]
        return known.get(field)


def shorten(text: str) -> str:
    """A text out of a file as a problem shows it: one line, at most `SHOWN` characters, and those that no
    screen shows or no database takes as escapes."""
    line = " ".join(text[: 4 * SHOWN].split())
    line = line if len(line) <= SHOWN else line[: SHOWN - 1] + "\u2026"
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in line)


@dataclass(frozen=True, slots=True)
class Option:
    id: str
    text: str
    correct: bool
    rationale: str = ""
    distractor_tag: str | None = None
    fixed: bool = False


def option_id(position: int) -> str:
    """The id of an option that its source does not name: a, b, c … z, then option-27 and so on. More than 26
    are an error, but they are shown."""
    return chr(ord("a") + position) if position < 26 else f"option-{position + 1}"


@dataclass(frozen=True, slots=True)
class Reference:
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A figure. `file` is a plain name in the folder `exhibits` beside the question's file."""

    id: str
    file: str
    alt: str
    long_description: str = ""


@dataclass(frozen=True, slots=True)
class CalculationResult:
    """What one option's number is computed by; `value` keeps the decimals that it was written with."""

    option: str
    formula: str
    value: Decimal
    slip: str | None = None


@dataclass(frozen=True, slots=True)
class Calculation:
    given: Mapping[str, Decimal]
    results: tuple[CalculationResult, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A question as somebody wrote it, before anybody checked what it says. Texts are Markdown.

    Few formats can say everything. `unstated` names the fields (and `rationale`, `distractor_tag`, `fixed` of
    options) that the source has no way to say or did not say: a question that the bank has keeps its own
    there. `id` is empty where the source has none. `labels` is what the source files the question under
    (category, domain, tags), for `classify` to find the task statement among.
    """

    kind: Kind
    stem: str
    options: tuple[Option, ...]
    id: str = ""
    task_statement: str = ""
    level: int = 2
    testing_point: str = ""
    explanation: str = ""
    references: tuple[Reference, ...] = ()
    services: tuple[str, ...] = ()
    enemies: tuple[str, ...] = ()
    exhibits: tuple[Exhibit, ...] = ()
    calculation: Calculation | None = None
    shuffle: bool = True
    verified_on: date | None = None
    labels: tuple[str, ...] = field(default=(), compare=False)
    unstated: frozenset[str] = field(default=frozenset(), compare=False)
    place: Place = field(default_factory=Place, compare=False, repr=False)

    @property
    def key(self) -> frozenset[str]:
        """Ids of the correct options."""
        return frozenset(option.id for option in self.options if option.correct)


class Files(Protocol):
    """The files that came with one: the folder beside it, or the members of its package."""

    def names(self) -> Sequence[str]: ...

    def read(self, name: str) -> bytes | None:
        """The bytes of a file by its path below the package's root, None if there is none. Raises
        ArchiveError when they are more than may be read."""


class NoFiles:
    def names(self) -> Sequence[str]:
        return ()

    def read(self, name: str) -> bytes | None:
        return None


@dataclass(frozen=True, slots=True)
class Source:
    """What a reader is given. `columns` maps a table's headers to our fields where somebody said so."""

    name: str
    content: bytes = field(repr=False)
    files: Files = field(default_factory=NoFiles, repr=False)
    encoding: str = "utf-8"
    columns: Mapping[str, str] = field(default_factory=dict)
    certification: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one question of a file.

    With a draft it can be shown and mended, whatever its problems; without one it was `skipped` because of
    its kind (the format's own word, such as "essay"), or could not be read at all (an error among its
    problems). `figures` are the bytes, unchecked, of the draft's exhibits by file name. `raw` is the
    question's own piece of the file, to be given back beside its problems. `done` is the share of the file
    that was read, 0 to 1.
    """

    place: Place
    draft: Draft | None = None
    skipped: str = ""
    problems: tuple[Problem, ...] = ()
    figures: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    raw: str = field(default="", repr=False)
    done: float = 0.0


Read = Iterator[Entry | Problem]
"""One question at a time, in the order of the file; a Problem between entries is about the file as a
whole, or about a part of it that is no question."""


class Feature(StrEnum):
    """What a question can have that not every format can carry."""

    MULTIPLE_RESPONSE = "multiple response"
    ID = "id"
    TASK_STATEMENT = "task statement"
    LEVEL = "level"
    TESTING_POINT = "testing point"
    EXPLANATION = "explanation"
    RATIONALES = "rationales"
    REFERENCES = "references"
    SERVICES = "services"
    ENEMIES = "enemies"
    EXHIBITS = "exhibits"
    CALCULATION = "calculation"
    DISTRACTOR_TAGS = "distractor tags"
    FIXED_OPTIONS = "fixed options"
    OPTION_ORDER = "order of options that are not shuffled"
    VERIFIED_ON = "day of verification"
    FORMATTING = "formatting of texts"
    MANY_OPTIONS = "more options than the format holds"


@dataclass(frozen=True, slots=True)
class Export:
    """What a writer is given. `figures` are by (question id, exhibit file); `statements` are titles of task
    statements and `domains` (code, title) of their domain, both by the statement's code."""

    drafts: Sequence[Draft]
    certification: str
    title: str = ""
    figures: Mapping[tuple[str, str], bytes] = field(default_factory=dict, repr=False)
    statements: Mapping[str, str] = field(default_factory=dict)
    domains: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rejected:
    """An entry that was left out, to be given back: its piece of the file and what was wrong with it."""

    raw: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Format:
    """A format as the registry knows it. `write` gives a file's bytes, `give_back` a file in the same format
    with each problem beside its question; None where the format is only read. `keeps` is what it carries;
    questions with more than `max_options` are left out, whatever it says, and `plain` formats hold texts of
    one line without formatting."""

    slug: str
    title: str
    suffix: str
    media_type: str
    read: Callable[[Source], Read] | None = None
    write: Callable[[Export], bytes] | None = None
    give_back: Callable[[Source, Sequence[Rejected]], bytes] | None = None
    keeps: frozenset[Feature] = frozenset()
    max_options: int = 26
    plain: bool = False
