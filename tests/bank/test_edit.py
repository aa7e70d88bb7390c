"""Editing: a save makes a version, nothing that was typed is lost, and what is wrong is said at its field."""

from typing import Any

import pytest
from django.test import Client

from exam_sim.accounts.models import User
from exam_sim.bank.edit_form import EditForm
from questions import drafts, editing
from questions.formats import Draft, Option
from questions.models import Collection, KeyCorrection, Question, QuestionVersion
from tests.bank.making import make_collection, make_draft, make_instructor, put
from tests.factories import NOW, make_attempt, make_user

pytestmark = pytest.mark.django_db


def posted(version: QuestionVersion | None = None, **changes: Any) -> dict[str, Any]:
    """The form as a browser posts it: the draft of `making.make_draft`, changed."""
    draft = make_draft() if version is None else drafts.draft(version)
    data: dict[str, Any] = {
        "kind": draft.kind,
        "stem": draft.stem,
        "task_statement": draft.task_statement,
        "level": str(draft.level),
        "testing_point": draft.testing_point,
        "explanation": draft.explanation,
        "references": "\r\n".join(f"{r.title} {r.url}" for r in draft.references),
        "services": "\r\n".join(draft.services),
        "enemies": "",
        "shuffle": "on",
        "verified_on": "2026-03-02",
        "option": [option.id for option in draft.options],
        "action": "save",
    }
    if version is not None:
        data["version"] = str(version.pk)
    for option in draft.options:
        data |= {f"text-{option.id}": option.text, f"rationale-{option.id}": option.rationale}
        data[f"tag-{option.id}"] = option.distractor_tag or ""
        if option.correct:
            data[f"correct-{option.id}"] = "on"
    data |= changes
    return {name: value for name, value in data.items() if value is not None}


def url(version: QuestionVersion, name: str = "edit") -> str:
    return f"/bank/questions/{version.question_id}/{name}"


def test_the_form_holds_every_field_and_says_what_lint_finds(desk: Client, own: Collection) -> None:
    version = put(own, "q1", stem="\nFirst line\nNo question here")
    page = desk.get(url(version)).content.decode()
    assert 'id="stem" name="stem" rows="5"' in page
    assert ">\n\nFirst line\nNo question here</textarea>" in page
    assert "End the stem with one question." in page
    assert f'name="version" value="{version.pk}"' in page


def test_a_save_makes_a_version_and_an_unchanged_one_makes_none(
    desk: Client, own: Collection, instructor: User
) -> None:
    first = put(own, "q1")
    unchanged = desk.post(url(first), posted(first), follow=True)
    assert "Nothing changed: no version was made." in unchanged.content.decode()
    saved = desk.post(url(first), posted(first, stem="Which one is **new**?"), follow=True)
    assert saved.redirect_chain == [(f"/bank/questions/{first.question_id}/", 302)]
    assert "Version 2 saved." in saved.content.decode()
    version = QuestionVersion.objects.get(question=first.question_id, number=2)
    assert (version.stem, version.created_by, version.source) == ("Which one is **new**?", instructor, "form")
    assert version.html["stem"] == "<p>Which one is <strong>new</strong>?</p>"
    assert Question.objects.get().current_version == version


def test_errors_keep_it_from_being_saved_and_stand_at_their_fields(desk: Client, own: Collection) -> None:
    first = put(own, "q1")
    data = posted(first, stem=" ", verified_on="soon", **{"text-b": "", "correct-a": None})
    page = desk.post(url(first), data).content.decode()
    for slot, advice in (
        ("stem", "Write the stem."),
        ("verified_on", "Write the day as in 2026-03-31."),
        ("option-b", "Write the option&#x27;s text."),
    ):
        assert advice in page.split(f'id="problems-{slot}"', 1)[1].split("</div>", 1)[0]
    assert 'value="soon"' in page
    assert QuestionVersion.objects.count() == 1


