"""Foreign keys: every row that is pointed to is there. Databases hold this by themselves, but not after a
restore that left constraints out, nor SQLite while they are switched off."""

from collections.abc import Iterator
from functools import cache

from django.apps import apps
from django.db import connection
from django.db.models import ForeignKey

from results.integrity.problem import Kind, Problem, problem


def problems() -> Iterator[Problem]:
    with connection.cursor() as cursor:
        for table, column, target, sql in _statements():
            cursor.execute(sql)
            for key, missing in cursor.fetchall():
                sentence = f"{column} points to {missing} in {target}, which is not there."
                yield problem(Kind.REFERENCE, sentence, **{table: key})


@cache
def _statements() -> list[tuple[str, str, str, str]]:
    """Plain SQL, because a query set takes longer to make for each of a hundred keys than it runs."""
    quote = connection.ops.quote_name
    found = []
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            if isinstance(field, ForeignKey) and model._meta.managed and not model._meta.proxy:
                to = field.target_field
                table, target = model._meta.db_table, to.model._meta.db_table
                key, column, at = (quote(name) for name in (model._meta.pk.column, field.column, to.column))
                sql = (  # names of the models' own tables and columns
                    f"SELECT child.{key}, child.{column} FROM {quote(table)} AS child"  # noqa: S608
                    f" LEFT JOIN {quote(target)} AS parent ON parent.{at} = child.{column}"
                    f" WHERE child.{column} IS NOT NULL AND parent.{at} IS NULL"
                )
                found.append((table, str(field.column), target, sql))
    return found
