"""Uploading over HTTP: who may, what is shown, and that a preview becomes an import once."""

import json
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from exam_sim.accounts.models import User
from exam_sim.bank.question_page import named
from questions import certifications
from questions.formats import Draft, Option, templates
from questions.models import Collection, Import, KeyCorrection, Preview, Question, QuestionVersion, Status
from tests.bank.making import make_instructor, put
from tests.factories import make_attempt, make_certification, make_profile, make_user
from tests.questions.builders import content, options, question

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own")]
FIXTURES = settings.BASE_DIR / "fixtures" / "mls-c01"
GIFT = """\
// [id:g-1] [tag:task_statement:1.1]
::One:: Which store keeps objects? {=Object store #It does. ~Block store ~File store}

::Two:: Which colours? {=Red =Green ~Grey}

::Why:: Say why. {}
"""


def send(client: Client, body: str | bytes, name: str = "bank.gift", **fields: Any) -> Any:
    file = SimpleUploadedFile(name, body.encode() if isinstance(body, str) else body)
    data = {"file": file, "collection": "own", "status": "draft", "format": ""} | fields
    return client.post(reverse("bank:upload"), data)


def uploaded(client: Client, body: str | bytes, name: str = "bank.gift", **fields: Any) -> Preview:
    response = send(client, body, name, **fields)
    preview = Preview.objects.latest("created_at")
    assert (response.status_code, response["Location"]) == (302, reverse("bank:preview", args=[preview.pk]))
    return preview


def post(client: Client, name: str, preview: Preview, position: Any = None, **data: Any) -> Any:
    arguments = [preview.pk] if position is None else [preview.pk, position]
    return client.post(reverse(f"bank:{name}", args=arguments), data)


def outcomes(preview: Preview) -> list[str]:
    return list(preview.entries.order_by("position").values_list("outcome", flat=True))


def test_an_upload_writes_nothing_until_it_is_applied(desk: Client) -> None:
    preview = uploaded(desk, content(question("q-1"), question("q-2")), "bank.json")
    assert (outcomes(preview), Question.objects.count()) == (["new", "new"], 0)
    page = desk.get(reverse("bank:preview", args=[preview.pk]))
    assert (page.status_code, "Stem of q-1. What next?" in page.text) == (200, True)
    response = post(desk, "apply", preview)
    done = Import.objects.get()
    assert response["Location"] == reverse("bank:import", args=[done.pk])
    assert list(Question.objects.order_by("external_id").values_list("external_id", "status")) == [
        ("q-1", "draft"),
        ("q-2", "draft"),
    ]
    assert (done.by, done.file_name, done.counts) == (
        User.objects.get(email="instructor@example.org"),
        "bank.json",
        {"read": 2, "new": 2, "changed": 0, "unchanged": 0, "skipped": 0, "rejected": 0},
    )


def test_a_double_click_on_apply_imports_once(desk: Client) -> None:
    preview = uploaded(desk, content(question("q-1")), "bank.json")
    first, second = post(desk, "apply", preview), post(desk, "apply", preview)
    assert (first["Location"], Import.objects.count()) == (second["Location"], 1)


def test_pasted_text_is_read_like_a_file(desk: Client) -> None:
    response = send(desk, "", file="", text=GIFT)
    assert (response.status_code, outcomes(Preview.objects.get())) == (302, ["new", "problem", "skipped"])


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"file": ""}, "Choose a file, or paste text below."),
        ({"text": "something"}, "Choose a file or paste text: not both."),
        ({"collection": "mls-c01"}, "Select a valid choice. mls-c01 is not one of the available choices."),
        ({"collection": "+new"}, "Give the new collection a title."),
        ({"collection": "+new", "title": "!"}, "Use at least one letter or digit in the title."),
        ({"status": "retired"}, "Select a valid choice. retired is not one of the available choices."),
    ],
)
def test_what_cannot_be_taken_says_why(desk: Client, fields: dict[str, str], error: str) -> None:
    response = send(desk, GIFT, **fields)
    assert (response.status_code, error in response.text, Preview.objects.count()) == (200, True, 0)


def test_too_many_waiting_uploads_say_what_to_do_first(desk: Client) -> None:
    for _ in range(20):
        uploaded(desk, content(question("q-1")), "bank.json")
    fields = {"collection": "+new", "title": "Another", "certification": "mls-c01"}
    response = send(desk, content(question("q-1")), "bank.json", **fields)
    assert "Apply or discard an upload first: 20 of yours are waiting." in response.text
    assert (Preview.objects.count(), Collection.objects.filter(title="Another").exists()) == (20, False)


