"""Figures: which bytes may be shown to a candidate as a picture.

Raster pictures are known by their first bytes. SVG is a program unless it is held to shapes and text: every
element and attribute must be on the list, nothing may refer outside the file, and there is no document type
(hence no entities to expand)."""

import hashlib
import re
from dataclasses import dataclass, field
from xml.parsers import expat

MAX_BYTES = 1_000_000
MAX_ELEMENTS = 5_000
MAX_DEPTH = 32

_SVG = "http://www.w3.org/2000/svg"
_XML = "http://www.w3.org/XML/1998/namespace"
_ELEMENT_NAMES = (
    "svg g defs symbol title desc text tspan path line polyline polygon rect circle ellipse marker "
    "clipPath linearGradient radialGradient stop pattern "
)
_ATTRIBUTE_NAMES = (
    "id role aria-label aria-labelledby aria-hidden viewBox preserveAspectRatio width height x y x1 y1 "
    "x2 y2 dx dy cx cy r rx ry fx fy d points transform rotate textLength lengthAdjust version lang "
    "fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-dasharray stroke-dashoffset "
    "stroke-linecap stroke-linejoin stroke-miterlimit opacity color display visibility vector-effect "
    "shape-rendering text-rendering font-family font-size font-weight font-style font-variant "
    "letter-spacing word-spacing text-anchor text-decoration dominant-baseline alignment-baseline "
    "baseline-shift writing-mode paint-order clip-path clip-rule clipPathUnits marker-start marker-mid "
    "marker-end markerWidth markerHeight markerUnits refX refY orient offset stop-color stop-opacity "
    "gradientUnits gradientTransform spreadMethod patternUnits patternContentUnits patternTransform "
)
_ELEMENTS = frozenset(_ELEMENT_NAMES.split())
_ATTRIBUTES = frozenset(_ATTRIBUTE_NAMES.split())
_OUTSIDE = re.compile(r"url\s*\((?!\s*#[A-Za-z][\w.-]*\s*\))|\\|javascript:|@import", re.IGNORECASE)
_RASTER = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
)


class FigureError(ValueError):
    """The bytes are no figure that may be shown; the message says why in one sentence."""


@dataclass(frozen=True, slots=True)
class Figure:
    sha256: str
    media_type: str
    content: bytes = field(repr=False)


def inspect(content: bytes) -> Figure:
    """The figure that the bytes are; raises FigureError."""
    if len(content) > MAX_BYTES:
        raise FigureError(f"Make the figure smaller: {MAX_BYTES:,} bytes are the most.")
    media_type = next((kind for magic, kind in _RASTER if magic.match(content)), None)
    if media_type is None:
        _check_svg(content)
        media_type = "image/svg+xml"
    return Figure(hashlib.sha256(content).hexdigest(), media_type, content)


def _check_svg(content: bytes) -> None:
    checker = _SvgChecker()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = checker.refuse_doctype
    parser.EntityDeclHandler = checker.refuse_doctype
    parser.ProcessingInstructionHandler = checker.refuse_instruction
    parser.StartElementHandler = checker.start
    parser.EndElementHandler = checker.end
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        message = "Give a PNG, JPEG, GIF, WebP or SVG figure: this is none of them"
        raise FigureError(f"{message} (read as XML, it breaks off in line {error.lineno}).") from None
    except (LookupError, ValueError) as error:
        if isinstance(error, FigureError):
            raise
        raise FigureError("Save the figure as UTF-8: its encoding is not known.") from None


class _SvgChecker:
    def __init__(self) -> None:
        self.depth = 0
        self.elements = 0

    def refuse_doctype(self, *_: object) -> None:
        raise FigureError("Remove the document type and its entities from the SVG.")

    def refuse_instruction(self, *_: object) -> None:
        raise FigureError("Remove the processing instruction (`<?…?>`) from the SVG.")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if self.elements == 0 and (namespace, local) != (_SVG, "svg"):
            raise FigureError(f'Begin the SVG with <svg xmlns="{_SVG}">.')
        self.elements += 1
        self.depth += 1
        if self.elements > MAX_ELEMENTS or self.depth > MAX_DEPTH:
            raise FigureError("Simplify the SVG: it has too many elements or nests them too deep.")
        if namespace != _SVG or local not in _ELEMENTS:
            raise FigureError(
                f"Remove the element {local[:40]!a} from the SVG: only plain shapes and text are shown."
            )
        if self.elements == 1 and "viewBox" not in attributes:
            raise FigureError("Give the SVG a viewBox, so that it can be scaled.")
        for attribute, value in attributes.items():
            self._check_attribute(attribute, value)

    def _check_attribute(self, name: str, value: str) -> None:
        namespace, _, local = name.rpartition(" ")
        known = local in {"lang", "space"} if namespace == _XML else not namespace and local in _ATTRIBUTES
        if not known:
            raise FigureError(f"Remove the attribute {local[:40]!a} from the SVG.")
        if _OUTSIDE.search(value):
            raise FigureError(
                f"Remove the reference in the attribute {local[:40]!a}: an SVG may use only itself."
            )

    def end(self, _name: str) -> None:
        self.depth -= 1
