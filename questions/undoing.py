"""Taking an import back: new questions go, or are retired where somebody has sat them; changed ones say again
what they said before. What was changed once more since then is left as it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from exam_sim.accounts import audit
from exam_sim.accounts.models import Action, User
from questions import listing, pools, statuses, uses
from questions.batches import batches
from questions.models import (
    Collection,
    Import,
    ImportEntry,
    KeyCorrection,
    Question,
    QuestionVersion,
    Status,
)

_TRIES = 3


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of an import's questions. `left` are the ids of those that were changed since."""

    deleted: int = 0
    retired: int = 0
    restored: int = 0
    left: tuple[str, ...] = ()
    already: bool = False

    def __str__(self) -> str:
        if self.already:
            return "This import was undone already."
        parts = (
            (self.deleted, "deleted"),
            (self.retired, "retired because somebody has sat them"),
            (self.restored, "back to the version before"),
        )
        told = [f"{count:,} {what}" for count, what in parts if count]
        sentence = f"The import is undone: {', '.join(told) or 'it had changed nothing'}."
        if self.left:
            shown = ", ".join(self.left[:10]) + (", …" if len(self.left) > 10 else "")
            sentence += f" Left as they are, because they were changed since: {shown}."
        return sentence


def undo(import_id: UUID, by: User | None, now: datetime) -> Undone:
    """Take an import back, all of it or nothing; a second time changes nothing. An attempt that begins with
    one of its questions at the same moment wins: it is then retired like any that was used."""
    for _ in range(_TRIES - 1):
        try:
            return _undo(import_id, by, now)
        except IntegrityError:
            continue
    return _undo(import_id, by, now)


@transaction.atomic
def _undo(import_id: UUID, by: User | None, now: datetime) -> Undone:
    slug = Import.objects.values_list("collection_id", flat=True).get(pk=import_id)
    collection = Collection.objects.select_for_update().get(pk=slug)
    done = Import.objects.select_for_update(of=("self",)).get(pk=import_id)
    if done.undone_at is not None:
        return Undone(already=True)
    written = ImportEntry.objects.filter(batch=done, version__isnull=False)
    standing = written.filter(question__current_version=F("version"))
    left = tuple(
        written.exclude(question__current_version=F("version"))
        .order_by("question__external_id")
        .values_list("question__external_id", flat=True)
    )
    new = list(standing.filter(before=None).values_list("question_id", flat=True))
    changed = list(standing.exclude(before=None).values_list("question_id", flat=True))
    used = uses.used(new)
    fresh = [pk for pk in new if pk not in used]
    for ids in batches(fresh):
        _delete(ids, by, now)
    _note_corrections(done, changed, by, now)
    for ids in batches(changed):
        _restore(done, ids)
    Import.objects.filter(pk=done.pk).update(undone_at=now, undone_by=by)
    if used:
        statuses.change(used, Status.RETIRED, by=by, now=now)
    pools.renumber(collection)
    listing.refresh(changed)
    return Undone(len(fresh), len(used), len(changed), left)


def _delete(ids: Sequence[UUID], by: User | None, now: datetime) -> None:
    """A question and its versions point at each other, so one of the two lets go first."""
    uses.release(ids, by, now)
    questions = Question.objects.filter(pk__in=ids)
    questions.update(current_version=None, pool=None, rank=None)
    QuestionVersion.objects.filter(question__in=ids).delete()
    questions.delete()


def _note_corrections(done: Import, ids: Sequence[UUID], by: User | None, now: datetime) -> None:
    """What was said of keys goes with the versions that said it: the audit log keeps it."""
    written = ImportEntry.objects.filter(batch=done, question__in=ids).values("version")
    fields = ("question_id", "before_id", "after_id", "reason")
    lost = [
        {name: str(value) for name, value in row.items()}
        for row in KeyCorrection.objects.filter(after__in=written).order_by("pk").values(*fields)
    ]
    if lost:
        audit.note(Action.KEYS_RESTORED, done, by=by, at=now, before={"corrections": lost})


def _restore(done: Import, ids: Sequence[UUID]) -> None:
    """The versions before are current again, and what was said of their keys is taken back."""
    written = ImportEntry.objects.filter(batch=done, question__in=ids).values("version")
    KeyCorrection.objects.filter(after__in=written).delete()
    rows = ImportEntry.objects.filter(batch=done, question__in=ids).select_related("question", "before")
    restored = []
    for entry in rows.defer("before__html", "before__key_html", "before__options", "before__stem"):
        assert entry.before is not None  # noqa: S101 - only these are asked for
        entry.question.current_version_id = entry.before.pk
        entry.question.task_statement_id = entry.before.task_statement_id
        restored.append(entry.question)
    Question.objects.bulk_create(
        restored,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["current_version", "task_statement"],
    )
