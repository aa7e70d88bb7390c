"""Nobody is led out of the site, whatever stands in a field, a path or a header."""

import re
from urllib.parse import unquote, urlencode, urlsplit

import pytest
from django.core.mail import EmailMessage
from django.test import Client

from exam_sim.accounts.forms import MAILS
from tests.factories import make_user
from tests.security.fuzzing.site import Site, undone

pytestmark = pytest.mark.django_db

ELSEWHERE = [
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "/\r\n/evil.example/",
    "/%0d%0aLocation:%20https://evil.example/",
    "https://evil.example/",
    "https:evil.example",
    "http://testserver@evil.example/",
    "http://testserver.evil.example/",
    "http:///evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "\uff0f\uff0fevil.example/",
    "/\u2028/evil.example/",
    "//evil。example",
    " //evil.example/",
    "\x00//evil.example/",
    "http://[::1",
    "accounts:logout",
    "x",
    "?x",
    "../x",
]
LEADS = re.compile(r"^(next|back|from|url|return|redirect|continue|goto|dest)")


def leads_out(location: str) -> bool:
    """As a browser reads it: blanks before it and control characters in it do not count, a backslash is a
    slash."""
    read = re.sub(r"[\x00-\x20]", "", location).replace("\\", "/")
    parts = urlsplit(read)
    return bool(parts.netloc or parts.scheme) or read.startswith("//")


@pytest.mark.parametrize("url", ELSEWHERE)
def test_after_log_in_one_stays_here(client: Client, url: str) -> None:
    make_user()
    fields = {"username": "candidate@example.org", "password": "correct horse", "next": url}
    for path, body in (("/accounts/login/", fields), ("/accounts/guest/", {"next": url})):
        response = Client().post(path, body)
        location = response.headers["Location"]
        assert (response.status_code, leads_out(location)) == (302, False), location
        assert location == "/" or location.startswith("/%"), location


@pytest.mark.parametrize("role", ["candidate", "administrator"])
def test_no_field_that_says_where_to_go_leads_out(site: Site, role: str) -> None:
    """The fields are found by what the views ask for; a new one is tried without being named."""
    tried, led = set(), []
    for key, route in site.routes.items():
        for name in filter(LEADS.search, site.offers.names(key)):
            tried.add((key, name))
            for url in ELSEWHERE:
                path = f"{site.likely(route)}?{urlencode({name: url})}"
                with undone():
                    response = site.scene.client(role).post(path, {name: url})
                targets = [response.headers.get(header, "") for header in ("Location", "HX-Redirect")]
                led += [(key, name, url, target) for target in targets if leads_out(target)]
    assert led == []
    assert {("accounts/login/", "next"), ("admin/login/", "next"), ("bank/questions/status", "back")} <= tried


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "//evil.example/..",
        "/%5Cevil.example",
        "//evil.example/accounts/login",
        "/admin//evil.example",
    ],
)
@pytest.mark.parametrize("role", ["anonymous", "administrator"])
def test_a_path_that_looks_like_a_host_is_none(site: Site, role: str, path: str) -> None:
    response = site.scene.client(role).get("/", PATH_INFO=unquote(path))
    location = response.headers.get("Location", "")
    assert (response.status_code in (301, 302, 404), leads_out(location)) == (True, False), location


# The host


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
