"""Django's PostgreSQL, but for three things.

**A connection that lay idle is checked without asking the server.** A server that ended (a restart, a
fail-over, `pg_terminate_backend`) has closed its side: the socket has something to read. Nothing to read is
the rule, and one look at the socket costs a hundredth of the round trip that Django makes for it in every
request. What this look cannot see, a network that swallows packets, the round trip would wait for as well.

**A long read outlives no transaction.** Django reads by a cursor of the server wherever `iterator()` is
called. Outside of a transaction such a cursor belongs to the session, and behind a pool that lends a session
for one transaction (PgBouncer) the next fetch finds it gone. There all rows come at once; what reads a whole
table does so in a transaction.

**What is asked the same way in each request is read and planned by the server once** (`prepared_cursor`). A
prepared statement spares PostgreSQL what often costs it more than the answer. It plans again by itself when
tables or their statistics change. `PREPARED_STATEMENTS=off` is for a pool that gives each transaction another
connection and does not know of prepared statements.
"""

import select
from typing import Any

from django.db.backends.postgresql import base, operations
from django.db.backends.utils import CursorWrapper
from psycopg.pq import ConnStatus, TransactionStatus


class DatabaseOperations(operations.DatabaseOperations):
    def last_executed_query(self, cursor: Any, sql: str, params: Any) -> str:
        """With its values, also where they were sent beside it."""
        if isinstance(cursor, base.ServerBindingCursor):  # type: ignore[attr-defined]
            return str(self.compose_sql(sql, params))
        said: str = super().last_executed_query(cursor, sql, params)
        return said


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations

    def prepared_cursor(self) -> CursorWrapper:
        """As `cursor`, but values are sent beside the statement, and the statement once."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            cursor = base.ServerBindingCursor(self.connection)  # type: ignore[attr-defined]
            prepared: CursorWrapper = self._prepare_cursor(cursor)  # type: ignore[attr-defined]
        return prepared

    def is_usable(self) -> bool:
        """Asks the server only after an error, and where something unread may be a farewell or mere news."""
        return (not self.errors_occurred and self._is_quiet()) or super().is_usable()

    def chunked_cursor(self) -> Any:
        return super().chunked_cursor() if self.in_atomic_block else self.cursor()

    def _is_quiet(self) -> bool:
        if self.connection is None:
            return False
        wire = self.connection.pgconn
        if wire.status != ConnStatus.OK or wire.transaction_status != TransactionStatus.IDLE:
            return False
        poll = select.poll()
        poll.register(wire.socket, select.POLLIN)
        return not poll.poll(0)
