import contextlib
import io
import stat
import struct
import tracemalloc
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questions.formats.archive import Archive, ArchiveError, is_archive, open_archive, write_archive


def packed(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members:
            package.writestr(name, content)
    return buffer.getvalue()


def refusal(content: bytes) -> str:
    with pytest.raises(ArchiveError) as caught:
        read_all(open_archive(content))
    return str(caught.value)


def read_all(archive: Archive) -> dict[str, bytes | None]:
    return {name: archive.read(name) for name in archive.names()}


def test_what_is_written_is_read_in_its_order() -> None:
    files = {"z.xml": b"<z/>", "images/a b.png": b"\x89PNG", "empty": b"", "ä.txt": b"x" * 5000}

    assert list(read_all(open_archive(write_archive(files))).items()) == list(files.items())


def test_the_same_files_make_the_same_bytes() -> None:
    assert write_archive({"a.xml": b"<a/>"}) == write_archive({"a.xml": b"<a/>"})


def test_a_zip_is_known_by_its_first_bytes() -> None:
    assert [is_archive(packed()), is_archive(packed(("a", b""))), is_archive(b"PK, dear")] == [
        True,
        True,
        False,
    ]


def test_a_file_that_is_not_there_is_none() -> None:
    assert open_archive(packed(("a.xml", b"<a/>"))).read("b.xml") is None


def test_one_folder_around_everything_is_left_out_of_paths() -> None:
    archive = open_archive(packed(("bank/", b""), ("bank/a.xml", b"1"), ("bank/images/b.png", b"2")))

    assert (archive.root, read_all(archive)) == ("bank", {"a.xml": b"1", "images/b.png": b"2"})


def test_what_systems_leave_behind_is_not_there() -> None:
    archive = open_archive(
        packed(("__MACOSX/._a.xml", b"x"), ("b/.DS_Store", b"x"), ("b/._a.xml", b"x"), ("b/a.xml", b"1"))
    )

    assert read_all(archive) == {"a.xml": b"1"}


def test_a_zip_inside_is_a_file() -> None:
    inner = packed(("a.xml", b"<a/>"))

    assert read_all(open_archive(packed(("inner.zip", inner), ("b", b"")))) == {"inner.zip": inner, "b": b""}


def test_backslashes_and_dots_are_ways_to_write_a_path() -> None:
    assert read_all(open_archive(packed(("x\\y.xml", b"1"), ("./z//w.xml", b"2")))) == {
        "x/y.xml": b"1",
        "z/w.xml": b"2",
    }


def test_a_name_in_utf_8_that_does_not_say_so_is_read_as_utf_8() -> None:
    content = packed(("xxxx.png", b"1")).replace(b"xxxx.png", "fü".encode() + b"r.png")

    assert open_archive(content).names() == ("für.png",)


@pytest.mark.parametrize(
    "name", ["../a.xml", "a/../../b.xml", "/etc/passwd", "C:/a.xml", "..\\a.xml", "C:\\a"]
)
def test_a_path_out_of_the_package_is_refused(name: str) -> None:
    content = packed(("good.xml", b""), (name, b""))

    assert refusal(content) == (
        "Pack the files again from inside their folder: "
        f"{name.replace(chr(92), '/')} leads out of the package."
    )


def test_a_name_that_hides_its_end_is_refused() -> None:
    content = packed(("a.xmlQ.png", b"1")).replace(b"a.xmlQ.png", b"a.xml\0.png")

    assert refusal(content).startswith("Pack the files again from inside their folder:")


def test_a_path_that_never_ends_is_refused() -> None:
    assert refusal(packed(("a/" * 30 + "b", b""))).startswith("Put the files into fewer folders:")


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (stat.S_IFLNK, "Replace the link a.xml by the file itself and pack again."),
        (stat.S_IFIFO, "Take a.xml out of the package: it is not an ordinary file."),
    ],
)
def test_a_link_or_a_device_is_refused(kind: int, message: str) -> None:
    info = zipfile.ZipInfo("a.xml")
    info.external_attr = (kind | 0o777) << 16

    assert refusal(packed((info, b"/etc/passwd"))) == message


@pytest.mark.parametrize("header", [b"PK\x01\x02", b"PK\x03\x04"])
def test_an_encrypted_member_is_refused_whichever_header_says_so(header: bytes) -> None:
    content = bytearray(packed(("a.xml", b"<a/>")))
    content[content.find(header) + (8 if header == b"PK\x01\x02" else 6)] |= 1

    assert refusal(bytes(content)) == "Pack the files again without a password: a.xml is encrypted."


