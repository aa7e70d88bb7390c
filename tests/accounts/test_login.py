from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from exam_sim.accounts import throttle
from exam_sim.accounts.forms import LoginForm
from exam_sim.accounts.models import Session, Throttle, User
from exam_sim.accounts.throttle import LOGIN_ADDRESS
from tests.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db
URL = "/accounts/login/"


def who(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


@pytest.mark.parametrize("typed", ["ada@example.org", "ADA@Example.ORG", "  Ada@example.org "])
def test_one_logs_in_by_the_address_in_any_case(client: Client, ada: User, typed: str) -> None:
    response = client.post(URL, {"username": typed, "password": PASSWORD})
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert who(client) == str(ada.pk)


@pytest.mark.parametrize(
    ("username", "password"), [("ada@example.org", "wrong"), ("nobody@example.org", PASSWORD)]
)
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    client: Client, ada: User, username: str, password: str
) -> None:
    response = client.post(URL, {"username": username, "password": password})
    assert response.context["form"].errors == {"__all__": [LoginForm.error_messages["invalid_login"]]}
    assert who(client) is None


def test_a_closed_account_does_not_log_in(client: Client, ada: User) -> None:
    User.objects.update(is_active=False)
    client.post(URL, {"username": ada.email, "password": PASSWORD})
    assert who(client) is None


