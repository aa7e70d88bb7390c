"""A preview into the bank: one transaction, all of it or nothing."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, QuerySet

from exam_sim import metrics
from exam_sim.accounts.models import User
from questions import entries, mending
from questions.batches import batches
from questions.exhibits import Figure
from questions.formats import Severity
from questions.formats.stored import draft_of
from questions.judging import ASKED, tally
from questions.models import (
    Collection,
    Decision,
    Import,
    ImportEntry,
    Outcome,
    Preview,
    PreviewEntry,
    PreviewFigure,
    PreviewState,
    Status,
)
from questions.writing import BATCH, Next, Writer, write_assets

WRITTEN = (Outcome.NEW, Outcome.CHANGED)
_OF_BASE = ("stem", "options", "explanation", "references", "html", "key_html", "layout", "calculation")
_NOT_READ = ("raw", "problems", *(f"base__{name}" for name in _OF_BASE))


class NotReadyError(Exception):
    """The preview cannot be applied yet; the message says why."""


class OutdatedError(Exception):
    """The bank changed since the preview was made: nothing was written, and the preview says what would
    become of it now."""


def counts(preview: Preview) -> dict[str, int]:
    """How many entries have each outcome."""
    rows = preview.entries.order_by().values_list("outcome").annotate(Count("pk"))
    return dict.fromkeys(Outcome.values, 0) | dict(rows)


def totals(preview: Preview) -> dict[str, int]:
    """What an import would count."""
    return tally(counts(preview))


def untagged(preview: Preview) -> int:
    """How many entries that would be new have no task statement."""
    return preview.entries.filter(outcome__in=WRITTEN, task_statement="").count()


def ready(preview: Preview) -> list[str]:
    """Why the preview cannot be applied: one sentence for each reason."""
    if preview.state != PreviewState.READY:
        return [
            {
                PreviewState.READING: "The file is still being read.",
                PreviewState.UNUSABLE: "The file cannot be read.",
                PreviewState.APPLIED: "This upload was imported already.",
            }[PreviewState(preview.state)]
        ]
    reasons = []
    if not preview.leave_out:
        broken = counts(preview)[Outcome.PROBLEM]
        whole = sum(problem["severity"] == Severity.ERROR for problem in preview.problems)
        if broken:
            reasons.append(f"{_questions(broken)} {_have(broken)} errors: mend them or leave them out.")
        if whole:
            reasons.append(
                f"The file itself has {_counted(whole, 'error')}: mend it and upload it again, "
                "or leave out what could not be read."
            )
    open_ = preview.entries.filter(
        outcome__in=(*WRITTEN, Outcome.UNCHANGED), likeness__in=ASKED, decision=Decision.NONE
    ).count()
    if open_:
        reasons.append(
            f"{_questions(open_)} {_are(open_)} like one in the bank: replace it or add a new one."
        )
    missing = untagged(preview)
    if missing:
        reasons.append(f"{_questions(missing)} {_have(missing)} no task statement: set it.")
    return reasons


def _questions(count: int) -> str:
    return _counted(count, "question")


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _have(count: int) -> str:
    return "has" if count == 1 else "have"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def keys_changed(preview: Preview) -> QuerySet[PreviewEntry]:
    """Entries that would make another key right than the bank has."""
    return preview.entries.filter(outcome=Outcome.CHANGED, key_changed=True).exclude(decision=Decision.ADD)


def apply(preview_id: UUID, by: User | None, now: datetime, reason: str = "") -> Import:
    """Write a preview into the bank. Applied twice, it is the same import: an import has its preview's id.
    `reason` is what is said of the keys that change.

    The collection is locked before the preview, as everybody locks who changes a bank. Raises NotReadyError,
    and OutdatedError after the preview was held against the bank as it is now."""
    try:
        with metrics.timed_import("apply"), transaction.atomic():
            return _apply(preview_id, by, now, reason)
    except OutdatedError:
        mending.renew(Preview.objects.defer("content").get(pk=preview_id), now)
        raise


def _apply(preview_id: UUID, by: User | None, now: datetime, reason: str) -> Import:
    slug = Preview.objects.values_list("collection_id", flat=True).get(pk=preview_id)
    collection = Collection.objects.select_for_update().get(pk=slug)
    preview = Preview.objects.select_for_update(of=("self",)).defer("content").get(pk=preview_id)
    if preview.state == PreviewState.APPLIED:
        return Import.objects.get(pk=preview.pk)
    if reasons := ready(preview):
        raise NotReadyError(" ".join(reasons))
    if mending.outdated(preview).exclude(outcome=Outcome.PROBLEM).exists():
        raise OutdatedError
    done = Import.objects.create(
        id=preview.pk,
        collection=collection,
        by=by,
        at=now,
        file_name=preview.file_name,
        file_hash=preview.file_hash,
        format=preview.format,
        status=preview.status,
        counts=totals(preview),
    )
    status, source = Status(preview.status), preview.file_name
    writer = Writer(collection, status=status, source=source, now=now, by=by, reason=reason)
    _write(preview, done, writer)
    Preview.objects.filter(pk=preview.pk).update(state=PreviewState.APPLIED)
    return done


def _write(preview: Preview, done: Import, writer: Writer) -> None:
    write_assets(_figures(preview))
    rows = preview.entries.filter(outcome__in=WRITTEN).order_by("position")
    for batch in batches(rows.select_related("base").defer(*_NOT_READ).iterator(chunk_size=BATCH), BATCH):
        written = writer.write([next_of(entry) for entry in batch])
        ImportEntry.objects.bulk_create(
            ImportEntry(batch=done, question_id=w.question, version_id=w.version, before_id=w.before)
            for w in written
        )
    same = preview.entries.filter(outcome=Outcome.UNCHANGED).order_by("position")
    for questions in batches(same.values_list("question_id", "base_id").iterator(BATCH), BATCH):
        ImportEntry.objects.bulk_create(
            ImportEntry(batch=done, question_id=question, before_id=base) for question, base in questions
        )
    writer.finish()


def next_of(entry: PreviewEntry) -> Next:
    """The version that an entry becomes."""
    assert entry.draft is not None  # noqa: S101 - only what could be read is new or changed
    assert entry.rendered is not None  # noqa: S101
    follows = entry.base if entry.decision != Decision.ADD else None
    return Next(
        draft_of(entry.draft),
        entry.fingerprint,
        entries.figures_of(entry),
        entry.rendered,
        question=follows.question_id if follows else None,
        before=follows.pk if follows else None,
        findings=[finding["rule"] for finding in entry.findings],
        key_changed=entry.key_changed and follows is not None,
    )


def _figures(preview: Preview) -> Iterator[Figure]:
    """The upload's figures that something uses which is written."""
    used: set[str] = set()
    wanted = preview.entries.filter(outcome__in=WRITTEN).exclude(figures={})
    for figures in wanted.values_list("figures", flat=True).iterator(BATCH):
        used.update(known["sha256"] for known in figures.values() if "sha256" in known)
    if not used:
        return
    for figure in PreviewFigure.objects.filter(preview=preview).iterator(20):
        if figure.sha256 in used:
            yield Figure(figure.sha256, figure.media_type, bytes(figure.content))
