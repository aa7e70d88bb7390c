import datetime as dt
import subprocess
import sys
from typing import Any

import pytest

from questions import intake, previewing
from questions.models import (
    Decision,
    Likeness,
    Outcome,
    Preview,
    PreviewState,
    Question,
    QuestionVersion,
    Status,
)
from tests.factories import NOW
from tests.questions.builders import content, options, question
from tests.questions.test_exhibits import svg
from tests.questions.uploads import GIFT, collection, entry, instructor, sorted_into, stems, upload, zipped

LATER = NOW + dt.timedelta(hours=1)
WORDS = "Trains cross quiet valleys while harbours export copper and timber toward distant islands"

pytestmark = pytest.mark.django_db


def apply(preview: Preview, now: dt.datetime = NOW) -> dict[str, int]:
    return previewing.apply(preview.pk, instructor(), now).counts


def other(id_: str) -> dict[str, Any]:
    """A question that has no word in common with those of `question`."""
    texts = [{"id": x, "text": f"{x}{x} copper", "correct": x == "a"} for x in "abcd"]
    return question(id_, stem=WORDS + "?", options=texts)


def test_a_file_is_sorted_by_what_would_become_of_it() -> None:
    apply(upload(question("q-1"), question("q-2")))
    preview = upload(
        question("q-1"),
        question("q-2", level=3),
        question("q-3"),
        question("q-4", options=options("abcd", "ab")),
        other("q-1"),
    )
    assert (preview.state, preview.done) == ("ready", 1.0)
    assert sorted_into(preview) == [
        ("unchanged", "q-1"),
        ("changed", "q-2"),
        ("new", "q-3"),
        ("problem", "q-4"),
        ("problem", "q-1"),
    ]
    assert [problem.advice for problem in previewing.problems(preview)] == [
        "Make exactly one option of a multiple choice correct, not 2.",
        "Give every question an id of its own: q-1 is taken.",
    ]
    assert previewing.ready(preview) == ["2 questions have errors: mend them or leave them out."]
    assert (entry(preview, 2).rendered or {})["html"]["stem"] == "<p>Stem of q-3. What next?</p>"
    assert entry(preview, 2).findings[0]["field"] == "options[0]"


def test_nothing_is_in_the_bank_before_it_is_applied_and_then_everything_once() -> None:
    preview = upload(question("q-1"), question("q-2"), status=Status.TRIAL)
    assert stems() == {}
    done = previewing.apply(preview.pk, instructor(), NOW)
    assert previewing.apply(preview.pk, instructor(), LATER) == done
    assert (done.file_name, done.at, done.by, done.status) == ("bank.json", NOW, instructor(), "trial")
    assert done.counts == {
        "read": 2,
        "new": 2,
        "changed": 0,
        "unchanged": 0,
        "skipped": 0,
        "rejected": 0,
    }
    assert list(Question.objects.values_list("external_id", "status", "rank").order_by("rank")) == [
        ("q-1", "trial", 0),
        ("q-2", "trial", 1),
    ]
    assert {version.source for version in QuestionVersion.objects.all()} == {"bank.json"}


def test_what_has_errors_is_left_out_only_when_that_is_said() -> None:
    preview = upload(question("q-1"), question("q-2", options=options("abcd", "")))
    with pytest.raises(previewing.NotReadyError, match="1 question has errors"):
        apply(preview)
    assert stems() == {}
    previewing.leave_out(preview, True)
    assert (apply(preview)["new"], apply(preview)["rejected"]) == (1, 1)
    assert list(stems()) == ["q-1"]


def test_an_ambiguous_key_is_settled_by_one_of_its_readings() -> None:
    preview = upload(question("q-1", options=options("abcd", "bc")))
    (problem,) = previewing.problems(preview)
    assert [reading.label for reading in problem.readings] == [
        "Make it a multiple response",
        "Keep only B as the key",
        "Keep only C as the key",
    ]
    settled = previewing.settle(entry(preview), 0, 2, NOW)
    assert (settled.outcome, settled.problems) == ("new", [])
    apply(preview)
    assert QuestionVersion.objects.get().key == {"c"}


