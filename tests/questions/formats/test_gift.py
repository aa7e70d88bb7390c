"""GIFT in and out: the edge cases that Moodle's own rules have, and that nothing is guessed."""

import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questions.formats import Draft, Entry, Export, Feature, Kind, Option, Problem, Rejected, Source
from questions.formats.gift import FORMAT, give_back, read, write

PAGE = Path(__file__).parents[3] / "docs" / "formats" / "gift.md"


def entries(text: str) -> list[Entry]:
    found = list(read(Source("bank.gift", text.encode())))
    assert all(isinstance(entry, Entry) for entry in found), found
    return [entry for entry in found if isinstance(entry, Entry)]


def draft(text: str) -> Draft:
    [entry] = entries(text)
    assert entry.draft is not None
    return entry.draft


def options(text: str) -> list[tuple[str, bool, str]]:
    return [(option.text, option.correct, option.rationale) for option in draft(text).options]


def problems(text: str) -> list[tuple[int, str, str]]:
    """(line, field, severity) of every problem."""
    return [
        (problem.line, problem.field, problem.severity.value)
        for found in read(Source("bank.gift", text.encode()))
        for problem in (found.problems if isinstance(found, Entry) else [found])
    ]


def test_the_page_of_documentation_imports_as_it_says() -> None:
    [example] = re.findall(r"```gift\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    first, second, third = (entry.draft for entry in entries(example))
    assert first
    assert second
    assert third
    assert (first.id, first.kind, first.stem, first.task_statement, first.level, first.labels) == (
        "iam-001",
        "multiple_choice",
        "Which policy grants an application the least that it needs?",
        "1.1",
        1,
        ("Security",),
    )
    assert first.options == (
        Option("a", "One that allows the two actions that it calls.", True, "Nothing else is allowed."),
        Option("b", "One that allows every action of the service.", False),
        Option("c", "One that denies nothing.", False),
    )
    assert first.explanation == "Start from nothing and add what is used."
    assert (second.kind, second.stem) == (
        "multiple_response",
        "Which **two** services store objects? (Choose two)",
    )
    assert [option.correct for option in second.options] == [True, True, False, False]
    assert third.options == (
        Option("a", "True", False, "It holds exactly one."),
        Option("b", "False", True),
    )
    assert not third.shuffle
    assert problems(example) == []


def test_options_may_share_a_line_and_stand_amid_the_stem() -> None:
    text = "Grant is {~buried =entombed ~living} in Grant's tomb."
    assert draft(text).stem == "Grant is _____ in Grant's tomb."
    assert options(text) == [("buried", False, ""), ("entombed", True, ""), ("living", False, "")]


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (r"\= \~ \# \{ \} \:", "= ~ # { } :"),
        (r"a\nb", "a  \nb"),
        (r"a\\nb", "a\\nb"),
        (r"\frac \\neq", "\\frac \\neq"),
        (r"\\\=", "\\\\="),
        ("https://example.org", "https://example.org"),
        ("[1] is first", "[1] is first"),
        ("[markdown]**b**", "**b**"),
        ("[plain]<b> **b**", "<b> \\*\\*b\\*\\*"),
        ("[html]<i>x</i> &lt;b>", "*x* <b>"),
        ("<b>x</b> List<String>", "**x** List<String>"),
    ],
)
def test_escapes_and_formats(written: str, read_as: str) -> None:
    assert options(f"Q? {{={written}~other}}")[0][0] == read_as


def test_parts_inherit_the_format_of_the_stem() -> None:
    found = draft("[html]<b>Q</b> {=<i>a</i>#<b>yes</b> ~[plain]<i>\n####<b>why</b>}")
    assert (found.stem, found.explanation) == ("**Q**", "**why**")
    assert [(option.text, option.rationale) for option in found.options] == [("*a*", "**yes**"), ("<i>", "")]


def test_a_tilde_before_an_equals_sign_is_no_option_of_its_own() -> None:
    assert options("Q? {~a ~=b ~c}") == [("a", False, ""), ("b", True, ""), ("c", False, "")]


def test_weights_say_what_is_correct() -> None:
    found = draft("Q? {~%33.33333%a ~%33.33333%b ~%-100%c ~%33.33333%d}")
    assert found.kind == "multiple_response"
    assert [option.correct for option in found.options] == [True, True, False, True]


def test_half_a_point_in_a_single_choice_is_wrong_and_said() -> None:
    text = "Q? {=%100%a ~%50%b ~c}"
    assert [correct for _, correct, _ in options(text)] == [True, False, False]
    assert problems(text) == [(1, "questions[0].options", "warning")]


