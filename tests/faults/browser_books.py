"""What the harness reads and changes in the database itself, past the server: log-ins, and the attempts as
they are stored in the end. It works in a thread, so that the browsers are not kept waiting."""

import asyncio
import json
import secrets
import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import psycopg

from tests.faults.browser_model import Logged, Stored

WATCH_SECONDS = 0.2
LONGEST_RESTART = 60.0


class Books:
    """One database. `watch` keeps up when each attempt was last seen open and first seen closed."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.open_at: dict[str, float] = {}
        self.closed_by: dict[str, float] = {}
        self.lags: list[tuple[float, float]] = []

    async def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Again and again while PostgreSQL is being restarted."""
        last = time.monotonic() + LONGEST_RESTART
        while True:
            try:
                return await asyncio.to_thread(self._rows, statement, values)
            except psycopg.OperationalError:
                if time.monotonic() > last:
                    raise
            await asyncio.sleep(WATCH_SECONDS)

    def _rows(self, statement: str, values: Iterable[object]) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True, connect_timeout=3) as connection:
            cursor = connection.execute(statement.encode(), list(values))
            return cursor.fetchall() if cursor.description else []

    async def watch(self) -> None:
        """Until it is cancelled."""
        while True:
            asked = time.time()
            for attempt, state in await self.rows("SELECT id::text, state FROM exams_attempt"):
                if state == "open":
                    self.open_at[attempt] = asked
                else:
                    self.closed_by.setdefault(attempt, time.time())
            await asyncio.sleep(WATCH_SECONDS)
            self.lags.append((asked, time.time() - asked - WATCH_SECONDS))

    def is_closed(self, attempt: str) -> bool:
        return attempt in self.closed_by

    async def log_in_again(self, session: str) -> str:
        """Another log-in of the same person: the key of its session."""
        again = secrets.token_hex(16)
        await self.rows(
            "INSERT INTO accounts_session (session_key, session_data, expire_date, user_id)"
            " SELECT %s, session_data, expire_date, user_id FROM accounts_session WHERE session_key = %s",
            again,
            session,
        )
        return again

    async def let_expire(self, session: str) -> None:
        await self.rows("UPDATE accounts_session SET expire_date = now() WHERE session_key = %s", session)

    async def times(self, attempt: str) -> tuple[float, float]:
        """Start and deadline."""
        ((started_at, deadline),) = await self.rows(
            "SELECT started_at, deadline FROM exams_attempt WHERE id = %s", attempt
        )
        return started_at.timestamp(), deadline.timestamp()

    async def stored(self, attempt: str) -> Stored:
        ((started_at, deadline, close_by, closed_at, ended_by),) = await self.rows(
            "SELECT started_at, deadline, close_by, closed_at, ended_by FROM exams_attempt WHERE id = %s",
            attempt,
        )
        log = await self.rows(
            "SELECT item, kind, value, received_at FROM exams_answerevent"
            " WHERE attempt_id = %s AND kind <> 'visit' ORDER BY id",
            attempt,
        )
        registers = await self.rows(
            "SELECT item, kind, value FROM exams_register WHERE attempt_id = %s", attempt
        )
        return Stored(
            deadline=deadline.timestamp(),
            close_by=close_by.timestamp(),
            closed_at=_seconds(closed_at),
            ended_by=ended_by,
            open_at=self.open_at.get(attempt, 0.0),
            closed_by=self.closed_by.get(attempt),
            lag=self._lag(started_at.timestamp()),
            log=[Logged(item, kind, canonical(value), at.timestamp()) for item, kind, value, at in log],
            registers={(item, kind): canonical(value) for item, kind, value in registers},
        )

    def _lag(self, since: float) -> float:
        """The ninth decile: the longest are those of a database that was down."""
        took = sorted(seconds for at, seconds in self.lags if at >= since)
        return took[int(0.9 * len(took))] if took else 0.0


def canonical(value: object) -> str:
    """JSON as pages write it."""
    return json.dumps(value, separators=(",", ":"))


def _seconds(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()
