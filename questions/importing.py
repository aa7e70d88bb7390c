"""Files into the bank at once, without a preview: read -> judge -> one transaction, all or nothing.

What becomes of a question is decided by `questions.judging`, as for an upload. Nothing is written around an
error, unless that is asked for. What is judged is kept small, packed, until it is written."""

import hashlib
import json
import uuid
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from exam_sim import metrics
from questions import entries, judging, standing
from questions.batches import batches
from questions.classify import Tree
from questions.exhibits import Figure
from questions.files import SUFFIXES, format_of, open_source, question_files
from questions.formats import Draft, Entry, Place, Problem, Severity, registry
from questions.formats.stored import draft_data, draft_of
from questions.judging import Bank, Case, Judged, NoBank, Terms, tally
from questions.models import (
    Collection,
    Decision,
    Import,
    ImportEntry,
    Likeness,
    Outcome,
    Status,
)
from questions.sorting import Judge
from questions.standing import CollectionBank
from questions.writing import BATCH, Next, Writer, Written, write_assets

__all__ = ["SUFFIXES", "ImportReport", "Reading", "import_files", "import_shipped", "question_files"]

SHIPPED = "shipped bank"
MOST_PROBLEMS = 1_000
SAME_ID = "Say whether it replaces the one in the bank or is a new one: the texts of {} are mostly different."
SIMILAR = "Say whether it replaces {} or is a new one: {} % of the words are the same."
SKIPPED = "Expect no question of this: questions of its kind are not imported."
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read: `format` is found out where it is empty; `task_statement` is for questions that
    have none; `decided` is what is done about questions that are like others of the bank."""

    format: str = ""
    encoding: str = "utf-8"
    columns: Mapping[str, str] = field(default_factory=dict)
    task_statement: str = ""
    decided: Mapping[Likeness, Decision] = field(default_factory=lambda: {Likeness.OTHER: Decision.REPLACE})


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or what a dry run would do, by question id. `problems` with an error: nothing was
    written (or all but those with errors, where that was asked for), and `rejected` are the questions that
    have errors (one that could not even be read has no id to name). `counts` are of entries: read = new +
    changed + unchanged + skipped + rejected, also where nothing was written."""

    read: int = 0
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    left_alone: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    written: bool = field(default=False, compare=False)
    counts: Mapping[str, int] = field(default_factory=dict, compare=False)
    questions: Sequence[bytes] = field(default=(), compare=False, repr=False)

    @property
    def failed(self) -> bool:
        return any(problem.severity == Severity.ERROR for problem in self.problems)

    def drafts(self) -> Iterator[Draft]:
        """The questions that are not rejected, in the order of the files."""
        for packed in self.questions:
            yield _unpacked(packed).draft


def import_shipped(
    folder: Path, *, collection: Collection, now: datetime, status: Status
) -> ImportReport | None:
    """Import a shipped bank if its files changed since the last time; None if they did not.

    Questions whose newest version did not come from the shipped bank are left alone, and reported.
    """
    files = question_files(folder)
    digest = _files_hash(
        [*files, *sorted(path for path in (folder / "exhibits").glob("*") if path.is_file())]
    )
    if collection.files_hash == digest:
        return None
    report = import_files(
        files, collection=collection, status=status, source_name=SHIPPED, now=now, own_only=True
    )
    if not report.failed:
        Collection.objects.filter(pk=collection.pk).update(files_hash=digest)
        collection.files_hash = digest
    return report


def import_files(
    paths: Iterable[Path],
    *,
    collection: Collection,
    status: Status,
    source_name: str,
    now: datetime,
    dry_run: bool = False,
    own_only: bool = False,
    skip_invalid: bool = False,
    reading: Reading | None = None,
) -> ImportReport:
    """Import question files into a collection; new questions get `status`, others keep theirs.

    With `own_only`, questions whose newest version came from another source than `source_name` are left
    alone. The collection's row is locked while the bank is read and written, so that two imports follow one
    another and neither makes a question or a version number twice."""
    reading = reading or Reading()
    with metrics.timed_import("files"), transaction.atomic():
        Collection.objects.select_for_update().get(pk=collection.pk)
        tree = standing.tree(collection.certification_id)
        untagged = Severity.WARNING if dry_run else Severity.ERROR
        judged = _Held(reading, tree, untagged, now)
        judged.read(paths, CollectionBank(collection), collection.certification_id)
        if own_only:
            judged.leave_alone(source_name)
        report = judged.report()
        if report.failed and not skip_invalid:
            return replace(report, new=(), changed=(), unchanged=())
        if dry_run:
            return report
        if judged.to_write():
            _write(judged, collection, status, source_name, now)
    return replace(report, written=True)


