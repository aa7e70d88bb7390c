"""What to do next: the task statements with most to gain, the questions that say so, and what to read.

Which task statements, and how many scaled points each is worth, is `results.mastery`'s. Here they get what a
candidate needs to act on them. One query, for the references of the questions that were missed.

*The questions that say so* are those that the estimate was made of and that were wrong: seen for the first
time, in a form or in a study session; those of the result that is being read come first, then the newest. One
that the candidate has in an exam that is open now is not named: it would tell that the answer given there
before was wrong.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from questions.models import QuestionVersion
from results import mastery
from results.evidence import History, Item, Sitting
from results.withheld import is_withheld

MISSED_SHOWN = 8
REFERENCES_SHOWN = 3
DRILL_LENGTH = 10
SHORT_DRILL_LENGTH = 5


@dataclass(frozen=True, slots=True)
class Missed:
    """Numbers of wrong items of one sitting. `here`: of the sitting whose result is being read."""

    attempt_id: UUID
    title: str
    started_at: datetime
    numbers: Sequence[int]
    here: bool


@dataclass(frozen=True, slots=True)
class Reference:
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Advice:
    """One task statement to work on."""

    gain: mastery.Gain
    missed: Sequence[Missed]
    references: Sequence[Reference]

    @property
    def points(self) -> int:
        return round(self.gain.points)

    @property
    def drill_length(self) -> int:
        return SHORT_DRILL_LENGTH if self.gain.is_thin else DRILL_LENGTH


@dataclass(frozen=True, slots=True)
class Plan:
    """At most three, most to gain first; empty where nothing gains enough to be named."""

    certification_id: str
    advice: Sequence[Advice]


@dataclass(frozen=True, slots=True)
class _Miss:
    sitting: Sitting
    item: Item


def plan_of(
    history: History,
    posteriors: Sequence[mastery.Posterior],
    *,
    certification_id: str,
    user_id: UUID,
    span: int,
    here: UUID | None = None,
) -> Plan:
    """`span` is the length of the scale; `here` the attempt whose result is being read."""
    gains = mastery.most_to_gain(posteriors, span)
    newest_first = history.sittings[::-1]
    in_order = sorted(newest_first, key=lambda sitting: sitting.attempt_id != here)
    missed = [_missed(in_order, gain) for gain in gains]
    known = _versions({miss.item.question for misses in missed for miss in misses}, user_id)
    return Plan(
        certification_id,
        [_advice(gain, misses, known, here) for gain, misses in zip(gains, missed, strict=True)],
    )


def _missed(sittings: Iterable[Sitting], gain: mastery.Gain) -> list[_Miss]:
    place = gain.posterior.place
    misses = [
        _Miss(sitting, item)
        for sitting in sittings
        for item in sitting.evidence
        if (item.domain, item.task_statement) == (place.domain, place.code) and not item.right
    ]
    return misses[:MISSED_SHOWN]


def _versions(questions: set[str], user_id: UUID) -> dict[tuple[str, int], Sequence[Mapping[str, Any]]]:
    """The references of each version of `questions` that are in no open exam, by question and number."""
    if not questions:
        return {}
    rows = (
        QuestionVersion.objects.filter(~is_withheld(user_id), question__in=questions)
        .order_by()
        .values_list("question_id", "number", "references")
    )
    return {(question.hex, number): references for question, number, references in rows}


def _advice(
    gain: mastery.Gain,
    misses: Iterable[_Miss],
    known: Mapping[tuple[str, int], Sequence[Mapping[str, Any]]],
    here: UUID | None,
) -> Advice:
    told = [miss for miss in misses if (miss.item.question, miss.item.version) in known]
    references = {
        reference["url"]: Reference(reference["title"], reference["url"])
        for miss in told
        for reference in known[miss.item.question, miss.item.version]
    }
    by_sitting = groupby(told, key=lambda miss: miss.sitting.attempt_id)
    return Advice(
        gain,
        [_missed_in(list(group), here) for _, group in by_sitting],
        list(references.values())[:REFERENCES_SHOWN],
    )


def _missed_in(misses: Sequence[_Miss], here: UUID | None) -> Missed:
    sitting = misses[0].sitting
    numbers = [miss.item.number for miss in misses]
    return Missed(
        sitting.attempt_id, sitting.title, sitting.started_at, numbers, here=sitting.attempt_id == here
    )
