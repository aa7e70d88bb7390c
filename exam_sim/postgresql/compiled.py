"""A query that is asked the same way each time, compiled once.

Saying a large query in SQL costs the ORM one or two milliseconds, more than PostgreSQL needs to answer it.
PostgreSQL, which is asked in the same words each time, prepares it.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

from exam_sim.postgresql.prepared import rows_of

M = TypeVar("M", bound=Model)
_PLACE = re.compile("%(.)")


class Compiled:
    """The rows of `build(*values)`, a queryset of `values_list`. `stand_ins` are values that occur in its SQL
    for no other reason; all others are part of the statement. On SQLite the ORM asks."""

    def __init__(self, build: Callable[..., "QuerySet[Any, Any]"], *stand_ins: Any) -> None:
        self.build, self.stand_ins = build, stand_ins
        self.statement: tuple[str, list[int], list[tuple[int, list[Any], Any]]] | None = None

    def rows(self, *values: Any) -> Iterable[tuple[Any, ...]]:
        if connection.vendor != "postgresql":
            return self.build(*values)
        if self.statement is None:
            self.statement = self._compile()
        statement, order, converted = self.statement
        rows = rows_of(statement, [values[place] for place in order])
        return [_converted(row, converted) for row in rows] if converted else rows

    def _compile(self) -> tuple[str, list[int], list[tuple[int, list[Any], Any]]]:
        """The statement, which of the values each of its places takes, and what columns the ORM converts."""
        from psycopg import sql  # not where there is SQLite alone

        compiler = self.build(*self.stand_ins).query.get_compiler(connection=connection)
        said, parameters = compiler.as_sql()
        order: list[int] = []
        remaining = iter(parameters)

        def place(found: re.Match[str]) -> str:
            if found[1] != "s":
                return found[0]
            value = next(remaining)
            if value in self.stand_ins:
                order.append(self.stand_ins.index(value))
                return "%s"
            return sql.quote(value, connection.connection).replace("%", "%%")

        statement = _PLACE.sub(place, said)
        converters = compiler.get_converters([column for column, _, _ in compiler.select])
        return statement, order, [(index, *found) for index, found in converters.items()]


class CompiledModels(Generic[M]):
    """The same for whole rows of one model: `build(*values)` is a queryset of models."""

    def __init__(self, build: Callable[..., "QuerySet[M]"], *stand_ins: Any) -> None:
        self.build = build
        self.columns = Compiled(lambda *values: build(*values).values_list(*self.names), *stand_ins)

    @cached_property
    def model(self) -> type[M]:
        return self.build(*self.columns.stand_ins).model

    @cached_property
    def names(self) -> list[str]:
        return [field.attname for field in self.model._meta.concrete_fields]

    def first(self, *values: Any) -> M | None:
        if connection.vendor != "postgresql":
            return self.build(*values).first()
        for row in self.columns.rows(*values):
            return self.model.from_db(connection.alias, self.names, row)
        return None


def _converted(row: Sequence[Any], converted: Iterable[tuple[int, list[Any], Any]]) -> tuple[Any, ...]:
    values = list(row)
    for index, converters, column in converted:
        for convert in converters:
            values[index] = convert(values[index], column, connection)
    return tuple(values)
