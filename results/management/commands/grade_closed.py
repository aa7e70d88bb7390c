from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from results.grading import grade_closed


class Command(BaseCommand):
    help = "Grade closed attempts whose result nobody has asked for yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--recent", action="store_true", help="look only at those that were closed in the last 12 hours"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        graded = grade_closed(timezone.now(), recent=options["recent"])
        if graded or options["verbosity"] > 1:
            self.stdout.write(f"{graded} graded")
