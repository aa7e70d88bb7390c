import pytest
from django.test import Client
from pytest_django import Settings

from exam_sim.accounts.models import User

pytestmark = pytest.mark.django_db
URL = "/accounts/guest/"


def test_a_guest_gets_a_row_of_their_own_and_is_in(client: Client) -> None:
    response = client.post(URL, {"next": "/results/"})
    assert (response.status_code, response.headers["Location"]) == (302, "/results/")
    user = User.objects.get()
    assert (user.is_guest, user.email, user.has_usable_password()) == (True, None, False)
    assert [group.name for group in user.groups.all()] == ["candidate"]
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.session["_session_expiry"] == 30 * 24 * 3600


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "", "javascript:x"])
def test_next_leads_nowhere_but_into_this_site(client: Client, wanted: str) -> None:
    assert client.post(URL, {"next": wanted}).headers["Location"] == "/"


def test_a_link_makes_no_guest(client: Client) -> None:
    assert client.get(URL).headers["Location"] == "/"
    assert not User.objects.exists()


def test_who_is_in_stays_who_they_are(client: Client, ada: User) -> None:
    client.force_login(ada)
    client.post(URL)
    assert client.session["_auth_user_id"] == str(ada.pk)
    assert User.objects.get() == ada


def test_it_can_be_switched_off(client: Client, settings: Settings) -> None:
    settings.GUESTS = False
    response = client.post(URL)
    assert response.status_code == 403
    assert "Guests are not taken here: create an account." in response.content.decode()
    assert "without an account" not in client.get("/accounts/login/").content.decode()
    assert not User.objects.exists()


def test_each_page_tells_a_guest_how_to_keep_the_attempts(client: Client, guest: User) -> None:
    page = client.get("/accounts/settings/").content.decode()
    assert 'You are trying this as a guest: <a href="/accounts/sign-up/">create an account</a>' in page
