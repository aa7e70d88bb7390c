from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from exam_sim.accounts import roles
from exam_sim.accounts.models import Role, User


class Command(BaseCommand):
    help = "Give somebody a role in place of the one they have: candidate, instructor or administrator."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("role", choices=Role.values)

    def handle(self, *, email: str, role: str, **options: Any) -> None:
        user = User.objects.by_email(email)
        if user is None:
            raise CommandError(f"There is no account with the address {email}.")
        changed = roles.grant(user, Role(role), by=None, now=timezone.now())
        self.stdout.write(f"{user.email} is {'now' if changed else 'already'} {Role(role).label.lower()}.")
