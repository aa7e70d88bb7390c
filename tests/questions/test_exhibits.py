import hashlib
import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from questions.exhibits import MAX_BYTES, Figure, FigureError, inspect

NO_FIGURE = "Give a PNG, JPEG, GIF, WebP or SVG figure: this is none of them"


def svg(inside: str = "", attributes: str = 'viewBox="0 0 9 9"') -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{inside}</svg>'.encode()


def picture(width: int = 12, height: int = 8, mode: str = "RGB") -> Image.Image:
    """A picture whose pixels all differ from their neighbours."""
    data = bytes(place * 37 % 256 for place in range(width * height * 3))
    return Image.frombytes("RGB", (width, height), data).convert(mode)


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    written = BytesIO()
    image.save(written, form, **options)
    return written.getvalue()


def pixels(content: bytes) -> tuple[str, tuple[int, int], bytes]:
    with Image.open(BytesIO(content)) as image:
        return image.mode, image.size, image.tobytes()


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of one pixel, with these chunks between its first and its last."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunk(*each) for each in chunks) + chunk(b"IEND", b"")


ONE_PIXEL = zlib.compress(b"\0\1\2\3")
PLAIN_PNG = png((b"IDAT", ONE_PIXEL))
TEXT = PngImagePlugin.PngInfo()
TEXT.add_text("Comment", "<script>")
TURNED = Image.Exif()
TURNED[0x112] = 6


def complaint(content: bytes) -> str:
    with pytest.raises(FigureError) as error:
        inspect(content)
    return str(error.value)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PLAIN_PNG, "image/png"),
        *((saved(picture(mode=mode), "PNG"), "image/png") for mode in ("1", "L", "LA", "P", "RGB", "RGBA")),
        (saved(picture(), "PNG", dpi=(300, 300)), "image/png"),
        (saved(picture(), "JPEG"), "image/jpeg"),
        (saved(picture(mode="L"), "JPEG", quality=40), "image/jpeg"),
        (saved(picture(300, 200), "JPEG", progressive=True), "image/jpeg"),
        (svg('<text x="1" y="2" font-size="3">a</text>'), "image/svg+xml"),
        (svg('<defs><marker id="m"/></defs><path d="M0 0" marker-end="url(#m)"/>'), "image/svg+xml"),
    ],
)
def test_plain_figures_are_known_by_their_bytes_and_stay_as_they_are(content: bytes, media_type: str) -> None:
    assert inspect(content) == Figure(hashlib.sha256(content).hexdigest(), media_type, content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (svg("<script/>"), "Remove the element 'script' from the SVG: only plain shapes and text are shown."),
        (svg("<style/>"), "Remove the element 'style' from the SVG: only plain shapes and text are shown."),
        (
            svg("<foreignObject/>"),
            "Remove the element 'foreignObject' from the SVG: only plain shapes and text are shown.",
        ),
        (
            svg("<animate/>"),
            "Remove the element 'animate' from the SVG: only plain shapes and text are shown.",
        ),
        (
            svg('<b xmlns="http://www.w3.org/1999/xhtml"/>'),
            "Remove the element 'b' from the SVG: only plain shapes and text are shown.",
        ),
        (svg('<rect onclick="x"/>'), "Remove the attribute 'onclick' from the SVG."),
        (svg('<rect style="filter:url(#f)"/>'), "Remove the attribute 'style' from the SVG."),
        (svg('<g href="https://e.org"/>'), "Remove the attribute 'href' from the SVG."),
        (
            svg('<rect fill="url(https://e.org/x)"/>'),
            "Remove the reference in the attribute 'fill': an SVG may use only itself.",
        ),
        (
            svg('<rect fill="u\\72l(x)"/>'),
            "Remove the reference in the attribute 'fill': an SVG may use only itself.",
        ),
        (svg("", ""), "Give the SVG a viewBox, so that it can be scaled."),
        (
            b'<!DOCTYPE svg [<!ENTITY a "b">]>' + svg("&a;"),
            "Remove the document type and its entities from the SVG.",
        ),
        (
            b'<?xml-stylesheet href="x"?>' + svg(),
            "Remove the processing instruction (`<?\u2026?>`) from the SVG.",
        ),
        (b"<html/>", 'Begin the SVG with <svg xmlns="http://www.w3.org/2000/svg">.'),
        (
            b"hello",
            f"{NO_FIGURE} (read as XML, it breaks off in line 1).",
        ),
        (svg("<g>" * 40 + "</g>" * 40), "Simplify the SVG: it has too many elements or nests them too deep."),
        (b"\x89PNG\r\n\x1a\n" + b"0" * MAX_BYTES, "Make the figure smaller: 1,000,000 bytes are the most."),
    ],
)
def test_what_is_no_plain_figure_is_refused(content: bytes, message: str) -> None:
    assert complaint(content) == message