def test_fields_are_mended_in_place() -> None:
    preview = upload(question("q-1", stem="See [this](https://example.org)?"), question("q-2"))
    mended = previewing.mend(
        entry(preview),
        {
            "stem": "See that?",
            "options[1].text": "Mended",
            "options[1].rationale": "Because.",
            "level": "3",
            "key": ["b"],
            "task_statement": "2.1",
        },
        NOW,
    )
    assert (mended.outcome, mended.problems, mended.task_statement) == ("new", [], "2.1")
    assert previewing.mend(entry(preview), {"id": "q-2"}, NOW).outcome == "new"
    assert entry(preview, 1).outcome == "new"
    with pytest.raises(previewing.UnknownFieldError):
        previewing.mend(entry(preview), {"options[9].text": "x"}, NOW)
    with pytest.raises(previewing.UnknownFieldError):
        previewing.mend(entry(preview), {"place": "x"}, NOW)


def test_a_second_question_with_an_id_is_free_when_the_first_gets_another() -> None:
    preview = upload(question("q-1"), question("q-1", stem="Again. What next?"))
    assert sorted_into(preview) == [("new", "q-1"), ("problem", "q-1")]
    previewing.mend(entry(preview), {"id": "q-0"}, NOW)
    assert sorted_into(preview) == [("new", "q-0"), ("new", "q-1")]


def test_the_same_id_and_another_question_is_to_be_decided() -> None:
    apply(upload(question("q-1")))
    preview = upload(other("q-1"))
    found = entry(preview)
    assert (found.outcome, found.likeness, found.similarity) == ("changed", Likeness.OTHER, 0)
    assert previewing.ready(preview) == ["1 question is like one in the bank: replace it or add a new one."]
    added = previewing.decide(found, Decision.ADD, NOW)
    assert (added.outcome, added.external_id.startswith("q-"), len(added.external_id)) == ("new", True, 14)
    assert previewing.decide(found, Decision.REPLACE, NOW).external_id == "q-1"
    apply(preview)
    assert stems() == {"q-1": WORDS + "?"}


def test_without_ids_the_same_text_is_the_same_question_and_like_text_an_edit() -> None:
    words = WORDS.encode()
    first = b"::A:: " + words + b"? {=yes ~no ~perhaps}"
    preview = upload(name="a.gift", data=first)
    assert previewing.ready(preview) == ["1 question has no task statement: set it."]
    assert (previewing.untagged(preview), previewing.tag(preview, "1.1", now=NOW)) == (1, 1)
    apply(preview)
    (name,) = stems()
    again = upload(name="a.gift", data=first)
    assert sorted_into(again) == [("unchanged", name)]
    turned = upload(name="a.gift", data=b"::A:: " + words + b"? {~perhaps ~no =yes}")
    assert sorted_into(turned) == [("unchanged", name)]
    edited = upload(name="a.gift", data=first.replace(b"copper", b"iron"))
    assert (entry(edited).likeness, entry(edited).outcome, entry(edited).similarity) == (
        "edit",
        "changed",
        92,
    )
    keyed = entry(upload(name="a.gift", data=b"::A:: " + words + b"? {~yes =no ~perhaps}"))
    assert (keyed.outcome, keyed.likeness, keyed.key_changed) == ("changed", "text", True)
    previewing.decide(entry(edited), Decision.ADD, NOW)
    assert previewing.ready(edited) == ["1 question has no task statement: set it."]
    previewing.tag(edited, "1.2", now=NOW)
    assert apply(edited)["new"] == 1
    assert len(stems()) == 2


def test_an_edit_keeps_what_was_said_of_it_and_the_questions_before_it() -> None:
    written = f"// [tag:task_statement:1.1]\n::A:: {WORDS}? {{=yes ~no ~perhaps}}\n".encode()
    apply(upload(name="a.gift", data=written))
    point = b"// [tag:testing_point:Metals] "
    other = point + b"[tag:task_statement:1.1]\n::B:: What else? {=this ~that}\n\n"
    edited = upload(name="a.gift", data=other + point + written[3:].replace(b"copper", b"iron"))
    found = entry(edited, 1)
    assert (found.likeness, [problem["advice"] for problem in found.problems]) == (
        "edit",
        [f"Test something of its own: {entry(edited).external_id} has the same testing point."],
    )


