"""What was left out of a QTI upload, as a file of the same kind with its problems as comments.

Of a file: the same kind of file with these items only. Of a package: a package with their files at their old
paths, the pictures, and of the manifest the resources that are theirs. Comments are nothing to a reader, so
that the file can be uploaded again once it is mended."""

import posixpath
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress

from questions.formats import Problem, Rejected, Source
from questions.formats.archive import Archive, ArchiveError, is_archive, open_archive, write_archive
from questions.formats.qti_manifest import manifest_path, resources, root_of
from questions.formats.xml_nodes import UnreadableXmlError

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_OWN_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_PREFIX = re.compile(r"[<\s]([A-Za-z_][\w.-]{0,40}):[A-Za-z_]")
_BESIDE = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".txt", ".css")
_NAMESPACE = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"


def give_back(source: Source, rejected: Sequence[Rejected]) -> bytes:
    """A file or package of the rejected items, whichever the upload was."""
    if not is_archive(source.content):
        return _document(rejected).encode()
    try:
        archive = open_archive(source.content)
    except ArchiveError:
        return _document(rejected).encode()
    by_path: dict[str, list[Rejected]] = {}
    for number, one in enumerate(rejected, 1):
        by_path.setdefault(_path(source, one) or f"items/left-out-{number}.xml", []).append(one)
    files = _manifest(archive, by_path)
    files |= {path: _document(ones).encode() for path, ones in by_path.items() if not _is_listing(ones)}
    for name in archive.names():
        if name.casefold().endswith(_BESIDE) and name not in files:
            with suppress(ArchiveError):
                files[name] = archive.read(name) or b""
    return write_archive(files)


def _path(source: Source, one: Rejected) -> str:
    """The path in the package that the problems name."""
    within = f"{source.name}/"
    return next(
        (problem.file[len(within) :] for problem in one.problems if problem.file.startswith(within)), ""
    )


def _is_listing(ones: Sequence[Rejected]) -> bool:
    """Whether these are entries of a manifest or a test whose file is not there."""
    return all(root_of(one.raw.encode()) in {"resource", "assessmentItemRef"} for one in ones)


def _document(ones: Sequence[Rejected]) -> str:
    """An XML file of items: 1.2's many under one root, or the one of 2.x and 3.0."""
    if len(ones) == 1 and root_of(ones[0].raw.encode()) != "item":
        text = ones[0].raw
        return (
            f"{_DECLARATION}{_comments(ones[0].problems)}{_OWN_DECLARATION.sub('', text, count=1).lstrip()}\n"
        )
    items = "\n".join(f"{_comments(one.problems)}{one.raw}" for one in ones)
    prefixes = sorted({match[1] for match in _PREFIX.finditer(items)} - {"xml", "xmlns"})
    declared = "".join(f' xmlns:{prefix}="urn:prefix:{prefix}"' for prefix in prefixes)
    return (
        f'{_DECLARATION}<questestinterop xmlns="{_NAMESPACE}"{declared}>\n'
        f'<assessment ident="left_out" title="Left out">\n<section ident="root_section">\n'
        f"{items}\n</section>\n</assessment>\n</questestinterop>\n"
    )


def _comments(problems: Sequence[Problem]) -> str:
    return "".join(f"<!-- {_commented(str(problem))} -->\n" for problem in problems)


def _commented(text: str) -> str:
    """Text that may stand in a comment, where two dashes would end it."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return re.sub(r"-(?=-)|-$", "- ", printable)


def _manifest(archive: Archive, by_path: Mapping[str, Sequence[Rejected]]) -> dict[str, bytes]:
    """The manifest without the resources of other items; none if it cannot be read."""
    path = manifest_path(archive.names())
    if path is None:
        return {}
    try:
        content = archive.read(path) or b""
        text = content.decode("utf-8-sig")
        for resource in resources(content, path, archive):
            problems = [
                problem
                for ones in by_path.values()
                for one in ones
                if one.raw == resource.source
                for problem in one.problems
            ]
            if problems:
                text = text.replace(resource.source, f"{_comments(problems)}{resource.source}", 1)
            elif not any(name in by_path for name in resource.paths):
                text = text.replace(resource.source, "", 1)
    except (ArchiveError, UnreadableXmlError, UnicodeDecodeError):
        return {}
    return {posixpath.normpath(path): text.encode()}