def test_a_new_collection_is_owned_by_who_uploads(desk: Client, instructor: User) -> None:
    fields = {"collection": "+new", "title": "Own", "certification": "mls-c01"}
    preview = uploaded(desk, GIFT, **fields)
    made = preview.collection
    assert (made.slug, made.title, made.owner, made.certification_id) == (
        "own-2",
        "Own",
        instructor,
        "mls-c01",
    )


def test_a_collection_may_be_called_new(desk: Client) -> None:
    uploaded(desk, GIFT, collection="+new", title="New", certification="mls-c01")
    preview = uploaded(desk, GIFT, collection="new")
    assert (preview.collection_id, Collection.objects.filter(pk__startswith="new").count()) == ("new", 1)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("mend", {"path-nothing": "x"}),
        ("mend", {"path-options[99].text": "x"}),
        ("mend", {"kind": "essay"}),
        ("settle", {"reading": "0-7"}),
        ("settle", {"reading": "7-0"}),
        ("settle", {"reading": "0--1"}),
        ("decide", {"decision": "both"}),
    ],
)
def test_what_no_form_of_ours_sends_is_not_there(desk: Client, name: str, data: dict[str, str]) -> None:
    preview = uploaded(desk, GIFT)
    assert post(desk, name, preview, 1, **data).status_code == 404
    assert outcomes(preview) == ["new", "problem", "skipped"]


def test_nul_is_dropped_from_whatever_is_typed(desk: Client) -> None:
    preview = uploaded(desk, GIFT)
    assert post(desk, "tag", preview, task_statement="1.2\0", all="1").status_code == 302
    assert post(desk, "mend", preview, 0, task_statement="2\0.1", **{"path-stem": "A\0?"}).status_code == 302
    entries = preview.entries.exclude(draft=None).order_by("position")
    assert list(entries.values_list("task_statement", "draft__stem")) == [
        ("2.1", "A?"),
        ("1.2", "Which colours?"),
    ]


def test_only_a_task_statement_of_the_certification_can_be_set(desk: Client) -> None:
    preview = uploaded(desk, GIFT)
    assert post(desk, "tag", preview, task_statement="9.9", all="1").status_code == 404


def test_columns_mean_only_what_there_is(desk: Client) -> None:
    preview = uploaded(desk, b"Frage,Antwort,Rest\nWas?,Das,x\n", "a.csv")
    data = {"header": ["Frage", "Antwort\0", "Rest"], "column-0": "stem", "column-1": "key", "column-2": "\0"}
    assert post(desk, "read_again", preview, **data).status_code == 302
    preview.refresh_from_db()
    assert preview.columns == {"Frage": "stem", "Antwort": "key"}


def test_each_problem_stands_at_its_question_with_line_text_and_advice(desk: Client) -> None:
    preview = uploaded(desk, GIFT)
    page = desk.get(reverse("bank:preview", args=[preview.pk]), {"show": "problem"})
    assert [card.where for card in page.context["page"].cards] == ["line 4"]
    first = page.context["page"].cards[0].problems[0]
    assert (first.severity, first.where, first.text, first.readings) == (
        "error",
        "line 4",
        "Red, Green",
        ["All 2 are needed: Red, Green", "Only the first is correct: Red"],
    )
    assert (first.advice in page.text, "Leave out the 1 with errors" in page.text) == (True, True)


def test_an_ambiguous_key_is_settled_by_taking_a_reading(desk: Client) -> None:
    preview = uploaded(desk, GIFT)
    post(desk, "settle", preview, 1, reading="0-0")
    entry = preview.entries.get(position=1)
    assert entry.draft is not None
    assert (entry.outcome, entry.draft["kind"], [o["correct"] for o in entry.draft["options"]]) == (
        "new",
        "multiple_response",
        [True, True, False],
    )
    assert post(desk, "settle", preview, 1, reading="7-7").status_code == 404


def test_a_field_is_mended_in_place(desk: Client) -> None:
    preview = uploaded(
        desk, content(question("q-1", stem="See [this](https://example.org). What?")), "b.json"
    )
    assert outcomes(preview) == ["problem"]
    response = post(desk, "mend", preview, 0, kind="multiple_choice", **{"path-stem": "What is it?"})
    entry = preview.entries.get()
    assert entry.draft is not None
    assert (response["Location"], entry.outcome, entry.draft["stem"]) == (
        reverse("bank:preview", args=[preview.pk]) + "#entry-1",
        "new",
        "What is it?",
    )


