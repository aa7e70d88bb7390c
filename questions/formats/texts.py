"""Foreign texts to our Markdown and back to plain text.

A format's reader has plain text or HTML; a draft has the Markdown that `questions.rendering` shows. What
that cannot show (scripts, form controls, remote images …) is left out and named, so that the reader can say
so; what can be said in words or signs (formulas, powers, headings) becomes readable text.
"""

import html as entities
import re
from collections.abc import Iterable
from dataclasses import dataclass

import nh3

from questions.formats import hazards
from questions.formats.html_blocks import TAGS, Blocks, Image
from questions.formats.runs import Run, clean, paragraph, plain_lines
from questions.rendering import to_html

__all__ = ["Converted", "Image", "from_auto", "from_html", "from_plain", "to_plain"]

_DROPPED_NAMES = (
    "script style template noscript noembed noframes iframe object embed applet video audio svg canvas map"
    " select textarea button title head"
)
_DROPPED = set(_DROPPED_NAMES.split())
_WORDS = re.compile(r"[A-Za-z](?:[A-Za-z0-9 ,.;:?!'\"()/%$=-]*[A-Za-z0-9,.;:?!'\"()/%$=-])?")
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}, "ol": {"start"}}
_SANITISER = nh3.Cleaner(
    tags=set(TAGS),
    clean_content_tags=_DROPPED,
    attributes=_ATTRIBUTES,
    url_schemes={"http", "https", "mailto", "data"},
    link_rel=None,
)


@dataclass(frozen=True, slots=True)
class Converted:
    """`images` are those that `(Figure n)` in the text stands for, in that order; `lost` are plain-English
    names of what could not be kept, each once."""

    markdown: str
    images: tuple[Image, ...] = ()
    lost: tuple[str, ...] = ()


def from_plain(text: str) -> str:
    """Plain text as Markdown that shows it letter for letter, with as few escapes as that takes. New lines
    stay new lines; empty lines part paragraphs."""
    if _WORDS.fullmatch(text):
        return text
    return plain_lines(clean(text).replace("\r\n", "\n").replace("\r", "\n"))


def from_html(html: str, first_figure: int = 1, *, in_stem: bool = False) -> Converted:
    """HTML as Markdown.

    An image leaves `(Figure n)` where it stood, counted from `first_figure`. In a stem (`in_stem`) the last
    figure leaves nothing if the text ends with it, since figures are shown below the stem anyway.
    """
    if not hazards.has_markup(html):
        return Converted(paragraph([Run(clean(entities.unescape(html)))]))
    html = _readings_apart(hazards.literal_where_a_type(html))
    safe, excess = hazards.tamed(html)
    blocks = Blocks(first_figure)
    blocks.feed(_SANITISER.clean(clean(safe)))
    markdown = blocks.markdown()
    if in_stem and blocks.images:
        markdown = _without_last_figure(markdown, first_figure + len(blocks.images) - 1)
    lost = _once([*hazards.losses(html), *blocks.lost, *filter(None, [excess])])
    return Converted(markdown, tuple(blocks.images), lost)


def _readings_apart(html: str) -> str:
    """HTML with the readings of ruby characters in brackets, which browsers show above them."""
    if not _READING.search(html) or _BRACKET_OF_READING.search(html):
        return html
    return _READING.sub(lambda found: ")" if found[1] else " (", html)


def from_auto(text: str, first_figure: int = 1, *, in_stem: bool = False) -> Converted:
    """A text of which nobody says whether it is HTML, as Moodle takes texts: new lines are new lines, tags
    that HTML has are tags. Other angle brackets (`List<String>`, `a < b`) are text."""
    if not (hazards.has_tag(text) or _REFERENCE.search(text)):
        return Converted(from_plain(text))
    html = hazards.literal_where_no_tag(text)
    if not _BLOCK_TAG.search(html):
        html = html.replace("\n", "<br>")
    return from_html(html, first_figure, in_stem=in_stem)


def to_plain(markdown: str) -> str:
    """What the Markdown shows, as text: blocks and list items on lines of their own, no marks."""
    return _plain(to_html(markdown))


_READING = re.compile(r"<(/?)rt\b[^<>]*>", re.IGNORECASE)
_BRACKET_OF_READING = re.compile(r"<rp\b", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_BLOCK_TAG = re.compile(r"<(?:p|div|br|ul|ol|pre|table)\b", re.IGNORECASE)


def _without_last_figure(markdown: str, number: int) -> str:
    mark = f"(Figure {number})"
    before = markdown.removesuffix(mark).rstrip()
    return before if markdown.endswith(mark) and before else markdown


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


_LINK = re.compile(r'<a href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
_ITEM = re.compile(r"<(/?)(ul|ol|li)(?: start=\"(\d+)\")?[^>]*>\s*")
_BREAK = re.compile(r"<br[^>]*>\n?|</(?:p|pre|blockquote|table|tr)>\s*")
_CELL_END = re.compile(r"</t[dh]>\s*(?=<t[dh])")
_ANY_TAG = re.compile(r"<[^>]*>")


def _plain(html: str) -> str:
    """The text of HTML that our own renderer made: well formed, few tags."""
    html = _LINK.sub(lambda found: found[2] if found[1] == found[2] else f"{found[2]} ({found[1]})", html)
    counters: list[int] = []

    def item(found: re.Match[str]) -> str:
        closing, tag, start = found.groups()
        if tag == "li":
            return "\n" if closing else _bullet(counters)
        if closing:
            counters.pop()
        else:
            counters.append(int(start or 1) if tag == "ol" else 0)
        return "\n"

    html = _CELL_END.sub(" | ", _ITEM.sub(item, html))
    text = entities.unescape(_ANY_TAG.sub("", _BREAK.sub("\n", html)))
    return re.sub(r"\n\s*\n", "\n", text).strip()


def _bullet(counters: list[int]) -> str:
    if not counters or not counters[-1]:
        return "- "
    counters[-1] += 1
    return f"{counters[-1] - 1}. "
