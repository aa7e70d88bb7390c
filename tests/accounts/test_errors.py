import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest
from django.template import loader
from django.test import Client, RequestFactory
from django.views import defaults

HOME = '<a class="button primary" href="/">Go to the exams</a>'


def test_an_address_that_is_nobodys(client: Client) -> None:
    """Without the `db` mark a query fails the test: a stranger's wrong address asks the database nothing."""
    response = client.get("/nowhere/")
    page = response.content.decode()
    assert response.status_code == 404
    assert "<h1>There is nothing here</h1>" in page
    assert HOME in page


def test_a_form_without_its_token_is_told_what_to_do() -> None:
    response = Client(enforce_csrf_checks=True).post("/accounts/login/", {})
    page = response.content.decode()
    assert response.status_code == 403
    assert "<h1>Please send that again</h1>" in page
    assert HOME in page


@pytest.mark.django_db
def test_a_logged_in_person_sees_errors_in_their_theme(client: Client, ada: object) -> None:
    client.post("/accounts/login/", {"username": "ada@example.org", "password": "correct horse battery"})
    client.post("/accounts/theme/", {"theme": "dark"})
    assert '<html lang="en" data-theme="dark">' in client.get("/nowhere/").content.decode()


def test_500_and_400_need_neither_a_request_nor_the_database(rf: RequestFactory) -> None:
    """Django renders both without a context, and without the `db` mark a query fails the test."""
    request: HttpRequest = rf.get("/")
    assert b"<h1>Something broke on our side</h1>" in defaults.server_error(request).content
    assert b"not understood</h1>" in defaults.bad_request(request, SuspiciousOperation()).content


def test_403_says_the_reason_that_was_given() -> None:
    page = loader.render_to_string("403.html", {"exception": str(PermissionDenied("Not now."))})
    assert '<p class="lead">Not now.</p>' in page
