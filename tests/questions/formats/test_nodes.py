import pytest
from hypothesis import given
from hypothesis import strategies as st

from questions.formats import Problem, Reading, Severity, nodes
from questions.formats.nodes import ENCODINGS, UnreadableError, decode


def refused(content: bytes, encoding: str = "utf-8") -> Problem:
    with pytest.raises(UnreadableError) as found:
        decode(content, encoding)
    return found.value.problem("a.txt")


def test_utf_8_is_read_with_and_without_a_mark() -> None:
    assert decode("Größe".encode()) == decode("Größe".encode("utf-8-sig")) == "Größe"


def test_another_encoding_is_offered_as_it_would_read() -> None:
    content = "Recall\nDie Größe des Modells\n".encode("cp1252")
    assert refused(content) == Problem(
        Severity.ERROR,
        "a.txt",
        2,
        "",
        "Save the file as UTF-8: the byte 0xF6 in this line is from another encoding.",
        "Die Größe des Modells",
        readings=(
            Reading("Windows-1252: Die Größe des Modells", {"encoding": "cp1252"}),
            Reading("Windows-1250: Die Größe des Modells", {"encoding": "cp1250"}),
            Reading("Windows-1251: Die GrцЯe des Modells", {"encoding": "cp1251"}),
            Reading("Mac Roman: Die Gr\u02c6\ufb02e des Modells", {"encoding": "mac_roman"}),
        ),
    )
    assert decode(content, "cp1252") == "Recall\nDie Größe des Modells\n"


def test_cyrillic_can_be_chosen() -> None:
    content = "Привет, мир".encode("cp1251")
    readings = {reading.label: reading.changes for reading in refused(content).readings}
    assert readings["Windows-1251: Привет, мир"] == {"encoding": "cp1251"}


@pytest.mark.parametrize(
    ("written", "named"),
    [("utf-16", "utf-16"), ("utf-32", "utf-32"), ("utf-16-le", "utf-16-le"), ("utf-16-be", "utf-16-be")],
)
def test_wide_encodings_are_named_and_offered_alone(written: str, named: str) -> None:
    content = "Which size?".encode(written)
    problem = refused(content)
    assert problem.advice.startswith(f"Save the file as UTF-8: it is written in {ENCODINGS[named][:6]}")
    assert problem.readings == (Reading(f"{ENCODINGS[named]}: Which size?", {"encoding": named}),)
    assert decode(content, named) == "Which size?"


def test_a_choice_that_does_not_fit_is_refused_with_those_that_do() -> None:
    problem = refused("a\nGröße\x81".encode(), "utf-16")
    assert problem.advice == "Choose another encoding: this line is not written in UTF-16."
    assert problem.readings[0] == Reading("UTF-8: Größe\\x81", {"encoding": "utf-8"})
    assert refused(b"abc", "zlib_codec").advice == (
        "Choose another encoding: zlib_codec is not one that is read."
    )


def test_encodings_that_would_show_control_characters_are_not_offered() -> None:
    assert refused(b"a\xff\x00b\x01").readings == ()


def test_the_size_is_limited_before_anything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodes, "MAX_BYTES", 10)
    assert refused(b"\xff" * 11).advice == (
        "Split the file: it has 11 bytes, and 10 are the most that is read."
    )


@given(st.binary(max_size=100), st.sampled_from([*ENCODINGS, "idna", "rot13", ""]))
def test_no_bytes_break_decoding(content: bytes, encoding: str) -> None:
    try:
        decode(content, encoding)
    except UnreadableError as error:
        for reading in error.complaint.readings:
            assert isinstance(decode(content, reading.changes["encoding"]), str)