@pytest.mark.parametrize(
    "content",
    [
        saved(picture(), "PNG", pnginfo=TEXT),
        saved(picture(), "PNG", exif=Image.Exif()) + b"<script>alert(1)</script>",
        saved(picture(mode="RGBA"), "PNG") + b"PK\3\4",
        png((b"IDAT", ONE_PIXEL + b"<script>")),
        png((b"IDAT", ONE_PIXEL), (b"zzZz", b"<script>")),
        png((b"pHYs", b"<script>alert(1)"), (b"IDAT", ONE_PIXEL)),
        saved(picture(mode="P"), "GIF"),
        saved(picture(), "GIF", comment=b"<script>"),
        saved(picture(), "WEBP", lossless=True),
        saved(picture(mode="RGBA"), "WEBP", lossless=True),
    ],
)
def test_a_png_gif_or_webp_with_more_in_it_is_written_anew_with_the_same_pixels(content: bytes) -> None:
    figure = inspect(content)

    with Image.open(BytesIO(content)) as before, Image.open(BytesIO(figure.content)) as after:
        assert (after.format, after.info) == ("PNG", {})
        assert after.convert("RGBA").tobytes() == before.convert("RGBA").tobytes()
    assert figure == Figure(hashlib.sha256(figure.content).hexdigest(), "image/png", figure.content)
    assert b"script" not in figure.content
    assert inspect(figure.content) == figure


@pytest.mark.parametrize(
    "content",
    [
        saved(picture(60, 40), "JPEG", comment=b"<script>"),
        saved(picture(60, 40), "JPEG", exif=TURNED),
        saved(picture(60, 40), "JPEG") + b"<script>",
        saved(picture(60, 40, "CMYK"), "JPEG"),
        saved(picture(60, 40), "JPEG", icc_profile=b"<script>"),
        saved(picture(60, 40), "MPO", save_all=True, append_images=[picture(6, 4)]),
    ],
)
def test_a_jpeg_with_more_in_it_is_written_anew(content: bytes) -> None:
    figure = inspect(content)

    with Image.open(BytesIO(figure.content)) as after:
        assert (after.format, set(after.info)) == (
            "JPEG",
            {"jfif", "jfif_version", "jfif_unit", "jfif_density"},
        )
    assert figure == Figure(hashlib.sha256(figure.content).hexdigest(), "image/jpeg", figure.content)
    assert b"script" not in figure.content
    assert inspect(figure.content) == figure


def test_a_picture_taken_sideways_is_turned_upright() -> None:
    turned = inspect(saved(picture(12, 8), "PNG", exif=TURNED))

    assert pixels(turned.content) == (
        "RGB",
        (8, 12),
        picture(12, 8).transpose(Image.Transpose.ROTATE_270).tobytes(),
    )


def test_transparency_stays() -> None:
    image = picture(mode="RGBA")
    image.putpixel((0, 0), (1, 2, 3, 0))

    with Image.open(BytesIO(inspect(saved(image, "GIF")).content)) as after:
        alpha = after.convert("RGBA").getchannel("A")
        assert (alpha.getpixel((0, 0)), alpha.getpixel((1, 0))) == (0, 255)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            saved(picture(300, 200), "PNG")[:-200],
            "Save the figure anew: it is damaged or cut off (PNG).",
        ),
        (saved(picture(), "PNG")[:-12], "Save the figure anew: it is damaged or cut off (PNG)."),
        (saved(picture(300, 200), "JPEG")[:-200], "Save the figure anew: it is damaged or cut off (JPEG)."),
        (saved(picture(300, 200), "WEBP")[:-200], "Save the figure anew: it is damaged or cut off (WEBP)."),
        (b"GIF89a<script>alert(1)</script>", "Save the figure anew: it is damaged or cut off (GIF)."),
        (
            saved(picture(), "GIF", save_all=True, append_images=[picture(8, 12)]),
            "Give a still figure: this one moves.",
        ),
        (
            saved(picture(), "PNG", save_all=True, append_images=[picture().rotate(180)]),
            "Give a still figure: this one moves.",
        ),
        (
            saved(picture(), "WEBP", save_all=True, append_images=[picture().rotate(180)]),
            "Give a still figure: this one moves.",
        ),
        (
            saved(Image.new("1", (5001, 5000)), "PNG"),
            "Make the figure smaller: 25,000,000 pixels are the most.",
        ),
        (
            saved(Image.new("1", (20_000, 20_000)), "PNG"),
            "Make the figure smaller: 25,000,000 pixels are the most.",
        ),
        (
            saved(Image.effect_noise((1200, 1200), 90).convert("RGB"), "WEBP"),
            "Make the figure smaller: as PNG it has more than 1,000,000 bytes.",
        ),
        (
            saved(picture(), "JPEG") + b"\xff\xda" * 101,
            "Save the figure anew as PNG: it is put together from too many scans.",
        ),
    ],
)
def test_a_raster_picture_that_is_damaged_moves_or_is_too_big_is_refused(
    content: bytes, message: str
) -> None:
    assert complaint(content) == message


HEADS = [
    b"",
    b"<svg ",
    b'<?xml version="1.0" encoding="',
    svg()[:-6],
    PLAIN_PNG[:33],
    saved(picture(), "JPEG")[:-40],
    saved(picture(), "GIF")[:-40],
    saved(picture(), "WEBP")[:-40],
]


@given(st.binary(max_size=100), st.sampled_from(HEADS))
def test_no_bytes_break_the_inspection(content: bytes, head: bytes) -> None:
    try:
        figure = inspect(head + content)
    except FigureError:
        return
    assert inspect(figure.content) == figure


WHOLE = [saved(picture(), form) for form in ("PNG", "JPEG", "GIF", "WEBP")]


@settings(max_examples=200)
@given(st.sampled_from(WHOLE), st.data())
def test_no_damage_to_a_picture_breaks_the_inspection(whole: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(whole) - 1))
    content = whole[:place] + data.draw(st.binary(max_size=4)) + whole[place + 1 :]

    try:
        figure = inspect(content)
    except FigureError:
        return
    assert inspect(figure.content) == figure