def test_several_marked_options_are_an_error_with_two_readings() -> None:
    [entry] = entries("Q? {=a ~b =c}")
    [problem] = entry.problems
    assert [reading.changes for reading in problem.readings] == [
        {"kind": "multiple_response", "key": ["a", "c"]},
        {"kind": "multiple_choice", "key": ["a"]},
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Read this first.", "description"),
        ("Write. {}", "essay"),
        ("How many? {#3:1}", "numerical"),
        ("Match. {=a -> 1 =b -> 2}", "matching"),
        ("Who? {=A =B}", "short answer"),
        ("Who? {One}", "short answer"),
        ("A {1:MC:~a~=b} and {1:MC:=c~d}.", "cloze"),
    ],
)
def test_other_kinds_are_skipped_by_name(text: str, kind: str) -> None:
    [entry] = entries(text)
    assert (entry.skipped, entry.draft, entry.problems) == (kind, None, ())


def test_an_arrow_in_an_option_is_text() -> None:
    assert options("Q? {=a -> b ~c}")[0] == ("a -> b", True, "")


def test_a_category_labels_what_follows() -> None:
    text = "$CATEGORY: $course$/top/AWS//GCP/Security\n\nQ? {=a ~b}\n\n$CATEGORY: Cost\nR? {=a ~b}\n"
    assert [entry.draft.labels for entry in entries(text) if entry.draft] == [
        ("AWS/GCP", "Security"),
        ("Cost",),
    ]


def test_comments_give_ids_and_tags_above_and_inside() -> None:
    found = draft("// [id:x\\]1] [id:second] [tag:free]\nQ? {\n// [tag:service:Amazon S3]\n=a\n~b}")
    assert (found.id, found.labels, found.services) == ("x]1", ("free",), ("Amazon S3",))


