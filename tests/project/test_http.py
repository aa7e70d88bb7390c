"""What htmx gets: a region, a whole page when it restores the history, a redirect of the page to log in."""

import pytest
from django.test import Client

from tests.factories import make_attempt, make_user, make_version

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/results/"}


def test_a_filter_of_the_review_swaps_its_region(client: Client) -> None:
    user = make_user()
    attempt = make_attempt(user, [make_version()], answers={1: "a"})
    client.force_login(user)
    url = f"/results/{attempt.pk}/review?show=incorrect"
    partial = client.get(url, headers=HTMX)
    assert partial.content.decode().lstrip().startswith('<div id="review-page"')
    assert "HX-Request" in partial.headers["Vary"]
    restored = client.get(url, headers={**HTMX, "HX-History-Restore-Request": "true"})
    for whole in (restored, client.get(url)):
        assert whole.content.decode().startswith("<!doctype html>")
        assert "HX-Request" in whole.headers["Vary"]


def test_an_expired_log_in_sends_the_whole_page_to_log_in_and_back_to_where_it_was(client: Client) -> None:
    response = client.get("/results/?page=2", headers=HTMX)
    assert (response.status_code, response.headers["HX-Redirect"]) == (200, "/accounts/login/?next=/results/")


@pytest.mark.parametrize("path", ["/", "/accounts/login/"])
def test_a_page_answers_head(client: Client, path: str) -> None:
    assert client.head(path).status_code == 200
