"""Whatever is sent to whichever address, by whomever: no error of the server, no long time, no way out of the
site, nothing of it in a page as it came, and a database that holds together."""

import os
from urllib.parse import urlencode, urlsplit
from zlib import crc32

import pytest
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from tests.security.fuzzing.hostile import requests
from tests.security.fuzzing.routes import Route, routes
from tests.security.fuzzing.site import Sent, Site

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
LONG = bool(os.environ.get("LONG"))
PHASES = [Phase.generate, Phase.shrink]
EXAMPLES = {"": 6, "1": 300}.get(os.environ.get("LONG", "")) or int(os.environ["LONG"])


@pytest.mark.parametrize("value", ["x", "-1", "9" * 30, "\0²", "1", "0001-01-01"])
def test_no_field_that_a_view_asks_for_fails_on_a_value(site: Site, value: str) -> None:
    """All fields of every address at once; what random requests find late."""
    for key, route in site.routes.items():
        if not route.of_admin:
            query = urlencode(dict.fromkeys(site.offers.names(key), value))
            path = urlsplit(next(iter(site.offers.links.get(key, [])), site.likely(route))).path
            site.judge(Sent(route.owner, "GET", path, query))
            form = "application/x-www-form-urlencoded"
            site.judge(Sent(route.owner, "POST", path, query, query.encode(), form))


@pytest.mark.parametrize("route", routes(), ids=str)
def test_no_request_to_an_address_does_harm(site: Site, route: Route) -> None:
    @settings(max_examples=EXAMPLES if LONG or not route.of_admin else 2, phases=PHASES)
    @given(st.data())
    def run(data: st.DataObject) -> None:
        site.judge(data.draw(requests(site, route)))

    # The same requests in every short run, others for each address; new ones in each long one.
    (run if LONG else seed(crc32(route.key.encode()))(run))()
