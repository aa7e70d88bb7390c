"""The network of a candidate does what it is said to do: otherwise its faults are none."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable

import pytest

from tests.benchmarks.site import HOST
from tests.faults import proxy
from tests.faults.client import NoReplyError, ask
from tests.faults.proxy import Action, Line, Message, kind_of

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class Ear:
    """Notes what passes."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.replies: list[bytes] = []

    def sent(self, request: Message) -> None:
        self.bodies.append(request.body)

    def heard(self, request: Message, reply: Message) -> None:
        self.replies.append(reply.body)


class Echo:
    """A server that says back what it got, and knows what it got, whole or not."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.serving: set[asyncio.Task[None]] = set()

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self.serve(reader, writer))
        self.serving.add(task)

    async def close(self) -> None:
        """Wait until all connections are gone: the collector complains of what a loop leaves behind."""
        await asyncio.gather(*self.serving)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await self.answer(reader, writer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        found = _LENGTH.search(head)
        length = int(found[1]) if found else 0
        body = b""
        with contextlib.suppress(asyncio.IncompleteReadError):
            body = await reader.readexactly(length)
        if len(body) == length:
            self.got.append(body)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (length, body))


@contextlib.asynccontextmanager
async def a_line() -> AsyncIterator[tuple[Line, Echo, Ear]]:
    echo, ear = Echo(), Ear()
    async with await asyncio.start_server(echo.connected, HOST, 0) as server:
        line = Line(server.sockets[0].getsockname()[1], ear)
        await line.open()
        try:
            yield line, echo, ear
        finally:
            await line.close()
            await echo.close()


async def post(line: Line, body: bytes) -> bytes | None:
    try:
        return (await ask(line.port, "POST", "/attempts/1/events", {}, body)).body
    except NoReplyError:
        return None


@pytest.mark.parametrize(
    ("action", "came_back", "got"),
    [
        (proxy.lose_request, [None, b"two"], [b"two"]),
        (proxy.lose_reply, [None, b"two"], [b"one", b"two"]),
        (proxy.truncate_request, [None, b"two"], [b"two"]),
        (proxy.truncate_reply, [None, b"two"], [b"one", b"two"]),
        (proxy.duplicate, [b"one", b"two"], [b"one", b"one", b"two"]),
    ],
)
def test_what_is_done_to_a_request_is_done_to_that_one_alone(
    action: Callable[[], Action], came_back: list[bytes | None], got: list[bytes]
) -> None:
    async def run() -> None:
        async with a_line() as (line, echo, ear):
            line.on_next({"events"}, action())
            assert [await post(line, b"one"), await post(line, b"two")] == came_back
            assert echo.got == got
            assert ear.replies == got  # also those that did not get back

    asyncio.run(run())


def test_what_is_held_is_overtaken() -> None:
    async def run() -> None:
        async with a_line() as (line, echo, _):
            line.on_next({"events"}, proxy.hold(line, 0.1))
            assert [await post(line, b"one"), await post(line, b"two")] == [None, b"two"]
            assert echo.got == [b"two"]
            await asyncio.sleep(0.2)
            assert echo.got == [b"two", b"one"]

    asyncio.run(run())


@pytest.mark.parametrize("how", ["reset", "hang"])
def test_nothing_gets_through_a_cut_until_it_is_healed(how: str) -> None:
    async def run() -> None:
        async with a_line() as (line, echo, _):
            line.cut(how)
            asyncio.get_running_loop().call_later(0.1, line.heal)
            assert [await post(line, b"one"), echo.got] == [None, []]
            await asyncio.sleep(0.15)
            assert [await post(line, b"two"), echo.got] == [b"two", [b"two"]]

    asyncio.run(run())


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b"POST /attempts/1/events", "events"),
        (b"POST /attempts/1/end", "end"),
        (b"GET /attempts/1/end", "other"),
        (b"GET /attempts/1/clock?since=-1", "clock"),
        (b"POST /exams/ten/start", "start"),
        (b"GET /attempts/1/", "page"),
        (b"GET /results/1/", "other"),
    ],
)
def test_requests_are_known_by_their_path(line: bytes, kind: str) -> None:
    assert kind_of(Message(line + b" HTTP/1.1\r\n\r\n")) == kind
