"""Migrations that are newer than the last release let its servers go on answering."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint
from django.test.utils import CaptureQueriesContext

from exam_sim.postgresql import gentle
from tests.project.migrating import SMALL, objections, unreleased

APPS = {"accounts", "exams", "operations", "questions", "results"}
RELEASED = Path(__file__).with_name("released_migrations.txt")
"""Every migration of the last release, a line each; a release writes it anew."""

ALLOWED: dict[tuple[str, str], str] = {}
"""(migration, what its operation says of itself): why it may be, though something speaks against it."""


def plan() -> list[tuple[str, Migration]]:
    """All of the project's migrations, each after those it depends on."""
    graph = MigrationLoader(None).graph
    found = {}
    for leaf in graph.leaf_nodes():
        for key in graph.forwards_plan(leaf):
            found[".".join(key)] = graph.nodes[key]
    return list(found.items())


def test_what_is_newer_than_the_release_holds_up_nobody() -> None:
    against = {
        (name, operation.describe()): found
        for name, operation, found in unreleased(plan(), _released() | _of_others())
        if found
    }
    assert {key: found for key, found in against.items() if key not in ALLOWED} == {}
    assert ALLOWED.keys() <= against.keys(), "a reason is left of something that is not there any more"


def test_what_was_released_stays() -> None:
    there = {name for name, migration in plan() if migration.app_label in APPS}
    assert _released() - there == set()


def test_every_small_table_is_there() -> None:
    assert SMALL - {".".join(key) for key in _state().models} == set()


def _released() -> set[str]:
    return set(RELEASED.read_text().split())


def _of_others() -> set[str]:
    return {name for name, migration in plan() if migration.app_label not in APPS}


def _state() -> ProjectState:
    return MigrationLoader(None).project_state()


# ---- each kind of operation, on a table of candidates (sheet) and on a small one (examprofile)


def state() -> ProjectState:
    found = ProjectState()
    fields: list[tuple[str, Any]] = [
        ("id", models.BigAutoField(primary_key=True)),
        ("name", models.CharField(max_length=10, choices=[("a", "A")])),
        ("note", models.TextField(null=True)),
    ]
    constraints = [
        UniqueConstraint(fields=["name"], name="once"),
        CheckConstraint(condition=Q(name="a"), name="known"),
    ]
    for name in ("sheet", "examprofile"):
        found.add_model(ModelState("exams", name, fields, {"constraints": constraints}))
    return found


def said(operation: Operation, *, atomic: bool = True, beside: tuple[Operation, ...] = ()) -> list[str]:
    migration = made("0009_x", operation, *beside, atomic=atomic)
    return list(objections(migration, operation, state()))


def made(name: str, *operations: Operation, atomic: bool = True) -> Migration:
    kind = type("Migration", (Migration,), {"operations": [*operations], "atomic": atomic})
    migration: Migration = kind(name, "exams")
    return migration


def add(field: Any, model: str = "sheet") -> Operation:
    return migrations.AddField(model, "new", field)


def alter(name: str, field: Any) -> Operation:
    return migrations.AlterField("sheet", name, field)


INDEX = Index(fields=["name"], name="by_name")
NOT_NULL = "The version before inserts rows without it: null=True or db_default."
NARROWER = ": what the version before writes may not fit, or the table is written anew."
WRITERS_WAIT = "It keeps everybody from writing: use gentle.AddIndex."
FIELD_INDEX = "Its index keeps everybody from writing: db_index=False, and gentle.AddIndex."
WHOLE_TABLE = "It reads the whole table and keeps everybody from it meanwhile."
UNKNOWN = "The version before may stumble over it, or nobody can tell."


@pytest.mark.parametrize(
    "operation",
    [
        migrations.CreateModel("other", [("id", models.BigAutoField(primary_key=True))]),
        migrations.AlterModelOptions("sheet", {"ordering": ["name"]}),
        migrations.RemoveIndex("sheet", "by_name"),
        migrations.AddIndex("examprofile", INDEX),
        migrations.RemoveConstraint("sheet", "known"),
        migrations.AddConstraint("examprofile", CheckConstraint(condition=Q(name="b"), name="b")),
        add(models.TextField(null=True)),
        add(models.TextField(default="", db_default="")),
        add(models.ManyToManyField("exams.sheet")),
        add(models.SlugField(null=True), "examprofile"),
        alter("name", models.CharField(max_length=20, choices=[("b", "B")])),
        alter("name", models.CharField(max_length=10, null=True)),
        alter("name", models.CharField(max_length=10, db_default="a")),
        migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("sheet", "note")]),
    ],
    ids=str,
)
def test_goes_unnoticed(operation: Operation) -> None:
    assert said(operation) == []


@pytest.mark.parametrize(
    ("operation", "sentence"),
    [
        (migrations.RemoveField("sheet", "note"), UNKNOWN),
        (migrations.RenameField("sheet", "note", "remark"), UNKNOWN),
        (migrations.DeleteModel("sheet"), UNKNOWN),
        (migrations.RenameModel("sheet", "paper"), UNKNOWN),
        (migrations.RunPython(migrations.RunPython.noop), UNKNOWN),
        (migrations.RunSQL("SELECT 1"), UNKNOWN),
        (add(models.TextField(default="")), NOT_NULL),
        (add(models.SlugField(null=True)), FIELD_INDEX),
        (add(models.ForeignKey("exams.examprofile", models.CASCADE, null=True)), FIELD_INDEX),
        (alter("name", models.CharField(max_length=5)), f"max_length{NARROWER}"),
        (alter("name", models.CharField(max_length=10, unique=True)), f"unique{NARROWER}"),
        (alter("note", models.TextField()), f"null{NARROWER}"),
        (alter("note", models.BinaryField(null=True)), f"type{NARROWER}"),
        (migrations.AddIndex("sheet", INDEX), WRITERS_WAIT),
        (
            migrations.AddConstraint("sheet", CheckConstraint(condition=Q(name="b"), name="b")),
            WHOLE_TABLE,
        ),
        (
            migrations.RemoveConstraint("sheet", "once"),
            "The version before may insert by ON CONFLICT on it.",
        ),
        (
            migrations.SeparateDatabaseAndState(
                database_operations=[migrations.RemoveField("sheet", "note")]
            ),
            UNKNOWN,
        ),
    ],
    ids=str,
)
def test_is_spoken_against(operation: Operation, sentence: str) -> None:
    assert said(operation) == [sentence]


