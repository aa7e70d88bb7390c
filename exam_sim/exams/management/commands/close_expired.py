from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from exam_sim.exams.attempts import close_expired


class Command(BaseCommand):
    help = "Close the attempts whose deadline and grace are past. Safe to run at any time, and twice at once."

    def handle(self, **options: Any) -> None:
        closed = close_expired(timezone.now())
        if closed or options["verbosity"] > 1:
            self.stdout.write(f"{closed} attempts closed.")
