"""Django's PostgreSQL, but for two things.

**A connection that lay idle is checked without asking the server.** A server that ended (a restart, a
fail-over, `pg_terminate_backend`) has closed its side: the socket has something to read. Nothing to read is
the rule, and one look at the socket costs a hundredth of the round trip that Django makes for it in every
request. What this look cannot see, a network that swallows packets, the round trip would wait for as well.

**A long read outlives no transaction.** Django reads by a cursor of the server wherever `iterator()` is
called. Outside of a transaction such a cursor belongs to the session, and behind a pool that lends a session
for one transaction (PgBouncer) the next fetch finds it gone. There all rows come at once; what reads a whole
table does so in a transaction.
"""

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg.pq import ConnStatus, TransactionStatus


class DatabaseWrapper(base.DatabaseWrapper):
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
