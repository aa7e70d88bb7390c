"""A browser of a candidate, as docs/sitting.md describes it: an outbox that outlives its pages, intents by a
monotonic clock anchored to the server's, one request at a time on each page, retries, polls. It shares no
code with the product.

What is in the page for the eye is left out; waits are shorter in the scale of the exams.
"""

import asyncio
import contextlib
import json
import re
import secrets
import time
import uuid
from collections.abc import Iterable
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from tests.faults.client import NoReplyError, Reply, ask
from tests.faults.model import Model, Order, Place
from tests.faults.proxy import Line
from tests.faults.setting_up import PASSWORD

RETRY = (0.2, 0.4, 0.8, 1.5)
POLL_AFTER = 2.0
OVERLAP_MS = 60_000
END_AGAIN = 0.5
_STATE = re.compile(rb'<script id="exam-state" type="application/json">(.*?)</script>')

Event = dict[str, Any]


class Browser:
    """One device: cookies, what its storage keeps, its own clock, and the pages that are open. `wall_shift`:
    seconds by which the device's clock is wrong. `forgetful`: the outbox lives in the page alone."""

    def __init__(self, line: Line, model: Model, email: str, *, forgetful: bool = False) -> None:
        self.line, self.model, self.email, self.forgetful = line, model, email, forgetful
        self.cookies = {"csrftoken": secrets.token_hex(16)}
        self.outbox: dict[str, Event] = {}
        self.high = 0
        self.said = 0
        self.pair: tuple[int, float] | None = None
        self.state: dict[str, Any] = {}
        self.tabs: list[Tab] = []
        self.wall_shift = 0.0
        self.has_seen_result = False
        self._logging_in = asyncio.Lock()

    def wall(self) -> float:
        return time.monotonic() + self.wall_shift

    @property
    def is_waiting(self) -> bool:
        """Whether something was clicked that is not acknowledged yet."""
        return any(event["kind"] != "visit" for event in self.outbox.values())

    async def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Reply:
        reply = await ask(self.line.port, method, path, self.cookies, body, **headers)
        for header in reply.all("Set-Cookie"):
            for name, morsel in SimpleCookie(header).items():
                self.cookies[name] = morsel.value
        return reply

    async def submit(self, path: str, **fields: str) -> Reply:
        body = urlencode({"csrfmiddlewaretoken": self.cookies["csrftoken"], **fields}).encode()
        return await self.ask("POST", path, body, Content_Type="application/x-www-form-urlencoded")

    async def log_in(self) -> None:
        """Until it is done. Two pages that notice at once log in once."""
        before = self.cookies.get("sessionid")
        async with self._logging_in:
            while self.cookies.get("sessionid") == before:
                with contextlib.suppress(NoReplyError):
                    await self.ask("GET", "/accounts/login/")
                    await self.submit("/accounts/login/", username=self.email, password=PASSWORD)
                await asyncio.sleep(0.1)

    async def press_start(self, path: str) -> str:
        """Until it leads to an exam page; the path of that."""
        while True:
            with contextlib.suppress(NoReplyError):
                reply = await self.submit(path)
                where = reply.one("Location")
                if where.startswith("/attempts/"):
                    return where
                if where.startswith("/accounts/login/"):
                    await self.log_in()
            await asyncio.sleep(0.1)

    async def open(self, path: str) -> None:
        """Load the exam page until it comes; of an exam that is over, the result page, which hands in what is
        left."""
        while True:
            with contextlib.suppress(NoReplyError):
                reply = await self.ask("GET", path)
                if found := _STATE.search(reply.body):
                    self.state = json.loads(found[1])
                    Tab(self, stale=False)
                    return
                where = reply.one("Location")
                if where.startswith("/accounts/login/"):
                    await self.log_in()
                elif where.startswith("/results/"):
                    await self.ask("GET", where)
                    self.has_seen_result = True
                    if self.outbox:
                        Tab(self, stale=False).closed = True
                    return
            await asyncio.sleep(0.2)

    def open_kept(self) -> None:
        """The page as it was loaded last, without network; where it never was, there is none."""
        if self.state:
            Tab(self, stale=True)

    def is_done(self) -> bool:
        """Whether every page knows that the exam is over, and has nothing left to hand in."""
        if not self.tabs:
            return self.has_seen_result
        return all(tab.closed and tab.task.done() for tab in self.tabs)

    def close_tabs(self) -> None:
        for tab in list(self.tabs):
            tab.close()


