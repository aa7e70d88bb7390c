"""Markdown apart from the code and the HTML in it."""

import re
from collections.abc import Iterator

_CODE = re.compile(r"(`{1,9})(?!`)[^`]*(?<!`)\1(?!`)")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
_BREAK = re.compile(r"[ \t]{0,8}<br[ \t]{0,8}/?>[ \t]{0,8}\n?", re.IGNORECASE)
_OPENS = re.compile(
    r"<(b|i|u|em|strong|code|sub|sup|kbd|tt|span|a|p|ul|ol|pre|div|table|script|style|iframe|img)\b"
    r"[^<>]{0,4000}>",
    re.IGNORECASE,
)


def html_apart(text: str) -> Iterator[tuple[str, bool]]:
    """A text without code in pieces that are HTML elements and such that are not. Line breaks become
    Markdown's; a tag that nothing closes, or of no element for formatting, is text."""
    if "<" not in text:
        yield text, False
        return
    text = _BREAK.sub("  \n", text)
    lowered = text.lower()
    never: set[str] = set()
    at = begin = 0
    while opened := _OPENS.search(text, at):
        name = opened[1].lower()
        at = opened.end()
        if name != "img":
            close = -1 if name in never else lowered.find(f"</{name}>", at)
            if close < 0:
                never.add(name)
                continue
            at = close + len(name) + 3
        yield text[begin : opened.start()], False
        yield text[opened.start() : at], True
        begin = at
    yield text[begin:], False


def code_apart(text: str) -> list[tuple[str, bool]]:
    """A text in pieces that are code (blocks and spans) and such that are not."""
    found: list[tuple[str, bool]] = []
    plain: list[str] = []
    fence = ""
    for line in text.splitlines(keepends=True):
        opens = _FENCE.match(line)
        if fence or opens:
            if plain:
                found += _spans_apart("".join(plain))
                plain = []
            found.append((line, True))
            if not fence and opens:
                fence = opens[1]
            elif opens and opens[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        else:
            plain.append(line)
    return [*found, *_spans_apart("".join(plain))]


def _spans_apart(text: str) -> list[tuple[str, bool]]:
    found: list[tuple[str, bool]] = []
    at = 0
    for span in _CODE.finditer(text):
        found += [(text[at : span.start()], False), (span[0], True)]
        at = span.end()
    return [*found, (text[at:], False)]
