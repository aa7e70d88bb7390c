from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from exam_sim.accounts import audit, throttle


class Command(BaseCommand):
    help = "Remove old lines of the audit log (AUDIT_DAYS), and counts that limit nothing any more."

    def handle(self, **options: Any) -> None:
        now = timezone.now()
        throttle.remove_old(now)
        removed = audit.remove_old(now)
        if removed:
            self.stdout.write(f"Removed {removed} old line{'' if removed == 1 else 's'} of the audit log.")
