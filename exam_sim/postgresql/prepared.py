"""Statements of our own that PostgreSQL reads and plans once for each connection."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from django.db import connection

if TYPE_CHECKING:
    from exam_sim.postgresql.base import DatabaseWrapper


def rows_of(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """What PostgreSQL answers. Whatever differs from one time to the next must be in `values`: each text is
    kept for as long as the connection. A list is of numbers or ids, and is cast to an array in the statement;
    it is written out here, because the driver asks each of its members for its type."""
    values = [f"{{{','.join(map(str, value))}}}" if isinstance(value, list) else value for value in values]
    with cast("DatabaseWrapper", connection).prepared_cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
