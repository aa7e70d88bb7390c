"""Migrations of tables that millions of rows are in, while people answer.

An ordinary CREATE INDEX keeps everybody from writing for as long as it takes; CONCURRENTLY it takes longer
and keeps nobody. It cannot stand in a transaction: the migration says `atomic = False` and does nothing else.

A table that was partitioned (docs/scaling.md) takes no index CONCURRENTLY. There the index is made on the
table ONLY, which is done at once; then on each partition CONCURRENTLY, and attached. With the last one it is
valid. Partitions that come meanwhile bring theirs.
"""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState
from django.db.models import Model


class AddIndex(migrations.AddIndex):
    """As Django's, CONCURRENTLY on PostgreSQL. What is left of a build that was broken off is removed first,
    so that the migration can be run again; partitions that have their part of the index keep it."""

    atomic = False

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        self._build(schema_editor, model, model._meta.db_table, self.index.name)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
            return
        model = from_state.apps.get_model(app_label, self.model_name)
        gently = not _is_partitioned(schema_editor, model._meta.db_table)
        schema_editor.remove_index(model, self.index, concurrently=gently)  # type: ignore[call-arg]

    def _build(self, editor: BaseDatabaseSchemaEditor, model: type[Model], table: str, name: str) -> None:
        """The index by this name on the model's table or on a partition of it."""
        index = self.index.clone()
        index.name = name
        statement = index.create_sql(model, editor, concurrently=True)
        statement.rename_table_references(model._meta.db_table, table)
        quoted = editor.quote_name(name)
        if not _is_partitioned(editor, table):
            editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {quoted}")
            editor.execute(statement, params=None)
            return
        begin = "CREATE INDEX CONCURRENTLY %(name)s ON %(table)s"
        statement.template = statement.template.replace(
            begin, "CREATE INDEX IF NOT EXISTS %(name)s ON ONLY %(table)s"
        )
        editor.execute(statement, params=None)
        for number, partition in _partitions_without(editor, table, quoted):
            own = f"{self.index.name}_{number}"
            self._build(editor, model, partition, own)
            editor.execute(f"ALTER INDEX {quoted} ATTACH PARTITION {editor.quote_name(own)}")


def _is_partitioned(editor: BaseDatabaseSchemaEditor, table: str) -> bool:
    kind = "SELECT 1 FROM pg_class WHERE oid = to_regclass(%s) AND relkind = 'p'"
    return bool(_rows(editor, kind, editor.quote_name(table)))


def _partitions_without(editor: BaseDatabaseSchemaEditor, table: str, index: str) -> list[tuple[int, str]]:
    """(oid, name) of each partition on which nothing is attached to this index of the table."""
    return _rows(
        editor,
        "SELECT part.oid, part.relname FROM pg_inherits JOIN pg_class part ON part.oid = inhrelid"
        " WHERE inhparent = to_regclass(%s) AND NOT EXISTS ("
        "SELECT 1 FROM pg_index own JOIN pg_inherits up ON up.inhrelid = own.indexrelid"
        " WHERE own.indrelid = part.oid AND up.inhparent = to_regclass(%s)) ORDER BY part.relname",
        editor.quote_name(table),
        index,
    )


def _rows(editor: BaseDatabaseSchemaEditor, query: str, *values: str) -> list[Any]:
    with editor.connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()
