"""Exams as data."""

from django.db import models
from django.db.models import F, Q

from exam_sim.exams.scale import Scale
from questions.models import Certification, Collection


class ExamProfile(models.Model):
    """The rules of one exam, as data: items, minutes, what passes. Domain weights are the certification's."""

    slug = models.SlugField(primary_key=True, max_length=60)
    certification = models.ForeignKey(Certification, on_delete=models.PROTECT, related_name="profiles")
    title = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField(default=0, help_text="Order on the start page.")
    minutes = models.PositiveSmallIntegerField()
    scored = models.PositiveSmallIntegerField(help_text="Items that count.")
    unscored = models.PositiveSmallIntegerField(default=0, help_text="Unidentified items that do not count.")
    pass_mark = models.PositiveSmallIntegerField()
    scale_min = models.PositiveSmallIntegerField()
    scale_max = models.PositiveSmallIntegerField()
    grace_seconds = models.PositiveSmallIntegerField(
        default=600, help_text="How late answers given in time may arrive."
    )
    is_rehearsal = models.BooleanField(
        "dress rehearsal",
        default=False,
        help_text="Its form is set aside for each candidate at the first attempt; nothing else serves it.",
    )
    collections = models.ManyToManyField(Collection, related_name="profiles")

    class Meta:
        ordering = ("position", "slug")
        constraints = (
            models.UniqueConstraint(
                fields=["certification"],
                condition=Q(is_rehearsal=True),
                name="exams_profile_one_rehearsal",
            ),
            models.CheckConstraint(condition=Q(minutes__gte=1), name="exams_profile_minutes_positive"),
            models.CheckConstraint(condition=Q(scored__gte=1), name="exams_profile_scored_positive"),
            models.CheckConstraint(
                condition=Q(
                    scale_min__lt=F("scale_max"), pass_mark__gt=F("scale_min"), pass_mark__lte=F("scale_max")
                ),
                name="exams_profile_scale_ordered",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def item_count(self) -> int:
        return self.scored + self.unscored

    @property
    def scale(self) -> Scale:
        return Scale(self.scale_min, self.scale_max, self.pass_mark)
