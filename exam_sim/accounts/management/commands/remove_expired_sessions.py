from typing import Any

from django.core.management.base import BaseCommand

from exam_sim.accounts.sessions import SessionStore


class Command(BaseCommand):
    help = "Remove sessions that have expired."

    def handle(self, **options: Any) -> None:
        SessionStore.clear_expired()
