"""Addresses that lead out of the site, or look as if they did."""

import re
from urllib.parse import urlsplit

ELSEWHERE = [
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "/\r\n/evil.example/",
    "/%0d%0aLocation:%20https://evil.example/",
    "https://evil.example/",
    "https:evil.example",
    "http://testserver@evil.example/",
    "http://testserver.evil.example/",
    "http:///evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "\uff0f\uff0fevil.example/",
    "/\u2028/evil.example/",
    "//evil。example",
    " //evil.example/",
    "\x00//evil.example/",
    "http://[::1",
    "accounts:logout",
    "x",
    "?x",
    "../x",
]


def leads_out(location: str) -> bool:
    """As a browser reads it: blanks before it and control characters in it do not count, a backslash is a
    slash."""
    read = re.sub(r"[\x00-\x20]", "", location).replace("\\", "/")
    parts = urlsplit(read)
    return bool(parts.netloc or parts.scheme) or read.startswith("//")
