"""QTI files and packages of any version: which file holds what, in what order, each item to its reader.

A package is read by what its files turn out to be. Items come in the order of its tests, then of its
manifest, then of the zip. One broken file costs its own items and no others. Where a Canvas course holds a
quiz in full and in a reduced copy, the copy is passed over; so is an item that another file had already,
letter for letter."""

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from questions.formats import (
    Entry,
    Feature,
    Format,
    Place,
    Problem,
    Read,
    Severity,
    Source,
    qti2,
    qti12,
    shorten,
)
from questions.formats.archive import Archive, ArchiveError, is_archive, open_archive
from questions.formats.qti_content import Beside, Context
from questions.formats.qti_give_back import give_back
from questions.formats.qti_manifest import (
    manifest_path,
    reduced_copies,
    references,
    resources,
    root_of,
)
from questions.formats.qti_writer import write
from questions.formats.xml_nodes import Element, UnreadableXmlError, elements

_WANTED = frozenset({"assessmentItem", "item", "qtimetadata"})
_TESTS = frozenset({"assessmentTest", "assessmentSection"})
_QUESTIONS = frozenset({"assessmentItem", "questestinterop"})
_SUFFIXES = (".xml", ".qti", ".dat")


@dataclass(slots=True)
class _Package:
    """A package while it is read. `roots` holds the first element of each of its XML files, `seen` what each
    item id was. `absent` are items that are named and not there: identifier, file, line, advice, source."""

    name: str
    archive: Archive
    encoding: str
    roots: dict[str, str] = field(default_factory=dict)
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    absent: dict[str, tuple[str, str, int, str, str]] = field(default_factory=dict)
    seen: dict[str, Any] = field(default_factory=dict)
    number: int = 0

    def shown(self, path: str) -> str:
        return f"{self.name}/{path}"


def read(source: Source) -> Read:
    if not is_archive(source.content):
        yield from _file(source)
        return
    try:
        package = _Package(source.name, open_archive(source.content), source.encoding)
    except ArchiveError as error:
        yield Problem(Severity.ERROR, source.name, 0, "", str(error))
        return
    yield from _package(package)


def _file(source: Source) -> Read:
    """The items of a file that came alone, or with the files beside it."""
    beside = Beside(source.files, posixpath.dirname(source.name))
    number = 0
    labels: tuple[str, ...] = ()
    try:
        for element in _elements(source.content, source.name, source.encoding):
            if element.tag == "qtimetadata":
                labels = (*labels, *_bank_labels(element))
                continue
            context = Context(source.name, number, beside, packaged=False, labels=labels, done=element.done)
            yield _entry(element, context)
            number += 1
    except UnreadableXmlError as error:
        yield _unreadable(source.name, error)
        return
    if not number:
        yield Problem(Severity.ERROR, source.name, 0, "", _NOTHING[root_of(source.content) in _TESTS])


_NOTHING = {
    False: "Give a QTI file with items in it: this one has none.",
    True: "Upload the package with the items: this file only names them.",
}


def _elements(content: bytes, name: str, encoding: str) -> Iterator[Element]:
    """The items of either version and the metadata of a bank; other files have elements of these names."""
    for element in elements(content, name, _WANTED, normalise=qti2.normalise, encoding=encoding):
        if element.tag == "assessmentItem" or element.parent_path[:1] == ("questestinterop",):
            yield element


def _entry(element: Element, context: Context) -> Entry:
    reader = qti2.read_item if element.tag == "assessmentItem" else qti12.read_item
    return reader(element, context)


def _bank_labels(element: Element) -> Iterator[str]:
    title = qti12.metadata_of(element).get("bank_title", "")
    if title:
        yield title


def _unreadable(name: str, error: UnreadableXmlError, severity: Severity = Severity.ERROR) -> Problem:
    return Problem(
        severity, name, error.line, "", error.message, shorten(error.text), readings=error.readings
    )


def _package(package: _Package) -> Read:
    paths = _paths(package)
    yield from package.problems
    for position, path in enumerate(paths):
        yield from _member(package, path, position, len(paths))
    for identifier, path, line, advice, source in package.absent.values():
        lines = {"": line}
        place = Place(package.shown(path), f"questions[{package.number}]", lines, item=identifier)
        package.number += 1
        yield Entry(place, problems=(place.error("", advice),), raw=source, done=1.0)
    if not package.number:
        advice = "Give a package with QTI items in it: this one has none."
        yield Problem(Severity.ERROR, package.name, 0, "", advice)


def _paths(package: _Package) -> Sequence[str]:
    """The files that hold questions, in the order to read them in."""
    names = package.archive.names()
    package.roots = {name: _root(package.archive, name) for name in names if name.endswith(_SUFFIXES)}
    listed = _listed(package)
    tests = [path for path in dict.fromkeys([*listed, *names]) if package.roots.get(path) in _TESTS]
    left_out = reduced_copies(names)
    ordered = dict.fromkeys([*_tested(package, tests), *listed, *names])
    return [
        path
        for path in ordered
        if path not in left_out and (package.roots.get(path) in _QUESTIONS or listed.get(path))
    ]


