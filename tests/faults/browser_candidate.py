"""A candidate with real browsers: devices, their tabs, what is clicked there. Faults come from outside."""

import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from random import Random
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Response

from tests.faults import browser_script as script
from tests.faults.browser_model import Account, Claim, Click, ShownTime
from tests.faults.proxy import Line

GOTO_MS = 15_000
AGAIN_SECONDS = 0.4
CLOSING_SECONDS = 3.0
"""Now and then Playwright waits for ever for a page that was closed while its network went away."""
EXPECTED = ("Failed to load resource", "net::ERR_", "An unknown error occurred when fetching the script")
"""What consoles say of a lost network and of an expired log-in, whoever wrote the page."""
TRACES = ("Traceback (most recent call last)", "You're seeing this error because you have")


Route = Callable[[BrowserContext], Awaitable[None]]
"""Changes what the pages of a browser load."""


class Device:
    """One browser of a candidate: a context with storage of its own, on a line of its own."""

    def __init__(self, number: int, context: BrowserContext, line: Line, account: Account) -> None:
        self.number, self.context, self.line, self.account = number, context, line, account
        self.tabs: list[Tab] = []
        self.troubles: list[str] = []
        self.calm_since: float | None = None
        self.documents: dict[str, int] = {}
        self.session = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.line.port}"

    @contextlib.asynccontextmanager
    async def in_trouble(self, name: str) -> AsyncIterator[None]:
        self.troubles.append(name)
        self.note_calm()
        try:
            yield
        finally:
            self.troubles.remove(name)
            await self.come_back()

    def note_calm(self) -> None:
        """Keep up since when nothing has been in the way of this device."""
        is_calm = not self.troubles and any(tab.is_open for tab in self.tabs)
        if not is_calm:
            self.calm_since = None
        elif self.calm_since is None:
            self.calm_since = time.time()
        self.account.calm[self.number] = self.calm_since

    async def come_back(self) -> None:
        """What people do when the network is back: look at the page. It tries again at once then."""
        for tab in self.tabs:
            await tab.evaluate(script.COME_BACK)
        self.note_calm()

    async def log_in(self, session: str) -> None:
        """As a log-in does it: a new session and a new secret against forged forms."""
        self.session = session
        values = {"sessionid": session, "csrftoken": secrets.token_hex(16)}
        await self.context.add_cookies(
            [
                {"name": name, "value": value, "domain": "127.0.0.1", "path": "/"}
                for name, value in values.items()
            ]
        )


class Tab:
    """One tab, whichever page it holds now; closed and opened again it is the same tab to its candidate."""

    def __init__(self, number: int, device: Device) -> None:
        self.number, self.device = number, device
        self.page: Page | None = None
        self.is_open = False
        self.opening: asyncio.Task[None] | None = None

    async def evaluate(self, code: str, argument: object = None) -> Any:
        """What the page answers; None where it is gone, busy or another one."""
        if self.page is None:
            return None
        try:
            return await asyncio.wait_for(self.page.evaluate(code, argument), 5)
        except (Error, TimeoutError):
            return None

    async def close(self) -> None:
        if self.opening is not None:
            self.opening.cancel()
        page, self.page, self.is_open = self.page, None, False
        self.device.note_calm()
        if page is not None:
            await _closed(page)

    def open(self, path: str) -> None:
        """Open it at `path` and go on trying until a page is there, meanwhile and afterwards."""
        if self.opening is not None:
            self.opening.cancel()
        self.opening = asyncio.create_task(self._open(path))

    def reloaded(self, before: str | None, path: str) -> None:
        """The page, a document of the name `before`, is being loaded again; should that fail, `path` is."""
        if self.opening is not None:
            self.opening.cancel()
        self.opening = asyncio.create_task(self._reloaded(before, path))

    async def reload_offline(self) -> bool:
        """Whether a reload without network shows the exam."""
        if self.page is None:
            return False
        self.is_open = False
        with contextlib.suppress(Error):
            await self.page.reload(timeout=GOTO_MS)
        self.is_open = await self._is_there(1.0)
        return self.is_open

    async def load(self, path: str) -> bool:
        try:
            if self.page is None:
                self.page = await self.device.context.new_page()
            await self.page.goto(self.device.url + path, timeout=GOTO_MS)
        except Error:
            return False
        return True

    @property
    def shows_result(self) -> bool:
        return self.page is not None and "/results/" in self.page.url

    @property
    def is_lost(self) -> bool:
        """Whether it shows no page of ours, and none is on the way."""
        coming = self.opening is not None and not self.opening.done()
        return not coming and (self.page is None or not self.page.url.startswith(self.device.url))

    async def _open(self, path: str) -> None:
        self.is_open = False
        self.device.note_calm()
        while not (await self.load(path) and await self._is_there(2.0)):
            await asyncio.sleep(AGAIN_SECONDS)
        self.is_open = True
        self.device.note_calm()

    async def _reloaded(self, before: str | None, path: str) -> None:
        self.is_open = False
        self.device.note_calm()
        if await self._is_there(1.5, before):
            self.is_open = True
            self.device.note_calm()
        else:
            await self._open(path)

    async def _is_there(self, seconds: float, before: str | None = None) -> bool:
        """Whether within `seconds` there is an exam page with its script, another document than the one of
        the name `before`, or the page of an exam that is over."""
        last = time.monotonic() + seconds
        while time.monotonic() < last:
            if self.shows_result:
                return True
            name = await self.evaluate(script.READY_NAME)
            if name is not None and name != before:
                return True
            await asyncio.sleep(0.05)
        return False


