"""How slow this machine is: what a fixed piece of work, no part of the project, takes of its CPU time.

Limits in CPU time were set on one machine; on a slower one they are stretched by as much as it is slower.
"""

import gzip
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

REFERENCE_SECONDS = 0.014
"""What `measure` gives on the machine that docs/performance.md describes."""


def slowness() -> float:
    """1 on the reference machine or a faster one; 2 where everything takes twice the time."""
    return max(1.0, measure() / REFERENCE_SECONDS)


def measure() -> float:
    """Seconds of CPU for JSON, string and compression work, as requests are made of; the best of several."""
    rows = [{"number": number, "text": f"word {number} " * 12} for number in range(200)]

    def work() -> float:
        began = time.process_time()
        for _ in range(20):
            text = json.dumps(json.loads(json.dumps(rows)))
            lines = "".join(f"<li>{row['number']:05d} {row['text']}</li>" for row in rows)
            gzip.compress((lines + text).encode(), 6)
        return time.process_time() - began

    return min(work() for _ in range(5))


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Hold what is done inside to so much CPU time, stretched on a slower machine: what goes wrong here takes
    many times as long, not a little longer."""
    began = time.process_time()
    yield
    took = time.process_time() - began
    assert took < seconds or took < seconds * slowness()
