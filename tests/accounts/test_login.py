import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from exam_sim.accounts.forms import LoginForm
from exam_sim.accounts.models import User
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
