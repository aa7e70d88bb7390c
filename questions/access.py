"""Who may see and who may change what in the bank: one place to look it up.

An instructor owns collections and changes those alone; what has no owner (the shipped bank) everybody who
works on the bank may look at, and administrators change everything. Anything else is not there at all.
"""

from django.db.models import Q, QuerySet

from exam_sim.accounts.models import User
from questions.models import Collection

WORK_ON_THE_BANK = "questions.change_question"
CHANGE_EVERYTHING = "questions.change_certification"


def may_work_on_the_bank(user: User) -> bool:
    return user.has_perm(WORK_ON_THE_BANK)


def visible(user: User) -> QuerySet[Collection]:
    """The collections whose questions `user` may look at."""
    if user.has_perm(CHANGE_EVERYTHING):
        return Collection.objects.all()
    if not may_work_on_the_bank(user):
        return Collection.objects.none()
    return Collection.objects.filter(Q(owner=user) | Q(owner=None))


def changeable(user: User) -> QuerySet[Collection]:
    """The collections that `user` may import into and edit."""
    if user.has_perm(CHANGE_EVERYTHING):
        return Collection.objects.all()
    return Collection.objects.filter(owner=user) if may_work_on_the_bank(user) else Collection.objects.none()


def may_change(user: User, collection: Collection) -> bool:
    """Whether `collection` is one of `changeable(user)`, without asking the database for it."""
    if user.has_perm(CHANGE_EVERYTHING):
        return True
    return collection.owner_id == user.pk and may_work_on_the_bank(user)
