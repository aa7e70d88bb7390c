import pytest
from django.test import Client
from pytest_django import Settings

from exam_sim.accounts import registration
from exam_sim.accounts.models import Session, User
from tests.factories import NOW, make_attempt, make_version

pytestmark = pytest.mark.django_db
URL = "/accounts/sign-up/"
GRACE = {"email": "Grace@Example.org", "name": "Grace", "password": "a moth in relay 70"}


def test_an_account_is_made_as_a_candidate_and_logged_in(client: Client) -> None:
    response = client.post(URL, {**GRACE, "next": "/results/"})
    assert (response.status_code, response.headers["Location"]) == (302, "/results/")
    user = User.objects.get()
    assert (user.email, user.name, user.is_guest, user.is_staff) == (
        "grace@example.org",
        "Grace",
        False,
        False,
    )
    assert user.check_password(GRACE["password"])
    assert [group.name for group in user.groups.all()] == ["candidate"]
    assert client.session["_auth_user_id"] == str(user.pk)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "ADA@example.org"}, "email"),
        ({"email": "no address"}, "email"),
        ({"email": "a\x00@example.org"}, "email"),
        ({"email": "x" * 250 + "@example.org"}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "12345678901234"}, "password"),
        ({"password": "grace@example.org"}, "password"),
        ({"password": ""}, "password"),
        ({"name": "x" * 121}, "name"),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field(
    client: Client, ada: User, change: dict[str, str], field: str
) -> None:
    response = client.post(URL, {**GRACE, **change})
    assert list(response.context["form"].errors) == [field]
    assert User.objects.get() == ada


def test_the_index_decides_when_two_take_an_address_at_once(ada: User) -> None:
    with pytest.raises(registration.EmailTakenError):
        registration.register(email="Ada@example.org", password="x", name="", now=NOW)
    assert User.objects.get() == ada


def test_a_guest_becomes_an_account_on_the_same_row(client: Client, guest: User) -> None:
    attempt = make_attempt(guest, [make_version()])
    key = client.session.session_key
    assert client.post(URL, GRACE).status_code == 302
    user = User.objects.get()
    assert (user.pk, user.email, user.is_guest) == (guest.pk, "grace@example.org", False)
    assert user.check_password(GRACE["password"])
    assert list(user.attempts.all()) == [attempt]
    assert [group.name for group in user.groups.all()] == ["candidate"]
    assert client.session.session_key != key
    assert client.get("/accounts/settings/").status_code == 200


def test_a_guest_cannot_take_an_address_that_is_taken(client: Client, guest: User, ada: User) -> None:
    response = client.post(URL, {**GRACE, "email": "ada@example.org"})
    assert list(response.context["form"].errors) == ["email"]
    with pytest.raises(registration.EmailTakenError):
        registration.become_account(guest, email="ada@example.org", password="x", name="", now=NOW)
    guest.refresh_from_db()
    assert (guest.email, guest.is_guest) == (None, True)


def test_of_two_tabs_one_makes_the_account(guest: User) -> None:
    registration.become_account(guest, email="one@example.org", password="x", name="", now=NOW)
    with pytest.raises(registration.NotAGuestError):
        registration.become_account(guest, email="two@example.org", password="x", name="", now=NOW)
    assert User.objects.get().email == "one@example.org"


def test_who_has_an_account_goes_on(client: Client, ada: User) -> None:
    client.force_login(ada)
    assert client.post(URL, GRACE).headers["Location"] == "/"
    assert User.objects.get() == ada


def test_it_can_be_switched_off(client: Client, settings: Settings) -> None:
    settings.SIGN_UP = False
    response = client.post(URL, GRACE)
    assert response.status_code == 403
    assert "New accounts are not taken here." in response.content.decode()
    assert "sign-up" not in client.get("/accounts/login/").content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize("come_as", ["nobody", "guest"])
def test_the_session_gets_another_key(client: Client, come_as: str) -> None:
    """Whoever knew the key before, as by having set it, is not logged in."""
    if come_as == "guest":
        client.post("/accounts/guest/")
    else:
        session = client.session
        session["planted"] = True
        session.save()
        client.cookies["sessionid"] = str(session.session_key)
    before = client.session.session_key
    assert client.post(URL, GRACE).status_code == 302
    assert client.session.session_key != before
    assert not Session.objects.filter(pk=before).exists()
    assert client.get("/accounts/settings/").status_code == 200
