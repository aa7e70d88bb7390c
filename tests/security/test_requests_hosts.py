"""Nobody is led out of the site by a log-in or a mail, and it answers under no other name."""

import re

import pytest
from django.core.mail import EmailMessage
from django.test import Client

from exam_sim.accounts.forms import MAILS
from tests.factories import make_user
from tests.security.elsewhere import ELSEWHERE, leads_out

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("url", ELSEWHERE)
def test_after_log_in_one_stays_here(client: Client, url: str) -> None:
    make_user()
    fields = {"username": "candidate@example.org", "password": "correct horse", "next": url}
    for path, body in (("/accounts/login/", fields), ("/accounts/guest/", {"next": url})):
        response = Client().post(path, body)
        location = response.headers["Location"]
        assert (response.status_code, leads_out(location)) == (302, False), location
        assert location == "/" or location.startswith("/%"), location


@pytest.mark.parametrize(
    "host",
    ["evil.example", "testserver.evil.example", "testserver:80@evil.example", "[::1", "testserver\x00", ""],
)
@pytest.mark.parametrize(
    "path", ["/", "/accounts/login/", "/accounts/password/reset/", "/admin/", "/results/"]
)
def test_another_host_than_ours_is_refused(client: Client, host: str, path: str) -> None:
    assert client.get(path, headers={"Host": host}).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.example"},
        {"X-Host": "evil.example"},
        {"X-Original-Host": "evil.example"},
        {"Forwarded": "host=evil.example"},
        {"X-Forwarded-Server": "evil.example", "X-Forwarded-Port": "1"},
        {"Referer": "https://evil.example/"},
    ],
)
def test_a_mail_leads_to_the_host_that_is_trusted(
    client: Client, mailoutbox: list[EmailMessage], headers: dict[str, str]
) -> None:
    make_user("ada@example.org")
    client.post("/accounts/password/reset/", {"email": "ada@example.org"}, headers=headers)
    MAILS.submit(int).result()
    (mail,) = mailoutbox
    assert re.findall(r"\w+://[^/\s]+", str(mail.body)) == ["http://testserver"]