def test_another_way_to_pack_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as package:
        package.writestr("a.xml", b"<a/>")

    assert refusal(buffer.getvalue()) == (
        "Pack the files again as an ordinary zip: a.xml is packed by a method that is not read."
    )


def test_two_files_of_one_name_are_refused() -> None:
    content = packed(("a.xml", b"1"), ("b.xml", b"2")).replace(b"b.xml", b"a.xml")

    assert refusal(content) == "Rename one of the files: the package has two that are called a.xml."


def test_three_thousand_members_are_refused() -> None:
    content = packed(*((f"{number}.xml", b"") for number in range(3000)))

    assert refusal(content) == "Split the package: it has 3,000 files, and 2,000 are the most that is read."


def test_a_directory_of_a_million_members_is_not_even_opened() -> None:
    content = b"PK\x03\x04" + (b"PK\x01\x02" + b"\0" * 42) * 1_000_000

    assert refusal(content).startswith("Split the package: it has many thousand files,")


def test_a_bomb_is_refused_by_its_ratio() -> None:
    assert refusal(packed(("a.xml", b"\0" * 2_000_000))) == (
        "Take a.xml out of the package: it unpacks to more than 50 times its size."
    )


def test_a_small_file_may_pack_well() -> None:
    assert read_all(open_archive(packed(("a.xml", b"\0" * 900_000)))) == {"a.xml": b"\0" * 900_000}


def test_many_files_may_not_unpack_to_more_than_one_may() -> None:
    content = packed(*((f"{number}.xml", b"\0" * 999_999) for number in range(101)))

    assert refusal(content) == ("Split the package: it unpacks to more than 100 MB, the most that is read.")


@pytest.mark.parametrize("stated", [10, 499_999, 500_001, 900_000])
def test_a_header_that_lies_about_the_size_is_refused(stated: int) -> None:
    content = packed(("a.xml", b"0123456789" * 50_000))
    lying = content.replace(struct.pack("<L", 500_000), struct.pack("<L", stated))

    assert refusal(lying) == "Pack the files again: a.xml is damaged, or its size is not the stated one."


def test_a_member_is_not_unpacked_past_its_stated_size() -> None:
    bomb = packed(("a.xml", b"\0" * 300_000_000)).replace(
        struct.pack("<L", 300_000_000), struct.pack("<L", 10)
    )
    tracemalloc.start()
    message = refusal(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert message == "Pack the files again: a.xml is damaged, or its size is not the stated one."
    assert peak < 3_000_000


def test_a_truncated_lie_with_the_checksum_of_its_part_is_refused() -> None:
    content = packed(("a.xml", b"0123456789" * 10))
    lying = content.replace(struct.pack("<L", 100), struct.pack("<L", 10)).replace(
        struct.pack("<L", zlib.crc32(b"0123456789" * 10)), struct.pack("<L", zlib.crc32(b"0123456789"))
    )

    assert refusal(lying) == "Pack the files again: a.xml is damaged, or its size is not the stated one."


def test_members_that_lie_in_one_another_are_refused() -> None:
    content = bytearray(packed(("a.xml", b"1" * 50), ("b.xml", b"2" * 50)))
    second = content.find(b"PK\x01\x02", content.find(b"PK\x01\x02") + 1)
    content[second + 42 : second + 46] = struct.pack("<L", 0)

    assert refusal(bytes(content)) == (
        "Pack the files again: a.xml and what follows it in the package lie in one another."
    )


def test_a_damaged_member_does_not_keep_the_others_from_being_read() -> None:
    content = bytearray(packed(("a.xml", b"1" * 50), ("b.xml", b"2")))
    content[content.find(b"a.xml") + 6] ^= 0xFF
    archive = open_archive(bytes(content))

    assert archive.read("b.xml") == b"2"
    with pytest.raises(ArchiveError, match=r"a\.xml is damaged"):
        archive.read("a.xml")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no zip at all", packed(("a", b"1" * 99))[:-30]])
def test_what_is_no_zip_is_refused(content: bytes) -> None:
    assert refusal(content) == "Pack the files again and upload the new zip: this one is damaged or cut off."


@given(st.binary(max_size=400))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(ArchiveError):
        read_all(open_archive(b"PK\x03\x04" + content))


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_package_with_changed_bytes_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(packed(("a.xml", b"<a>" + b"text " * 40 + b"</a>"), ("b/c.png", b"\x89PNG" * 9)))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ArchiveError):
        read_all(open_archive(bytes(content)))
