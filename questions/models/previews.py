"""Uploads before anything of them is in the bank."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from questions.models.bank import Collection, Question, QuestionVersion, Status


class PreviewState(models.TextChoices):
    READING = "reading", "Being read"
    READY = "ready", "Ready"
    UNUSABLE = "unusable", "Cannot be read"
    APPLIED = "applied", "Imported"


class Preview(models.Model):
    """An upload before anything of it is in the bank: private to who uploaded it, for 24 hours.

    columns: our field by a table's header. problems: those of the file as a whole, as `stored.problem_data`
    writes them. done: the share of the file that was read. beat: when the reader last said so; who finds an
    old one reads the file again from its start (`questions.intake`). tries: how often that was begun.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="previews")
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="previews")
    state = models.CharField(max_length=10, choices=PreviewState, default=PreviewState.READING)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    file_name = models.CharField(max_length=200)
    file_hash = models.CharField(max_length=64)
    content = models.BinaryField()
    format = models.CharField(max_length=20)
    encoding = models.CharField(max_length=20, default="utf-8")
    columns = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    leave_out = models.BooleanField(default=False, help_text="Leave out what has errors.")
    problems = models.JSONField(default=list)
    done = models.FloatField(default=0)
    beat = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=PreviewState.values), name="questions_preview_state_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[Status.DRAFT, Status.TRIAL, Status.PUBLISHED]),
                name="questions_preview_status_of_new",
            ),
        )

    def __str__(self) -> str:
        return self.file_name


class Outcome(models.TextChoices):
    """What applying a preview would do with one of its entries."""

    NEW = "new", "New"
    CHANGED = "changed", "Changed"
    UNCHANGED = "unchanged", "Unchanged"
    PROBLEM = "problem", "With problems"
    SKIPPED = "skipped", "Skipped"


class Likeness(models.TextChoices):
    """Why an entry was held against a question of the bank."""

    NONE = "", "Nothing like it"
    SAME_ID = "id", "Same id"
    SAME_TEXT = "text", "Same text"
    EDIT = "edit", "Probably an edit"
    OTHER = "other", "Same id, other question"


class Decision(models.TextChoices):
    NONE = "", "Not decided"
    REPLACE = "replace", "A new version of it"
    ADD = "add", "A new question"


class PreviewEntry(models.Model):
    """One question of an upload.

    draft: as `stored.draft_data` writes it, None where there is nothing to show; what the file leaves open
    is filled in from `base`. problems: as `stored.problem_data` writes them; the first `reported` of them are
    the reader's, then come those of the rules. findings: [{rule, field, advice}] of lint. skipped: the kind,
    in the format's own word. raw: its piece of the file. question: the one in the bank that it would change,
    base: that question's current version when this was previewed. similarity: percent, of texts.
    task_statement: the draft's, a code, to be counted by. figures: {file: {"sha256": …} or {"problem": …}}.
    rendered: {html, key_html, layout}, as a version stores them.
    """

    preview = models.ForeignKey(Preview, on_delete=models.CASCADE, related_name="entries")
    position = models.PositiveIntegerField()
    outcome = models.CharField(max_length=10, choices=Outcome)
    external_id = models.CharField(max_length=100, blank=True)
    draft = models.JSONField(null=True)
    problems = models.JSONField(default=list)
    findings = models.JSONField(default=list)
    skipped = models.CharField(max_length=100, blank=True)
    raw = models.TextField(blank=True)
    question = models.ForeignKey(Question, null=True, on_delete=models.SET_NULL, related_name="+")
    base = models.ForeignKey(QuestionVersion, null=True, on_delete=models.SET_NULL, related_name="+")
    likeness = models.CharField(max_length=10, choices=Likeness, blank=True)
    similarity = models.PositiveSmallIntegerField(default=0)
    decision = models.CharField(max_length=10, choices=Decision, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    rendered = models.JSONField(null=True)
    reported = models.PositiveSmallIntegerField(default=0)
    task_statement = models.CharField(max_length=10, blank=True)
    testing_point_key = models.CharField(max_length=64, blank=True)
    figures = models.JSONField(default=dict)
    key_changed = models.BooleanField(default=False, help_text="Other options are correct than in the bank.")

    class Meta:
        ordering = ("preview", "position")
        constraints = (
            models.UniqueConstraint(fields=["preview", "position"], name="questions_entry_position_unique"),
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values), name="questions_entry_outcome_known"
            ),
        )
        indexes = (models.Index(fields=["preview", "outcome", "position"], name="questions_entry_sorted"),)

    def __str__(self) -> str:
        return f"{self.position} {self.outcome}"


class PreviewFigure(models.Model):
    """A figure of an upload, checked and made safe already; shown to its uploader alone."""

    preview = models.ForeignKey(Preview, on_delete=models.CASCADE, related_name="figures")
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=40)
    content = models.BinaryField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["preview", "sha256"], name="questions_preview_figure_once"),
        )

    def __str__(self) -> str:
        return self.sha256[:12]


class ColumnMapping(models.Model):
    """What somebody said a table's unknown headers mean, by the headers' hash: not asked twice."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="column_mappings"
    )
    headers_hash = models.CharField(max_length=64)
    columns = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["owner", "headers_hash"], name="questions_mapping_once"),
        )

    def __str__(self) -> str:
        return self.headers_hash[:12]
