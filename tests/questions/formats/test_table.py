"""Tables in the layouts that people have, and tables that are broken."""

from typing import Any

import pytest

from questions.formats import Draft, Entry, Files, NoFiles, Problem, Source, csv_file
from questions.formats.table import Headers, headers

UDEMY = (
    "Question,Question Type,Answer Option 1,Explanation 1,Answer Option 2,Explanation 2,Answer Option 3,"
    "Explanation 3,Answer Option 4,Explanation 4,Answer Option 5,Explanation 5,Answer Option 6,Explanation 6,"
    "Correct Answers,Overall Explanation,Domain"
)
SHORT = "question,option_a,option_b,option_c,answer"


def read(text: str, files: Files | None = None, **fields: Any) -> list[Entry | Problem]:
    return list(csv_file.read(Source("bank.csv", text.encode(), files or NoFiles(), **fields)))


def draft(text: str, **fields: Any) -> Draft:
    """The draft of a table with one question and nothing wrong."""
    (entry,) = read(text, **fields)
    assert isinstance(entry, Entry)
    assert entry.problems == ()
    assert entry.draft is not None
    return entry.draft


def key(found: Draft) -> str:
    return "".join(option.id for option in found.options if option.correct)


def test_udemys_columns_are_read() -> None:
    found = draft(f'{UDEMY}\n"Which?",multi-select,S3,why a,Glue,why b,EMR,,,,,,,,"1,3",Because.,Data\n')
    assert (found.stem, found.kind, key(found)) == ("Which?", "multiple_response", "ac")
    assert [(option.text, option.rationale) for option in found.options] == [
        ("S3", "why a"),
        ("Glue", "why b"),
        ("EMR", ""),
    ]
    assert (found.explanation, found.labels, found.id) == ("Because.", ("Data",), "")
    assert found.unstated == {
        *("id", "task_statement", "level", "testing_point", "references", "services", "enemies", "exhibits"),
        *("calculation", "shuffle", "verified_on", "distractor_tag", "fixed"),
    }


@pytest.mark.parametrize(
    ("table", "kind", "correct"),
    [
        (
            "Question,Type,Answer Option 1,Answer Option 2,Correct Response\nQ?,multiple-choice,x,y,2\n",
            "multiple_choice",
            "b",
        ),
        (
            'question_text,option_a,option_b,option_c,correct_answer,type\nQ?,x,y,z,"A,C",multiple\n',
            "multiple_response",
            "ac",
        ),
        ("question,option_1,option_2,option_3,option_4,answer\nQ?,x,y,z,w,3\n", "multiple_choice", "c"),
        ("question;choices;answer\nQ?;x|y|z;AC\n", "multiple_response", "ac"),
        ('question,choices,answer\nQ?,x;y;z,"ACB"\n', "multiple_response", "abc"),
        (
            "question,is_multi,choice_1,choice_1_is_correct,choice_2,choice_2_is_correct\nQ?,FALSE,x,0,y,1\n",
            "multiple_choice",
            "b",
        ),
        (
            'question,options\nQ?,"[{""text"": ""x"", ""correct"": 1}, {""text"": ""y"", ""correct"": 0}]"\n',
            "multiple_choice",
            "a",
        ),
        ('question,options,answer\nQ?,"{""A"": ""x"", ""B"": ""y""}",y\n', "multiple_choice", "b"),
        ("Question\tA\tB\tAnswer\nQ?\tx\ty\tB\n", "multiple_choice", "b"),
        ("\ufeffQuestion,A,B,Answer\r\nQ?,x,y,B\r\n\r\n", "multiple_choice", "b"),
        ("Question,A,B,Answer\rQ?,x,y,B\r,,,\r", "multiple_choice", "b"),
    ],
)
def test_other_layouts_are_read(table: str, kind: str, correct: str) -> None:
    found = draft(table)
    assert (found.stem, found.kind, key(found)) == ("Q?", kind, correct)


