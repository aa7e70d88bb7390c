"""What the result page shows: one context object for each of its regions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from exam_sim.exams.models import Attempt, EndedBy
from exam_sim.exams.scale import Scale
from results.models import Result
from results.wording import duration, percent

LABEL_EDGE = 12
"""A label nearer to an end of the scale than this many percent is aligned to its mark instead of centred on
it."""


@dataclass(frozen=True, slots=True)
class ScaleMark:
    """A place on the drawn scale. `x` is an SVG coordinate in percent of the width, so that lettering keeps
    its size at every width of the page; `anchor` keeps a label at the ends inside the drawing."""

    value: int
    x: str
    anchor: str

    @classmethod
    def at(cls, scale: Scale, value: int) -> "ScaleMark":
        share = 100 * (value - scale.minimum) / (scale.maximum - scale.minimum)
        anchor = "start" if share < LABEL_EDGE else "end" if share > 100 - LABEL_EDGE else "middle"
        return cls(value, f"{share:.2f}%", anchor)


@dataclass(frozen=True, slots=True)
class DomainRow:
    """A domain of the result with its bar; `line` is where the pass mark's share lies on that bar."""

    domain: dict[str, Any]
    line: str

    @property
    def percent(self) -> int:
        return percent(self.domain["correct"], self.domain["total"])

    @property
    def width(self) -> str:
        return f"{100 * self.domain['correct'] / self.domain['total']:.2f}%"

    @property
    def item_worth(self) -> int:
        """What one item is worth in percent of the domain: the caution about few items, as a number."""
        return percent(1, self.domain["total"])


@dataclass(frozen=True, slots=True)
class TaskStatementGroup:
    code: str
    title: str
    task_statements: Sequence[dict[str, Any]]


class ResultPage:
    """A closed attempt and its result, as its candidate reads them."""

    def __init__(self, attempt: Attempt, result: Result) -> None:
        self.attempt = attempt
        self.result = result
        self.scale = Scale(attempt.scale_min, attempt.scale_max, result.pass_mark)

    @property
    def score_mark(self) -> ScaleMark:
        return ScaleMark.at(self.scale, self.result.scaled)

    @property
    def pass_mark(self) -> ScaleMark:
        return ScaleMark.at(self.scale, self.scale.pass_mark)

    @property
    def passing_count(self) -> int:
        return self.scale.passing_count(self.result.total)

    @property
    def span(self) -> int:
        return self.scale.maximum - self.scale.minimum

    @property
    def unscored(self) -> int:
        return self.attempt.item_count - self.result.total

    @property
    def open(self) -> int:
        """Items without a complete choice, scored or not: nobody can tell before the end."""
        return self.attempt.item_count - self.result.answered

    @property
    def time_used(self) -> str:
        return duration(self.attempt.time_used or timedelta())

    @property
    def time_granted(self) -> str:
        seconds = self.attempt.seconds_granted
        return "" if seconds is None else duration(timedelta(seconds=seconds))

    @property
    def ended_by(self) -> str:
        return "Time ran out" if self.attempt.ended_by == EndedBy.CLOCK else "You ended it"

    @cached_property
    def domains(self) -> list[DomainRow]:
        line = f"{100 * float(self.scale.pass_share):.2f}%"
        return [DomainRow(domain, line) for domain in self.result.domains]

    @cached_property
    def task_statements(self) -> list[TaskStatementGroup]:
        return [
            TaskStatementGroup(
                domain["code"],
                domain["title"],
                [row for row in self.result.task_statements if row["domain"] == domain["code"]],
            )
            for domain in self.result.domains
        ]
