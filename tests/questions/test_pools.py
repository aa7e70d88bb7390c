"""Invariants of pools after whatever happens to a bank."""

import datetime as dt
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from questions import pools, statuses
from questions.importing import import_files
from questions.models import SERVED_STATUSES, Collection, Pool, Question, Status, StatusChange
from tests.factories import NOW, make_certification, make_user
from tests.questions.builders import options, question, write

IDS = [f"q-{n}" for n in range(8)]
QUESTIONS = st.fixed_dictionaries(
    {
        "external_id": st.sampled_from(IDS),
        "task_statement": st.sampled_from(["1.1", "1.2"]),
        "level": st.integers(1, 3),
        "multiple": st.booleans(),
    }
)
IMPORTS = st.tuples(
    st.just("import"),
    st.lists(QUESTIONS, min_size=1, max_size=8, unique_by=lambda q: q["external_id"]),
    st.sampled_from(Status),
)
CHANGES = st.tuples(st.just("change"), st.sets(st.sampled_from(IDS)), st.sampled_from(Status))


def apply(action: str, what: Any, status: Status, folder: Path) -> None:
    collection = Collection.objects.get()
    if action == "change":
        ids = Question.objects.filter(external_id__in=what).values_list("pk", flat=True)
        statuses.change(ids, status, by=None, now=NOW)
        return
    questions = []
    for fields in what:
        rest = {key: value for key, value in fields.items() if key != "multiple"}
        if fields["multiple"]:
            rest |= {"kind": "multiple_response", "options": options("abc", "ab")}
        questions.append(question(**rest))
    path = write(folder, *questions)
    report = import_files([path], collection=collection, status=status, source_name="x", now=NOW)
    assert report.problems == ()


def check() -> None:
    served = [
        q for q in Question.objects.select_related("current_version", "pool") if q.status in SERVED_STATUSES
    ]
    assert not Question.objects.exclude(status__in=SERVED_STATUSES).exclude(pool=None).exists()
    members: dict[Pool, list[Question]] = {pool: [] for pool in Pool.objects.all()}
    for stored in served:
        assert stored.pool is not None
        members[stored.pool].append(stored)
        assert (stored.task_statement_id, stored.status) == (
            stored.pool.task_statement_id,
            stored.pool.status,
        )
    for pool, inside in members.items():
        assert sorted(q.rank for q in inside if q.rank is not None) == list(range(pool.size))
        versions = [q.current_version for q in inside if q.current_version]
        levels = Counter(version.level for version in versions)
        assert (pool.level_1, pool.level_2, pool.level_3) == (levels[1], levels[2], levels[3])
        assert pool.multiple_response == sum(version.kind == "multiple_response" for version in versions)


@pytest.mark.django_db
@settings(max_examples=25)
@given(st.lists(IMPORTS | CHANGES, min_size=1, max_size=6))
def test_ranks_are_dense_and_counts_agree_after_any_sequence(steps: list[tuple[str, Any, Status]]) -> None:
    with transaction.atomic(), tempfile.TemporaryDirectory() as folder:
        make_certification()
        for step in steps:
            apply(*step, folder=Path(folder))
            check()
        transaction.set_rollback(True)


def bank(folder: Path, count: int) -> dict[str, int | None]:
    make_certification()
    path = write(folder, *[question(f"q-{n:02}") for n in range(count)])
    import_files(
        [path], collection=Collection.objects.get(), status=Status.PUBLISHED, source_name="x", now=NOW
    )
    return ranks()


def ranks() -> dict[str, int | None]:
    return dict(Question.objects.values_list("external_id", "rank"))


@pytest.mark.django_db
def test_a_question_that_leaves_moves_at_most_one_other(tmp_path: Path) -> None:
    before = bank(tmp_path, 10)
    leaving = Question.objects.get(rank=3)
    statuses.change([leaving.pk], Status.RETIRED, by=None, now=NOW)
    after = ranks()
    moved = {id_ for id_ in before if before[id_] != after[id_]}
    assert moved == {leaving.external_id, next(id_ for id_, rank in before.items() if rank == 9)}
    assert sorted(rank for rank in after.values() if rank is not None) == list(range(9))


@pytest.mark.django_db
def test_renumbering_what_is_in_order_writes_nothing_new(tmp_path: Path) -> None:
    before = bank(tmp_path, 5)
    pools.renumber(Collection.objects.get())
    assert ranks() == before
    check()


@pytest.mark.django_db
def test_a_status_change_is_logged_once(tmp_path: Path, now: dt.datetime) -> None:
    bank(tmp_path, 2)
    actor = make_user()
    ids = list(Question.objects.order_by("external_id").values_list("pk", flat=True))
    assert statuses.change(ids[:1], Status.TRIAL, by=actor, now=now) == 1
    assert statuses.change(ids, Status.TRIAL, by=actor, now=now) == 1
    assert list(
        StatusChange.objects.order_by("question__external_id").values_list(
            "question", "old", "new", "at", "by"
        )
    ) == [(id_, "published", "trial", now, actor.pk) for id_ in ids]
    assert sorted(Pool.objects.values_list("status", "size")) == [("published", 0), ("trial", 2)]
