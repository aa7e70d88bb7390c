"""What fuzzing found, each as the one request that did it."""

import pytest
from django.test import Client

from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("url", ["1", "x", "accounts:logout", "9999-12-31T23:59"])
def test_a_word_as_next_is_no_view_to_look_up(client: Client, url: str) -> None:
    client.force_login(make_user("root@example.org", is_staff=True, is_superuser=True))
    places = {
        path: client.post(path, {"next": url}).headers["Location"]
        for path in ("/accounts/login/", "/accounts/sign-up/", "/accounts/guest/", "/admin/login/")
    }
    assert places == {
        "/accounts/login/": "/",
        "/accounts/sign-up/": "/",
        "/accounts/guest/": "/",
        "/admin/login/": "/admin/",
    }


@pytest.mark.parametrize(
    "path",
    [
        "/admin/accounts/auditentry/1/change/?_to_field=",
        "/admin/questions/taskstatement/1/delete/?_to_field=",
        "/admin/questions/collection/add/?owner=1",
    ],
)
def test_the_administration_refuses_what_it_cannot_look_up(client: Client, path: str) -> None:
    client.force_login(make_user("root@example.org", is_staff=True, is_superuser=True))
    assert client.get(path).status_code == 400
