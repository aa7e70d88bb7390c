"""Zip packages: what may be in one, what is read of it, and how ours are written.

A package is hostile until it is read. Its directory is believed in nothing: opening counts the members and
looks at names, kinds, places and declared sizes before a byte is unpacked; reading a member stops one byte
past the declared size and then compares size and checksum, so that no member can grow beyond what was counted
when the package was opened. Members that lie inside one another (the way to make a bomb whose ratios look
harmless) are refused by their places in the file. A zip inside a zip is a file like any other: nothing opens
it."""

import io
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

MAX_MEMBERS = 2_000
MAX_TOTAL = 100_000_000
MAX_RATIO = 50
EXEMPT_FROM_RATIO = 1_000_000
MAX_DEPTH = 20
MAX_NAME = 500

_ENTRY_SIGNATURE = b"PK\x01\x02"
_LOCAL_HEADER = struct.Struct("<4s2xH18xHH")
_LOCAL_SIGNATURE = b"PK\x03\x04"
_EMPTY_SIGNATURE = b"PK\x05\x06"
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UTF_8 = 0x800
_LITTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
_EPOCH = (1980, 1, 1, 0, 0, 0)


class ArchiveError(ValueError):
    """The package, or a member of it, may not or cannot be read; the message says what to do."""


@dataclass(frozen=True, slots=True)
class _Member:
    """Where a member's bytes stand in the file, and what the directory says that they unpack to."""

    start: int
    packed: int
    size: int
    checksum: int
    deflated: bool


class Archive:
    """The files of a package by their path below its root, in the package's order. `root` is the one folder
    that everything stood in, if there was one; paths leave it out."""

    def __init__(self, content: bytes, members: Mapping[str, _Member], root: str = "") -> None:
        self._content = memoryview(content)
        self._members = members
        self.root = root

    def names(self) -> Sequence[str]:
        return tuple(self._members)

    def read(self, name: str) -> bytes | None:
        member = self._members.get(unicodedata.normalize("NFC", name))
        return None if member is None else _unpack(name, member, self._content)


def is_archive(content: bytes) -> bool:
    """Whether the bytes begin as a zip does."""
    return content.startswith((_LOCAL_SIGNATURE, _EMPTY_SIGNATURE))


def open_archive(content: bytes) -> Archive:
    """The package in `content`; raises ArchiveError."""
    if content.count(_ENTRY_SIGNATURE) > 10 * MAX_MEMBERS:
        raise ArchiveError(_too_many("many thousand"))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            infos, end = package.infolist(), package.start_dir
    except (
        zipfile.BadZipFile,
        struct.error,
        ValueError,
        NotImplementedError,
        LookupError,
        EOFError,
        OSError,
    ):
        raise ArchiveError(
            "Pack the files again and upload the new zip: this one is damaged or cut off."
        ) from None
    if len(infos) > MAX_MEMBERS:
        raise ArchiveError(_too_many(f"{len(infos):,}"))
    members = dict(_checked(infos, content, end))
    root = _common_root(members)
    return Archive(content, {name[len(root) :]: member for name, member in members.items()}, root.rstrip("/"))


def write_archive(files: Mapping[str, bytes]) -> bytes:
    """A package of the files in their order. Equal files give equal bytes: none has a time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system = 3
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(info, content)
    return buffer.getvalue()


def _too_many(number: str) -> str:
    return f"Split the package: it has {number} files, and {MAX_MEMBERS:,} are the most that is read."


def _checked(
    infos: Sequence[zipfile.ZipInfo], content: bytes, directory: int
) -> Iterator[tuple[str, _Member]]:
    """The files of the directory, each by its path, without folders and litter."""
    taken: set[str] = set()
    kept: list[tuple[str, _Member]] = []
    places: list[tuple[int, int, str]] = []
    total = 0
    for info in infos:
        name = _path(info)
        _check_kind(info, name)
        total += info.file_size
        if total > MAX_TOTAL:
            raise ArchiveError(
                f"Split the package: it unpacks to more than {MAX_TOTAL // 1_000_000} MB, "
                "the most that is read."
            )
        member = _member(info, name, content)
        places.append((info.header_offset, member.start + member.packed, name))
        if info.is_dir() or _is_litter(name):
            continue
        if name in taken:
            raise ArchiveError(
                f"Rename one of the files: the package has two that are called {_shown(name)}."
            )
        taken.add(name)
        kept.append((name, member))
    _check_places(places, directory)
    yield from kept


def _path(info: zipfile.ZipInfo) -> str:
    """A member's path with forward slashes; raises where it leads out of the package."""
    name = info.filename
    if not info.flag_bits & _UTF_8:
        # macOS writes UTF-8 and does not say so; what is not UTF-8 stays as the zip's own alphabet has it.
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = info.filename
    name = unicodedata.normalize("NFC", name).replace("\\", "/")
    parts = name.split("/")
    if "\0" in info.orig_filename or name.startswith("/") or ".." in parts or parts[0].endswith(":"):
        raise ArchiveError(
            f"Pack the files again from inside their folder: {_shown(name)} leads out of the package."
        )
    kept = [part for part in parts if part not in {"", "."}]
    if len(kept) > MAX_DEPTH or len(name) > MAX_NAME:
        raise ArchiveError(
            f"Put the files into fewer folders: the path {_shown(name)} is too long or too deep."
        )
    return "/".join(kept)


