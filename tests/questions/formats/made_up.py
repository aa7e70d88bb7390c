"""Drafts that hypothesis makes up: well-formed as `questions.rules` has it, or odd."""

import datetime as dt
import io
from decimal import Decimal

from hypothesis import strategies as st
from PIL import Image

from questions.formats import (
    Calculation,
    CalculationResult,
    DistractorTag,
    Draft,
    Exhibit,
    Export,
    Kind,
    Option,
    Reference,
)
from questions.formats.validation import UNPRINTABLE

PIECES = (
    "recall", "Größe", "日本", "🎉", "1.10", "no", "null", "~", "a_b < c", "&amp;", "x => y", "{=A ~B}",
    "#ff0000", "::name::", "ANSWER: B", "A)", "50%", "'quoted'", '"double"', "C:\\new\\{x}", "$CATEGORY: a",
    "`code < 1`", "**bold**", "*thin*", "key: value", "- dash", "[x]", "// no comment", "=1+1", "@sum",
    "a;b,c|d", "<b>not markup</b>", "<!-- c -->", "]]>", "%3D", "\\n", "\\", "1. one", "> quote", "\u2013",
    "a\u00a0b", "->",
)  # fmt: skip
CODE = "```\nif a < b:\n    print('# = ~ { } :')\n\n- [x] no option\n```"

words = st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map(lambda found: " ".join(found).strip())
lines = words.map(lambda text: " ".join(text.split()))
paragraphs = st.lists(words | st.just(CODE), min_size=1, max_size=3).map(
    lambda found: "\n\n".join(found).strip()
)
_SIGNS = ["\n", "\t", "\n  ", "\u0085", "\u2028", ": ", " #", "- ", "'", '"', "\\", "\ufeff", "\U0001fffe"]
any_text = st.lists(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(_SIGNS), max_size=8
).map(lambda parts: UNPRINTABLE.sub("", "".join(parts)).strip())
days = st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31))
numbers = st.decimals(-1000, 1000, places=2) | st.integers(-1000, 1000).map(Decimal)


def _png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (2, 2), "teal").save(buffer, "PNG")
    return buffer.getvalue()


PNG = _png()


def _words_apart(texts: list[str]) -> list[str]:
    """The texts, none like another."""
    return [f"{text} {number}".strip() for number, text in enumerate(texts, 1)]


@st.composite
def drafts(draw: st.DrawFn, number: int = 1, *, texts: st.SearchStrategy[str] = paragraphs) -> Draft:
    """A question with anything that a question can have."""
    some = texts.filter(bool)
    kinds: list[Kind] = ["multiple_choice", "multiple_response"]
    kind = draw(st.sampled_from(kinds))
    option_texts = _words_apart(draw(st.lists(words, min_size=3, max_size=6)))
    keys = {0} if kind == "multiple_choice" else set(range(draw(st.integers(2, len(option_texts) - 1))))
    order = draw(st.permutations(range(len(option_texts))))
    tags = st.none() | st.sampled_from([tag.value for tag in DistractorTag])
    options = tuple(
        Option(
            letter,
            option_texts[place],
            place in keys,
            draw(st.just("") | some),
            None if place in keys else draw(tags),
            draw(st.booleans()),
        )
        for letter, place in zip("abcdef", order, strict=False)
    )
    exhibits = (Exhibit("fig1", f"figure-{number}.png", draw(lines), draw(st.just("") | lines)),)
    results = tuple(
        CalculationResult(option.id, "a / 2", draw(numbers), draw(st.none() | lines)) for option in options
    )
    return Draft(
        id=f"q-{number:03d}",
        task_statement=draw(st.sampled_from(["1.1", "1.10", "2.3"])),
        kind=kind,
        stem=draw(some),
        options=options,
        explanation=draw(st.just("") | some),
        references=tuple(
            Reference(title, f"https://example.org/{place}?a=1&b=2")
            for place, title in enumerate(draw(st.lists(lines, max_size=2)))
        ),
        level=draw(st.sampled_from([1, 2, 3])),
        testing_point=draw(st.just("") | lines),
        services=tuple(
            draw(st.lists(st.sampled_from(["Amazon S3", "AWS Glue", "Ångström; b"]), unique=True))
        ),
        enemies=tuple(draw(st.lists(st.sampled_from(["q-901", "q-902"]), unique=True))),
        exhibits=draw(st.sampled_from([(), exhibits])),
        calculation=draw(st.sampled_from([None, Calculation({"a": draw(numbers)}, results)])),
        shuffle=draw(st.booleans()),
        verified_on=draw(st.none() | days),
    )


