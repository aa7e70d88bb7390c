"""Foreign texts become Markdown that shows what they showed, and nothing that could do harm."""

import html
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questions.formats.texts import Converted, Image, from_html, from_plain, to_plain
from questions.rendering import to_html

MARKUP = st.text(st.sampled_from("*_`[]()<>&#\\|-+~:!.1a \n\t/h\"'=;"), max_size=60)
PRINTABLE = st.text(st.characters(blacklist_categories=["C"], whitelist_characters="\n\t"), max_size=200)
ANY_TEXT = st.one_of(PRINTABLE, MARKUP)


def shown(markdown: str) -> str:
    """The text that a page shows, white space folded: read off the HTML by the parser of tests."""
    from html.parser import HTMLParser

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


@settings(max_examples=300)
@given(ANY_TEXT)
def test_plain_text_is_shown_letter_for_letter(text: str) -> None:
    assert shown(from_plain(text)) == folded(text)


@settings(max_examples=300)
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


@settings(max_examples=300)
@given(TAGGED)
def test_marks_never_show_as_characters(source: str) -> None:
    import re

    assert shown(from_html(source).markdown) == folded(html.unescape(re.sub("<[^>]*>", "", source)))


def test_text_that_markdown_would_not_read_as_markup_stays_as_it_is() -> None:
    text = "a_b < c, 2 * 3 & 4 > 1 #5 [x] C:\\dir 1.5 - $x~y$ | {z}"
    assert from_plain(text) == text
