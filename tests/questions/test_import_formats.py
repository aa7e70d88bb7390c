"""The command over every format: what it reports, and that nothing is lost on the way."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from questions.classify import Branch, Statement
from questions.formats import Export
from questions.formats.registry import FORMATS, package
from questions.importing import Reading, try_files
from questions.models import Question, QuestionVersion
from tests.factories import NOW, make_certification
from tests.questions.builders import draft, options, question, write

TREE = [Branch("1", "Data engineering", (Statement("1.1", "Create data repositories"),))]
BOTH_WAYS = [slug for slug, format_ in FORMATS.items() if format_.read and format_.write]
NEEDS = "Give the question a task statement: --task-statement CODE is for all that have none."


def run(*arguments: object) -> tuple[int, Any, str]:
    """Exit status, the report, errors."""
    out, err = StringIO(), StringIO()
    status = 0
    try:
        call_command("import_questions", *map(str, arguments), "--report=json", stdout=out, stderr=err)
    except SystemExit as end:
        status = int(end.code or 0)
    return status, json.loads(out.getvalue()) if out.getvalue() else None, err.getvalue()


def counts(**numbers: int) -> dict[str, int]:
    return {"read": 0, "new": 0, "changed": 0, "unchanged": 0, "skipped": 0, "rejected": 0} | numbers


@pytest.mark.django_db
@pytest.mark.parametrize("slug", BOTH_WAYS)
def test_what_a_format_wrote_is_imported_and_the_second_time_changes_nothing(
    slug: str, tmp_path: Path
) -> None:
    make_certification()
    drafts = [draft("q-1"), draft("q-2", stem="Another matter. What now?")]
    name, data = package(Export(drafts, "mls-c01"), slug)
    path = tmp_path / name
    path.write_bytes(data)
    flags = (path, "--format", slug, "--task-statement", "1.1")
    status, report, _ = run(*flags)
    assert (status, report["counts"]) == (0, counts(read=2, new=2))
    before = list(QuestionVersion.objects.values())
    status, report, _ = run(*flags)
    assert (status, report["counts"]) == (0, counts(read=2, unchanged=2))
    assert list(QuestionVersion.objects.values()) == before


@pytest.mark.django_db
def test_what_is_wrong_with_a_probable_edit_is_said_once(tmp_path: Path) -> None:
    make_certification()
    words = "Trains cross quiet valleys while harbours export copper and timber toward distant islands"
    path = tmp_path / "a.txt"
    path.write_text(f"{words}?\nA) Uno\nB) Dos\nANSWER: A\n")
    assert run(path, "--task-statement", "1.1")[0] == 0
    path.write_text(f"{words.replace('copper', 'iron')}?\nA) Uno\nB) Dos\nANSWER: A\n")
    status, report, _ = run(path, "--dry-run", "--similar", "add")
    assert (status, [problem["advice"] for problem in report["problems"]]) == (0, [NEEDS])


@pytest.mark.django_db
def test_a_dry_run_says_the_same_without_a_certification_in_the_database(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("What is one?\nA) Uno\nB) Dos\nANSWER: A\n")
    status, report, err = run(path, "--dry-run")
    assert (status, err) == (0, "")
    assert report == {
        "questions": [
            {
                "id": report["questions"][0]["id"],
                "kind": "multiple_choice",
                "stem": "What is one?",
                "options": [
                    {"id": "a", "text": "Uno", "correct": True},
                    {"id": "b", "text": "Dos", "correct": False},
                ],
            }
        ],
        "problems": [
            {
                "severity": "warning",
                "file": str(path),
                "line": 1,
                "field": "questions[0].task_statement",
                "text": "",
                "advice": NEEDS,
            }
        ],
        "counts": counts(read=1, new=1),
    }
    make_certification()
    assert run(path, "--dry-run")[1] == report
    status, report, _ = run(path)
    assert (status, report["counts"], [p["severity"] for p in report["problems"]]) == (
        1,
        counts(read=1, rejected=1),
        ["error"],
    )


@pytest.mark.django_db
def test_only_what_was_asked_for_is_written_past_an_error(tmp_path: Path) -> None:
    make_certification()
    path = write(tmp_path, question("q-1"), question("q-2", options=options("abcd", "ab")))
    status, report, _ = run(path)
    assert (status, report["counts"]) == (1, counts(read=2, new=1, rejected=1))
    assert (Question.objects.count(), report["problems"][0]["readings"][0]) == (
        0,
        "Make it a multiple response",
    )
    status, report, _ = run(path, "--skip-invalid")
    assert (status, report["counts"]) == (1, counts(read=2, new=1, rejected=1))
    assert [q["id"] for q in report["questions"]] == list(
        Question.objects.values_list("external_id", flat=True)
    )


@pytest.mark.django_db
def test_what_nobody_may_guess_needs_an_option(tmp_path: Path) -> None:
    make_certification()
    run(write(tmp_path, question("q-1")))
    strange = question(
        "q-1",
        stem="Trains cross quiet valleys?",
        options=[{"id": x, "text": f"{x}{x} copper", "correct": x == "a"} for x in "abcd"],
    )
    path = write(tmp_path, strange)
    status, report, _ = run(path)
    assert (status, report["counts"], report["problems"][0]["field"]) == (
        1,
        counts(read=1, rejected=1),
        "questions[0].id",
    )
    assert run(path, "--same-id", "add")[1]["counts"] == counts(read=1, new=1)
    assert run(path, "--same-id", "replace")[1]["counts"] == counts(read=1, changed=1)


@pytest.mark.django_db
def test_a_file_in_which_nothing_can_be_read_is_unusable(tmp_path: Path) -> None:
    make_certification()
    path = tmp_path / "a.gift"
    path.write_bytes(b"\xff\xff\x81")
    status, report, _ = run(path)
    assert (status, report["counts"], report["questions"]) == (2, counts(), [])
    assert report["problems"] != []


GOOD = "What is {0}?\nA) Uno {0}\nB) Dos {0}\nANSWER: A\n"
PIECES = st.sampled_from(
    [
        "::{0}:: What is {0}? {{=Uno {0} ~Dos}}\n",
        "// [id:g-1] \n::{0}:: Which of {0}? {{=Uno ~Dos ~Tres}}\n",
        "Explain {0}. {{}}\n",
        "True of {0}? {{T}}\n",
        "Several of {0}? {{=a =b ~c}}\n",
        "Broken {0}? {{=a ~b\n",
        "No key {0}? {{~a ~b}}\n",
        "Match {0} {{=a -> b =c -> d}}\n",
        "Just words about {0}.\n",
        "Twice {0}? {{=a ~a}}\n",
    ]
)


@settings(max_examples=60)
@given(st.lists(PIECES, max_size=8))
def test_every_question_of_a_file_is_counted_once(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str]
) -> None:
    path = tmp_path_factory.mktemp("mixture") / "a.gift"
    path.write_text("\n".join(piece.format(f"part {n}") for n, piece in enumerate(pieces)))
    report = try_files([path], tree=TREE, certification=None, now=NOW, reading=Reading(format="gift"))
    numbers = dict(report.counts)
    assert numbers.pop("read") == sum(numbers.values())
    assert len(list(report.drafts())) == numbers["new"]
