"""Files into the bank: read -> check everything -> one transaction, all or nothing.

A question that the bank has with the same source fields is left as it is; one that says something else gets a
new version. Nothing is written around an error."""

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from exam_sim.accounts.models import User
from questions import listing, pools, rules
from questions.exhibits import MAX_BYTES as MAX_FIGURE_BYTES
from questions.exhibits import Figure, FigureError, inspect
from questions.fingerprint import fingerprint, source_fields, testing_point_key
from questions.formats import Draft, Problem, Severity, exchange
from questions.formats.nodes import MAX_BYTES
from questions.models import Asset, Collection, Question, QuestionVersion, Status, TaskStatement
from questions.rendering import RENDERER, render

SUFFIXES = frozenset({".yaml", ".yml", ".json"})
NOT_QUESTIONS = frozenset({"certification", "profiles", "targets", "plan", "warnings"})
SHIPPED = "shipped bank"
_BATCH = 500


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or what a dry run would do, by question id. `problems` with an error: nothing was
    written, and `rejected` are the questions that have errors (one that could not even be read has no id to
    name)."""

    read: int = 0
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    left_alone: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def failed(self) -> bool:
        return any(problem.severity == Severity.ERROR for problem in self.problems)


@dataclass(frozen=True, slots=True)
class _Read:
    """What the files hold, before the bank is asked. `figures` are by question file and exhibit file."""

    drafts: tuple[Draft, ...]
    problems: tuple[Problem, ...]
    figures: Mapping[tuple[str, str], Figure | str]

    def of(self, draft: Draft) -> dict[str, Figure]:
        """The figures of one draft by file name."""
        found = (
            (exhibit.file, self.figures.get((draft.place.file, exhibit.file))) for exhibit in draft.exhibits
        )
        return {name: figure for name, figure in found if isinstance(figure, Figure)}


@dataclass(frozen=True, slots=True)
class _Standing:
    """A question as the bank has it."""

    pk: uuid.UUID
    number: int
    fingerprint: str
    source: str


@dataclass(frozen=True, slots=True)
class _Entry:
    """A draft that will be written: as a new question, or as the next version of a standing one."""

    draft: Draft
    fields: dict[str, Any]
    fingerprint: str
    standing: _Standing | None


@dataclass(frozen=True, slots=True)
class _Plan:
    """What an import will write, and what it will not."""

    entries: list[_Entry]
    unchanged: list[str]
    left_alone: list[str]


@dataclass(frozen=True, slots=True)
class _Made:
    """What every version of one import says of its making."""

    source: str
    now: datetime
    by: User | None


def question_files(folder: Path) -> list[Path]:
    """The question files of a certification's folder, in a fixed order."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in SUFFIXES and path.stem not in NOT_QUESTIONS
    )


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
    by: User | None = None,
    dry_run: bool = False,
    own_only: bool = False,
) -> ImportReport:
    """Import question files into a collection; new questions get `status`, others keep theirs.

    With `own_only`, questions whose newest version came from another source than `source_name` are left
    alone. The collection's row is locked while the bank is read and written, so that two imports follow one
    another and neither makes a question or a version number twice."""
    read = _read_files(list(paths), collection.certification_id)
    with transaction.atomic():
        Collection.objects.select_for_update().get(pk=collection.pk)
        codes = _task_statements(collection)
        problems = [*read.problems, *_check(read, collection, codes)]
        if any(problem.severity == Severity.ERROR for problem in problems):
            return _rejection(read, problems)
        plan = _plan(read, collection, source_name if own_only else None)
        if plan.entries and not dry_run:
            made = _Made(source_name, now, by)
            _write(plan.entries, read, collection, codes, status, made)
            pools.renumber(collection)
            _refresh_statistics(len(plan.entries))
    return ImportReport(
        read=len(read.drafts),
        new=tuple(entry.draft.id for entry in plan.entries if entry.standing is None),
        changed=tuple(entry.draft.id for entry in plan.entries if entry.standing is not None),
        unchanged=tuple(plan.unchanged),
        left_alone=tuple(plan.left_alone),
        problems=tuple(problems),
    )