def test_true_or_false_is_a_multiple_choice_that_is_not_shuffled() -> None:
    found = draft("question,type,option_a,option_b,answer\nQ?,True/False,,,F\n")
    assert [(option.text, option.correct) for option in found.options] == [("True", False), ("False", True)]
    assert found.shuffle is False


def test_columns_of_our_own_are_read() -> None:
    header = f"{SHORT},id,task_statement,level,services,references,verified_on,shuffle,tags,explanation_b"
    row = 'Q?,x,y,z,B,q-1,Task 1.10: Repositories,3,S3; Glue,Guide https://e.org,2026-11-20,no,"a, b",why'
    found = draft(f"{header}\n{row}\n")
    assert (found.id, found.task_statement, found.level, found.shuffle) == ("q-1", "1.10", 3, False)
    assert found.services == ("S3", "Glue")
    assert [(reference.title, reference.url) for reference in found.references] == [
        ("Guide", "https://e.org")
    ]
    assert str(found.verified_on) == "2026-11-20"
    assert found.labels == ("a", "b")
    assert found.options[1].rationale == "why"


def test_a_kind_that_we_have_not_is_skipped_by_its_name() -> None:
    (entry,) = read(f"{SHORT},type\nQ?,,,,,Essay\n")
    assert isinstance(entry, Entry)
    assert (entry.skipped, entry.draft, entry.problems) == ("Essay", None, ())


def test_headers_that_nobody_knows_are_named_and_can_be_mapped() -> None:
    table = "Frage,Antwort 1,Antwort 2,Richtig\nQ?,x,y,B\n"
    (problem,) = read(table)
    assert isinstance(problem, Problem)
    assert (problem.row, problem.text) == (1, "Frage, Antwort 1, Antwort 2, Richtig")
    assert problem.advice == (
        "Say which columns hold the question and the options and the correct answers: "
        "these headers are not known."
    )
    mapping = {
        "Frage": "stem",
        "Antwort 1": "options[0].text",
        "Antwort 2": "options[1].text",
        "Richtig": "key",
    }
    found = headers(Source("bank.csv", table.encode()))
    assert found == Headers(
        {}, tuple(mapping), ("the question", "the options", "the correct answers"), found.hash
    )
    assert headers(Source("bank.csv", table.encode(), columns=mapping)).missing == ()
    assert key(draft(table, columns=mapping)) == "b"


def test_a_column_that_nobody_knows_is_named_and_left_out() -> None:
    problem, entry = read("question,A,B,answer,Colour\nQ?,x,y,B,red\n")
    assert isinstance(problem, Problem)
    assert (problem.severity, problem.row, problem.column, problem.text) == ("warning", 1, "Colour", "Colour")
    assert isinstance(entry, Entry)
    assert entry.problems == ()


def test_options_of_udemy_are_html_and_a_word_in_angle_brackets_stays() -> None:
    found = draft(f"{UDEMY}\nQ?,multiple-choice,List<String>,,a &lt; b,,<b>x</b> y,,,,,,,,1,,\n")
    assert [option.text for option in found.options] == ["List<String>", "a < b", "**x** y"]


def test_a_figure_is_taken_from_the_files_that_came_along() -> None:
    class Folder:
        def names(self) -> list[str]:
            return ["images/f.png"]

        def read(self, name: str) -> bytes | None:
            return b"png" if name == "images/f.png" else None

    (entry,) = read(f"{SHORT},image,image_alt\nQ?,x,y,z,A,f.png,A plot\n", Folder())
    assert isinstance(entry, Entry)
    assert entry.draft is not None
    assert entry.figures == {"f.png": b"png"}
    assert [(exhibit.file, exhibit.alt) for exhibit in entry.draft.exhibits] == [("f.png", "A plot")]


