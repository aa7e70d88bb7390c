"""Foreign texts become Markdown that shows what they showed, and nothing that could do harm."""

import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questions.formats.texts import Converted, Image, from_auto, from_html, from_plain, to_plain
from questions.rendering import to_html
from tests.benchmarks.yardstick import within

MARKUP = st.text(st.sampled_from("*_`[]()<>&#\\|-+~:!.1a \n\t/h\"'=;"), max_size=60)
PRINTABLE = st.text(st.characters(blacklist_categories=["C"], whitelist_characters="\n\t"), max_size=200)
ANY_TEXT = st.one_of(PRINTABLE, MARKUP)


def shown(markdown: str) -> str:
    """The text that a page shows, white space folded: read off the HTML by the parser of tests."""
    parts: list[str] = []

    class Text(HTMLParser):
        def handle_data(self, data: str) -> None:
            parts.append(data)

        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag in {"p", "br", "li", "td", "th", "pre"}:
                parts.append(" ")

    parser = Text()
    parser.feed(to_html(markdown))
    parser.close()
    return " ".join("".join(parts).split())


def folded(text: str) -> str:
    return " ".join(text.split())


@settings(max_examples=100)
@given(ANY_TEXT)
def test_plain_text_is_shown_letter_for_letter(text: str) -> None:
    assert shown(from_plain(text)) == folded(text)


@settings(max_examples=100)
@given(ANY_TEXT)
def test_escaped_html_is_shown_letter_for_letter(text: str) -> None:
    assert shown(from_html(f"{html.escape(text)}").markdown) == folded(text)
    assert shown(from_html(f"<p>{html.escape(text)}</p>").markdown) == folded(text)


@given(ANY_TEXT)
def test_plain_text_comes_back_as_plain_text(text: str) -> None:
    assert folded(to_plain(from_plain(text))) == folded(text)


TAGGED = st.recursive(
    st.text(st.sampled_from('ab*_`"!.( \\'), min_size=1, max_size=4).map(html.escape),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.tuples(st.sampled_from(["b", "i", "code", "span"]), inner).map(
            lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0]}>"
        ),
        inner.map(lambda text: f'<a href="https://example.org/x">{text}</a>'),
    ),
    max_leaves=12,
)


@settings(max_examples=100)
@given(TAGGED)
def test_marks_never_show_as_characters(source: str) -> None:
    assert shown(from_html(source).markdown) == folded(html.unescape(re.sub("<[^>]*>", "", source)))


def test_text_that_markdown_would_not_read_as_markup_stays_as_it_is() -> None:
    text = "a_b < c, 2 * 3 & 4 > 1 #5 [x] C:\\dir 1.5 - $x~y$ | {z}"
    assert from_plain(text) == text


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        ("<h2>Title</h2><p>One<br>two</p>", "**Title**\n\nOne  \ntwo"),
        ("10<sup>6</sup> H<sub>2</sub>O x<sup>a+b</sup>", "10⁶ H₂O x^(a+b)"),
        ("<ul><li>a<ol><li>b</ol><li>c</ul>", "- a\n  1. b\n- c"),
        ("<pre>a\n  b</pre>", "```\na\n  b\n```"),
        ("<blockquote><p>a</p></blockquote>", "> a"),
        ("<table><tr><th>A<th>B<tr><td>1|2<td>3</table>", "| A | B |\n| --- | --- |\n| 1\\|2 | 3 |"),
        ('<a href="https://example.org/a_(b)">x</a>', "[x](https://example.org/a_%28b%29)"),
        ("<b>a </b>b <i>c</i> <code>d`e</code>", "**a** b *c* ``d`e``"),
        ("<math><mfrac><mi>a</mi><mn>2</mn></mfrac><mo>=</mo><msqrt><mi>n</mi></msqrt></math>", "a/2 = √n"),
    ],
)
def test_what_a_page_can_show_is_kept(source: str, markdown: str) -> None:
    assert from_html(source) == Converted(markdown)


@pytest.mark.parametrize(
    ("source", "lost"),
    [
        ("a<script>alert(1)</script>", "a script"),
        ("<span onclick='x()'>a</span>", "an event handler"),
        ("<input value=x>a", "a form control"),
        ("<iframe src='https://example.org'>b</iframe>a", "an embedded page"),
        ("a<img src='https://example.org/x.png'>", "a remote image"),
        ("<a href='mailto:x@example.org'>a</a>", "a link that is no web address"),
        ("<div>" * 200 + "a", "formatting that is nested too deeply"),
    ],
)
def test_what_a_page_cannot_show_is_left_out_and_named(source: str, lost: str) -> None:
    assert from_html(source) == Converted("a", (), (lost,))


def test_a_link_that_runs_a_script_is_text() -> None:
    assert from_html("<a href='javascript:alert(1)'>a</a>") == Converted(
        "a", (), ("a link that runs a script",)
    )


def test_an_image_leaves_its_number_unless_it_ends_a_stem() -> None:
    source = '<p>a <img src="x.png" alt="one"> b</p><img src="data:image/png;base64,AA==">'
    images = (Image("x.png", "one"), Image("data:image/png;base64,AA==", ""))
    assert from_html(source, 3) == Converted("a (Figure 3) b\n\n(Figure 4)", images)
    assert from_html(source, 3, in_stem=True) == Converted("a (Figure 3) b", images)


def test_a_text_that_may_be_html_keeps_what_is_none() -> None:
    assert from_auto("List<String>\n<b>a</b> &lt; 1").markdown == "List<String>  \n**a** < 1"


def test_plain_text_of_markdown_has_no_marks() -> None:
    assert to_plain("**a** `b`\n\n- c\n- [d](https://example.org)") == "a b\n- c\n- d (https://example.org)"


@pytest.mark.parametrize(
    "piece",
    ["<", "<div>", "<b>", "<!--", "<a<a", "<a href='", "<td>", "<math>", "<ul><li>", "<p><b id=1>", "&"],
)
def test_hostile_html_stays_fast(piece: str) -> None:
    with within(10):
        from_html(piece * (1_000_000 // len(piece)))
        from_html(f"<a {'x=1 ' * 200_000}>b</a>")


def test_a_type_in_code_is_no_tag() -> None:
    assert from_html("<pre>List<String> x</pre>").markdown == "```\nList<String> x\n```"
    assert "Map<K>" in from_html("<P>A <code>Map<K></code></P>").markdown


def test_the_reading_of_a_character_stands_in_brackets() -> None:
    assert from_html("<p><ruby>\u771f<rt>makoto</rt></ruby>?</p>").markdown == "\u771f (makoto)?"
    assert from_html("<ruby>\u771f<rp>(</rp><rt>makoto</rt><rp>)</rp></ruby>").markdown == "\u771f(makoto)"
