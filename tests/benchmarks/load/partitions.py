"""The tables of sittings, partitioned by the month in which the attempt was started: copies in a schema of
their own, which a second server reads and writes in place of the tables themselves, on the same database.

The key is `attempt_id`: a UUID of version 7 begins with the moment of the start, so a month is a range of
ids; every unique constraint of these tables holds it already, which PostgreSQL asks for; and every statement
of a sitting names it, so that it looks into one partition.
"""

import datetime as dt
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import psycopg

from tests.benchmarks.site import Site, serving

TABLES = ("exams_attemptitem", "exams_answerevent", "exams_register")
SCHEMA = ROLE = "by_month"

Connection = psycopg.Connection[tuple[Any, ...]]


def lowest_id(moment: dt.datetime) -> UUID:
    """The smallest id of an attempt that was started at `moment` or later."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def months(first: dt.date, last: dt.date) -> Iterator[tuple[dt.date, dt.date]]:
    """(first day, first day of the next) of every month from that of `first` to that of `last`."""
    day = first.replace(day=1)
    while day <= last:
        following = (day + dt.timedelta(days=31)).replace(day=1)
        yield day, following
        day = following


@contextmanager
def by_month(site: Site) -> Iterator[Site]:
    """A second server of `site`'s database that finds partitioned tables."""
    with psycopg.connect(site.url, autocommit=True) as connection:
        _copy(connection)
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
    parts = urlsplit(site.url)
    url = urlunsplit(parts._replace(netloc=f"{ROLE}@{parts.netloc.rpartition('@')[2]}"))
    try:
        with tempfile.TemporaryDirectory() as directory, serving(url, Path(directory), site) as second:
            yield second
    finally:
        with psycopg.connect(site.url, autocommit=True) as connection:
            _run(connection, f"DROP SCHEMA {SCHEMA} CASCADE")
            _run(connection, f"DROP OWNED BY {ROLE}")
            _run(connection, f"DROP ROLE {ROLE}")


def _copy(connection: Connection) -> None:
    """Constraints, indexes and defaults as those of the tables; the primary key alone is the attempt and the
    id, because it has to hold the key of the partitions."""
    _run(connection, f"CREATE ROLE {ROLE} SUPERUSER LOGIN")
    _run(connection, f"ALTER ROLE {ROLE} SET search_path = {SCHEMA}, public")
    _run(connection, f"CREATE SCHEMA {SCHEMA}")
    row = connection.execute(
        "SELECT min(started_at), now() + interval '1 month' FROM exams_attempt"
    ).fetchone()
    assert row is not None
    spans = list(months(*(moment.date() for moment in row)))
    for table in TABLES:
        _copy_table(connection, table, spans)


def _copy_table(connection: Connection, table: str, spans: Sequence[tuple[dt.date, dt.date]]) -> None:
    copy, here = f"{SCHEMA}.{table}", f"public.{table}"
    _run(connection, f"CREATE TABLE {copy} (LIKE {here} INCLUDING DEFAULTS) PARTITION BY RANGE (attempt_id)")
    _run(connection, f"CREATE SEQUENCE {copy}_id")
    _run(connection, f"ALTER TABLE {copy} ALTER id SET DEFAULT nextval('{copy}_id')")
    for first, following in spans:
        low, high = (lowest_id(_midnight(day)) for day in (first, following))
        values = f"FOR VALUES FROM ('{low}') TO ('{high}')"
        _run(connection, f"CREATE TABLE {copy}_{first:%Y_%m} PARTITION OF {copy} {values}")
    # References are right as they are: they are not looked up again.
    for definition in _constraints(connection, table, "fc"):
        _run(connection, f"ALTER TABLE {copy} ADD {definition}")
    with connection.transaction():
        _run(connection, "SET LOCAL session_replication_role = replica")
        _run(connection, f"INSERT INTO {copy} TABLE {here}")
        _run(connection, f"SELECT setval('{copy}_id', max(id)) FROM {copy}")  # noqa: S608 - our own names
    _run(connection, f"ALTER TABLE {copy} ADD PRIMARY KEY (attempt_id, id)")
    for definition in _constraints(connection, table, "u"):
        _run(connection, f"ALTER TABLE {copy} ADD {definition}")
    for definition in _indexes(connection, table):
        _run(connection, definition)


def _run(connection: Connection, statement: str) -> None:
    connection.execute(statement.encode())


def _constraints(connection: Connection, table: str, kinds: str) -> list[str]:
    rows = connection.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
        ' WHERE conrelid = %s::regclass AND contype = ANY(%s::"char"[])',
        [f"public.{table}", [*kinds]],
    ).fetchall()
    return [definition for (definition,) in rows]


def _indexes(connection: Connection, table: str) -> list[str]:
    """Those that are no constraint's."""
    rows = connection.execute(
        "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass AND NOT EXISTS"
        " (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)",
        [f"public.{table}"],
    ).fetchall()
    return [definition.replace(f" ON public.{table} ", f" ON {SCHEMA}.{table} ") for (definition,) in rows]


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
