"""What was written together, to be read about and undone."""

import uuid

from django.conf import settings
from django.db import models

from questions.models.bank import Collection, Question, QuestionVersion, Status


class Import(models.Model):
    """What was written together: who, when, from which file, how much of what. `counts` as
    `judging.tally` gives them. `format` is empty where files of several formats came together."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="imports")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    file_name = models.CharField(max_length=200)
    file_hash = models.CharField(max_length=64)
    format = models.CharField(max_length=20)
    status = models.CharField(max_length=10, choices=Status, help_text="What new questions entered as.")
    counts = models.JSONField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("-at",)
        indexes = (models.Index(fields=["collection", "-at"], name="questions_import_newest"),)

    def __str__(self) -> str:
        return f"{self.file_name} {self.at:%Y-%m-%d %H:%M}"


class ImportEntry(models.Model):
    """A question that an import had in its file. `version` is what it wrote (None: the question was
    unchanged, or undoing has deleted it), `before` the version that was current until then (None: it was
    new)."""

    batch = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="entries")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="import_entries")
    version = models.ForeignKey(QuestionVersion, null=True, on_delete=models.SET_NULL, related_name="+")
    before = models.ForeignKey(QuestionVersion, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["batch", "question"], name="questions_import_entry_once"),
        )

    def __str__(self) -> str:
        return f"{self.question_id}"
