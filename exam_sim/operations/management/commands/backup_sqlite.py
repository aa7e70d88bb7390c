import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error, connection


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
        try:
            with drafted(target) as draft:
                with connection.cursor() as cursor:
                    cursor.execute("VACUUM INTO %s", [str(draft)])
                size = draft.stat().st_size
        except OSError as error:
            raise CommandError(f"{target} cannot be written: {error.strerror}.") from error
        except Error as error:
            raise CommandError(f"{target} cannot be written: {error}.") from error
        if options["verbosity"]:
            self.stdout.write(f"{target} holds {size:,} bytes.")


@contextmanager
def drafted(target: Path) -> Iterator[Path]:
    """An empty file beside `target`, which gets its name when the block ends well, and else goes.

    What a run that was killed has left is written over. One that is still at it holds a lock, and keeps it
    until its copy has its name: so who gets the lock has to look again whether the target is there."""
    draft = target.with_name(f"{target.name}.unfinished")
    descriptor = os.open(draft, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(f"{draft.name} is being written by another run.") from None
        try:
            if target.exists():
                raise CommandError(f"{target.name} exists already: it is not overwritten.")
            os.fchmod(descriptor, 0o600)
            os.truncate(descriptor, 0)
            yield draft
            os.fsync(descriptor)
            draft.rename(target)  # only a whole copy gets the name that was asked for
        finally:
            draft.unlink(missing_ok=True)
    finally:
        os.close(descriptor)
