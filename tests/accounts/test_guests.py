"""Removing guests who do not come back."""

from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from exam_sim.accounts import guests
from exam_sim.accounts.guests import remove_idle
from exam_sim.accounts.models import User
from exam_sim.exams.models import Attempt, State
from tests.factories import make_attempt, make_version

pytestmark = pytest.mark.django_db
IDLE = timedelta(days=30)
MOMENT = timedelta(seconds=1)


def test_a_guest_goes_after_30_days_with_everything_that_is_theirs(now: datetime) -> None:
    idle = User.objects.create_guest(last_active=now - IDLE - MOMENT)
    make_attempt(idle, [make_version()])
    recent = User.objects.create_guest(last_active=now - IDLE)
    account = User.objects.create_user("ada@example.org", None, last_active=now - 2 * IDLE)
    assert remove_idle(now) == 1
    assert set(User.objects.all()) == {recent, account}
    assert not Attempt.objects.exists()


def test_a_guest_with_something_open_stays(now: datetime) -> None:
    guest = User.objects.create_guest(last_active=now - 2 * IDLE)
    version = make_version()
    make_attempt(guest, [version])
    attempt = make_attempt(guest, [version], state=State.OPEN)
    assert remove_idle(now) == 0
    Attempt.objects.filter(pk=attempt.pk).delete()
    assert remove_idle(now) == 1


def test_many_go_in_batches(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guests, "BATCH", 2)
    for _ in range(5):
        User.objects.create_guest(last_active=now - 2 * IDLE)
    assert remove_idle(now) == 5
    assert not User.objects.exists()


def test_with_nobody_idle_it_is_one_look(
    now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(3):  # of which a savepoint and its release
        assert remove_idle(now) == 0
