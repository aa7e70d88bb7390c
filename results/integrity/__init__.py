"""Whether the database holds together: every rule that answers, forms, scores and the bank rest on, checked
on what is stored. For administrators as `manage.py check_integrity`, for tests after they did their worst.

Attempts are read in batches with all that belongs to them, and their events stream by, so memory does not
grow with the number of attempts or events. It grows with the bank: a few numbers for each version that was
tallied. Nothing is written.

While people answer, a register may be newer than the events that were read a moment before. Call it inside
`snapshot()`, which shows all statements the same moment and holds up nobody.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction

from results.integrity import bank, candidates, references, sittings
from results.integrity.problem import Kind, Problem

__all__ = ["Kind", "Problem", "problems", "snapshot"]


def problems(now: datetime) -> Iterator[Problem]:
    """Everything that is wrong, in the order in which it is found; nothing when all is well."""
    yield from references.problems()
    yield from bank.problems()
    recount = candidates.Recount()
    yield from sittings.problems(now, recount)
    yield from candidates.problems(recount)


@contextmanager
def snapshot() -> Iterator[None]:
    """Inside, the database stands still for this connection alone; in a transaction that is open already,
    as that one sees it."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        # Not atomic(): it would begin as a writer, and nobody could save an answer until this is done.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
