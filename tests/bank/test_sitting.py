import pytest
from django.test import Client
from django.urls import reverse

from exam_sim.accounts.models import User
from exam_sim.exams.models import Attempt, Mode
from questions.models import Collection, Question, QuestionVersion
from tests.factories import make_certification, make_user, make_version

pytestmark = pytest.mark.django_db
URL = "/bank/sit"


@pytest.fixture
def theirs() -> QuestionVersion:
    """A question of somebody else's collection."""
    owner = make_user("other@example.org")
    collection = Collection.objects.create(
        slug="theirs", title="Theirs", certification=make_certification(), owner=owner
    )
    version = make_version()
    Question.objects.filter(pk=version.question_id).update(collection=collection)
    return version


def sit(client: Client, *versions: QuestionVersion, **fields: str) -> str:
    """Where a selection leads to."""
    ids = [str(version.question_id) for version in versions]
    response = client.post(URL, {"question": ids, **fields})
    assert response.status_code == 302
    return response["Location"]


def test_what_is_ticked_is_sat_as_far_as_it_may_be_seen(
    client: Client, instructor: User, theirs: QuestionVersion
) -> None:
    ticked, _ = make_version(), make_version()
    client.force_login(instructor)
    location = sit(client, ticked, theirs)
    attempt = Attempt.objects.get()
    assert location == reverse("exams:attempt", args=[attempt.pk])
    assert (attempt.user, attempt.mode) == (instructor, Mode.PREVIEW)
    assert [item.version for item in attempt.items.all()] == [ticked]
    assert client.get(location).status_code == 200


def test_nothing_ticked_leads_back_to_the_list_with_a_sentence(
    client: Client, instructor: User, theirs: QuestionVersion
) -> None:
    client.force_login(instructor)
    assert sit(client, theirs, status="draft") == reverse("bank:questions") + "?status=draft"
    assert "Select at least one question to sit." in client.get(reverse("bank:questions")).content.decode()
    assert Attempt.objects.count() == 0


def test_for_a_candidate_there_is_nothing_to_sit_here(client: Client) -> None:
    client.force_login(make_user())
    assert client.post(URL).status_code == 404


def test_it_is_started_by_a_form_alone(client: Client, instructor: User) -> None:
    client.force_login(instructor)
    assert client.get(URL).status_code == 405