class Tab:
    """An exam page."""

    def __init__(self, browser: Browser, *, stale: bool) -> None:
        self.browser, self.model = browser, browser.model
        state = browser.state
        self.urls, self.shape = state["urls"], state["shape"]
        clock = state["clock"]
        self.total: int = clock["total"]
        self.anchor = (clock["elapsed"], time.monotonic())
        if stale and browser.pair is not None:
            elapsed, wall = browser.pair
            since = max(0.0, browser.wall() - wall)
            self.anchor = (max(clock["elapsed"], elapsed + int(1000 * since)), time.monotonic())
        if browser.forgetful:
            browser.outbox = {}
        self.registers: dict[Place, Order] = {}
        self.high = browser.high
        self.merge(state["registers"])
        known = max((intent for intent, _ in self.registers.values()), default=0)
        self.asks_at_once = stale or browser.said > known
        self.asked: int = clock["elapsed"]
        self.last_answer = time.monotonic()
        self.next_try, self.failures, self.stuck = 0.0, 0, 0
        self.rests_until = 0.0
        self.wants_end = self.closed = False
        self.wake = asyncio.Event()
        browser.tabs.append(self)
        self.task = asyncio.create_task(self._run())

    def close(self) -> None:
        """The page goes; what it has sent is on its way."""
        self.task.cancel()
        if self in self.browser.tabs:
            self.browser.tabs.remove(self)

    # ---- the clock

    def elapsed(self) -> int:
        return self.anchor[0] + int(1000 * (time.monotonic() - self.anchor[1]))

    def is_over(self) -> bool:
        return self.elapsed() >= self.total

    def _set_clock(self, clock: dict[str, Any], at: float) -> None:
        self.failures = 0
        self.anchor, self.total = (clock["elapsed"], at), clock["total"]
        self.browser.pair = (self.elapsed(), self.browser.wall())
        if not clock["open"]:
            self.closed = True

    # ---- what the candidate sets

    def click(self, item: int, kind: str, value: object) -> None:
        if self.closed or self.is_over():
            return
        event = self._make(item, kind, value)
        self.browser.said = event["intent_ms"]
        for tab in self.browser.tabs:
            tab.merge([[item, kind, value, event["intent_ms"], event["id"]]])
        self.next_try = 0.0
        self.wake.set()

    def visit(self, item: int, ms: int) -> None:
        if not self.closed:
            self._make(item, "visit", ms)

    def _make(self, item: int, kind: str, value: object) -> Event:
        id_, intent = str(uuid.uuid4()), self._next_intent()
        event: Event = {"id": id_, "item": item, "kind": kind, "value": value, "intent_ms": intent}
        self.browser.outbox[id_] = event
        self.model.make(event)
        return event

    def _next_intent(self) -> int:
        self.high = self.browser.high = max(self.elapsed(), self.high + 1)
        return self.high

    def merge(self, registers: Iterable[list[Any]]) -> None:
        for item, kind, _, intent, id_ in registers:
            self.registers[item, kind] = max((intent, id_), self.registers.get((item, kind), (-1, "")))
            self.high = max(self.high, intent)

    # ---- the network

    async def _run(self) -> None:
        if self.asks_at_once:
            await self.refresh(-1)
        while not self.closed:
            await self._step()
            self.wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pause()):
                    await self.wake.wait()
        await self._hand_in_the_rest()

    def _pause(self) -> float:
        if self.browser.outbox and not self.wants_end:
            return min(0.3, max(0.01, self.next_try - time.monotonic(), self.rests_until - time.monotonic()))
        return 0.1

    async def _step(self) -> None:
        now = time.monotonic()
        if self.wants_end or self.is_over():
            if now >= self.next_try and not await self._end(at_zero=not self.wants_end):
                self.next_try = time.monotonic() + END_AGAIN
        elif self.browser.outbox and now >= max(self.next_try, self.rests_until):
            again = await self._post(self.urls["events"], {"events": self._oldest()})
            self.next_try = time.monotonic() + again
        elif now - self.last_answer > POLL_AFTER:
            await self.refresh(self.asked - OVERLAP_MS)

    def _oldest(self) -> list[Event]:
        return sorted(self.browser.outbox.values(), key=lambda event: event["intent_ms"])[:200]

    async def _end(self, *, at_zero: bool) -> bool:
        for _ in range(3):
            if self.closed or (at_zero and not self.is_over()):
                break
            if await self._post(self.urls["end"], {"events": self._oldest(), "at_zero": at_zero}):
                return False
        return self.closed

    async def _hand_in_the_rest(self) -> None:
        """The exam is closed: what is still here is told, so that the review can list it."""
        while self.browser.outbox:
            again = await self._post(self.urls["events"], {"events": self._oldest()})
            await asyncio.sleep(again)

    async def _post(self, url: str, batch: dict[str, Any]) -> float:
        """Seconds after which to go on: 0 when all went well."""
        headers = {"Content_Type": "application/json", "X_CSRFToken": self.browser.cookies["csrftoken"]}
        body = json.dumps(batch).encode()
        try:
            reply = await self.browser.ask("POST", url, body, Accept="application/json", **headers)
        except NoReplyError:
            return self._failed()
        at = time.monotonic()
        data = self._json(reply)
        if reply.status == 401:
            await self.browser.log_in()
            return 0.01
        if reply.status == 429:
            wait = float(reply.one("Retry-After") or 1)
            self.rests_until = at + wait
            return wait
        if data is None or "results" not in data:
            return self._failed()
        self.last_answer = at
        before = len(self.browser.outbox)
        self._settle(data, at)
        if not self.browser.outbox or self.closed:
            return 0.0
        self.stuck = 0 if len(self.browser.outbox) < before else self.stuck + 1
        return 0.0 if self.stuck < 2 else RETRY[min(self.stuck - 2, len(RETRY) - 1)]

    def _settle(self, data: dict[str, Any], at: float) -> None:
        again = []
        for id_, result in data["results"].items():
            event = self.browser.outbox.get(id_)
            if event is None:
                continue
            if isinstance(result, dict) and result["refused"] == "clock":
                again.append(event)
            else:
                del self.browser.outbox[id_]
        self._set_clock(data["clock"], at)
        if again:
            self._stamp_again(again)
        self.merge(data["registers"])

    def _stamp_again(self, refused: list[Event]) -> None:
        """These ran ahead of the server, and what was made after them does too."""
        first = min(event["intent_ms"] for event in refused)
        outbox = list(self.browser.outbox.values())
        ahead = [event for event in outbox if event["intent_ms"] >= first]
        ids = {event["id"] for event in ahead}
        held = {place: order for place, order in self.registers.items() if order[1] not in ids}
        rest = [event["intent_ms"] for event in outbox if event["id"] not in ids]
        self.high = max([0, *rest, *(intent for intent, _ in held.values())])
        self.registers = held
        for event in sorted(ahead, key=lambda event: (event["intent_ms"], event["id"])):
            event["intent_ms"] = self._next_intent()
            self.model.make(event)
            if event["kind"] != "visit":
                self.merge([[event["item"], event["kind"], None, event["intent_ms"], event["id"]]])

    def _failed(self) -> float:
        self.failures += 1
        return RETRY[min(self.failures - 1, len(RETRY) - 1)]

    async def refresh(self, since: int) -> None:
        """The poll; -1 reads all."""
        self.last_answer = time.monotonic()
        try:
            reply = await self.browser.ask(
                "GET", f"{self.urls['clock']}?since={since}", Accept="application/json"
            )
        except NoReplyError:
            return
        at = time.monotonic()
        data = self._json(reply)
        if reply.status == 401:
            await self.browser.log_in()
        if data is not None and "clock" in data:
            self.asked = data["clock"]["elapsed"]
            self._set_clock(data["clock"], at)
            self.merge(data["registers"])

    @staticmethod
    def _json(reply: Reply) -> dict[str, Any] | None:
        if reply.status != 200:
            return None
        try:
            data: dict[str, Any] = json.loads(reply.body)
        except ValueError:
            return None
        return data
