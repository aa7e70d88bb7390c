import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from results.integrity import problems, snapshot


class Command(BaseCommand):
    help = (
        "Check every rule that answers, forms, scores and the bank rest on, on what is stored; changes"
        " nothing. Ends with 1 and a line for each problem when something is wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--report", choices=("text", "json"), default="text", help="json: one object for each line"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        with snapshot():
            for problem in problems(timezone.now()):
                found += 1
                line = {"kind": problem.kind, "ids": problem.ids, "sentence": problem.sentence}
                self.stdout.write(json.dumps(line) if options["report"] == "json" else str(problem))
        if found:
            self.stderr.write(f"{found} problem{'s'[: found != 1]}.")
            sys.exit(1)
        if options["report"] == "text" and options["verbosity"]:
            self.stdout.write("No problem was found.")
