"""The texts of a Moodle question: their formats to our Markdown and back, and the figures inside them.

Moodle shows HTML and images that stand in Markdown; we show them as they are written. So a `<` that would
begin a tag there leaves as `&#60;` (one that a backslash guards, which Moodle's Markdown does not know, as
`&#x3C;`), the `!` before a bracket as `&#33;`, and they come back from it; where a text has these spellings
itself, they get another zero. Code is left alone, and both ways agree on what is code, so that every text
comes back letter for letter."""

import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from html import escape, unescape
from itertools import groupby
from pathlib import PurePosixPath
from urllib.parse import quote, unquote

from markdown_it import MarkdownIt

from questions.formats import Exhibit, Place, Problem
from questions.formats.beside import file_name
from questions.formats.texts import Image, from_html, from_plain
from questions.formats.xml_nodes import Element

MAX_TEXT = 100_000
MAX_FIGURES = 50
FILES = "@@PLUGINFILE@@/"
INSIDE = "@@DATA@@/"

_FENCE = re.compile(r" {0,3}(`{3,}(?!.*`)|~{3,})")
_BLANK = re.compile(r"(\n[ \t]*\n)")
_GUARDED = re.compile(r"(?<!\\)((?:\\\\)*)\\<")
_IMAGE_START = re.compile(r"(?<!\\)((?:\\\\)*)!(?=\[)")
_TAG_START = re.compile(r"<(?!https?://[^\s<>]*>)(?=[A-Za-z/!?])")
_LIVE_NAMES = (
    "a|abbr|b|big|blockquote|br|center|code|dd|del|div|dl|dt|em|embed|font|form|h[1-6]|hr|i|iframe|img|input|"
    "ins|kbd|li|mark|math|object|ol|p|pre|s|samp|script|section|small|source|span|strike|strong|style|sub|sup|"
    "svg|table|tbody|td|tfoot|th|thead|tr|tt|u|ul|var|video|audio"
)
_LIVE = re.compile(rf"</?(?:{_LIVE_NAMES})\b[^<>]*>|<!--|(?<!\\)!\[[^\[\]\n]*\]\(", re.IGNORECASE)
_IMAGE = re.compile(r"<img\b[^<>]*>|(?<!\\)!\[[^\[\]\n]*\]\([^()\n]*\)", re.IGNORECASE)
_ATTRIBUTE = re.compile(r'(?<![a-z])([a-z]+)="([^"]*)"')
_LINE_BREAK = re.compile(r"(?<!>)\n(?![ \t]*<)")
_DATA = re.compile(r"data:(image/[a-z0-9.+-]{1,40});base64,([A-Za-z0-9+/=%\s]*)", re.IGNORECASE)
_PART_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,19}")
_html_in_markdown = MarkdownIt("commonmark").enable("table")


def escape_tags(markdown: str) -> str:
    """Our Markdown as Moodle's: nothing in it is a tag."""
    return _outside_code(markdown, _escape_tags)


def _escape_tags(text: str) -> str:
    text = re.sub("&#(x?)(0*)(60|3C|33);", r"&#\g<1>0\2\3;", text)
    text = _IMAGE_START.sub(r"\1&#33;", text)
    return _TAG_START.sub("&#60;", _GUARDED.sub(r"\1&#x3C;", text))


def unescape_tags(markdown: str) -> str:
    return _outside_code(markdown, _unescape_tags)


def _unescape_tags(text: str) -> str:
    text = text.replace("&#x3C;", "\\<").replace("&#60;", "<").replace("&#33;", "!")
    return re.sub("&#(x?)0(0*)(60|3C|33);", r"&#\1\2\3;", text)


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    """The text with everything changed but closed code fences and code spans."""
    fenced, fence, opened = set[int](), "", 0
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        mark = _FENCE.match(line)
        if not fence and mark:
            fence, opened = mark[1], number
        elif fence and mark and mark[1].startswith(fence) and not line[mark.end() :].strip():
            fenced.update(range(opened, number + 1))
            fence = ""
    parts = []
    for is_code, run in groupby(range(len(lines)), key=fenced.__contains__):
        part = "".join(lines[number] for number in run)
        parts.append(part if is_code else _outside_spans(part, change))
    return "".join(parts)


