"""SVG figures: shapes and text, and nothing that runs, moves or refers outside the file.

`check` holds a file to a list of elements and attributes. `plain` takes out of a file what drawing programs
leave in it and nobody sees (their own elements and attributes, metadata, a document type without entities),
writes styles as presentation attributes, and leaves everything else as it is, for `check` to judge."""

import re
from collections.abc import Mapping
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

MAX_ELEMENTS = 5_000
MAX_DEPTH = 32

_SVG = "http://www.w3.org/2000/svg"
_XML = "http://www.w3.org/XML/1998/namespace"
_XLINK = "http://www.w3.org/1999/xlink"
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
_REFERRING = frozenset({"linearGradient", "radialGradient", "pattern"})
_OUTSIDE = re.compile(r"url\s*\((?!\s*#[A-Za-z][\w.-]*\s*\))|\\|javascript:|@import", re.IGNORECASE)
_INSIDE = re.compile(r"#[A-Za-z][\w.-]*")

_EDITORS = re.compile(
    r"inkscape\.org|sodipodi|22-rdf-syntax-ns|creativecommons\.org|purl\.org/dc|ns\.adobe\.com"
    r"|bohemiancoding\.com|serif\.com|figma\.com|vectornator\.io|boxy-svg\.com"
)
_UNSEEN_NAMES = (
    "class overflow enable-background baseProfile contentScriptType contentStyleType zoomAndPan isolation "
    "color-interpolation color-interpolation-filters color-rendering image-rendering solid-color "
    "solid-opacity line-height text-indent text-align block-progression font-feature-settings "
    "font-variant-ligatures font-variant-caps font-variant-numeric font-variant-alternates "
    "font-variant-position font-variant-east-asian font-stretch font-variation-settings white-space "
    "shape-padding shape-margin text-decoration-line text-decoration-style text-decoration-color "
    "text-orientation direction unicode-bidi"
)
_UNSEEN = frozenset(_UNSEEN_NAMES.split())
_NEUTRAL = frozenset({"none", "normal", "auto"})
_LENGTH = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)(?:px|pt|mm|cm|in)?")


class SvgError(ValueError):
    """The file may not be shown; the message says why in one sentence."""


def check(content: bytes) -> None:
    """Raises SvgError unless every element and attribute is on the list."""
    _parse(content, _Checker())


def plain(content: bytes) -> bytes:
    """The file without what nobody sees of it; raises SvgError where it cannot be read."""
    writer = _Writer()
    _parse(content, writer)
    return "".join(writer.parts).encode()


class _Reader:
    """What both have in common: nothing is declared, and nothing is too big."""

    def __init__(self) -> None:
        self.depth = 0
        self.elements = 0

    def doctype(self, _name: str, _system: str | None, _public: str | None, has_subset: int) -> None:
        raise SvgError("Remove the document type and its entities from the SVG.")

    def entity(self, *_: object) -> None:
        raise SvgError("Remove the document type and its entities from the SVG.")

    def instruction(self, _target: str, _data: str) -> None:
        raise SvgError("Remove the processing instruction (`<?…?>`) from the SVG.")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        self.depth += 1
        if self.elements > MAX_ELEMENTS or self.depth > MAX_DEPTH:
            raise SvgError("Simplify the SVG: it has too many elements or nests them too deep.")

    def end(self, _name: str) -> None:
        self.depth -= 1

    def text(self, _data: str) -> None:
        return


def _parse(content: bytes, reader: _Reader) -> None:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.EntityDeclHandler = reader.entity
    parser.ProcessingInstructionHandler = reader.instruction
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        message = "Give a PNG, JPEG, GIF, WebP or SVG figure: this is none of them"
        raise SvgError(f"{message} (read as XML, it breaks off in line {error.lineno}).") from None
    except (LookupError, ValueError) as error:
        if isinstance(error, SvgError):
            raise
        raise SvgError("Save the figure as UTF-8: its encoding is not known.") from None


