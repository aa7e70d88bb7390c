"""A session's key: never the client's choice, another one whenever it comes to mean more, dead at log-out."""

import uuid

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from pytest_django import Settings

from exam_sim.accounts.forms import MAILS
from exam_sim.accounts.models import Session, User
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PASSWORD, NEW = "correct horse", "another long pass phrase"
PAGE = "/accounts/settings/"
ATTACKERS = "a" * 32


def key_of(client: Client) -> str:
    return client.cookies["sessionid"].value


def with_key(key: str) -> Client:
    client = Client()
    client.cookies["sessionid"] = key
    return client


@pytest.mark.parametrize("way", ["log in", "sign up", "guest"])
def test_a_key_that_a_client_brings_along_is_not_taken(way: str) -> None:
    """One that nobody gave out: it gets no session, before or after."""
    make_user()
    fields: dict[str, tuple[str, dict[str, str]]] = {
        "log in": ("/accounts/login/", {"username": "candidate@example.org", "password": PASSWORD}),
        "sign up": ("/accounts/sign-up/", {"email": "new@example.org", "password": NEW}),
        "guest": ("/accounts/guest/", {}),
    }
    client = with_key(ATTACKERS)
    path, body = fields[way]
    assert client.post(path, body).status_code == 302
    assert key_of(client) != ATTACKERS
    assert client.get(PAGE).status_code == 200
    assert with_key(ATTACKERS).get(PAGE).status_code == 302
    assert not Session.objects.filter(pk=ATTACKERS).exists()


@pytest.mark.parametrize("who", ["candidate", "guest"])
def test_log_out_ends_the_session_on_the_server(who: str) -> None:
    client = Client()
    if who == "guest":
        client.post("/accounts/guest/")
    else:
        client.force_login(make_user())
    stolen = with_key(key_of(client))
    assert stolen.get(PAGE).status_code == 200
    client.post("/accounts/logout/", {"confirmed": "yes"})
    assert stolen.get(PAGE).status_code == 302
    attempt = uuid.uuid4()
    assert stolen.get(f"/attempts/{attempt}/clock").status_code == 401
    assert Session.objects.count() <= 1


def test_an_account_that_is_deleted_takes_every_session_with_it() -> None:
    user = make_user()
    client, other = Client(), Client()
    client.force_login(user)
    other.force_login(user)
    assert client.post("/accounts/delete/", {"password": PASSWORD}).status_code == 302
    assert [c.get(PAGE).status_code for c in (client, other)] == [302, 302]


def test_a_password_set_by_mail_ends_every_session(mailoutbox: list[EmailMessage]) -> None:
    user = make_user()
    thief = Client()
    thief.force_login(user)
    client = Client()
    client.post("/accounts/password/reset/", {"email": user.email})
    MAILS.submit(int).result()
    path = str(mailoutbox[0].body).partition("http://testserver")[2].split()[0]
    form = client.get(path).headers["Location"]
    assert client.post(form, {"new_password1": NEW, "new_password2": NEW}).status_code == 302
    assert User.objects.get().check_password(NEW)
    assert thief.get(PAGE).status_code == 302


def test_a_guest_who_becomes_an_account_leaves_the_old_key_dead() -> None:
    client = Client()
    client.post("/accounts/guest/")
    old = with_key(key_of(client))
    client.post("/accounts/sign-up/", {"email": "new@example.org", "password": NEW})
    assert (client.get(PAGE).status_code, old.get(PAGE).status_code) == (200, 302)


@pytest.mark.parametrize("https", [True, False])
def test_the_cookie_is_kept_from_scripts_and_other_sites(settings: Settings, https: bool) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = https
    client = Client()
    client.post("/accounts/guest/")
    cookie = client.cookies["sessionid"]
    kept = cookie["httponly"], cookie["samesite"], bool(cookie["secure"]), cookie["domain"], cookie["path"]
    assert kept == (True, "Lax", https, "", "/")