def _root(archive: Archive, name: str) -> str:
    """The first element of a member; one that is damaged is reported when it is read."""
    try:
        return root_of(archive.read(name) or b"")
    except ArchiveError:
        return "questestinterop"


def _listed(package: _Package) -> dict[str, bool]:
    """The files that the manifest lists, and whether it says that they hold items and nothing shows that they
    do not."""
    path = manifest_path(package.archive.names())
    if path is None:
        advice = "Add imsmanifest.xml to keep the order and the keywords of items: the package has none."
        package.problems.append(Problem(Severity.WARNING, package.name, 0, "", advice))
        return {}
    listed: dict[str, bool] = {}
    try:
        for resource in resources(package.archive.read(path) or b"", path, package.archive):
            for position, file in enumerate(resource.paths):
                listed[file] = not position and resource.is_item and not package.roots.get(file)
                package.labels[file] = (*package.labels.get(file, ()), *resource.labels)
            if resource.missing and resource.holds_items:
                advice = "Add the file to the package, or mend its href in the manifest: it is not there."
                place = (resource.identifier, path, resource.line, advice, resource.source)
                package.absent[resource.missing] = place
    except UnreadableXmlError as error:
        package.problems.append(_unreadable(package.shown(path), error, Severity.WARNING))
    except ArchiveError as error:
        package.problems.append(Problem(Severity.WARNING, package.shown(path), 0, "", str(error)))
    return listed


def _tested(package: _Package, tests: Sequence[str]) -> list[str]:
    """The files of items in the order of the tests. The titles of sections become labels of their items."""
    paths: list[str] = []
    for test in tests:
        try:
            for found in references(package.archive.read(test) or b"", test, package.archive):
                if found.path is None:
                    advice = "Add the file to the package, or mend its href in the test: it is not there."
                    place = (found.identifier, test, found.line, advice, found.source)
                    package.absent.setdefault(found.missing, place)
                    continue
                titles = (*package.labels.get(found.path, ()), *found.titles)
                package.labels[found.path] = tuple(dict.fromkeys(titles))
                paths.append(found.path)
        except UnreadableXmlError as error:
            package.problems.append(_unreadable(package.shown(test), error, Severity.WARNING))
        except ArchiveError as error:
            package.problems.append(Problem(Severity.WARNING, package.shown(test), 0, "", str(error)))
    return paths


def _member(package: _Package, path: str, position: int, count: int) -> Read:
    """The items of one file of the package."""
    beside = Beside(package.archive, posixpath.dirname(path))
    labels = package.labels.get(path, ())
    shown = package.shown(path)
    is_item = package.roots.get(path) != "questestinterop"
    done = position / count
    try:
        content = package.archive.read(path) or b""
        for element in _elements(content, shown, package.encoding):
            if element.tag == "qtimetadata":
                labels = (*labels, *_bank_labels(element))
                continue
            done = (position + element.done) / count
            entry = _entry(element, Context(shown, package.number, beside, True, labels, done))
            if not _is_repeated(package, entry, path):
                package.number += 1
                yield entry
    except ArchiveError as error:
        yield _broken(package, path, Problem(Severity.ERROR, shown, 0, "", str(error)), b"", done)
    except UnreadableXmlError as error:
        problem = _unreadable(shown, error)
        yield _broken(package, path, problem, content, done) if is_item else problem


def _broken(package: _Package, path: str, problem: Problem, content: bytes, done: float) -> Entry:
    """An item's file that cannot be read: a question that is there and has to be left out."""
    number, item = package.number, posixpath.basename(path)
    package.number += 1
    place = Place(problem.file, f"questions[{number}]", {"": problem.line}, item=item)
    located = replace(problem, field=place.path, item=item)
    return Entry(place, problems=(located,), raw=_as_text(content), done=done)


def _as_text(content: bytes) -> str:
    """A file that nobody can read as XML, as text to be given back."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _is_repeated(package: _Package, entry: Entry, path: str) -> bool:
    """Whether another file had the same item already, as courses repeat what a quiz took from a bank."""
    if not entry.place.item:
        return False
    draft = entry.draft
    said = entry.skipped if draft is None else (draft.kind, draft.stem, draft.options, draft.explanation)
    first_path, first = package.seen.setdefault(entry.place.item, (path, said))
    return bool(first_path != path and first == said)


FEATURES = frozenset(Feature) - {Feature.CALCULATION}
FORMATS = (
    Format("qti12", "QTI 1.2 (Canvas, Common Cartridge)", ".xml", "application/xml", read, None, give_back),
    Format("qti2", "QTI 2.x and 3.0", ".zip", "application/zip", read, write, give_back, FEATURES),
)
