"""What was changed together is undone together, as far as nobody changed it again."""

import datetime as dt
import uuid

import pytest

from questions import statuses
from questions.models import Listing, Question, Status, StatusChange
from tests.bank.making import make_collection, put
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_undoing_puts_back_what_still_has_the_status_that_it_was_given(now: dt.datetime) -> None:
    own, user, batch = make_collection("own", None), make_user(), uuid.uuid4()
    first, second, third = (
        put(own, name, status).question_id
        for name, status in (("q1", Status.DRAFT), ("q2", Status.TRIAL), ("q3", Status.DRAFT))
    )
    assert statuses.change([first, second, third], Status.PUBLISHED, by=user, now=now, batch=batch) == 3
    statuses.change([third], Status.RETIRED, by=user, now=now)
    assert statuses.undo(batch, by=user, now=now) == 2
    rows = dict(Question.objects.values_list("pk", "status"))
    assert rows == {first: "draft", second: "trial", third: "retired"}
    assert dict(Listing.objects.values_list("question", "status")) == rows
    assert statuses.undo(batch, by=user, now=now) == 0
    undone = StatusChange.objects.filter(question=first).order_by("pk")
    assert [(change.old, change.new, change.by) for change in undone] == [
        ("draft", "published", user),
        ("published", "draft", user),
    ]


def test_every_change_has_a_batch(now: dt.datetime) -> None:
    question = put(make_collection("own", None), "q1").question_id
    statuses.change([question], Status.TRIAL, by=None, now=now)
    assert StatusChange.objects.get().batch is not None
    assert statuses.undo(uuid.uuid4(), by=None, now=now) == 0
