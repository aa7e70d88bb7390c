"""PURE. In which order a candidate sees items and options: from the stored seed, by sorting on (chance, id).

The same seed and ids give the same order, whatever order they come in. The orders are stored too, and the
stored ones are the truth.
"""

from collections.abc import Iterable, Sequence
from random import Random
from typing import TypeVar
from uuid import UUID

Id = TypeVar("Id", str, UUID)


def shuffled(ids: Iterable[Id], rng: Random) -> list[Id]:
    """`ids` in an order that depends on nothing but `rng` and the ids themselves."""
    return [id_ for _, id_ in sorted((rng.random(), id_) for id_ in sorted(ids))]


def shuffle_options(options: Sequence[tuple[str, bool]], shuffle: bool, rng: Random) -> list[str]:
    """Option ids in display order. `options` are (id, fixed): a fixed option keeps its place."""
    if not shuffle:
        return [id_ for id_, _ in options]
    loose = iter(shuffled([id_ for id_, fixed in options if not fixed], rng))
    return [id_ if fixed else next(loose) for id_, fixed in options]
