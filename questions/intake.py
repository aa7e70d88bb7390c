"""An upload read into its preview, a batch of entries at a time, each in a short transaction.

Who reads holds a lease: `beat`, which every batch moves on. Another that finds the beat fresh goes away; one
that finds it old begins again from the file's start, and then whoever was believed dead can write no more,
since each write asks for the beat that it wrote last.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from exam_sim import metrics
from questions import entries, judging, standing
from questions.batches import batches
from questions.formats import Entry, Problem, Severity, Source, registry
from questions.formats.stored import problem_data
from questions.models import Preview, PreviewEntry, PreviewFigure, PreviewState
from questions.sorting import Judge

Clock = Callable[[], datetime]

NO_QUESTIONS = "Choose a file with questions: none is in this one."
STALE = timedelta(seconds=30)
MOST_TRIES = 2
MOST_READERS = 3
AT_ONCE = 200_000
MOST_PROBLEMS = 200
_BATCH, _FIGURES = 100, 20
_children: list[subprocess.Popen[bytes]] = []


class _SupersededError(Exception):
    """Somebody else reads this preview now, or it is gone."""


@dataclass(slots=True)
class _Lease:
    preview: Preview
    now: Clock

    def move(self, done: float, **fields: object) -> None:
        """Say that the reader lives, in the transaction of what it writes."""
        beat = self.now()
        held = Preview.objects.filter(
            pk=self.preview.pk, state=PreviewState.READING, beat=self.preview.beat, tries=self.preview.tries
        )
        if not held.update(beat=beat, done=min(max(done, self.preview.done), 1.0), **fields):
            raise _SupersededError
        self.preview.beat = beat


def start_reading(preview: Preview) -> None:
    """Read a small file at once and a large one in a process of its own, whose time and memory are limited.
    While as many of them run as may, the preview waits until somebody takes it up.
    Inside a transaction, and in a database that lives in this process, no other process would see it."""
    alone = connection.in_atomic_block or (
        connection.vendor == "sqlite" and connection.is_in_memory_db()  # type: ignore[attr-defined]
    )
    if alone or len(preview.content) <= AT_ONCE:
        read_in(preview.pk, timezone.now)
        return
    if busy():
        return
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "read_preview", str(preview.pk)]
    child = subprocess.Popen(command, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603
    _children.append(child)


def busy() -> bool:
    """Whether this server runs as many readers as it may: each can take a processor and 1.5 GB."""
    _children[:] = [child for child in _children if child.poll() is None]
    return len(_children) >= MOST_READERS


def take_up(preview: Preview, now: datetime) -> None:
    """See to a preview that is still being read: begin again if its reader seems to have died, and give up
    when that has happened too often."""
    if preview.state != PreviewState.READING or now - (preview.beat or preview.created_at) < STALE:
        return
    if preview.tries >= MOST_TRIES:
        give_up(preview.pk, "Split the file or simplify it: reading it was broken off twice.")
    else:
        start_reading(preview)


def take_up_all(now: datetime) -> None:
    waiting = Preview.objects.filter(state=PreviewState.READING, expires_at__gt=now)
    for preview in waiting.defer("problems"):
        take_up(preview, now)


def give_up(preview_id: UUID, advice: str) -> None:
    """End reading without a preview, for a reason to be told."""
    problem = Problem(Severity.ERROR, "", 0, "", advice)
    Preview.objects.filter(pk=preview_id, state=PreviewState.READING).update(
        state=PreviewState.UNUSABLE, problems=[problem_data(problem)]
    )
    PreviewEntry.objects.filter(preview=preview_id, preview__state=PreviewState.UNUSABLE).delete()


def read_in(preview_id: UUID, now: Clock) -> None:
    """Read a preview's file to its end, unless somebody else does."""
    preview = _begin(preview_id, now())
    if preview is None:
        return
    try:
        with metrics.timed_import("read"):
            _read(preview, now)
    except _SupersededError:
        return


@transaction.atomic
def _begin(preview_id: UUID, now: datetime) -> Preview | None:
    """The preview, empty and leased; None if it is not to be read, or somebody else reads it."""
    preview = (
        Preview.objects.select_for_update(of=("self",))
        .select_related("collection")
        .filter(pk=preview_id, state=PreviewState.READING)
        .first()
    )
    if preview is None or (preview.beat and now - preview.beat < STALE):
        return None
    preview.beat, preview.done, preview.problems = now, 0.0, []
    preview.tries += 1
    preview.save(update_fields=["beat", "done", "problems", "tries"])
    preview.entries.all().delete()
    preview.figures.all().delete()
    return preview


def terms_of(preview: Preview, now: datetime) -> judging.Terms:
    return judging.Terms(standing.tree(preview.collection.certification_id), timezone.localdate(now))


def source_of(preview: Preview) -> Source:
    return Source(
        preview.file_name,
        bytes(preview.content),
        encoding=preview.encoding,
        columns=preview.columns,
        certification=preview.collection.certification_id,
    )


def _read(preview: Preview, now: Clock) -> None:
    lease = _Lease(preview, now)
    judge = Judge(standing.CollectionBank(preview.collection), terms_of(preview, now()))
    problems: list[Problem] = []
    figures: set[str] = set()
    position = 0
    for batch in batches(_entries(registry.read(source_of(preview), preview.format), problems), _BATCH):
        cases = [judging.case_of(entry, position + n) for n, entry in enumerate(batch)]
        position += len(cases)
        judged = judge.take(cases)
        rows = [entries.entry_of(each, preview) for each in judged]
        pictures = [figure for case in cases for figure in entries.new_figures(case, preview, figures)]
        with transaction.atomic():
            lease.move(0.95 * batch[-1].done)
            PreviewEntry.objects.bulk_create(rows)
            for few in batches(pictures, _FIGURES):
                PreviewFigure.objects.bulk_create(few)
    _say_what_is_left(lease, judge)
    if not position and not problems:
        problems.append(Problem(Severity.ERROR, preview.file_name, 0, "", NO_QUESTIONS))
    shown = problems[:MOST_PROBLEMS]
    with transaction.atomic():
        lease.move(
            1.0,
            state=PreviewState.READY if position else PreviewState.UNUSABLE,
            problems=entries.storable([problem_data(problem) for problem in shown]),
        )


def _entries(read: Iterator[Entry | Problem], problems: list[Problem]) -> Iterator[Entry]:
    """The entries alone; the other problems are put aside."""
    for each in read:
        if isinstance(each, Problem):
            problems.append(each)
        else:
            yield each


def _say_what_is_left(lease: _Lease, judge: Judge) -> None:
    """What can be said of entries only when all were read."""
    preview = lease.preview
    for found in batches(judge.edits(), _BATCH):
        matches = dict(found)
        with transaction.atomic():
            lease.move(0.97)
            rows = list(preview.entries.filter(position__in=matches))
            again = [judge.again(entries.case_of(row), matches[row.position]) for row in rows]
            entries.store([entries.entry_of(judged, preview) for judged in again])
    for found_ in batches(judge.remarks().items(), _BATCH):
        remarks = dict(found_)
        with transaction.atomic():
            lease.move(0.99)
            rows = list(preview.entries.filter(position__in=remarks).only("preview", "position", "problems"))
            for row in rows:
                entries.add_problems(row, remarks[row.position])
            PreviewEntry.objects.bulk_update(rows, ["problems"])