def _outside_spans(text: str, change: Callable[[str], str]) -> str:
    return "".join(
        paragraph if position % 2 else "".join(_changed_spans(paragraph, change))
        for position, paragraph in enumerate(_BLANK.split(text))
    )


def _changed_spans(text: str, change: Callable[[str], str]) -> list[str]:
    runs = [(found.start(), found.end()) for found in re.finditer("`+", text)]
    following: dict[int, int] = {}
    closing: list[int | None] = [None] * len(runs)
    for number in range(len(runs) - 1, -1, -1):
        length = runs[number][1] - runs[number][0]
        closing[number] = following.get(length)
        following[length] = number
    parts, done, number = [], 0, 0
    while number < len(runs):
        close = closing[number]
        if close is not None:
            parts += [change(text[done : runs[number][0]]), text[runs[number][0] : runs[close][1]]]
            done, number = runs[close][1], close
        number += 1
    return [*parts, change(text[done:])]


def figure_tag(exhibit: Exhibit) -> str:
    """The tag that stands behind the stem for an exhibit; its title is the long description."""
    values = {"id": exhibit.id, "src": FILES + quote(exhibit.file), "alt": exhibit.alt}
    if exhibit.long_description:
        values["title"] = exhibit.long_description
    attributes = "".join(f' {name}="{_value(value)}"' for name, value in values.items())
    return f"<img{attributes}/>"


def _value(text: str) -> str:
    return escape(text).replace("\n", "&#10;").replace("\r", "&#13;").replace("\t", "&#9;")


def _without_figure_tags(text: str) -> tuple[str, list[dict[str, str]]]:
    """A stem as we write it: the text, and the attributes of the tags behind it."""
    tags: list[dict[str, str]] = []
    while text.endswith("/>"):
        start = text.rfind("\n\n<img ")
        inside = text[start + 7 : -2]
        if start < 0 or "<" in inside or ">" in inside:
            break
        values = {name: unescape(value) for name, value in _ATTRIBUTE.findall(inside)}
        if not values.get("src", "").startswith(FILES):
            break
        tags.insert(0, values)
        text = text[:start]
    return text, tags


@dataclass(slots=True)
class Allowance:
    """How many characters of Markdown with HTML in it are still converted in this file."""

    characters: int = 250_000


