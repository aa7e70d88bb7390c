from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from results.digest import digest_results


class Command(BaseCommand):
    help = "Take results into their candidates' cards and the tallies of the questions."

    def handle(self, *args: Any, **options: Any) -> None:
        digested = digest_results(timezone.now())
        if digested or options["verbosity"] > 1:
            self.stdout.write(f"{digested} digested")