def try_files(
    paths: Iterable[Path], *, tree: Tree | None, certification: str | None, now: datetime, reading: Reading
) -> ImportReport:
    """What can be said of question files without a bank to compare them with, and without a database."""
    judged = _Held(reading, tree, Severity.WARNING, now)
    judged.read(paths, NoBank(), certification)
    return judged.report()


@dataclass(slots=True)
class _Kept:
    """What is kept of an entry: its draft and all that its version needs is in `packed`; the first `reported`
    of the problems are its reader's."""

    outcome: Outcome
    id: str
    problems: list[Problem]
    packed: bytes = b""
    reported: int = 0
    source: str = ""
    question: uuid.UUID | None = None
    before: uuid.UUID | None = None
    left_alone: bool = False


class _Held:
    """The entries of files that come together, judged."""

    def __init__(self, reading: Reading, tree: Tree | None, untagged: Severity, now: datetime) -> None:
        self._reading = reading
        self._terms = Terms(tree, timezone.localdate(now), untagged, reading.task_statement, reading.decided)
        self._kept: list[_Kept] = []
        self._about_files: list[tuple[int, Problem]] = []
        self._figures: dict[str, Figure] = {}
        self.file_hash = hashlib.sha256()
        self.formats: set[str] = set()

    def read(self, paths: Iterable[Path], bank: Bank, certification: str | None) -> None:
        judge = Judge(bank, self._terms)
        found = chain.from_iterable(self._entries(path, certification) for path in paths)
        for batch in batches(found, _AT_ONCE):
            cases = [judging.case_of(entry, len(self._kept) + n) for n, entry in enumerate(batch)]
            self._kept += [self._keep(judged) for judged in judge.take(cases)]
        for position, match in judge.edits():
            kept = self._kept[position]
            self._kept[position] = self._keep(judge.again(self._case(position, kept), match))
        for position, problems in judge.remarks().items():
            self._kept[position].problems += problems

    def _entries(self, path: Path, certification: str | None) -> Iterator[Entry]:
        reading = self._reading
        try:
            source = open_source(
                path, encoding=reading.encoding, columns=reading.columns, certification=certification
            )
        except OSError as error:
            message = f"Name a file that can be read: {error.strerror}."
            self._note(Problem(Severity.ERROR, str(path), 0, "", message))
            return
        slug = format_of(source, reading.format)
        self.formats.add(slug)
        self.file_hash.update(source.content)
        for found in registry.read(source, slug):
            if isinstance(found, Problem):
                self._note(found)
                continue
            if found.skipped:
                self._note(found.place.warning("kind", SKIPPED, found.skipped))
            yield found

    def _note(self, problem: Problem) -> None:
        if len(self._about_files) < MOST_PROBLEMS:
            self._about_files.append((len(self._kept), problem))

    def _keep(self, judged: Judged) -> _Kept:
        problems = list(judged.problems)
        outcome = judged.outcome
        if judged.undecided and judged.draft and judged.match.base and outcome != Outcome.PROBLEM:
            problems.append(_undecided(judged.draft, judged.match))
            outcome = Outcome.PROBLEM
        draft, base = judged.draft, judged.base
        if draft is None:
            return _Kept(outcome, "", problems)
        for figure in judged.case.figures.values():
            if isinstance(figure, Figure) and figure.content:
                self._figures.setdefault(figure.sha256, figure)
        return _Kept(
            outcome,
            draft.id,
            problems,
            _packed(judged),
            len(judged.case.reported),
            base.source if base else "",
            base.question if base else None,
            base.version if base else None,
        )

    def _case(self, position: int, kept: _Kept) -> Case:
        """The case that was kept, to be judged again."""
        packed = _unpacked(kept.packed)
        figures = {file: self._figures[sha256] for file, sha256 in packed.figures.items()}
        return Case(position, packed.draft, tuple(kept.problems[: kept.reported]), figures=figures)

    def leave_alone(self, source: str) -> None:
        for kept in self._kept:
            kept.left_alone = kept.outcome == Outcome.CHANGED and kept.source != source

    def report(self) -> ImportReport:
        ids: dict[str, list[str]] = {outcome: [] for outcome in Outcome}
        left_alone = []
        for kept in self._kept:
            if kept.left_alone:
                left_alone.append(kept.id)
            elif kept.id:
                ids[kept.outcome].append(kept.id)
        return ImportReport(
            read=len(self._kept),
            new=tuple(ids[Outcome.NEW]),
            changed=tuple(ids[Outcome.CHANGED]),
            unchanged=tuple(ids[Outcome.UNCHANGED]),
            rejected=tuple(ids[Outcome.PROBLEM]),
            left_alone=tuple(left_alone),
            problems=tuple(self._problems()),
            counts=tally(Counter(Outcome.UNCHANGED if k.left_alone else k.outcome for k in self._kept)),
            questions=[k.packed for k in self._kept if k.packed and k.outcome != Outcome.PROBLEM],
        )

    def _problems(self) -> Iterator[Problem]:
        """Those of the files stand where their reader came upon them, give or take a batch."""
        about = iter(self._about_files)
        following = next(about, None)
        for position, kept in enumerate(self._kept):
            while following and following[0] <= position:
                yield following[1]
                following = next(about, None)
            yield from kept.problems
        if following:
            yield following[1]
        yield from (problem for _, problem in about)

    def to_write(self) -> list[_Kept]:
        return [k for k in self._kept if k.outcome in {Outcome.NEW, Outcome.CHANGED} and not k.left_alone]

    def unchanged(self) -> list[_Kept]:
        return [k for k in self._kept if k.outcome == Outcome.UNCHANGED]

    def figures(self, used: Iterable[str]) -> Iterator[Figure]:
        return (self._figures[sha256] for sha256 in dict.fromkeys(used) if sha256 in self._figures)


