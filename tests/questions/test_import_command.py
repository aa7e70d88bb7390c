import json
import os
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from questions.models import Certification, Collection, Question
from tests.factories import make_certification
from tests.questions.builders import options, question, write

CERTIFICATION = Path(settings.BASE_DIR) / "fixtures" / "mls-c01" / "certification.yaml"

KEY, ENEMY = '"options": [', '"q-009"'


def run(*arguments: object) -> tuple[int, str, str]:
    """Exit status, output, errors."""
    out, err = StringIO(), StringIO()
    try:
        call_command("import_questions", *map(str, arguments), stdout=out, stderr=err)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


@pytest.mark.django_db
def test_a_folder_is_imported_and_the_counts_are_told(tmp_path: Path) -> None:
    make_certification()
    write(tmp_path, question("q-001"), question("q-002"))
    assert run(tmp_path, "--dry-run") == (
        0,
        "Questions read: 2. Of these would be 2 new, 0 changed, 0 unchanged.\n",
        "",
    )
    assert Question.objects.count() == 0
    assert run(tmp_path, "--status", "trial") == (
        0,
        "Questions read: 2. Of these are 2 new, 0 changed, 0 unchanged.\n",
        "",
    )
    assert set(Question.objects.values_list("status", flat=True)) == {"trial"}
    assert run(tmp_path)[1] == "Questions read: 2. Of these are 0 new, 0 changed, 2 unchanged.\n"


@pytest.mark.django_db
def test_problems_are_printed_with_file_line_and_field(tmp_path: Path) -> None:
    make_certification()
    path = write(
        tmp_path, question("q-001", options=options("abcd", "ab")), question("q-002", enemies=["q-009"])
    )
    lines = [line.strip() for line in path.read_text().splitlines()]
    status, out, err = run(path)
    assert (status, out) == (1, "Questions read: 2, errors: 1. Nothing was written.\n")
    assert err == (
        f"{path}:{lines.index(KEY) + 1}: error: questions[0].options: "
        "Make exactly one option of a multiple choice correct, not 2. [Option a | Option b]\n"
        f"{path}:{lines.index(ENEMY) + 1}: warning: questions[1].enemies[0]: "
        "Name a question that exists: q-009 is not known. [q-009]\n"
    )
    assert Question.objects.count() == 0


@pytest.mark.django_db
def test_a_certification_file_is_loaded_first_and_only_with_the_questions(tmp_path: Path) -> None:
    bad = write(tmp_path, question("q-001", level=4), name="bad.json")
    good = write(tmp_path, question("q-001", task_statement="4.4"), name="good.json")
    assert run(bad, "--certification-file", CERTIFICATION)[0] == 1
    assert run(good, "--certification-file", CERTIFICATION, "--dry-run")[0] == 0
    assert Certification.objects.count() == 0
    assert run(good, "--certification-file", CERTIFICATION)[0] == 0
    assert Question.objects.get().collection == Collection.objects.get(slug="mls-c01")


@pytest.mark.django_db
def test_a_command_that_cannot_begin_says_why(tmp_path: Path) -> None:
    path = write(tmp_path, question())
    assert run(path) == (2, "", "Load a certification first.\n")
    assert run(tmp_path / "none") == (2, "", f"There is no file or folder {tmp_path / 'none'}.\n")
    certification = make_certification()
    assert run(path, "--collection", "other") == (2, "", "There is no collection other.\n")
    Collection.objects.create(slug="second", title="Second", certification=certification)
    assert run(path) == (2, "", "Name the collection with --collection.\n")
    (tmp_path / "empty").mkdir()
    assert run(tmp_path / "empty")[0] == 2
    assert run(path, "--certification-file", path)[0] == 2


@pytest.mark.django_db
def test_questions_of_other_kinds_are_named(tmp_path: Path) -> None:
    path = tmp_path / "bank.gift"
    path.write_text("Which?{=this ~that}\n\nWhy?{}\n")
    status, out, _ = run(path, "--dry-run", "--report", "json")
    report = json.loads(out)
    named = [
        (p["severity"], p["line"], p["field"], p["text"]) for p in report["problems"] if "kind" in p["field"]
    ]
    assert (status, report["counts"]["skipped"], named) == (
        0,
        1,
        [("warning", 3, "questions[1].kind", "essay")],
    )


@pytest.mark.django_db
def test_what_is_no_ordinary_file_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    assert run(pipe, "--dry-run") == (2, "", f"{pipe} is no ordinary file.\n")
    status, out, err = run(tmp_path, "--dry-run", "--certification-file", CERTIFICATION)
    assert (status, out) == (2, "Questions read: 0, errors: 1. Nothing was written.\n")
    assert err == f"{pipe}: error: Name a file that can be read: it is no ordinary file.\n"


def test_a_name_that_no_file_can_have_is_told_in_a_sentence() -> None:
    name = "a" * 300
    assert run(name, "--dry-run") == (2, "", f"{name[:200]} cannot be read: File name too long.\n")
