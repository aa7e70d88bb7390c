"""Attempts and what is frozen on them at their start."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from exam_sim.exams.models.profiles import ExamProfile
from exam_sim.exams.scale import Scale
from questions.models import Question, QuestionVersion


class Mode(models.TextChoices):
    """EXAM: a form of a profile under its rules. STUDY: questions chosen to learn from, at the pace and out
    of the collections of a profile. PREVIEW: somebody who works on the bank looks at questions as a candidate
    would. It has no result, enters no history and no exposure, is no use of a question, and is removed again
    (`exams.previews`)."""

    EXAM = "exam", "Exam"
    STUDY = "study", "Study"
    PREVIEW = "preview", "Preview"


class Study(models.TextChoices):
    """How the questions of a study session were chosen."""

    DRILL = "drill", "Domain drill"
    MISSED = "missed", "Missed and flagged"
    WEAK = "weak", "Weak areas"
    DUE = "due", "Due today"
    CUSTOM = "custom", "Custom"


class State(models.TextChoices):
    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"
    DISCARDED = "discarded", "Discarded"


class EndedBy(models.TextChoices):
    CANDIDATE = "candidate", "Ended by the candidate"
    CLOCK = "clock", "Time ran out"


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def of(self, user: object) -> Self:
        return self.filter(user=user)

    def open(self) -> Self:
        return self.filter(state=State.OPEN)

    def closed(self) -> Self:
        return self.filter(state=State.CLOSED)

    def previews(self) -> Self:
        return self.filter(mode=Mode.PREVIEW)

    def of_candidates(self) -> Self:
        """Without previews: what may be counted, scored and shown as somebody's attempts."""
        return self.exclude(mode=Mode.PREVIEW)

    def overdue(self, now: datetime) -> Self:
        """Open attempts past deadline and grace: nothing can be added to them any more.

        `close_by` is deadline + grace as a column, so that the sweeper reads one index.
        """
        return self.open().filter(close_by__lt=now)


