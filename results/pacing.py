"""PURE. How a candidate spent the time of a closed attempt: by question, by visit, and what came of it.

Exam time is milliseconds since the start, pauses left out, as the answer log has it (`exams/clock.py`).

Inputs
- items: `Item`s, by number from 1: how many options to choose, the final answer and the key, both as sets of
  positions. The key is None where it must not be told: the candidate sits that question in an open exam.
- answers: every answer that was taken. visits: every visit; it lasted `ms` and ended at its intent, and one
  of 0 ms says that the question came into sight. Neither has to be in order: (intent, id) orders them, so the
  order of arrival changes nothing.
- seconds granted, and those of them that the exam gives to everybody (base). Both None: untimed.
- end: the exam time at which the sitting ended.

What is worked out
1. Time on a question: the sum of its visits' ms. A browser sends one stay in pieces (the tab was hidden for a
   moment); pieces of one question with no other question's piece between them are one visit. Pieces of 0 ms
   belong to no visit.
2. A question was displayed when the log has a visit to it, if only of 0 ms, or an answer.
3. Outcome: right when the final answer is the key; blank when there is none; else wrong, incomplete choices
   too; None where the key must not be told. A displayed blank is wrong in all that follows.
4. Slow and wrong: displayed, wrong or blank, and strictly more than 1.5 × granted time ÷ items; none in an
   untimed one.
   Hurried and wrong: displayed, answered (not blank), wrong, and strictly less than 40 s × granted ÷ base.
   At a pace at which both hold it is slow, so that no question is in both lists.
5. Changed answers: the first complete choice (as many options as were asked for) against the final answer:
   right to wrong, wrong to right, or wrong to another wrong one. Cleared and incomplete final answers are
   wrong. Who came back to the first choice changed nothing; who never completed one neither. Where the key
   must not be told, only that the answer was changed is said.
6. The last 20 minutes: of the questions whose final answer, blank ones left out, was given less than 20
   minutes before the end, how many are right; and of those given earlier. Of fewer than 8 questions no share
   is told. An answer is given when its last answer event was meant.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from statistics import median
from uuid import UUID

SLOW_SHARE = 1.5
HURRIED_MS = 40_000
LAST_MS = 20 * 60_000
FEWEST = 8


@dataclass(frozen=True, slots=True)
class Item:
    number: int
    choose: int
    final: frozenset[int]
    key: frozenset[int] | None


@dataclass(frozen=True, slots=True)
class Answer:
    item: int
    chosen: frozenset[int]
    intent_ms: int
    event: UUID


@dataclass(frozen=True, slots=True)
class Visit:
    item: int
    ms: int
    intent_ms: int
    event: UUID


class Outcome(Enum):
    RIGHT = "right"
    WRONG = "wrong"
    BLANK = "blank"


class Change(Enum):
    """What became of the first complete choice. UNTOLD: it was changed, and the key must not be told."""

    RIGHT_TO_WRONG = "right to wrong"
    WRONG_TO_RIGHT = "wrong to right"
    WRONG_TO_WRONG = "wrong to wrong"
    UNTOLD = "changed"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of exam time with one question in front; `start_ms` is never before the start of the exam."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Question:
    """One item's share of the sitting. `visits` are their ms, oldest first; `answered_ms` is when the final
    answer was given, None for a blank; `changed_ms` when it took the place of another one."""

    number: int
    displayed: bool
    spent_ms: int
    visits: tuple[int, ...]
    pieces: tuple[Piece, ...]
    outcome: Outcome | None
    change: Change | None
    answered_ms: int | None
    changed_ms: int | None

    @property
    def is_wrong(self) -> bool:
        return self.outcome in (Outcome.WRONG, Outcome.BLANK)


@dataclass(frozen=True, slots=True)
class Share:
    """`right` of `total` questions; `is_told` is False when they are too few to say anything."""

    right: int
    total: int

    @property
    def is_told(self) -> bool:
        return self.total >= FEWEST


@dataclass(frozen=True, slots=True)
class Lines:
    """The thresholds of this attempt in ms; `slow` is None for an untimed one."""

    slow: float | None
    hurried: float


@dataclass(frozen=True, slots=True)
class Pacing:
    """`median_ms` and `mean_ms` are of the questions displayed, None when there is no time on record."""

    questions: tuple[Question, ...]
    lines: Lines
    end_ms: int
    last_from_ms: int
    last: Share
    before: Share

    @property
    def displayed(self) -> list[Question]:
        return [question for question in self.questions if question.displayed]

    @property
    def spent_ms(self) -> int:
        return sum(question.spent_ms for question in self.questions)

    @property
    def mean_ms(self) -> float | None:
        return self.spent_ms / len(self.displayed) if self.spent_ms else None

    @property
    def median_ms(self) -> float | None:
        return median(question.spent_ms for question in self.displayed) if self.spent_ms else None

    @property
    def slow_and_wrong(self) -> list[Question]:
        return [question for question in self.displayed if question.is_wrong and self._is_slow(question)]

    @property
    def hurried_and_wrong(self) -> list[Question]:
        return [
            question
            for question in self.displayed
            if question.outcome is Outcome.WRONG
            and question.spent_ms < self.lines.hurried
            and not self._is_slow(question)
        ]

    @property
    def changed(self) -> list[Question]:
        return [question for question in self.questions if question.change]

    def _is_slow(self, question: Question) -> bool:
        return self.lines.slow is not None and question.spent_ms > self.lines.slow


def pacing(
    items: Sequence[Item],
    answers: Iterable[Answer],
    visits: Iterable[Visit],
    *,
    seconds_granted: int | None,
    seconds_base: int | None,
    end_ms: int,
) -> Pacing:
    by_item: dict[int, list[Answer]] = {}
    for answer in sorted(answers, key=lambda a: (a.intent_ms, a.event)):
        by_item.setdefault(answer.item, []).append(answer)
    seen = sorted(visits, key=lambda v: (v.intent_ms, v.event))
    in_sight = {visit.item for visit in seen}
    stays = _stays(seen)
    pieces: dict[int, list[Piece]] = {}
    for visit in seen:
        if visit.ms:
            piece = Piece(max(0, visit.intent_ms - visit.ms), visit.intent_ms)
            pieces.setdefault(visit.item, []).append(piece)
    questions = tuple(
        _question(
            item,
            by_item.get(item.number, ()),
            tuple(stays.get(item.number, ())),
            tuple(pieces.get(item.number, ())),
            item.number in in_sight,
        )
        for item in items
    )
    last_from = max(0, end_ms - LAST_MS)
    told = [question for question in questions if question.answered_ms is not None and question.outcome]
    return Pacing(
        questions=questions,
        lines=lines(seconds_granted, seconds_base, len(items)),
        end_ms=end_ms,
        last_from_ms=last_from,
        last=_share(question for question in told if (question.answered_ms or 0) >= last_from),
        before=_share(question for question in told if (question.answered_ms or 0) < last_from),
    )


def lines(seconds_granted: int | None, seconds_base: int | None, items: int) -> Lines:
    if not seconds_granted or not seconds_base or not items:
        return Lines(None, HURRIED_MS)
    return Lines(1000 * SLOW_SHARE * seconds_granted / items, HURRIED_MS * seconds_granted / seconds_base)


def _stays(visits: Iterable[Visit]) -> dict[int, list[int]]:
    """The ms of each visit by item, pieces put together."""
    stays: dict[int, list[int]] = {}
    for item, together in groupby((visit for visit in visits if visit.ms), key=lambda visit: visit.item):
        stays.setdefault(item, []).append(sum(visit.ms for visit in together))
    return stays


def _question(
    item: Item,
    answers: Sequence[Answer],
    visits: tuple[int, ...],
    pieces: tuple[Piece, ...],
    in_sight: bool,
) -> Question:
    change = _change(item, answers)
    last_ms = answers[-1].intent_ms if answers else None
    return Question(
        number=item.number,
        displayed=in_sight or bool(answers),
        spent_ms=sum(visits),
        visits=visits,
        pieces=pieces,
        outcome=_outcome(item),
        change=change,
        answered_ms=last_ms if item.final else None,
        changed_ms=last_ms if change else None,
    )


def _outcome(item: Item) -> Outcome | None:
    if item.key is None:
        return None
    if not item.final:
        return Outcome.BLANK
    return Outcome.RIGHT if item.final == item.key else Outcome.WRONG


def _change(item: Item, answers: Sequence[Answer]) -> Change | None:
    first = next((answer.chosen for answer in answers if len(answer.chosen) == item.choose), None)
    if first is None or first == item.final:
        return None
    if item.key is None:
        return Change.UNTOLD
    if first == item.key:
        return Change.RIGHT_TO_WRONG
    return Change.WRONG_TO_RIGHT if item.final == item.key else Change.WRONG_TO_WRONG


def _share(questions: Iterable[Question]) -> Share:
    outcomes = [question.outcome for question in questions]
    return Share(outcomes.count(Outcome.RIGHT), len(outcomes))
