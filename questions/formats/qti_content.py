"""What both QTI readers do with the pieces of one question: texts, figures, feedback, places.

Texts become Markdown and pictures exhibits, numbered as they come; a picture in feedback is left out, since
exhibits are shown before the question is answered. A file's picture is looked for beside the item, at the
package's root, and by the end of its path: exporters disagree on what a path is relative to."""

import base64
import binascii
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from urllib.parse import unquote, urlsplit
from xml.sax.saxutils import quoteattr

from questions.formats import Exhibit, Files, NoFiles, Place, Problem
from questions.formats.archive import ArchiveError
from questions.formats.texts import Converted, Image, from_html
from questions.formats.xml_nodes import Element

MAX_FIGURES = 50
OWN_EXHIBIT = "exhibit_"
_MARK = re.compile(r"\(Figure ([0-9]{1,6})\)")
PARTIAL_CREDIT = "Expect no partial credit: the file gives points by option, here all or nothing."
_BROWSER_SPACE = " \t\n\r\f"
_FILEBASE = re.compile(r"^[$]IMS[-_]CC[-_]FILE_?BASE[$]/?", re.IGNORECASE)
_DATA = re.compile(r"data:image/(png|jpe?g|gif|webp|svg)[^,]{0,40};base64,", re.IGNORECASE)
_IMAGE_NAME = re.compile(r"\.(png|jpe?g|gif|webp|svg)$", re.IGNORECASE)
_IMAGE_TAG = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
_NOT_IN_FILE_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_NOT_IN_ID = re.compile(r"[^A-Za-z0-9._-]+")
_VOID = frozenset({"br", "img", "hr", "col", "input"})


@dataclass(frozen=True, slots=True)
class Beside:
    """The files that came with an item, and the folder that the item stands in."""

    files: Files = field(default_factory=NoFiles)
    folder: str = ""

    def exact(self, address: str) -> str | None:
        """The path of the file that `address` names, read from the item's folder or from the root."""
        path = _path(address)
        if not path:
            return None
        names = self.files.names()
        candidates = (self.path(address), posixpath.normpath(path))
        return next((candidate for candidate in candidates if candidate in names), None)

    def path(self, address: str) -> str:
        """The path that `address` would have, read from the item's folder."""
        return posixpath.normpath(posixpath.join(self.folder, _path(address)))

    def find(self, address: str) -> str | None:
        """The same, or else the only file whose path ends like `address`."""
        found = self.exact(address)
        ending = f"/{posixpath.normpath(_path(address)).lstrip('./')}"
        if found is not None or len(ending) == 1:
            return found
        same_ending = [name for name in self.files.names() if f"/{name}".endswith(ending)]
        return same_ending[0] if len(same_ending) == 1 else None


def _path(address: str) -> str:
    try:
        return _FILEBASE.sub("", unquote(urlsplit(unquote(address).strip()).path)).lstrip("/")
    except ValueError:
        return ""


@dataclass(frozen=True, slots=True)
class Context:
    """Where an item stands: its file as problems name it, its number among the file's or the package's items
    (from 0), what lies beside it, what it is filed under, and how much was read when it was."""

    file: str
    number: int
    beside: Beside = field(default_factory=Beside)
    packaged: bool = False
    labels: tuple[str, ...] = ()
    done: float = 1.0

    def place(self, identifier: str, lines: Mapping[str, int]) -> Place:
        shown = identifier or posixpath.basename(self.file)
        return Place(
            self.file, f"questions[{self.number}]", lines, item=shown if self.packaged else identifier
        )


