from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from exam_sim.accounts.guests import remove_idle


class Command(BaseCommand):
    help = "Remove guests who were idle for 30 days and have no open attempt."

    def handle(self, **options: Any) -> None:
        removed = remove_idle(timezone.now())
        if removed:
            self.stdout.write(f"Removed {removed} idle guest{'' if removed == 1 else 's'}.")