def _undecided(draft: Draft, match: judging.Match) -> Problem:
    assert match.base is not None  # noqa: S101 - without one there is nothing to decide
    name = match.base.draft.id
    message = (
        SAME_ID.format(name) if match.likeness == Likeness.OTHER else SIMILAR.format(name, match.similarity)
    )
    return draft.place.error("id", message, draft.stem)


def _packed(judged: Judged) -> bytes:
    """What a version is made of, small."""
    assert judged.draft is not None  # noqa: S101 - called for what could be read
    place = judged.draft.place
    draft = replace(judged.draft, place=Place(place.file, place.path, {}, place.row, place.item))
    rendered = entries.rendered_data(judged.rendered) if judged.rendered else {}
    findings = [finding["rule"] for finding in judged.findings]
    corrected = judged.corrects_the_key
    data = [draft_data(draft), judged.fingerprint, dict(judged.figures), rendered, findings, corrected]
    return zlib.compress(json.dumps(entries.storable(data)).encode(), 1)


def _unpacked(packed: bytes) -> Next:
    draft, fingerprint, figures, rendered, findings, corrected = json.loads(zlib.decompress(packed))
    return Next(draft_of(draft), fingerprint, figures, rendered, findings=findings, key_changed=corrected)


def _write(judged: _Held, collection: Collection, status: Status, source: str, now: datetime) -> None:
    """Nobody in particular writes here: who may run a command may do everything."""
    rows = judged.to_write()
    used = chain.from_iterable(_unpacked(kept.packed).figures.values() for kept in rows)
    write_assets(judged.figures(used))
    writer = Writer(collection, status=status, source=source, now=now, by=None)
    done = Import.objects.create(
        collection=collection,
        by=None,
        at=now,
        file_name=source[:200],
        file_hash=judged.file_hash.hexdigest(),
        format=next(iter(judged.formats)) if len(judged.formats) == 1 else "",
        status=status,
        counts=judged.report().counts,
    )
    for some in batches(rows, BATCH):
        following = [
            replace(_unpacked(kept.packed), question=kept.question, before=kept.before) for kept in some
        ]
        _record(done, writer.write(following))
    for some in batches(judged.unchanged(), BATCH):
        ImportEntry.objects.bulk_create(
            ImportEntry(batch=done, question_id=kept.question, before_id=kept.before)
            for kept in some
            if kept.question
        )
    writer.finish()


def _record(done: Import, written: Sequence[Written]) -> None:
    ImportEntry.objects.bulk_create(
        ImportEntry(batch=done, question_id=w.question, version_id=w.version, before_id=w.before)
        for w in written
    )


def _files_hash(paths: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
