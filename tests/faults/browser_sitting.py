"""One exam in real browsers: begun at the page that offers it, answered click by click while faults happen,
and handed in by its candidate, by the browser at zero or, where no browser comes back, closed by the sweeper.
"""

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING

from tests.faults.browser_candidate import Candidate, Tab
from tests.faults.browser_faults import Faults
from tests.faults.browser_model import acknowledged_at, breaches, landed
from tests.faults.browser_plan import START, Plan
from tests.faults.records import GRACE, OVERDUE, Invariant, Outcome
from tests.faults.site import Person

if TYPE_CHECKING:
    from tests.faults.browser_run import Hall

LONGEST_START = 60.0
LONGEST_END = 60.0
"""Seconds after the close in which the pages have to find the result."""

PRESS_START = """() => {
  const resume = document.querySelector('main a[href^="/attempts/"]');
  const buttons = [...document.querySelectorAll("main form button")];
  (resume ?? buttons.find((button) => button.textContent.startsWith("Start")))?.click();
}"""
PRESS_END = """() => {
  const ready = document.documentElement.dataset.ready === "true";
  if (!ready || document.querySelector("dialog[open]")) return false;
  for (const id of ["review", "review-end", "end-confirm"]) document.getElementById(id).click();
  return true;
}"""


class Sitting:
    """`outcome` is what is handed in at the end."""

    def __init__(self, name: str, plan: Plan, hall: "Hall", candidate: Candidate) -> None:
        self.plan, self.hall, self.candidate = plan, hall, candidate
        self.rng, self.site, self.books = candidate.rng, hall.site, hall.books
        self.outcome = Outcome(name)
        self.faults = Faults(self)
        self.attempt = ""

    @property
    def path(self) -> str:
        return f"/attempts/{self.attempt}/"

    @property
    def is_over(self) -> bool:
        return self.books.is_closed(self.attempt)

    async def run(self, person: Person) -> Outcome:
        device = await self.candidate.add_device(await self.hall.line(), person.session)
        try:
            async with asyncio.timeout(LONGEST_START):
                await self._begin(self.candidate.add_tab(device))
        except TimeoutError:
            self.outcome.breach(Invariant.NO_END, "the exam did not begin")
            return self.outcome
        try:
            await self._sit()
            await self._find_the_result()
            await self._judge()
        finally:
            await self.faults.end()
            await self.candidate.leave()
        return self.outcome

    # ---- the start

    async def _begin(self, tab: Tab) -> None:
        """Press Start, and try again as people do until the exam is there."""
        planned = [fault.kind for fault in self.plan.faults if fault.at == START]

        async def press() -> None:
            await tab.evaluate(PRESS_START)

        while not self.attempt:
            await tab.load(f"/exams/minutes-{self.plan.minutes}/")
            await self.faults.at_edge(planned.pop() if planned else None, tab, press)
            for _ in range(200):
                place = tab.page.url.split("/attempts/") if tab.page else []
                if len(place) == 2:
                    self.attempt = place[1].split("/")[0]
                    break
                if tab.is_lost:
                    break
                await asyncio.sleep(0.05)
        started_at, deadline = await self.books.times(self.attempt)
        self.outcome.attempt = self.attempt
        self.outcome.started = time.monotonic() - (time.time() - started_at)
        self.outcome.total = deadline - started_at
        self.candidate.deadline = deadline
        tab.open(self.path)

    # ---- the exam

    async def _sit(self) -> None:
        faults = [fault for fault in self.plan.faults if fault.at != START]
        give_up = self.candidate.deadline + GRACE + OVERDUE + 2
        if self.plan.leaves_at is not None or self.plan.dark_until is not None:
            self.faults.later(self._go_dark())
        while not self.candidate.tabs[0].is_open and time.time() < self.candidate.deadline:
            await asyncio.sleep(0.05)
        while not self.is_over and time.time() < give_up:
            since = time.time() - self.candidate.deadline + self.outcome.total
            tab = self._some_tab()
            if faults and since >= faults[0].at:
                await self.faults.happen(faults.pop(0), tab)
            elif self.plan.ends_at is not None and since >= self.plan.ends_at and tab.is_open:
                if self.candidate.account.ended_at is None:
                    await self._press_end(tab)
            elif since < self.outcome.total:
                await self.candidate.click(tab)
                if self.rng.random() < 0.5:
                    await self.candidate.look_at_clock(tab)
            await asyncio.sleep(self.rng.uniform(0.1, 0.4))

    def _some_tab(self) -> Tab:
        tabs = self.candidate.tabs
        return self.rng.choice([tab for tab in tabs if tab.is_open] or tabs)

    async def _press_end(self, tab: Tab) -> None:
        async def press() -> None:
            at = time.time()
            if await tab.evaluate(PRESS_END):
                self.candidate.account.ended_at = at

        await self.candidate.click(tab)
        await self.faults.at_edge(self.plan.end_fault, tab, press)

    async def _go_dark(self) -> None:
        """The network goes away shortly before the deadline, for all devices, and comes back in the grace or
        not before the exam is closed."""
        total, now = self.outcome.total, time.time() - self.candidate.deadline + self.outcome.total
        begin = total - 0.3 if self.plan.leaves_at is None else self.plan.leaves_at
        await asyncio.sleep(max(0, begin - now))
        if self.is_over:
            return
        self.faults.note_cut()
        async with contextlib.AsyncExitStack() as stack:
            for device in self.candidate.devices:
                await stack.enter_async_context(self.faults.dark(device))
            if self.plan.dark_until is not None:
                await asyncio.sleep(self.plan.dark_until - begin)
            while self.plan.leaves_at is not None and not self.is_over:
                await asyncio.sleep(0.1)

    # ---- the end

    async def _find_the_result(self) -> None:
        """Every page has to lead to the result once the network is back. Where the browser shows a page of
        its own instead, people load the exam again."""
        await self.faults.end()
        last = time.time() + LONGEST_END
        while time.time() < last and not all(tab.shows_result for tab in self.candidate.tabs):
            for tab in self.candidate.tabs:
                if tab.is_lost:
                    tab.open(self.path)
            await asyncio.sleep(0.2)
        for tab in self.candidate.tabs:
            if not tab.shows_result and self.is_over:
                where = tab.page.url if tab.page else "no page"
                self.outcome.breach(Invariant.NO_END, f"tab {tab.number} shows no result but {where}")

    async def _judge(self) -> None:
        account = self.candidate.account
        stored = await self.books.stored(self.attempt)
        self.outcome.made = len(account.clicks)
        self.outcome.acknowledged = sum(
            acknowledged_at(account, click) is not None for click in account.clicks
        )
        self.outcome.refused = len(account.clicks) - len(landed(account, stored))
        for invariant, what in breaches(account, stored):
            self.outcome.breach(invariant, what)
