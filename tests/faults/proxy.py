"""The network between one browser and the server: an HTTP proxy on a port of its own that loses, cuts, holds,
doubles and reorders what it carries.

Every connection carries one request and one reply, each whole: so what is done to a message is done at a
known place. Both sides are told "Connection: close".
"""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.benchmarks.site import HOST

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CONNECTION = re.compile(rb"\r\nconnection:[^\r]*", re.IGNORECASE)
_MOST = 2**24
UPSTREAM_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Message:
    """A request or a reply as it goes over the wire, of which `head` ends with the empty line."""

    head: bytes
    body: bytes = b""

    @property
    def raw(self) -> bytes:
        return self.head + self.body

    @property
    def method(self) -> str:
        return self.head.partition(b" ")[0].decode()

    @property
    def path(self) -> str:
        return self.head.split(b" ", 2)[1].decode()

    @property
    def status(self) -> int:
        return int(self.head[9:12])

    @property
    def is_whole(self) -> bool:
        found = _LENGTH.search(self.head)
        return self.head.endswith(b"\r\n\r\n") and (found is None or len(self.body) >= int(found[1]))


def kind_of(request: Message) -> str:
    """events, end, clock, start, page (the exam page), or other."""
    path = request.path.partition("?")[0]
    last = path.rpartition("/")[2]
    if last in ("events", "end", "clock", "start"):
        return last if last in ("clock", "start") or request.method == "POST" else "other"
    return "page" if path.startswith("/attempts/") and path.count("/") == 3 else "other"


class Forward(Protocol):
    """Hands the request, or a first `share` of it, to the server and returns the reply; None when there is
    none."""

    def __call__(self, share: float = 1.0) -> Awaitable[Message | None]: ...


Action = Callable[[Forward], Coroutine[Any, Any, Message | None]]
"""What is done to one request. What it returns goes back to the browser; None breaks the connection."""


class Listener(Protocol):
    """Is told every request that goes to the server, whole, and every whole reply to one, whether or not that
    gets through to the browser."""

    def sent(self, request: Message) -> None: ...

    def heard(self, request: Message, reply: Message) -> None: ...


@dataclass(slots=True)
class _Rule:
    kinds: frozenset[str]
    action: Action