def test_true_or_false_shows_its_first_feedback_when_wrong() -> None:
    assert options("Q {TRUE#no#yes}") == [("True", True, "yes"), ("False", False, "no")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_and_a_byte_order_mark(end: str) -> None:
    content = "\ufeffQ? {=a ~b}\n\nR? {=a ~b}".replace("\n", end).encode()
    found = [entry for entry in read(Source("bank.gift", content)) if isinstance(entry, Entry)]
    assert [(entry.place.line(""), entry.draft and entry.draft.stem) for entry in found] == [
        (1, "Q?"),
        (3, "R?"),
    ]


BROKEN = [
    ("Q? {\n=a\n\n~b\n}\n\nR? {=a ~b}", 3, "options"),
    ("Q? {=a ~b\n\nR? {=a ~b}", 1, "options"),
    ("Q? =a ~b}\n\nR? {=a ~b}", 1, "options"),
    ("Q? {\n=~%50% Views\n~b}", 2, "options[0].correct"),
    ("Q? {\n~a\n=b\n=c\n}", 2, "options"),
    ("Q? {\na\n=b ~c}", 2, "options"),
    ("Q? {=a ~b}\nR? {=c ~d}", 2, "stem"),
    ("Q? {=a\n~b } c}", 2, "stem"),
    ("Q? {\n~%33%a\n~%33%b ~c}", 2, "options[0].correct"),
    ("Q? {\n" + "~a\n" * 31 + "}", 1, "options"),
]


@pytest.mark.parametrize(("text", "line", "field"), BROKEN)
def test_a_broken_file_says_where(text: str, line: int, field: str) -> None:
    found = problems(f"S? {{=x ~y}}\n\n{text}")[0]
    assert found[:2] == (line + 2, f"questions[1].{field}")


def test_a_wrong_encoding_is_named_with_what_would_fit() -> None:
    [problem] = read(Source("bank.gift", "Größe? {=a ~b}".encode("cp1252")))
    assert isinstance(problem, Problem)
    assert problem.line == 1
    assert {"encoding": "cp1252"} in [reading.changes for reading in problem.readings]


def test_a_figure_that_did_not_come_along_leaves_its_description() -> None:
    [entry] = entries('[html]<p>See <img src="@@PLUGINFILE@@/a.png" alt="a queue"> here</p>{=a ~b}')
    assert entry.draft
    assert entry.draft.stem == "See a queue here"
    assert [problem.field for problem in entry.problems] == ["questions[0].stem"]


def test_rejected_questions_come_back_with_their_problems_and_mended_they_import() -> None:
    text = "$CATEGORY: Cost\n\nQ? {=a =b ~c}\n\nR? {=a ~b}\n"
    [first, _] = entries(text)
    back = give_back(Source("bank.gift", text.encode()), [Rejected(first.raw, first.problems)]).decode()
    assert back.startswith("$CATEGORY: Cost\n\n//! error, options: Choose what the several = mean")
    assert [entry.problems for entry in entries(back)] != [()]
    [mended] = entries(back.replace("=b", "~b"))
    assert (mended.problems, mended.draft and mended.draft.labels) == ((), ("Cost",))
    again = give_back(Source("x.gift", back.encode()), [Rejected(entries(back)[0].raw, first.problems)])
    assert again.decode() == back


PIECES = st.sampled_from(
    [*"ab \\~=#{}:%[]/&<>`*_-\n", "\\n", "[html]", "%50%", "####", "->", "//", "::", "&lt;", "TRUE", "日本"]
)
texts = st.lists(PIECES, min_size=1, max_size=12).map(lambda found: "".join(found).strip()).filter(bool)
one_line = texts.map(lambda text: " ".join(text.split()))


@st.composite
def kept_drafts(draw: st.DrawFn) -> Draft:
    """Drafts with all that GIFT keeps."""
    count = draw(st.integers(2, 6))
    kind: Kind = draw(st.sampled_from(get_args(Kind)))
    keys = 1 if kind == "multiple_choice" else draw(st.integers(2, count))
    order = draw(st.permutations(range(count)))
    made = [
        Option("abcdef"[at], draw(texts), place < keys, draw(st.just("") | texts))
        for at, place in enumerate(order)
    ]
    return Draft(
        kind,
        draw(texts),
        tuple(made),
        id=draw(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,12}", fullmatch=True)),
        task_statement=draw(st.sampled_from(["", "1.1", "2.10"])),
        level=draw(st.integers(1, 3)),
        testing_point=draw(st.just("") | one_line),
        explanation=draw(st.just("") | texts),
        services=draw(st.lists(one_line, max_size=2, unique=True).map(tuple)),
    )


@settings(max_examples=50, deadline=None)
@given(st.lists(kept_drafts(), min_size=1, max_size=3))
def test_what_gift_keeps_comes_back_as_it_was(drafts: list[Draft]) -> None:
    content = write(Export(drafts, "saa", domains={"1.1": ("1", "Design / Resilience")}))
    found = [entry for entry in read(Source("bank.gift", content)) if isinstance(entry, Entry)]
    assert [entry.draft for entry in found] == drafts
    assert {problem.advice for entry in found for problem in entry.problems} == set()


def test_keeps_is_what_comes_back() -> None:
    assert {
        Feature.MULTIPLE_RESPONSE,
        Feature.ID,
        Feature.TASK_STATEMENT,
        Feature.LEVEL,
        Feature.TESTING_POINT,
        Feature.EXPLANATION,
        Feature.RATIONALES,
        Feature.SERVICES,
    } == FORMAT.keeps


def test_a_second_reading_of_an_export_writes_the_same_file() -> None:
    kept = replace(draft("// [id:q1]\nQ? {=a#why ~b}"), labels=(), unstated=frozenset())
    content = write(Export([kept], "saa"))
    assert (
        write(Export([entry.draft for entry in entries(content.decode()) if entry.draft], "saa")) == content
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(PIECES | st.sampled_from(["{", "}", "=", "~", "\n\n", "<b>", "// [id:", "\x00", "\ud7ff"])))
def test_no_text_makes_reading_fail(pieces: list[str]) -> None:
    list(read(Source("bank.gift", "".join(pieces).encode())))


@settings(max_examples=50)
@given(st.binary(max_size=200))
def test_no_bytes_make_reading_fail(content: bytes) -> None:
    list(read(Source("bank.gift", content)))


def test_braces_of_code_in_a_stem_are_no_answers_of_another_kind() -> None:
    code = "What does it print? for (;;) { run(i); }\n{=nothing ~something}"
    (entry,) = read(Source("bank.gift", code.encode()))
    assert isinstance(entry, Entry)
    assert (entry.skipped, [(p.severity, p.line, p.field) for p in entry.problems]) == (
        "",
        [("error", 2, "questions[0].stem")],
    )


def test_what_a_program_left_behind_the_braces_is_no_text() -> None:
    (entry,) = read(Source("bank.gift", b'It is so.{FALSE}";'))
    assert isinstance(entry, Entry)
    assert entry.draft is not None
    assert entry.draft.stem == "It is so."


def test_a_weight_behind_its_text_is_not_taken_for_text() -> None:
    (entry,) = read(Source("bank.gift", b"Which?{\n=Right%100%\n~Wrong}"))
    assert isinstance(entry, Entry)
    assert [(p.severity, p.line, p.field, p.advice) for p in entry.problems] == [
        ("error", 2, "questions[0].options[0].correct", "Write the weight before the text, as in ~%50%text.")
    ]
