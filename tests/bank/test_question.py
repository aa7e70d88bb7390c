"""A question's page: all that its authors may know, and what became of it."""

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from exam_sim.accounts.models import User
from exam_sim.exams.models import State
from questions import editing, statuses
from questions.models import Asset, Collection, Question, Status, StatusChange
from tests.bank.making import make_collection, make_draft, make_instructor, put
from tests.factories import NOW, make_attempt, make_user

pytestmark = pytest.mark.django_db


def rewrite(question: Question, times: int) -> None:
    for n in range(times):
        current = Question.objects.get(pk=question.pk).current_version_id
        assert current is not None
        draft = make_draft(question.external_id, explanation=f"Explained {n} times.")
        editing.save(question, draft, None, NOW, current)


def test_key_rationales_tags_and_log_are_shown(desk: Client, own: Collection, instructor: User) -> None:
    version = put(own, "q1")
    statuses.change([version.question_id], Status.TRIAL, by=instructor, now=NOW)
    page = desk.get(f"/bank/questions/{version.question_id}/").content.decode()
    for text in (
        "It encrypts.",
        "wrong setting",
        "Only <strong>encryption</strong> encrypts.",
        'href="https://docs.example.org/guide"',
        "Amazon S3",
        "served only in unscored places",
        "draft to trial, instructor@example.org",
        "In no attempt yet.",
    ):
        assert text in page


def test_versions_stand_newest_first_with_what_they_changed(desk: Client, own: Collection) -> None:
    question = put(own, "q1").question
    rewrite(question, 2)
    response = desk.get(f"/bank/questions/{question.pk}/")
    editions = response.context["page"].editions
    assert [
        (edition.version.number, edition.changes and [c.label for c in edition.changes])
        for edition in editions
    ] == [(3, ["Explanation"]), (2, ["Explanation"]), (1, None)]
    page = response.content.decode()
    assert '<ins><span class="visually-hidden"> [added: </span>1 ' in page


def test_attempts_of_candidates_are_counted_by_state_and_version(desk: Client, own: Collection) -> None:
    version = put(own, "q1")
    for n, state in enumerate((State.CLOSED, State.CLOSED, State.OPEN)):
        make_attempt(make_user(f"c{n}@example.org"), [version], state=state)
    page = desk.get(f"/bank/questions/{version.question_id}/").content.decode()
    assert "Attempts: 2 closed, 1 open, 0 discarded." in page
    assert "2 closed attempts" in page


def test_a_status_changes_here_too_and_is_taken_back(desk: Client, own: Collection) -> None:
    version = put(own, "q1")
    data = {"question": version.question_id, "back": "question", "to": "published"}
    response = desk.post("/bank/questions/status", data, follow=True)
    batch = StatusChange.objects.get().batch
    assert response.redirect_chain == [(f"/bank/questions/{version.question_id}/?changed={batch}", 302)]
    assert "1 question moved to published." in response.content.decode()
    undo = f"/bank/questions/status/{batch}/undo"
    back = desk.post(undo, {"question": version.question_id, "back": "question"})
    assert back["Location"] == f"/bank/questions/{version.question_id}/"
    assert Question.objects.get().status == "draft"


def test_figures_are_there_for_those_who_may_see_the_question(desk: Client, own: Collection) -> None:
    version = put(own, "q1")
    other = put(make_collection("theirs", make_instructor("o@example.org")), "q2")
    asset = Asset.objects.create(sha256="ab" * 32, media_type="image/png", content=b"picture")
    asset.versions.set([version, other])
    answer = desk.get(f"/bank/questions/{version.question_id}/exhibits/{asset.pk}")
    assert (answer.content, answer["Content-Type"]) == (b"picture", "image/png")
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    for question, sha256 in ((other.question_id, asset.pk), (version.question_id, "cd" * 32)):
        assert desk.get(f"/bank/questions/{question}/exhibits/{sha256}").status_code == 404


@pytest.mark.parametrize("versions", [1, 3])
def test_query_count(
    desk: Client, own: Collection, versions: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    question = put(own, "q1").question
    rewrite(question, versions - 1)
    with django_assert_num_queries(9):
        desk.get(f"/bank/questions/{question.pk}/")
