"""What a foreign piece of HTML has that no page of ours will show: named, and kept from costing much.

`nh3` is what makes HTML safe and well formed, and it takes the square of the depth or of the number of a
tag's attributes. So tags are looked at before it runs, by patterns that pass over the text once.
"""

import re
from collections.abc import Iterator

MAX_DEPTH = 120
MAX_TAG = 4_000
MAX_TAGS = 50_000

_MARKUP = re.compile(r"<[A-Za-z/!?]")
_TAG = re.compile(r"<(/?)([A-Za-z][\w:-]*)([^<>]*)>?")
_KEPT_ATTRIBUTE = re.compile(r"""[\s"'/](src|alt|href)\s*=\s*("[^"]*"|'[^']*')""", re.IGNORECASE)
_HANDLER = re.compile(r"""[\s"'/]on[a-z]+\s*=""", re.IGNORECASE)
_SCRIPT_ADDRESS = re.compile(
    r"""=\s*["']?\s*j\s*a\s*v\s*a\s*s\s*c\s*r\s*i\s*p\s*t\s*(:|&colon|&#)""", re.IGNORECASE
)
_NEVER_DEEP_NAMES = "p li dt dd tr td th thead tbody tfoot option br hr img input meta link col wbr"
_NEVER_DEEP = frozenset(_NEVER_DEEP_NAMES.split())
_ANGLE = re.compile(r"<(?!!--|/?[A-Za-z]{1,10}:)(?:/?([A-Za-z][A-Za-z0-9]*)(?=[\s/>]))?")
_TYPE = re.compile(r"</?([A-Z][A-Za-z0-9]*)>")
_KNOWN_NAMES = (
    "a abbr acronym address applet area article aside audio b base basefont bdi bdo big blink blockquote "
    "body br button canvas caption center cite code col colgroup data dd del details dfn dialog dir div "
    "dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head "
    "header hgroup hr html i iframe img input ins kbd label legend li link main map mark marquee meta nav "
    "nobr noscript object ol optgroup option p param picture pre q rp rt ruby s samp script section "
    "select small source span strike strong style sub summary sup svg table tbody td template textarea "
    "tfoot th thead time title tr track tt u ul var video wbr math mrow mi mn mo mfrac msup msub msqrt "
    "mroot mtext mtable mtr mtd semantics annotation"
)
_KNOWN = frozenset(_KNOWN_NAMES.split())
_LOSSES = {
    "script": "a script",
    "input": "a form control",
    "select": "a form control",
    "textarea": "a form control",
    "button": "a form control",
    "iframe": "an embedded page",
    "frame": "an embedded page",
    "object": "an embedded object",
    "embed": "an embedded object",
    "applet": "an embedded object",
    "video": "a video",
    "audio": "a sound",
    "svg": "a drawing",
    "canvas": "a drawing",
    "map": "an image map",
    "s": "strikethrough",
    "del": "strikethrough",
    "strike": "strikethrough",
}


def losses(html: str) -> Iterator[str]:
    """Plain-English names of what a page of ours cannot show, each as often as it comes."""
    for found in _TAG.finditer(_without_comments(html)):
        closing, name, rest = found.groups()
        if closing:
            continue
        if loss := _LOSSES.get(name.lower()):
            yield loss
        if rest and (len(rest) <= MAX_TAG or "on" in rest):
            if _HANDLER.search(rest, 0, MAX_TAG):
                yield "an event handler"
            if _SCRIPT_ADDRESS.search(rest, 0, MAX_TAG):
                yield "a link that runs a script"


def has_tag(text: str) -> bool:
    """Whether the text has a tag that HTML knows."""
    return any(found[2].lower() in _KNOWN for found in _TAG.finditer(text))


def literal_where_no_tag(text: str) -> str:
    """The text with every angle bracket that begins no tag of HTML escaped."""
    return _ANGLE.sub(
        lambda found: found[0] if (found[1] or "").lower() in _KNOWN else "&lt;" + found[0][1:], text
    )


def literal_where_a_type(html: str) -> str:
    """HTML with what looks like a tag and is a type in code (`List<String>`, `Map<K>`) escaped, which would
    be lost as an unknown tag."""
    return _TYPE.sub(lambda found: found[0] if found[1].lower() in _KNOWN else f"&lt;{found[0][1:]}", html)


def has_markup(html: str) -> bool:
    """Whether anything in the text can be a tag, a comment or a declaration."""
    return _MARKUP.search(html) is not None


def tamed(html: str) -> tuple[str, str]:
    """The HTML with its longest tags cut to what is read of them; if its tags are too deep or too many to be
    anybody's formatting, the HTML without them, and what to call the loss."""
    if len(html) > MAX_TAG:
        html = _TAG.sub(_shortened, html)
    depth = 0
    for count, found in enumerate(_TAG.finditer(html)):
        if count == MAX_TAGS:
            return _TAG.sub(" ", html), "more formatting than a question can need"
        if found[2].lower() not in _NEVER_DEEP and not found[3].endswith("/"):
            depth = max(depth - 1, 0) if found[1] else depth + 1
        if depth > MAX_DEPTH:
            return _TAG.sub(" ", html), "formatting that is nested too deeply"
    return html, ""


def _shortened(found: re.Match[str]) -> str:
    if len(found[0]) <= MAX_TAG:
        return found[0]
    kept = {name.lower(): value for name, value in reversed(_KEPT_ATTRIBUTE.findall(found[3]))}
    return f"<{found[1]}{found[2]} {' '.join(f'{name}={value}' for name, value in kept.items())}>"


def _without_comments(html: str) -> str:
    parts: list[str] = []
    at = 0
    while (start := html.find("<!--", at)) >= 0 and (end := html.find("-->", start + 4)) >= 0:
        parts.append(html[at:start])
        at = end + 3
    return "".join(parts) + html[at:]
