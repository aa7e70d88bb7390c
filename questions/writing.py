"""Drafts into the bank as versions, batch by batch, inside the transaction of whoever imports or edits."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Max

from exam_sim.accounts.models import User
from questions import listing, pools
from questions.batches import batches
from questions.exhibits import Figure
from questions.fingerprint import source_fields, testing_point_key
from questions.formats import Draft
from questions.models import (
    Asset,
    Collection,
    KeyCorrection,
    Question,
    QuestionVersion,
    Status,
    TaskStatement,
)

BATCH = 500
MAX_REASON = 500
_FIGURES = 20
_OWN_COLUMNS = frozenset({"task_statement", "verified_on"})


@dataclass(frozen=True, slots=True)
class Next:
    """A version to be written: of a new question, or the next of `question`, whose current one is `before`.
    `figures` are hashes by the exhibits' files; the bank has their assets already. `rendered` as
    `PreviewEntry` has it. `findings` are the rules of lint that it breaks, None if nobody has asked yet.
    `key_changed`: it is the same question, and another key is right."""

    draft: Draft
    fingerprint: str
    figures: Mapping[str, str]
    rendered: Mapping[str, Any]
    question: uuid.UUID | None = None
    before: uuid.UUID | None = None
    findings: Sequence[str] | None = None
    key_changed: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    question: uuid.UUID
    version: uuid.UUID
    before: uuid.UUID | None


class Writer:
    """Writes versions into one collection, whose row the caller has locked. `finish` once all are written.
    `reason` is what is said of changed keys."""

    def __init__(
        self,
        collection: Collection,
        *,
        status: Status,
        source: str,
        now: datetime,
        by: User | None,
        reason: str = "",
    ) -> None:
        self._collection = collection
        self._status = status
        self._source = source
        self._now = now
        self._by = by
        self._reason = (reason.strip() or f"Imported from {source}.")[:MAX_REASON]
        self._written: list[uuid.UUID] = []
        self._findings: dict[uuid.UUID, Sequence[str]] = {}
        rows = TaskStatement.objects.filter(domain__certification=collection.certification_id)
        self._codes = dict(rows.values_list("code", "pk"))

    def write(self, following: Sequence[Next]) -> list[Written]:
        """At most `BATCH` at a time. New questions point at versions that follow in the same transaction:
        foreign keys are checked at its end."""
        numbers = _last_numbers([next_.question for next_ in following if next_.question is not None])
        versions = [self._version(next_, numbers) for next_ in following]
        pairs = list(zip(following, versions, strict=True))
        new = [self._question(next_, version) for next_, version in pairs if next_.question is None]
        old = [self._question(next_, version) for next_, version in pairs if next_.question is not None]
        if new:
            Question.objects.bulk_create(new)
        QuestionVersion.objects.bulk_create(versions)
        if old:
            Question.objects.bulk_create(
                old,
                update_conflicts=True,
                unique_fields=["collection", "external_id"],
                update_fields=["task_statement", "current_version"],
            )
        through = Asset.versions.through
        uses = {(sha256, version.pk) for next_, version in pairs for sha256 in next_.figures.values()}
        if uses:
            through.objects.bulk_create(
                through(asset_id=sha256, questionversion_id=pk) for sha256, pk in sorted(uses)
            )
        self._correct_keys(pairs)
        self._written += [version.question_id for version in versions]
        self._findings |= {
            version.question_id: next_.findings for next_, version in pairs if next_.findings is not None
        }
        return [Written(version.question_id, version.pk, next_.before) for next_, version in pairs]

    def _correct_keys(self, pairs: Sequence[tuple[Next, QuestionVersion]]) -> None:
        KeyCorrection.objects.bulk_create(
            KeyCorrection(
                question_id=version.question_id,
                before_id=next_.before,
                after=version,
                reason=self._reason,
                at=self._now,
                by=self._by,
            )
            for next_, version in pairs
            if next_.key_changed and next_.before is not None
        )

    def finish(self) -> None:
        """Pools and lists in line with what was written."""
        if not self._written:
            return
        pools.renumber(self._collection)
        listing.refresh(self._written, findings=self._findings)
        _refresh_statistics(len(self._written))

    def _question(self, next_: Next, version: QuestionVersion) -> Question:
        """The question as it is inserted, or found by its id and updated; then it keeps its key."""
        return Question(
            pk=version.question_id if next_.question is None else uuid.uuid4(),
            collection=self._collection,
            external_id=next_.draft.id,
            task_statement_id=version.task_statement_id,
            status=self._status,
            current_version_id=version.pk,
        )

    def _version(self, next_: Next, numbers: Mapping[uuid.UUID, int]) -> QuestionVersion:
        draft = next_.draft
        fields = source_fields(draft, {f: Figure(sha256, "", b"") for f, sha256 in next_.figures.items()})
        question = next_.question or uuid.uuid4()
        return QuestionVersion(
            id=uuid.uuid4(),
            question_id=question,
            number=numbers.get(question, 0) + 1,
            created_at=self._now,
            created_by=self._by,
            source=self._source,
            fingerprint=next_.fingerprint,
            task_statement_id=self._codes[draft.task_statement],
            verified_on=draft.verified_on,
            testing_point_key=testing_point_key(draft.testing_point, draft.stem),
            layout=next_.rendered["layout"],
            html=next_.rendered["html"],
            key_html=next_.rendered["key_html"],
            renderer=next_.rendered["renderer"],
            **{name: value for name, value in fields.items() if name not in _OWN_COLUMNS},
        )


def _last_numbers(questions: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """The highest number of each question's versions: where an import was undone it is not the current
    one's."""
    if not questions:
        return {}
    rows = QuestionVersion.objects.filter(question__in=questions).order_by().values_list("question")
    return dict(rows.annotate(Max("number")))


def write_assets(figures: Iterable[Figure]) -> None:
    """The figures' bytes; what the bank has already stays as it is."""
    for batch in batches(figures, _FIGURES):
        Asset.objects.bulk_create(
            [Asset(sha256=f.sha256, media_type=f.media_type, content=f.content) for f in batch],
            ignore_conflicts=True,
        )


def _refresh_statistics(written: int) -> None:
    """PostgreSQL plans by statistics, which it gathers by itself only after a minute or so: until then a
    start on a bank that has just grown by thousands would take seconds."""
    if connection.vendor == "postgresql" and written >= BATCH:
        with connection.cursor() as cursor:
            cursor.execute(
                "ANALYZE questions_question, questions_questionversion, questions_pool, questions_listing"
            )
