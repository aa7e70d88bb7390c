"""What a certification asks for: its domains and their task statements."""

from django.db import models
from django.db.models import Q


class Certification(models.Model):
    slug = models.SlugField(primary_key=True, max_length=40)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    retired_on = models.DateField(null=True, blank=True)
    successor = models.CharField(
        max_length=200, blank=True, help_text="What a candidate should sit now that it is retired."
    )

    def __str__(self) -> str:
        return self.title


class Domain(models.Model):
    certification = models.ForeignKey(Certification, on_delete=models.CASCADE, related_name="domains")
    code = models.CharField(max_length=10)
    title = models.CharField(max_length=200)
    weight = models.PositiveSmallIntegerField(help_text="Percent of the scored items.")

    class Meta:
        ordering = ("certification", "code")
        constraints = (
            models.UniqueConstraint(fields=["certification", "code"], name="questions_domain_code_unique"),
            models.CheckConstraint(
                condition=Q(weight__gte=1, weight__lte=100), name="questions_domain_weight_percent"
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class TaskStatement(models.Model):
    domain = models.ForeignKey(Domain, on_delete=models.CASCADE, related_name="task_statements")
    code = models.CharField(max_length=10)
    title = models.CharField(max_length=300)

    class Meta:
        ordering = ("domain", "code")
        constraints = (
            models.UniqueConstraint(fields=["domain", "code"], name="questions_task_statement_code_unique"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.title}"
