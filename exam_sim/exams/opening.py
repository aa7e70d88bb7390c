"""What a start writes, all or nothing: the attempt, its items, and the reserve that it draws or spends.

Without a rehearsal that spends a reserve, which changes a row that stands already, PostgreSQL takes it as one
statement: six round trips cost more than all the rows. Its foreign keys are checked at the end.
"""

from django.db import connection, transaction

from exam_sim.exams import reserve
from exam_sim.exams.forming import Formed
from exam_sim.exams.models import Attempt, AttemptItem, Reserve, ReservedQuestion
from exam_sim.postgresql import bulk
from exam_sim.postgresql.prepared import rows_of


def write(attempt: Attempt, formed: Formed, certification_id: str) -> None:
    """Raises IntegrityError when another start was first; then nothing is written."""
    if connection.vendor == "postgresql" and (formed.reserve or not formed.spends):
        if connection.in_atomic_block:
            with transaction.atomic():
                _write_at_once(attempt, formed, certification_id)
        else:
            _write_at_once(attempt, formed, certification_id)
        return
    with transaction.atomic():
        attempt.save(force_insert=True)
        bulk.insert(AttemptItem, formed.rows_of(attempt.pk))
        if formed.reserve:
            spent_on = attempt if formed.spends else None
            reserve.draw_first(attempt.user, certification_id, formed.reserve, attempt.started_at, spent_on)
        elif formed.spends:
            reserve.spend(attempt, certification_id, attempt.started_at)


def _write_at_once(attempt: Attempt, formed: Formed, certification_id: str) -> None:
    drawn: list[bulk.Row] = []
    if formed.reserve:
        spent_on = attempt if formed.spends else None
        drawn.append(reserve.row_of(attempt.user_id, certification_id, attempt.started_at, spent_on))
    rows_of(
        f"WITH begun AS ({bulk.insertion(Attempt)}), items AS ({bulk.insertion(AttemptItem)}),"  # noqa: S608 - names out of the models
        f" drawn AS ({bulk.insertion(Reserve)} RETURNING id),"
        f" kept AS (INSERT INTO {ReservedQuestion._meta.db_table} (reserve_id, question_id)"
        "  SELECT drawn.id, question FROM drawn, unnest(%s::uuid[]) AS question)"
        " SELECT 1",
        [
            bulk.as_json([_row_of(attempt)]),
            bulk.as_json(formed.rows_of(attempt.pk)),
            bulk.as_json(drawn),
            list(formed.reserve),
        ],
    )
    attempt._state.adding = False
    attempt._state.db = connection.alias


def _row_of(attempt: Attempt) -> bulk.Row:
    return {field.column: getattr(attempt, field.attname) for field in Attempt._meta.concrete_fields}
