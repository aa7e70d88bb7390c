import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from questions.exporting import export_of
from questions.formats.losses import losses
from questions.formats.registry import FORMATS, package
from questions.models import Collection, Question, Status

UNUSABLE = 2
NAMED = 12


class UnusableError(Exception):
    """There is nothing to export."""


class Command(BaseCommand):
    help = (
        "Write questions of a collection to a file in any format. What the format cannot carry is said on "
        "standard error, with the ids of the questions. With figures, formats that name files become a zip."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        writable = [slug for slug, format_ in FORMATS.items() if format_.write]
        parser.add_argument("ids", nargs="*", metavar="ID", help="of the questions (default: all)")
        parser.add_argument("--collection", metavar="SLUG", help="needed if there are several")
        parser.add_argument(
            "--format", choices=writable, default="exchange-yaml", help="default: exchange-yaml"
        )
        parser.add_argument(
            "--status", action="append", choices=Status.values, help="only these; may be given several times"
        )
        parser.add_argument("--output", type=Path, metavar="PATH", help="default: standard output")

    def handle(self, **options: Any) -> None:
        try:
            questions, collection = _questions(options)
        except UnusableError as error:
            self.stderr.write(str(error))
            sys.exit(UNUSABLE)
        export = export_of(questions, collection.certification)
        for loss in losses(export.drafts, FORMATS[options["format"]]):
            named = ", ".join(loss.ids[:NAMED]) + (", …" if len(loss.ids) > NAMED else "")
            what = "Left out for" if loss.left_out else "Not kept:"
            count = "1 question" if len(loss.ids) == 1 else f"{len(loss.ids):,} questions"
            self.stderr.write(f"{what} {loss.feature.value}, {count}: {named}")
        name, content = package(export, options["format"])
        if options["output"]:
            if name.endswith(".zip") and options["output"].suffix != ".zip":
                self.stderr.write("It is a zip, because some questions have figures.")
            try:
                options["output"].write_bytes(content)
            except OSError as error:
                self.stderr.write(f"{options['output']} cannot be written: {error.strerror}.")
                sys.exit(UNUSABLE)
        else:
            sys.stdout.buffer.write(content)


def _questions(options: dict[str, Any]) -> tuple[Any, Collection]:
    slug, ids = options["collection"], options["ids"]
    known = Collection.objects.select_related("certification")
    found = list(known.filter(slug=slug) if slug else known[:2])
    if len(found) != 1:
        if slug:
            raise UnusableError(f"There is no collection {slug}.")
        raise UnusableError(
            "Name the collection with --collection." if found else "There is no collection yet."
        )
    questions = Question.objects.filter(collection=found[0])
    if ids:
        questions = questions.filter(external_id__in=ids)
        missing = set(ids) - set(questions.values_list("external_id", flat=True))
        if missing:
            raise UnusableError(f"{found[0].slug} has no question {', '.join(sorted(missing))}.")
    if options["status"]:
        questions = questions.filter(status__in=options["status"])
    if not questions.exclude(current_version=None).exists():
        raise UnusableError("There is no question to export.")
    return questions, found[0]
