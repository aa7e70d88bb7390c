"""Aiken in and out."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questions.formats import Draft, Entry, Export, Option, Problem, Rejected, Source
from questions.formats.aiken import FORMAT, give_back, read, write
from questions.formats.texts import from_plain

PAGE = Path(__file__).parents[3] / "docs" / "formats" / "aiken.md"


def entries(text: str) -> list[Entry]:
    return [entry for entry in read(Source("bank.txt", text.encode())) if isinstance(entry, Entry)]


def shape(entry: Entry) -> tuple[str, list[tuple[str, bool]]]:
    assert entry.draft
    return entry.draft.stem, [(option.text, option.correct) for option in entry.draft.options]


def problems(text: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.field) for entry in entries(text) for problem in entry.problems]


def test_the_page_of_documentation_imports_as_it_says() -> None:
    [example] = re.findall(r"```aiken\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert [shape(entry) for entry in entries(example)] == [
        ("Which service keeps objects?", [("Amazon S3", True), ("Amazon EC2", False), ("Amazon SQS", False)]),
        ("Which service runs code without servers?", [("Amazon EC2", False), ("AWS Lambda", True)]),
    ]
    assert problems(example) == []


def test_empty_lines_and_line_ends_do_not_matter() -> None:
    text = "Q?\r\n\r\nA)x\r\n\r\nB) y\r\nANSWER: B"
    assert [shape(entry) for entry in entries(text)] == [("Q?", [("x", False), ("y", True)])]


def test_texts_are_plain() -> None:
    text = "Is 1 < 2 & <b>?\nA. **x**\nB. `y`\nANSWER: A"
    assert [shape(entry) for entry in entries(text)] == [
        ("Is 1 < 2 & <b>?", [("\\*\\*x\\*\\*", True), ("\\`y\\`", False)])
    ]


def test_several_letters_are_an_error_with_readings() -> None:
    [entry] = entries("Q?\nA. x\nB. y\nC. z\nANSWER: A, C")
    [problem] = entry.problems
    assert [reading.changes for reading in problem.readings] == [
        {"kind": "multiple_response", "key": ["a", "c"]},
        {"kind": "multiple_choice", "key": ["a"]},
    ]


def test_a_stem_in_two_lines_is_an_error_with_readings() -> None:
    [entry] = entries("One\nTwo?\nA. x\nB. y\nANSWER: A")
    [problem] = entry.problems
    assert [reading.changes for reading in problem.readings] == [{"stem": "One Two?"}, {"stem": "Two?"}]


def test_a_question_without_an_answer_does_not_swallow_the_next() -> None:
    found = entries("Q?\nA. x\nB. y\n\nR?\nA. x\nB. y\nANSWER: A\n")
    assert [shape(entry)[0] for entry in found] == ["Q?", "R?"]
    assert [len(entry.problems) for entry in found] == [1, 0]


BROKEN = [
    ("Q?\nA. x\nB. y\nANSWER: F", 4, "options"),
    ("Q?\nA. x\nB. y\nANSWER: BC", 4, "options"),
    ("Q?\nA. x\nB. y\n", 2, "options"),
    ("One\nTwo?\nA. x\nB. y\nANSWER: A", 1, "stem"),
    ("Q?\nA. x\nwraps\nB. y\nANSWER: A", 3, "options[0].text"),
    ("Q?\nA. x\nA. y\nANSWER: A", 3, "options[1]"),
    ("Q?\na) x\nB) y\nANSWER: A", 2, "options[0]"),
    ("Only a stem.\n", 1, "options"),
    ("Q?\nA. x\nB. y\nANSWER: ?", 4, "options"),
    ("A. thaliana?\nA. x\nB. y\nANSWER: B", 1, "stem"),
]


@pytest.mark.parametrize(("text", "line", "field"), BROKEN)
def test_a_broken_file_says_where(text: str, line: int, field: str) -> None:
    found = problems(f"S?\nA. x\nB. y\nANSWER: A\n\n{text}")[0]
    assert found == (line + 5, f"questions[1].{field}")


def test_rejected_questions_come_back_with_their_problems_and_mended_they_import() -> None:
    text = "Q?\nA. x\nB. y\nANSWER: F\n"
    [entry] = entries(text)
    back = give_back(Source("bank.txt", text.encode()), [Rejected(entry.raw, entry.problems)]).decode()
    assert back == f"//! error, options: Name an option of the question: it has no F. Here: F\n{text}"
    assert problems(back.replace("ANSWER: F", "ANSWER: B")) == []
    [again] = entries(back)
    assert give_back(Source("x", back.encode()), [Rejected(again.raw, entry.problems)]).decode() == back


plain = st.text(st.sampled_from("ab .)*_<&A1B\\`#"), min_size=1, max_size=12).map(
    lambda text: " ".join(f"xx{text}x".split())
)


@given(st.lists(plain, min_size=3, max_size=6), st.data())
def test_what_aiken_keeps_comes_back_as_it_was(texts: list[str], data: st.DataObject) -> None:
    key = data.draw(st.integers(1, len(texts) - 1))
    made = [Option("abcde"[at], from_plain(text), at + 1 == key) for at, text in enumerate(texts[1:])]
    sent = Draft("multiple_choice", from_plain(texts[0]), tuple(made))
    assert [entry.draft for entry in entries(write(Export([sent], "saa")).decode())] == [sent]


def test_a_multiple_response_is_not_written() -> None:
    options = (Option("a", "x", True), Option("b", "y", True), Option("c", "z", False))
    single = Draft("multiple_choice", "A. first?\n\n- *in* code", (options[0], options[2]))
    content = write(Export([Draft("multiple_response", "Q?", options), single], "saa"))
    assert content.decode() == "Question: A. first? - in code\nA. x\nB. z\nANSWER: A\n"
    assert FORMAT.keeps == frozenset()


LINES = st.lists(
    st.sampled_from(["Q?", "A. x", "B) y", "a. z", "ANSWER: A", "ANSWER:", "", "//! note", "ANSWER: A, B"]),
    max_size=20,
)


@given(LINES)
def test_no_lines_make_reading_fail(lines: list[str]) -> None:
    list(read(Source("bank.txt", "\n".join(lines).encode())))


@settings(max_examples=50)
@given(st.binary(max_size=200))
def test_no_bytes_make_reading_fail(content: bytes) -> None:
    list(read(Source("bank.txt", content)))


def test_a_text_of_another_kind_is_one_problem() -> None:
    text = "Quiz title: Trees\n\n1. Which?\na) oak\n*b) elm\n\n2. Why?\n*a) so\nb) not so\n"
    (problem,) = read(Source("quiz.txt", text.encode()))
    assert isinstance(problem, Problem)
    assert (problem.severity, problem.line, problem.field) == ("error", 0, "")
