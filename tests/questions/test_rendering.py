from html import escape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questions import rendering
from questions.exhibits import Figure
from questions.rendering import has_link, has_table, option_to_html, render, to_html
from tests.benchmarks.yardstick import within
from tests.questions.builders import draft, options

TABLE = """\
<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>
<thead>
<tr>
<th scope="col">a</th>
<th scope="col" class="right">b</th>
</tr>
</thead>
<tbody>
<tr>
<td>1</td>
<td class="right">2</td>
</tr>
</tbody>
</table></div>"""
PLAIN = "p br em strong code ul li blockquote table thead tbody tr"
ALLOWED = {
    "a": {"href", "title", "rel"},
    "ol": {"start"},
    "pre": {"class", "tabindex", "role", "aria-label"},
    "div": {"class", "tabindex", "role", "aria-label"},
    "th": {"class", "scope"},
    "td": {"class"},
} | {tag: set() for tag in PLAIN.split()}
SCRAPS = st.sampled_from(
    [
        *(
            "<script>",
            "</script>",
            "<img src=x onerror=alert(1)>",
            "<style>",
            "<svg/onload=x>",
            "<!--",
            "-->",
            "<a href=",
        ),
        *(
            "[x](",
            "javascript:",
            "JaVaScRiPt:alert(1)",
            ")",
            "![",
            "](",
            "data:text/html,",
            "&#106;avascript&colon;",
        ),
        *(
            "`",
            "```",
            "\n",
            "\n\n",
            "|",
            "|-|",
            "# ",
            "> ",
            "- ",
            "1. ",
            "*",
            "**",
            "<https://x",
            ">",
            "\\",
            '"',
            "\x00",
        ),
    ]
)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def elements(html: str) -> list[tuple[str, dict[str, str | None]]]:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.elements


@given(st.lists(SCRAPS | st.text(max_size=6), max_size=20).map("".join))
def test_nothing_that_runs_survives(text: str) -> None:
    for html in (to_html(text), option_to_html(text)):
        for tag, attributes in elements(html):
            assert attributes.keys() <= ALLOWED[tag]
            if tag == "a":
                assert (attributes.get("href") or "https://").startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a `b<c` *d* **e**", "<p>a <code>b&lt;c</code> <em>d</em> <strong>e</strong></p>"),
        (
            "<b>x</b> ![i](https://e.org/i.png)",
            '<p>&lt;b&gt;x&lt;/b&gt; !<a href="https://e.org/i.png" rel="noopener noreferrer">i</a></p>',
        ),
        ("# not a heading", "<p># not a heading</p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("[x](/accounts/)", "<p>[x](/accounts/)</p>"),
        (
            "```sql\nSELECT 1 < 2\n```",
            '<pre tabindex="0" role="group" aria-label="Code"><code>SELECT 1 &lt; 2\n</code></pre>',
        ),
        (
            "|a|b|\n|-|-:|\n|1|2|",
            TABLE,
        ),
    ],
)
def test_blocks_are_rendered_in_accessible_shapes(text: str, expected: str) -> None:
    assert to_html(text) == expected


def test_an_option_fits_into_a_label() -> None:
    assert option_to_html("Use `S3`.") == "Use <code>S3</code>."
    assert option_to_html("One.\n\nTwo.") == "<p>One.</p>\n<p>Two.</p>"
    assert option_to_html("```\nx\n```") == '<pre class="wrap"><code>x\n</code></pre>'


def test_links_and_tables_are_seen() -> None:
    assert (
        has_link("[x](https://e.org)"),
        has_link("<https://e.org>"),
        has_link("`[x](https://e.org)`"),
    ) == (True, True, False)
    assert (has_table("|a|\n|-|\n|b|"), has_table("a | b")) == (True, False)


def test_brackets_that_begin_no_link_hide_none_behind_them() -> None:
    assert has_link("[a] [b [c](https://example.org)")
    assert to_html("[a] [b](https://example.org)") == (
        '<p>[a] <a href="https://example.org" rel="noopener noreferrer">b</a></p>'
    )
    assert to_html("[a] [b]") == "<p>[a] [b]</p>"


def test_what_is_longer_than_any_question_is_shown_as_it_was_typed() -> None:
    text = "**<b>** | [a](https://example.org)\n" * 200
    assert to_html(text) == f"<p>{escape(text)}</p>"
    assert option_to_html(text) == escape(text)
    assert (has_link(text), has_table(text)) == (False, False)


def test_a_version_gets_its_three_derived_columns() -> None:
    choices = options("ab")
    choices[1]["fixed"] = True
    choices[0]["rationale"] = "Why."
    exhibits = [{"id": "f", "file": "a.svg", "alt": "A curve", "long_description": "It falls."}]
    question = draft(options=choices, stem="Stem", explanation="So.", exhibits=exhibits)
    rendered = render(question, {"a.svg": Figure("f" * 64, "image/svg+xml", b"")})
    assert rendered.html == {
        "stem": "<p>Stem</p>",
        "options": {"a": "Option a", "b": "Option b"},
        "exhibits": [{"sha256": "f" * 64, "alt": "A curve", "long_description": "It falls."}],
    }
    assert rendered.key_html == {"explanation": "<p>So.</p>", "rationales": {"a": "<p>Why.</p>", "b": ""}}
    assert rendered.layout == {"options": [["a", False], ["b", True]], "choose": 1, "shuffle": True}


@pytest.mark.parametrize("scrap", ["[", "![", "[](", "*a ", "> ", "- ", "`", "[a](<", "|a", "**a_", "&#"])
def test_the_longest_text_of_nested_marks_is_rendered_in_no_time(scrap: str) -> None:
    text = (scrap * 6000)[:6000]
    with within(1):
        to_html(text)


@given(st.from_regex(rendering._PLAIN, fullmatch=True) | st.text("aB1 .-,:)('%", max_size=30))
def test_plain_texts_take_a_short_way_to_the_same_html(text: str) -> None:
    long_way = rendering._sanitise(rendering._markdown.render(text, {})) if text else ""
    assert rendering.to_html(text) == long_way
    if rendering._PLAIN.fullmatch(text):
        assert rendering.option_to_html(text) == long_way.removeprefix("<p>").removesuffix("</p>")
