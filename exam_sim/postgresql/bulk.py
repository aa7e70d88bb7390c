"""Many new rows as one parameter: bulk_create makes one of every value, and of each a piece of SQL text that
PostgreSQL has to read again."""

import json
from collections.abc import Sequence

from django.db import connection
from django.db.models import AutoField, Model


def insert(rows: Sequence[Model]) -> None:
    """Write new rows of one model with a key that the database makes. What they are told in return, their key
    among it, they are not told here."""
    if not rows:
        return
    model = type(rows[0])
    if connection.vendor != "postgresql":
        model._default_manager.bulk_create(rows)
        return
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, AutoField)]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    types = ", ".join(f'"{field.column}" {field.db_type(connection)}' for field in fields)
    values = [{field.column: getattr(row, field.attname) for field in fields} for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{model._meta.db_table}" ({columns})'  # noqa: S608 - names out of the model
            f" SELECT {columns} FROM jsonb_to_recordset(%s) AS new({types})",
            [json.dumps(values, default=str)],
        )
