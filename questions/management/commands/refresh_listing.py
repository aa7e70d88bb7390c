"""`manage.py refresh_listing`: see `questions.listing`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from questions import listing
from questions.models import Question


class Command(BaseCommand):
    help = "List the questions that are not in the bank's list yet; with --all, list every question anew."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--all", action="store_true", help="every question: what lint says of it depends on the day"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        every = Question.objects.order_by().values_list("pk", flat=True).iterator()
        listed = listing.refresh(every if options["all"] else listing.missing())
        if options["verbosity"] and (listed or options["all"]):
            self.stdout.write(f"{listed} questions listed.")
