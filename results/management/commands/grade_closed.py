from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from results.grading import grade_closed


class Command(BaseCommand):
    help = "Grade closed attempts whose result nobody has asked for yet."

    def handle(self, *args: Any, **options: Any) -> None:
        graded = grade_closed(timezone.now())
        if graded or options["verbosity"] > 1:
            self.stdout.write(f"{graded} graded")
