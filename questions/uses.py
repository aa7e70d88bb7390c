"""What was made of a question outside the bank. The bank knows no exams: who points at its questions says so
here when the application starts, and who wants to delete one asks here.

A question is *used* when something stands on one of its versions that must not go with it, as the attempt of
a candidate. What may go (a preview of the bank's own people) is *released*: it is deleted, and then holds
nothing any more.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from exam_sim.accounts.models import User as Person
from questions.batches import batches

Ids = Collection[UUID]


@dataclass(frozen=True, slots=True)
class User:
    """One application that points at questions. `used` returns those of the given ids that are used;
    `release` deletes what holds the given questions without being a use. Never more than 500 ids at a
    time."""

    used: Callable[[Ids], set[UUID]]
    release: Callable[[Ids, Person | None, datetime], None]


_users: list[User] = []


def register(user: User) -> None:
    if user not in _users:
        _users.append(user)


def used(question_ids: Ids) -> set[UUID]:
    """Those of the questions that are used, whichever of their versions."""
    return {id_ for ids in batches(question_ids) for user in _users for id_ in user.used(ids)}


def release(question_ids: Ids, by: Person | None, now: datetime) -> None:
    """Call it in the transaction in which `by` deletes any of these questions, or versions of them, just
    before."""
    for ids in batches(question_ids):
        for user in _users:
            user.release(ids, by, now)