@pytest.mark.parametrize(
    ("wanted", "location"),
    [
        ("/results/", "/results/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_next_leads_nowhere_but_into_this_site(client: Client, ada: User, wanted: str, location: str) -> None:
    response = client.post(URL, {"username": ada.email, "password": PASSWORD, "next": wanted})
    assert response.headers["Location"] == location


def test_next_survives_a_wrong_password(client: Client, ada: User) -> None:
    response = client.post(URL, {"username": ada.email, "password": "wrong", "next": "/results/"})
    assert '<input type="hidden" name="next" value="/results/">' in response.content.decode()


def test_the_session_gets_a_new_key(client: Client, ada: User) -> None:
    session = client.session
    session["before"] = True
    session.save()
    before = client.session.session_key
    client.post(URL, {"username": ada.email, "password": PASSWORD})
    assert client.session["before"]
    assert client.session.session_key != before


def test_who_is_in_already_goes_on(client: Client, ada: User) -> None:
    client.force_login(ada)
    response = client.get(f"{URL}?next=/results/")
    assert (response.status_code, response.headers["Location"]) == (302, "/results/")


def test_a_guest_is_told_that_nothing_is_merged_before_it_happens(client: Client, guest: User) -> None:
    page = client.get(URL).content.decode()
    assert "nothing is merged into the account you log in to" in page


def test_a_guest_who_did_not_agree_stays_a_guest(client: Client, guest: User, ada: User) -> None:
    response = client.post(URL, {"username": ada.email, "password": PASSWORD})
    assert list(response.context["form"].errors) == ["leave_guest"]
    assert who(client) == str(guest.pk)


def test_a_guest_who_agreed_leaves_the_guest_as_it_was(client: Client, guest: User, ada: User) -> None:
    before = User.objects.values().get(pk=guest.pk)
    client.post(URL, {"username": ada.email, "password": PASSWORD, "leave_guest": "on"})
    assert who(client) == str(ada.pk)
    assert User.objects.values().get(pk=guest.pk) == before


def test_the_page_asks_the_database_nothing_of_a_stranger(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        client.get(URL)


def test_a_password_that_was_typed_is_not_sent_back(client: Client, ada: User) -> None:
    page = client.post(URL, {"username": ada.email, "password": "secret typed"}).content.decode()
    assert "secret typed" not in page


def attempt(email: str, password: str, address: str = "192.0.2.1", url: str = URL) -> Any:
    return Client().post(url, {"username": email, "password": password}, REMOTE_ADDR=address)


@pytest.mark.parametrize("email", ["ada@example.org", "nobody@example.org"])
def test_after_five_failures_every_password_waits_whether_there_is_an_account_or_not(
    ada: User, email: str
) -> None:
    """From whatever address, and by whatever spelling."""
    spellings = [email, email.upper(), f" {email}", email.title(), email]
    failures = [attempt(typed, "wrong", f"192.0.2.{n}") for n, typed in enumerate(spellings)]
    assert [response.status_code for response in failures] == [200] * 5
    for password in ("wrong", PASSWORD):
        response = attempt(email, password, "192.0.2.99")
        assert (response.status_code, response.headers["Retry-After"]) in [(429, "60"), (429, "59")]
        assert "Too many attempts: wait" in response.content.decode()
        assert "sessionid" not in response.cookies


def test_after_twenty_failures_an_address_waits_and_others_do_not(ada: User) -> None:
    for number in range(20):
        assert attempt(f"{number}@example.org", "wrong").status_code == 200
    assert attempt("ada@example.org", PASSWORD).status_code == 429
    assert attempt("ada@example.org", PASSWORD, "192.0.2.2").status_code == 302


def test_logging_in_clears_the_account_and_costs_the_address_nothing(ada: User) -> None:
    for _ in range(6):
        for _ in range(4):
            assert attempt("ada@example.org", "wrong", f"192.0.2.{_}").status_code == 200
        assert attempt("ada@example.org", PASSWORD, "192.0.2.77").status_code == 302
    addresses = Throttle.objects.filter(key__startswith="login-address").order_by("count")
    assert list(addresses.values_list("count", flat=True)) == [0, 6, 6, 6, 6]
    assert not Throttle.objects.filter(key__startswith="login-account").exists()


def test_a_class_behind_one_router_logs_in(ada: User) -> None:
    assert [attempt("ada@example.org", PASSWORD).status_code for _ in range(50)] == [302] * 50


def test_a_class_logs_in_after_the_address_had_to_wait(ada: User) -> None:
    failures_from_home()
    assert [attempt("ada@example.org", PASSWORD).status_code for _ in range(3)] == [302] * 3


def test_log_ins_of_their_own_help_nobody_who_guesses(ada: User) -> None:
    """Neither at the address nor at another's account."""
    User.objects.create_user("mine@example.org", PASSWORD)
    failures_from_home()
    for number in range(5):
        attempt("ada@example.org", "wrong", f"192.0.2.{10 + number}")
    before = list(Throttle.objects.order_by("key").values("key", "count", "until"))
    assert attempt("mine@example.org", PASSWORD).status_code == 302
    assert attempt("mine@example.org", PASSWORD, "192.0.2.10").status_code == 302
    assert list(Throttle.objects.order_by("key").values("key", "count", "until")) == before
    assert attempt("ada@example.org", "wrong", "192.0.2.77").status_code == 429
    assert attempt("x@example.org", "wrong").status_code == 200
    assert attempt("x@example.org", "wrong").headers["Retry-After"] in ("120", "119")


def failures_from_home() -> None:
    """Twenty, whose wait is over."""
    address, then = LOGIN_ADDRESS.of("192.0.2.1"), timezone.now() - timedelta(minutes=1)
    for _ in range(20):
        throttle.charge([address], then)


class CountedHasher(MD5PasswordHasher):
    """The hasher of the tests, which tells how often it worked."""

    calls: ClassVar[list[str]] = []

    def encode(self, password: str, salt: str) -> str:
        self.calls.append(password)
        return super().encode(password, salt)


@pytest.fixture
def hashed(settings: Settings) -> list[str]:
    settings.PASSWORD_HASHERS = ["tests.accounts.test_login.CountedHasher"]
    CountedHasher.calls.clear()
    return CountedHasher.calls


@pytest.mark.parametrize(
    ("email", "statements"),
    [
        ("ada@example.org", 3),
        ("nobody@example.org", 3),
        ("closed@example.org", 3),
        ("staff@example.org", 4),
    ],
)
def test_the_same_work_is_done_for_known_and_unknown_accounts(
    hashed: list[str],
    ada: User,
    email: str,
    statements: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """One hash, and the same statements: the charge, the account, and the account again for the log, which
    takes a line for staff alone."""
    User.objects.create_user("closed@example.org", PASSWORD, is_active=False)
    User.objects.create_user("staff@example.org", PASSWORD, is_staff=True)
    hashed.clear()
    with django_assert_num_queries(statements):
        attempt(email, "wrong")
    assert hashed == ["wrong"]


def test_a_flood_costs_no_hash(hashed: list[str], ada: User) -> None:
    for _ in range(40):
        attempt("ada@example.org", "wrong")
    assert hashed.count("wrong") == 5


def test_the_session_gets_another_key(client: Client, ada: User) -> None:
    client.post("/accounts/guest/")
    guest = client.session.session_key
    client.post(URL, {"username": ada.email, "password": PASSWORD, "leave_guest": "on"})
    assert client.session.session_key != guest
    assert not Session.objects.filter(pk=guest).exists()


def test_the_administration_has_no_door_of_its_own(client: Client, ada: User) -> None:
    door = "/admin/login/?next=/admin/accounts/user/"
    to_log_in = client.post(door, {"username": ada.email, "password": PASSWORD})
    assert to_log_in.headers["Location"] == (
        "/accounts/login/?next=/admin/login/%3Fnext%3D/admin/accounts/user/"
    )
    assert "sessionid" not in client.cookies
    client.force_login(ada)
    refused = client.get("/admin/", follow=True)
    assert refused.status_code == 403
    assert "The administration is for instructors and administrators." in refused.content.decode()
    User.objects.update(is_staff=True)
    assert client.get(door).headers["Location"] == "/admin/accounts/user/"
    assert client.get("/admin/login/?next=https://evil.example/").headers["Location"] == "/admin/"
