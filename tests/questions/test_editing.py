"""Saving a question: versions, conflicts, corrected keys, and all that hangs on a version."""

import datetime as dt
from dataclasses import replace

import pytest

from questions import drafts, editing
from questions.formats import Option
from questions.models import Collection, KeyCorrection, Listing, Pool, Question, QuestionVersion, Status
from tests.bank.making import make_collection, make_draft, put
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def own() -> Collection:
    return make_collection("own", None)


def test_what_was_saved_is_read_as_it_was_written(own: Collection, now: dt.datetime) -> None:
    question = editing.add(own, make_draft("q1"), None, now)
    version = QuestionVersion.objects.select_related("question", "task_statement").get()
    assert drafts.draft(version) == make_draft("q1")
    assert (question.status, version.number, version.source) == (Status.DRAFT, 1, "form")


def test_pools_and_list_follow_a_save(own: Collection, now: dt.datetime) -> None:
    first = put(own, "q1", Status.PUBLISHED)
    moved = make_draft("q1", task_statement="2.1", level=3)
    version = editing.save(first.question, moved, make_user(), now, first.pk)
    assert version is not None
    assert version.number == 2
    pool = Pool.objects.get(size=1)
    assert (pool.task_statement.code, pool.level_3) == ("2.1", 1)
    listed = Listing.objects.get()
    assert (listed.task_statement.code, listed.level) == ("2.1", 3)


def test_the_order_of_shuffled_options_is_no_change(own: Collection, now: dt.datetime) -> None:
    first = put(own, "q1")
    draft = make_draft("q1")
    turned = replace(draft, options=draft.options[::-1])
    assert editing.save(first.question, turned, None, now, first.pk) is None
    assert QuestionVersion.objects.count() == 1


def test_of_two_who_save_the_second_is_told(own: Collection, now: dt.datetime) -> None:
    first = put(own, "q1")
    second = editing.save(first.question, make_draft("q1", level=1), None, now, first.pk)
    with pytest.raises(editing.ConflictError) as told:
        editing.save(first.question, make_draft("q1", level=3), None, now, first.pk)
    assert told.value.current == second
    assert QuestionVersion.objects.count() == 2


def test_another_key_needs_a_reason_and_is_remembered(own: Collection, now: dt.datetime) -> None:
    first = put(own, "q1")
    a, b, c = make_draft("q1").options
    turned = make_draft("q1", options=(replace(a, correct=False), replace(b, correct=True), c))
    turned = replace(turned, options=tuple(replace(o, distractor_tag=None) for o in turned.options))
    with pytest.raises(editing.ReasonNeededError):
        editing.save(first.question, turned, None, now, first.pk, reason="  ")
    assert KeyCorrection.objects.count() == 0
    second = editing.save(first.question, turned, None, now, first.pk, reason="It moved.")
    correction = KeyCorrection.objects.get()
    assert (correction.before, correction.after, correction.reason) == (first, second, "It moved.")


def test_nothing_is_written_around_an_error(own: Collection, now: dt.datetime) -> None:
    first = put(own, "q1")
    faulty = make_draft("q1", options=(Option("a", "Same", True), Option("b", "same.", False)))
    with pytest.raises(editing.FaultyError) as told:
        editing.save(first.question, faulty, None, now, first.pk)
    assert [problem.field for problem in told.value.problems] == ["options[1].text"]
    assert Question.objects.get().current_version == first


def test_a_name_is_made_where_there_is_none_and_a_taken_one_refused(
    own: Collection, now: dt.datetime
) -> None:
    names = [editing.add(own, make_draft("", stem=stem), None, now).external_id for stem in ("A?", "A?")]
    assert names[1] == f"{names[0]}-2"
    with pytest.raises(editing.FaultyError):
        editing.add(own, make_draft(names[0]), None, now)
