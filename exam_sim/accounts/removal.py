"""An account goes, and everything that belongs to it.

What belongs to somebody is said by the models: whatever points at a user, or at something of theirs, by a
foreign key that cascades. So no list of it is kept here, and this app need not know exams. What points at a
person and outlives them (versions and imports of the bank, collections, changes of roles) is SET_NULL there,
and stays without a name. Sessions go as well, which is no loss to tell of.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.db import transaction
from django.db.models import CASCADE, Count, ManyToOneRel, OuterRef, Subquery
from django.db.models.functions import Coalesce

from exam_sim.accounts import audit, roles
from exam_sim.accounts.models import Action, Session, User

WORDS = {
    "attempts": ("exam or study session", "exams and study sessions"),
    "sights": ("question you have seen", "questions you have seen"),
    "reserves": ("form drawn for a dress rehearsal", "forms drawn for dress rehearsals"),
    "cards": ("question in your plan of what to repeat", "questions in your plan of what to repeat"),
    "reports": ("report of a problem", "reports of problems"),
    "previews": ("upload that is not imported yet", "uploads that are not imported yet"),
    "column_mappings": ("remembered table header", "remembered table headers"),
    "logentry_set": ("line in the log of the administration", "lines in the log of the administration"),
}
"""What somebody's own rows are called, one and several, where the model's own name would not do."""


class LastAdministratorError(Exception):
    """Nobody else could administer this site."""


@dataclass(frozen=True, slots=True)
class Loss:
    count: int
    noun: str


def losses(user: User) -> list[Loss]:
    """What goes with `user`, in numbers: all that is directly theirs, in one statement; nothing that is 0."""
    kinds = [
        relation
        for relation in User._meta.related_objects
        if isinstance(relation, ManyToOneRel)
        and relation.on_delete is CASCADE
        and relation.related_model is not Session
    ]
    counts = User.objects.filter(pk=user.pk).values_list(*map(_count, kinds)).get()
    return [
        Loss(count, _noun(relation, count)) for relation, count in zip(kinds, counts, strict=True) if count
    ]


def remove(user: User, now: datetime) -> None:
    """Delete `user` and everything of theirs, or nothing. Raises LastAdministratorError. The audit log keeps
    that an account was deleted, and nothing of whose.

    Their attempts are locked before the user is, in the order in which a save locks them: one that is under
    way is finished first, and whatever comes later finds nothing to write to.
    """
    with transaction.atomic():
        list(user.attempts.order_by("pk").select_for_update().values_list("pk"))
        if roles.leaves_no_administrator(user):
            raise LastAdministratorError
        list(User.objects.filter(pk=user.pk).select_for_update().values_list("pk"))
        audit.forget([user.pk])
        audit.note(Action.DELETED, user, by=None, at=now)
        User.objects.filter(pk=user.pk).delete()


def _count(relation: ManyToOneRel) -> Coalesce:
    model: Any = relation.related_model
    field = relation.field.name
    rows = model._base_manager.filter(**{field: OuterRef("pk")}).order_by()
    return Coalesce(Subquery(rows.values(field).values(n=Count("*"))), 0)


def _noun(relation: ManyToOneRel, count: int) -> str:
    meta = cast("Any", relation.related_model)._meta
    named = (str(meta.verbose_name), str(meta.verbose_name_plural))
    return WORDS.get(relation.get_accessor_name() or "", named)[count != 1]
