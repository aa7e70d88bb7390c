"""The log of who changed what about a person or an attempt: `note`, called in the transaction of the change
by the one function that makes it.

What has a log of its own is not written twice: extensions (`Extension`), roles (`RoleChange`), statuses
(`StatusChange`), keys (`KeyCorrection`), imports (`Import`); what candidates do to their own attempts stands
on the attempt and in its answer log.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db.models import Model

from exam_sim.accounts.models import Action, AuditEntry, User

Values = dict[str, Any]


def note(
    action: Action,
    of: Model,
    *,
    by: User | None,
    at: datetime,
    before: Values | None = None,
    after: Values | None = None,
) -> None:
    """`by` did `action` to `of`, a saved row; None: a command at the server, or nobody who is known."""
    AuditEntry.objects.create(
        at=at, actor=by, action=action, object=f"{of._meta.model_name}:{of.pk}", before=before, after=after
    )


def forget(user_ids: Iterable[UUID]) -> None:
    """Take out what was noted of these people, here and in the administration's own log: names, addresses,
    accommodations. That something was changed, when and by whom, stays."""
    ids = [str(id_) for id_ in user_ids]
    AuditEntry.objects.filter(object__in=[f"user:{id_}" for id_ in ids]).update(before=None, after=None)
    of_people = LogEntry.objects.filter(
        content_type__app_label=User._meta.app_label, content_type__model=User._meta.model_name
    )
    of_people.filter(object_id__in=ids).update(object_repr="")


def remove_old(now: datetime) -> int:
    return AuditEntry.objects.filter(at__lt=now - timedelta(days=settings.AUDIT_DAYS)).delete()[0]
