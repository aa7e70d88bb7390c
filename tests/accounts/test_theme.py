import pytest
from django.test import Client

from exam_sim.accounts.models import User

pytestmark = pytest.mark.django_db
URL = "/accounts/theme/"


@pytest.fixture
def person(client: Client, ada: User) -> Client:
    client.force_login(ada)
    return client


def test_the_switch_keeps_the_theme_and_goes_back_to_its_page(person: Client) -> None:
    response = person.post(URL, {"theme": "dark", "next": "/results/?page=2"})
    assert response.headers["Location"] == "/results/?page=2"
    assert User.objects.get().theme == "dark"


def test_next_leads_nowhere_but_into_this_site(person: Client) -> None:
    assert person.post(URL, {"theme": "dark", "next": "//evil.example"}).headers["Location"] == "/"


def test_an_unknown_theme_and_a_link_change_nothing(person: Client) -> None:
    assert person.post(URL, {"theme": "pink"}).headers["Location"] == "/accounts/settings/"
    assert person.get(URL, {"theme": "dark"}).headers["Location"] == "/accounts/settings/"
    assert User.objects.get().theme == "auto"
