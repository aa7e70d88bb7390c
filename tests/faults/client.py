"""HTTP as a candidate's browser speaks it: a request, and the whole reply to it or nothing."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass

from tests.benchmarks.site import HOST
from tests.faults.proxy import Message, exchange

SECONDS = 15.0
"""As the exam page."""
_HEADER = re.compile(rb"\r\n([A-Za-z-]+): *([^\r]*)")


class NoReplyError(Exception):
    """The network or the server gave nothing, or less than a whole reply."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    message: Message

    @property
    def body(self) -> bytes:
        return self.message.body

    def all(self, name: str) -> list[str]:
        wanted = name.lower().encode()
        return [value.decode() for key, value in _HEADER.findall(self.message.head) if key.lower() == wanted]

    def one(self, name: str) -> str:
        return next(iter(self.all(name)), "")


async def ask(
    port: int, method: str, path: str, cookies: Mapping[str, str], body: bytes = b"", **headers: str
) -> Reply:
    """Raises NoReplyError."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}:{port}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if cookies:
        lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in cookies.items()))
    if method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    request = "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body
    try:
        async with asyncio.timeout(SECONDS):
            reply = await exchange(port, request)
    except (OSError, TimeoutError) as error:
        raise NoReplyError(str(error)) from error
    if reply is None or not reply.is_whole:
        raise NoReplyError("The reply is not whole.")
    return Reply(reply.status, reply)
