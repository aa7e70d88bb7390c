"""Questions as lists need them: derived, narrow, quick to search."""

from django.db import models

from questions.models.bank import Collection, Kind, Question, Status
from questions.models.certifications import Domain, TaskStatement
from questions.words import WordsField


class Listing(models.Model):
    """A question as lists filter, search and sort it: narrow, so that all of a bank is read in a moment.
    Derived from the question and its current version; written by `questions.listing` alone.

    order: the id in its source so that numbers in it sort as numbers. warnings: how many lint has found.
    words: of all its texts, and the marks `service=…`, `warning=any` and `warning=<rule>`.
    """

    question = models.OneToOneField(
        Question, on_delete=models.CASCADE, primary_key=True, related_name="listing"
    )
    collection = models.ForeignKey(
        Collection, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    domain = models.ForeignKey(
        Domain, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    task_statement = models.ForeignKey(
        TaskStatement, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    status = models.CharField(max_length=10, choices=Status)
    kind = models.CharField(max_length=20, choices=Kind)
    level = models.PositiveSmallIntegerField()
    warnings = models.PositiveSmallIntegerField()
    order = models.BinaryField(max_length=200)
    changed_at = models.DateTimeField()
    words = WordsField()

    class Meta:
        indexes = (
            models.Index(fields=["order", "question", "collection"], name="questions_listing_by_id"),
            models.Index(
                fields=["-changed_at", "question", "collection"], name="questions_listing_by_change"
            ),
        )

    def __str__(self) -> str:
        return f"{self.question_id}"


class ListedService(models.Model):
    """A service that questions of a collection name, or named once: what a list offers to filter by. Written
    by `questions.listing` alone."""

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="listed_services")
    name = models.CharField(max_length=200)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=["collection", "name"], name="questions_listed_service_once"),
        )

    def __str__(self) -> str:
        return self.name
