"""Attempts that come at once, on a database that has row locks."""

from functools import partial

import pytest

from exam_sim.accounts import throttle
from exam_sim.accounts.models import Throttle
from exam_sim.accounts.throttle import LOGIN_ACCOUNT, LOGIN_ADDRESS
from tests.exams.test_concurrency import at_once
from tests.factories import NOW

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_of_sixteen_guesses_at_once_five_are_looked_at() -> None:
    for round_ in range(5):
        account, address = LOGIN_ACCOUNT.of(f"{round_}"), LOGIN_ADDRESS.of(f"{round_}")
        outcomes = at_once(*[partial(throttle.charge, [account, address], NOW)] * 16)
        names = sorted(type(outcome).__name__ for outcome in outcomes)
        assert names == ["NoneType"] * 5 + ["TooManyError"] * 11
        assert Throttle.objects.get(key=account.key).count == 5


def test_of_thirty_guesses_at_once_from_one_address_twenty_are_looked_at() -> None:
    address = LOGIN_ADDRESS.of("x")
    tasks = [partial(throttle.charge, [LOGIN_ACCOUNT.of(f"{n}"), address], NOW) for n in range(30)]
    outcomes = at_once(*tasks)
    assert sum(outcome is None for outcome in outcomes) == 20


def test_charging_and_giving_back_at_once_wait_for_nobody_for_ever() -> None:
    account, address = LOGIN_ACCOUNT.of("y"), LOGIN_ADDRESS.of("y")

    def log_in() -> None:
        throttle.charge([account, address], NOW)
        throttle.forget(account)
        throttle.give_back(address, NOW)

    for _ in range(5):
        outcomes = at_once(*[log_in] * 12)
        assert {type(outcome).__name__ for outcome in outcomes} <= {"NoneType", "TooManyError"}
    assert list(Throttle.objects.values_list("key", flat=True)) in (
        [address.key],
        sorted([account.key, address.key]),
    )