def _check_kind(info: zipfile.ZipInfo, name: str) -> None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        raise ArchiveError(f"Replace the link {_shown(name)} by the file itself and pack again.")
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise ArchiveError(f"Take {_shown(name)} out of the package: it is not an ordinary file.")
    if info.flag_bits & _ENCRYPTED:
        raise ArchiveError(f"Pack the files again without a password: {_shown(name)} is encrypted.")
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise ArchiveError(
            f"Pack the files again as an ordinary zip: {_shown(name)} is packed by a method that is not read."
        )
    if info.file_size > EXEMPT_FROM_RATIO and info.file_size > MAX_RATIO * max(info.compress_size, 1):
        raise ArchiveError(
            f"Take {_shown(name)} out of the package: it unpacks to more than {MAX_RATIO} times its size."
        )


def _member(info: zipfile.ZipInfo, name: str, content: bytes) -> _Member:
    """The member where its own header says that its bytes begin (the directory may tell of another)."""
    header = content[info.header_offset : info.header_offset + _LOCAL_HEADER.size]
    if len(header) < _LOCAL_HEADER.size or not header.startswith(_LOCAL_SIGNATURE):
        raise ArchiveError(_damaged(name))
    _, flags, name_length, extra_length = _LOCAL_HEADER.unpack(header)
    if flags & _ENCRYPTED:
        raise ArchiveError(f"Pack the files again without a password: {_shown(name)} is encrypted.")
    start = info.header_offset + _LOCAL_HEADER.size + name_length + extra_length
    deflated = info.compress_type == zipfile.ZIP_DEFLATED
    return _Member(start, info.compress_size, info.file_size, info.CRC, deflated)


def _check_places(places: list[tuple[int, int, str]], directory: int) -> None:
    """Each member's header and bytes end before the next one's begin, and before the directory."""
    places.sort()
    nexts = [start for start, _, _ in places[1:]] + [directory]
    for (_, end, name), following in zip(places, nexts, strict=True):
        if end > following:
            raise ArchiveError(
                f"Pack the files again: {_shown(name)} and what follows it in the package lie in one another."
            )


def _unpack(name: str, member: _Member, content: memoryview) -> bytes:
    """A member's bytes: never more than were declared, and exactly these."""
    packed = content[member.start : member.start + member.packed]
    if member.deflated:
        try:
            data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, member.size + 1)
        except zlib.error:
            raise ArchiveError(_damaged(name)) from None
    else:
        data = bytes(packed)
    if len(data) != member.size or zlib.crc32(data) != member.checksum:
        raise ArchiveError(_damaged(name))
    return data


def _is_litter(name: str) -> bool:
    parts = name.split("/")
    return parts[0] == "__MACOSX" or parts[-1] in _LITTER or parts[-1].startswith("._")


def _common_root(members: Mapping[str, _Member]) -> str:
    """The folder, with its slash, that all files stand in; "" if there is none."""
    firsts = {name.partition("/")[0] for name in members}
    if len(firsts) != 1 or any("/" not in name for name in members):
        return ""
    return f"{firsts.pop()}/"


def _damaged(name: str) -> str:
    return f"Pack the files again: {_shown(name)} is damaged, or its size is not the stated one."


def _shown(name: str) -> str:
    """A path as a message shows it: printable, and not endless."""
    plain = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name)
    return plain if len(plain) <= 120 else f"{plain[:119]}\N{HORIZONTAL ELLIPSIS}"
