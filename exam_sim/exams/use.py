"""Where questions of the bank are used: in attempts of candidates, and in what candidates have seen.

Previews use nothing (see `exams.previews`), nor does a reserve (see `exams.reserve`). Registered with
`questions.uses` when the application starts.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from exam_sim.accounts.models import User
from exam_sim.exams import previews, reserve
from exam_sim.exams.models import AttemptItem, Mode, Sight
from questions import uses
from questions.models import Question


def used_questions(question_ids: Collection[UUID]) -> set[UUID]:
    items = AttemptItem.objects.filter(question=OuterRef("pk")).exclude(attempt__mode=Mode.PREVIEW)
    sights = Sight.objects.filter(question=OuterRef("pk"))
    used = Question.objects.filter(Exists(items) | Exists(sights), pk__in=question_ids)
    return set(used.order_by().values_list("pk", flat=True))


def release(question_ids: Collection[UUID], by: User | None, now: datetime) -> None:
    """Previews are deleted with their questions; a reserve is one short then."""
    previews.remove_over(question_ids, by, now)
    reserve.release(question_ids)


IN_ATTEMPTS = uses.User(used_questions, release)
