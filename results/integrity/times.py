"""The times of one attempt: deadline, grace, pauses, closing."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from exam_sim.exams.clock import MS
from exam_sim.exams.models import Attempt, EndedBy, State
from results.integrity.problem import Kind, Problem, problem

TOLERANCE = timedelta(seconds=60)
"""The sweeper comes every 20 seconds, and the clocks of two machines do not agree to the second."""


def problems(attempt: Attempt, now: datetime, extended: int) -> Iterator[Problem]:
    """`extended`: seconds that were granted in all by extensions."""
    if attempt.state == State.OPEN and attempt.close_by is not None and attempt.close_by + TOLERANCE < now:
        sentence = f"It is still open, and was to be closed by {attempt.close_by:%Y-%m-%d %H:%M:%S %Z}."
        yield problem(Kind.OVERDUE, sentence, attempt=attempt.pk)
    for sentence in _sentences(attempt, now, extended):
        yield problem(Kind.CLOCK, sentence, attempt=attempt.pk)


def _sentences(attempt: Attempt, now: datetime, extended: int) -> Iterator[str]:
    started, closed = attempt.started_at, attempt.closed_at
    paused = attempt.paused_ms * MS
    if started > now + TOLERANCE:
        yield "It starts in the future."
    if attempt.seconds_granted is None or attempt.paused_at is not None:
        deadline = None
    else:
        deadline = started + timedelta(seconds=attempt.seconds_granted) + paused
    if attempt.deadline != deadline:
        yield "Its deadline is not start, granted time and pauses."
    grace = timedelta(seconds=attempt.grace_seconds)
    if attempt.close_by != (None if attempt.deadline is None else attempt.deadline + grace):
        yield "The time by which it is closed is not deadline and grace."
    if attempt.seconds_extra > (attempt.seconds_granted or attempt.seconds_extra):
        yield "It has more extra time than time."
    if extended > attempt.seconds_extra:
        yield "Its extensions are more than its extra time."
    if attempt.paused_at is not None and not (
        attempt.is_study
        and attempt.state == State.OPEN
        and started + paused <= attempt.paused_at <= now + TOLERANCE
    ):
        yield "It is paused where no pause can be."
    if (attempt.state == State.OPEN) != (closed is None):
        yield "It is open and has a time of closing, or neither."
    if (attempt.state == State.OPEN) != (attempt.ended_by not in EndedBy.values):
        yield "It does not say what ended it, or is open and says it."
    if closed is not None:
        if attempt.deadline is not None and closed > attempt.deadline:
            yield "It was closed after its deadline."
        if closed < started + paused:
            yield "It was closed before its start, or its pauses are longer than it was open."
        if closed > now + TOLERANCE:
            yield "It was closed in the future."