def test_another_key_needs_a_reason_and_says_how_many_sat_with_the_old_one(
    desk: Client, own: Collection, instructor: User
) -> None:
    first = put(own, "q1")
    make_attempt(make_user(), [first])
    change = {"correct-a": None, "correct-b": "on", "tag-b": "", "tag-a": "wrong_setting"}
    page = desk.post(url(first), posted(first, **change)).content.decode()
    assert "Say why another key is right." in page
    assert "1 closed attempt used the old key" in page
    assert QuestionVersion.objects.count() == 1
    desk.post(url(first), posted(first, reason="The vendor changed it.", **change))
    correction = KeyCorrection.objects.get()
    assert (correction.before, correction.after.number, correction.reason, correction.by) == (
        first,
        2,
        "The vendor changed it.",
        instructor,
    )
    page = desk.get(f"/bank/questions/{first.question_id}/").content.decode()
    assert "The key was corrected on" in page


def test_who_saves_after_somebody_else_loses_nothing_and_sees_what_changed(
    desk: Client, own: Collection
) -> None:
    first = put(own, "q1")
    theirs = editing.save(
        first.question, make_draft("q1", stem="Theirs is this?"), make_user(), NOW, first.pk
    )
    assert theirs is not None
    page = desk.post(url(first), posted(first, stem="Mine is that?")).content.decode()
    assert "somebody was faster" in page
    assert "Theirs" in page
    assert ">\nMine is that?</textarea>" in page
    assert f'name="version" value="{theirs.pk}"' in page
    desk.post(url(first), posted(first, stem="Mine is that?") | {"version": str(theirs.pk)})
    newest = Question.objects.get().current_version
    assert newest is not None
    assert (newest.number, newest.stem) == (3, "Mine is that?")


def test_options_are_added_moved_and_removed_without_a_script(desk: Client, own: Collection) -> None:
    first = put(own, "q1")

    def after(action: str) -> list[str]:
        response = desk.post(url(first), posted(first, action=action))
        return [option.id for option in response.context["page"].form.draft.options]

    assert after("add") == ["a", "b", "c", "d"]
    assert after("up:b") == ["b", "a", "c"]
    assert after("down:b") == ["a", "c", "b"]
    assert after("up:a") == ["a", "b", "c"]
    assert after("remove:b") == ["a", "c"]
    assert after("preview") == ["a", "b", "c"]
    assert QuestionVersion.objects.count() == 1


def test_the_preview_is_rendered_as_it_would_be_saved(desk: Client, own: Collection) -> None:
    first = put(own, "q1")
    data = posted(first, stem="Is `this` <script>alert(1)</script>?")
    part = desk.post(url(first, "render"), data, headers={"HX-Request": "true"}).content.decode()
    assert "Is <code>this</code> &lt;script&gt;" in part
    assert 'id="problems-stem" hx-swap-oob="true"' in part
    assert QuestionVersion.objects.count() == 1


def test_a_question_from_scratch_is_a_draft_with_an_id(desk: Client, own: Collection) -> None:
    assert "Option D" in desk.get("/bank/questions/add").content.decode()
    desk.post("/bank/questions/add", posted(collection="own"))
    question = Question.objects.get()
    assert (question.status, question.external_id[:2], question.collection) == ("draft", "q-", own)
    again = desk.post("/bank/questions/add", posted(collection="own", id=question.external_id))
    assert "Give every question an id of its own" in again.content.decode()
    odd = desk.post("/bank/questions/add", posted(collection="own", id="a b/c"))
    assert "Use letters, digits, dots, dashes and underscores." in odd.content.decode()
    assert Question.objects.count() == 1


