"""XML read one wanted element at a time, with the line of everything, however hostile the file is.

No document type, hence no entities but the five of XML and nothing fetched from elsewhere; depth, elements,
attributes and sizes are limited; memory is bounded by one element and one chunk. Namespaces are not resolved:
names are compared without their prefix, since real files use any address, or none, for the same thing."""

import codecs
import re
from collections import deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from html.entities import html5
from xml.parsers import expat
from xml.parsers.expat import errors
from xml.sax.saxutils import escape, quoteattr

from questions.formats import SHOWN, Reading

MAX_BYTES = 100_000_000
MAX_DEPTH = 100
MAX_ELEMENTS = 2_000_000
MAX_ELEMENTS_OF_ONE = 20_000
MAX_BYTES_OF_ONE = 20_000_000
MAX_ATTRIBUTES = 100
MAX_ATTRIBUTE_LENGTH = 1_500_000
CHUNK = 65_536

_DECLARED = re.compile(rb"""\s*<\?xml\s[^>]{0,100}?\bencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]{0,39})["']""")
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
_KNOWN = re.compile(r"utf-8|utf-16(-le|-be)?|ascii|iso8859-\d+|cp125\d")
_OTHERS = (("Windows-1252", "cp1252"), ("Windows-1251", "cp1251"), ("ISO-8859-1", "iso8859-1"))


class UnreadableXmlError(Exception):
    """Reading cannot go on. `line` counts from 1 and is 0 where the file as a whole is meant; `readings` are
    the encodings that a file which is not in its own fits, as changes of `Source.encoding`."""

    def __init__(self, line: int, message: str, text: str = "", readings: tuple[Reading, ...] = ()) -> None:
        super().__init__(message)
        self.line = line
        self.message = message
        self.text = text
        self.readings = readings


@dataclass(slots=True)
class Element:
    """An element: `tag` and the names in `attributes` as `normalise` made them (no `xmlns`), `children` in
    order with neighbouring texts and CDATA joined, `parent_path` the tags around it from the root down.

    An element that was asked for also has its `source`, the piece of the file as it stood, and `done`, the
    share of the file read once it ended."""

    tag: str
    attributes: dict[str, str]
    line: int
    children: list["Element | str"] = field(default_factory=list)
    parent_path: tuple[str, ...] = ()
    source: str = field(default="", repr=False)
    done: float = 0.0

    def child(self, tag: str) -> "Element | None":
        """The first child of that name."""
        return next(iter(self.all(tag)), None)

    def all(self, tag: str) -> "list[Element]":
        """The children of that name, not what is below them."""
        return [child for child in self.elements if child.tag == tag]

    def below(self, tag: str) -> "Iterator[Element]":
        """Every element of that name at any depth below, in the order of the file."""
        for child in self.elements:
            if child.tag == tag:
                yield child
            yield from child.below(tag)

    @property
    def elements(self) -> "list[Element]":
        return [child for child in self.children if isinstance(child, Element)]

    @property
    def text(self) -> str:
        """All text below, joined as it stands."""
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def inner_html(self) -> str:
        """What is inside, as markup with the normalised names."""
        return "".join(escape(child) if isinstance(child, str) else child.html() for child in self.children)

    def html(self) -> str:
        attributes = "".join(f" {name}={quoteattr(value)}" for name, value in self.attributes.items())
        inside = self.inner_html()
        return f"<{self.tag}{attributes}>{inside}</{self.tag}>" if inside else f"<{self.tag}{attributes}/>"

    def xml(self) -> str:
        """The element as it stood in the file, or written anew if it is one inside another."""
        return self.source or self.html()


def local_name(name: str) -> str:
    return name.rpartition(":")[2]


def elements(
    content: bytes,
    name: str,
    wanted: Collection[str],
    *,
    normalise: Callable[[str], str] = local_name,
    encoding: str = "utf-8",
) -> Iterator[Element]:
    """The outermost elements whose name is in `wanted`, in the order of the file `name`.

    `normalise` is applied to the names of elements and of attributes. `encoding` other than utf-8 is what
    somebody said the file is in, and stands against its declaration. Raises UnreadableXmlError where reading
    cannot go on, after everything that was complete before."""
    if len(content) > MAX_BYTES:
        message = (
            f"Split the file: it has {len(content):,} bytes, and {MAX_BYTES:,} are the most that is read."
        )
        raise UnreadableXmlError(0, message)
    if not content.strip():
        raise UnreadableXmlError(0, f"Choose another file: {name} is empty.")
    codec = _encoding(content) if encoding == "utf-8" else _chosen(content, encoding)
    _check_encoding(content, codec)
    reader = _Reader(wanted, normalise)
    decoder = codecs.getincrementaldecoder(codec)()
    for start in range(0, len(content), CHUNK):
        end = min(start + CHUNK, len(content))
        text = decoder.decode(content[start:end], end == len(content))
        refusal = None
        try:
            reader.feed(text.encode(), (start, end, len(content)))
        except UnreadableXmlError as error:
            refusal = error
        while reader.complete:
            yield reader.complete.popleft()
        if refusal is not None:
            raise refusal


