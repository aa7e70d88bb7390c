"""Guests who do not come back."""

from datetime import datetime, timedelta

from django.db import transaction

from exam_sim.accounts import audit
from exam_sim.accounts.models import User

IDLE = timedelta(days=30)
BATCH = 100


def remove_idle(now: datetime) -> int:
    """Remove guests idle for 30 days with no exam running, and all that is theirs; return how many.

    `last_active` is exact to a day. What runs is asked by a field path, because this app does not know exams;
    a study session that was left open, untimed or paused, keeps nobody. A guest who comes back in this very
    moment writes `last_active` first: either that waits for the row's lock and then finds nobody, or the lock
    waits for it and the condition no longer holds.
    """
    sitting = User.objects.filter(attempts__state="open", attempts__close_by__isnull=False)
    idle = User.objects.filter(is_guest=True, last_active__lt=now - IDLE).exclude(pk__in=sitting.values("pk"))
    removed = 0
    while True:
        with transaction.atomic():
            keys = list(idle.select_for_update(of=("self",)).values_list("pk", flat=True)[:BATCH])
            if keys:
                audit.forget(keys)
                User.objects.filter(pk__in=keys).delete()
        removed += len(keys)
        if len(keys) < BATCH:
            return removed
