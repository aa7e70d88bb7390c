import re

import pytest
from django.test import Client

from questions.models import Collection, Import, Question, Status, StatusChange
from tests.bank.making import make_collection, make_instructor, put
from tests.factories import NOW, make_user, make_version


@pytest.fixture
def client(client: Client) -> Client:
    client.force_login(make_user("admin@example.org", is_staff=True, is_superuser=True))
    return client


@pytest.mark.django_db
@pytest.mark.parametrize(
    "model", ["certification", "taskstatement", "collection", "question", "questionversion", "import"]
)
def test_lists_are_searchable_and_hold_nothing_inline(client: Client, model: str) -> None:
    make_version()
    response = client.get(f"/admin/questions/{model}/?q=a")
    assert response.status_code == 200
    page = response.content.decode()
    assert re.findall(r"<style|\sstyle=|<script(?![^>]*\ssrc=)(?![^>]*application/json)|\son\w+=", page) == []


@pytest.mark.django_db
def test_a_question_shows_its_text_and_its_versions_and_cannot_be_edited_or_removed(client: Client) -> None:
    version = make_version()
    page = f"/admin/questions/question/{version.question_id}"
    assert version.html["stem"] in client.get(f"{page}/change/").content.decode()
    assert client.post(f"{page}/change/", {"status": "retired"}).status_code == 403
    assert client.post(f"{page}/delete/", {"post": "yes"}).status_code == 403
    assert Question.objects.get().status == "published"


@pytest.mark.django_db
def test_an_import_is_looked_at_and_not_changed_by_whom_its_collection_concerns(client: Client) -> None:
    instructor = make_instructor()
    for owner in (instructor, make_user("other@example.org")):
        Import.objects.create(
            collection=make_collection(f"of-{owner.pk}", owner),
            at=NOW,
            file_name=f"{owner.email}.csv",
            format="csv",
            status=Status.DRAFT,
            counts={},
        )
    client.force_login(instructor)
    page = client.get("/admin/questions/import/").text
    assert ("instructor@example.org.csv" in page, "other@example.org.csv" in page) == (True, False)
    own = Import.objects.get(collection__owner=instructor)
    assert client.get(f"/admin/questions/import/{own.pk}/change/").status_code == 200
    assert client.post(f"/admin/questions/import/{own.pk}/change/", {"format": "x"}).status_code == 403
    assert client.post(f"/admin/questions/import/{own.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.django_db
def test_a_version_is_history(client: Client) -> None:
    version = make_version()
    page = f"/admin/questions/questionversion/{version.pk}"
    text = client.get(f"{page}/change/").content.decode()
    assert version.html["options"]["a"] in text
    assert version.key_html["rationales"]["b"] in text
    assert client.post(f"{page}/change/", {"stem": "x"}).status_code == 403
    assert client.post(f"{page}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("action", "status"),
    [
        ("publish", Status.PUBLISHED),
        ("put_on_trial", Status.TRIAL),
        ("make_draft", Status.DRAFT),
        ("retire", Status.RETIRED),
    ],
)
def test_a_status_changes_by_an_action_and_is_logged(client: Client, action: str, status: Status) -> None:
    question = make_version().question
    data = {"action": action, "_selected_action": [str(question.pk)]}
    response = client.post("/admin/questions/question/", data)
    assert response.status_code == 302
    assert Question.objects.get().status == status
    changed = status != Status.PUBLISHED
    assert StatusChange.objects.filter(new=status, by__email="admin@example.org").count() == int(changed)


@pytest.mark.django_db
def test_an_instructor_finds_nothing_of_another_and_moves_only_what_is_theirs(client: Client) -> None:
    user, other = make_instructor(), make_instructor("other@example.org")
    mine = put(make_collection("mine", user), "mine-1")
    theirs = put(make_collection("theirs", other), "their-1")
    shipped = put(Collection.objects.get(pk="mls-c01"), "shipped-1")
    client.force_login(user)
    for model, hidden in (
        ("question", theirs.question_id),
        ("questionversion", theirs.pk),
        ("collection", "theirs"),
    ):
        page = client.get(f"/admin/questions/{model}/").content.decode()
        assert ("their" in page.lower(), "shipped" in page.lower()) == (False, True)
        assert client.get(f"/admin/questions/{model}/{hidden}/change/").status_code == 302
    selected = [mine.question_id, theirs.question_id, shipped.question_id]
    client.post("/admin/questions/question/", {"action": "publish", "_selected_action": selected})
    assert dict(Question.objects.values_list("external_id", "status")) == {
        "mine-1": "published",
        "their-1": "draft",
        "shipped-1": "draft",
    }
