"""Many at once, but never too many: databases bound the number of a statement's parameters."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

V = TypeVar("V")
SIZE = 500


def batches(values: Iterable[V], size: int = SIZE) -> Iterator[list[V]]:
    """The values in their order, `size` at a time; none is read before its batch is asked for."""
    remaining = iter(values)
    while batch := list(islice(remaining, size)):
        yield batch