@pytest.mark.parametrize(
    ("table", "row", "column", "field", "text"),
    [
        (f"{SHORT}\nQ?,x,y,z,1.2\n", 2, "answer", "questions[0].options", "1.2"),
        (f"{SHORT}\nQ?,x,y,z,A\n\nQ?,x,y,z,F\n", 4, "answer", "questions[1].options", "F"),
        (f"{SHORT},type\nQ?,x,y,z,A,singel choice\n", 2, "type", "questions[0].kind", "singel choice"),
        (f"{SHORT},level\nQ?,x,y,z,A,hard\n", 2, "level", "questions[0].level", "hard"),
        (
            f"{SHORT},verified_on\nQ?,x,y,z,A,11/20/2026\n",
            2,
            "verified_on",
            "questions[0].verified_on",
            "11/20/2026",
        ),
        (f"{SHORT},shuffle\nQ?,x,y,z,A,perhaps\n", 2, "shuffle", "questions[0].shuffle", "perhaps"),
        (
            f"{SHORT},references\nQ?,x,y,z,A,The guide\n",
            2,
            "references",
            "questions[0].references",
            "The guide",
        ),
        ('question,options,answer\nQ?,"[""x"", ",A\n', 2, "options", "questions[0].options", '["x",'),
        (f"{SHORT}\nQ?,x,y\x07,z,A\n", 2, "option_b", "questions[0].options[1].text", "y\\x07"),
        (
            "question,choice_a,choice_a_is_correct,choice_b,choice_b_is_correct\nQ?,x,maybe,y,1\n",
            2,
            "choice_a_is_correct",
            "questions[0].options[0].correct",
            "maybe",
        ),
        (f"{SHORT},explanation_d\nQ?,x,y,z,A,why\n", 2, "explanation_d", "questions[0].options", "why"),
    ],
)
def test_what_is_wrong_is_said_with_row_column_and_field(
    table: str, row: int, column: str, field: str, text: str
) -> None:
    problems = [problem for entry in read(table) if isinstance(entry, Entry) for problem in entry.problems]
    found = [(p.row, p.column, p.field, p.text) for p in problems if p.severity == "error"]
    assert found[:1] == [(row, column, field, text)]


@pytest.mark.parametrize(
    ("table", "row", "line", "text"),
    [
        (f"{SHORT}\nQ?,x,y,z,A\nQ?,x,y,z\n", 3, 3, "z"),
        (f'{SHORT}\n"Two\nlines?",x,y,z,A\nQ?,x,y,z,A,B\n', 3, 4, "B"),
        (f'{SHORT}\nQ?,"x,y,z,A\nR?,x,y,z,A\n', 2, 2, '"x,y,z,A'),
        (f'{SHORT}\n"Say "hi" now?",x,y,z,A\nR?,x,y,z,A\n', 2, 2, '"Say "hi" now?",x,y,z,A'),
    ],
)
def test_a_row_that_is_out_of_shape_is_rejected_with_row_and_line_and_the_others_are_read(
    table: str, row: int, line: int, text: str
) -> None:
    rejected = [entry for entry in read(table) if isinstance(entry, Entry) and entry.draft is None]
    assert [(p.row, p.line, p.text) for entry in rejected for p in entry.problems] == [(row, line, text)]
    assert sum(isinstance(entry, Entry) and entry.draft is not None for entry in read(table)) == 1


def test_another_encoding_is_named_and_offered() -> None:
    content = f"{SHORT}\nQ\u00fc?,x,y,z,A\n".encode("cp1252")
    (problem,) = csv_file.read(Source("bank.csv", content))
    assert isinstance(problem, Problem)
    assert problem.line == 2
    assert {"encoding": "cp1252"} in [dict(reading.changes) for reading in problem.readings]
    (entry,) = csv_file.read(Source("bank.csv", content, encoding="cp1252"))
    assert isinstance(entry, Entry)
    assert entry.draft is not None
    assert entry.draft.stem == "Q\u00fc?"