class Content:
    """The texts and figures of one question, as they are read one after the other. `is_ours` says that we
    wrote them."""

    def __init__(self, place: Place, lines: dict[str, int], context: Context) -> None:
        self.place = place
        self.lines = lines
        self.exhibits: list[Exhibit] = []
        self.figures: dict[str, bytes] = {}
        self.problems: list[Problem] = []
        self._context = context
        self.is_ours = False
        self._said_of: dict[str, tuple[str, str]] = {}

    def said(self) -> tuple[Problem, ...]:
        """The problems so far, each once."""
        return tuple({str(problem): problem for problem in self.problems}.values())

    def shown(self, html: str, field_path: str, *, is_stem: bool = False) -> str:
        """The Markdown of what a candidate sees before answering. Pictures become exhibits; those that a
        stem ends with leave no mark in it, since exhibits stand below the stem."""
        first = len(self.exhibits) + 1
        converted = self._converted(html, first)
        self._report(converted.lost, field_path)
        marks: dict[int, str] = {}
        for number, image in enumerate(converted.images, first):
            if number > MAX_FIGURES:
                advice = f"Use fewer pictures: {MAX_FIGURES} are the most that is read of one question."
                self.problems.append(self.place.error(field_path, advice))
                break
            is_there = self._add(image.src, image.alt, field_path)
            marks[number] = f"(Figure {len(self.exhibits)})" if is_there else image.alt.strip()
        markdown = _MARK.sub(lambda mark: marks.get(int(mark[1]), mark[0]), converted.markdown).strip()
        return _without_last_marks(markdown, first, len(self.exhibits)) if is_stem else markdown

    def feedback(self, html: str, field_path: str) -> str:
        """The Markdown of what a candidate sees afterwards."""
        without, pictures = _IMAGE_TAG.subn("", html)
        if pictures:
            advice = "Move the picture into the stem: feedback cannot hold one, and it was left out."
            self.problems.append(self.place.warning(field_path, advice))
        converted = self._converted(without, 1)
        self._report(converted.lost, field_path)
        return converted.markdown

    def _converted(self, html: str, first_figure: int) -> Converted:
        """The HTML as Markdown. Other programs strew no-break spaces about, which become plain ones;
        what we wrote ourselves keeps each of its spaces, behind a letter that the text does not use."""
        odd = sorted({letter for letter in html if letter.isspace() and letter not in _BROWSER_SPACE})
        if not self.is_ours or not odd:
            return from_html(html, first_figure)
        private = [letter for letter in map(chr, range(0xE000, 0xF8FF)) if letter not in html]
        marks: dict[str, str | int | None] = dict(zip(odd, private, strict=False))
        converted = from_html(html.translate(str.maketrans(marks)), first_figure)
        back = str.maketrans(dict(zip(private, odd, strict=False)))
        images = tuple(
            Image(image.src.translate(back), image.alt.translate(back)) for image in converted.images
        )
        return Converted(converted.markdown.translate(back), images, converted.lost)

    def look_at(self, image: Element) -> None:
        """Remember what an image says of itself that its HTML will not: an id of ours, a long description."""
        own_id = image.attributes.get("id", "")
        exhibit_id = own_id.removeprefix(OWN_EXHIBIT) if own_id.startswith(OWN_EXHIBIT) else ""
        described = self._context.beside.exact(image.attributes.get("longdesc", ""))
        text = ""
        if described is not None:
            try:
                text = (self._context.beside.files.read(described) or b"").decode("utf-8", "replace")
            except ArchiveError as error:
                self.problems.append(self.place.warning("exhibits", str(error), described))
        self._said_of[image.attributes.get("src", "")] = (exhibit_id, text)

    def _report(self, lost: Sequence[str], field_path: str) -> None:
        if lost:
            advice = f"Check the text: {', '.join(lost)} could not be kept."
            self.problems.append(self.place.warning(field_path, advice))

    def _add(self, address: str, alt: str, field_path: str) -> bool:
        """Make an exhibit of a picture. A file that came alone brings none: its alt text stands in."""
        path = f"exhibits[{len(self.exhibits)}]"
        self.lines[f"{path}.file"] = self.lines.get(field_path, 0)
        name, content = self._fetch(address, f"{path}.file")
        if content is None and not self._context.packaged:
            advice = "Upload the whole package to bring the picture along: it is not in this file."
            self.problems.append(self.place.warning(field_path, advice, address))
            return False
        name = self._free_name(name, content)
        number = len(self.exhibits) + 1
        if not alt.strip():
            self.problems.append(
                self.place.warning(f"{path}.alt", "Say in words what the figure shows.", name)
            )
            alt = f"Figure {number}"
        exhibit_id, description = self._said_of.get(address, ("", ""))
        self.exhibits.append(Exhibit(exhibit_id or f"figure-{number}", name, alt.strip(), description))
        if content is not None:
            self.figures[name] = content
        return True

    def _fetch(self, address: str, field_path: str) -> tuple[str, bytes | None]:
        """A plain name for the picture, and its bytes if they came along."""
        inline = _DATA.match(address)
        if inline:
            try:
                return f"figure.{inline[1].lower()}", base64.b64decode(
                    address[inline.end() :], validate=False
                )
            except binascii.Error:
                return f"figure.{inline[1].lower()}", None
        found = self._context.beside.find(address)
        if found is None:
            return posixpath.basename(_path(address)), None
        try:
            return posixpath.basename(found), self._context.beside.files.read(found)
        except ArchiveError as error:
            self.problems.append(self.place.error(field_path, str(error), found))
            return posixpath.basename(found), None

    def _free_name(self, name: str, content: bytes | None) -> str:
        """`name` as a plain file name that no other picture of the question has."""
        name = _NOT_IN_FILE_NAME.sub("-", name).lstrip("._-")[-100:].lstrip("._-") or "figure.png"
        taken = {exhibit.file for exhibit in self.exhibits}
        stem, dot, ending = name.rpartition(".")
        number, free = 1, name
        while free in taken and self.figures.get(free) != content:
            number += 1
            free = f"{stem or ending}-{number}{dot}{ending if stem else ''}"[-100:]
        return free


