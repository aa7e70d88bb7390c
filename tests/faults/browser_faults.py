"""What happens to a candidate in real browsers. A fault is noted when it takes effect, and with it whether
the page still waited for the acknowledgement of something that was clicked."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error

from tests.faults import browser_script as script
from tests.faults import proxy
from tests.faults.browser_candidate import Device, Tab
from tests.faults.browser_model import acknowledged_at
from tests.faults.browser_plan import Planned
from tests.faults.proxy import Action, Forward, Message
from tests.faults.records import GRACE, Kind

if TYPE_CHECKING:
    from tests.faults.browser_sitting import Sitting

MESSAGES = (Kind.REPLY_LOST, Kind.REQUEST_LOST, Kind.REPLY_TRUNCATED, Kind.DUPLICATED, Kind.DELAYED)
"""What happens to a single message, and so is laid for it beforehand."""

LOGGED_OUT = "logged out"

LONGEST_HOLD = 1.2
"""Seconds by which a request is delayed, but for those that are held over the deadline."""


class Faults:
    """The faults of one sitting; those that last go on beside it."""

    def __init__(self, sitting: "Sitting") -> None:
        self.sitting, self.rng, self.candidate = sitting, sitting.rng, sitting.candidate
        self.running: set[asyncio.Task[None]] = set()
        self.happening: dict[Kind, Callable[[Tab], Awaitable[None]]] = {
            Kind.CUT: self._cut,
            Kind.REPLY_LOST: self._once(Kind.REPLY_LOST, proxy.lose_reply()),
            Kind.REQUEST_LOST: self._once(Kind.REQUEST_LOST, proxy.lose_request()),
            Kind.REPLY_TRUNCATED: self._once(Kind.REPLY_TRUNCATED, proxy.truncate_reply()),
            Kind.DUPLICATED: self._once(Kind.DUPLICATED, proxy.duplicate()),
            Kind.DELAYED: self._delay,
            Kind.RELOADED: self._reload,
            Kind.RELOADED_OFFLINE: self._reload_offline,
            Kind.TAB_CLOSED: self._close_tab,
            Kind.SECOND_TAB: self._second_tab,
            Kind.SECOND_DEVICE: self._second_device,
            Kind.CLOCK_MOVED: self._move_clock,
            Kind.LOGGED_OUT: self._log_out,
            Kind.WORKER_KILLED: self._kill_worker,
            Kind.SERVER_KILLED: self._kill_server,
            Kind.DATABASE_RESTARTED: self._restart_database,
        }
        self.edge = False

    async def happen(self, fault: Planned, tab: Tab) -> None:
        if fault.after_click and fault.kind is not Kind.RELOADED:
            await self.candidate.click(tab)
        if fault.kind is Kind.CUT:
            await self._cut(tab, fault.lasts)
        else:
            await self.happening[fault.kind](tab)

    async def at_edge(self, kind: Kind | None, tab: Tab, press: Callable[[], Awaitable[None]]) -> None:
        """Something happens to what `press` begins: to its message, or right after it was pressed."""
        self.edge = True
        if kind in MESSAGES:
            await self.happening[kind](tab)
        await press()
        if kind is not None and kind not in MESSAGES:
            await self.happening[kind](tab)
        self.edge = False

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.running.add(task)

    async def end(self) -> None:
        """Let all that still lasts come to its end."""
        while self.running:
            done, _ = await asyncio.wait(self.running)
            self.running -= done
            for task in done:
                task.result()

    def note(self, kind: Kind, device: Device | None = None, *, edge: bool | None = None) -> None:
        """`edge` is for what begins after `at_edge` has ended."""
        account = self.candidate.account
        waiting = any(
            acknowledged_at(account, click) is None
            for click in account.clicks
            if device is None or click.device == device.number
        )
        # A message on its way hands in something that was clicked, whether or not that is noted yet.
        waiting = waiting or kind in MESSAGES
        self.sitting.outcome.note(kind, between=waiting, edge=self.edge if edge is None else edge)

    # ---- the network

    @contextlib.asynccontextmanager
    async def dark(self, device: Device) -> AsyncIterator[None]:
        """No network for this device: the browser knows it, or only finds that nothing comes through."""
        async with device.in_trouble("network"):
            known = self.rng.random() < 0.5
            device.line.cut(self.rng.choice(("reset", "hang")))
            if known:
                await device.context.set_offline(True)
            try:
                yield
            finally:
                if device.troubles.count("network") == 1:
                    device.line.heal()
                    with contextlib.suppress(Error):
                        await device.context.set_offline(False)

    def note_cut(self) -> None:
        self.note(Kind.CUT)

    async def _cut(self, tab: Tab, lasts: float | None = None) -> None:
        edge = self.edge

        async def last(seconds: float) -> None:
            async with self.dark(tab.device):
                self.note(Kind.CUT, tab.device, edge=edge)
                await asyncio.sleep(seconds)

        longest = GRACE * (0.3 if self.sitting.outcome.is_late() else 1)
        self.later(last(self.rng.uniform(0.2, longest) if lasts is None else lasts))

    def _once(self, kind: Kind, action: Action) -> Callable[[Tab], Awaitable[None]]:
        """A fault of the next message that hands something in, and a click that makes for one."""

        async def arm(tab: Tab) -> None:
            device = tab.device

            async def noted(forward: Forward) -> Message | None:
                self.note(kind, device)
                async with device.in_trouble("message"):
                    return await action(forward)

            device.line.on_next({"events", "end"} if self.sitting.attempt else {"start"}, noted)
            await self.candidate.click(tab)

        return arm

    async def _delay(self, tab: Tab) -> None:
        """The page waits for it, or has given up when the server gets it."""
        seconds = self.rng.uniform(0.2, LONGEST_HOLD)
        slow = late(seconds) if self.rng.random() < 0.5 else proxy.hold(tab.device.line, seconds)
        await self._once(Kind.DELAYED, slow)(tab)

    # ---- pages

    async def _reload(self, tab: Tab) -> None:
        name = await tab.evaluate(script.NAME)
        clicked = None if self.edge else await self.candidate.click(tab, then="reload")
        if clicked is None:
            await tab.evaluate("setTimeout(() => location.reload(), 0)")
        self.note(Kind.RELOADED, tab.device)
        if self.sitting.attempt:
            tab.reloaded(name, self.sitting.path)

    async def _reload_offline(self, tab: Tab) -> None:
        if not tab.is_open or tab.device.troubles:
            await self._reload(tab)
            return
        has_worker = await tab.evaluate(script.HAS_WORKER)

        async def last() -> None:
            async with self.dark(tab.device):
                await tab.device.context.set_offline(True)
                self.note(Kind.RELOADED_OFFLINE, tab.device)
                shown = await tab.reload_offline()
                if has_worker and not shown:
                    self.candidate.account.missing_offline.append(f"tab {tab.number}")
                await asyncio.sleep(self.rng.uniform(0.3, 2))
            if not shown:
                tab.open(self.sitting.path)

        self.later(last())

    async def _close_tab(self, tab: Tab) -> None:
        self.note(Kind.TAB_CLOSED, tab.device)
        await tab.close()

        async def last() -> None:
            await asyncio.sleep(self.rng.uniform(0.05, 1.5))
            tab.open(self.sitting.path)

        if not self.edge or self.sitting.attempt:
            self.later(last())

    async def _second_tab(self, tab: Tab) -> None:
        if len(self.candidate.tabs) < 4:
            self.note(Kind.SECOND_TAB, tab.device)
            self.candidate.add_tab(tab.device).open(self.sitting.path)
        else:
            await self._reload(tab)

    async def _second_device(self, tab: Tab) -> None:
        if len(self.candidate.devices) > 1 or LOGGED_OUT in tab.device.troubles:
            await self._second_tab(tab)
            return
        session = await self.sitting.books.log_in_again(tab.device.session)
        device = await self.candidate.add_device(await self.sitting.hall.line(), session)
        self.note(Kind.SECOND_DEVICE)
        self.candidate.add_tab(device).open(self.sitting.path)

    async def _move_clock(self, tab: Tab) -> None:
        code = script.SHIFT % (self.rng.choice((-1, 1)) * script.DAY_MS)
        await tab.device.context.add_init_script(code)
        for other in tab.device.tabs:
            await other.evaluate(code)
        self.note(Kind.CLOCK_MOVED, tab.device)

    async def _log_out(self, tab: Tab) -> None:
        device = tab.device
        if LOGGED_OUT in device.troubles:
            await self._reload(tab)
            return

        async def last() -> None:
            async with device.in_trouble(LOGGED_OUT):
                again = await self.sitting.books.log_in_again(device.session)
                await self.sitting.site.expire(device.session)
                self.note(Kind.LOGGED_OUT, device)
                await self.candidate.click(tab)
                await asyncio.sleep(self.rng.uniform(0.2, 1.5))
                await device.log_in(again)

        self.later(last())

    # ---- the site

    async def _kill_worker(self, tab: Tab) -> None:
        if self.sitting.hall.may_kill():
            self.note(Kind.WORKER_KILLED)
            await self._site_down(self.sitting.site.kill_worker(self.rng))
        else:
            await self._cut(tab)

    async def _kill_server(self, tab: Tab) -> None:
        self.note(Kind.SERVER_KILLED)
        await self._site_down(self.sitting.site.kill_server())

    async def _restart_database(self, tab: Tab) -> None:
        self.note(Kind.DATABASE_RESTARTED)
        await self._site_down(self.sitting.site.restart_database())

    async def _site_down(self, work: Coroutine[Any, Any, None]) -> None:
        """It is down for every candidate, and none of them is calm meanwhile."""

        async def last() -> None:
            async with contextlib.AsyncExitStack() as stack:
                for sitting in self.sitting.hall.sittings:
                    for device in sitting.candidate.devices:
                        await stack.enter_async_context(device.in_trouble("site"))
                await work

        self.later(last())


def late(seconds: float) -> Action:
    """The server gets the request so much later, and the browser its reply."""

    async def action(forward: Forward) -> Message | None:
        await asyncio.sleep(seconds)
        return await forward()

    return action
