import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from questions.certifications import CertificationError, load
from questions.importing import SUFFIXES, ImportReport, import_files, question_files
from questions.models import Collection, Status

PROBLEMS, UNUSABLE = 1, 2


class UnusableError(Exception):
    """The command cannot begin."""


class Command(BaseCommand):
    help = (
        "Import question files in the exchange format, all or nothing. Exit status: 0 all well, "
        "1 the files have problems and nothing was written, 2 the command could not begin."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "paths", nargs="+", type=Path, metavar="PATH", help="a question file, or a folder of them"
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

    def handle(self, **options: Any) -> None:
        try:
            paths = _files(options["paths"])
            with transaction.atomic():
                collection = _collection(options["collection"], options["certification_file"])
                report = import_files(
                    paths,
                    collection=collection,
                    status=Status(options["status"]),
                    source_name=", ".join(path.name for path in paths)[:200],
                    now=timezone.now(),
                    dry_run=options["dry_run"],
                )
                transaction.set_rollback(report.failed or options["dry_run"])
        except UnusableError as error:
            self.stderr.write(str(error))
            sys.exit(UNUSABLE)
        for problem in report.problems:
            self.stderr.write(str(problem))
        self.stdout.write(_summary(report, dry_run=options["dry_run"]))
        if report.failed:
            sys.exit(PROBLEMS)


def _files(paths: list[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += question_files(path)
        elif path.is_file():
            files.append(path)
        else:
            raise UnusableError(f"There is no file or folder {path}.")
    if not files:
        raise UnusableError(f"There is no question file: their names end in {', '.join(sorted(SUFFIXES))}.")
    return files


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
    raise UnusableError("Name the collection with --collection." if found else "Load a certification first.")


def _summary(report: ImportReport, *, dry_run: bool) -> str:
    if report.failed:
        errors = sum(problem.severity == "error" for problem in report.problems)
        return f"{report.read} questions read, {errors} errors: nothing was written."
    counts = [
        f"{len(ids)} {name}"
        for name, ids in (("new", report.new), ("changed", report.changed), ("unchanged", report.unchanged))
    ]
    done = "would be" if dry_run else "are"
    return f"{report.read} questions read: of these {done} {', '.join(counts)}."