@pytest.mark.parametrize(("name", "data"), [("a.gift", GIFT), ("bank.json", content(question("q-1")))])
def test_the_same_file_twice_changes_nothing(name: str, data: bytes) -> None:
    preview = upload(name=name, data=data)
    previewing.tag(preview, "1.2", now=NOW)
    first = apply(preview)
    assert (first["new"], first["rejected"]) == (first["read"], 0)
    before = list(QuestionVersion.objects.order_by("pk").values())
    again = upload(name=name, data=data)
    assert apply(again, LATER)["unchanged"] == first["read"]
    assert list(QuestionVersion.objects.order_by("pk").values()) == before


def test_what_a_format_cannot_say_stays_as_the_bank_has_it() -> None:
    full = question("g-1", level=3, services=["Amazon S3"], explanation="So.")
    apply(upload(full))
    preview = upload(
        name="a.gift",
        data=b"// [id:g-1]\n" + b"::x:: Stem of g-1. What next? {=Option a ~Option b ~Option c ~Option d}",
    )
    assert sorted_into(preview) == [("unchanged", "g-1")]


def test_figures_are_kept_beside_the_preview_and_go_into_the_bank_with_it() -> None:
    exhibit = {"id": "f", "file": "a.svg", "alt": "A"}
    data = zipped(bank_json=content(question("q-1", exhibits=[exhibit])), exhibits__a_svg=svg())
    preview = upload(name="bank.zip", data=data)
    assert sorted_into(preview) == [("new", "q-1")]
    assert [bytes(figure.content) for figure in preview.figures.all()] == [svg()]
    apply(preview)
    version = QuestionVersion.objects.get()
    assert [bytes(asset.content) for asset in version.assets.all()] == [svg()]
    assert sorted_into(upload(name="bank.zip", data=data)) == [("unchanged", "q-1")]
    missing = upload(question("q-2", exhibits=[exhibit]))
    assert entry(missing).outcome == "problem"


def test_questions_that_an_earlier_upload_had_are_listed_and_left_alone() -> None:
    apply(upload(question("q-1"), question("q-2")))
    apply(upload(question("q-3"), name="other.json"))
    preview = upload(question("q-2"))
    assert previewing.absent(preview) == ["q-1"]
    apply(preview)
    assert list(stems()) == ["q-1", "q-2", "q-3"]


def test_a_bank_that_moved_on_renews_the_preview_and_nothing_is_written() -> None:
    apply(upload(question("q-1"), question("q-2")))
    preview = upload(question("q-1", level=3), question("q-2"), question("q-3"))
    apply(upload(question("q-1", level=1), question("q-3")), LATER)
    before = QuestionVersion.objects.count()
    with pytest.raises(previewing.OutdatedError):
        apply(preview)
    assert QuestionVersion.objects.count() == before
    assert sorted_into(preview) == [("changed", "q-1"), ("unchanged", "q-2"), ("unchanged", "q-3")]
    assert apply(preview) == {
        "read": 3,
        "new": 0,
        "changed": 1,
        "unchanged": 2,
        "skipped": 0,
        "rejected": 0,
    }


def test_a_question_that_is_gone_meanwhile_becomes_a_new_one() -> None:
    apply(upload(question("q-1")))
    preview = upload(question("q-1", level=3))
    stored = Question.objects.get()
    Question.objects.update(current_version=None, pool=None, rank=None)
    stored.versions.all().delete()
    stored.delete()
    with pytest.raises(previewing.OutdatedError):
        apply(preview)
    assert sorted_into(preview) == [("new", "q-1")]
    assert apply(preview)["new"] == 1


def test_task_statements_are_set_for_one_for_some_or_for_all_that_have_none() -> None:
    data = b"\n\n".join(b"::%d:: Question %d about x%d? {=a%d ~b ~c}" % (n, n, n, n) for n in range(4))
    preview = upload(name="a.gift", data=data)
    assert previewing.mend(entry(preview), {"task_statement": "1.1"}, NOW).task_statement == "1.1"
    assert previewing.tag(preview, "1.2", [1], now=NOW) == 1
    assert previewing.tag(preview, "2.1", now=NOW) == 2
    assert list(preview.entries.values_list("task_statement", flat=True)) == ["1.1", "1.2", "2.1", "2.1"]
    assert (previewing.ready(preview), previewing.untagged(preview)) == ([], 0)
    assert entry(preview, 3).problems == []


