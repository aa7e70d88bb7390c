import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questions.exhibits import MAX_BYTES, Figure, FigureError, inspect

NO_FIGURE = "Give a PNG, JPEG, GIF, WebP or SVG figure: this is none of them"


def svg(inside: str = "", attributes: str = 'viewBox="0 0 9 9"') -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{inside}</svg>'.encode()


def complaint(content: bytes) -> str:
    with pytest.raises(FigureError) as error:
        inspect(content)
    return str(error.value)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\nrest", "image/png"),
        (b"\xff\xd8\xff\xe0rest", "image/jpeg"),
        (b"GIF89arest", "image/gif"),
        (b"RIFF\x00\x0a\x00\x00WEBPrest", "image/webp"),
        (svg('<text x="1" y="2" font-size="3">a</text>'), "image/svg+xml"),
        (svg('<defs><marker id="m"/></defs><path d="M0 0" marker-end="url(#m)"/>'), "image/svg+xml"),
    ],
)
def test_figures_are_known_by_their_bytes(content: bytes, media_type: str) -> None:
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
        (svg('<rect style="fill:red"/>'), "Remove the attribute 'style' from the SVG."),
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


@given(
    st.binary(max_size=100), st.sampled_from([b"", b"<svg ", b'<?xml version="1.0" encoding="', svg()[:-6]])
)
def test_no_bytes_break_the_inspection(content: bytes, head: bytes) -> None:
    try:
        figure = inspect(head + content)
    except FigureError:
        return
    assert figure.content == head + content
