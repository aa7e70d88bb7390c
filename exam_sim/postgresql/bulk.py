"""Many new rows as one parameter: bulk_create makes one of every value, and of each a piece of SQL text that
PostgreSQL has to read again."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import AutoField, Model

from exam_sim.postgresql.prepared import rows_of

Row = Mapping[str, Any]
"""Every column of a new row but a key that the database makes, by the name of its column."""


def insert(model: type[Model], rows: Sequence[Row]) -> None:
    """Write new rows."""
    if not rows:
        return
    if connection.vendor != "postgresql":
        model._default_manager.bulk_create(model(**row) for row in rows)
        return
    rows_of(f"{insertion(model)} RETURNING 1", [as_json(rows)])


@cache
def insertion(model: type[Model]) -> str:
    """The statement that writes the rows which `as_json` makes its one parameter."""
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, AutoField)]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    types = ", ".join(f'"{field.column}" {field.db_type(connection)}' for field in fields)
    return (
        f'INSERT INTO "{model._meta.db_table}" ({columns})'  # noqa: S608 - names out of the model
        f" SELECT {columns} FROM jsonb_to_recordset(%s) AS new({types})"
    )


def as_json(rows: Sequence[Row]) -> str:
    return json.dumps(rows, default=str)
