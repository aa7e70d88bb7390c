"""HTML to Markdown, one tag at a time: a stack of open blocks, each with what is finished inside it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import unescape

from questions.formats import mathml
from questions.formats.runs import Run, clean, fenced, paragraph

MAX_LISTS = 8
MAX_CELLS = 4_000

_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6", "dt", "caption", "summary"}
_BLOCK_NAMES = (
    "p div section article header footer main aside nav figure figcaption address center details dl dd hr"
    " fieldset legend form"
)
_BLOCKS = _HEADINGS | set(_BLOCK_NAMES.split())
_CONTAINERS = {"ul", "ol", "li", "blockquote", "pre", "table", "tr", "td", "th"}
_STRONG = {"strong", "b"}
_EMPHASIS = {"em", "i", "u", "cite", "dfn", "var"}
_CODE = {"code", "kbd", "samp", "tt"}
_MARKS = {
    **dict.fromkeys(_STRONG, "strong"),
    **dict.fromkeys(_EMPHASIS, "emphasis"),
    **dict.fromkeys(_CODE, "code"),
}
_SHIFTS: dict[str, Callable[[str], str]] = {"sup": mathml.raised, "sub": mathml.lowered}
TAGS = (
    _BLOCKS
    | _CONTAINERS
    | _STRONG
    | _EMPHASIS
    | _CODE
    | _SHIFTS.keys()
    | mathml.TAGS
    | {"a", "br", "img", "q"}
)


_NEW_LINE = Run("\n")


@dataclass(frozen=True, slots=True)
class Image:
    """An image as HTML names it: `src` is a path, a data: address or whatever stands there."""

    src: str
    alt: str


@dataclass(slots=True)
class _Open:
    """An open container. `blocks` are its finished blocks, `runs` the paragraph that is being read."""

    tag: str
    blocks: list[str] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    number: int = 1
    rows: list[list[str]] = field(default_factory=list)


_PIECE = re.compile(r'<(/?)([a-z][a-z0-9-]*)((?:[^">]|"[^"]*")*+)>|([^<]+|<)')
_ATTRIBUTE = re.compile(r'([a-z-]+)(?:="([^"]*)")?')


class Blocks:
    """Reads HTML that `nh3` made well formed: names in small letters, values in double quotes, no comments,
    every bracket of a text escaped. (A parser for any HTML takes three times as long for the same.) `images`
    are those that are kept; `lost` what is not."""

    def __init__(self, first_figure: int) -> None:
        self.images: list[Image] = []
        self.lost: list[str] = []
        self._first_figure = first_figure
        self._open = [_Open("")]
        self._marks: dict[str, int] = {"strong": 0, "emphasis": 0, "code": 0}
        self._href = ""
        self._shift: list[str] = []
        self._formula: mathml.Formula | None = None

    def feed(self, html: str) -> None:
        for found in _PIECE.finditer(html):
            closing, tag, attributes, text = found.groups()
            if text:
                self._data(unescape(text) if "&" in text else text)
            elif closing:
                self._end(tag)
            elif attributes:
                pairs = _ATTRIBUTE.findall(attributes)
                self._start(tag, {name: unescape(value) for name, value in pairs})
            else:
                self._start(tag, {})

    def markdown(self) -> str:
        while len(self._open) > 1:
            self._close()
        self._flush()
        return "\n\n".join(self._open[0].blocks)

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self._formula:
            self._formula.start(tag)
        elif tag == "math":
            self._formula = mathml.Formula()
        elif tag in _CONTAINERS:
            self._flush()
            start = attributes.get("start", "")
            self._open.append(_Open(tag, number=int(start) if re.fullmatch(r"[0-9]{1,6}", start) else 1))
        elif tag in _BLOCKS:
            self._flush()
            self._marks["strong"] += tag in _HEADINGS
        elif tag == "br":
            self._text("\n", forced=True)
        elif tag == "img":
            self._image(attributes)
        elif tag == "a":
            self._link(attributes.get("href", ""))
        elif tag in _SHIFTS:
            self._shift.append("")
        elif tag == "q":
            self._text("\u201c")
        else:
            self._mark(tag, 1)

    def _end(self, tag: str) -> None:
        if self._formula:
            self._end_of_formula(self._formula, tag)
        elif tag in _CONTAINERS:
            if any(block.tag == tag for block in self._open):
                while self._close() != tag:
                    pass
        elif tag in _BLOCKS:
            self._flush()
            if tag in _HEADINGS:
                self._marks["strong"] = max(0, self._marks["strong"] - 1)
        elif tag == "a":
            self._href = ""
        elif tag in _SHIFTS and self._shift:
            self._text(_SHIFTS[tag](self._shift.pop()))
        elif tag == "q":
            self._text("\u201d")
        else:
            self._mark(tag, -1)

    def _data(self, data: str) -> None:
        if self._formula:
            self._formula.text(data)
        else:
            self._text(clean(data))

    def _end_of_formula(self, formula: mathml.Formula, tag: str) -> None:
        if tag != "math":
            formula.end()
        else:
            self._formula = None
            self._text(formula.line())

    def _mark(self, tag: str, step: int) -> None:
        if name := _MARKS.get(tag):
            self._marks[name] = max(0, self._marks[name] + step)

    def _link(self, href: str) -> None:
        if href.startswith(("https://", "http://")):
            self._href = href
        elif href and not href.startswith("#"):
            self.lost.append("a link that is no web address")

    def _image(self, attributes: Mapping[str, str]) -> None:
        src, alt = attributes.get("src", "").strip(), " ".join(attributes.get("alt", "").split())
        if not src or re.match(r"https?:|//", src, re.IGNORECASE):
            self.lost.append("a remote image" if src else "an image without a file")
            self._text(alt)
            return
        self.images.append(Image(src, alt))
        self._text(f"(Figure {self._first_figure + len(self.images) - 1})")

    def _text(self, text: str, *, forced: bool = False) -> None:
        """Text, or with `forced` a new line, where the reader stands."""
        marks = self._marks
        if self._shift:
            self._shift[-1] += " " if forced else text
        elif forced:
            self._open[-1].runs.append(_NEW_LINE)
        elif self._open[-1].tag == "pre":
            self._open[-1].runs.append(Run(text))
        elif text:
            code = bool(marks["code"])
            strong, emphasis = bool(marks["strong"]) and not code, bool(marks["emphasis"]) and not code
            self._open[-1].runs.append(Run(" " if text == "\n" else text, self._href, strong, emphasis, code))

    def _flush(self) -> None:
        """End the paragraph that is being read."""
        block = self._open[-1]
        if block.tag == "pre":
            return
        if text := paragraph(block.runs):
            block.blocks.append(text)
        block.runs = []

    def _close(self) -> str:
        """Finish the innermost container and put what it makes into the one around it; its tag."""
        self._flush()
        block = self._open.pop()
        around = self._open[-1]
        if block.tag == "pre":
            self._close_pre(block, around)
        elif block.tag == "tr" and around.tag == "table":
            around.rows.append(block.blocks)
        elif block.tag in {"td", "th"} and around.tag == "tr":
            around.blocks.append("\n\n".join(block.blocks))
        elif block.tag == "table":
            around.blocks += [*block.blocks, *_table(block.rows)]
        elif block.tag == "li" and around.tag in {"ul", "ol"}:
            self._close_item(block, around)
        elif block.tag in {"ul", "ol"} and block.blocks and self._depth() < MAX_LISTS:
            loose = any("\n\n" in item for item in block.blocks)
            around.blocks.append(("\n\n" if loose else "\n").join(block.blocks))
        elif block.tag == "blockquote" and block.blocks and self._depth() < MAX_LISTS:
            around.blocks.append(_prefixed("\n\n".join(block.blocks), "> ", "> "))
        else:
            around.blocks += block.blocks
        return block.tag

    @staticmethod
    def _close_pre(block: _Open, around: _Open) -> None:
        text = "".join(run.text for run in block.runs).strip("\n")
        if text.strip():
            around.blocks.append(fenced(text))
        around.blocks += block.blocks

    def _close_item(self, block: _Open, around: _Open) -> None:
        if not block.blocks:
            return
        if self._depth() > MAX_LISTS:
            around.blocks += block.blocks
            return
        text = block.blocks[0]
        for following in block.blocks[1:]:
            text += ("\n" if re.match(r"- |\d+\. ", following) else "\n\n") + following
        mark = f"{around.number}. " if around.tag == "ol" else "- "
        around.number += 1
        around.blocks.append(_prefixed(text, mark, " " * len(mark)))

    def _depth(self) -> int:
        return sum(block.tag in {"ul", "ol", "blockquote"} for block in self._open)


def _prefixed(text: str, first: str, rest: str) -> str:
    lines = text.split("\n")
    return "\n".join(
        ((first if not at else rest) + line).rstrip(" " if not line else "") for at, line in enumerate(lines)
    )


def _table(rows: list[list[str]]) -> list[str]:
    """The rows as one table, its first row the header; as paragraphs where it has one column or is huge."""
    rows = [row for row in rows if any(row)]
    width = max((len(row) for row in rows), default=0)
    if width < 2 or width * len(rows) > MAX_CELLS:
        return [cell for row in rows for cell in row if cell]
    lines = [[_cell(cell) for cell in row] + [""] * (width - len(row)) for row in rows]
    written = [f"| {' | '.join(line)} |" for line in lines]
    return ["\n".join([written[0], f"|{' --- |' * width}", *written[1:]])]


def _cell(markdown: str) -> str:
    """Blocks in one line, as a cell must be: fences become code, line ends spaces, bars escaped."""
    lines = [line for line in markdown.split("\n") if not re.fullmatch(r"\s*`{3,}", line)]
    return " ".join(" ".join(lines).split()).replace("|", "\\|")
