"""The service worker's script: whose it is, and what it is sent with."""

import json

import pytest
from django.test import Client
from django.utils import timezone

from exam_sim.exams.models import Attempt
from tests.exams.sitting import make_open
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def attempt(client: Client) -> Attempt:
    attempt = make_open(make_user(), started_at=timezone.now())
    client.force_login(attempt.user)
    return attempt


def test_it_comes_under_the_attempts_own_path_as_a_script_that_may_only_ask_this_site(
    client: Client, attempt: Attempt
) -> None:
    response = client.get(f"/attempts/{attempt.pk}/worker.js")
    names = ("Content-Type", "Cache-Control", "Content-Security-Policy", "X-Content-Type-Options")
    assert (response.status_code, [response.headers[name] for name in names]) == (
        200,
        ["text/javascript", "no-cache", "default-src 'none'; connect-src 'self'", "nosniff"],
    )
    assert "Service-Worker-Allowed" not in response.headers


def test_a_page_that_it_gives_out_has_the_headers_of_the_exam_page(client: Client, attempt: Attempt) -> None:
    first = client.get(f"/attempts/{attempt.pk}/worker.js").text.partition("\n")[0]
    given = json.loads(first.removeprefix("const HEADERS = ").removesuffix(";"))
    page = client.get(f"/attempts/{attempt.pk}/").headers
    sent = {name: value for name, value in page.items() if name not in ("Cache-Control", "Vary")}
    assert given == {name: value for name, value in sent.items() if name != "Content-Length"}


def test_the_exam_page_names_it_and_whose_the_page_is(client: Client, attempt: Attempt) -> None:
    page = client.get(f"/attempts/{attempt.pk}/")
    assert page.context["state"]["urls"]["worker"] == f"/attempts/{attempt.pk}/worker.js"
    assert f'data-user="{attempt.user_id}">' in page.text
    assert 'data-user="">' in Client().get("/").text


def test_there_is_none_for_anybody_else(client: Client, attempt: Attempt) -> None:
    path = f"/attempts/{attempt.pk}/worker.js"
    other, stranger = Client(), Client()
    other.force_login(make_user("other@example.org"))
    codes = [other.get(path).status_code, stranger.get(path).status_code]
    client.post(f"/attempts/{attempt.pk}/end")
    assert [*codes, client.get(path).status_code, client.post(path).status_code] == [404, 302, 200, 405]