def test_a_file_without_questions_is_unusable_and_says_so() -> None:
    preview = upload(data=b"\xff\xfe nothing", name="a.json")
    assert (preview.state, preview.entries.count()) == (PreviewState.UNUSABLE, 0)
    assert len(preview.problems) >= 1
    empty = upload()
    assert [problem["advice"] for problem in empty.problems] == [intake.NO_QUESTIONS]
    assert previewing.ready(empty) == ["The file cannot be read."]


def test_the_rejected_come_back_with_their_problems_and_can_be_uploaded_again() -> None:
    preview = upload(question("q-1"), question("q-2", options=options("abcd", "")))
    name, data = previewing.given_back(preview)
    assert name == "bank-to-mend.json"
    assert b"Make exactly one option of a multiple choice correct, not 0." in data
    assert sorted_into(upload(name=name, data=data)) == [("problem", "q-2")]


def test_a_preview_goes_after_a_day() -> None:
    preview = upload(question("q-1"))
    assert previewing.expire(NOW + dt.timedelta(hours=23)) == 0
    assert previewing.expire(NOW + dt.timedelta(hours=24)) == 1
    assert not Preview.objects.filter(pk=preview.pk).exists()


def test_whoever_reads_a_preview_reads_it_alone() -> None:
    preview = previewing.begin(
        instructor(), collection(), file_name="a.json", content=content(question()), now=NOW
    )
    Preview.objects.filter(pk=preview.pk).update(beat=NOW, tries=1)
    previewing.read_in(preview.pk, lambda: NOW + dt.timedelta(seconds=10))
    preview.refresh_from_db()
    assert (preview.state, preview.entries.count()) == ("reading", 0)
    previewing.take_up(preview, NOW + dt.timedelta(seconds=29))
    assert preview.entries.count() == 0
    previewing.read_in(preview.pk, lambda: NOW + dt.timedelta(seconds=31))
    preview.refresh_from_db()
    assert (preview.state, preview.entries.count(), preview.tries) == ("ready", 1, 2)


def test_a_reader_that_was_taken_for_dead_can_write_no_more() -> None:
    preview = previewing.begin(
        instructor(), collection(), file_name="a.json", content=content(question()), now=NOW
    )
    beats = iter(range(100))

    def clock() -> dt.datetime:
        beat = next(beats)
        if beat == 1:
            Preview.objects.filter(pk=preview.pk).update(beat=LATER)
        return NOW + dt.timedelta(seconds=beat)

    previewing.read_in(preview.pk, clock)
    preview.refresh_from_db()
    assert (preview.state, preview.beat, preview.entries.count()) == ("reading", LATER, 0)


def test_a_reader_that_died_twice_leaves_the_preview_unusable() -> None:
    preview = previewing.begin(
        instructor(), collection(), file_name="a.json", content=content(question()), now=NOW
    )
    Preview.objects.filter(pk=preview.pk).update(beat=NOW, tries=2)
    previewing.take_up_all(NOW + dt.timedelta(seconds=31))
    preview.refresh_from_db()
    assert (preview.state, [problem["advice"] for problem in preview.problems]) == (
        "unusable",
        ["Split the file or simplify it: reading it was broken off twice."],
    )


def test_a_file_is_read_again_as_something_else() -> None:
    preview = upload(name="a.gift", data=GIFT, format="aiken")
    previewing.read_as(preview, format="gift", now=NOW)
    previewing.start_reading(preview)
    preview.refresh_from_db()
    assert (preview.state, preview.entries.count()) == ("ready", 2)
    assert {row.outcome for row in preview.entries.all()} == {Outcome.NEW}


def test_a_twenty_first_upload_is_refused_until_one_is_applied_or_discarded() -> None:
    waiting = [upload(question("q-001")) for _ in range(20)]
    with pytest.raises(previewing.TooManyError) as refused:
        upload(question("q-001"))
    assert (str(refused.value), Preview.objects.count()) == (
        "Apply or discard an upload first: 20 of yours are waiting.",
        20,
    )
    waiting[0].delete()
    upload(question("q-001"))
    assert Preview.objects.count() == 20


def test_a_server_runs_three_readers_at_most_and_counts_those_that_live() -> None:
    assert not intake.busy()
    readers = [subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) for _ in range(3)]
    intake._children.extend(readers)
    assert intake.busy()
    readers[0].communicate(b"\n")
    assert not intake.busy()
    for reader in readers[1:]:
        reader.communicate(b"\n")
