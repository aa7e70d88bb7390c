import datetime as dt
import re
from dataclasses import replace
from typing import get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from questions.formats import (
    DistractorTag,
    Draft,
    Entry,
    Exhibit,
    Export,
    Feature,
    Kind,
    Option,
    Reference,
    Source,
)
from questions.formats.moodle_texts import escape_tags, unescape_tags
from questions.formats.moodle_writing import NO_XML
from questions.formats.moodle_xml import FORMAT
from tests.questions.test_exhibits import PLAIN_PNG

MARKS = ["<", "<b>", "</p>", "\\", "\\<", "`", "``", "```\n", "~~~\n", "&#60;", "&#060;", "&#x3C;", "&#x03C;"]
MARKS += [
    "<https://e.org>",
    "\n",
    "\n\n",
    " ",
    "a",
    "<img ",
    '"/>',
    "![a](b)",
    "<!--",
    "&lt;",
    "    code",
    ">",
]
marked = st.lists(st.sampled_from(MARKS), max_size=14).map("".join)
words = st.sampled_from(
    ["recall", "Gr\u00f6\u00dfe", "a_b < c", "&amp;", "{=A ~B}", "<b>", "]]>", "1. one", "`a < b`", "\u65e5"]
)
lines = st.lists(words, min_size=1, max_size=4).map(" ".join)
any_text = st.lists(
    words
    | st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=6).filter(
        lambda text: not NO_XML.search(text)
    ),
    max_size=6,
).map(lambda parts: "".join(parts).strip())
texts = any_text | marked.map(str.strip)
slow = settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def drafts(draw: st.DrawFn, number: int = 1) -> Draft:
    """A question with all that Moodle XML keeps, and whatever in its texts."""
    kind: Kind = draw(st.sampled_from(get_args(Kind)))
    count = draw(st.integers(3, 6))
    keys = 1 if kind == "multiple_choice" else draw(st.integers(2, count - 1))
    tags = st.none() | st.sampled_from([tag.value for tag in DistractorTag])
    options = tuple(
        Option(id_, draw(texts), place < keys, draw(texts), None if place < keys else draw(tags))
        for place, id_ in zip(draw(st.permutations(range(count))), "abcdef", strict=False)
    )
    exhibit = Exhibit("fig1", f"figure-{number}.png", draw(lines), draw(st.just("") | texts))
    return Draft(
        kind,
        draw(texts.filter(bool)),
        options,
        id=f"q-{number}",
        task_statement=draw(st.sampled_from(["1.1", "1.10"])),
        level=draw(st.sampled_from([1, 2, 3])),
        testing_point=draw(st.just("") | lines),
        explanation=draw(texts),
        services=tuple(draw(st.lists(st.sampled_from(["Amazon S3", "a;b, c"]), unique=True))),
        enemies=tuple(draw(st.lists(st.sampled_from(["q-901", "q" * 44, "q-902"]), unique=True))),
        exhibits=draw(st.sampled_from([(), (exhibit,), (exhibit, replace(exhibit, id="fig2"))])),
        shuffle=draw(st.booleans()),
        verified_on=draw(st.none() | st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31))),
    )


def export(*sent: Draft) -> Export:
    figures = {(draft.id, exhibit.file): PLAIN_PNG for draft in sent for exhibit in draft.exhibits}
    return Export(sent, "mls-c01", "Learning", figures, domains={"1.1": ("1", "Data / more")})


def read_back(sent: Export) -> list[Entry]:
    assert FORMAT.write is not None
    assert FORMAT.read is not None
    entries = []
    for entry in FORMAT.read(Source("bank.xml", FORMAT.write(sent))):
        assert isinstance(entry, Entry)
        entries.append(entry)
    return entries


@slow
@given(st.integers(1, 2), st.data())
def test_everything_that_the_format_keeps_comes_back(count: int, data: st.DataObject) -> None:
    sent = export(*(data.draw(drafts(number)) for number in range(count)))

    entries = read_back(sent)

    assert [entry.draft for entry in entries] == list(sent.drafts)
    assert [entry.problems for entry in entries] == [()] * count
    figures = {
        (entry.draft.id, name): content
        for entry in entries
        if entry.draft
        for name, content in entry.figures.items()
    }
    assert figures == sent.figures


@slow
@given(drafts())
def test_what_is_read_is_written_the_same_again(draft: Draft) -> None:
    (entry,) = read_back(export(draft))
    assert entry.draft is not None
    sent = replace(export(draft), drafts=[entry.draft])

    assert FORMAT.write is not None
    assert FORMAT.write(sent) == FORMAT.write(export(draft))


@settings(max_examples=100)
@given(marked | any_text)
def test_no_text_to_moodle_has_a_tag_outside_code_and_each_is_undone(text: str) -> None:
    escaped = escape_tags(text)

    assert unescape_tags(escaped) == text
    if "`" not in text and "~" not in text:
        assert re.search(r"<(?!https://e\.org>)[a-zA-Z/!?]|(?<!\\)!\[", escaped) is None


def test_code_stays_code_and_a_guarded_sign_needs_no_guard() -> None:
    text = "`<b>` and <b>, \\<i>, &#60; ![a](b) <https://e.org>\n\n```\n<u>\n```\n``<s>"

    assert escape_tags(text) == (
        "`<b>` and &#60;b>, &#x3C;i>, &#060; &#33;[a](b) <https://e.org>\n\n```\n<u>\n```\n``&#60;s>"
    )


def test_a_carriage_return_and_the_end_of_cdata_come_back() -> None:
    draft = Draft("multiple_choice", "a\r\nb ]]> c\r", ())

    (entry,) = read_back(Export([draft], "mls-c01"))

    assert entry.draft == draft


def test_what_the_format_does_not_keep_is_left_out() -> None:
    option = Option("a", "A", True, fixed=True)
    draft = Draft("multiple_choice", "s", (option,), references=(Reference("a", "https://e.org"),))

    (entry,) = read_back(Export([draft], "mls-c01"))

    assert entry.draft == replace(draft, references=(), options=(replace(option, fixed=False),))
    assert set(Feature) - FORMAT.keeps == {Feature.REFERENCES, Feature.CALCULATION, Feature.FIXED_OPTIONS}


def test_a_tag_that_looks_cut_off_is_written_so_that_it_does_not() -> None:
    point = "x" * (50 - len("testing_point:"))
    draft = Draft("multiple_choice", "s", (), testing_point=point)

    (entry,) = read_back(Export([draft], "mls-c01"))

    assert entry.draft == draft


def test_control_characters_are_left_out_of_what_is_written() -> None:
    (entry,) = read_back(Export([Draft("multiple_choice", "a\x0bb\x00", ())], "mls-c01"))

    assert entry.draft
    assert entry.draft.stem == "ab"
