"""A query that is asked the same way each time, compiled once.

Saying a large query in SQL costs the ORM one or two milliseconds, more than PostgreSQL needs to answer it.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection
from django.db.models import QuerySet


class Compiled:
    """The rows of `build(*values)`, a queryset of `values_list`. `stand_ins` are values that occur in its SQL
    for no other reason. For columns that PostgreSQL returns as they are: no JSON. On SQLite, which returns
    none so, the ORM asks."""

    def __init__(self, build: Callable[..., "QuerySet[Any, Any]"], *stand_ins: Any) -> None:
        self.build, self.stand_ins = build, stand_ins
        self.statement: tuple[str, tuple[Any, ...]] | None = None

    def rows(self, *values: Any) -> Iterable[tuple[Any, ...]]:
        if connection.vendor != "postgresql":
            return self.build(*values)
        if self.statement is None:
            self.statement = self.build(*self.stand_ins).query.sql_with_params()
        sql, parameters = self.statement
        given = dict(zip(self.stand_ins, values, strict=True))
        with connection.cursor() as cursor:
            cursor.execute(sql, [given.get(parameter, parameter) for parameter in parameters])
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
