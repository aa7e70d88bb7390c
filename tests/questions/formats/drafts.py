"""Drafts for round trips: any text that a question may hold."""

from datetime import date

from hypothesis import strategies as st

from questions.formats import Draft, Option, Reference

_ODD = st.sampled_from(
    [
        *(
            "- [ ] box",
            "- [x] box",
            "### heading",
            "# comment",
            "1. first",
            "- A. letter",
            "> quote",
            "```",
            "```sql",
        ),
        *(
            "~~~~",
            "<!-- id: y -->",
            "-->",
            "**Explanation:**",
            "**References:**",
            "---",
            "  indented",
            "    code",
        ),
        *(
            "=1+1",
            "-2",
            "+3",
            "@x",
            "'=4",
            "''",
            '"',
            '"quoted"',
            "a,b",
            "a;b",
            "a\tb",
            "&lt;",
            "&amp;lt;",
            "<b>x</b>",
        ),
        *(
            "List<String>",
            "<br>",
            "![x](y.png)",
            "[x](https://e.org)",
            "`- [ ]`",
            "A",
            "2",
            "1,2",
            "",
            "",
            "|a|b|",
        ),
        *(
            "Answer: B",
            "\\",
            "\u00a0",
            "\u2028",
            "(Figure 1)",
            "end  ",
            "Explanation: x",
            "__x__",
            "id: 5",
            "[1]",
        ),
    ]
)
_LETTERS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)
_LINES = st.lists(st.one_of(_ODD, _LETTERS), min_size=1, max_size=6).map(
    lambda lines: "\n".join(lines).strip()
)
texts = _LINES.filter(lambda text: not set(text) & {"\ufffe", "\uffff"})
some_text = texts.filter(bool)
_ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True)
_names = st.lists(
    some_text.map(lambda text: " ".join(text.split())).filter(bool), max_size=3, unique=True
).map(tuple)
_titles = some_text.map(lambda text: " ".join(text.split())).filter(bool)
_urls = st.from_regex(r"https?://[a-z]{1,5}\.org/[A-Za-z0-9()_?=&<>-]{0,12}", fullmatch=True)


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    """A question with every field that tables and Markdown hold; its key may be anything."""
    count = draw(st.integers(2, 8))
    ids = draw(st.permutations("abcdefgh"[:count]))
    options = tuple(
        Option(
            id_,
            draw(some_text),
            draw(st.booleans()),
            draw(texts),
            draw(st.sampled_from([None, None, "wrong_setting"])),
            draw(st.booleans()),
        )
        for id_ in ids
    )
    return Draft(
        kind=draw(st.sampled_from(["multiple_choice", "multiple_response"])),
        stem=draw(some_text),
        options=options,
        id=draw(_ids),
        task_statement=draw(st.sampled_from(["1.1", "1.10", "2.3"])),
        level=draw(st.integers(1, 3)),
        testing_point=draw(_titles),
        explanation=draw(texts),
        references=tuple(Reference(draw(_titles), draw(_urls)) for _ in range(draw(st.integers(0, 2)))),
        services=draw(_names),
        enemies=tuple(draw(st.lists(_ids, max_size=2, unique=True))),
        shuffle=draw(st.booleans()),
        verified_on=draw(st.sampled_from([None, date(2026, 11, 20)])),
    )
