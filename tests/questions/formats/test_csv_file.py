import csv
import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from questions.formats import Draft, Entry, Export, Option, Problem, Read, Rejected, Source, csv_file
from questions.formats.templates import template
from tests.benchmarks.yardstick import within
from tests.questions.formats.made_up import odd_drafts

EASY = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def read(content: bytes) -> list[Entry | Problem]:
    return list(csv_file.read(Source("bank.csv", content)))


def settled(found: Read | list[Entry | Problem]) -> list[Entry | Problem]:
    """What a reader gave, after a look that it is what a reader may give."""
    entries = list(found)
    assert all(isinstance(entry, Entry | Problem) for entry in entries)
    assert all(e.draft or e.skipped or e.problems for e in entries if isinstance(e, Entry))
    return entries


@EASY
@given(st.lists(odd_drafts(), min_size=1, max_size=3))
def test_what_is_written_reads_back_letter_for_letter(written: list[Draft]) -> None:
    entries = read(csv_file.write(Export(written, "mls-c01")))
    assert [entry.draft for entry in entries if isinstance(entry, Entry)] == written
    assert [str(problem) for entry in entries if isinstance(entry, Entry) for problem in entry.problems] == []


@EASY
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_no_bytes_raise(content: bytes) -> None:
    settled(read(content))
    settled(read(b"question,option_a,option_b,answer\n" + content))


@EASY
@given(st.data())
def test_a_file_with_a_few_bytes_changed_never_raises(data: st.DataObject) -> None:
    content = bytearray(template("csv")[1])
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + 1] = data.draw(
            st.sampled_from([b"", b'"', b",", b"\n", b"\x00", b"\xff", b"<", b"["])
        )
    settled(read(bytes(content)))


def test_udemys_17_columns_come_first_without_byte_order_mark_and_with_crlf() -> None:
    options = (Option("a", "List<String>", True, "why"), Option("b", "Map", False))
    content = csv_file.write(Export([Draft("multiple_choice", "Q?", options)], "mls-c01"))
    header, row, *rest = content.split(b"\r\n")
    assert header.decode() == (
        "Question,Question Type,Answer Option 1,Explanation 1,Answer Option 2,Explanation 2,Answer Option 3,"
        "Explanation 3,Answer Option 4,Explanation 4,Answer Option 5,Explanation 5,Answer Option 6,"
        "Explanation 6,Correct Answers,Overall Explanation,Domain"
    )
    assert row == b"Q?,multiple-choice,List&lt;String>,why,Map,,,,,,,,,,1,,"
    assert rest == [b""]


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "'=1", "-- comment"])
def test_a_formula_is_neutral_in_the_file_and_as_it_was_after_reading(text: str) -> None:
    options = (Option("a", text, True), Option("b", "y", False))
    written = Draft("multiple_choice", text, options, explanation=text)
    content = csv_file.write(Export([written], "mls-c01"))
    cells = list(csv.reader(io.StringIO(content.decode())))[1]
    assert [cell for cell in cells if cell[:1] in {"=", "+", "-", "@"}] == []
    (entry,) = read(content)
    assert isinstance(entry, Entry)
    assert entry.draft == written


def test_rejected_rows_are_given_back_with_their_problems_and_can_be_uploaded_again() -> None:
    source = Source("bank.csv", b"Question;A;B;Answer\nOne?;=x;y;A\nTwo?;x;y;1.2\nThree?;x\n")
    found = [entry for entry in csv_file.read(source) if isinstance(entry, Entry) and entry.problems]
    back = csv_file.give_back(source, [Rejected(entry.raw, entry.problems) for entry in found])
    rows = list(csv.reader(io.StringIO(back.decode())))
    assert rows == [
        ["Question", "A", "B", "Answer", "Problems"],
        [
            *("Two?", "x", "y", "1.2"),
            "Answer: Choose what the key means, or write letters such as A, C: it may have been changed.",
        ],
        ["Three?", "x", "", "", "Complete the row: it has 2 cells, and the header has 4."],
    ]
    mended = back.replace(b"1.2", b"A")
    first = read(mended)[0]
    assert isinstance(first, Entry)
    assert first.problems == ()
    again = csv_file.give_back(Source("b.csv", back), [Rejected(json.dumps(rows[1]), found[0].problems)])
    assert list(csv.reader(io.StringIO(again.decode()))) == rows[:2]


@pytest.mark.parametrize(
    "piece",
    [",", '"', '"a\n', '"""a\n', "\n", "a,", ";", "<b>", "q,a,b,A\n", '"' + "A," * 50, " ", "[", "\t\n"],
)
def test_many_bytes_of_anything_are_read_in_seconds(piece: str) -> None:
    content = b"question,option_a,option_b,answer\n" + (piece * (400_000 // len(piece))).encode()
    with within(8):
        settled(read(content))
