"""Collections, questions and what these say.

Identity is (collection, external id). A new text is a new version, and attempts point at versions, so what
was sat reads for ever as it was sat.
"""

import uuid
from collections.abc import Sequence
from typing import ClassVar, Self

from django.conf import settings
from django.db import connection, models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL

from questions.models.certifications import Certification, TaskStatement


class Collection(models.Model):
    """A set of questions with one owner: the shipped bank (no owner), or an instructor's own."""

    slug = models.SlugField(primary_key=True, max_length=60)
    title = models.CharField(max_length=200)
    certification = models.ForeignKey(Certification, on_delete=models.PROTECT, related_name="collections")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="collections"
    )
    files_hash = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text="Of the files that `importing.import_shipped` read last.",
    )

    def __str__(self) -> str:
        return self.title


class Status(models.TextChoices):
    DRAFT = "draft", "Draft"
    TRIAL = "trial", "Trial"
    PUBLISHED = "published", "Published"
    RETIRED = "retired", "Retired"


SERVED_STATUSES = (Status.TRIAL, Status.PUBLISHED)


class Kind(models.TextChoices):
    MULTIPLE_CHOICE = "multiple_choice", "Multiple choice"
    MULTIPLE_RESPONSE = "multiple_response", "Multiple response"


class Pool(models.Model):
    """All questions of a collection that share task statement and status, ranked 0 … size - 1 without gaps.

    Assembly draws random ranks out of a pool, so that its cost does not grow with the bank. The shares of
    multiple response and of the levels stand here so that nobody has to count the bank for them.
    Written by `questions.pools.renumber` alone.
    """

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="pools")
    task_statement = models.ForeignKey(TaskStatement, on_delete=models.CASCADE, related_name="pools")
    status = models.CharField(max_length=10, choices=[(s.value, s.label) for s in SERVED_STATUSES])
    size = models.PositiveIntegerField(default=0)
    multiple_response = models.PositiveIntegerField(default=0)
    level_1 = models.PositiveIntegerField(default=0)
    level_2 = models.PositiveIntegerField(default=0)
    level_3 = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["collection", "task_statement", "status"], name="questions_pool_unique"
            ),
            models.CheckConstraint(
                condition=Q(
                    size=F("level_1") + F("level_2") + F("level_3"), multiple_response__lte=F("size")
                ),
                name="questions_pool_counts_agree",
            ),
        )

    def __str__(self) -> str:
        return f"{self.collection_id} {self.task_statement_id} {self.status}: {self.size}"


_AT_PLACES = (
    "SELECT q.id FROM questions_question AS q"
    " JOIN unnest(%s::bigint[], %s::integer[]) AS wanted(pool_id, rank) USING (pool_id, rank)"
)


class QuestionQuerySet(models.QuerySet["Question"]):
    def at_places(self, pools: Sequence[int], ranks: Sequence[int]) -> Self:
        """The questions at these ranks, each of the pool that stands at the same place in `pools`: one look
        into the index each, whatever the size of the bank. As a join with the ranks, PostgreSQL plans it in a
        tenth of the time that it needs for as many ORs."""
        if connection.vendor == "postgresql":
            return self.filter(pk__in=RawSQL(_AT_PLACES, [pools, ranks]))  # noqa: S611 - parameters
        by_pool: dict[int, list[int]] = {}
        for pool, rank in zip(pools, ranks, strict=True):
            by_pool.setdefault(pool, []).append(rank)
        drawn = Q(pk__in=[])
        for pool, numbers in by_pool.items():
            drawn |= Q(pool=pool, rank__in=numbers)
        return self.filter(drawn)


