"""Blackboard's tab-delimited text."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questions.formats import Entry, Rejected, Source
from questions.formats.tab_text import give_back, read

PAGE = Path(__file__).parents[3] / "docs" / "formats" / "tab-text.md"


def entries(text: str) -> list[Entry]:
    return [entry for entry in read(Source("bank.txt", text.encode())) if isinstance(entry, Entry)]


def shape(entry: Entry) -> tuple[str, str, list[tuple[str, bool]]]:
    assert entry.draft
    draft = entry.draft
    return draft.kind, draft.stem, [(option.text, option.correct) for option in draft.options]


def problems(text: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.field) for entry in entries(text) for problem in entry.problems]


def test_the_page_of_documentation_imports_as_it_says() -> None:
    [example] = re.findall(r"```text\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert [shape(entry) for entry in entries(example)] == [
        ("multiple_choice", "Which service keeps objects?", [("Amazon S3", True), ("Amazon EC2", False)]),
        (
            "multiple_response",
            "Which **two** keep data? (Choose two)",
            [("Amazon S3", True), ("Amazon RDS", True), ("AWS Lambda", False)],
        ),
        (
            "multiple_choice",
            "An instance profile holds exactly one role.",
            [("True", True), ("False", False)],
        ),
    ]
    assert problems(example) == []


def test_a_code_of_the_exporting_program_is_no_part_of_the_stem() -> None:
    [entry] = entries("MC\t<p>4ad5_0242</p> A &amp; B?\tx\tCorrect\ty\tIncorrect")
    assert shape(entry) == ("multiple_choice", "A & B?", [("x", True), ("y", False)])


def test_angle_brackets_that_are_no_tags_stay() -> None:
    [entry] = entries('MC\tIs a < b?\tList<String>\tcorrect\t"say ""x"""\tincorrect')
    assert shape(entry) == ("multiple_choice", "Is a < b?", [("List<String>", True), ('say "x"', False)])


def test_other_kinds_are_skipped_by_name() -> None:
    assert [entry.skipped for entry in entries("ESS\tQ\tmodel\nnum\tQ\t3\n")] == ["essay", "numerical"]


BROKEN = [
    ("MX\tQ?\tx\tcorrect", "kind"),
    ("Q?\tx\tcorrect\ty\tincorrect", "kind"),
    ("MC\tQ?\tx\tcorrect\ty", "options[1].correct"),
    ("MC\tQ?\tx\tyes\ty\tincorrect", "options[0].correct"),
    ("MA\tQ?\tx\tcorrect\ty\tz", "options[1].correct"),
    ("TF\tQ?\tmaybe", "options"),
    ("MC\tQ?" + "\tx\tcorrect" * 31, "options"),
]


@pytest.mark.parametrize(("text", "field"), BROKEN)
def test_a_broken_file_says_where(text: str, field: str) -> None:
    assert problems(f"TF\tQ?\ttrue\n\n{text}\n")[0] == (3, f"questions[1].{field}")


def test_rejected_questions_come_back_with_their_problems_and_mended_they_import() -> None:
    text = "TF\tQ?\tmaybe"
    [entry] = entries(text)
    back = give_back(Source("bank.txt", text.encode()), [Rejected(entry.raw, entry.problems)]).decode()
    assert back == (
        f"//! error, options: Write true or false into the field behind the stem. Here: maybe\n{text}\n"
    )
    assert problems(back) == [(2, "questions[0].options")]
    assert problems(back.replace("\tmaybe", "\ttrue")) == []


CELLS = st.sampled_from(["MC", "MA", "TF", "\t", "\n", "correct", "incorrect", "x", '"', "<b>", "true", "\\"])


@given(st.lists(CELLS, max_size=30))
def test_no_cells_make_reading_fail(cells: list[str]) -> None:
    list(read(Source("bank.txt", "".join(cells).encode())))


@settings(max_examples=50)
@given(st.binary(max_size=200))
def test_no_bytes_make_reading_fail(content: bytes) -> None:
    list(read(Source("bank.txt", content)))
