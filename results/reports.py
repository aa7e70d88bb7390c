"""Problems with questions that candidates report: made from a review, decided by those who may change the
question, read by who reported. Nothing else writes `Report`.

A candidate has one open report of a question (a constraint); once it is decided they may make another. The
first decision stands: a second one is refused until somebody opens the report again, which takes the reply
back. Two decisions at once are put in a row by the report's row lock.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from exam_sim.accounts.models import User
from exam_sim.exams.models import Attempt
from questions import access
from results.items import ReviewItem
from results.models import Report, ReportKind, ReportState
from results.withheld import is_withheld

DECISIONS = (ReportState.FIXED, ReportState.DECLINED)


class DecidedError(Exception):
    """The report has been decided already, and that stands."""


class NotDecidedError(Exception):
    """There is nothing to open again: it is open, or its reporter has another open one of the question."""


def make(
    attempt: Attempt, item: ReviewItem, kind: ReportKind, text: str, now: datetime
) -> tuple[Report, bool]:
    """Report the question as it was sat, and whether that is new: if the reporter has an open report of it
    already, that one is returned and nothing is written."""
    try:
        with transaction.atomic():
            report = Report.objects.create(
                reporter_id=attempt.user_id,
                attempt=attempt,
                number=item.number,
                question_id=item.question,
                version_id=item.version,
                option_order=list(item.options),
                chosen=[id_ for id_ in item.options if id_ in item.chosen],
                kind=kind,
                text=text,
                made_at=now,
            )
    except IntegrityError:
        found = open_report(attempt.user_id, item.question)
        if found is None:
            raise
        return found, False
    return report, True


def open_report(reporter: UUID, question: UUID) -> Report | None:
    return Report.objects.filter(reporter=reporter, question=question, state=ReportState.OPEN).first()


def decide(report_id: UUID, state: ReportState, reply: str, by: User, now: datetime) -> None:
    """Raises DecidedError when it is not open any more; ValueError for a state that is no decision."""
    if state not in DECISIONS:
        raise ValueError("A decision is fixed or declined.")
    with transaction.atomic():
        report = _locked(report_id)
        if report.state != ReportState.OPEN:
            raise DecidedError
        report.state, report.reply, report.decided_by, report.decided_at = state, reply, by, now
        report.read_at = None
        report.save(update_fields=["state", "reply", "decided_by", "decided_at", "read_at"])


def reopen(report_id: UUID) -> None:
    """Take a decision back, with its reply. Raises NotDecidedError."""
    try:
        with transaction.atomic():
            report = _locked(report_id)
            if report.state == ReportState.OPEN:
                raise NotDecidedError
            report.state, report.reply, report.decided_by, report.decided_at = (
                ReportState.OPEN,
                "",
                None,
                None,
            )
            report.read_at = None
            report.save(update_fields=["state", "reply", "decided_by", "decided_at", "read_at"])
    except IntegrityError as error:
        raise NotDecidedError from error


def _locked(report_id: UUID) -> Report:
    return Report.objects.select_for_update(no_key=True).get(pk=report_id)


def to_decide(user: User) -> QuerySet[Report]:
    """The reports that are for `user` to see and to decide, whatever their state: those of questions that
    they may change. Administrators may change all, and need not be asked which."""
    if user.has_perm(access.CHANGE_EVERYTHING):
        return Report.objects.all()
    return Report.objects.filter(question__collection__in=access.changeable(user))


@dataclass(frozen=True, slots=True)
class Own:
    """A report as its reporter reads it. `withheld`: the reply is kept back while the question is in an exam
    that they have open, because it may tell the key."""

    report: Report
    withheld: bool

    @property
    def is_unread(self) -> bool:
        return self.report.state != ReportState.OPEN and self.report.read_at is None and not self.withheld


def own(user: User) -> list[Own]:
    """What `user` reported, newest first, each with its attempt."""
    rows = Report.objects.filter(reporter=user).select_related("attempt")
    return [Own(row, row.withheld) for row in rows.annotate(withheld=is_withheld(user.pk))]


def unread(user: User) -> int:
    """How many decided reports of `user` wait to be read, without those that are kept back."""
    return _waiting(user).count()


def mark_read(user: User, until: datetime, now: datetime) -> int:
    """The replies that were given up to `until` (the newest one that was shown) have been read."""
    return _waiting(user).filter(decided_at__lte=until).update(read_at=now)


def _waiting(user: User) -> QuerySet[Report]:
    decided = Report.objects.filter(reporter=user, read_at=None).exclude(state=ReportState.OPEN)
    return decided.filter(~is_withheld(user.pk))
