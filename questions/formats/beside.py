"""Figures that a text names by path, among the files that came with it."""

import base64
import re
from pathlib import PurePosixPath
from urllib.parse import unquote

from questions.formats import Exhibit, Files
from questions.formats.archive import ArchiveError

FOLDERS = ("", "images", "exhibits", "img", "assets", "media")
"""Where figures are looked for, besides the path that names them."""


def is_remote(path: str) -> bool:
    return re.match(r"\s*(?:[a-z][a-z0-9+.-]*:|//)", path, re.IGNORECASE) is not None


def find(files: Files, path: str) -> bytes | None:
    """The bytes of the figure that `path` names, looked for below the root and in the usual folders. Raises
    what `Files.read` raises."""
    wanted = unquote(path.strip()).split("?")[0].split("#")[0].replace("\\", "/").removeprefix("./")
    if ".." in wanted.split("/"):
        return None
    base = PurePosixPath(wanted).name
    names = set(files.names())
    for candidate in (wanted, *(str(PurePosixPath(folder, base)) for folder in FOLDERS)):
        if candidate in names:
            return files.read(candidate)
    return None


def file_name(path: str, number: int) -> str:
    """A plain name for the figure that `path` names; `number` stands in where nothing of it can stay."""
    base = PurePosixPath(unquote(path.strip()).replace("\\", "/")).name
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", base).lstrip("._-")[-100:].lstrip("._-")
    return plain or f"figure-{number}"


class Figures:
    """The figures of one question as its text names them: exhibits with their bytes, and what to do about
    those that are not there."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self.exhibits: list[Exhibit] = []
        self.content: dict[str, bytes] = {}

    def take(self, path: str, alt: str, **fields: str) -> str:
        """Make an exhibit of the figure at `path`; `fields` are its id, file name and long description where
        they are said. Gives the advice about a figure that cannot be had, "" if all is well."""
        content = self._content(path)
        if isinstance(content, str):
            return content
        number = len(self.exhibits) + 1
        name = fields.get("file") or self._free(file_name("" if path.startswith("data:") else path, number))
        self.content[name] = content
        id_ = fields.get("id") or f"figure-{number}"
        self.exhibits.append(Exhibit(id_, name, alt, fields.get("long_description", "")))
        return ""

    def _content(self, path: str) -> bytes | str:
        if path.startswith("data:"):
            return _data(path)
        if is_remote(path):
            return "Download the figure and upload it in a zip with the file: remote ones are not fetched."
        try:
            content = find(self._files, path)
        except ArchiveError as error:
            return str(error)
        return content or "Upload a zip of the file and its images folder: this figure did not come with it."

    def _free(self, name: str) -> str:
        stem, dot, suffix = name.rpartition(".")
        number = 2
        free = name
        while free in self.content:
            free = f"{stem or suffix}-{number}{dot}{suffix if stem else ''}"
            number += 1
        return free


def _data(uri: str) -> bytes | str:
    head, _, body = uri.partition(",")
    if not re.fullmatch(r"data:image/[a-z0-9.+-]{1,40};base64", head):
        return "Put the figure into a file: only images in base64 are read from inside the text."
    try:
        return base64.b64decode(body, validate=True)
    except ValueError:
        return "Put the figure into a file: its base64 in the text is damaged."