class Question(models.Model):
    """A question's identity: where it stands now. `pool` and `rank` are set while it is served, by
    `pools.renumber`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="questions")
    external_id = models.CharField("id in its source", max_length=100)
    task_statement = models.ForeignKey(TaskStatement, on_delete=models.PROTECT, related_name="questions")
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    current_version = models.ForeignKey(
        "QuestionVersion", null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    pool = models.ForeignKey(
        Pool, null=True, on_delete=models.PROTECT, related_name="questions", editable=False
    )
    rank = models.PositiveIntegerField(null=True, editable=False)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ("collection", "external_id")
        constraints = (
            models.UniqueConstraint(fields=["collection", "external_id"], name="questions_question_identity"),
            models.UniqueConstraint(fields=["pool", "rank"], name="questions_question_rank_unique"),
            models.CheckConstraint(
                condition=Q(pool__isnull=True, rank__isnull=True) | Q(pool__isnull=False, rank__isnull=False),
                name="questions_question_rank_iff_pool",
            ),
            models.CheckConstraint(
                condition=Q(status__in=SERVED_STATUSES) | Q(pool__isnull=True),
                name="questions_question_pool_iff_served",
            ),
            models.CheckConstraint(
                condition=Q(status__in=Status.values), name="questions_question_status_known"
            ),
        )

    def __str__(self) -> str:
        return self.external_id


class StatusChange(models.Model):
    """Who moved a question from one status to another, and when. Written by `questions.statuses.change`."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="status_changes")
    old = models.CharField(max_length=10, choices=Status)
    new = models.CharField(max_length=10, choices=Status)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    batch = models.UUIDField(
        null=True, db_index=True, editable=False, help_text="What was changed together is undone together."
    )

    class Meta:
        ordering = ("question", "at")

    def __str__(self) -> str:
        return f"{self.old} to {self.new}"


class QuestionVersion(models.Model):
    """What a question said at one time. Source fields never change; `html`, `key_html` and `layout` are
    derived from them and may be derived again by a newer renderer.

    options: [{id, text, correct, rationale, distractor_tag, fixed}], ids stable over versions.
    exhibits: [{id, file, alt, long_description, sha256}].
    calculation: {"given": {name: number}, "results": [{option, formula, value, slip}]}, numbers as text.
    layout: {"options": [[id, fixed], …], "choose": n, "shuffle": bool}: for assembly and the answer log.
    html: {"stem": html, "options": {id: html}, "exhibits": [{sha256, alt, long_description}]}: while sitting.
    key_html: {"explanation": html, "rationales": {id: html}}: never leaves before an attempt is closed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    source = models.CharField(max_length=200, help_text="Where it came from: a file, a form.")
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the canonical source fields.")

    task_statement = models.ForeignKey(TaskStatement, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    stem = models.TextField()
    options = models.JSONField()
    explanation = models.TextField(blank=True)
    references = models.JSONField(default=list)
    level = models.PositiveSmallIntegerField()
    testing_point = models.CharField(max_length=400)
    services = models.JSONField(default=list)
    enemies = models.JSONField(default=list)
    exhibits = models.JSONField(default=list)
    calculation = models.JSONField(null=True)
    shuffle = models.BooleanField(default=True)
    verified_on = models.DateField(null=True)

    testing_point_key = models.CharField(max_length=64, help_text="Hash of the folded testing point.")
    layout = models.JSONField()
    html = models.JSONField()
    key_html = models.JSONField()
    renderer = models.PositiveSmallIntegerField(help_text="Version of the renderer that made the HTML.")
    assets: ClassVar[models.Manager]

    class Meta:
        ordering = ("question", "number")
        constraints = (
            models.UniqueConstraint(fields=["question", "number"], name="questions_version_number_unique"),
            models.CheckConstraint(
                condition=Q(level__gte=1, level__lte=3), name="questions_version_level_known"
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="questions_version_kind_known"),
        )

    def __str__(self) -> str:
        return f"{self.question_id} v{self.number}"

    @property
    def key(self) -> frozenset[str]:
        """Ids of the correct options."""
        return frozenset(option["id"] for option in self.options if option["correct"])


class Asset(models.Model):
    """An exhibit's bytes, immutable, named by their hash. Served only to who may see a version that uses
    it."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    media_type = models.CharField(max_length=40)
    content = models.BinaryField()
    versions = models.ManyToManyField(QuestionVersion, related_name="assets")

    def __str__(self) -> str:
        return self.sha256[:12]


class KeyCorrection(models.Model):
    """Somebody found a key wrong and said why. Reviews of attempts that were sat with a version up to
    `before` say so. Written by `questions.editing` alone."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="key_corrections")
    before = models.ForeignKey(QuestionVersion, on_delete=models.PROTECT, related_name="+")
    after = models.ForeignKey(QuestionVersion, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("question", "at")

    def __str__(self) -> str:
        return f"{self.question_id} {self.at:%Y-%m-%d}"