@dataclass(slots=True)
class Texts:
    """Reads the texts of one question, and collects its figures and what there is to say about both.

    `lines` is the one of `place`, which learns here where the figures stand."""

    place: Place
    lines: dict[str, int]
    question: Element
    allowance: Allowance
    problems: list[Problem] = field(default_factory=list)
    exhibits: list[Exhibit] = field(default_factory=list)
    figures: dict[str, bytes] = field(default_factory=dict)
    format: str = "html"
    inside: list[tuple[str, str]] = field(default_factory=list)

    def stem(self, element: Element) -> str:
        text, self.format = self._text(element, "stem")
        tags: list[dict[str, str]] = []
        if self.format == "markdown":
            text, tags = _without_figure_tags(text)
        markdown = self._converted(element, "stem", text, self.format, in_stem=True)
        for tag in tags:
            self._figure(element, Image(tag["src"], tag.get("alt", "")), tag)
        self._legacy_image()
        return markdown

    def option(self, element: Element, path: str) -> str:
        text, format_ = self._text(element, path)
        return self._converted(element, path, text, format_)

    def feedback(self, element: Element | None, path: str) -> str:
        """A text that is shown after the answer, and so holds no figure: those are shown with the stem."""
        if element is None:
            return ""
        text, format_ = self._text(element, path)
        images: list[str] = []

        def without(part: str) -> str:
            images.extend(_IMAGE.findall(part))
            return _IMAGE.sub(_alt, part)

        if format_ != "plain_text":
            text = _outside_code(text, without) if format_ == "markdown" else without(text)
        if images:
            advice = "Put the figure into the stem, if it gives nothing away: a feedback cannot keep one."
            self.problems.append(self.place.warning(path, advice, images[0]))
        return self._converted(element, path, text, format_)

    def _text(self, element: Element, path: str) -> tuple[str, str]:
        """What stands in the first <text>, and its format; Moodle takes an unknown one for HTML."""
        format_ = element.attributes.get("format", self.format).strip()
        if format_ not in {"markdown", "plain_text", "moodle_auto_format", "wiki_like"}:
            format_ = "html"
        inner = element.child("text")
        if inner is None:
            text = "".join(part for part in element.children if isinstance(part, str))
            if text.strip():
                self.problems.append(self.place.warning(path, "Put the text into <text>…</text>.", text))
        elif inner.elements:
            text, format_ = inner.inner_html(), "html"
            advice = (
                "Put the text into <![CDATA[…]]>: its tags are read as HTML, but Moodle does not read them."
            )
            self.problems.append(self.place.warning(path, advice, text))
        else:
            text = inner.text
        text = _DATA.sub(self._put_aside, text)
        if len(text) > MAX_TEXT:
            advice = f"Shorten the text: {MAX_TEXT:,} characters are the most that is read."
            self.problems.append(self.place.error(path, advice, text))
            text = text[:MAX_TEXT]
        return text, format_

    def _may_render(self, path: str, text: str) -> bool:
        """Whether HTML in Markdown is converted: it takes long, so that of one file only so much is."""
        self.allowance.characters -= len(text)
        if self.allowance.characters < 0:
            advice = (
                "Split the file: there is too much HTML in its Markdown, and what stands here stays as it is."
            )
            self.problems.append(self.place.warning(path, advice, text))
        return self.allowance.characters >= 0

    def _put_aside(self, found: re.Match[str]) -> str:
        """A figure that stands in the text itself may be longer than any text: a short name stands for it."""
        self.inside.append((found[1].lower().removeprefix("image/").partition("+")[0], found[2]))
        return f"{INSIDE}{len(self.inside) - 1}"

    def _converted(
        self, element: Element, path: str, text: str, format_: str, *, in_stem: bool = False
    ) -> str:
        first = len(self.exhibits) + 1
        if format_ == "plain_text":
            return from_plain(text.strip())
        if format_ not in {"html", "markdown"} and "<" not in text:
            return from_plain(unescape(text).strip())
        if format_ == "markdown":
            if text[:1].isspace():
                text = text.strip()
            if not (_is_live(text) and self._may_render(path, text)):
                return unescape_tags(text)
            text = _html_in_markdown.render(text)
        elif format_ != "html":
            lines = text.strip().replace("\r\n", "\n").replace("\r", "\n")
            text = _LINE_BREAK.sub("<br>\n", lines)
        converted = from_html(text, first, in_stem=in_stem)
        if converted.lost:
            advice = f"Check the text: {', '.join(converted.lost)} could not be kept."
            self.problems.append(self.place.warning(path, advice, text))
        for image in converted.images:
            self._figure(element, image, {})
            if len(self.exhibits) >= MAX_FIGURES:
                advice = f"Remove figures: {MAX_FIGURES} are the most that is read of one question."
                self.problems.append(self.place.error("exhibits", advice))
                break
        return converted.markdown

    def _figure(self, element: Element, image: Image, said: dict[str, str]) -> None:
        """Make an exhibit of an image in `element`; `said` is what our own tag says beside it."""
        number = len(self.exhibits) + 1
        path = f"exhibits[{number - 1}]"
        embedded = self._embedded(element, image.src)
        self.lines[path] = embedded.line if embedded else element.line
        suffix, content = self._inside(image.src)
        shown = "" if suffix else image.src.removeprefix(FILES).split("?")[0]
        content = content or _content(embedded)
        if isinstance(content, str):
            self.problems.append(self.place.error(f"{path}.file", content, shown))
        alt = image.alt or f"Figure {number}"
        if not image.alt:
            advice = "Describe the figure for candidates who cannot see it: it has no alt text."
            self.problems.append(self.place.warning(f"{path}.alt", advice, shown))
        name = self._free_name(file_name(shown or f"figure-{number}.{suffix}", number), content)
        if isinstance(content, bytes):
            self.figures[name] = content
        id_ = said.get("id", "")
        id_ = id_ if _PART_ID.fullmatch(id_) else f"figure-{number}"
        self.exhibits.append(Exhibit(id_, name, alt, said.get("title", "")))

    def _inside(self, src: str) -> tuple[str, bytes | str]:
        """The kind and the bytes of a figure that was put aside, or nothing."""
        number = src.removeprefix(INSIDE)
        if number == src or not re.fullmatch("[0-9]{1,5}", number) or int(number) >= len(self.inside):
            return "", ""
        suffix, content = self.inside[int(number)]
        return suffix, _decoded(unquote(content))

    def _free_name(self, name: str, content: bytes | str) -> str:
        """The name, with a number where another figure of the question has it."""
        path, number = PurePosixPath(name), 1
        while name in self.figures and self.figures[name] != content:
            number += 1
            name = f"{path.stem}-{number}{path.suffix}"
        return name

    def _embedded(self, element: Element, src: str) -> Element | None:
        """The <file> that an address names: in the same text, else anywhere in the question."""
        wanted = unquote(src.removeprefix(FILES).split("?")[0]).lstrip("/")
        files = [*element.all("file"), *self.question.below("file")]
        for name in (wanted, PurePosixPath(wanted).name):
            for file in files:
                inside = file.attributes.get("path", "/").strip("/")
                whole = f"{inside}/{file.attributes.get('name', '')}".lstrip("/")
                if name and name in {whole, file.attributes.get("name", "")}:
                    return file
        return None

    def _legacy_image(self) -> None:
        """Moodle 1 had one image for a question, beside its text."""
        image, content = self.question.child("image"), self.question.child("image_base64")
        name = image.text.strip() if image else ""
        if content is not None and content.text.strip():
            name = name or "figure"
            attributes = {"name": name, "encoding": "base64"}
            self.question.children.append(replace(content, tag="file", attributes=attributes))
            self._figure(content, Image(FILES + quote(name), ""), {})
        elif name:
            advice = "Embed the figure: the file only names it."
            self.lines[f"exhibits[{len(self.exhibits)}]"] = image.line if image else 0
            self.problems.append(self.place.error(f"exhibits[{len(self.exhibits)}].file", advice, name))


def _is_live(text: str) -> bool:
    """Whether there is HTML or an image in Markdown, outside its code."""
    found: list[bool] = []

    def look(part: str) -> str:
        found.append(_LIVE.search(part) is not None)
        return part

    _outside_code(text, look)
    return any(found)


def _alt(found: re.Match[str]) -> str:
    if found[0].startswith("!"):
        return found[0][2:].partition("]")[0]
    alt = re.search(r"""\balt\s*=\s*("[^"]*"|'[^']*')""", found[0], re.IGNORECASE)
    return alt[1][1:-1] if alt else ""


def _content(file: Element | None) -> bytes | str:
    """The bytes of an embedded file, or what to do where there are none."""
    if file is None:
        return "Embed the figure in a <file> of its text: there is none of that name."
    if file.attributes.get("encoding") != "base64":
        return 'Embed the figure with encoding="base64": no other encoding is read.'
    return _decoded(file.text)


def _decoded(text: str) -> bytes | str:
    try:
        content = b64decode("".join(text.split()), validate=True)
    except ValueError:
        return "Embed the figure again: its base64 is damaged."
    return content or "Embed the figure again: it is empty."
