"""The formats that are read and written, and packages of a file and its figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from questions.formats import (
    Export,
    Feature,
    Format,
    Problem,
    Read,
    Severity,
    Source,
    aiken,
    anki_csv,
    csv_file,
    exchange,
    gift,
    markdown_file,
    moodle_xml,
    qti_package,
    tab_text,
    xlsx_file,
)
from questions.formats.archive import Archive, ArchiveError, is_archive, open_archive, write_archive
from questions.formats.detection import detect, question_file
from questions.formats.nodes import shown

__all__ = ["FORMATS", "detect", "package", "read"]

FORMATS: Mapping[str, Format] = {
    format_.slug: format_
    for format_ in (
        *exchange.FORMATS,
        csv_file.FORMAT,
        xlsx_file.FORMAT,
        markdown_file.FORMAT,
        gift.FORMAT,
        moodle_xml.FORMAT,
        aiken.FORMAT,
        *qti_package.FORMATS,
        tab_text.FORMAT,
        anki_csv.FORMAT,
    )
}

_PACKAGES = frozenset({"xlsx", "qti12", "qti2"})
"""Formats whose files are packages themselves, or whose packages say by a manifest what is in them."""

_FIGURES_BESIDE = frozenset({"exchange-yaml", "exchange-json", "csv", "xlsx", "markdown"})
"""Formats that name figures as files beside them."""


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


def package(export: Export, slug: str) -> tuple[str, bytes]:
    """A file's name and bytes in a format that is written: the file itself, or, where questions have figures
    and the format names files, a package of the file and the folder `exhibits`."""
    format_ = FORMATS[slug]
    if format_.write is None:
        raise ValueError(f"{format_.title} is not written")
    name = f"{export.certification}-questions"
    beside = slug in _FIGURES_BESIDE and Feature.EXHIBITS in format_.keeps
    if not beside or not any(draft.exhibits for draft in export.drafts):
        return name + format_.suffix, format_.write(export)
    export = _with_names_of_their_own(export)
    figures = {
        f"exhibits/{file}": content
        for (_, file), content in sorted(export.figures.items(), key=lambda one: one[0][1])
    }
    return f"{name}.zip", write_archive({name + format_.suffix: format_.write(export)} | figures)


def _with_names_of_their_own(export: Export) -> Export:
    """The export with figures renamed that are called alike and are not the same."""
    taken: dict[str, bytes] = {}
    figures: dict[tuple[str, str], bytes] = {}
    drafts = []
    for draft in export.drafts:
        exhibits = []
        for exhibit in draft.exhibits:
            content = export.figures.get((draft.id, exhibit.file))
            file = exhibit.file
            if content is not None:
                while taken.setdefault(file, content) != content:
                    file = f"x{file}"
                figures[draft.id, file] = content
            exhibits.append(replace(exhibit, file=file))
        drafts.append(replace(draft, exhibits=tuple(exhibits)))
    return replace(export, drafts=drafts, figures=figures)


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
