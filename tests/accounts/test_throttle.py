"""How often is too often, and for how long."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from exam_sim.accounts import throttle
from exam_sim.accounts.models import Throttle
from exam_sim.accounts.throttle import GUEST, LOGIN_ACCOUNT, LOGIN_ADDRESS, Count
from exam_sim.http import TooManyError

pytestmark = pytest.mark.django_db
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
ADA, HOME = LOGIN_ACCOUNT.of("ada"), LOGIN_ADDRESS.of("192.0.2.1")


def waits(now: datetime, *counts: Count) -> int:
    """Seconds to wait, or 0 for a charge that was taken."""
    try:
        throttle.charge(counts, now)
    except TooManyError as error:
        return error.seconds
    return 0


def fill(now: datetime, *counts: Count) -> None:
    for _ in range(counts[0].allowed):
        throttle.charge(counts, now)


def test_the_wait_doubles_up_to_a_quarter_of_an_hour(now: datetime) -> None:
    fill(now, ADA)
    found = []
    for _ in range(7):
        found.append(waits(now, ADA))
        now += found[-1] * SECOND
        assert waits(now - SECOND, ADA) == 1
        assert waits(now, ADA) == 0
    assert found == [60, 120, 240, 480, 900, 900, 900]


def test_impatience_makes_no_wait_longer(now: datetime) -> None:
    fill(now, ADA)
    assert [waits(now + second * SECOND, ADA) for second in range(60)] == list(range(60, 0, -1))
    assert waits(now + MINUTE, ADA) == 0


def test_a_quarter_of_an_hour_after_a_wait_counting_begins_anew(now: datetime) -> None:
    fill(now, ADA)
    fill(now + 16 * MINUTE, ADA)
    assert waits(now + 16 * MINUTE, ADA) == 60


def test_failures_that_are_a_quarter_of_an_hour_old_are_forgotten(now: datetime) -> None:
    for _ in range(4):
        throttle.charge([ADA], now)
    for _ in range(4):
        throttle.charge([ADA], now + 15 * MINUTE)
    assert waits(now + 16 * MINUTE, ADA) == 0
    assert waits(now + 16 * MINUTE, ADA) == 60


def test_what_has_to_wait_charges_nothing_else(now: datetime) -> None:
    """Otherwise one address that has to wait could shut out every account of the site."""
    fill(now, HOME)
    assert waits(now, ADA, HOME) == 60
    assert [row.key for row in Throttle.objects.all()] == [HOME.key]
    fill(now, ADA)
    before = list(Throttle.objects.order_by("key").values())
    assert waits(now, ADA, LOGIN_ADDRESS.of("elsewhere")) == 60
    assert list(Throttle.objects.order_by("key").values()) == before


def test_two_limits_are_charged_each_by_its_own_rule(now: datetime) -> None:
    fill(now, ADA, HOME)
    assert list(Throttle.objects.order_by("key").values_list("count", "until")) == [
        (5, now + MINUTE),
        (5, None),
    ]


def test_a_charge_given_back_ends_the_wait_that_it_began(now: datetime) -> None:
    fill(now, HOME)
    throttle.give_back(HOME, now)
    assert Throttle.objects.values_list("count", "until").get() == (19, None)
    assert (waits(now, HOME), waits(now, HOME)) == (0, 60)


def test_log_ins_after_a_wait_change_nothing_of_what_failures_earned(now: datetime) -> None:
    """They neither hinder others, nor clear the address, nor keep it from being forgotten."""
    fill(now, HOME)
    for minute in range(1, 16):
        before = Throttle.objects.values("count", "until").get()
        throttle.charge([HOME], now + minute * MINUTE)
        throttle.give_back(HOME, now + minute * MINUTE)
        assert Throttle.objects.values("count", "until").get() == before
    assert (waits(now + 15 * MINUTE, HOME), waits(now + 15 * MINUTE, HOME)) == (0, 120)
    throttle.charge([HOME], now + 17 * MINUTE)
    throttle.give_back(HOME, now + 17 * MINUTE)
    assert waits(now + 31 * MINUTE, HOME) == 0
    assert waits(now + 31 * MINUTE, HOME) == 240
    fill(now + 50 * MINUTE, HOME)
    assert waits(now + 50 * MINUTE, HOME) == 60


def test_a_slow_log_in_ends_no_wait_that_failures_began_meanwhile(now: datetime) -> None:
    throttle.charge([HOME], now)
    for _ in range(19):
        throttle.charge([HOME], now + SECOND)
    later = now + MINUTE + SECOND
    throttle.charge([HOME], later)
    throttle.give_back(HOME, now)
    assert Throttle.objects.values_list("count", "until").get() == (20, later + 2 * MINUTE)


def test_more_people_at_an_address_may_do_more(now: datetime, settings: Settings) -> None:
    settings.ADDRESS_LIMIT_FACTOR = 3
    assert (GUEST.of("x").allowed, LOGIN_ACCOUNT.of("x").allowed) == (180, 5)


def test_a_charge_is_one_statement_and_a_refusal_two(
    now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(5):
        fill(now, ADA, HOME)
    with django_assert_num_queries(2):
        assert waits(now, ADA, HOME) == 60


def test_the_table_tells_nothing_of_anybody(now: datetime) -> None:
    throttle.charge([throttle.account(" Ada@Example.org ")], now)
    row = Throttle.objects.get()
    assert row.key == throttle.account("ada@example.org").key
    assert "ada" not in row.key


def test_rows_that_limit_nothing_any_more_are_swept(now: datetime) -> None:
    fill(now, ADA)
    throttle.charge([HOME], now)
    assert throttle.remove_old(now + timedelta(days=1)) == 0
    fill(now + timedelta(days=1), HOME)
    assert throttle.remove_old(now + timedelta(days=1, minutes=2)) == 1
    assert [row.key for row in Throttle.objects.all()] == [HOME.key]


@pytest.mark.parametrize(("url", "allowed"), [("/accounts/guest/", 60), ("/accounts/sign-up/", 30)])
def test_guests_and_accounts_are_made_only_so_fast_from_one_address(
    client: Client, url: str, allowed: int
) -> None:
    for _ in range(allowed):
        assert Client().post(url).status_code != 429
    response = Client().post(url)
    assert (response.status_code, response.headers["Retry-After"]) == (429, "900")
    assert "Too many attempts: wait 15 minutes, then try again." in response.content.decode()
    assert Client().get(url).status_code != 429
    assert Client().post(url, REMOTE_ADDR="192.0.2.7").status_code != 429


def test_a_script_is_told_in_json(client: Client, now: datetime) -> None:
    for _ in range(60):
        Client().post("/accounts/guest/")
    response = client.post("/accounts/guest/", headers={"Accept": "application/json"})
    assert (response.status_code, response.headers["Retry-After"], response.json()) == (
        429,
        "900",
        {"error": "Too many attempts: wait 15 minutes, then try again."},
    )
