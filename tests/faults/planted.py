"""Defects put into the product from outside, to see that the harness notices them: what the server and the
sweeper of a site load when its environment names one as PLANTED_DEFECT.

Each replaces named functions or statements of the product in the process that loads this; the product knows
nothing of it.
"""

import os
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import django
from django.db import connection, connections, transaction

SECONDS_BEFORE_COMMIT = 0.7


def arrival_order_wins() -> None:
    """A register holds what came last."""
    from exam_sim.exams import log

    log._UNLESS_NEWER = log._UNLESS_NEWER.partition(" WHERE ")[0]


def no_grace() -> None:
    """What is received after the deadline is late, whenever it was meant."""
    from exam_sim.exams.clock import Clock, Verdict

    judge = Clock.judge

    def strict(self: Clock, intent_ms: int, received: datetime) -> Verdict:
        return Verdict.LATE if self.is_over(received) else judge(self, intent_ms, received)

    _replace(Clock, "judge", strict)


def grace_never_ends() -> None:
    """Nothing is due, so nothing is closed but by its candidate."""
    from exam_sim.exams.clock import Clock

    def never(self: Clock, now: datetime) -> bool:
        return False

    _replace(Clock, "is_due", never)


def acknowledgement_before_commit() -> None:
    """A batch is acknowledged as stored and written a moment later."""
    from exam_sim.accounts.models import User
    from exam_sim.exams import answers, attempts
    from exam_sim.exams.clock import Verdict
    from exam_sim.exams.events import Event
    from exam_sim.exams.models import Attempt

    record = answers.record

    def hasty(
        attempt_id: UUID, user: User, batch: bytes | Sequence[Event], now: datetime, end: bool = False
    ) -> answers.Receipt:
        attempt = Attempt.objects.get(pk=attempt_id, user_id=user.pk)
        clock = attempts.clock_of(attempt)
        parsed = answers._read(batch, attempt)
        verdicts = {clock.judge(event.intent_ms, now) for event in parsed.events}
        if end or parsed.refused or verdicts != {Verdict.TAKEN}:
            return record(attempt_id, user, batch, now, end)

        def later() -> None:
            time.sleep(SECONDS_BEFORE_COMMIT)
            try:
                record(attempt_id, user, batch, now)
            finally:
                connections.close_all()

        threading.Thread(target=later, daemon=True).start()
        return answers.Receipt(attempt, {str(event.id): "stored" for event in parsed.events})

    _replace(answers, "record", hasty)


def duplicates_applied_twice() -> None:
    """The log takes an id as often as it comes."""
    from exam_sim.exams import log

    log._UNLESS_LOGGED = ""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE exams_answerevent DROP CONSTRAINT IF EXISTS exams_event_once")
    connection.close()


def sweeper_scores_early() -> None:
    """It closes at the deadline what may still be handed in."""
    from exam_sim.exams import attempts
    from exam_sim.exams.models import Attempt, EndedBy

    def early(now: datetime, limit: int = 500) -> int:
        over = list(Attempt.objects.open().filter(deadline__lt=now).values_list("pk", flat=True)[:limit])
        for pk in over:
            with transaction.atomic():
                attempts.close(attempts.locked(pk), EndedBy.CLOCK, now)
        return len(over)

    _replace(attempts, "close_expired", early)


def client_clock_trusted() -> None:
    """When something was done and when it came is what the browser says."""
    from exam_sim.exams.clock import Clock, Verdict

    def trusting(self: Clock, intent_ms: int, received: datetime) -> Verdict:
        over = self.total_ms is not None and intent_ms >= self.total_ms
        return Verdict.LATE if self.closed or over else Verdict.TAKEN

    _replace(Clock, "judge", trusting)


DEFECTS: dict[str, Callable[[], None]] = {
    defect.__name__: defect
    for defect in (
        arrival_order_wins,
        no_grace,
        grace_never_ends,
        acknowledgement_before_commit,
        duplicates_applied_twice,
        sweeper_scores_early,
        client_clock_trusted,
    )
}


def plant() -> None:
    """Put in what the environment names, if it names anything."""
    name = os.environ.get("PLANTED_DEFECT")
    if name:
        django.setup()
        DEFECTS[name]()


def _replace(owner: object, name: str, by: object) -> None:
    """It has to be there already: a defect in something that was renamed would never be noticed."""
    getattr(owner, name)
    setattr(owner, name, by)
