"""Question files on this computer, with the figures in the folders beside them."""

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from questions.exhibits import MAX_BYTES as MAX_FIGURE_BYTES
from questions.formats import Source, registry
from questions.formats.archive import ArchiveError
from questions.formats.beside import FOLDERS
from questions.formats.nodes import MAX_BYTES

SUFFIXES = frozenset({".yaml", ".yml", ".json"})
"""Of the files that are taken out of a folder: those of the exchange format, which a bank is kept in."""
NOT_QUESTIONS = frozenset({"certification", "profiles", "targets", "plan", "warnings"})


def question_files(folder: Path) -> list[Path]:
    """The question files of a certification's folder, in a fixed order."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in SUFFIXES and path.stem not in NOT_QUESTIONS
    )


@dataclass(frozen=True)
class Beside:
    """The files in the folder of a question file, and in the usual folders for figures below it."""

    folder: Path

    @cached_property
    def _paths(self) -> dict[str, Path]:
        folders = [(name, self.folder / name) for name in FOLDERS]
        return {
            f"{name}/{path.name}" if name else path.name: path
            for name, folder in folders
            if folder.is_dir()
            for path in sorted(folder.iterdir())
            if path.is_file()
        }

    def names(self) -> Sequence[str]:
        return list(self._paths)

    def read(self, name: str) -> bytes | None:
        path = self._paths.get(name)
        if path is None:
            return None
        try:
            with path.open("rb") as file:
                return file.read(MAX_FIGURE_BYTES + 1)
        except OSError as error:
            raise ArchiveError(f"Make the figure's file readable: {error.strerror}.") from None


def open_source(path: Path, **fields: object) -> Source:
    """A file as a reader is given it; `fields` are those of `Source`. Raises OSError, also for what is no
    ordinary file: a pipe would be waited for without end."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is no ordinary file", str(path))
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    return Source(str(path), content, Beside(path.parent), **fields)  # type: ignore[arg-type]


def format_of(source: Source, slug: str = "") -> str:
    return slug or registry.detect(source.name, source.content)