def test_task_statements_are_set_for_one_for_those_ticked_and_for_all(desk: Client) -> None:
    body = "\n\n".join(f"Q{n}? {{=A{n} ~B{n}}}" for n in range(4))
    preview = uploaded(desk, body)
    post(desk, "mend", preview, 0, task_statement="2.1")
    post(desk, "tag", preview, task_statement="1.2", entry=["1"])
    post(desk, "tag", preview, task_statement="1.1", all="1")
    assert list(preview.entries.order_by("position").values_list("task_statement", flat=True)) == [
        "2.1",
        "1.2",
        "1.1",
        "1.1",
    ]


def test_with_errors_nothing_is_applied_unless_they_are_left_out(desk: Client) -> None:
    preview = uploaded(desk, GIFT)
    post(desk, "apply", preview)
    assert (Import.objects.count(), Question.objects.count()) == (0, 0)
    post(desk, "preview_options", preview, leave_out="on", status="trial")
    post(desk, "apply", preview)
    assert list(Question.objects.values_list("external_id", "status")) == [("g-1", "trial")]
    assert Import.objects.get().counts == {
        "read": 3,
        "new": 1,
        "changed": 0,
        "unchanged": 0,
        "skipped": 1,
        "rejected": 1,
    }


def test_what_has_errors_can_be_downloaded_to_be_mended(desk: Client) -> None:
    preview = uploaded(desk, GIFT)
    response = desk.get(reverse("bank:rejected", args=[preview.pk]))
    assert response["Content-Disposition"] == 'attachment; filename="bank-to-mend.gift"'
    assert "::Two:: Which colours? {=Red =Green ~Grey}" in response.text
    again = uploaded(desk, response.content)
    assert outcomes(again) == ["problem"]


def test_a_question_that_changed_meanwhile_stops_the_import(desk: Client, own: Collection) -> None:
    preview = uploaded(desk, content(question("q-1")), "bank.json")
    put(own, "q-1")
    response = post(desk, "apply", preview)
    assert response["Location"] == reverse("bank:preview", args=[preview.pk])
    assert (Import.objects.count(), QuestionVersion.objects.count(), outcomes(preview)) == (0, 1, ["changed"])


def test_another_question_under_the_same_id_has_to_be_decided(desk: Client, own: Collection) -> None:
    put(own, "q-1")
    preview = uploaded(desk, content(question("q-1")), "bank.json")
    page = desk.get(reverse("bank:preview", args=[preview.pk]))
    assert "is another question" in page.text
    post(desk, "apply", preview)
    assert Import.objects.count() == 0
    post(desk, "decide", preview, 0, decision="add")
    post(desk, "apply", preview)
    assert (Question.objects.count(), Import.objects.get().counts["new"]) == (2, 1)


def test_the_same_file_twice_changes_nothing(desk: Client) -> None:
    body = content(question("q-1"), question("q-2"))
    post(desk, "apply", uploaded(desk, body, "bank.json"))
    again = uploaded(desk, body, "bank.json")
    assert outcomes(again) == ["unchanged", "unchanged"]
    post(desk, "apply", again)
    assert QuestionVersion.objects.count() == 2


def test_other_keys_ask_for_a_reason_that_reviews_say(desk: Client) -> None:
    post(desk, "apply", uploaded(desk, content(question("q-1")), "bank.json"))
    old = QuestionVersion.objects.get()
    make_attempt(make_user(), [old])
    preview = uploaded(desk, content(question("q-1", options=options("abcd", key="b"))), "bank.json")
    page = desk.get(reverse("bank:preview", args=[preview.pk]))
    assert ("Why another key is right" in page.text, "1 closed attempt had this question" in page.text) == (
        True,
        True,
    )
    post(desk, "apply", preview)
    assert (Import.objects.count(), KeyCorrection.objects.count()) == (1, 0)
    post(desk, "apply", preview, reason="Option b holds since spring.")
    new = QuestionVersion.objects.get(number=2)
    assert list(KeyCorrection.objects.values_list("before", "after", "reason")) == [
        (old.pk, new.pk, "Option b holds since spring.")
    ]
    desk.post(reverse("bank:import_undo", args=[preview.pk]))
    assert (KeyCorrection.objects.count(), Question.objects.get().current_version) == (0, old)