def _encoding(content: bytes) -> str:
    """The codec that the file's first bytes or its declaration name."""
    found = next((codec for mark, codec in _MARKS if content.startswith(mark)), None)
    if found == "utf-32":
        raise UnreadableXmlError(1, "Save the file as UTF-8: it is written in UTF-32.")
    if found is not None:
        return found
    declared = _DECLARED.match(content)
    if declared is None:
        return "utf-8"
    codec = _codec(label := declared[1].decode())
    if codec.startswith("utf-16"):
        message = 'Write encoding="UTF-8" in the first line: the file is not in UTF-16, as it says.'
        raise UnreadableXmlError(1, message, label)
    return codec


def _chosen(content: bytes, encoding: str) -> str:
    """The codec that somebody chose; one that needs a mark has to find it."""
    codec = _codec(encoding)
    if codec == "utf-16" and not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnreadableXmlError(1, "Choose another encoding: the file is not in UTF-16.")
    return codec


def _codec(label: str) -> str:
    try:
        codec = codecs.lookup(label).name
    except LookupError:
        codec = ""
    if not _KNOWN.fullmatch(codec):
        raise UnreadableXmlError(1, f"Save the file as UTF-8: the encoding {label} is not read.", label)
    return codec


def _check_encoding(content: bytes, codec: str) -> None:
    """See that the bytes are what the file says that they are, and else name where not and what fits."""
    decoder = codecs.getincrementaldecoder(codec)()
    line = 1
    try:
        for start in range(0, len(content), CHUNK):
            line += decoder.decode(content[start : start + CHUNK]).count("\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        line += error.object.count(b"\n", 0, error.start)
        byte = f"0x{error.object[error.start]:02X}"
        label = codec.removesuffix("-sig").upper()
        raise UnreadableXmlError(
            line,
            f"Save the file as UTF-8, or say what it is written in: the byte {byte} here is not {label}.",
            readings=tuple(
                Reading(title, {"encoding": other}) for title, other in _OTHERS if _fits(content, other)
            ),
        ) from None


def _fits(content: bytes, codec: str) -> bool:
    try:
        content.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


class _Reader:
    """Builds the wanted elements out of what the parser meets, and holds the limits."""

    def __init__(self, wanted: Collection[str], normalise: Callable[[str], str]) -> None:
        self.complete: deque[Element] = deque()
        self._wanted = wanted
        self._normalise = normalise
        self._open: list[tuple[str, int]] = []
        self._building: list[Element] = []
        self._texts: list[str] = []
        self._elements = self._elements_of_one = 0
        self._start = self._seen = self._kept_from = 0
        self._kept = bytearray()
        self._chunk = (0, 0, 1)
        self._parser = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.buffer_size = CHUNK
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.EntityDeclHandler = self._refuse_doctype
        parser.StartElementHandler = self._start_element
        parser.EndElementHandler = self._end_element
        parser.CharacterDataHandler = self._character_data

    def feed(self, content: bytes, chunk: tuple[int, int, int]) -> None:
        """Read on. `chunk` is what part of the file this is: from, to, of how many bytes."""
        self._chunk = chunk
        self._fed_from = self._kept_from + len(self._kept)
        self._fed = len(content)
        self._kept += content
        try:
            self._parser.Parse(content, chunk[1] == chunk[2])
        except expat.ExpatError as error:
            raise self._broken(error) from None
        if not self._building:
            self._forget(self._seen)
        elif len(self._kept) > MAX_BYTES_OF_ONE:
            raise UnreadableXmlError(
                self._building[0].line,
                f"Make this smaller: {MAX_BYTES_OF_ONE:,} bytes are the most that is read of one question.",
            )

    def _forget(self, before: int) -> None:
        del self._kept[: before - self._kept_from]
        self._kept_from = before

    def _refuse_doctype(self, *_: object) -> None:
        raise UnreadableXmlError(
            self._parser.CurrentLineNumber,
            "Remove the document type (<!DOCTYPE …>) and the entities in it: a file may not define any.",
        )

    def _start_element(self, name: str, attributes: dict[str, str]) -> None:
        line = self._parser.CurrentLineNumber
        tag = self._normalise(name)
        self._seen = self._parser.CurrentByteIndex
        self._elements += 1
        self._limit(line, attributes)
        self._open.append((name, line))
        if not self._building:
            if tag not in self._wanted:
                return
            self._start = self._seen
            self._elements_of_one = 0
        self._elements_of_one += 1
        if self._elements_of_one > MAX_ELEMENTS_OF_ONE:
            message = f"Simplify this: one question may have {MAX_ELEMENTS_OF_ONE:,} elements."
            raise UnreadableXmlError(self._building[0].line, message)
        self._flush()
        named = {
            self._normalise(key): value for key, value in attributes.items() if not key.startswith("xmlns")
        }
        path = tuple(self._normalise(around) for around, _ in self._open[:-1])
        element = Element(tag, named, line, parent_path=path)
        if self._building:
            self._building[-1].children.append(element)
        self._building.append(element)

    def _limit(self, line: int, attributes: dict[str, str]) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise UnreadableXmlError(line, f"Flatten this: elements are nested more than {MAX_DEPTH} deep.")
        if self._elements > MAX_ELEMENTS:
            raise UnreadableXmlError(line, f"Split the file: it has more than {MAX_ELEMENTS:,} elements.")
        if len(attributes) > MAX_ATTRIBUTES:
            raise UnreadableXmlError(line, f"Remove attributes: {MAX_ATTRIBUTES} are the most that is read.")
        for name, value in attributes.items():
            if len(value) > MAX_ATTRIBUTE_LENGTH:
                message = (
                    f"Shorten the attribute: {MAX_ATTRIBUTE_LENGTH:,} characters are the most that is read."
                )
                raise UnreadableXmlError(line, message, name)

    def _character_data(self, data: str) -> None:
        if self._building:
            self._texts.append(data)
        else:
            self._seen = self._parser.CurrentByteIndex

    def _flush(self) -> None:
        if self._texts:
            self._building[-1].children.append("".join(self._texts))
            self._texts.clear()

    def _end_element(self, _name: str) -> None:
        self._open.pop()
        self._seen = self._parser.CurrentByteIndex
        if not self._building:
            return
        self._flush()
        element = self._building.pop()
        if not self._building:
            element.source = self._source(element)
            element.done = self._share(self._seen)
            self.complete.append(element)

    def _source(self, element: Element) -> str:
        """The piece from the start tag to the end tag; of `<tag/>` the parser says that it ends behind it."""
        end = self._seen - self._kept_from
        if element.children or self._kept[end - 2 : end] != b"/>":
            end = self._kept.index(b">", end) + 1
        return self._kept[self._start - self._kept_from : end].decode()

    def _share(self, index: int) -> float:
        begin, end, total = self._chunk
        within = (index - self._fed_from) / self._fed if self._fed else 1.0
        return (begin + (end - begin) * min(max(within, 0.0), 1.0)) / total

    def _broken(self, error: expat.ExpatError) -> UnreadableXmlError:
        """What the parser says, in words that help."""
        line, code = error.lineno, error.code
        index = max(self._parser.ErrorByteIndex - self._kept_from, 0)
        before = bytes(self._kept[max(index - 2, 0) : index])
        index -= 2 if before == b"</" else before.endswith((b"&", b"<"))
        here = self._kept[index : index + SHOWN].decode(errors="ignore").partition("\n")[0]
        said = errors.messages.get(code, "")
        unfinished = said in {errors.XML_ERROR_NO_ELEMENTS, errors.XML_ERROR_UNCLOSED_CDATA_SECTION}
        if said == errors.XML_ERROR_UNDEFINED_ENTITY:
            return UnreadableXmlError(line, *_undefined(here))
        if self._open and (unfinished or said == errors.XML_ERROR_TAG_MISMATCH):
            name, opened = self._open[-1]
            shown = f"<{name[:40]}>, opened in line {opened}"
            if unfinished:
                return UnreadableXmlError(line, f"Complete the file: it breaks off inside {shown}.", here)
            return UnreadableXmlError(line, f"Close {shown}, first: another end tag stands here.", here)
        return UnreadableXmlError(line, _ADVICE.get(said) or _misplaced(here), here)


def _undefined(here: str) -> tuple[str, str]:
    entity = re.match(r"&([^\s;<&]{1,40});", here)
    if entity is None:
        return "Write the character itself: XML does not know this name for it.", here
    character = html5.get(f"{entity[1]};", "")
    if not character.isprintable():
        character = "".join(f"&#{ord(letter)};" for letter in character)
    itself = f"Write {character}" if character else "Write the character itself"
    return f"{itself} instead of {entity[0]}: XML does not know that name.", entity[0]


def _misplaced(here: str) -> str:
    first = here[:1]
    if first == "&":
        return "Write &amp; where an ampersand is meant: a lone & may not stand in XML."
    if first == "<":
        return "Write &lt; where a less-than sign is meant, or mend the tag that begins here."
    if first and not first.isprintable() and first not in "\t\r\n":
        return f"Remove the control character U+{ord(first):04X}: it may not stand in XML."
    return "Mend what stands here, or put the text into <![CDATA[…]]>: it is not well-formed XML."


_ADVICE = {
    errors.XML_ERROR_SYNTAX: "Give an XML file: this does not begin with a tag.",
    errors.XML_ERROR_NO_ELEMENTS: "Give an XML file: there is no element in it.",
    errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT: "Remove what stands after the end of the first element.",
    errors.XML_ERROR_MISPLACED_XML_PI: "Remove what stands before <?xml: it must be the very first thing.",
    errors.XML_ERROR_XML_DECL: 'Mend the first line: write <?xml version="1.0" encoding="UTF-8"?>.',
    errors.XML_ERROR_DUPLICATE_ATTRIBUTE: "Remove one of the two attributes of the same name.",
    errors.XML_ERROR_BAD_CHAR_REF: "Remove the number: it is none of a character that may stand in XML.",
    errors.XML_ERROR_UNCLOSED_CDATA_SECTION: "Close the CDATA section with ]]>.",
    errors.XML_ERROR_UNCLOSED_TOKEN: "Close the tag that begins here.",
}
