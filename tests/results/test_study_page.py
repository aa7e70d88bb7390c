"""The study page, and starting a session from it."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from exam_sim.accounts.models import User
from exam_sim.exams.models import Attempt, Mode, Study
from tests.factories import make_sighted_attempt, make_user
from tests.results.test_study import make_bank

pytestmark = pytest.mark.django_db
TERMS = {"certification": "mls-c01", "length": "3", "pace": "untimed", "feedback": "on"}


@pytest.fixture
def candidate(client: Client) -> User:
    user = make_user()
    client.force_login(user)
    return user


def test_the_page_offers_every_way_and_says_what_is_empty(client: Client, candidate: User) -> None:
    make_bank(2)
    text = client.get(reverse("results:study")).content.decode()
    assert [way in text for way in Study.labels] == [True] * 5
    assert "Nothing is due today." in text
    assert "Nothing to repeat yet" in text


def test_without_an_exam_the_page_says_what_is_missing(client: Client, candidate: User) -> None:
    assert "No exam is set up yet" in client.get(reverse("results:study")).content.decode()


@pytest.mark.parametrize(
    ("study", "fields"),
    [("drill", {"place": "1/1.2"}), ("drill", {"place": "1"}), ("weak", {}), ("custom", {"level": "2"})],
)
def test_a_form_starts_a_session(client: Client, candidate: User, study: str, fields: dict[str, str]) -> None:
    make_bank(3)
    response = client.post(reverse("results:study_start"), {"study": study, **TERMS, **fields})
    attempt = Attempt.objects.get()
    assert response["Location"] == reverse("exams:attempt", args=[attempt.pk])
    assert (attempt.user, attempt.mode, attempt.study, attempt.item_count, attempt.deadline) == (
        candidate,
        Mode.STUDY,
        study,
        3,
        None,
    )


def test_what_is_wrong_stands_at_its_field_and_nothing_starts(client: Client, candidate: User) -> None:
    make_bank(1)
    response = client.post(
        reverse("results:study_start"), {"study": "drill", **TERMS, "length": "0", "place": "7"}
    )
    text = response.content.decode()
    assert response.status_code == 422
    assert "At least one question." in text
    assert "Select a valid choice. 7 is not one of the available choices." in text
    assert not Attempt.objects.exists()


def test_nothing_to_study_is_said_in_a_sentence(client: Client, candidate: User) -> None:
    make_bank(1)
    response = client.post(reverse("results:study_start"), {"study": "missed", **TERMS}, follow=True)
    assert "None of these questions can be studied right now." in response.content.decode()


def test_filters_that_nothing_fits_say_so_and_keep_what_was_chosen(client: Client, candidate: User) -> None:
    make_bank(1)
    response = client.post(reverse("results:study_start"), {"study": "custom", **TERMS, "words": "zeppelin"})
    assert response.status_code == 422
    assert "No question fits all of these choices: leave some of them open." in response.content.decode()
    assert 'value="zeppelin"' in response.content.decode()


def test_the_first_way_that_can_be_begun_is_the_one_to_press(client: Client, candidate: User) -> None:
    bank = make_bank(3)["1.1"]
    assert client.get(reverse("results:study")).context["page"].first.study == Study.WEAK
    make_sighted_attempt(candidate, bank, answers={1: "b"})
    assert client.get(reverse("results:study")).context["page"].first.study == Study.DUE


def test_a_plan_starts_a_drill_by_one_press(client: Client, candidate: User) -> None:
    make_bank(3)
    client.post(reverse("results:drill"), {"domain": "1", "task_statement": "1.1", "length": "2"})
    attempt = Attempt.objects.get()
    assert (attempt.title, attempt.item_count, attempt.feedback) == (
        "Drill: 1.1 Create data repositories",
        2,
        True,
    )


@pytest.mark.parametrize("length", ["", "x", "-1", "10000000000000000000000", "9" * 5000])
def test_a_length_that_makes_no_sense_is_an_ordinary_one(
    client: Client, candidate: User, length: str
) -> None:
    make_bank(3)
    client.post(reverse("results:drill"), {"domain": "1", "task_statement": "1.1", "length": length})
    assert Attempt.objects.get().item_count == 3


def test_open_sessions_are_listed_to_go_on_with(client: Client, candidate: User) -> None:
    make_bank(3)
    client.post(reverse("results:drill"), {"domain": "1", "task_statement": "1.1", "length": "2"})
    text = client.get(reverse("results:study")).content.decode()
    assert reverse("exams:attempt", args=[Attempt.objects.get().pk]) in text


def test_opening_a_start_starts_nothing(client: Client, candidate: User) -> None:
    for name in ("results:study_start", "results:drill"):
        assert client.get(reverse(name))["Location"] == reverse("results:study")


def test_what_was_missed_a_moment_ago_is_on_the_page(client: Client, candidate: User) -> None:
    bank = make_bank(2)["1.1"]
    make_sighted_attempt(candidate, bank, answers={1: "a", 2: "b"})
    text = client.get(reverse("results:study")).content.decode()
    assert "1 wrong last time, 0 flagged, 0 right by a lucky guess." in text
    assert "2 questions to see again today" in text


@pytest.mark.parametrize("sittings", [1, 3])
def test_the_page_s_queries_do_not_grow(
    client: Client, candidate: User, sittings: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    bank = make_bank(3)["1.1"]
    for _ in range(sittings):
        make_sighted_attempt(candidate, bank, answers={1: "a", 2: "b"})
    client.get(reverse("results:study"))
    with django_assert_num_queries(13):
        client.get(reverse("results:study"))