def _files_hash(paths: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _read_files(paths: Sequence[Path], certification: str) -> _Read:
    drafts: list[Draft] = []
    problems: list[Problem] = []
    figures: dict[tuple[str, str], Figure | str] = {}
    for path in paths:
        try:
            with path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except OSError as error:
            message = f"Name a file that can be read: {error.strerror}."
            problems.append(Problem(Severity.ERROR, str(path), 0, "", message))
            continue
        parsed = exchange.parse(content, str(path), certification=certification)
        problems += parsed.problems
        drafts += parsed.drafts
        for draft in parsed.drafts:
            for exhibit in draft.exhibits:
                figure = _figure(path.parent / "exhibits" / exhibit.file)
                if figure is not None:
                    figures[str(path), exhibit.file] = figure
    return _Read(tuple(drafts), tuple(problems), figures)


def _figure(path: Path) -> Figure | str | None:
    """The figure in a file, or why it is none; None if there is no such file."""
    if not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            return inspect(file.read(MAX_FIGURE_BYTES + 1))
    except OSError as error:
        return f"Make the figure's file readable: {error.strerror}."
    except FigureError as error:
        return str(error)


def _task_statements(collection: Collection) -> dict[str, int]:
    """Keys of the certification's task statements by code."""
    rows = TaskStatement.objects.filter(domain__certification=collection.certification_id)
    return dict(rows.values_list("code", "pk"))


def _check(read: _Read, collection: Collection, codes: Mapping[str, int]) -> list[Problem]:
    """The rules, with the bank around the drafts: enemies may stand in it, and so may equal testing
    points."""
    coming = {draft.id for draft in read.drafts}
    enemies = {enemy for draft in read.drafts for enemy in draft.enemies} - coming
    questions = Question.objects.filter(collection=collection)
    standing = set(_in_batches(questions, "external_id", enemies).values()) if enemies else set()
    problems = rules.check_all(read.drafts, rules.Known(codes, standing, read.figures))
    drafts = {testing_point_key(draft.testing_point, draft.stem): draft for draft in read.drafts}
    for key, other in _in_batches(questions, "current_version__testing_point_key", drafts).items():
        if other not in coming:
            message = f"Test something of its own: {other} in the bank has the same testing point."
            problems.append(drafts[key].place.warning("testing_point", message))
    return problems


def _in_batches(questions: QuerySet[Question], column: str, values: Iterable[str]) -> dict[str, str]:
    """Question ids by the value of `column`, where it is one of `values`."""
    found: dict[str, str] = {}
    for batch in _batches(sorted(values)):
        found |= dict(questions.filter(**{f"{column}__in": batch}).values_list(column, "external_id"))
    return found


def _batches(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """Databases bound the number of a statement's parameters."""
    for start in range(0, len(values), _BATCH):
        yield values[start : start + _BATCH]


def _rejection(read: _Read, problems: Sequence[Problem]) -> ImportReport:
    paths = {(p.file, p.field.partition(".")[0]) for p in problems if p.severity == Severity.ERROR}
    rejected = tuple(draft.id for draft in read.drafts if (draft.place.file, draft.place.path) in paths)
    return ImportReport(read=len(read.drafts), rejected=rejected, problems=tuple(problems))


def _standing(collection: Collection, ids: Sequence[str]) -> dict[str, _Standing]:
    standing: dict[str, _Standing] = {}
    columns = ("number", "fingerprint", "source")
    for batch in _batches(ids):
        rows = Question.objects.filter(collection=collection, external_id__in=batch)
        for external_id, pk, *version in rows.values_list(
            "external_id", "pk", *[f"current_version__{column}" for column in columns]
        ):
            standing[external_id] = _Standing(pk, *version)
    return standing


def _plan(read: _Read, collection: Collection, only_source: str | None) -> _Plan:
    plan = _Plan([], [], [])
    standing = _standing(collection, [draft.id for draft in read.drafts])
    for draft in read.drafts:
        fields = source_fields(draft, read.of(draft))
        print_ = fingerprint(fields)
        old = standing.get(draft.id)
        if old is not None and old.fingerprint == print_:
            plan.unchanged.append(draft.id)
        elif old is not None and only_source is not None and old.source != only_source:
            plan.left_alone.append(draft.id)
        else:
            plan.entries.append(_Entry(draft, fields, print_, old))
    return plan


def _write(
    entries: Sequence[_Entry],
    read: _Read,
    collection: Collection,
    codes: Mapping[str, int],
    status: Status,
    made: _Made,
) -> None:
    """New questions point at versions that follow in the same transaction: foreign keys are checked at its
    end."""
    versions = [_version(entry, read, codes, made) for entry in entries]
    questions = [
        Question(
            pk=version.question_id,
            collection=collection,
            external_id=entry.draft.id,
            task_statement_id=version.task_statement_id,
            status=status,
            current_version_id=version.pk,
        )
        for entry, version in zip(entries, versions, strict=True)
    ]
    pairs = list(zip(entries, questions, strict=True))
    Question.objects.bulk_create([q for entry, q in pairs if entry.standing is None], batch_size=_BATCH)
    QuestionVersion.objects.bulk_create(versions, batch_size=_BATCH)
    Question.objects.bulk_update(
        [q for entry, q in pairs if entry.standing is not None],
        ["task_statement", "current_version"],
        batch_size=_BATCH,
    )
    _write_assets(entries, versions, read)
    listing.refresh(question.pk for question in questions)


def _refresh_statistics(written: int) -> None:
    """PostgreSQL plans by statistics, which it gathers by itself only after a minute or so: until then a
    start on a bank that has just grown by thousands would take seconds."""
    if connection.vendor == "postgresql" and written >= _BATCH:
        with connection.cursor() as cursor:
            cursor.execute(
                "ANALYZE questions_question, questions_questionversion, questions_pool, questions_listing"
            )


def _version(entry: _Entry, read: _Read, codes: Mapping[str, int], made: _Made) -> QuestionVersion:
    draft = entry.draft
    rendered = render(draft, read.of(draft))
    code = entry.fields["task_statement"]
    columns = {
        name: value for name, value in entry.fields.items() if name not in {"task_statement", "verified_on"}
    }
    return QuestionVersion(
        id=uuid.uuid4(),
        question_id=entry.standing.pk if entry.standing else uuid.uuid4(),
        number=entry.standing.number + 1 if entry.standing else 1,
        created_at=made.now,
        created_by=made.by,
        source=made.source,
        fingerprint=entry.fingerprint,
        task_statement_id=codes[code],
        verified_on=draft.verified_on,
        testing_point_key=testing_point_key(draft.testing_point, draft.stem),
        layout=rendered.layout,
        html=rendered.html,
        key_html=rendered.key_html,
        renderer=RENDERER,
        **columns,
    )


def _write_assets(entries: Sequence[_Entry], versions: Sequence[QuestionVersion], read: _Read) -> None:
    assets: dict[str, Asset] = {}
    uses: set[tuple[str, uuid.UUID]] = set()
    for entry, version in zip(entries, versions, strict=True):
        for figure in read.of(entry.draft).values():
            asset = Asset(sha256=figure.sha256, media_type=figure.media_type, content=figure.content)
            assets[figure.sha256] = asset
            uses.add((figure.sha256, version.pk))
    Asset.objects.bulk_create(assets.values(), ignore_conflicts=True)
    through = Asset.versions.through
    through.objects.bulk_create(
        through(asset_id=sha256, questionversion_id=pk) for sha256, pk in sorted(uses)
    )
