"""Pools: the dense ranks that assembly draws from."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet

from questions.models import SERVED_STATUSES, Collection, Kind, Pool, Question

_BATCH = 500


@dataclass(frozen=True, slots=True)
class _Counts:
    size: int = 0
    multiple_response: int = 0
    level_1: int = 0
    level_2: int = 0
    level_3: int = 0


_COUNTED = tuple(_Counts.__dataclass_fields__)
_Place = tuple[int, str]


@transaction.atomic
def renumber(collection: Collection) -> None:
    """Bring pools, ranks and counts in line with the questions' task statements, statuses and current
    versions.

    A question that stays in its pool keeps its rank unless the rank is beyond the pool's new size; then it
    fills a gap. The collection's row is locked first, as everybody who changes a bank does."""
    Collection.objects.select_for_update().get(pk=collection.pk)
    questions = Question.objects.filter(collection=collection)
    counts = _count(questions)
    pools = _pools(collection, counts)
    questions.exclude(status__in=SERVED_STATUSES).exclude(pool=None).update(pool=None, rank=None)
    questions.filter(current_version=None).exclude(pool=None).update(pool=None, rank=None)
    _seat(questions, pools, counts)
    changed = [pool for place, pool in pools.items() if _write_counts(pool, counts.get(place, _Counts()))]
    Pool.objects.bulk_update(changed, _COUNTED, batch_size=_BATCH)


def _count(questions: QuerySet[Question]) -> dict[_Place, _Counts]:
    served = questions.filter(status__in=SERVED_STATUSES, current_version__isnull=False)
    rows = (
        served.order_by()
        .values_list("task_statement_id", "status")
        .annotate(
            size=Count("pk"),
            multiple_response=Count("pk", filter=Q(current_version__kind=Kind.MULTIPLE_RESPONSE)),
            level_1=Count("pk", filter=Q(current_version__level=1)),
            level_2=Count("pk", filter=Q(current_version__level=2)),
            level_3=Count("pk", filter=Q(current_version__level=3)),
        )
    )
    return {(task_statement, status): _Counts(*numbers) for task_statement, status, *numbers in rows}


def _pools(collection: Collection, places: Iterable[_Place]) -> dict[_Place, Pool]:
    pools = {
        (pool.task_statement_id, pool.status): pool for pool in Pool.objects.filter(collection=collection)
    }
    missing = [
        Pool(collection=collection, task_statement_id=task_statement, status=status)
        for task_statement, status in sorted(set(places) - pools.keys())
    ]
    if missing:
        pools |= {(pool.task_statement_id, pool.status): pool for pool in Pool.objects.bulk_create(missing)}
    return pools


def _seat(questions: QuerySet[Question], pools: dict[_Place, Pool], counts: dict[_Place, _Counts]) -> None:
    """Give the free ranks of each pool to the questions that have none there yet."""
    served = questions.filter(status__in=SERVED_STATUSES, current_version__isnull=False)
    at_home = Q(pool__task_statement=F("task_statement"), pool__status=F("status"))
    strays = list(served.filter(Q(pool=None) | ~at_home))
    beyond = Q(pk__in=[])
    for place, pool in pools.items():
        size = counts.get(place, _Counts()).size
        if pool.size > size:
            beyond |= Q(pool=pool, rank__gte=size)
    strays += served.filter(at_home & beyond)
    for start in range(0, len(strays), _BATCH):
        batch = [stray.pk for stray in strays[start : start + _BATCH] if stray.pool_id is not None]
        Question.objects.filter(pk__in=batch).update(pool=None, rank=None)
    free = _free_ranks({(stray.task_statement_id, stray.status) for stray in strays}, pools, counts)
    for stray in strays:
        place = (stray.task_statement_id, stray.status)
        stray.pool, stray.rank = pools[place], next(free[place])
    Question.objects.bulk_create(  # all of them are there: one that finds its place taken is updated
        strays,
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["pool", "rank"],
    )


def _free_ranks(
    places: set[_Place], pools: dict[_Place, Pool], counts: dict[_Place, _Counts]
) -> dict[_Place, Iterator[int]]:
    taken: dict[int | None, set[int | None]] = defaultdict(set)
    wanted = [pools[place].pk for place in places]
    for pool, rank in Question.objects.filter(pool__in=wanted).values_list("pool_id", "rank"):
        taken[pool].add(rank)
    return {
        place: iter([rank for rank in range(counts[place].size) if rank not in taken[pools[place].pk]])
        for place in places
    }


def _write_counts(pool: Pool, counts: _Counts) -> bool:
    """Set the pool's counts; whether they changed."""
    changed = False
    for name in _COUNTED:
        value = getattr(counts, name)
        changed |= getattr(pool, name) != value
        setattr(pool, name, value)
    return changed
