from django.db import models
from django.db.models import F, Q

from exam_sim.exams.models import Attempt


class Result(models.Model):
    """What a closed attempt was worth. Revision 1 is the score as it was given and never changes; a later
    revision stands beside it when a key was corrected. Written by `results.grading` alone.

    task_statements: [{"domain", "code", "title", "correct", "total"}], scored items alone.
    domain_list: `domains` by code, set by `grading.result_for` without another query on a fresh result.
    """

    domain_list: list["DomainResult"]

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
    task_statements = models.JSONField()

    class Meta:
        ordering = ("attempt", "revision")
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


class DomainResult(models.Model):
    """A domain's part of a result, scored items alone; code, title and weight as they were at the start."""

    result = models.ForeignKey(Result, on_delete=models.CASCADE, related_name="domains")
    code = models.CharField(max_length=10)
    title = models.CharField(max_length=200)
    weight = models.PositiveSmallIntegerField()
    correct = models.PositiveSmallIntegerField()
    total = models.PositiveSmallIntegerField()
    meets = models.BooleanField()

    class Meta:
        ordering = ("result", "code")
        constraints = (
            models.UniqueConstraint(fields=["result", "code"], name="results_domain_once"),
            models.CheckConstraint(condition=Q(correct__lte=F("total")), name="results_domain_share"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.correct}/{self.total}"
