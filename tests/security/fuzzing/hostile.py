"""Requests that nobody would make: what our pages would send, spoilt in a place or two; and noise."""

from urllib.parse import parse_qsl, quote_from_bytes, urlsplit

from hypothesis import strategies as st

from tests.security.fuzzing import batches
from tests.security.fuzzing.pages import Form
from tests.security.fuzzing.routes import Route
from tests.security.fuzzing.scene import ROLES
from tests.security.fuzzing.site import MARK, Sent, Site

Pair = tuple[bytes, bytes]

VALUES: list[bytes] = [
    *(
        b"",
        b"1",
        b"0",
        b"-1",
        b"2",
        b" ",
        b"on",
        b"true",
        b"null",
        b"[]",
        b"{}",
        b"1.5",
        b"1e309",
        b"NaN",
        b"+1",
    ),
    *(b"-0", b"Infinity", b"0x10", b"1_000", b"9" * 20, b"9" * 5000, b"-" + b"9" * 30),
    *(str(2**n).encode() for n in (15, 31, 32, 53, 63, 64)),
    *(
        text.encode()
        for text in (
            "٣",
            "²",
            "\uff11\uff12",
            "½",
            "Ⅷ",
            "\u0661/\u0661",
            "é" * 300,
            "\u202e\u0000",
            "ﬀ" * 300,
            "💩",
            "İ" * 200,
        )
    ),
    *(
        b"\0",
        b"a\0b",
        b"\xff\xfe",
        b"\xed\xa0\x80",
        b"\xc0\xaf",
        b"\xf5\x80\x80\x80",
        b"x" * 9000,
        b"\n" * 3000,
    ),
    *(
        b"%",
        b"%00",
        b"../../etc/passwd",
        b"..\\..",
        b"'\"`;--",
        b"{{7*7}}",
        b"${7}",
        b"%(x)s",
        b"*/*",
        b"a&b=c",
    ),
    *(
        b"//evil.example/",
        b"/\\evil.example",
        b"javascript:alert(1)",
        b"https://evil.example",
        b"/x\r\nX-Y: z",
    ),
    *(MARK.encode(), b'">' + MARK.encode(), b"'>" + MARK.encode(), b"</script>" + MARK.encode()),
    *(
        b"2026-13-45",
        b"0001-01-01",
        b"9999-12-31",
        b"9999-12-31T23:59:59-14:00",
        b"0001-01-01T00:00:00+14:00",
    ),
    *(
        b"00000000-0000-0000-0000-000000000000",
        b"urn:uuid:00000000000000000000000000000000",
        b"a@b",
        b"a\0@b.cd",
    ),
    *(
        b"(" * 300,
        b"AND OR NOT NEAR",
        b'"a" "',
        b"a*",
        b"-a",
        b":*",
        b"a:b",
        b"mls-c01/",
        b"/1.1",
        b"mls-c01/1.1/1",
    ),
]
NAMES: list[bytes] = [
    b"page",
    b"next",
    b"q",
    b"",
    b"\0",
    b"x" * 300,
    b"\xff",
    b"_popup",
    b"_to_field",
    b"e",
    b"o",
    b"p",
]
HEADERS: list[tuple[str, str]] = [
    ("HTTP_HX_REQUEST", "true"),
    ("HTTP_HX_CURRENT_URL", "http://testserver/results/?page=2"),
    ("HTTP_HX_CURRENT_URL", "http://[::1"),
    ("HTTP_HX_CURRENT_URL", "//evil.example/\xff"),
    ("HTTP_HX_CURRENT_URL_URI_AUTOENCODED", "true"),
    ("HTTP_HX_HISTORY_RESTORE_REQUEST", "true"),
    ("HTTP_HX_TRIGGER", "\xff%00"),
    ("HTTP_TRIGGERING_EVENT", "{"),
    ("HTTP_ACCEPT", "application/json"),
    ("HTTP_ACCEPT", ";;;q=x,*/" + "*" * 500),
    ("HTTP_ACCEPT_LANGUAGE", "xx-" * 200 + ",de;q=9e9"),
    ("HTTP_ACCEPT_ENCODING", "gzip;q=x, br, \xff"),
    ("HTTP_COOKIE", "sessionid=" + "x" * 5000),
    ("HTTP_COOKIE", 'sessionid="\xff; csrftoken; =;;'),
    ("HTTP_COOKIE", "messages=W1siX19qc29u; csrftoken=a"),
    ("HTTP_REFERER", "http://[::1/"),
    ("HTTP_ORIGIN", "null"),
    ("HTTP_X_FORWARDED_FOR", "1.2.3.4, ::1%eth0, x" * 50),
    ("HTTP_X_FORWARDED_HOST", "evil.example"),
    ("HTTP_X_REQUEST_ID", "\xff" * 50),
    ("HTTP_X_HTTP_METHOD_OVERRIDE", "DELETE"),
    ("HTTP_HOST", "evil.example"),
    ("HTTP_HOST", "testserver:99999999"),
    ("HTTP_HOST", "[::1"),
    ("HTTP_IF_NONE_MATCH", '"x", W/"'),
    ("HTTP_IF_MODIFIED_SINCE", "Mon, 99 Foo 99999 99:99:99 GMT"),
    ("HTTP_RANGE", "bytes=9999999999-1"),
    ("HTTP_AUTHORIZATION", "Bearer \xff"),
    ("REMOTE_ADDR", ""),
    ("REMOTE_ADDR", "fe80::1%eth0"),
    ("CONTENT_LENGTH", "3"),
]
TYPES = [
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=cut",
    "application/json",
    "text/plain",
    "",
    "application/x-www-form-urlencoded; charset=foo",
    "application/x-www-form-urlencoded; charset=utf-16",
    "application/json; charset=foo",
    "application/json; charset=utf-16",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=" + "x" * 300,
    "multipart/form-data; boundary=\xff",
    "multipart/form-data; boundary=cut; charset=foo",
    "multipart/mixed; boundary=cut",
    *(
        f"multipart/form-data; boundary=cut; charset={name}"
        for name in ("rot13", "hex", "undefined", "idna", "utf-7")
    ),
    "text/plain; charset=rot13",
    "text/plain; charset*=foo''x",
    "application/x-www-form-urlencoded; charset=\x00",
    ";;;=;",
]
METHODS = ["GET", "POST", "POST", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO"]
FILE_NAMES = [
    b"bank.gift",
    b"../../../etc/passwd",
    b"..",
    b"",
    b"a\0b.csv",
    b"x" * 3000 + b".zip",
    b"C:\\temp\\bank.xlsx",
    b"\xff\xfe.json",
    "\u202efig.json".encode(),
    b'a"; filename="b.yaml',
]
FILES = [
    b"",
    b"\0" * 100,
    b"PK\x03\x04" + b"\xff" * 60,
    b"\x89PNG\r\n\x1a\n",
    b'{"format": "exam-questions", "version": NaN}',
    b"::a:: b {=c ~d}",
    b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><quiz>&b;</quiz>",
    b"id,stem\n" + b"\xff,\xfe\n" * 5,
    b"[" * 5000,
    b"a: &a [*a, *a]\n",
]


@st.composite
def requests(draw: st.DrawFn, site: Site, route: Route) -> Sent:
    """A request to `route`, of anybody."""
    draw_one = lambda some: draw(st.sampled_from(some))  # noqa: E731
    role = draw_one(ROLES[::-1])
    method = draw_one(METHODS)
    forms = site.offers.forms.get(route.key, [])
    form = draw_one(forms) if forms and draw(st.integers(0, 3)) > 0 else None
    path, pairs = _address(draw, site, route, form)
    names = [name.encode() for name in site.offers.names(route.key)] or NAMES
    if draw(st.booleans()) or method in ("GET", "HEAD"):
        pairs = _spoilt(draw, pairs, names, form if form and form.method == "GET" else None)
    if draw(st.integers(0, 9)) == 9:
        place = draw(st.integers(0, len(path)))
        path = (
            "/"
            + (path[:place] + draw_one(["%00", "%ff", "//", "%2e%2e/", "\\", ";x", "%0d%0a"]) + path[place:])[
                1:
            ]
        )
    content_type, body = ("", b"") if method in ("GET", "HEAD") else _body(draw, names, form)
    if draw(st.integers(0, 15)) == 15:
        content_type = draw_one(TYPES)
    headers = (
        dict(draw(st.lists(st.sampled_from(HEADERS), max_size=2))) if draw(st.integers(0, 2)) == 2 else {}
    )
    return Sent(role, method, path, _encoded(pairs), body, content_type, headers)


def _address(draw: st.DrawFn, site: Site, route: Route, form: Form | None) -> tuple[str, list[Pair]]:
    """A path to `route`, of a form, of a link or made up, and the query that stood behind it."""
    links = [form.path] if form else site.offers.links.get(route.key, [])
    if links and (form or not route.arguments or draw(st.booleans())):
        parts = urlsplit(draw(st.sampled_from(links)))
        if not route.arguments or draw(st.integers(0, 3)):
            pairs = parse_qsl(parts.query, keep_blank_values=True)
            return parts.path, [(name.encode(), value.encode()) for name, value in pairs]
    arguments = {}
    for name in route.arguments:
        likely = site.pools.likely(route, name)
        pool = likely if likely and draw(st.integers(0, 3)) > 0 else site.pools.any(route, name)
        arguments[name] = draw(st.sampled_from(pool))
    return route.template % arguments, []


def _body(draw: st.DrawFn, names: list[bytes], form: Form | None) -> tuple[str, bytes]:
    if draw(st.integers(0, 7)) == 7:
        return "application/json", draw(batches.bodies(4))
    pairs = _spoilt(draw, [], names, form)
    multipart = form.multipart if form else draw(st.booleans())
    if multipart:
        return "multipart/form-data; boundary=cut", _multipart(draw, pairs)
    return "application/x-www-form-urlencoded", _encoded(pairs).encode()


def _spoilt(draw: st.DrawFn, pairs: list[Pair], names: list[bytes], form: Form | None) -> list[Pair]:
    """The fields of `form`, each with one of its values, and up to three changes: a value that is hostile, a
    field twice, one left out, one that is asked for and not offered."""
    fields = list(pairs)
    for name, values in (form.fields if form else {}).items():
        value = values[0] if values and draw(st.integers(0, 2)) > 0 else draw(st.sampled_from(values or [""]))
        fields.append((name.encode(), value.encode()))
    for _ in range(draw(st.integers(0 if fields else 1, 3))):
        place = draw(st.integers(0, len(fields)))
        change = draw(st.sampled_from(["set", "set", "add", "drop", "repeat"]))
        if change == "add" or place == len(fields):
            pool = names if draw(st.integers(0, 5)) else NAMES
            fields.insert(place, (draw(st.sampled_from(pool)), draw(_values())))
        elif change == "set":
            fields[place] = fields[place][0], draw(_values())
        elif change == "drop":
            del fields[place]
        else:
            fields += [fields[place]] * draw(st.sampled_from([1, 2, 50]))
    return fields


def _values() -> st.SearchStrategy[bytes]:
    return st.sampled_from(VALUES) | st.binary(max_size=12) | st.text(max_size=12).map(_utf8)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _encoded(pairs: list[Pair]) -> str:
    return "&".join(f"{quote_from_bytes(name)}={quote_from_bytes(value)}" for name, value in pairs)


def _multipart(draw: st.DrawFn, pairs: list[Pair]) -> bytes:
    parts = []
    for name, value in pairs:
        head, content = b"", value
        if name == b"file" or draw(st.integers(0, 9)) == 9:
            file_name, content = draw(st.sampled_from(FILE_NAMES)), draw(st.sampled_from(FILES))
            head = b'; filename="' + file_name + b'"\r\nContent-Type: ' + draw(st.sampled_from(_FILE_TYPES))
        start = b'--cut\r\nContent-Disposition: form-data; name="' + name + b'"'
        parts.append(start + head + b"\r\n\r\n" + content)
    whole = b"\r\n".join([*parts, b"--cut--\r\n"])
    return whole[: draw(st.integers(0, len(whole)))] if draw(st.integers(0, 9)) == 9 else whole


_FILE_TYPES = [
    b"application/octet-stream",
    b"text/plain; charset=foo",
    b"",
    b"\xff",
    b"text/plain\r\nContent-Transfer-Encoding: base64",
]
