"""Nobody is led out of the site, whatever stands in a field or a path."""

import re
from urllib.parse import unquote, urlencode

import pytest

from tests.security.elsewhere import ELSEWHERE, leads_out
from tests.security.fuzzing.site import Site, undone

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

LEADS = re.compile(r"^(next|back|from|url|return|redirect|continue|goto|dest)")


def test_no_field_that_says_where_to_go_leads_out(site: Site) -> None:
    """The fields are found by what the views ask for; a new one is tried without being named."""
    tried, led = set(), []
    for key, route in site.routes.items():
        for name in filter(LEADS.search, site.offers.names(key)):
            tried.add((key, name))
            for url in ELSEWHERE:
                path = f"{site.likely(route)}?{urlencode({name: url})}"
                with undone():
                    response = site.scene.client(route.owner).post(path, {name: url})
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
