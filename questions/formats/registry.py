"""The formats that are read and written, and how a package of a file and its pictures is opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from questions.formats import Format, Problem, Read, Severity, Source, exchange
from questions.formats.archive import Archive, ArchiveError, is_archive, open_archive
from questions.formats.detection import detect, question_file
from questions.formats.nodes import shown

__all__ = ["FORMATS", "detect", "read"]

FORMATS: Mapping[str, Format] = {format_.slug: format_ for format_ in exchange.FORMATS}

_PACKAGES = frozenset({"xlsx", "qti12", "qti2"})
"""Formats whose files are packages themselves, or whose packages say by a manifest what is in them."""


def read(source: Source, slug: str) -> Read:
    """The questions of a file in the format `slug`, or of the one file of questions in a package."""
    format_ = FORMATS.get(slug)
    if format_ is None or format_.read is None:
        title = format_.title if format_ else shown(slug)
        yield _error(source.name, f"Choose another format: {title} is not read.")
        return
    if is_archive(source.content):
        try:
            source = unpacked(source, slug)
        except ArchiveError as error:
            yield _error(source.name, str(error))
            return
    yield from format_.read(source)


def unpacked(source: Source, slug: str) -> Source:
    """The file of questions in a package, with the others beside it; a package that the format itself reads
    as it is. Raises ArchiveError."""
    archive = open_archive(source.content)
    names = archive.names()
    if "[Content_Types].xml" in names or (
        slug in _PACKAGES and not any(PurePosixPath(name).suffix.lower() == ".xlsx" for name in names)
    ):
        return source
    name = question_file(names)
    content = archive.read(name)
    return replace(
        source, name=name, content=content or b"", files=_Below(archive, PurePosixPath(name).parent)
    )


@dataclass(frozen=True, slots=True)
class _Below:
    """The files of a package that lie in one of its folders, named from there."""

    archive: Archive
    folder: PurePosixPath

    def names(self) -> Sequence[str]:
        paths = [PurePosixPath(name) for name in self.archive.names()]
        return [str(path.relative_to(self.folder)) for path in paths if path.is_relative_to(self.folder)]

    def read(self, name: str) -> bytes | None:
        return self.archive.read(str(self.folder / name))


def _error(file: str, advice: str) -> Problem:
    return Problem(Severity.ERROR, file, 0, "", advice)