@dataclass(slots=True)
class Line:
    """The way of one browser to the server at the port `server`."""

    server: int
    listener: Listener | None = None
    port: int = 0
    _rules: list[_Rule] = field(default_factory=list)
    _cut: str = ""
    _healed: asyncio.Event = field(default_factory=asyncio.Event)
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _under_way: set[asyncio.Task[Any]] = field(default_factory=set)
    _listener: asyncio.Server | None = None

    async def open(self) -> None:
        self._listener = await asyncio.start_server(self._serve, HOST, 0)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """What is still under way gets through first, for as long as the server may take."""
        self.heal()
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=UPSTREAM_SECONDS)
        if self._listener is not None:
            self._listener.close()
        self._break_all()

    # ---- what happens to it

    def on_next(self, kinds: set[str], action: Action) -> Callable[[], None]:
        """Do this to the next request of one of these kinds. Returns what takes it back."""
        rule = _Rule(frozenset(kinds), action)
        self._rules.append(rule)

        def take_back() -> None:
            with contextlib.suppress(ValueError):
                self._rules.remove(rule)

        return take_back

    def cut(self, how: str) -> None:
        """Nothing gets through until `heal`. how: "reset" (connections are refused and broken) or "hang"
        (they are taken, and nothing comes back). What has reached the server stays there."""
        self._cut = how
        self._healed.clear()
        if how == "reset":
            self._break_all()

    def heal(self) -> None:
        self._cut = ""
        self._healed.set()

    @property
    def is_cut(self) -> bool:
        return bool(self._cut)

    def in_background(self, work: Coroutine[Any, Any, Any]) -> None:
        """Let `work` go on although whoever waited for it has gone."""
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    # ---- carrying

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            if self._cut == "reset":
                return
            request = await read_message(reader)
            if request is None:
                return
            if self._cut == "hang":
                await self._healed.wait()
                return
            reply = await self._answer(request)
            if self._cut == "hang":
                await self._healed.wait()
            elif reply is not None and not self._cut and not writer.is_closing():
                writer.write(reply.raw)
                await writer.drain()
                if reply.is_whole:
                    writer.close()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the task is this connection's own: nobody waits for it
        finally:
            self._open.discard(writer)
            if not writer.is_closing():
                writer.transport.abort()

    async def _answer(self, request: Message) -> Message | None:
        """In a task of its own, because a browser that goes away takes nothing back."""

        def forward(share: float = 1.0) -> Awaitable[Message | None]:
            return self._forward(request, share)

        kind = kind_of(request)
        rule = next((rule for rule in self._rules if kind in rule.kinds), None)
        if rule is None:
            return await self._forward(request)
        self._rules.remove(rule)
        task = asyncio.create_task(rule.action(forward))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def _forward(self, request: Message, share: float = 1.0) -> Message | None:
        whole = share == 1.0
        if self.listener is not None and whole:
            self.listener.sent(request)
        try:
            async with asyncio.timeout(UPSTREAM_SECONDS):
                reply = await exchange(self.server, request.raw[: int(share * len(request.raw))], whole=whole)
        except (OSError, TimeoutError):
            return None
        if self.listener is not None and whole and reply is not None and reply.is_whole:
            self.listener.heard(request, reply)
        return reply

    def _break_all(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()


# ---- what may be done to a request


def lose_request() -> Action:
    async def action(forward: Forward) -> Message | None:
        return None

    return action


def lose_reply() -> Action:
    async def action(forward: Forward) -> Message | None:
        await forward()
        return None

    return action


def truncate_reply() -> Action:
    async def action(forward: Forward) -> Message | None:
        reply = await forward()
        return None if reply is None else Message(reply.head, reply.body[: len(reply.body) // 2])

    return action


def truncate_request() -> Action:
    async def action(forward: Forward) -> Message | None:
        await forward(0.9)
        return None

    return action


def duplicate(between: float = 0.0) -> Action:
    """The server gets it twice: at once, or `between` seconds apart."""

    async def action(forward: Forward) -> Message | None:
        async def again() -> Message | None:
            await asyncio.sleep(between)
            return await forward()

        first, second = await asyncio.gather(forward(), again())
        return second if first is None else first

    return action


def hold(line: Line, seconds: float) -> Action:
    """The browser is told at once that it failed; the server gets the request so much later, when others have
    overtaken it."""

    async def late(forward: Forward) -> None:
        await asyncio.sleep(seconds)
        await forward()

    async def action(forward: Forward) -> Message | None:
        line.in_background(late(forward))
        return None

    return action


def meanwhile(
    before: Callable[[], Awaitable[None]] | None = None, *, after: Callable[[], Awaitable[None]] | None = None
) -> Action:
    """Something happens while the request is on its way: before it reaches the server, or after the server
    has answered and before the browser knows."""

    async def action(forward: Forward) -> Message | None:
        if before is not None:
            await before()
        reply = await forward()
        if after is not None:
            await after()
        return reply

    return action


# ---- messages


async def read_message(reader: asyncio.StreamReader) -> Message | None:
    """A request, whose length its head tells; None when the browser sent none."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return None
    found = _LENGTH.search(head)
    body = await reader.readexactly(int(found[1])) if found else b""
    return Message(_closing(head), body)


async def exchange(port: int, request: bytes, *, whole: bool = True) -> Message | None:
    """Send to the server and read until it closes; None when it says nothing. What is not the whole
    request is all that comes."""
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        writer.write(request)
        await writer.drain()
        if not whole:
            return None
        received = await reader.read(_MOST)
        while chunk := await reader.read(_MOST):
            received += chunk
    finally:
        writer.close()
    head, end, body = received.partition(b"\r\n\r\n")
    return Message(_closing(head + end), body) if end else None


def _closing(head: bytes) -> bytes:
    return _CONNECTION.sub(b"", head).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
