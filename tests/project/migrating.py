"""What a migration may do while servers of the version before it answer: nothing that they stumble over, and
nothing that keeps them waiting for as long as a large table takes.

`objections` says in sentences what speaks against an operation. What it does not know it objects to.

- The version before reads every column that it knows, in every SELECT: nothing is removed or renamed. A
  field goes in two versions: one leaves it out of the model alone (`SeparateDatabaseAndState`), the next one
  drops the column.
- It writes the columns that it knows and no others: a new one is nullable or has a `db_default`. (Django's
  `default` is no default of the database.)
- Tables of candidates hold millions of rows: an index is built by `exam_sim.postgresql.gentle.AddIndex`, and
  a constraint that has to read all of them is a decision.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

from django.db.migrations import operations as known
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Field, ManyToManyField, UniqueConstraint

from exam_sim.postgresql import gentle

SMALL = {
    "exams.examprofile",
    "operations.heartbeat",
    "questions.certification",
    "questions.collection",
    "questions.columnmapping",
    "questions.domain",
    "questions.import",
    "questions.listedservice",
    "questions.pool",
    "questions.preview",
    "questions.taskstatement",
    "results.examdate",
}
"""Tables in which an index is built, or a constraint checked, in a moment."""

_HARMLESS = (
    known.CreateModel,
    known.AlterModelOptions,
    known.AlterModelManagers,
    known.RemoveIndex,
    known.RenameIndex,
)
_TEXT = {
    "blank",
    "choices",
    "default",
    "editable",
    "error_messages",
    "help_text",
    "limit_choices_to",
    "on_delete",
    "related_name",
    "related_query_name",
    "validators",
    "verbose_name",
}
"""What of a field the database never hears of."""


def unreleased(
    plan: Sequence[tuple[str, Migration]], released: set[str]
) -> Iterator[tuple[str, Operation, list[str]]]:
    """(name of the migration, operation, objections) of what came after the release. Tables that are newer
    than the release are nobody's yet. `plan`: all migrations, each after those it depends on."""
    state = ProjectState()
    new: set[str] = set()
    for name, migration in plan:
        for operation in migration.operations:
            if name not in released:
                yield name, operation, list(objections(migration, operation, state, new))
                if isinstance(operation, known.CreateModel):
                    new.add(f"{migration.app_label}.{operation.name_lower}")
            operation.state_forwards(migration.app_label, state)


def objections(
    migration: Migration, operation: Operation, state: ProjectState, new: Set[str] = frozenset()
) -> Iterator[str]:
    if isinstance(operation, known.SeparateDatabaseAndState):
        for part in operation.database_operations:
            yield from objections(migration, part, state, new)
        return
    model = f"{migration.app_label}.{getattr(operation, 'model_name_lower', '')}"
    if isinstance(operation, _HARMLESS) or model in new:
        return
    if isinstance(operation, gentle.AddIndex):
        if migration.atomic or len(migration.operations) > 1:
            yield "It has to be alone in a migration that is not atomic."
    elif isinstance(operation, known.AddIndex):
        if model not in SMALL:
            yield "It keeps everybody from writing: use gentle.AddIndex."
    elif isinstance(operation, known.AddField):
        yield from _of_new_field(operation.field, model)
    elif isinstance(operation, known.AlterField):
        before = state.models[migration.app_label, operation.model_name_lower].fields[operation.name]
        yield from _of_changed_field(_facts(before), _facts(operation.field))
    elif isinstance(operation, known.AddConstraint):
        if model not in SMALL:
            yield "It reads the whole table and keeps everybody from it meanwhile."
    elif isinstance(operation, known.RemoveConstraint):
        constraints = state.models[migration.app_label, operation.model_name_lower].options["constraints"]
        removed = next(one for one in constraints if one.name == operation.name)
        if isinstance(removed, UniqueConstraint):
            yield "The version before may insert by ON CONFLICT on it."
    else:
        yield "The version before may stumble over it, or nobody can tell."


def _of_new_field(field: "Field[Any, Any]", model: str) -> Iterator[str]:
    if isinstance(field, ManyToManyField):
        return
    if not field.null and not field.has_db_default():
        yield "The version before inserts rows without it: null=True or db_default."
    if (field.unique or field.db_index) and model not in SMALL:
        yield "Its index keeps everybody from writing: db_index=False, and gentle.AddIndex."


def _facts(field: "Field[Any, Any]") -> Mapping[str, Any]:
    """What the database knows of it."""
    _, path, positional, named = field.deconstruct()
    facts = {name: value for name, value in named.items() if name not in _TEXT}
    return {"null": False, **facts, "type": path, "positional": positional}


def _of_changed_field(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        wider = (name == "null" and new) or (name == "max_length" and (new or 0) > (old or 0))
        if old != new and not wider and not (name == "db_default" and old is None):
            yield f"{name}: what the version before writes may not fit, or the table is written anew."
