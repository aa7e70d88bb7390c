"""Defects of the page, planted into its modules as a browser loads them: the product has no switch for it."""

import asyncio
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext
from playwright.async_api import Route as Loading

from tests.benchmarks.site import HERE
from tests.faults.browser_plan import Plan, Planned
from tests.faults.records import Invariant, Kind

SCRIPTS = HERE / "static" / "js"


@dataclass(frozen=True, slots=True)
class Defect:
    """`right` stands once in one of the modules; `wrong` takes its place. An exam by `plan` breaks one of the
    invariants `shown_by`."""

    name: str
    right: str
    wrong: str
    plan: Plan
    shown_by: frozenset[Invariant]

    def fits(self) -> bool:
        return sum(path.read_text().count(self.right) for path in SCRIPTS.glob("*.js")) == 1

    async def plant(self, context: BrowserContext) -> None:
        if not await asyncio.to_thread(self.fits):
            raise LookupError(f"{self.name}: the modules have changed, and this defect fits them no more.")

        async def load(loading: Loading) -> None:
            path = SCRIPTS / PurePosixPath(urlsplit(loading.request.url).path).name
            text = await asyncio.to_thread(path.read_text)
            await loading.fulfill(body=text.replace(self.right, self.wrong), content_type="text/javascript")

        await context.route("**/static/js/*.js", load)


MEMORY = Defect(
    "outbox in memory only",
    "if (!event || this.store.set(`event:${id}`, event)) this.unkept.delete(id);",
    "this.unkept.delete(id);",
    Plan(
        60,
        (
            Planned(Kind.CUT, 1.0, lasts=2.0),
            Planned(Kind.TAB_CLOSED, 1.2),
            Planned(Kind.CUT, 6.0, lasts=2.0),
            Planned(Kind.TAB_CLOSED, 6.2),
        ),
    ),
    frozenset({Invariant.NEVER_HANDED_IN, Invariant.ACKNOWLEDGED_LOST}),
)
DEVICE_CLOCK = Defect(
    "client clock trusted",
    "return this.anchor.elapsed + (this.stopped ? 0 : performance.now() - this.anchor.at);",
    "return Date.now() - (this.begun ??= Date.now() - this.anchor.elapsed);",
    Plan(60, (Planned(Kind.CLOCK_MOVED, 1.5), Planned(Kind.REPLY_LOST, 3.0))),
    frozenset({Invariant.WRONG_TIME}),
)
TOO_EARLY = Defect(
    "saved before the acknowledgement",
    'this.busy = true;\n    this.status(this.trouble ?? "pending");',
    'this.busy = true;\n    this.status("saved");',
    Plan(60, (Planned(Kind.DELAYED, 1.0), Planned(Kind.DELAYED, 3.0), Planned(Kind.DELAYED, 6.0))),
    frozenset({Invariant.SHOWN_TOO_EARLY}),
)
DEFECTS = (MEMORY, DEVICE_CLOCK, TOO_EARLY)
