"""The bank. A question is an identity; what it says is in its versions, which never change.

Identity is (collection, external id). A new text is a new version, and attempts point at versions, so what
was sat reads for ever as it was sat.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from questions.words import WordsField


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


class QuestionQuerySet(models.QuerySet["Question"]):
    def at_ranks(self, ranks: Mapping[int, Sequence[int]]) -> Self:
        """The questions at these ranks, by pool: one index range each, whatever the size of the bank."""
        drawn = Q(pk__in=[])
        for pool, numbers in ranks.items():
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


class Import(models.Model):
    """What was written together: who, when, from which file, how much of what. `counts` has read, new,
    changed, unchanged, skipped, rejected; `source` names where the file came from, so that a later upload of
    the same source can say what is absent now."""

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
