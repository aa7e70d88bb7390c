"""Uploads before anything of them is in the bank: the one door for pages and commands.

begin -> start_reading (`questions.intake`) -> mend, settle, tag, decide (`questions.mending`) -> apply
(`questions.applying`). A preview belongs to who uploaded it, for 24 hours."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import PurePath

from django.db import transaction
from django.db.models import Count, Sum
from django.db.models.functions import Length

from exam_sim.accounts.models import User
from questions.applying import (
    NotReadyError,
    OutdatedError,
    apply,
    counts,
    keys_changed,
    ready,
    totals,
    untagged,
)
from questions.formats import Problem, Rejected, Source, registry, table
from questions.formats.archive import ArchiveError, is_archive
from questions.formats.columns import Headers
from questions.formats.stored import problem_of
from questions.intake import give_up, read_in, source_of, start_reading, take_up, take_up_all
from questions.mending import UnknownFieldError, UnknownReadingError, decide, mend, renew, settle, tag
from questions.models import Collection, Outcome, Preview, PreviewState, Question, Status

__all__ = [
    "NotReadyError",
    "OutdatedError",
    "TooManyError",
    "UnknownFieldError",
    "UnknownReadingError",
    "absent",
    "apply",
    "begin",
    "counts",
    "decide",
    "expire",
    "give_up",
    "given_back",
    "headers",
    "keys_changed",
    "leave_out",
    "mend",
    "problems",
    "read_as",
    "read_in",
    "ready",
    "renew",
    "set_status",
    "settle",
    "start_reading",
    "tag",
    "take_up",
    "take_up_all",
    "totals",
    "untagged",
]


class TooManyError(Exception):
    """No more uploads of this person are taken for now; the message says what to do."""


KEPT = timedelta(hours=24)
MOST_WAITING = 20
MOST_WAITING_BYTES = 200_000_000
_TABLES = frozenset({"csv", "xlsx"})


def begin(
    owner: User,
    collection: Collection,
    *,
    file_name: str,
    content: bytes,
    now: datetime,
    format: str = "",  # noqa: A002 - what everybody calls it
    status: Status = Status.DRAFT,
) -> Preview:
    """A preview of an upload that nobody has read yet. The format is found out unless it is named. Raises
    TooManyError when too much of its owner's waits: what somebody mended is never thrown away for room."""
    _refuse_too_many(owner, len(content), now)
    name = PurePath(file_name.replace("\\", "/").replace("\0", "")).name[-200:] or "upload"
    return Preview.objects.create(
        owner=owner,
        collection=collection,
        created_at=now,
        expires_at=now + KEPT,
        file_name=name,
        file_hash=hashlib.sha256(content).hexdigest(),
        content=content,
        format=format or registry.detect(name, content),
        status=status,
    )


def _refuse_too_many(owner: User, size: int, now: datetime) -> None:
    waiting = Preview.objects.filter(owner=owner, expires_at__gt=now).exclude(state=PreviewState.APPLIED)
    held = waiting.aggregate(number=Count("pk"), size=Sum(Length("content")))
    if held["number"] >= MOST_WAITING:
        raise TooManyError(f"Apply or discard an upload first: {MOST_WAITING} of yours are waiting.")
    if size + (held["size"] or 0) > MOST_WAITING_BYTES:
        raise TooManyError(
            f"Apply or discard an upload first: yours hold more than {MOST_WAITING_BYTES // 1_000_000} MB."
        )


def read_as(
    preview: Preview,
    *,
    now: datetime,
    format: str = "",  # noqa: A002
    encoding: str = "",
    columns: Mapping[str, str] | None = None,
) -> None:
    """Let the same file be read again in another way: what is named changes, and what was mended is lost."""
    with transaction.atomic():
        held = Preview.objects.select_for_update(of=("self",)).get(pk=preview.pk)
        if held.state == PreviewState.APPLIED:
            return
        preview.format = format or held.format
        preview.encoding = encoding or held.encoding
        preview.columns = dict(columns) if columns is not None else held.columns
        preview.state, preview.problems, preview.done = PreviewState.READING, [], 0.0
        preview.beat, preview.tries, preview.created_at = None, 0, now
        preview.save(
            update_fields=[
                "format",
                "encoding",
                "columns",
                "state",
                "problems",
                "done",
                "beat",
                "tries",
                "created_at",
            ]
        )
        preview.entries.all().delete()
        preview.figures.all().delete()


def problems(preview: Preview) -> Iterator[Problem]:
    """Those of the file as a whole, then those of its entries in their order."""
    yield from map(problem_of, preview.problems)
    rows = preview.entries.exclude(problems=[]).order_by("position")
    for found in rows.values_list("problems", flat=True).iterator(500):
        yield from map(problem_of, found)


def absent(preview: Preview) -> list[str]:
    """Ids of the questions whose current version came from an earlier upload of the same file name and which
    this file has not. They are left alone."""
    earlier = Question.objects.filter(
        collection=preview.collection_id, current_version__source=preview.file_name
    ).exclude(status=Status.RETIRED)
    present = preview.entries.exclude(question=None).values("question")
    return list(earlier.exclude(pk__in=present).order_by("external_id").values_list("external_id", flat=True))


def leave_out(preview: Preview, left_out: bool) -> None:
    preview.leave_out = left_out
    preview.save(update_fields=["leave_out"])


def set_status(preview: Preview, status: Status) -> None:
    """What new questions enter as."""
    preview.status = status
    preview.save(update_fields=["status"])


def headers(preview: Preview) -> Headers | None:
    """What the headers of a table are taken for; None for what is no table."""
    if preview.format not in _TABLES:
        return None
    return table.headers(_opened(preview))


def given_back(preview: Preview) -> tuple[str, bytes]:
    """The entries with errors as a file in the same format, its name and bytes; each problem stands beside
    its question."""
    format_ = registry.FORMATS[preview.format]
    rows = preview.entries.filter(outcome=Outcome.PROBLEM).order_by("position").values_list("raw", "problems")
    rejected = [Rejected(raw, tuple(map(problem_of, found))) for raw, found in rows]
    source = _opened(preview)
    stem = PurePath(preview.file_name).stem
    content = format_.give_back(source, rejected) if format_.give_back else _as_text(rejected)
    suffix = format_.suffix if format_.give_back else ".txt"
    return f"{stem}-to-mend{suffix}", content


def _as_text(rejected: Sequence[Rejected]) -> bytes:
    parts = ("\n".join([*map(str, each.problems), each.raw]) for each in rejected)
    return "\n\n".join(parts).encode()


def _opened(preview: Preview) -> Source:
    """The file itself, or the one in its package."""
    source = source_of(preview)
    try:
        return registry.unpacked(source, preview.format) if is_archive(source.content) else source
    except ArchiveError:
        return source


def expire(now: datetime) -> int:
    """Remove the previews whose time is over; how many."""
    old = Preview.objects.filter(expires_at__lte=now)
    count = old.count()
    if count:
        old.delete()
    return count
