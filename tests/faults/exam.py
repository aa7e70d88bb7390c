"""One candidate sits one exam, and all that was planned happens to it."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from random import Random

from tests.faults import proxy
from tests.faults.candidate import Browser, Tab
from tests.faults.model import Model
from tests.faults.plan import OF_THE_SITE, Ending, Moment, Plan, Step
from tests.faults.proxy import Action, Forward, Line, Message
from tests.faults.records import FEWEST, GRACE, MINUTE, OVERDUE, Invariant, Kind, Outcome
from tests.faults.site import Person, Site

DAY = 86_400.0
GIVE_UP = OVERDUE
"""Seconds after deadline and grace in which everybody has to come to an end, also on a busy machine."""
FIRED_WITHIN = 8.0

_WITH_THE_REQUEST: dict[Kind, Callable[[], Action]] = {
    Kind.REQUEST_LOST: proxy.lose_request,
    Kind.REPLY_LOST: proxy.lose_reply,
    Kind.REQUEST_TRUNCATED: proxy.truncate_request,
    Kind.REPLY_TRUNCATED: proxy.truncate_reply,
    Kind.DUPLICATED: proxy.duplicate,
}


class Candidate:
    def __init__(
        self, site: Site, person: Person, minutes: int, plan: Plan, rng: Random, *, forgetful: bool = False
    ) -> None:
        self.site, self.person, self.plan, self.rng = site, person, plan, rng
        self.start_path = f"/exams/minutes-{minutes}/start"
        self.forgetful = forgetful
        self.outcome = Outcome(person.email.partition("@")[0])
        self.model = Model(self.outcome)
        self.browsers: list[Browser] = []
        self.path = ""
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_waiting(self) -> bool:
        """Whether something was clicked, on whatever device, that is not acknowledged yet."""
        return any(browser.is_waiting for browser in self.browsers)

    async def sit(self) -> Outcome:
        browser = await self._browser()
        browser.cookies["sessionid"] = self.person.session
        try:
            await self._start(browser)
            if not browser.is_done():
                await asyncio.gather(self._click(), self._suffer(), self._end())
        except TimeoutError:
            self.model.gone = True
            self.outcome.breach(Invariant.NO_END, f"{self.plan.ending.value}, {self.model.statuses}")
        finally:
            await self._leave()
        self.outcome.made = len(self.model.made)
        self.outcome.acknowledged = sum(made.acknowledged for made in self.model.made.values())
        return self.outcome

    # ---- the candidate

    async def _browser(self) -> Browser:
        line = Line(self.site.port, self.model)
        await line.open()
        browser = Browser(line, self.model, self.person.email, forgetful=self.forgetful)
        self.browsers.append(browser)
        return browser

    async def _start(self, browser: Browser) -> None:
        for step in self.plan.of(Moment.START):
            kinds = self.rng.choice([{"start"}, {"page"}])
            browser.line.on_next(kinds, self._action(step.kind, browser, edge=True))
        async with asyncio.timeout(120):
            self.path = await browser.press_start(self.start_path)
            await browser.open(self.path)
        self.outcome.attempt = self.path.split("/")[2]
        if browser.is_done():
            return  # it took longer than the exam
        tab = browser.tabs[0]
        self.outcome.started = time.monotonic() - tab.elapsed() / 1000
        self.outcome.total = tab.total / 1000

    def since(self) -> float:
        return time.monotonic() - self.outcome.started

    async def _until(self, at: float) -> None:
        await asyncio.sleep(at - self.since())

    async def _click(self) -> None:
        """Now here, now there, on few items, so that devices meet; and right before the deadline."""
        total = self.outcome.total
        last = total - 0.03 if self.plan.ending is Ending.ZERO else self.plan.until
        while self.since() < last:
            tabs = [tab for browser in self.browsers for tab in browser.tabs if not tab.closed]
            if tabs:
                self._click_in(self.rng.choice(tabs))
            pause = self.rng.uniform(0.1, 0.9)
            if self.since() < total - MINUTE:
                pause = min(pause, max(0.01, total - MINUTE / 2 - self.since()))
            else:
                pause = min(pause, 0.1)
            await asyncio.sleep(pause)

    def _click_in(self, tab: Tab) -> None:
        item = self.rng.randint(1, self.rng.choice([1, 3, len(tab.shape)]))
        options, choose = tab.shape[item - 1]
        tab.visit(item, self.rng.randint(0, 50))
        match self.rng.choices(["answer", "flag", "strike", "scratchpad"], [12, 2, 2, 1])[0]:
            case "answer":
                number = self.rng.randint(0, choose)
                tab.click(item, "answer", sorted(self.rng.sample(range(options), number)))
            case "flag":
                tab.click(item, "flag", self.rng.random() < 0.5)
            case "strike":
                tab.click(item, "strike", sorted(self.rng.sample(range(options), self.rng.randint(0, 2))))
            case _:
                tab.click(0, "scratchpad", f"note {self.rng.random()}")
        if self.rng.random() < 0.3:
            self._begin(self._look_again(tab))

    async def _look_again(self, tab: Tab) -> None:
        """As when a window comes to the front."""
        await asyncio.sleep(self.rng.uniform(0.02, 0.3))
        if not tab.closed:
            await tab.refresh(-1)

    async def _end(self) -> None:
        """As planned; then everything that was clicked is handed in, on every device."""
        plan, total = self.plan, self.outcome.total
        async with asyncio.timeout(total + GRACE + GIVE_UP - self.since()):
            await self._until(total if plan.ending is Ending.ZERO else plan.until)
            if plan.ending is Ending.LEAVES:
                await self._shut(plan.back)
                if self.model.gone:
                    return
            for step in plan.of(Moment.END):
                browser = self.browsers[0]
                browser.line.on_next({"end"}, self._action(step.kind, browser, edge=True))
            await self._until_all_is_over()

    async def _shut(self, back: float | None) -> None:
        """The lid of each device is shut in the middle of a click, and opened again or not."""
        for browser in self.browsers:
            browser.line.cut("reset")
        for tab in [tab for browser in self.browsers for tab in browser.tabs]:
            self._click_in(tab)
        self.outcome.note(Kind.TAB_CLOSED, between=self.is_waiting)
        for browser in self.browsers:
            browser.close_tabs()
        if back is None:
            self.model.gone = True
            return
        await self._until(back)
        for browser in self.browsers:
            browser.line.heal()

    async def _until_all_is_over(self) -> None:
        while self._tasks or not all(browser.is_done() for browser in self.browsers):
            for browser in self.browsers:
                if not browser.tabs and not self._tasks:
                    await browser.open(self.path)
            if self.plan.ending is Ending.ENDS:
                for tab in self.browsers[0].tabs:
                    tab.wants_end = True
            await asyncio.sleep(0.1)

    async def _leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        for browser in self.browsers:
            browser.close_tabs()
        await asyncio.gather(*(browser.line.close() for browser in self.browsers))

    def _begin(self, work: Awaitable[object]) -> None:
        """In the background, until the candidate leaves."""

        async def begun() -> None:
            await work

        task = asyncio.create_task(begun())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # ---- what happens to it

    async def _suffer(self) -> None:
        on_the_way = {moment: self.plan.of(moment) for moment in (Moment.FLIGHT, Moment.CALM, Moment.LATE)}
        early = [*on_the_way[Moment.FLIGHT], *on_the_way[Moment.CALM]]
        for step in sorted(early, key=lambda step: step.at):
            await self._meet(step)
        # Where what was planned met nothing that it could happen to.
        while len(self.outcome.faults) < FEWEST and self.since() < self.plan.until:
            await self._happen(self.rng.choice([Kind.RELOADED, Kind.CUT]), self.browsers[0], edge=False)
            await asyncio.sleep(0.3)
        for step in on_the_way[Moment.LATE]:
            await self._meet(step)

    async def _meet(self, step: Step) -> None:
        await self._until(step.at)
        browser = self.rng.choice(self.browsers)
        if step.moment is Moment.CALM:
            kind = self._possible(step.kind)
            await self._happen(Kind.CUT if kind is Kind.REPLY_LOST else kind, browser, edge=False)
            return
        fired = asyncio.Event()
        action = self._action(step.kind, browser, edge=False, fired=fired)
        take_back = browser.line.on_next({"events", "end"}, action)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE if step.moment is Moment.LATE else FIRED_WITHIN):
                await fired.wait()
        take_back()

    def _action(
        self, kind: Kind, browser: Browser, *, edge: bool, fired: asyncio.Event | None = None
    ) -> Action:
        """What is done to the next request of `browser`."""
        first = self.rng.random() < 0.5

        async def action(forward: Forward) -> Message | None:
            if fired is not None:
                fired.set()
            what = self._possible(kind)
            if what in _WITH_THE_REQUEST or what in (Kind.DELAYED, Kind.REORDERED):
                self.outcome.note(what, between=self.is_waiting, edge=edge)
                with_request = _WITH_THE_REQUEST.get(what)
                carry = with_request() if with_request is not None else self._hold(what, browser.line)
                return await carry(forward)
            if first:
                await self._happen(what, browser, edge=edge)
                return None if what is Kind.CUT else await forward()
            reply = await forward()
            await self._happen(what, browser, edge=edge)
            return reply

        return action

    def _possible(self, kind: Kind) -> Kind:
        """This, or where the site is broken already, something that concerns this browser alone."""
        if kind in OF_THE_SITE and not self.site.may_break():
            return self.rng.choice([Kind.REPLY_LOST, Kind.CUT])
        return kind

    def _hold(self, kind: Kind, line: Line) -> Action:
        """Overtaken by those that come after it; or so late that it comes around the deadline or after
        all."""
        if kind is Kind.REORDERED:
            return proxy.hold(line, self.rng.uniform(0.3, 1.5))
        left = self.outcome.total - self.since()
        return proxy.hold(line, max(0.1, left + self.rng.uniform(-0.2, 1.5) * GRACE))

    async def _happen(self, kind: Kind, browser: Browser, *, edge: bool) -> None:
        """Begins now; what takes longer goes on in the background."""
        self.outcome.note(kind, between=self.is_waiting, edge=edge)
        match kind:
            case Kind.CUT:
                self._begin(self._cut(browser.line))
            case Kind.LOGGED_OUT:
                await self.site.expire(browser.cookies["sessionid"])
            case Kind.RELOADED:
                browser.close_tabs()
                self._begin(browser.open(self.path))
            case Kind.TAB_CLOSED:
                browser.close_tabs()
                self._begin(self._come_back(browser))
            case Kind.RELOADED_OFFLINE:
                self._begin(self._reload_offline(browser))
            case Kind.CLOCK_MOVED:
                browser.wall_shift += self.rng.choice([-DAY, DAY, 6.0, 8.0])
                self._begin(self._reload_offline(browser))
            case Kind.SECOND_TAB:
                self._begin(browser.open(self.path))
            case Kind.SECOND_DEVICE:
                self._begin(self._second_device())
            case Kind.WORKER_KILLED:
                await self.site.kill_worker(self.rng)
            case Kind.SERVER_KILLED:
                self._begin(self.site.kill_server())
            case Kind.DATABASE_RESTARTED:
                self._begin(self.site.restart_database())
            case Kind.DISK_FULL:
                self._begin(self.site.fill_disk(self.rng.uniform(0.3, 2.0)))
                await asyncio.sleep(0.05)

    async def _cut(self, line: Line) -> None:
        line.cut(self.rng.choice(["reset", "hang"]))
        await asyncio.sleep(self.rng.uniform(0.1, 1.0) * GRACE)
        line.heal()

    async def _come_back(self, browser: Browser) -> None:
        await asyncio.sleep(self.rng.uniform(0.1, 2.0))
        await browser.open(self.path)

    async def _reload_offline(self, browser: Browser) -> None:
        """The page comes out of the browser's own copy; a while later the network is back."""
        browser.line.cut("reset")
        browser.close_tabs()
        browser.open_kept()
        await asyncio.sleep(self.rng.uniform(0.3, 1.5))
        browser.line.heal()

    async def _second_device(self) -> None:
        browser = await self._browser()
        await browser.log_in()
        await browser.open(self.path)
