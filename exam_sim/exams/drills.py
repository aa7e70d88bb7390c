"""Study sessions: an attempt in `Mode.STUDY` over questions that somebody chose to learn from.

Inputs: the candidate, the exam that is prepared for, and the questions in the order in which they are to be
sat. What may not be asked is left out, whoever asks for it: questions that are kept for the dress rehearsal,
those of an exam that this candidate is sitting right now (their explanation would tell its keys), and those
that are not served, or not in the exam's collections, any more.

Time, when the session is timed, is the exam's pace: its minutes × items ÷ its items, rounded up to whole
minutes, and the candidate's extra time in the same proportion. An untimed session has no deadline and stays
open until its candidate ends it. Several may be open at once.
"""

import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from exam_sim import metrics
from exam_sim.accounts.models import ExtraTime, User
from exam_sim.exams import reserve
from exam_sim.exams.attempts import set_deadline, uuid7
from exam_sim.exams.exceptions import NothingToStudyError
from exam_sim.exams.models import Attempt, AttemptItem, ExamProfile, Mode, Study
from exam_sim.exams.shuffling import shuffle_options
from questions.models import SERVED_STATUSES, Domain, Question

LARGEST = 100
_COLUMNS = (
    "pk",
    "current_version_id",
    "current_version__layout",
    "current_version__task_statement__domain__code",
)


def start(
    user: User,
    profile: ExamProfile,
    study: Study,
    title: str,
    questions: Sequence[UUID],
    *,
    timed: bool,
    feedback: bool,
    now: datetime,
    seed: int | None = None,
) -> Attempt:
    """A new session over the current versions of `questions` in their order, of which the first `LARGEST`
    are taken; options are shuffled by `seed`, as in a form. Every item is scored. A candidate's first attempt
    draws the reserve, and this may be it.

    Raises NothingToStudyError when none of them may be asked.
    """
    seed = secrets.randbits(62) if seed is None else seed
    with transaction.atomic():
        reserve.ensure(user, profile, now, questions)
        rows = _askable(user, profile, questions)
        if not rows:
            raise NothingToStudyError("None of these questions can be studied right now.")
        attempt = _attempt(user, profile, rows, now)
        attempt.study, attempt.title, attempt.feedback, attempt.seed = study, title[:120], feedback, seed
        if timed:
            _set_time(attempt, profile, ExtraTime(user.extra_time))
        attempt.save(force_insert=True)
        AttemptItem.objects.bulk_create(_items(attempt, rows))
    metrics.attempt_started(Mode.STUDY)
    return attempt


def being_sat(user: User) -> QuerySet[AttemptItem]:
    """The items of the exams that `user` is sitting right now."""
    return AttemptItem.objects.filter(attempt__in=Attempt.objects.of(user).open().filter(mode=Mode.EXAM))


def seconds_at_exam_pace(seconds: int, items: int, profile: ExamProfile) -> int:
    """The share of `seconds`, which are for the whole exam, that `items` of it take: up to whole minutes."""
    return -(-seconds * items // (60 * profile.item_count)) * 60


def _attempt(user: User, profile: ExamProfile, rows: Sequence[Any], now: datetime) -> Attempt:
    """A session over `rows`, untimed and not yet saved."""
    layouts = [row.current_version__layout for row in rows]
    domains = Counter(row.current_version__task_statement__domain__code for row in rows)
    return Attempt(
        id=uuid7(now),
        user=user,
        profile=profile,
        mode=Mode.STUDY,
        started_at=now,
        grace_seconds=profile.grace_seconds,
        pass_mark=profile.pass_mark,
        scale_min=profile.scale_min,
        scale_max=profile.scale_max,
        shape=[[len(layout["options"]), layout["choose"]] for layout in layouts],
        blueprint=_blueprint(profile, domains),
    )


def _items(attempt: Attempt, rows: Sequence[Any]) -> list[AttemptItem]:
    rng = Random(attempt.seed)  # noqa: S311 - the orders can be made again from the stored seed
    items = []
    for number, row in enumerate(rows, start=1):
        layout = row.current_version__layout
        options = [(id_, bool(fixed)) for id_, fixed in layout["options"]]
        items.append(
            AttemptItem(
                attempt=attempt,
                number=number,
                question_id=row.pk,
                version_id=row.current_version_id,
                option_order=shuffle_options(options, layout["shuffle"], rng),
            )
        )
    return items


def _set_time(attempt: Attempt, profile: ExamProfile, extra_time: ExtraTime) -> None:
    whole = profile.minutes * 60
    base, extra = (
        seconds_at_exam_pace(seconds, attempt.item_count, profile)
        for seconds in (whole, extra_time.extra_seconds(whole))
    )
    attempt.seconds_extra = extra
    set_deadline(attempt, base + extra)


def _askable(user: User, profile: ExamProfile, questions: Iterable[UUID]) -> list[Any]:
    """Their `_COLUMNS` in the order given, each question once."""
    wanted = list(dict.fromkeys(questions))
    found = (
        Question.objects.filter(
            pk__in=wanted,
            status__in=SERVED_STATUSES,
            current_version__isnull=False,
            collection__in=profile.collections.all(),
        )
        .exclude(pk__in=reserve.reserved(user, profile.certification_id).values("pk"))
        .exclude(pk__in=being_sat(user).values("question"))
        .order_by()
    )
    rows = {row.pk: row for row in found.values_list(*_COLUMNS, named=True)}
    return [rows[question] for question in wanted if question in rows][:LARGEST]


def _blueprint(profile: ExamProfile, counts: Counter[str]) -> list[dict[str, object]]:
    """Every domain and task statement of the certification, with how many items of it the session holds."""
    domains = Domain.objects.filter(certification=profile.certification_id)
    return [
        {
            "code": domain.code,
            "title": domain.title,
            "weight": domain.weight,
            "scored": counts[domain.code],
            "unscored": 0,
            "task_statements": [
                {"code": statement.code, "title": statement.title}
                for statement in domain.task_statements.all()
            ],
        }
        for domain in domains.prefetch_related("task_statements")
    ]
