"""What a QTI package says of its files: the manifest's resources with their keywords, the order of a test.

A package is read by what its files are, so a manifest that lacks, lies or is broken costs the order and the
labels, not the questions."""

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from questions.formats import Files
from questions.formats.qti2 import normalise
from questions.formats.qti_content import Beside
from questions.formats.xml_nodes import Element, elements

MANIFEST = "imsmanifest.xml"
_ROOT = re.compile(rb"(?:[^<]|<[?!])*?<(?:[\w.-]{1,40}:)?([A-Za-z][\w.-]{0,60})")
_REDUCED = "assessment_qti.xml"
_FULL = re.compile(r"(?:.*/)?non_cc_assessments/([^/]+)\.xml\.qti")
_LOOKED_AT = 20_000


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of the manifest: its files in its order, its keywords, and how it is written. `missing` is
    the path of its first file if the package has no such file."""

    identifier: str
    kind: str
    paths: tuple[str, ...]
    missing: str
    labels: tuple[str, ...]
    line: int
    source: str

    @property
    def is_item(self) -> bool:
        return self.kind.startswith("imsqti_item")

    @property
    def holds_items(self) -> bool:
        return self.is_item or self.kind.startswith("imsqti_xml")


@dataclass(frozen=True, slots=True)
class Reference:
    """An item as a test names it, and the titles of the sections around it. `path` is None, and `missing`
    the path that it would have, if the package has no such file."""

    identifier: str
    path: str | None
    missing: str
    titles: tuple[str, ...]
    line: int
    source: str


def manifest_path(names: Sequence[str]) -> str | None:
    """The path of the manifest that lies least deep."""
    found = [name for name in names if posixpath.basename(name).casefold() == MANIFEST]
    return min(found, key=lambda name: (name.count("/"), name), default=None)


def resources(content: bytes, path: str, files: Files) -> Iterator[Resource]:
    """The manifest's resources; raises UnreadableXmlError."""
    beside = Beside(files, posixpath.dirname(path))
    for found in elements(content, path, {"resource"}, normalise=normalise):
        base = found.attributes.get("base", "")
        addresses = [found.attributes.get("href", "")]
        addresses += [file.attributes.get("href", "") for file in found.all("file")]
        addresses = list(dict.fromkeys(base + address for address in addresses if address))
        paths = [beside.exact(address) for address in addresses]
        missing = beside.path(addresses[0]) if addresses and paths[0] is None else ""
        yield Resource(
            found.attributes.get("identifier", ""),
            found.attributes.get("type", ""),
            tuple(path for path in paths if path is not None),
            missing,
            tuple(_labels(found)),
            found.line,
            found.xml(),
        )


def _labels(resource: Element) -> Iterator[str]:
    for metadata in resource.all("metadata"):
        for keyword in metadata.below("keyword"):
            yield from _strings(keyword)
        for taxon in metadata.below("taxon"):
            for entry in taxon.all("entry"):
                yield from _strings(entry)


def _strings(around: Element) -> Iterator[str]:
    """A LOM text in each of its languages, whatever the version calls the element around it."""
    texts = [found.text for found in around.elements] or [around.text]
    yield from (text.strip() for text in texts if text.strip())


def references(content: bytes, path: str, files: Files) -> Iterator[Reference]:
    """The items of a test or a section in its order, those of sections in other files too. Raises
    UnreadableXmlError."""
    yield from _references(content, path, files, (), {path})


def _references(
    content: bytes, path: str, files: Files, titles: tuple[str, ...], begun: set[str]
) -> Iterator[Reference]:
    """`begun` are the files so far: each is read once, however often and from wherever it is named."""
    beside = Beside(files, posixpath.dirname(path))
    for found in elements(content, path, {"assessmentTest", "assessmentSection"}, normalise=normalise):
        yield from _walk(found, beside, titles, begun)


def _walk(around: Element, beside: Beside, titles: tuple[str, ...], begun: set[str]) -> Iterator[Reference]:
    if around.tag == "assessmentSection" and around.attributes.get("title", "").strip():
        titles = (*titles, around.attributes["title"].strip())
    for found in around.elements:
        address = found.attributes.get("href", "")
        if found.tag == "assessmentItemRef":
            identifier = found.attributes.get("identifier", "")
            path = beside.exact(address)
            yield Reference(identifier, path, beside.path(address), titles, found.line, found.xml())
        elif found.tag == "assessmentSectionRef":
            path = beside.exact(address)
            if path is not None and path not in begun:
                begun.add(path)
                yield from _references(beside.files.read(path) or b"", path, beside.files, titles, begun)
        elif found.tag in {"testPart", "assessmentSection"}:
            yield from _walk(found, beside, titles, begun)


def root_of(content: bytes) -> str:
    """The name of the first element, as 2.x writes it; "" where there is none."""
    found = _ROOT.match(content[:_LOOKED_AT].replace(b"\0", b""))
    return normalise(found[1].decode()) if found else ""


def reduced_copies(names: Sequence[str]) -> set[str]:
    """Files that hold less of what a Canvas course has in full in another."""
    full = {match[1] for name in names if (match := _FULL.fullmatch(name))}
    return {
        name
        for name in names
        if posixpath.basename(name) == _REDUCED and posixpath.basename(posixpath.dirname(name)) in full
    }
