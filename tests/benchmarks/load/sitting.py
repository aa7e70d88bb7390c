"""A sitting as the exam page's script plays it, many at once: start, page, answers, changes, flags, end,
result, review, and the polls between them."""

import gzip
import json
import re
import time
import uuid
from typing import Any

from tests.benchmarks.load.client import UnexpectedReplyError, Visitor
from tests.benchmarks.sitting import CHANGED, FLAGGED, PROFILE

_STATE = re.compile(rb'<script id="exam-state" type="application/json">(.*?)</script>')
REGISTERS_KNOWN = 2**53
"""A poll of a page that nobody has overtaken asks for what is newer than all it knows."""


class Exam:
    """An exam of `visitor`. Call `start` and `open` first."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.path = ""
        self.state: dict[str, Any] = {}
        self.began = 0.0
        self.intent = 0

    async def start(self) -> None:
        self.path = (await self.visitor.submit("start", f"{PROFILE}start", {})).location

    async def open(self) -> None:
        reply = await self.visitor.get("exam page", self.path)
        found = _STATE.search(gzip.decompress(reply.body) if reply.is_gzip else reply.body)
        if found is None:
            raise UnexpectedReplyError("The exam page brings no state for its script.")
        self.state = json.loads(found[1])
        self.began = time.monotonic() - self.state["clock"]["elapsed"] / 1000

    @property
    def items(self) -> range:
        return range(1, len(self.state["shape"]) + 1)

    async def answer(self, item: int, shift: int = 0, since: float | None = None) -> None:
        """Choose as many options as the item asks for; the time on the item before rides along."""
        options, choose = self.state["shape"][item - 1]
        choice = sorted((shift + position) % options for position in range(choose))
        await self._save(self._event(item, "visit", 1), self._event(item, "answer", choice), since=since)

    async def answer_all(self) -> None:
        for item in self.items:
            await self.answer(item)
        for item in self.items[:CHANGED]:
            await self.answer(item, shift=1)
        for item in self.items[:FLAGGED]:
            await self._save(self._event(item, "flag", True))

    async def poll(self) -> None:
        await self.visitor.get("poll", f"{self.state['urls']['clock']}?since={REGISTERS_KNOWN}")

    async def end(self) -> None:
        """Hand in, then read result and review."""
        body = json.dumps({"events": [self._event(1, "visit", 1)]}).encode()
        await self.visitor.send("end", self.state["urls"]["end"], body)
        result = f"/results/{self.state['attempt']}/"
        await self.visitor.get("result", result)
        await self.visitor.get("review", f"{result}review")

    def _event(self, item: int, kind: str, value: object) -> dict[str, Any]:
        self.intent = max(self.intent + 1, int(1000 * (time.monotonic() - self.began)))
        return {"id": str(uuid.uuid4()), "item": item, "kind": kind, "value": value, "intent_ms": self.intent}

    async def _save(self, *events: dict[str, Any], since: float | None = None) -> None:
        body = json.dumps({"events": events}).encode()
        reply = await self.visitor.send("save", self.state["urls"]["events"], body, since=since)
        # What is compressed is not read: whether an answer stands is what other tests are about.
        if not reply.is_gzip and reply.body.count(b'"stored"') != len(events):
            raise UnexpectedReplyError(f"not stored: {reply.body[:300]!r}")
