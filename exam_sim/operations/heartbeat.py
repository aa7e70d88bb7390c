"""The sweeper's sign of life: one row, moved forward by whichever sweeper has swept."""

from datetime import datetime, timedelta

from exam_sim.operations.models import Heartbeat

SWEEPER = "sweeper"
LONGEST_SILENCE = timedelta(minutes=2)


def beat(now: datetime) -> None:
    Heartbeat.objects.update_or_create(name=SWEEPER, defaults={"at": now})


def silence(now: datetime) -> timedelta | None:
    """How long ago the last sweep was; None before the first."""
    at = Heartbeat.objects.filter(name=SWEEPER).values_list("at", flat=True).first()
    return None if at is None else max(timedelta(0), now - at)