def test_what_is_not_ones_own_is_seen_but_not_changed(desk: Client, own: Collection) -> None:
    shipped = put(Collection.objects.get(pk="mls-c01"), "shipped")
    theirs = put(make_collection("theirs", make_instructor("o@example.org")), "theirs")
    page = desk.get(f"/bank/questions/{shipped.question_id}/")
    assert (page.status_code, "Edit</a>" in page.content.decode()) == (200, False)
    assert desk.get(f"/bank/questions/{theirs.question_id}/").status_code == 404
    for version in (shipped, theirs):
        answers = [
            desk.get(url(version)).status_code,
            desk.post(url(version), posted(version)).status_code,
            desk.post(url(version, "render"), posted(version)).status_code,
        ]
        assert answers == [404, 404, 404]
    assert desk.post("/bank/questions/add", posted(collection="mls-c01")).status_code == 404
    assert desk.post("/bank/questions/add/render", posted(collection="mls-c01")).status_code == 404


def test_too_long_a_text_is_refused_before_the_database_does(desk: Client, own: Collection) -> None:
    first = put(own, "q1")
    page = desk.post(url(first), posted(first, testing_point="x" * 401)).content.decode()
    assert "Shorten it: 401 characters, 400 are the most." in page
    many = [f"n{n}" for n in range(40)]
    page = desk.post(url(first), posted(first, option=many)).content.decode()
    assert page.count("<legend>Option") == 26


def test_option_ids_that_nobody_made_do_no_harm(desk: Client, own: Collection) -> None:
    first = put(own, "q1")
    data = posted(first, option=['"><script>', "a", "b"], **{'text-"><script>': "X"})
    page = desk.post(url(first), data).content.decode()
    assert "<script>" not in page.replace("<script type", "").replace("<script src", "")
    assert QuestionVersion.objects.count() == 1


def test_options_may_be_swapped_for_a_new_one(desk: Client, own: Collection) -> None:
    first = put(own, "q1")
    new = {"text-d": "An entirely new one", "rationale-d": "It is new.", "tag-d": ""}
    desk.post(url(first), posted(first, option=["a", "b", "d"], **new))
    version = Question.objects.get().current_version
    assert version is not None
    assert [option["id"] for option in version.options] == ["a", "b", "d"]
    assert drafts.draft(version).options[2] == Option("d", "An entirely new one", False, "It is new.")


def test_bytes_that_no_database_takes_do_no_harm(desk: Client, own: Collection) -> None:
    first = put(own, "q1")
    names = ("stem", "task_statement", "testing_point", "references", "services", "enemies", "tag-b", "level")
    for name in (*names, "kind", "verified_on", "option", "reason"):
        odd = posted(first) | {name: "x\0\ud800y".encode("utf-8", "replace").decode()}
        for address in (url(first), url(first, "render")):
            assert desk.post(address, odd).status_code in {200, 302}
    for name in ("id", "collection", "stem"):
        odd = posted(collection="own") | {name: "x\0y"}
        for address in ("/bank/questions/add", "/bank/questions/add/render"):
            assert desk.post(address, odd).status_code in {200, 302, 404}
    assert (
        desk.get("/bank/", dict.fromkeys(("q", "collection", "domain", "page"), "\0/\0")).status_code == 200
    )


def test_who_has_no_collection_is_shown_the_way_to_one(client: Client) -> None:
    client.force_login(make_instructor())
    page = client.get("/bank/questions/add")
    assert (page.status_code, "You have no collection yet" in page.text) == (200, True)


@pytest.mark.parametrize(
    ("action", "place"),
    [
        ("add", "text-c"),
        ("up:b", "down-b"),
        ("down:a", "up-a"),
        ("remove:a", "remove-b"),
        ("remove:b", "remove-a"),
        ("up:z", ""),
        ("save", ""),
    ],
)
def test_work_goes_on_where_a_button_of_the_form_left_it(action: str, place: str) -> None:
    before = EditForm.of(Draft("multiple_choice", "", (Option("a", "", True), Option("b", "", False))))
    assert before.after(action, before.draft).next_place(before, action) == place


def test_what_kept_a_question_from_being_saved_is_listed_with_its_places(
    desk: Client, own: Collection
) -> None:
    first = put(own, "q1")
    page = desk.post(url(first), posted(first, stem="", **{"text-b": ""})).context["page"]
    assert [(place, name) for place, name, _ in page.faults] == [("stem", "Stem"), ("text-b", "Option B")]
