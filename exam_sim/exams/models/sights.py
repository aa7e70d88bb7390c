"""What a candidate has seen, and what is kept unseen."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from exam_sim.exams.models.attempts import Attempt
from questions.models import Certification, Question


class Sight(models.Model):
    """A candidate saw a question (whatever its version) in an attempt that is no longer open."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sights")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    first_attempt = models.ForeignKey(Attempt, null=True, on_delete=models.SET_NULL, related_name="+")
    last_seen = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "question"], name="exams_sight_once"),)

    def __str__(self) -> str:
        return f"{self.question_id}"


class Reserve(models.Model):
    """The questions that are kept for one candidate's dress rehearsal of a certification: drawn once, at the
    first attempt, and spent on the first rehearsal. Written by `exams.reserve` alone."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reserves")
    certification = models.ForeignKey(Certification, on_delete=models.CASCADE, related_name="+")
    drawn_at = models.DateTimeField()
    spent_on = models.ForeignKey(Attempt, null=True, on_delete=models.SET_NULL, related_name="+")
    spent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["user", "certification"], name="exams_reserve_once"),
            models.CheckConstraint(
                condition=Q(spent_on__isnull=True) | Q(spent_at__isnull=False),
                name="exams_reserve_spent_has_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.certification_id} of {self.user_id}"


class ReservedQuestion(models.Model):
    """A question of a reserve; one that is deleted from the bank is released first."""

    reserve = models.ForeignKey(Reserve, on_delete=models.CASCADE, related_name="questions")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["reserve", "question"], name="exams_reserved_once"),)

    def __str__(self) -> str:
        return f"{self.question_id}"
