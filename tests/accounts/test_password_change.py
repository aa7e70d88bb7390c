import pytest
from django.test import Client

from exam_sim.accounts.models import Session, User
from tests.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db
URL = "/accounts/password/"
NEW = "another long pass phrase"


def test_the_password_changes_this_session_lives_on_and_others_end(client: Client, ada: User) -> None:
    other = Client()
    client.force_login(ada)
    other.force_login(ada)
    before = dict(User.objects.values().get())
    response = client.post(URL, {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW})
    assert response.headers["Location"] == "/accounts/settings/"
    after = dict(User.objects.values().get())
    assert {key for key in after if after[key] != before[key]} == {"password"}
    assert User.objects.get().check_password(NEW)
    assert client.get("/accounts/settings/").status_code == 200
    assert other.get("/accounts/settings/").status_code == 302


def test_the_old_password_is_asked(client: Client, ada: User) -> None:
    client.force_login(ada)
    response = client.post(URL, {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW})
    assert list(response.context["form"].errors) == ["old_password"]
    assert User.objects.get().check_password(PASSWORD)


def test_a_guest_has_no_password_and_is_led_to_an_account(client: Client, guest: User) -> None:
    assert client.get(URL).headers["Location"] == "/accounts/sign-up/"


def test_a_stranger_is_sent_to_log_in(client: Client) -> None:
    assert client.get(URL).headers["Location"] == f"/accounts/login/?next={URL}"


def test_the_session_gets_another_key(client: Client, ada: User) -> None:
    client.force_login(ada)
    before = client.session.session_key
    client.post(URL, {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW})
    assert client.session.session_key != before
    assert not Session.objects.filter(pk=before).exists()


@pytest.mark.parametrize("url", [URL, "/accounts/delete/"])
def test_a_session_left_open_is_not_enough_to_find_out_the_password(
    client: Client, ada: User, url: str
) -> None:
    client.force_login(ada)
    fields = {"new_password1": NEW, "new_password2": NEW}
    for _ in range(5):
        assert client.post(url, {"old_password": "wrong", "password": "wrong"} | fields).status_code == 200
    response = client.post(url, {"old_password": PASSWORD, "password": PASSWORD} | fields)
    assert (response.status_code, response.headers["Retry-After"][:1]) in [(429, "6"), (429, "5")]
    assert User.objects.get().check_password(PASSWORD)