class _Checker(_Reader):
    def start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if self.elements == 0 and (namespace, local) != (_SVG, "svg"):
            raise SvgError(f'Begin the SVG with <svg xmlns="{_SVG}">.')
        super().start(name, attributes)
        if namespace != _SVG or local not in _ELEMENTS:
            raise SvgError(
                f"Remove the element {local[:40]!a} from the SVG: only plain shapes and text are shown."
            )
        if self.elements == 1 and "viewBox" not in attributes:
            raise SvgError("Give the SVG a viewBox, so that it can be scaled.")
        for attribute, value in attributes.items():
            _check_attribute(local, attribute, value)


def _check_attribute(element: str, name: str, value: str) -> None:
    namespace, _, local = name.rpartition(" ")
    if namespace in {"", _XLINK} and local == "href" and element in _REFERRING and _INSIDE.fullmatch(value):
        return
    known = local in {"lang", "space"} if namespace == _XML else not namespace and local in _ATTRIBUTES
    if not known:
        raise SvgError(f"Remove the attribute {local[:40]!a} from the SVG.")
    if _OUTSIDE.search(value):
        raise SvgError(f"Remove the reference in the attribute {local[:40]!a}: an SVG may use only itself.")


class _Writer(_Reader):
    """Writes the file anew. `skipped` counts the depth inside an element that is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.skipped = 0

    def doctype(self, _name: str, _system: str | None, _public: str | None, has_subset: int) -> None:
        if has_subset:
            super().doctype(_name, _system, _public, has_subset)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        super().start(name, attributes)
        namespace, _, local = name.rpartition(" ")
        if self.skipped or _EDITORS.search(namespace) or (namespace, local) == (_SVG, "metadata"):
            self.skipped += 1
            return
        if namespace != _SVG:
            raise SvgError(
                f"Remove the element {local[:40]!a} from the SVG: only plain shapes and text are shown."
            )
        kept = _seen(attributes)
        if self.elements == 1:
            kept = {"xmlns": _SVG, **_with_view_box(kept)}
        self.parts.append(f"<{local}{''.join(f' {n}={quoteattr(v)}' for n, v in kept.items())}>")

    def end(self, name: str) -> None:
        super().end(name)
        if self.skipped:
            self.skipped -= 1
        else:
            self.parts.append(f"</{name.rpartition(' ')[2]}>")

    def text(self, data: str) -> None:
        if not self.skipped:
            self.parts.append(escape(data))


def _seen(attributes: Mapping[str, str]) -> dict[str, str]:
    """The attributes that show, styles among them, by their names as written."""
    kept: dict[str, str] = {}
    for name, value in attributes.items():
        namespace, _, local = name.rpartition(" ")
        if _EDITORS.search(namespace) or local in _UNSEEN or local.startswith("data-"):
            continue
        prefix = "xml:" if namespace == _XML else ""
        if namespace not in {"", _XML, _XLINK}:
            raise SvgError(f"Remove the attribute {local[:40]!a} from the SVG.")
        kept[prefix + local] = value
    style = kept.pop("style", "")
    return kept | _declared(style)


def _declared(style: str) -> dict[str, str]:
    """A style's declarations as attributes. One that cannot be an attribute leaves the style as it is."""
    declared: dict[str, str] = {}
    for declaration in filter(str.strip, style.split(";")):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if name in _ATTRIBUTES and value and "!" not in value:
            declared[name] = value
        elif not (name in _UNSEEN or name.startswith("-") or value in _NEUTRAL):
            return {"style": style}
    return declared


def _with_view_box(attributes: Mapping[str, str]) -> dict[str, str]:
    sizes = [_LENGTH.fullmatch(attributes.get(name, "")) for name in ("width", "height")]
    if "viewBox" in attributes or sizes[0] is None or sizes[1] is None:
        return dict(attributes)
    return {**attributes, "viewBox": f"0 0 {sizes[0][1]} {sizes[1][1]}"}
