"""What fuzzing found, each as the one request that did it."""

from collections.abc import Callable

import pytest
from django.test import Client, RequestFactory

from exam_sim.handler import Utf8Handler, Utf8Request
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


@pytest.mark.parametrize("page", ["change", "delete", "history"])
def test_the_administration_has_nothing_whose_id_no_database_takes(client: Client, page: str) -> None:
    """PostgreSQL refuses NUL, SQLite finds nothing."""
    client.force_login(make_user("root@example.org", is_staff=True, is_superuser=True))
    assert client.get(f"/admin/questions/collection/%00/{page}/").status_code in (302, 400, 403, 404)


def test_an_address_of_htmx_that_is_none_leads_home(client: Client) -> None:
    response = client.get("/results/", headers={"HX-Request": "true", "HX-Current-URL": "http://[::1"})
    assert (response.status_code, response.headers["HX-Redirect"]) == (200, "/accounts/login/?next=/")


@pytest.mark.parametrize("name", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data"])
@pytest.mark.parametrize(
    "charset",
    ["charset=rot13", "charset=undefined", "charset=idna", "charset=\x00", "charset*=foo''x", "charset"],
)
def test_no_charset_of_a_header_is_an_error_of_the_server(name: str, charset: str) -> None:
    answers: list[str] = []

    def start(status: str, headers: list[tuple[str, str]], failed: object = None) -> Callable[[bytes], None]:
        answers.append(status)
        return lambda content: None

    environ = {
        **RequestFactory().generic("POST", "/accounts/login/", b"a=%C3%A9").environ,
        "CONTENT_TYPE": f"{name}; boundary=x; {charset}",
        "QUERY_STRING": "next=%C3%A9",
        "HTTP_COOKIE": f"csrftoken={'a' * 32}",
        "HTTP_X_CSRFTOKEN": "a" * 32,
    }
    Utf8Handler()(environ, start)
    assert answers == ["200 OK"]


@pytest.mark.parametrize("charset", ["utf-16", "latin-1", "utf-8"])
def test_fields_are_utf_8_whatever_a_header_says(charset: str) -> None:
    environ = {
        **RequestFactory().generic("GET", "/").environ,
        "CONTENT_TYPE": f"text/plain; charset={charset}",
        "QUERY_STRING": "next=%C3%A9",
    }
    assert Utf8Request(environ).GET["next"] == "é"
