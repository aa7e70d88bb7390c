"""Attempts to be reviewed, of the other modes."""

from collections.abc import Mapping, Sequence
from typing import Any

from exam_sim.accounts.models import User
from exam_sim.exams.models import Attempt, Mode, Study
from questions.models import QuestionVersion
from tests.factories import make_attempt


def make_study(
    user: User, versions: Sequence[QuestionVersion], answers: Mapping[int, str] | None = None, **fields: Any
) -> Attempt:
    """A drill with explanations."""
    mode: dict[str, Any] = {"mode": Mode.STUDY, "study": Study.DRILL, "feedback": True}
    return make_attempt(user, versions, answers=answers, **(mode | fields))


def make_preview(user: User, versions: Sequence[QuestionVersion]) -> Attempt:
    attempt = make_study(user, versions, deadline=None, close_by=None, seconds_granted=None)
    Attempt.objects.filter(pk=attempt.pk).update(mode=Mode.PREVIEW, study="", feedback=False, profile=None)
    attempt.refresh_from_db()
    return attempt
