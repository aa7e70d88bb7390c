import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Sequence

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from questions.formats import Draft, Entry, Export, Problem, Rejected, Source, xlsx_file
from questions.formats.templates import template
from tests.questions.formats.made_up import odd_drafts

TEMPLATE = template("xlsx")[1]
EASY = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
HEADER = ["Question", "Option A", "Option B", "Option C", "Answer"]


def read(content: bytes) -> list[Entry | Problem]:
    return list(xlsx_file.read(Source("bank.xlsx", content)))


def workbook(*rows: Sequence[object], change: Callable[[openpyxl.Workbook], object] | None = None) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    if change is not None:
        change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def with_part(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The package with one of its parts changed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for member in old.namelist():
            part = old.read(member)
            new.writestr(member, change(part) if member == name else part)
    return buffer.getvalue()


@EASY
@given(st.lists(odd_drafts(), min_size=1, max_size=2))
def test_what_is_written_reads_back_letter_for_letter(written: list[Draft]) -> None:
    entries = read(xlsx_file.write(Export(written, "mls-c01")))
    assert [entry.draft for entry in entries if isinstance(entry, Entry)] == written


@EASY
@given(st.data())
def test_a_damaged_workbook_never_raises(data: st.DataObject) -> None:
    content = bytearray(TEMPLATE)
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    assert all(isinstance(entry, Entry | Problem) for entry in read(bytes(content)))


@EASY
@given(st.data())
def test_a_workbook_with_damaged_parts_never_raises(data: st.DataObject) -> None:
    part = data.draw(st.sampled_from(["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"]))

    def damage(content: bytes) -> bytes:
        at = data.draw(st.integers(0, len(content) - 1))
        cut = data.draw(st.integers(0, 30))
        return (
            content[:at]
            + data.draw(st.sampled_from([b"", b"<", b">", b'"', b"99999999", b"&x;"]))
            + content[at + cut :]
        )

    found = read(with_part(template("xlsx")[1], part, damage))
    assert all(isinstance(entry, Entry | Problem) for entry in found)


def test_numbers_are_read_as_the_sheet_shows_them_and_rows_without_anything_are_none() -> None:
    (entry,) = read(workbook(HEADER, ["Q?", 1.0, 0.25, True, 2.0], [None] * 5, ["", " "]))
    assert isinstance(entry, Entry)
    assert entry.draft is not None
    assert [(o.text, o.correct) for o in entry.draft.options] == [
        ("1", False),
        ("0.25", True),
        ("True", False),
    ]


def test_all_sheets_with_a_header_are_read_and_the_others_named() -> None:
    def change(book: openpyxl.Workbook) -> None:
        more = book.create_sheet("More")
        more.append(["Notes at the top"])
        more.append(HEADER)
        more.append(["R?", "x", "y", "z", "C"])
        book.create_sheet("Readme").append(["Dear colleague"])
        book.create_sheet("Empty")

    problem, first, second = read(workbook(HEADER, ["Q?", "x", "y", "z", "A"], change=change))
    assert isinstance(problem, Problem)
    assert (problem.severity, problem.item, problem.row) == ("warning", "Readme", 1)
    assert isinstance(first, Entry)
    assert isinstance(second, Entry)
    assert [(e.place.item, e.place.row, e.place.path) for e in (first, second)] == [
        ("Sheet", 2, "questions[0]"),
        ("More", 3, "questions[1]"),
    ]


def _formula(book: openpyxl.Workbook) -> None:
    book.worksheets[0]["B3"] = "=1+1"


def _merge(book: openpyxl.Workbook) -> None:
    book.worksheets[0].merge_cells("B3:C3")


def _percent(book: openpyxl.Workbook) -> None:
    book.worksheets[0]["B3"] = 0.5
    book.worksheets[0]["B3"].number_format = "0%"


@pytest.mark.parametrize(
    ("row", "change", "column", "field", "advice"),
    [
        (
            ["Q?", dt.date(2026, 2, 1), "y", "z", "A"],
            None,
            "Option A",
            "options[0].text",
            "made a date of it",
        ),
        (["Q?", "x", "y", "z", dt.datetime(2026, 3, 1)], None, "Answer", "options", "what the key means"),  # noqa: DTZ001
        (["Q?", "x", "y", "z", 1.2], None, "Answer", "options", "what the key means"),
        (["Q?", "x", "y", "z", 12], None, "Answer", "options", "what the key means"),
        (["Q?", "x", "y", "z", "#REF!"], None, "Answer", "options", "the error of a formula"),
        (["Q?", "x", "y", "z", "A"], _merge, "Option A", "options[0].text", "Unmerge the cells"),
        (["Q?", "x", "y", "z", "A"], _percent, "Option A", "options[0].text", "Format the cell as text"),
        ([dt.time(12, 30), "x", "y", "z", "A"], None, "Question", "stem", "made a date of it"),
    ],
)
def test_what_a_spreadsheet_made_of_a_cell_is_said_with_row_column_and_field(
    row: list[object],
    change: Callable[[openpyxl.Workbook], object] | None,
    column: str,
    field: str,
    advice: str,
) -> None:
    entries = read(workbook(HEADER, ["P?", "x", "y", "z", "A"], row, change=change))
    problems = [problem for entry in entries if isinstance(entry, Entry) for problem in entry.problems]
    assert [(p.row, p.column, p.field) for p in problems][:1] == [(3, column, f"questions[1].{field}")]
    assert advice in problems[0].advice


def test_a_formula_without_a_result_is_an_error_and_one_with_a_result_is_its_result() -> None:
    content = workbook(HEADER, ["P?", "x", "y", "z", "A"], ["Q?", "x", "y", "z", "A"], change=_formula)
    entry = read(content)[1]
    assert isinstance(entry, Entry)
    assert [(p.row, p.column, p.field) for p in entry.problems] == [
        (3, "Option A", "questions[1].options[0].text")
    ]

    def result(part: bytes) -> bytes:
        return re.sub(rb"(<f>1\+1</f>)<v ?/?>(?:</v>)?", rb"\1<v>2</v>", part)

    calculated = read(with_part(content, "xl/worksheets/sheet1.xml", result))[1]
    assert isinstance(calculated, Entry)
    assert calculated.draft is not None
    assert [option.text for option in calculated.draft.options] == ["2", "y", "z"]


@pytest.mark.parametrize(
    "text", [b'<!DOCTYPE x [<!ENTITY a "b">]>', b"\xff\xfe", b'<?xml version="1.0" encoding="utf-16"?>']
)
def test_entities_and_other_encodings_are_refused_before_the_library_sees_them(text: bytes) -> None:
    content = with_part(workbook(HEADER), "xl/worksheets/sheet1.xml", lambda part: text + part)
    (problem,) = read(content)
    assert isinstance(problem, Problem)
    assert "xl/worksheets/sheet1.xml" in problem.advice


def test_rejected_rows_are_given_back_in_a_workbook_with_their_problems() -> None:
    source = Source("bank.xlsx", workbook(HEADER, ["P?", "x", "y", "z", "A"], ["Q?", "x", "y", "z", "F"]))
    bad = [e for e in xlsx_file.read(source) if isinstance(e, Entry) and e.problems]
    back = xlsx_file.give_back(source, [Rejected(entry.raw, entry.problems) for entry in bad])
    sheet = openpyxl.load_workbook(io.BytesIO(back)).worksheets[0]
    assert [list(row) for row in sheet.iter_rows(values_only=True)] == [
        [*HEADER, "Problems"],
        [
            *("Q?", "x", "y", "z", "F"),
            "Answer: Name options that exist, such as A, C: the question has the options A to C.",
        ],
    ]
    (entry,) = read(back)
    assert isinstance(entry, Entry)
    assert len(entry.problems) == 1


def test_one_long_text_in_thousands_of_cells_is_not_read_to_its_end() -> None:
    row = b'<row r="%d">' + b'<c t="s"><v>0</v></c>' * 4 + b"</row>"
    rows = b"".join(row % number for number in range(2, 302))
    main = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    declared = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{main}.sharedStrings+xml"/></Types>'
    content = with_part(
        workbook(HEADER),
        "xl/worksheets/sheet1.xml",
        lambda part: part.replace(b"</row>", b"</row>" + rows),
    )
    content = with_part(
        content, "[Content_Types].xml", lambda part: part.replace(b"</Types>", declared.encode())
    )
    buffer = io.BytesIO(content)
    with zipfile.ZipFile(buffer, "a") as package:
        space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        text = "long " * 6_000
        package.writestr("xl/sharedStrings.xml", f'<sst xmlns="{space}"><si><t>{text}</t></si></sst>')
    found = read(buffer.getvalue())
    assert sum(isinstance(entry, Entry) for entry in found) == 249
    assert [entry.advice for entry in found if isinstance(entry, Problem)] == [
        "Split the workbook: 30,000,000 characters in a sheet are the most that is read."
    ]
