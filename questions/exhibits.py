"""Figures: which bytes may be shown to a candidate as a picture.

Raster pictures are decoded to the last pixel. One that holds nothing but its picture stays byte for byte; any
other (comments, camera data, something behind its end) is written anew from its pixels, GIF and WebP as PNG,
so that a file that is two things at once, or tells where it was taken, does not get through. SVG is a program
unless it is held to shapes and text (`svg`)."""

import hashlib
import re
import struct
import zlib
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image, ImageOps

from questions import svg

MAX_BYTES = 1_000_000
MAX_PIXELS = 25_000_000
MAX_SCANS = 100
TOO_MANY_PIXELS = f"Make the figure smaller: {MAX_PIXELS:,} pixels are the most."
_RASTER = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "PNG"),
    (re.compile(rb"\xff\xd8\xff"), "JPEG"),
    (re.compile(rb"GIF8[79]a"), "GIF"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "WEBP"),
)
_MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg"}
_PNG_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I;16"})
_PNG_CHUNKS = {
    b"IHDR": 13,
    b"PLTE": 768,
    b"tRNS": 256,
    b"gAMA": 4,
    b"cHRM": 32,
    b"sRGB": 1,
    b"sBIT": 4,
    b"bKGD": 6,
    b"pHYs": 9,
    b"IDAT": MAX_BYTES,
    b"IEND": 0,
}
_JPEG_TABLES = frozenset({0xC0, 0xC1, 0xC2, 0xC4, 0xDB, 0xDD})
_JPEG_SCAN, _JPEG_END, _JPEG_JFIF = 0xDA, 0xD9, 0xE0
_JPEG_NEXT = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)


class FigureError(ValueError):
    """The bytes are no figure that may be shown; the message says why in one sentence."""


@dataclass(frozen=True, slots=True)
class Figure:
    sha256: str
    media_type: str
    content: bytes = field(repr=False)


def inspect(content: bytes) -> Figure:
    """The figure that the bytes are, rewritten if there is more in them; raises FigureError.

    What comes out comes out the same when it is inspected again."""
    if len(content) > MAX_BYTES:
        raise FigureError(f"Make the figure smaller: {MAX_BYTES:,} bytes are the most.")
    form = next((form for magic, form in _RASTER if magic.match(content)), None)
    if form is None:
        return _figure(_svg(content), "image/svg+xml")
    if form == "JPEG" and content.count(b"\xff\xda") > MAX_SCANS:
        raise FigureError("Save the figure anew as PNG: it is put together from too many scans.")
    kept, form = _picture(content, form)
    if len(kept) > MAX_BYTES:
        raise FigureError(f"Make the figure smaller: as {form} it has more than {MAX_BYTES:,} bytes.")
    return _figure(kept, _MEDIA_TYPES[form])


def _figure(content: bytes, media_type: str) -> Figure:
    return Figure(hashlib.sha256(content).hexdigest(), media_type, content)


def _picture(content: bytes, form: str) -> tuple[bytes, str]:
    """The bytes of a raster picture that holds nothing else, and the format that they are in now."""
    try:
        with Image.open(BytesIO(content), formats=[form]) as image:
            _check_extent(image)
            image.load()
            if (form == "PNG" and _is_plain_png(content)) or (form == "JPEG" and _is_plain_jpeg(content)):
                return content, form
            return (_as_jpeg(image), "JPEG") if form == "JPEG" else (_as_png(image), "PNG")
    except (FigureError, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise FigureError(TOO_MANY_PIXELS) from None
    except Exception as error:  # whatever one of the library's decoders may raise over damaged bytes
        raise FigureError(f"Save the figure anew: it is damaged or cut off ({form}).") from error


def _check_extent(image: Image.Image) -> None:
    """Refuse before anything is decoded. A JPEG may hold a second picture, of which nothing is kept."""
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise FigureError(TOO_MANY_PIXELS)
    if image.format != "MPO" and getattr(image, "is_animated", False):
        raise FigureError("Give a still figure: this one moves.")


def _as_png(image: Image.Image) -> bytes:
    ImageOps.exif_transpose(image, in_place=True)
    transparency = image.info.get("transparency")
    upright = image
    if image.mode not in _PNG_MODES:
        upright, transparency = image.convert("RGBA"), None
    upright.info = {} if transparency is None else {"transparency": transparency}
    written = BytesIO()
    upright.save(written, "PNG")
    return written.getvalue()


def _as_jpeg(image: Image.Image) -> bytes:
    """With the tables that it came with where there are any, so that it loses next to nothing."""
    ImageOps.exif_transpose(image, in_place=True)
    tables = image.format == "JPEG" and image.mode in {"L", "RGB"}
    upright = image if tables else image.convert("RGB")
    upright.info = {}
    written = BytesIO()
    upright.save(written, "JPEG", quality="keep" if tables else 92)
    return written.getvalue()


def _is_plain_png(content: bytes) -> bool:
    """Whether every chunk shows the picture and nothing is hidden behind one, the pixels or the end."""
    position, name = 8, b""
    pixels = zlib.decompressobj()
    room = MAX_PIXELS * 8
    while name != b"IEND":
        length, name = struct.unpack_from(">I4s", content, position)
        data = content[position + 8 : position + 8 + length]
        (checksum,) = struct.unpack_from(">I", content, position + 8 + length)
        if length > _PNG_CHUNKS.get(name, -1) or checksum != zlib.crc32(name + data):
            return False
        while name == b"IDAT" and data:
            room -= len(pixels.decompress(data, MAX_BYTES))
            data = pixels.unconsumed_tail
            if pixels.unused_data or room < 0:
                return False
        position += 12 + length
    pixels.flush()
    return pixels.eof and position == len(content)


def _is_plain_jpeg(content: bytes) -> bool:
    """Whether there are tables, frames, scans and at most a bare JFIF segment, and the end is the end."""
    position = 2
    while True:
        fill, marker = content[position : position + 2]
        if fill != 0xFF:
            return False
        if marker == _JPEG_END:
            return position + 2 == len(content)
        (length,) = struct.unpack_from(">H", content, position + 2)
        bare = marker == _JPEG_JFIF and length == 16 and content[position + 4 :].startswith(b"JFIF\0")
        if not bare and marker != _JPEG_SCAN and marker not in _JPEG_TABLES:
            return False
        position += 2 + length
        if marker == _JPEG_SCAN:
            following = _JPEG_NEXT.search(content, position)
            if following is None:
                return False
            position = following.start()


def _svg(content: bytes) -> bytes:
    """The bytes of an SVG that may be shown: as they are, or without what drawing programs leave in them."""
    try:
        svg.check(content)
    except svg.SvgError as refused:
        try:
            written = svg.plain(content)
        except svg.SvgError:
            raise FigureError(str(refused)) from None
        try:
            svg.check(written)
        except svg.SvgError as error:
            raise FigureError(str(error)) from None
        return written
    return content
