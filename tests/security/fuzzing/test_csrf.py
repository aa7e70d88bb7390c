"""A post that another site made this browser send: refused everywhere, before anything is looked at."""

import pytest
from django.middleware.csrf import _get_new_csrf_string, _mask_cipher_secret

from exam_sim.operations.probes import PATHS
from tests.security.fuzzing.pages import Form
from tests.security.fuzzing.site import Site, undone, writes

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.mark.parametrize("role", ["anonymous", "administrator"])
def test_a_post_without_the_token_is_refused_at_every_address(site: Site, role: str) -> None:
    """Whatever else it says; and it changes nothing."""
    answers = {}
    with undone(), writes("") as written:
        for route in site.routes.values():
            path = site.likely(route)
            forms = [form for form in site.offers.forms.get(route.key, []) if form.method == "POST"]
            form = forms[0] if forms else Form(path)
            fields = {name: values[0] for name, values in form.fields.items()}
            fields.pop("csrfmiddlewaretoken", None)
            response = site.scene.client(role, strict=True).post(form.path, fields)
            answers[route.key] = response.status_code
    expected = {key: 405 if f"/{key}" in PATHS else 403 for key in site.routes}
    assert (answers, written) == (expected, [])


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded"]
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "FOO"])
def test_no_way_of_sending_goes_round_it(site: Site, method: str, content_type: str) -> None:
    client = site.scene.client("candidate", strict=True)
    for path in (f"/attempts/{site.scene.running.pk}/end", "/accounts/theme/"):
        response = client.generic(method, path, b'{"csrfmiddlewaretoken": "x"}', content_type)
        assert response.status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 302),
        ({"Origin": "http://testserver"}, 302),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://testserver.evil.example"}, 403),
        ({"X-CSRFToken": "x" * 64}, 403),
    ],
)
def test_the_token_is_taken_from_this_site_alone(site: Site, headers: dict[str, str], status: int) -> None:
    """The first row is the control: with its token the same post is taken."""
    client = site.scene.client("candidate", strict=True)
    secret = _get_new_csrf_string()
    client.cookies["csrftoken"] = secret
    token = {} if "X-CSRFToken" in headers else {"csrfmiddlewaretoken": _mask_cipher_secret(secret)}
    with undone():
        response = client.post("/accounts/theme/", {"theme": "dark", **token}, headers=headers)
    assert response.status_code == status