def test_what_an_earlier_upload_had_and_this_one_lacks_is_named(desk: Client) -> None:
    post(desk, "apply", uploaded(desk, content(question("q-1"), question("q-2")), "bank.json"))
    preview = uploaded(desk, content(question("q-1")), "bank.json")
    page = desk.get(reverse("bank:preview", args=[preview.pk]))
    assert (page.context["page"].absent, "1 question of an earlier upload is absent" in page.text) == (
        ["q-2"],
        True,
    )


def test_the_page_says_what_it_does_to_each_exam(desk: Client, own: Collection) -> None:
    make_profile().collections.add(own)
    preview = uploaded(desk, content(question("q-1")), "bank.json")
    page = desk.get(reverse("bank:preview", args=[preview.pk]))
    assert [e.sentence for e in page.context["page"].effects] == ["unchanged: drafts are not served"]
    post(desk, "preview_options", preview, status="published")
    page = desk.get(reverse("bank:preview", args=[preview.pk]))
    assert [e.sentence for e in page.context["page"].effects] == [
        "still 38 short in domain 1 and 26 short in domain 2"
    ]


def test_headers_that_nobody_knows_are_asked_for_once(desk: Client) -> None:
    table = "Wie?,Gut,Schlecht,Loesung,1.1\nWhat is it?,This,That,A,x\n"
    preview = uploaded(desk, table, "fragen.csv", format="csv")
    assert preview.state == "unusable"
    page = desk.get(reverse("bank:preview", args=[preview.pk]))
    unknown = page.context["headers"].unknown
    fields = {"Wie?": "stem", "Gut": "options[0].text", "Schlecht": "options[1].text", "Loesung": "key"}
    data = {f"column-{n}": fields.get(header, "") for n, header in enumerate(unknown)}
    post(desk, "read_again", preview, header=list(unknown), format="csv", **data)
    assert outcomes(preview) == ["new"]
    assert outcomes(uploaded(desk, table, "fragen.csv", format="csv")) == ["new"]


def test_another_encoding_is_offered_and_taken(desk: Client) -> None:
    body = "Welche Größe? {=Die größte ~Die kleinste}".encode("cp1252")
    preview = uploaded(desk, body)
    page = desk.get(reverse("bank:preview", args=[preview.pk]))
    assert preview.state == "unusable"
    assert "cp1252" in dict(page.context["encodings"])
    post(desk, "read_again", preview, encoding="cp1252", format="gift")
    entry = preview.entries.get()
    assert entry.draft is not None
    assert entry.draft["stem"] == "Welche Größe?"


def test_every_encoding_that_is_offered_is_taken(desk: Client) -> None:
    preview = uploaded(desk, "Welche Größe? {=Die größte ~Die kleinste}".encode("mac_roman"))
    page = desk.get(reverse("bank:preview", args=[preview.pk]))
    offered = list(dict(page.context["encodings"]))
    answers = [post(desk, "read_again", preview, encoding=name).status_code for name in offered]
    assert ("mac_roman" in offered, answers) == (True, [302] * len(offered))


def test_each_question_that_waits_leads_to_the_next(desk: Client) -> None:
    open_, settled = question("q-1", task_statement=""), question("q-2")
    preview = uploaded(
        desk, content(settled, open_, settled | {"id": "q-3"}, open_ | {"id": "q-4"}), "bank.json"
    )
    page = desk.get(reverse("bank:preview", args=[preview.pk])).context["page"]
    assert (page.first_open, [card.next for card in page.cards]) == ("#entry-2", ["", "#entry-4", "", ""])


def test_where_nothing_would_change_there_is_nothing_to_import(desk: Client) -> None:
    file = content(question("q-1"))
    post(desk, "apply", uploaded(desk, file, "bank.json"))
    page = desk.get(reverse("bank:preview", args=[uploaded(desk, file, "bank.json").pk]))
    assert ("There is nothing to import: the bank has it already." in page.text, "Import 0" in page.text) == (
        True,
        False,
    )


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("options", "options"),
        ("options[1].text", "option B"),
        ("options[1].rationale", "rationale of option B"),
        ("options[7].text", "option 8"),
        ("exhibits[0].file", "figure 1"),
        ("exhibits[0].alt", "alt of figure 1"),
        ("task_statement", "task statement"),
    ],
)
def test_a_problem_names_its_field_as_people_do(path: str, name: str) -> None:
    draft = Draft("multiple_choice", "", (Option("a", "", correct=True), Option("b", "", correct=False)))
    assert named(path, draft) == name


