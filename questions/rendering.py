"""Markdown to the HTML fragments that are stored with a version and joined into pages without another look.

CommonMark with tables; no HTML, images, headings or rules. What the Markdown renderer makes goes through one
allow-list, so that a mistake in the renderer is not a hole in the page. Code blocks and tables may be wider
than a phone: outside options each is a focusable group that scrolls; in options, which stand inside labels,
code wraps and nothing takes the focus."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline, link
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from questions.exhibits import Figure
from questions.formats import Draft

RENDERER = 1

_TAG_NAMES = "p br em strong code pre ul ol li blockquote div table thead tbody tr th td a"
_ATTRIBUTES = {
    "a": {"href", "title"},
    "ol": {"start"},
    "pre": {"class", "tabindex", "role", "aria-label"},
    "div": {"class", "tabindex", "role", "aria-label"},
    "th": {"class", "scope"},
    "td": {"class"},
}


class _Renderer(RendererHTML):
    """Code and tables in accessible shapes, and no inline style: alignment is a class."""

    def fence(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        return self.code_block(tokens, index, options, env)

    def code_block(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        shape = 'class="wrap"' if env.get("in_label") else 'tabindex="0" role="group" aria-label="Code"'
        return f"<pre {shape}><code>{escapeHtml(tokens[index].content)}</code></pre>\n"

    def table_open(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        return '<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>\n'

    def table_close(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        return "</table></div>\n"

    def th_open(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        return f'<th scope="col"{_alignment(tokens[index])}>'

    def td_open(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        return f"<td{_alignment(tokens[index])}>"


def _alignment(cell: Token) -> str:
    side = str(cell.attrGet("style") or "").removeprefix("text-align:")
    return f' class="{side}"' if side in {"right", "center"} else ""


_PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9 ,.;:'()/%?$-]*[A-Za-z0-9,.;:)?%])?")
"""Texts in which nothing can be markup. They are most of a bank, and this takes no time."""


MAX_MARKDOWN = 6_000
"""How many characters are read as Markdown: the most that a text of a question may have. Longer ones are
errors, and are shown as they were typed, so that no file takes minutes to preview."""

_MOST_BRACKETS = 400
"""How often a link is looked for in one text: a bracket that begins none takes as long as a whole line."""


def _link(state: StateInline, silent: bool) -> bool:
    """The library's rule, where there can be a link at all."""
    if state.src[state.pos] != "[" or state.src.find("](", state.pos) < 0:
        return False
    state.env["brackets"] = brackets = state.env.get("brackets", 0) + 1
    return brackets <= _MOST_BRACKETS and bool(link(state, silent))


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        """Links lead to whole addresses; what is none stays text."""
        return url.startswith(("https://", "http://"))


_markdown = _Markdown(
    "commonmark", {"html": False, "linkify": False, "typographer": False}, renderer_cls=_Renderer
)
_markdown.enable("table")
_markdown.inline.ruler.at("link", _link)
_markdown.disable(["image", "heading", "lheading", "hr", "html_block", "html_inline", "reference"])


@dataclass(frozen=True, slots=True)
class Rendered:
    """The derived columns of a version; `QuestionVersion` documents their shapes."""

    html: dict[str, Any]
    key_html: dict[str, Any]
    layout: dict[str, Any]


def render(draft: Draft, figures: Mapping[str, Figure]) -> Rendered:
    """What a version of `draft` is shown as. `figures` by file name holds every exhibit of the draft."""
    return Rendered(
        html={
            "stem": to_html(draft.stem),
            "options": {option.id: option_to_html(option.text) for option in draft.options},
            "exhibits": [
                {
                    "sha256": figures[exhibit.file].sha256,
                    "alt": exhibit.alt,
                    "long_description": exhibit.long_description,
                }
                for exhibit in draft.exhibits
            ],
        },
        key_html={
            "explanation": to_html(draft.explanation),
            "rationales": {option.id: to_html(option.rationale) for option in draft.options},
        },
        layout={
            "options": [[option.id, option.fixed] for option in draft.options],
            "choose": sum(option.correct for option in draft.options),
            "shuffle": draft.shuffle,
        },
    )


def to_html(text: str) -> str:
    """Markdown as blocks."""
    if _PLAIN.fullmatch(text):
        return f"<p>{text}</p>"
    if len(text) > MAX_MARKDOWN:
        return f"<p>{escapeHtml(text)}</p>"
    return _sanitise(_markdown.render(text, {})) if text else ""


def option_to_html(text: str) -> str:
    """An option's Markdown, to stand inside a label: one paragraph comes without its <p>."""
    if _PLAIN.fullmatch(text):
        return text
    if len(text) > MAX_MARKDOWN:
        return escapeHtml(text)
    tokens = _markdown.parse(text, env := {"in_label": True})
    if [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]:
        tokens = tokens[1:2]
    return _sanitise(_markdown.renderer.render(tokens, _markdown.options, env))


def has_table(text: str) -> bool:
    return "|" in text and len(text) <= MAX_MARKDOWN and _holds(text)[0]


def has_link(text: str) -> bool:
    return ("](" in text or "<" in text) and len(text) <= MAX_MARKDOWN and _holds(text)[1]


@lru_cache(maxsize=256)
def _holds(text: str) -> tuple[bool, bool]:
    """Whether a text has a table, and whether it has a link: asked several times of each."""
    tokens = _markdown.parse(text)
    links = any(child.type == "link_open" for token in tokens for child in token.children or ())
    return any(token.type == "table_open" for token in tokens), links


def _sanitise(html: str) -> str:
    return nh3.clean(
        html,
        tags=set(_TAG_NAMES.split()),
        clean_content_tags={"script", "style"},
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer",
    ).strip()
