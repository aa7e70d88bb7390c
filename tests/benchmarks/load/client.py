"""HTTP/1.1 for many visitors at once at little cost: what the client computes is taken from the same cores as
what it measures. Connections are kept open; one request at a time on each, as the exam page's script does."""

import asyncio
import gzip
import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.benchmarks.load.timings import Timings

HOST = "127.0.0.1"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_LOCATION = re.compile(rb"\r\nlocation: *([^\r]+)", re.IGNORECASE)
_GZIP = re.compile(rb"\r\ncontent-encoding: *gzip", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)


class UnexpectedReplyError(Exception):
    """The site said something else than this kind of request is answered with."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    head: bytes
    body: bytes

    @property
    def location(self) -> str:
        found = _LOCATION.search(self.head)
        return found[1].decode() if found else ""

    @property
    def is_gzip(self) -> bool:
        return _GZIP.search(self.head) is not None

    @property
    def text(self) -> str:
        return (gzip.decompress(self.body) if self.is_gzip else self.body).decode()


class _Wire(asyncio.Protocol):
    """One connection. A reply without a length is none of ours: every page here has one."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.reply: asyncio.Future[Reply] | None = None
        self.received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        end = self.received.find(b"\r\n\r\n")
        if end < 0 or self.reply is None:
            return
        head = bytes(self.received[: end + 2])
        length = _LENGTH.search(head)
        stop = end + 4 + (int(length[1]) if length else 0)
        if len(self.received) >= stop:
            reply = Reply(int(head[9:12]), head, bytes(self.received[end + 4 : stop]))
            del self.received[:stop]
            waiting, self.reply = self.reply, None
            if _CLOSE.search(head) and self.transport is not None:
                self.transport.close()
            if not waiting.done():
                waiting.set_result(reply)

    def connection_lost(self, error: Exception | None) -> None:
        self.transport = None
        if self.reply is not None and not self.reply.done():
            self.reply.set_exception(error or ConnectionResetError("The server closed the connection."))


class Visitor:
    """A browser of somebody who is logged in: session, CSRF token, one connection."""

    def __init__(self, port: int, session: str, timings: Timings, https: str = "") -> None:
        """`https`: the name that the site has behind a proxy that ends TLS, whatever its certificate."""
        self.port, self.timings = port, timings
        self._tls = _trusting() if https else None
        token = session.ljust(32, "x")[:32]
        host = f"Host: {https}\r\nOrigin: https://{https}" if https else f"Host: {HOST}:{port}"
        cookies = f"Cookie: sessionid={session}; csrftoken={token}"
        self._common = f" HTTP/1.1\r\n{host}\r\n{cookies}\r\nAccept-Encoding: gzip, deflate, br\r\n".encode()
        self._token = token
        self._wire: _Wire | None = None

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def connect(self) -> None:
        _, self._wire = await asyncio.get_running_loop().create_connection(
            _Wire, HOST, self.port, ssl=self._tls
        )

    def close(self) -> None:
        if self._wire is not None and self._wire.transport is not None:
            self._wire.transport.close()

    async def get(self, kind: str, path: str) -> Reply:
        return await self._ask(kind, 200, f"GET {path}".encode() + self._common + b"\r\n")

    async def submit(self, kind: str, path: str, fields: Mapping[str, str]) -> Reply:
        """Post a form whose answer leads elsewhere. Values are sent as they are: they need no quoting."""
        pairs = {"csrfmiddlewaretoken": self._token, **fields}.items()
        body = "&".join(f"{name}={value}" for name, value in pairs).encode()
        return await self._post(kind, 302, path, body, "application/x-www-form-urlencoded")

    async def send(self, kind: str, path: str, body: bytes, *, since: float | None = None) -> Reply:
        """Post JSON. `since`: when it was due, which counts where requests must not wait for each other."""
        return await self._post(kind, 200, path, body, "application/json", since)

    async def _post(
        self, kind: str, status: int, path: str, body: bytes, media_type: str, since: float | None = None
    ) -> Reply:
        head = (
            f"X-CSRFToken: {self._token}\r\nAccept: application/json\r\n"
            f"Content-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        request = f"POST {path}".encode() + self._common + head.encode() + body
        return await self._ask(kind, status, request, since)

    async def _ask(self, kind: str, status: int, request: bytes, since: float | None = None) -> Reply:
        began = time.perf_counter() if since is None else since
        if self._wire is None or self._wire.transport is None:
            await self.connect()
        wire = self._wire
        assert wire is not None
        assert wire.transport is not None
        wire.reply = asyncio.get_running_loop().create_future()
        wire.transport.write(request)
        reply = await wire.reply
        self.timings.note(kind, time.perf_counter() - began, len(reply.head) + 2 + len(reply.body))
        if reply.status != status:
            self.timings.errors += 1
            raise UnexpectedReplyError(f"{kind}: {reply.status}\n{reply.body[:300]!r}")
        return reply


def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