def test_the_four_templates_hold_the_same_three_questions(desk: Client) -> None:
    certifications.load(FIXTURES / "certification.yaml")
    found = {}
    for slug in templates.TEMPLATES:
        file = desk.get(reverse("bank:template", args=[slug]))
        name = file["Content-Disposition"].partition('filename="')[2].rstrip('"')
        preview = uploaded(desk, file.content, name)
        found[name] = outcomes(preview)
    assert (len(found), {tuple(each) for each in found.values()}) == (4, {("new", "new", "new")})
    assert desk.get(reverse("bank:template", args=["gift"])).status_code == 404


def test_imports_are_listed_and_undone(desk: Client) -> None:
    preview = uploaded(desk, content(question("q-1")), "bank.json")
    post(desk, "apply", preview)
    done = Import.objects.get()
    assert "bank.json" in desk.get(reverse("bank:imports")).text
    assert desk.get(reverse("bank:import", args=[done.pk])).status_code == 200
    response = desk.post(reverse("bank:import_undo", args=[done.pk]), follow=True)
    assert ("1 deleted" in response.text, Question.objects.count()) == (True, 0)


def test_a_preview_is_private_to_its_uploader(desk: Client, client: Client) -> None:
    preview = uploaded(desk, content(question("q-1")), "bank.json")
    client.force_login(make_instructor("other@example.org"))
    statuses = [
        client.get(reverse(f"bank:{name}", args=[preview.pk])).status_code for name in ("preview", "rejected")
    ]
    statuses += [
        post(client, name, preview).status_code
        for name in ("apply", "discard", "tag", "preview_options", "read_again")
    ]
    statuses += [post(client, name, preview, 0).status_code for name in ("mend", "settle", "decide")]
    assert statuses == [404] * 10


def test_a_candidate_has_no_such_pages(client: Client) -> None:
    make_certification()
    client.force_login(make_user())
    assert [client.get(reverse(f"bank:{name}")).status_code for name in ("upload", "imports", "export")] == [
        404
    ] * 3


def test_somebody_elses_import_is_not_there(desk: Client, client: Client) -> None:
    post(desk, "apply", uploaded(desk, content(question("q-1")), "bank.json"))
    done = Import.objects.get()
    client.force_login(make_instructor("other@example.org"))
    assert client.get(reverse("bank:import", args=[done.pk])).status_code == 404
    assert client.post(reverse("bank:import_undo", args=[done.pk])).status_code == 404
    assert Question.objects.get().status == Status.DRAFT


def test_an_upload_can_be_discarded(desk: Client) -> None:
    preview = uploaded(desk, content(question("q-1")), "bank.json")
    post(desk, "discard", preview)
    assert (Preview.objects.count(), Question.objects.count()) == (0, 0)


@pytest.mark.parametrize("count", [1, 3])
def test_a_preview_takes_as_many_queries_for_one_question_as_for_three(
    desk: Client, own: Collection, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_profile().collections.add(own)
    for n in range(count):
        put(own, f"q-{n}")
    body = content(*(question(f"q-{n}") for n in range(count)), *(question(f"r-{n}") for n in range(count)))
    preview = uploaded(desk, body, "bank.json")
    url = reverse("bank:preview", args=[preview.pk])
    with django_assert_num_queries(23):
        assert desk.get(url).status_code == 200


def test_with_htmx_the_region_comes_alone_and_moves_are_told(desk: Client) -> None:
    preview = uploaded(desk, content(question("q-1")), "bank.json")
    headers = {"HX-Request": "true"}
    url = reverse("bank:preview", args=[preview.pk])
    part = desk.get(url, headers=headers)
    assert ("<html" in part.text, "HX-Request" in part["Vary"]) == (False, True)
    moved = desk.post(reverse("bank:apply", args=[preview.pk]), headers=headers)
    assert (moved.status_code, moved["HX-Redirect"]) == (
        204,
        reverse("bank:import", args=[Import.objects.get().pk]),
    )


def test_a_file_that_nobody_can_read_says_so(desk: Client) -> None:
    preview = uploaded(desk, b"PK\x03\x04 broken off", "bank.zip")
    page = desk.get(reverse("bank:preview", args=[preview.pk]))
    assert (preview.state, page.status_code, "Nothing was written." in page.text) == ("unusable", 200, True)


def test_an_exchange_file_for_another_certification_says_so(desk: Client) -> None:
    body = json.dumps({"format": 1, "certification": "other", "questions": [question("q-1")]})
    preview = uploaded(desk, body, "bank.json")
    page = desk.get(reverse("bank:preview", args=[preview.pk]))
    assert "this one is for mls-c01" in page.text
