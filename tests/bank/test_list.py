"""The list of questions: what is found, who sees it, and what can be done with many at once."""

import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from exam_sim.accounts import roles
from exam_sim.accounts.models import Role, User
from questions import statuses
from questions.formats import Option
from questions.models import Collection, Question, Status, StatusChange
from tests.bank.making import make_collection, make_instructor, put
from tests.factories import NOW, make_certification, make_user

pytestmark = pytest.mark.django_db
URL = "/bank/"
TRANSACTION = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT")


def shown(client: Client, **query: str) -> list[str]:
    response = client.get(URL, query)
    assert response.status_code == 200
    return [row.external_id for row in response.context["page"].rows]


def test_for_everybody_else_the_bank_is_not_there(client: Client) -> None:
    assert client.get(URL).status_code == 302
    client.force_login(make_user())
    statuses = [
        client.get(URL).status_code,
        client.post(f"{URL}questions/status").status_code,
        client.post(f"{URL}questions/status/{uuid.uuid4()}/undo").status_code,
    ]
    assert statuses == [404, 404, 404]


def test_own_and_shipped_questions_are_listed_and_nobody_elses(desk: Client, own: Collection) -> None:
    make_certification()
    put(own, "own-1")
    put(Collection.objects.get(pk="mls-c01"), "shipped-1")
    put(make_collection("theirs", make_instructor("other@example.org")), "their-1")
    assert shown(desk) == ["own-1", "shipped-1"]
    assert shown(desk, collection="theirs") == []
    assert shown(desk, collection="own") == ["own-1"]
    page = desk.get(URL).content.decode()
    assert "Theirs" not in page


def test_an_administrator_sees_everything(client: Client, own: Collection) -> None:
    admin = make_user("admin@example.org")
    roles.grant(admin, Role.ADMINISTRATOR, by=None, now=timezone.now())
    put(own, "own-1")
    client.force_login(admin)
    assert shown(client) == ["own-1"]


def test_each_filter_and_several_at_once(desk: Client, own: Collection) -> None:
    key = (Option("a", "One", True, "r"), Option("b", "Two", True, "r"), Option("c", "Three", False, "r"))
    put(own, "q1", Status.PUBLISHED)
    put(own, "q2", task_statement="2.1", level=3, services=("AWS Glue",))
    put(own, "q10", Status.TRIAL, kind="multiple_response", options=key, references=())
    assert shown(desk) == ["q1", "q2", "q10"]
    assert shown(desk, status="published") == ["q1"]
    assert shown(desk, kind="multiple_response") == ["q10"]
    assert shown(desk, level="3") == ["q2"]
    assert shown(desk, domain="mls-c01/1") == ["q1", "q10"]
    assert shown(desk, task_statement="mls-c01/2.1") == ["q2"]
    assert shown(desk, service="AWS Glue") == ["q2"]
    assert shown(desk, warning="no_reference") == ["q10"]
    assert shown(desk, q="encrypts bucket q2") == ["q2"]
    assert shown(desk, q="lifecy") == ["q1", "q2"]
    assert shown(desk, status="published", level="3") == []
    assert shown(desk, sort="changed", level="2") in (["q1", "q10"], ["q10", "q1"])


def test_a_value_that_nothing_can_have_finds_nothing(desk: Client, own: Collection) -> None:
    put(own, "q1")
    for query in ("status", "kind", "level", "domain", "task_statement", "service", "warning", "collection"):
        assert shown(desk, **{query: "x'\\&"}) == []
    assert shown(desk, q="'\\ & !", page="x") == ["q1"]
    assert "No question matches" in desk.get(URL, {"q": "nowhere"}).content.decode()


def test_twenty_five_a_page_and_links_keep_the_query(desk: Client, own: Collection) -> None:
    for n in range(27):
        put(own, f"q{n}")
    assert shown(desk, q="encrypts", page="2") == ["q25", "q26"]
    page = desk.get(URL, {"q": "encrypts"}).content.decode()
    assert 'href="?q=encrypts&amp;page=2" hx-get="?q=encrypts&amp;page=2"' in page
    assert "27 questions</strong> match" in page


def test_htmx_gets_the_list_alone_and_a_clean_address(desk: Client, own: Collection) -> None:
    put(own, "q1")
    part = desk.get(URL, {"q": "", "status": "draft"}, headers={"HX-Request": "true"})
    assert (part.headers["Vary"].count("HX-Request"), part.headers["HX-Push-Url"]) == (
        1,
        "/bank/?status=draft",
    )
    assert "<html" not in part.content.decode()
    restored = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in desk.get(URL, headers=restored).content.decode()


