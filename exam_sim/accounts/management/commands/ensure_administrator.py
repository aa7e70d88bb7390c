import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone

from exam_sim.accounts import roles
from exam_sim.accounts.models import Role, User


class Command(BaseCommand):
    help = "Make the first administrator, with a random password that is printed once. Later runs do nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", default="admin@localhost")

    def handle(self, *, email: str, **options: Any) -> None:
        """An address that is taken is no failure: a start of the whole site may hang on this command."""
        if roles.administrators().exists():
            return
        if User.objects.by_email(email):
            self.stderr.write(
                f"No administrator was made: {email} is taken. Name another address with --email."
            )
            return
        password = secrets.token_urlsafe(12)
        with transaction.atomic():
            administrator = User.objects.create_superuser(email, password)
            roles.grant(administrator, Role.ADMINISTRATOR, by=None, now=timezone.now())
        self.stdout.write(f"Administrator: {administrator.email}\nPassword:      {password}")
        self.stdout.write("This password is not shown again. Log in at /accounts/login/ and change it.")
        self.stdout.write("To make an instructor: .venv/bin/python manage.py grant_role EMAIL instructor")
