import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from exam_sim.exams import profiles
from questions import certifications
from questions.formats import Problem
from questions.importing import import_shipped
from questions.models import Status


class Command(BaseCommand):
    help = (
        "Load a certification from its folder: certification.yaml, the question files, profiles.yaml. "
        "All or nothing; what is loaded already stays as it is. Exit status 1: problems, nothing was written."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, **options: Any) -> None:
        folder: Path = options["folder"]
        try:
            with transaction.atomic():
                self._load(folder)
        except certifications.CertificationError as error:
            self._refuse(error.problems)
        except OSError as error:
            self.stderr.write(f"{folder} cannot be read: {error}.")
            sys.exit(2)

    def _load(self, folder: Path) -> None:
        collection = certifications.load(folder / "certification.yaml")
        report = import_shipped(folder, collection=collection, now=timezone.now(), status=Status.PUBLISHED)
        if report is not None and report.failed:
            transaction.set_rollback(True)
            self._refuse(report.problems)
        outcomes, problems = profiles.load(folder / "profiles.yaml")
        if problems:
            transaction.set_rollback(True)
            self._refuse(problems)
        if report is not None:
            self.stdout.write(
                f"{collection.title}: {len(report.new)} new, {len(report.changed)} changed, "
                f"{len(report.unchanged)} unchanged questions."
            )
            for problem in report.problems:
                self.stderr.write(str(problem))
            if report.left_alone:
                self.stdout.write(
                    f"Left alone, because they were edited here: {', '.join(report.left_alone)}."
                )
        for slug, outcome in outcomes.items():
            if outcome != "unchanged":
                self.stdout.write(f"Profile {slug}: {outcome}.")

    def _refuse(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self.stderr.write(str(problem))
        self.stderr.write("Nothing was loaded.")
        sys.exit(1)
