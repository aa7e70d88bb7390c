from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from questions import previewing


class Command(BaseCommand):
    help = "Remove uploads that nobody imported within 24 hours, and take up those whose reader has died."

    def handle(self, **options: Any) -> None:
        now = timezone.now()
        removed = previewing.expire(now)
        previewing.take_up_all(now)
        if removed and options["verbosity"] > 1:
            self.stdout.write(f"{removed} uploads removed.")
