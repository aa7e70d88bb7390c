"""Changes to an account: the one place that writes the profile or password of an account that exists, and
the log of it. What an account begins with, a guest's too who takes one, is written by `registration`."""

from datetime import datetime
from typing import Any

from django.db import transaction

from exam_sim.accounts import audit
from exam_sim.accounts.models import Action, User

PROFILE = ("email", "name", "is_active")
EXTRA_TIME = ("extra_time",)


def change(user: User, values: dict[str, Any], *, by: User | None, now: datetime) -> None:
    """Write `values` of `user`, and note those that differ from what stood there. How the page looks and
    which keys it takes is nobody's business and not noted."""
    with transaction.atomic():
        stood = User.objects.select_for_update(no_key=True).filter(pk=user.pk).values(*values).get()
        User.objects.filter(pk=user.pk).update(**values)
        for action, names in ((Action.PROFILE, PROFILE), (Action.EXTRA_TIME, EXTRA_TIME)):
            changed = [name for name in names if name in values and values[name] != stood[name]]
            if changed:
                before, after = ({name: of[name] for name in changed} for of in (stood, values))
                audit.note(action, user, by=by, at=now, before=before, after=after)


def set_password(user: User, password: str | None, *, by: User | None, now: datetime) -> None:
    """Every session of `user` ends with it, but for one whose hash the caller renews. None: no password, so
    that nobody can log in by one."""
    user.set_password(password)
    with transaction.atomic():
        user.save(update_fields=["password"])
        audit.note(Action.PASSWORD, user, by=by, at=now)
