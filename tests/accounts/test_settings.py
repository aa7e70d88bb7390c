import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from exam_sim.accounts.models import User

pytestmark = pytest.mark.django_db
URL = "/accounts/settings/"
CHOICE = {"name": "Ada L.", "extra_time": "x1.5", "theme": "dark", "character_keys": ""}


@pytest.fixture
def person(client: Client, ada: User) -> Client:
    client.force_login(ada)
    return client


def test_the_four_settings_are_kept_and_nothing_else_is_written(person: Client, ada: User) -> None:
    before = User.objects.values().get()
    response = person.post(URL, {**CHOICE, "email": "evil@example.org", "is_staff": "on"})
    assert (response.status_code, response.headers["Location"]) == (302, URL)
    assert User.objects.values().get() == {
        **before,
        "name": "Ada L.",
        "extra_time": "x1.5",
        "theme": "dark",
        "character_keys": False,
    }


def test_the_page_says_that_they_are_saved_and_shows_the_theme(person: Client) -> None:
    page = person.post(URL, CHOICE, follow=True).content.decode()
    assert '<p class="message success">Your settings are saved.</p>' in page
    assert '<html lang="en" data-theme="dark">' in page


def test_extra_time_is_explained(person: Client) -> None:
    assert "It counts from the next exam you start" in person.get(URL).content.decode()


@pytest.mark.parametrize("field", ["extra_time", "theme"])
def test_an_unknown_choice_changes_nothing(person: Client, field: str) -> None:
    before = User.objects.values().get()
    response = person.post(URL, {**CHOICE, field: "x9"})
    assert list(response.context["form"].errors) == [field]
    assert User.objects.values().get() == before


def test_a_stranger_is_sent_to_log_in(client: Client) -> None:
    assert client.get(URL).headers["Location"] == f"/accounts/login/?next={URL}"


def test_the_page_costs_the_session_with_its_user(
    person: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        person.get(URL)


def test_saving_costs_two_checks_a_look_an_update_and_two_notes_with_their_savepoints(
    person: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(13):
        person.post(URL, CHOICE)
