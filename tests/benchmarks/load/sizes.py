"""What the rows of candidates weigh, by table and index, as PostgreSQL's own counts say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psycopg

_TABLES = """
SELECT c.oid, c.relname, c.reltuples::bigint, pg_relation_size(c.oid),
  pg_table_size(c.oid) - pg_relation_size(c.oid)
FROM pg_class AS c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
  AND c.reltuples >= %s ORDER BY pg_total_relation_size(c.oid) DESC
"""
_INDEXES = """
SELECT c.relname, pg_relation_size(c.oid) FROM pg_index JOIN pg_class AS c ON c.oid = indexrelid
WHERE indrelid = %s ORDER BY 2 DESC
"""


@dataclass(frozen=True, slots=True)
class Table:
    """Bytes of the rows, of what is kept outside of them, and by index."""

    name: str
    rows: int
    heap: int
    aside: int
    indexes: Mapping[str, int]

    @property
    def total(self) -> int:
        return self.heap + self.aside + sum(self.indexes.values())


def tables(url: str, least: int = 1000) -> Sequence[Table]:
    """The largest first; those with fewer rows are left out. Wants statistics (`filling.settle`)."""
    with psycopg.connect(url) as connection:
        found = connection.execute(_TABLES, [least]).fetchall()
        return [
            Table(name, rows, heap, aside, dict(connection.execute(_INDEXES, [oid]).fetchall()))
            for oid, name, rows, heap, aside in found
        ]
