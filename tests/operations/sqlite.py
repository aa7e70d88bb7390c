"""A SQLite file for processes of its own, with the tables of the database under test."""

from pathlib import Path

from django.db import connection


def make_database(path: Path) -> None:
    """Migrating one anew would take seconds."""
    connection.ensure_connection()
    path.write_bytes(connection.connection.serialize())