class Candidate:
    """One person in one exam: all devices, and the account of what was clicked and shown."""

    def __init__(self, rng: Random, browser: Browser, route: Route | None = None) -> None:
        self.rng, self.browser, self.route = rng, browser, route
        self.account = Account()
        self.devices: list[Device] = []
        self.deadline = 0.0
        self.path = ""

    @property
    def tabs(self) -> list[Tab]:
        return [tab for device in self.devices for tab in device.tabs]

    async def add_device(self, line: Line, session: str) -> Device:
        context = await self.browser.new_context(service_workers="allow", reduced_motion="reduce")
        device = Device(len(self.devices), context, line, self.account)
        self.devices.append(device)
        await context.expose_binding(script.TELL, lambda source, fact: self._told(device, source, fact))
        await context.add_init_script(script.WATCH)
        if self.route is not None:
            await self.route(context)
        context.on("console", self._note_console)
        context.on("weberror", lambda event: self.account.console.append(f"uncaught: {event.error}"))
        context.on("response", self._note_response)
        await device.log_in(session)
        return device

    def add_tab(self, device: Device) -> Tab:
        tab = Tab(len(self.tabs), device)
        device.tabs.append(tab)
        return tab

    async def click(self, tab: Tab, then: str = "") -> Click | None:
        """One change in `tab`, if its page takes one."""
        used: dict[str, Any] = {}
        for click in self.account.clicks:
            used.setdefault(f"{click.item}:{click.kind}", []).append(click.value)
        argument = {"used": used, "roll": self.rng.random(), "flag": self.rng.random() < 0.12, "then": then}
        if tab.page is None or not tab.is_open:
            return None
        try:
            made = await asyncio.wait_for(tab.page.evaluate(script.CLICK, argument), 5)
        except (Error, TimeoutError):
            self.account.blurred = True
            return None
        if made is None:
            return None
        value = json.dumps(made["value"], separators=(",", ":"))
        click = Click(
            tab.device.number, tab.number, made["at"], made["item"], made["kind"], value, made["shown"]
        )
        self.account.clicks.append(click)
        return click

    async def look_at_clock(self, tab: Tab) -> None:
        """Note the time left that is shown, where nothing has delayed the server's word for a while."""
        calm = tab.device.calm_since
        look = await tab.evaluate(script.LOOK)
        if look is None or calm is None or time.time() - calm < 1:
            return
        right = max(0.0, self.deadline - look["at"])
        self.account.times.append(ShownTime(look["at"], look["left"], right))

    async def leave(self) -> None:
        """Close everything."""
        for tab in self.tabs:
            if tab.opening is not None:
                tab.opening.cancel()
        for device in self.devices:
            await _closed(device.context)

    def _told(self, device: Device, source: dict[str, Any], fact: dict[str, Any]) -> None:
        """What a page told: that a document was opened, or that it shows "Saved"."""
        tab = next((tab for tab in device.tabs if tab.page is source["page"]), None)
        if tab is None:
            return
        before = device.documents.setdefault(fact["document"], len(self.account.of_tab(tab.number)))
        if fact["kind"] == "saved":
            self.account.claims.append(Claim(tab.number, before + fact["clicks"], fact["at"]))

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(part in message.text for part in EXPECTED):
            self.account.console.append(f"{message.type}: {message.text}")

    async def _note_response(self, response: Response) -> None:
        if response.status < 400:
            return
        with contextlib.suppress(Error):
            text = await response.text()
            if any(trace in text for trace in TRACES):
                self.account.wrong_pages.append(f"{response.status} {response.url}: {text[:300]}")


async def _closed(what: Page | BrowserContext) -> None:
    with contextlib.suppress(Error, TimeoutError):
        async with asyncio.timeout(CLOSING_SECONDS):
            await what.close()
