"""The log of answer events, and what stands by it."""

from django.db import models

from exam_sim.exams.models.attempts import Attempt


class EventKind(models.TextChoices):
    """`visit` is append-only; the others are registers: the greatest (intent, id) holds the whole value.

    SURE (true: sure, false: unsure) and CHECK (true: the item is locked and explained) are of study sessions.
    """

    ANSWER = "answer", "Answer"
    FLAG = "flag", "Flag"
    STRIKE = "strike", "Strike-out"
    SCRATCHPAD = "scratchpad", "Scratchpad"
    VISIT = "visit", "Visit"
    SURE = "sure", "Confidence"
    CHECK = "check", "Check"


class AnswerEvent(models.Model):
    """The log: every event that was taken, once. `item` is the item's number, 0 for the attempt as a
    whole."""

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="events")
    event_id = models.UUIDField()
    item = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=EventKind)
    value = models.JSONField()
    intent_ms = models.BigIntegerField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["attempt", "event_id"], name="exams_event_once"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.item} at {self.intent_ms}"


class Register(models.Model):
    """What stands now for one (item, kind) of an attempt: the value of its event with the greatest (intent,
    id)."""

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="registers")
    item = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=EventKind)
    value = models.JSONField()
    intent_ms = models.BigIntegerField()
    event_id = models.UUIDField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["attempt", "item", "kind"], name="exams_register_unique"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.item}"


class LateAnswer(models.Model):
    """An answer that came too late to count, kept so that the review can show it: the newest for each
    item."""

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="late_answers")
    item = models.PositiveSmallIntegerField()
    value = models.JSONField()
    intent_ms = models.BigIntegerField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["attempt", "item"], name="exams_late_answer_unique"),)

    def __str__(self) -> str:
        return f"late {self.item}"
