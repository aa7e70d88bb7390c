import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection


class Command(BaseCommand):
    help = (
        "Write a copy of the SQLite database to a new file, as of one moment, while people go on answering."
        " For PostgreSQL use pg_dump."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("target", type=Path, help="a file that does not exist yet")

    def handle(self, *args: Any, **options: Any) -> None:
        target: Path = options["target"]
        if connection.vendor != "sqlite":
            raise CommandError("This database is not SQLite: back it up with pg_dump.")
        draft = target.with_name(f"{target.name}.unfinished")
        if target.exists() or draft.exists():
            raise CommandError(f"{target.name} or {draft.name} exists already: it is not overwritten.")
        draft.touch(mode=0o600)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(draft)])
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        # Only a whole copy gets the name that was asked for.
        draft.rename(target)
        if options["verbosity"]:
            self.stdout.write(f"{target} holds {target.stat().st_size:,} bytes.")
