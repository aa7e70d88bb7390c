"""What the pacing page shows of a closed attempt: sentences, a drawn timeline, a table and lists.

Three statements for any number of items: items with their keys, registers, the log (and the session's and the
attempt's).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from math import ceil

from django.utils.safestring import SafeString, mark_safe

from exam_sim.exams.models import Attempt, AttemptItem, EventKind
from questions.models import QuestionVersion
from results import timeline
from results.pacing import LAST_MS, Answer, Change, Item, Outcome, Pacing, Question, Visit, pacing
from results.withheld import is_withheld
from results.wording import counted, duration, percent

WORDS = {
    Outcome.RIGHT: ("Correct", "good", "✓"),
    Outcome.WRONG: ("Incorrect", "bad", "✗"),
    Outcome.BLANK: ("Unanswered", "warn", "○"),
    None: ("In your open exam or session", "neutral", "…"),
}
"""Word, tone and sign of an outcome, as in the review."""

CHANGES = {
    Change.WRONG_TO_RIGHT: ("from wrong to right", "▲"),
    Change.RIGHT_TO_WRONG: ("from right to wrong", "▼"),
    Change.WRONG_TO_WRONG: ("from one wrong answer to another", "◆"),
    Change.UNTOLD: ("not told yet", "◇"),
}
"""Words and sign of a change; the order is that of the page."""


@dataclass(frozen=True, slots=True)
class Row:
    """A question as the table and the lists tell it."""

    question: Question

    @property
    def number(self) -> int:
        return self.question.number

    @property
    def spent(self) -> str:
        return _time(self.question.spent_ms)

    @property
    def visits(self) -> list[str]:
        return [_time(ms) for ms in self.question.visits]

    @property
    def label(self) -> str:
        if not self.question.displayed and self.question.outcome:
            return "Not seen"
        return WORDS[self.question.outcome][0]

    @property
    def tone(self) -> str:
        return WORDS[self.question.outcome][1]

    @property
    def sign(self) -> str:
        return WORDS[self.question.outcome][2]

    @property
    def changed(self) -> str:
        return CHANGES[self.question.change][0] if self.question.change else ""

    @property
    def changed_sign(self) -> str:
        return CHANGES[self.question.change][1] if self.question.change else ""


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """Answers that were changed alike."""

    words: str
    sign: str
    rows: Sequence[Row]

    @property
    def title(self) -> str:
        return self.words[:1].upper() + self.words[1:]


class PacingPage:
    """A closed attempt and where its time went, as its candidate reads it."""

    def __init__(self, attempt: Attempt) -> None:
        self.attempt = attempt

    @cached_property
    def pacing(self) -> Pacing:
        return pacing_of(self.attempt)

    @property
    def has_times(self) -> bool:
        return self.pacing.spent_ms > 0

    @cached_property
    def rows(self) -> list[Row]:
        return [Row(question) for question in self.pacing.questions]

    @property
    def withheld(self) -> int:
        return sum(question.outcome is None for question in self.pacing.questions)

    @property
    def sentences(self) -> list[str]:
        return [self._pace, self._seen, self._changes, self._last]

    @property
    def slow(self) -> list[Row]:
        return [Row(question) for question in self.pacing.slow_and_wrong]

    @property
    def slow_line(self) -> str:
        """Empty for an untimed attempt."""
        return _time(self.pacing.lines.slow) if self.pacing.lines.slow else ""

    @property
    def hurried(self) -> list[Row]:
        return [Row(question) for question in self.pacing.hurried_and_wrong]

    @property
    def hurried_line(self) -> str:
        return _time(self.pacing.lines.hurried)

    @property
    def has_extra_time(self) -> bool:
        return self.attempt.seconds_extra > 0

    @cached_property
    def changes(self) -> list[ChangeGroup]:
        found = {change: [row for row in self.rows if row.question.change is change] for change in CHANGES}
        return [
            ChangeGroup(words, sign, found[change])
            for change, (words, sign) in CHANGES.items()
            if found[change]
        ]

    @property
    def drawing(self) -> SafeString:
        """The timeline: numbers and our own words, nothing to be escaped."""
        signs = {outcome: sign for outcome, (_, _, sign) in WORDS.items()}
        changes = {change: sign for change, (_, sign) in CHANGES.items()}
        total = (self.attempt.seconds_granted or 0) * 1000
        return mark_safe(timeline.svg(self.pacing, total, signs, changes))  # noqa: S308

    @property
    def _pace(self) -> str:
        half = _time(1000 * max(1, ceil((self.pacing.median_ms or 0) / 1000)))
        if self.attempt.seconds_granted is None:
            return f"You had as much time as you liked; half of your questions took under {half}."
        share = _time(1000 * self.attempt.seconds_granted / self.attempt.item_count)
        return f"You had {share} a question; half of yours took under {half}."

    @property
    def _seen(self) -> str:
        seen, every = len(self.pacing.displayed), self.attempt.item_count
        looked_at = f"all {every}" if seen == every else f"{seen} of {every}"
        return f"You looked at {looked_at} questions in {_time(self.pacing.end_ms)}."

    @property
    def _changes(self) -> str:
        if not self.changes:
            return "You stayed with the first answer everywhere."
        changed = sum(len(group.rows) for group in self.changes)
        told = ", ".join(f"{len(group.rows)} {group.words}" for group in self.changes)
        return f"You changed {counted(changed, 'answer')}: {told}."

    @property
    def _last(self) -> str:
        last, before = self.pacing.last, self.pacing.before
        if self.pacing.end_ms <= LAST_MS:
            return "It was over within 20 minutes, so its end says nothing apart."
        given = f"In the last 20 minutes you gave {counted(last.total, 'final answer')}"
        if not last.is_told:
            return f"{given}: too few to say how good they were."
        share = f"{given}, and {last.right} of them were right ({percent(last.right, last.total)} %)"
        if not before.is_told:
            return f"{share}."
        earlier = percent(before.right, before.total)
        return f"{share}; before that {before.right} of {before.total} ({earlier} %)."


def pacing_of(attempt: Attempt) -> Pacing:
    finals = dict(attempt.registers.filter(kind=EventKind.ANSWER).values_list("item", "value"))
    answers, visits = [], []
    log = attempt.events.filter(kind__in=(EventKind.ANSWER, EventKind.VISIT))
    for item, kind, value, intent_ms, event in log.values_list(
        "item", "kind", "value", "intent_ms", "event_id"
    ):
        if kind == EventKind.VISIT:
            visits.append(Visit(item, value, intent_ms, event))
        else:
            answers.append(Answer(item, frozenset(value), intent_ms, event))
    granted = attempt.seconds_granted
    used = attempt.time_used or timedelta()
    return pacing(
        _items(attempt, finals),
        answers,
        visits,
        seconds_granted=granted,
        seconds_base=None if granted is None else granted - attempt.seconds_extra,
        end_ms=used // timedelta(milliseconds=1),
    )


def _items(attempt: Attempt, finals: dict[int, list[int]]) -> list[Item]:
    rows = (
        AttemptItem.objects.filter(attempt=attempt)
        .order_by("number")
        .annotate(withheld=is_withheld(attempt.user_id))
        .values_list("number", "option_order", "version__options", "withheld")
    )
    return [
        Item(
            number,
            attempt.shape[number - 1][1],
            frozenset(finals.get(number, ())),
            None if withheld else _positions(order, QuestionVersion(options=options).key),
        )
        for number, order, options, withheld in rows
    ]


def _positions(order: Sequence[str], ids: frozenset[str]) -> frozenset[int]:
    return frozenset(position for position, id_ in enumerate(order) if id_ in ids)


def _time(ms: float) -> str:
    return duration(timedelta(milliseconds=ms))