def test_ticked_questions_change_their_status_and_one_click_takes_it_back(
    desk: Client, own: Collection
) -> None:
    questions = [put(own, f"q{n}").question_id for n in (1, 2, 3)]
    response = desk.post(
        "/bank/questions/status", {"question": questions[:2], "to": "published", "level": "2"}, follow=True
    )
    batch = StatusChange.objects.latest("pk").batch
    assert response.redirect_chain == [(f"/bank/?level=2&changed={batch}", 302)]
    assert "2 questions moved to published." in response.content.decode()
    assert statuses_of(own) == ["published", "published", "draft"]
    undone = desk.post(f"/bank/questions/status/{batch}/undo", {"level": "2"}, follow=True)
    assert "2 put back" in undone.content.decode()
    assert statuses_of(own) == ["draft", "draft", "draft"]
    again = desk.get(f"/bank/?changed={batch}").content.decode()
    assert "moved to published" not in again


def statuses_of(collection: Collection) -> list[str]:
    rows = Question.objects.filter(collection=collection).order_by("external_id")
    return list(rows.values_list("status", flat=True))


def test_all_that_match_change_and_no_others(desk: Client, own: Collection) -> None:
    put(own, "q1", level=1)
    put(own, "q2", level=2)
    desk.post("/bank/questions/status", {"all": "1", "level": "1", "to": "trial"})
    assert statuses_of(own) == ["trial", "draft"]


def test_what_is_not_ones_own_is_left_alone_or_not_there(desk: Client, own: Collection) -> None:
    shipped = Collection.objects.get(pk="mls-c01")
    other = put(shipped, "shipped-1").question_id
    mine = put(own, "q1").question_id
    post = desk.post("/bank/questions/status", {"question": [other, mine], "to": "trial"}, follow=True)
    assert "1 left as they are" in post.content.decode()
    assert (statuses_of(own), statuses_of(shipped)) == (["trial"], ["draft"])
    assert desk.post("/bank/questions/status", {"question": [other], "to": "trial"}).status_code == 404
    assert 'name="to"' not in desk.get(URL, {"collection": "mls-c01"}).content.decode()


def test_nothing_ticked_or_no_status_changes_nothing(desk: Client, own: Collection) -> None:
    question = put(own, "q1").question_id
    for data in ({"to": "trial"}, {"question": [question]}, {"question": ["x"], "to": "trial"}):
        page = desk.post("/bank/questions/status", data, follow=True).content.decode()
        assert "Nothing was changed" in page
    assert statuses_of(own) == ["draft"]


def test_only_who_made_a_change_takes_it_back(desk: Client, own: Collection) -> None:
    put(own, "q1", Status.TRIAL)
    batch = StatusChange.objects.get().batch
    assert desk.post(f"/bank/questions/status/{batch}/undo").status_code == 404


def test_a_change_is_not_taken_back_in_a_collection_that_is_somebody_elses_by_now(
    desk: Client, own: Collection, instructor: User
) -> None:
    version, batch = put(own, "q-1"), uuid.uuid4()
    statuses.change([version.question_id], Status.TRIAL, by=instructor, now=NOW, batch=batch)
    Collection.objects.filter(pk=own.pk).update(owner=make_user("other@example.org"))
    assert desk.post(f"/bank/questions/status/{batch}/undo").status_code == 404
    assert Question.objects.get().status == "trial"


def test_the_way_to_the_bank_is_shown_to_those_who_may_go(client: Client, desk: Client) -> None:
    assert 'href="/bank/"' in desk.get("/").content.decode()
    client.force_login(make_user())
    assert 'href="/bank/"' not in client.get("/").content.decode()


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("query", [{}, {"domain": "mls-c01/1"}, {"q": "encrypts", "service": "Amazon S3"}])
def test_query_count(desk: Client, own: Collection, count: int, query: dict[str, str]) -> None:
    """Session, user, two for permissions; collections, task statements, services; count and rows. Looking up
    words tells PostgreSQL how."""
    for n in range(count):
        put(own, f"q{n}")
    with CaptureQueriesContext(connection) as captured:
        desk.get(URL, query)
    asked = [entry for entry in captured if not entry["sql"].startswith(TRANSACTION)]
    assert len(asked) == 9 + (connection.vendor == "postgresql" and "q" in query)
