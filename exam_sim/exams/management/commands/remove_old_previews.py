from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from exam_sim.exams.previews import remove_old


class Command(BaseCommand):
    help = "Remove previews of questions that were closed or last touched a week ago."

    def handle(self, **options: Any) -> None:
        removed = remove_old(timezone.now())
        if removed or options["verbosity"] > 1:
            self.stdout.write(f"Removed {removed} old preview{'s'[: removed != 1]}.")
