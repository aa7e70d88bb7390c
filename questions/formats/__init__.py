"""What every format reads to and reports: drafts of questions, and problems that say where and what to do.

A format module turns bytes into `Draft`s and `Problem`s and knows neither the database nor the file system.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

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


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. `line` counts from 1, and is 0 where there is no line to point at; `field` is a path
    such as `questions[3].options[1].text` with positions from 0, and is empty for the file as a whole."""

    severity: Severity
    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (place, self.severity.value, self.field, self.message) if part)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question was read: its file, its path in it, and the line of each field by path below the
    question."""

    file: str = ""
    path: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)

    def line(self, field: str) -> int:
        """The line of `field`, or of the nearest thing around it that the file has."""
        while field and field not in self.lines:
            field = field[: max(field.rfind("."), field.rfind("["), 0)]
        return self.lines.get(field, 0)

    def error(self, field: str, message: str) -> Problem:
        return self._problem(Severity.ERROR, field, message)

    def warning(self, field: str, message: str) -> Problem:
        return self._problem(Severity.WARNING, field, message)

    def _problem(self, severity: Severity, field: str, message: str) -> Problem:
        path = ".".join(part for part in (self.path, field) if part)
        return Problem(severity, self.file, self.line(field), path, message)


@dataclass(frozen=True, slots=True)
class Option:
    id: str
    text: str
    correct: bool
    rationale: str = ""
    distractor_tag: str | None = None
    fixed: bool = False


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
    """A question as somebody wrote it, before anybody checked what it says. Texts are Markdown."""

    id: str
    task_statement: str
    kind: Kind
    stem: str
    options: tuple[Option, ...]
    level: int
    testing_point: str
    explanation: str = ""
    references: tuple[Reference, ...] = ()
    services: tuple[str, ...] = ()
    enemies: tuple[str, ...] = ()
    exhibits: tuple[Exhibit, ...] = ()
    calculation: Calculation | None = None
    shuffle: bool = True
    verified_on: date | None = None
    place: Place = field(default_factory=Place, compare=False, repr=False)
