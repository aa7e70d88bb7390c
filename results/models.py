"""Kept of closed attempts (results), and of what a candidate makes of them (cards, notes, reports)."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from exam_sim.exams.models import Attempt
from questions.models import Certification, Question, QuestionVersion

FIRST_REVISION = 1
"""The result as it was given."""


class Result(models.Model):
    """What a closed attempt was worth. Revision 1 is the score as it was given and never changes; a later
    revision stands beside it when a key was corrected. Written by `results.grading` alone.

    domains: [{"code", "title", "weight", "correct", "total", "meets"}], by code, scored items alone; code,
    title and weight as they were at the start.
    task_statements: [{"domain", "code", "title", "correct", "total"}], scored items alone.
    items: what each item says about the candidate, see `results.evidence`; empty until it was gathered.
    displayed: how many items were displayed. digested_at: when cards and tallies took this result in.
    """

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="results")
    revision = models.PositiveSmallIntegerField(default=1)
    rule = models.PositiveSmallIntegerField(help_text="Version of the scoring rule, see results/scoring.py.")
    computed_at = models.DateTimeField()
    correct = models.PositiveSmallIntegerField()
    total = models.PositiveSmallIntegerField()
    answered = models.PositiveSmallIntegerField(help_text="Items with a complete choice, scored or not.")
    scaled = models.PositiveSmallIntegerField()
    pass_mark = models.PositiveSmallIntegerField()
    passed = models.BooleanField()
    domains = models.JSONField(default=list)
    task_statements = models.JSONField()
    items = models.JSONField(null=True)
    displayed = models.PositiveSmallIntegerField(null=True)
    digested_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("attempt", "revision")
        indexes = (
            models.Index(
                fields=["computed_at"],
                condition=Q(digested_at__isnull=True, revision=1),
                name="results_result_undigested",
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=["attempt", "revision"], name="results_result_revision_unique"),
            models.CheckConstraint(
                condition=Q(correct__lte=F("total"), total__gte=1), name="results_result_share"
            ),
            models.CheckConstraint(
                condition=Q(passed=True, scaled__gte=F("pass_mark"))
                | Q(passed=False, scaled__lt=F("pass_mark")),
                name="results_result_pass_agrees",
            ),
        )

    def __str__(self) -> str:
        return f"{self.scaled}"


class Card(models.Model):
    """Where one candidate stands with one question in spaced repetition, as the `fsrs` package keeps it.
    `due` is the package's own date: what an exam date makes of it is worked out when it is read. Written by
    `results.cards` alone."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="cards")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    due = models.DateTimeField()
    last_review = models.DateTimeField()
    stability = models.FloatField()
    difficulty = models.FloatField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "question"], name="results_card_once"),)
        indexes = (models.Index(fields=["user", "due"], name="results_card_due"),)

    def __str__(self) -> str:
        return f"{self.question_id} due {self.due:%Y-%m-%d}"


class Tally(models.Model):
    """How candidates answered a version when they saw its question for the first time: `sights`, and by
    option id how many of those chose it. Nobody can be found in it. Written by `results.tallies` alone."""

    version = models.OneToOneField(
        QuestionVersion, primary_key=True, on_delete=models.CASCADE, related_name="tally"
    )
    sights = models.PositiveIntegerField(default=0)
    chosen = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.sights} first sights"


class Note(models.Model):
    """What a candidate wrote down about a question, for themselves alone."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notes")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["user", "question"], name="results_note_once"),
            models.CheckConstraint(condition=~Q(text=""), name="results_note_not_empty"),
        )

    def __str__(self) -> str:
        return self.text[:60]


class Bookmark(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="bookmarks")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "question"], name="results_bookmark_once"),)

    def __str__(self) -> str:
        return f"{self.question_id}"


class ReportState(models.TextChoices):
    OPEN = "open", "Open"
    FIXED = "fixed", "Fixed"
    DECLINED = "declined", "Declined"


class ReportKind(models.TextChoices):
    KEY = "key", "The key is wrong"
    UNCLEAR = "unclear", "The question is unclear"
    OUTDATED = "outdated", "It is out of date"
    TYPO = "typo", "A typing or display error"
    OTHER = "other", "Something else"


class Report(models.Model):
    """A problem with a question that a candidate told from their review: as they sat it (version, order of
    the options, what they chose), what became of it, and what was replied. Written by `results.reports`
    alone.

    option_order and chosen are option ids; `read_at` is when the reporter saw the reply.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reports")
    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveSmallIntegerField(help_text="Of the item in that attempt.")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(QuestionVersion, on_delete=models.PROTECT, related_name="+")
    option_order = models.JSONField()
    chosen = models.JSONField()
    kind = models.CharField(max_length=10, choices=ReportKind)
    text = models.TextField(blank=True)
    made_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=ReportState, default=ReportState.OPEN)
    reply = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-made_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["reporter", "question"],
                condition=Q(state=ReportState.OPEN),
                name="results_report_one_open",
            ),
            models.CheckConstraint(condition=Q(kind__in=ReportKind.values), name="results_report_kind_known"),
            models.CheckConstraint(
                condition=Q(state=ReportState.OPEN, decided_at__isnull=True)
                | Q(state__in=[ReportState.FIXED, ReportState.DECLINED], decided_at__isnull=False),
                name="results_report_decided_has_time",
            ),
        )
        indexes = (models.Index(fields=["state", "-made_at"], name="results_report_queue"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.get_state_display()})"


class ExamDate(models.Model):
    """The day on which a candidate sits the real exam."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="exam_dates")
    certification = models.ForeignKey(Certification, on_delete=models.CASCADE, related_name="+")
    date = models.DateField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["user", "certification"], name="results_exam_date_once"),
        )

    def __str__(self) -> str:
        return f"{self.date}"
