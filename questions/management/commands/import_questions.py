import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, transaction
from django.utils import timezone

from questions import certifications, rules
from questions.certifications import CertificationError, load
from questions.classify import Branch, Statement, Tree
from questions.files import SUFFIXES, question_files
from questions.formats import Problem
from questions.formats.columns import FIELDS
from questions.formats.exchange_writing import question_data
from questions.formats.nodes import MAX_BYTES
from questions.formats.registry import FORMATS
from questions.importing import ImportReport, Reading, import_files, try_files
from questions.models import Collection, Decision, Likeness, Status

PROBLEMS, UNUSABLE = 1, 2


class UnusableError(Exception):
    """The command cannot begin."""


class NoBankError(UnusableError):
    """There is nothing to compare with, which a dry run can do without."""


class Command(BaseCommand):
    help = (
        "Import question files in any format, all or nothing. Exit status: 0 all well, 1 the files have "
        "problems (and nothing was written, but with --skip-invalid), 2 the command could not begin, or no "
        "question could be read."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "paths",
            nargs="+",
            type=Path,
            metavar="PATH",
            help="a question file, or a folder of them in the exchange format",
        )
        parser.add_argument("--dry-run", action="store_true", help="check and report, write nothing")
        parser.add_argument(
            "--collection", metavar="SLUG", help="where the questions go; needed if there are several"
        )
        parser.add_argument(
            "--status",
            choices=[Status.DRAFT.value, Status.TRIAL.value, Status.PUBLISHED.value],
            default=Status.DRAFT.value,
            help="of new questions (default: draft)",
        )
        parser.add_argument(
            "--certification-file",
            type=Path,
            metavar="PATH",
            help="load this first; its collection is the default",
        )
        _add_reading(parser)
        parser.add_argument(
            "--skip-invalid", action="store_true", help="leave out questions with errors, write the others"
        )
        parser.add_argument("--report", choices=["text", "json"], default="text", help="default: text")

    def handle(self, **options: Any) -> None:
        try:
            paths = _files(options["paths"])
            report = _run(paths, options)
        except UnusableError as error:
            self.stderr.write(str(error))
            sys.exit(UNUSABLE)
        problems = [_hinted(problem) for problem in report.problems]
        if options["report"] == "json":
            self.stdout.write(json.dumps(_data(report, problems), ensure_ascii=False, indent=1))
        else:
            for problem in problems:
                self.stderr.write(str(problem))
            self.stdout.write(_summary(report, dry_run=options["dry_run"]))
        if report.failed:
            sys.exit(PROBLEMS if report.read else UNUSABLE)


def _add_reading(parser: ArgumentParser) -> None:
    readable = [slug for slug, format_ in FORMATS.items() if format_.read]
    parser.add_argument("--format", choices=readable, default="", help="default: found out by the content")
    parser.add_argument("--encoding", default="utf-8", help="of text files (default: utf-8)")
    parser.add_argument(
        "--columns",
        type=_columns,
        default={},
        metavar="HEADER=FIELD,…",
        help=f"what the headers of a table mean that we do not know; fields: {', '.join(FIELDS)}",
    )
    parser.add_argument(
        "--task-statement", default="", metavar="CODE", help="for the questions that have none"
    )
    parser.add_argument(
        "--similar",
        choices=["replace", "add"],
        help="what to do with probable edits of questions of the bank",
    )
    parser.add_argument(
        "--same-id", choices=["replace", "add"], help="what to do where an id stands for another question"
    )


def _columns(text: str) -> Mapping[str, str]:
    pairs = [part.rpartition("=") for part in text.split(",")]
    if not all(sign and field in FIELDS for _, sign, field in pairs):
        raise ValueError(text)
    return {header.strip(): field for header, _, field in pairs}