class Attempt(models.Model):
    """One candidate's sitting of one form. State is written by `exams.attempts` alone, the pause by
    `exams.pausing`.

    profile: the exam that is sat; of a study session, the one it prepares for; of a preview, none.
    feedback: each item may be checked, which locks it and shows its key and explanation (study alone).
    paused_at, paused_ms: since when the clock stands still, and how long it stood still before (study alone).
    While it stands, `deadline` and `close_by` are empty and `seconds_granted` says what the clock will go on
    from.
    blueprint: by domain, [{"code", "title", "weight", "scored", "unscored", "task_statements": [{"code",
    "title"}]}].
    shape: [[options, choose], …] by item: what the answer log needs to judge an event without reading items.
    wishes: sentences that say which soft wishes of assembly this form breaks, and why.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="attempts")
    profile = models.ForeignKey(ExamProfile, null=True, on_delete=models.PROTECT, related_name="attempts")
    title = models.CharField(max_length=120)
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.EXAM)
    study = models.CharField(max_length=10, choices=Study, blank=True)
    feedback = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)

    started_at = models.DateTimeField()
    seconds_granted = models.PositiveIntegerField(null=True, help_text="Empty: untimed.")
    seconds_extra = models.PositiveIntegerField(
        default=0, help_text="How much of the granted time is extra time."
    )
    deadline = models.DateTimeField(null=True)
    grace_seconds = models.PositiveSmallIntegerField()
    close_by = models.DateTimeField(
        null=True, help_text="Deadline and grace: the sweeper closes what is open then."
    )
    closed_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=10, choices=EndedBy, blank=True)
    paused_at = models.DateTimeField(null=True)
    paused_ms = models.PositiveBigIntegerField(default=0)

    pass_mark = models.PositiveSmallIntegerField()
    scale_min = models.PositiveSmallIntegerField()
    scale_max = models.PositiveSmallIntegerField()
    seed = models.BigIntegerField()
    blueprint = models.JSONField()
    shape = models.JSONField()
    wishes = models.JSONField(default=list)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ("-started_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["user", "profile"],
                condition=Q(state=State.OPEN, mode=Mode.EXAM),
                name="exams_attempt_one_open",
            ),
            models.CheckConstraint(
                condition=Q(
                    deadline__isnull=False,
                    close_by__isnull=False,
                    seconds_granted__isnull=False,
                    paused_at__isnull=True,
                )
                | Q(
                    Q(seconds_granted__isnull=True) | Q(paused_at__isnull=False),
                    deadline__isnull=True,
                    close_by__isnull=True,
                    mode__in=[Mode.STUDY, Mode.PREVIEW],
                ),
                name="exams_attempt_exam_is_timed",
            ),
            models.CheckConstraint(
                condition=Q(mode=Mode.PREVIEW) | Q(profile__isnull=False),
                name="exams_attempt_exam_has_profile",
            ),
            models.CheckConstraint(
                condition=(Q(mode=Mode.STUDY) & Q(study__in=Study.values))
                | (~Q(mode=Mode.STUDY) & Q(study="", feedback=False, paused_at__isnull=True, paused_ms=0)),
                name="exams_attempt_study_alone",
            ),
            models.CheckConstraint(
                condition=Q(state=State.OPEN) | Q(paused_at__isnull=True),
                name="exams_attempt_paused_is_open",
            ),
            models.CheckConstraint(
                condition=~Q(mode=Mode.PREVIEW) | Q(profile__isnull=True, deadline__isnull=True),
                name="exams_attempt_preview_is_bare",
            ),
            models.CheckConstraint(
                condition=Q(state=State.OPEN, closed_at__isnull=True)
                | (~Q(state=State.OPEN) & Q(closed_at__isnull=False)),
                name="exams_attempt_closed_has_time",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True)
                | Q(deadline__isnull=True)
                | Q(closed_at__lte=F("deadline")),
                name="exams_attempt_closed_by_deadline",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("started_at")),
                name="exams_attempt_closed_after_start",
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="exams_attempt_state_known"),
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="exams_attempt_mode_known"),
        )
        indexes = (
            models.Index(
                fields=["close_by"], condition=Q(state=State.OPEN), name="exams_attempt_open_close_by"
            ),
            models.Index(fields=["user", "-started_at"], name="exams_attempt_history"),
            models.Index(fields=["-started_at", "-id"], name="exams_attempt_newest"),
            models.Index(
                fields=["closed_at"], condition=Q(state=State.CLOSED), name="exams_attempt_closed_at"
            ),
            models.Index(
                fields=["started_at"], condition=Q(mode=Mode.PREVIEW), name="exams_attempt_previews"
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def item_count(self) -> int:
        return len(self.shape)

    @property
    def is_preview(self) -> bool:
        return self.mode == Mode.PREVIEW

    @property
    def is_study(self) -> bool:
        return self.mode == Mode.STUDY

    @property
    def noun(self) -> str:
        """What its candidate calls it."""
        return "session" if self.is_study else "exam"

    @property
    def scale(self) -> Scale:
        return Scale(self.scale_min, self.scale_max, self.pass_mark)

    @property
    def time_used(self) -> timedelta | None:
        """From start to close, without pauses; None while it is open."""
        if self.closed_at is None:
            return None
        return self.closed_at - self.started_at - timedelta(milliseconds=self.paused_ms)


class AttemptItem(models.Model):
    """One place of the form, frozen at the start. `number` counts from 1; `option_order` lists the option ids
    in the order this candidate sees them, and on the wire an option is its position (from 0) in that list."""

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="items")
    number = models.PositiveSmallIntegerField()
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(QuestionVersion, on_delete=models.PROTECT, related_name="+")
    scored = models.BooleanField(default=True)
    option_order = models.JSONField()

    class Meta:
        ordering = ("attempt", "number")
        constraints = (
            models.UniqueConstraint(fields=["attempt", "number"], name="exams_item_number_unique"),
            models.UniqueConstraint(fields=["attempt", "question"], name="exams_item_question_once"),
        )

    def __str__(self) -> str:
        return f"item {self.number}"


class Extension(models.Model):
    """One grant of time to an open attempt: who, when, how much, why."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="extensions")
    seconds = models.PositiveIntegerField()
    reason = models.CharField(max_length=300)
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    def __str__(self) -> str:
        return f"+{self.seconds} s"