def _without_last_marks(markdown: str, first: int, last: int) -> str:
    for number in range(last, max(first, last - MAX_FIGURES) - 1, -1):
        mark = f"(Figure {number})"
        before = markdown.removesuffix(mark).rstrip()
        if not markdown.endswith(mark) or not before:
            break
        markdown = before
    return markdown


def markup(nodes: Sequence["Element | str"], left_out: frozenset[int] = frozenset()) -> str:
    """Nodes as HTML, without the elements whose `id()` is in `left_out`; picture objects become images."""
    return "".join(_pieces(nodes, left_out))


def _pieces(nodes: Sequence["Element | str"], left_out: frozenset[int]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield escape(node, quote=False)
        elif id(node) in left_out:
            continue
        elif node.tag == "object" and _is_picture(node):
            alt = node.attributes.get("alt") or " ".join(node.text.split())
            yield f"<img src={quoteattr(node.attributes['data'])} alt={quoteattr(alt)}>"
        else:
            tag = "div" if node.tag in {"contentBody", "rubricBlock"} else node.tag
            attributes = "".join(f" {name}={quoteattr(value)}" for name, value in node.attributes.items())
            yield f"<{tag}{attributes}>"
            if tag not in _VOID:
                yield from _pieces(node.children, left_out)
                yield f"</{tag}>"


def _is_picture(node: Element) -> bool:
    data = node.attributes.get("data", "")
    kind = node.attributes.get("type", "")
    return bool(data) and (kind.startswith("image/") or (not kind and bool(_IMAGE_NAME.search(data))))


def external_id(identifier: str) -> str:
    """An item's identifier as a question's id: the same, unless it has characters that no id may have."""
    return _NOT_IN_ID.sub("-", identifier.strip()).lstrip("._-")[:100]


def explanation(general: Sequence[str], correct: Sequence[str], incorrect: Sequence[str]) -> str:
    """Everything that feedback says of the question as a whole, each text once. What is meant for one outcome
    only says so, unless both outcomes say the same or the other has nothing to say."""
    parts = dict.fromkeys(text for text in general if text)
    right = "\n\n".join(dict.fromkeys(text for text in correct if text and text not in parts))
    wrong = "\n\n".join(dict.fromkeys(text for text in incorrect if text and text not in parts))
    if right and wrong and right != wrong:
        return "\n\n".join([*parts, f"If answered correctly:\n\n{right}", f"Otherwise:\n\n{wrong}"])
    return "\n\n".join([*parts, *([right or wrong] if right or wrong else [])])
