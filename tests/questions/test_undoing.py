import datetime as dt

import pytest

from exam_sim.accounts.models import Action, AuditEntry
from exam_sim.exams import previews as sat
from questions import previewing, undoing
from questions.models import Import, KeyCorrection, Preview, Question, QuestionVersion
from questions.undoing import Undone
from tests.factories import NOW, make_attempt, make_user
from tests.questions.builders import options, question
from tests.questions.uploads import instructor, stems, upload

LATER = NOW + dt.timedelta(hours=1)

pytestmark = pytest.mark.django_db


def bring_in(*ids: str, now: dt.datetime = NOW, **fields: object) -> Import:
    preview = upload(*[question(id_, **fields) for id_ in ids], status="published")
    return previewing.apply(preview.pk, instructor(), now)


def version(id_: str) -> QuestionVersion:
    found = Question.objects.select_related("current_version").get(external_id=id_).current_version
    assert found is not None
    return found


def ranks() -> list[tuple[str, int | None]]:
    return list(Question.objects.order_by("external_id").values_list("external_id", "rank"))


def test_new_questions_go_and_changed_ones_say_what_they_said_before() -> None:
    bring_in("q-1", "q-2")
    done = bring_in("q-1", "q-3", stem="Reworded. What next?", task_statement="2.1")
    assert undoing.undo(done.pk, instructor(), LATER) == Undone(deleted=1, restored=1)
    assert stems() == {"q-1": "Stem of q-1. What next?", "q-2": "Stem of q-2. What next?"}
    assert Question.objects.get(external_id="q-1").task_statement.code == "1.1"
    assert sorted(rank for _, rank in ranks() if rank is not None) == [0, 1]
    assert list(Question.objects.values_list("listing__task_statement__code", flat=True)) == ["1.1", "1.1"]
    done.refresh_from_db()
    assert (done.undone_at, done.undone_by) == (LATER, instructor())


def test_key_corrections_that_go_with_an_import_stay_in_the_audit_log() -> None:
    bring_in("q-1", "q-2")
    before = version("q-1")
    done = bring_in("q-1", options=options("abcd", key="b"))
    bring_in("q-2", stem="Reworded. What next?")
    correction = KeyCorrection.objects.get()
    undoing.undo(done.pk, instructor(), LATER)
    assert not KeyCorrection.objects.exists()
    told = {
        "question_id": str(before.question_id),
        "before_id": str(before.pk),
        "after_id": str(correction.after_id),
        "reason": correction.reason,
    }
    assert list(AuditEntry.objects.values_list("at", "actor", "action", "object", "before", "after")) == [
        (LATER, instructor().pk, Action.KEYS_RESTORED, f"import:{done.pk}", {"corrections": [told]}, None)
    ]


def test_an_import_is_undone_once() -> None:
    done = bring_in("q-1")
    undoing.undo(done.pk, instructor(), LATER)
    bring_in("q-1", now=LATER)
    assert undoing.undo(done.pk, None, LATER + dt.timedelta(days=1)) == Undone(already=True)
    assert list(stems()) == ["q-1"]


def test_what_somebody_has_sat_is_retired_and_what_was_only_looked_at_goes() -> None:
    done = bring_in("q-1", "q-2")
    make_attempt(make_user(), [version("q-1")])
    sat.start(instructor(), Question.objects.filter(external_id="q-2"), NOW)
    assert undoing.undo(done.pk, instructor(), LATER) == Undone(deleted=1, retired=1)
    assert list(Question.objects.values_list("external_id", "status", "rank")) == [("q-1", "retired", None)]


def test_what_was_changed_since_is_left_and_named() -> None:
    first = bring_in("q-1", "q-2")
    bring_in("q-1", level=3, now=LATER)
    undone = undoing.undo(first.pk, instructor(), LATER)
    assert undone == Undone(deleted=1, left=("q-1",))
    assert str(undone) == (
        "The import is undone: 1 deleted. Left as they are, because they were changed since: q-1."
    )
    assert version("q-1").level == 3


def test_after_an_undo_the_same_file_can_come_again() -> None:
    bring_in("q-1")
    done = bring_in("q-1", level=3)
    undoing.undo(done.pk, instructor(), LATER)
    assert version("q-1").number == 1
    bring_in("q-1", level=3, now=LATER)
    assert (version("q-1").number, version("q-1").level) == (3, 3)


def test_a_preview_that_was_held_against_what_is_gone_is_renewed() -> None:
    done = bring_in("q-1")
    preview = upload(question("q-1", level=3))
    undoing.undo(done.pk, instructor(), LATER)
    with pytest.raises(previewing.OutdatedError):
        previewing.apply(preview.pk, instructor(), LATER)
    assert list(Preview.objects.get(pk=preview.pk).entries.values_list("outcome", "external_id")) == [
        ("new", "q-1")
    ]