def test_an_index_is_built_gently_where_nothing_else_happens() -> None:
    index = gentle.AddIndex("sheet", INDEX)
    assert said(index, atomic=False) == []
    alone = ["It has to be alone in a migration that is not atomic."]
    assert said(index) == alone
    assert said(index, atomic=False, beside=(migrations.RunSQL("SELECT 1"),)) == alone


def test_a_table_that_is_newer_than_the_release_is_nobodys_yet() -> None:
    keys: list[tuple[str, Any]] = [("id", models.BigAutoField(primary_key=True))]
    first = made("0001_first", migrations.CreateModel("Sheet", keys))
    second = made("0002_second", add(models.TextField(default="")))
    both = [("exams.0001_first", first), ("exams.0002_second", second)]
    assert [found for _, _, found in unreleased(both, set())] == [[], []]
    assert [found for _, _, found in unreleased(both, {"exams.0001_first"})] == [[NOT_NULL]]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_index_is_built_concurrently_and_after_one_that_was_broken_off() -> None:
    operation = gentle.AddIndex("heartbeat", Index(fields=["at"], name="tried_gently"))
    before = _state()
    after = before.clone()
    operation.state_forwards("operations", after)
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX tried_gently ON operations_heartbeat (name)")
    with connection.schema_editor(atomic=False) as editor, CaptureQueriesContext(connection) as captured:
        operation.database_forwards("operations", editor, before, after)
        assert _columns() == ["at"]
        operation.database_backwards("operations", editor, after, before)
    assert _columns() == []
    statements = [query["sql"] for query in captured if " INDEX " in query["sql"]]
    assert [sql.partition('"tried_gently"')[0] for sql in statements] == [
        "DROP INDEX CONCURRENTLY IF EXISTS ",
        "CREATE INDEX CONCURRENTLY ",
        "DROP INDEX CONCURRENTLY IF EXISTS ",
    ]


PARTITIONED = """
CREATE TABLE tried_sheet (id bigint NOT NULL, name text NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE tried_before PARTITION OF tried_sheet FOR VALUES FROM (MINVALUE) TO (9);
CREATE TABLE tried_after PARTITION OF tried_sheet FOR VALUES FROM (9) TO (MAXVALUE) PARTITION BY LIST (name);
CREATE TABLE tried_rest PARTITION OF tried_after DEFAULT;
"""
BROKEN_OFF = """
CREATE INDEX tried_gently ON ONLY tried_sheet (name, id DESC);
DO $$ BEGIN
  EXECUTE format('CREATE INDEX tried_gently_%s ON tried_before (id)', 'tried_before'::regclass::oid);
END $$;
"""


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_index_of_a_partitioned_table_is_built_partition_by_partition_and_taken_up_again() -> None:
    found = ProjectState()
    fields: list[tuple[str, Any]] = [
        ("id", models.BigAutoField(primary_key=True)),
        ("name", models.TextField()),
    ]
    found.add_model(ModelState("operations", "sheet", fields, {"db_table": "tried_sheet"}))
    operation = gentle.AddIndex("sheet", Index(fields=["name", "-id"], name="tried_gently"))
    whole = dict.fromkeys(("sheet", "before", "after", "rest"), ("name, id DESC", True))
    with connection.cursor() as cursor, connection.schema_editor(atomic=False) as editor:
        cursor.execute(PARTITIONED)
        try:
            with CaptureQueriesContext(connection) as captured:
                operation.database_forwards("operations", editor, found, found)
            assert _indexes_of_sheet() == whole
            waiting = [query["sql"] for query in captured if query["sql"].startswith("CREATE INDEX IF")]
            assert [" ON ONLY " in sql for sql in waiting] == [True, True]
            operation.database_backwards("operations", editor, found, found)
            assert _indexes_of_sheet() == {}

            cursor.execute(BROKEN_OFF)
            operation.database_forwards("operations", editor, found, found)
            assert _indexes_of_sheet() == whole
        finally:
            cursor.execute("DROP TABLE tried_sheet")


def _indexes_of_sheet() -> dict[str, tuple[str, bool]]:
    """By table: the columns of its index, and whether all of it is there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, pg_get_indexdef(indexrelid), indisvalid FROM pg_index"
            " JOIN pg_class ON pg_class.oid = indrelid WHERE relname LIKE 'tried\\_%'"
        )
        rows = cursor.fetchall()
    assert len({name for name, _, _ in rows}) == len(rows)
    return {
        name.removeprefix("tried_"): (text.split("(")[1].rstrip(")"), valid) for name, text, valid in rows
    }


def _columns() -> list[str]:
    """Of the index, if it is there."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "operations_heartbeat")
    return list(found["tried_gently"]["columns"]) if "tried_gently" in found else []
