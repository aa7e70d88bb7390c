import pytest
from django.test import Client

from exam_sim.accounts.models import User

pytestmark = pytest.mark.django_db
URL = "/accounts/logout/"


def test_a_post_logs_out(client: Client, ada: User) -> None:
    client.force_login(ada)
    response = client.post(URL)
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert "_auth_user_id" not in client.session


def test_a_link_only_asks(client: Client, ada: User) -> None:
    client.force_login(ada)
    page = client.get(URL).content.decode()
    assert "<h1>Log out?</h1>" in page
    assert client.session["_auth_user_id"] == str(ada.pk)


def test_a_guest_is_asked_first_because_there_is_no_way_back(client: Client, guest: User) -> None:
    page = client.post(URL).content.decode()
    assert "there is no way back to your attempts" in page
    assert client.session["_auth_user_id"] == str(guest.pk)


def test_a_guest_who_confirms_leaves(client: Client, guest: User) -> None:
    client.post(URL, {"confirmed": "yes"})
    assert "_auth_user_id" not in client.session