ODD = (
    "- [ ] box", "- [x] box", "### heading", "# comment", "1. first", "- A. letter", "> quote", "```",
    "```sql", "~~~~", "<!-- id: y -->", "-->", "**Explanation:**", "**References:**", "---", "  indented",
    "    code", "=1+1", "-2", "+3", "@x", "'=4", "''", '"', '"quoted"', "a,b", "a;b", "a\tb", "&lt;",
    "&amp;lt;", "<b>x</b>", "List<String>", "<br>", "![x](y.png)", "[x](https://e.org)", "`- [ ]`", "A",
    "2", "1,2", "", "", "|a|b|", "Answer: B", "\\", "\xa0", "\u2028", "(Figure 1)", "end  ",
    "Explanation: x", "__x__", "id: 5", "[1]",
)  # fmt: skip
"""Lines that mean something in a table or in Markdown."""

_odd_line = st.sampled_from(ODD) | st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20
)
odd_text = (
    st.lists(_odd_line, min_size=1, max_size=6)
    .map(lambda lines: "\n".join(lines).strip())
    .filter(lambda text: not set(text) & {"\ufffe", "\uffff"})
)
_odd_words = odd_text.map(lambda text: " ".join(text.split())).filter(bool)
_ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True)
_urls = st.from_regex(r"https?://[a-z]{1,5}\.org/[A-Za-z0-9()_?=&<>-]{0,12}", fullmatch=True)


@st.composite
def odd_drafts(draw: st.DrawFn) -> Draft:
    """A question with every field that tables and Markdown hold, any text in each, and any key."""
    some = odd_text.filter(bool)
    count = draw(st.integers(2, 8))
    options = tuple(
        Option(
            id_,
            draw(some),
            draw(st.booleans()),
            draw(odd_text),
            draw(st.sampled_from([None, None, "wrong_setting"])),
            draw(st.booleans()),
        )
        for id_ in draw(st.permutations("abcdefgh"[:count]))
    )
    return Draft(
        kind=draw(st.sampled_from(["multiple_choice", "multiple_response"])),
        stem=draw(some),
        options=options,
        id=draw(_ids),
        task_statement=draw(st.sampled_from(["1.1", "1.10", "2.3"])),
        level=draw(st.integers(1, 3)),
        testing_point=draw(_odd_words),
        explanation=draw(odd_text),
        references=tuple(Reference(draw(_odd_words), draw(_urls)) for _ in range(draw(st.integers(0, 2)))),
        services=tuple(draw(st.lists(_odd_words, max_size=3, unique=True))),
        enemies=tuple(draw(st.lists(_ids, max_size=2, unique=True))),
        shuffle=draw(st.booleans()),
        verified_on=draw(st.none() | days),
    )


def export(*questions: Draft) -> Export:
    """The questions with the bytes of their figures."""
    figures = {(draft.id, exhibit.file): PNG for draft in questions for exhibit in draft.exhibits}
    return Export(
        questions,
        "mls-c01",
        "Machine Learning",
        figures,
        {"1.1": "Repositories", "1.10": "Tenth", "2.3": "Analyze"},
        {"1.1": ("1", "Data"), "1.10": ("1", "Data"), "2.3": ("2", "Exploration")},
    )
