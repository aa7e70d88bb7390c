"""Pages as a candidate's browser first meets them: the largest paint on a slow network, and what Lighthouse
says. Lighthouse is an npm package: `npx` fetches it, or LIGHTHOUSE names an installed one."""

import asyncio
import json
import os
import shlex
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Browser, sync_playwright

from tests.benchmarks.load.client import Visitor
from tests.benchmarks.load.people import logged_in
from tests.benchmarks.load.sitting import Exam
from tests.benchmarks.load.timings import Timings
from tests.benchmarks.site import HOST, Site, free_port
from tests.benchmarks.sitting import PROFILE
from tests.browser import chromium

if TYPE_CHECKING:
    from playwright.sync_api import SetCookieParam

SLOW_4G = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
ROUNDS = 5
PACKAGE = "lighthouse@12.8.2"
CATEGORIES = ("performance", "accessibility", "best-practices")
LARGEST = """() => new Promise((resolve) => new PerformanceObserver(
  (list) => resolve(list.getEntries().at(-1).startTime)
).observe({ type: "largest-contentful-paint", buffered: true }))"""


class NoBrowserError(Exception):
    """A page cannot be measured here; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Pages:
    """What somebody sees who has a closed exam and an open one: paths by name, and the session's key."""

    session: str
    paths: Mapping[str, str]


def prepared(site: Site) -> Pages:
    return asyncio.run(_prepared(site))


async def _prepared(site: Site) -> Pages:
    (session,) = logged_in(site, 1)
    async with Visitor(site.port, session, Timings()) as visitor:
        closed, opened = Exam(visitor), Exam(visitor)
        await closed.start()
        await closed.open()
        await closed.answer_all()
        await closed.end()
        await opened.start()
    result = closed.path.replace("/attempts/", "/results/").partition("?")[0]
    return Pages(
        session,
        {"start": PROFILE, "exam": opened.path, "result": result, "review": f"{result}review"},
    )


def largest_paints(site: Site, pages: Pages) -> dict[str, float]:
    """By page, the median of the seconds until its largest paint, each time in a browser without a cache."""
    path = chromium.find()
    if not path:
        raise NoBrowserError("There is no Chromium: name one with CHROMIUM=/path.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_flags())
        seconds = {
            name: statistics.median(_largest_paint(browser, site, pages, name) for _ in range(ROUNDS))
            for name in ("start", "exam")
        }
        browser.close()
    return seconds


def _largest_paint(browser: Browser, site: Site, pages: Pages, name: str) -> float:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_cookies([_cookie(pages)])
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_4G)
    page.goto(f"http://{HOST}:{site.port}{pages.paths[name]}", wait_until="networkidle")
    milliseconds: float = page.evaluate(LARGEST)
    context.close()
    return milliseconds / 1000


def lighthouse_scores(site: Site, pages: Pages) -> Iterator[tuple[str, dict[str, int]]]:
    """Page and, by category, its score of 100, as Lighthouse simulates a phone on a slow network."""
    command = shlex.split(os.environ.get("LIGHTHOUSE", f"npx --yes {PACKAGE}"))
    path = chromium.find()
    if not path or shutil.which(command[0]) is None:
        raise NoBrowserError("Lighthouse needs Chromium and Node.js with npx; LIGHTHOUSE may name it.")
    port = free_port()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as directory:
        context = playwright.chromium.launch_persistent_context(
            directory, executable_path=path, args=[*_flags(), f"--remote-debugging-port={port}"]
        )
        context.add_cookies([_cookie(pages)])
        for name, page in pages.paths.items():
            yield name, _scores([*command, f"http://{HOST}:{site.port}{page}", f"--port={port}"])
        context.close()


def _scores(command: Sequence[str]) -> dict[str, int]:
    options = [f"--only-categories={','.join(CATEGORIES)}", "--output=json", "--quiet"]
    run = subprocess.run([*command, *options], check=False, capture_output=True, text=True)
    if run.returncode != 0:
        raise NoBrowserError(f"Lighthouse gave up: {run.stderr.strip()}")
    report: dict[str, Any] = json.loads(run.stdout)
    return {kind: round(100 * report["categories"][kind]["score"]) for kind in CATEGORIES}


def _cookie(pages: Pages) -> "SetCookieParam":
    return {"name": "sessionid", "value": pages.session, "domain": HOST, "path": "/"}


def _flags() -> list[str]:
    return ["--no-sandbox"] if os.geteuid() == 0 else []
