"""How slow this machine is just now.

CPU times on a shared machine are not what they are on an idle one: caches are cold after every wait, and
cores share their units. So a limit in CPU time is stretched by what a fixed piece of work, of the same sort
as a request and no part of the project, takes longer than it did where the limits were set.
"""

import gzip
import json
import time

import psycopg

from tests.benchmarks.processes import cpu_seconds

ROUNDS = 400
REFERENCE_SECONDS = 0.110
"""User and system time of one `measure` on the idle machine that docs/performance.md describes."""


def slowness(connection: "psycopg.Connection[tuple[object, ...]]") -> float:
    """1 on the idle reference machine or a faster one; 2 where everything takes twice the time."""
    return max(1.0, measure(connection) / REFERENCE_SECONDS)


def measure(connection: "psycopg.Connection[tuple[object, ...]]") -> float:
    """Seconds for rounds of a few short queries, each waited for, then JSON, string and compression work."""
    backend = connection.info.backend_pid
    rows = [{"number": number, "text": f"word {number} " * 12} for number in range(60)]
    began = cpu_seconds(backend) + time.process_time()
    for _ in range(ROUNDS):
        for number in range(5):
            connection.execute(
                "SELECT oid, relname, relkind FROM pg_class WHERE relname = %s", [f"pg_{number}"]
            )
        text = json.dumps(json.loads(json.dumps(rows)))
        gzip.compress(
            "".join(f"<li>{row['number']:05d} {row['text']}</li>" for row in rows).encode() + text.encode(), 6
        )
    return time.process_time() + cpu_seconds(backend) - began