def _files(paths: list[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        try:
            files += _files_of(path)
        except OSError as error:
            raise UnusableError(f"{str(path)[:200]} cannot be read: {error.strerror}.") from None
    if not files:
        raise UnusableError(f"There is no question file: their names end in {', '.join(sorted(SUFFIXES))}.")
    return files


def _files_of(path: Path) -> list[Path]:
    if path.is_dir():
        return question_files(path)
    if not path.exists():
        raise UnusableError(f"There is no file or folder {path}.")
    if not path.is_file():
        raise UnusableError(f"{path} is no ordinary file.")
    return [path]


def _run(paths: list[Path], options: Mapping[str, Any]) -> ImportReport:
    decided = {
        likeness: Decision(options[name])
        for name, likeness in (("similar", Likeness.EDIT), ("same_id", Likeness.OTHER))
        if options[name]
    }
    reading = Reading(
        options["format"], options["encoding"], options["columns"], options["task_statement"], decided
    )
    try:
        with transaction.atomic():
            collection = _collection(options["collection"], options["certification_file"])
            report = import_files(
                paths,
                collection=collection,
                status=Status(options["status"]),
                source_name=", ".join(path.name for path in paths)[:200],
                now=timezone.now(),
                dry_run=options["dry_run"],
                skip_invalid=options["skip_invalid"],
                reading=reading,
            )
            transaction.set_rollback(not report.written)
    except (DatabaseError, NoBankError) as error:
        if not options["dry_run"] or options["collection"]:
            raise error if isinstance(error, UnusableError) else _no_database(error) from None
        return _without_bank(paths, options["certification_file"], reading)
    return report


def _no_database(error: Exception) -> UnusableError:
    return UnusableError(f"The database cannot be used: {str(error).strip().partition(chr(10))[0]}.")


def _without_bank(paths: list[Path], certification_file: Path | None, reading: Reading) -> ImportReport:
    tree, slug = _tree(certification_file) if certification_file else (None, None)
    return try_files(paths, tree=tree, certification=slug, now=timezone.now(), reading=reading)


def _tree(path: Path) -> tuple[Tree, str]:
    """What a certification's file says of its task statements, without the database."""
    try:
        with path.open("rb") as file:
            wanted = certifications.parse(file.read(MAX_BYTES + 1), str(path)).certification
    except (CertificationError, OSError) as error:
        raise UnusableError(str(error)) from None
    branches = [
        Branch(domain.code, domain.title, tuple(Statement(s.code, s.title) for s in domain.task_statements))
        for domain in wanted.domains
    ]
    return branches, wanted.slug


def _collection(slug: str | None, certification_file: Path | None) -> Collection:
    try:
        loaded = load(certification_file) if certification_file else None
    except (CertificationError, OSError) as error:
        raise UnusableError(str(error)) from None
    if slug is None and loaded is not None:
        return loaded
    found = list(Collection.objects.filter(slug=slug) if slug else Collection.objects.all()[:2])
    if len(found) == 1:
        return found[0]
    if slug:
        raise UnusableError(f"There is no collection {slug}.")
    raise NoBankError("Name the collection with --collection." if found else "Load a certification first.")


def _hinted(problem: Problem) -> Problem:
    """A problem, with the option that would settle it."""
    if problem.advice == rules.NEEDS_TASK_STATEMENT:
        advice = f"{problem.advice[:-1]}: --task-statement CODE is for all that have none."
        return replace(problem, advice=advice)
    return problem


def _data(report: ImportReport, problems: list[Problem]) -> dict[str, Any]:
    return {
        "questions": [question_data(draft) for draft in report.drafts()],
        "problems": [_problem(problem) for problem in problems],
        "counts": dict(report.counts),
    }


def _problem(problem: Problem) -> dict[str, Any]:
    """A problem with that of line, row and item which says where it is."""
    places = {"row": problem.row, "item": problem.item, "line": problem.line}
    where = next(({name: value} for name, value in places.items() if value), {})
    data: dict[str, Any] = {"severity": problem.severity.value, "file": problem.file, **where}
    data |= {"field": problem.field, "text": problem.text, "advice": problem.advice}
    if problem.column:
        data["column"] = problem.column
    if problem.readings:
        data["readings"] = [reading.label for reading in problem.readings]
    return data


def _summary(report: ImportReport, *, dry_run: bool) -> str:
    counts = report.counts
    if report.failed and not report.written:
        errors = sum(problem.severity == "error" for problem in report.problems)
        return f"Questions read: {report.read}, errors: {errors}. Nothing was written."
    told = [f"{counts[name]} {name}" for name in ("new", "changed", "unchanged")]
    told += [f"{counts[name]} {name}" for name in ("skipped", "rejected") if counts[name]]
    done = "would be" if dry_run else "are"
    return f"Questions read: {report.read}. Of these {done} {', '.join(told)}."
