"""Where questions of the bank are used: in attempts of candidates, and in what candidates have seen.

Previews use nothing (see `exams.previews`). Registered with `questions.uses` when the application starts.
"""

from collections.abc import Collection
from uuid import UUID

from exam_sim.exams import previews
from exam_sim.exams.models import AttemptItem, Mode, Sight
from questions import uses


def used_questions(question_ids: Collection[UUID]) -> set[UUID]:
    items = AttemptItem.objects.filter(question__in=question_ids).exclude(attempt__mode=Mode.PREVIEW)
    sights = Sight.objects.filter(question__in=question_ids)
    return {*items.values_list("question_id", flat=True), *sights.values_list("question_id", flat=True)}


IN_ATTEMPTS = uses.User(used_questions, previews.remove_over)
