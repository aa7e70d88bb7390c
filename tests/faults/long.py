"""The long run: `python3 run.py faults [--exams N] [--sqlite N] [--browser N] [--seed N]`, or with
`--defects` the hunt for the planted ones. Prints a report, and ends with 1 when an invariant was broken, a
defect was not noticed, or too little happened to say so.
"""

import argparse
import asyncio
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests.faults import report
from tests.faults.defects import HUNTS, OUTBOX_IN_MEMORY, hunt
from tests.faults.records import Breach, Outcome
from tests.faults.running import Run, Told, play
from tests.faults.site import Site, Sites, sites, sqlite_site
from tests.postgres import PostgresError, stop

MINUTES = 90
AT_ONCE = 25
ON_SQLITE_AT_ONCE = 10
HUNTED_BY = 14
_ERROR = re.compile(
    r"^(?:[\w.]+\.)?(\w+(?:Error|Exception|DoesNotExist|Shutdown|Detected))\b.*$(?!\n\n(?:During|The above))",
    re.MULTILINE,
)
"""The last of each chain of exceptions."""


class Report:
    """What is printed as it comes, and whether all is well."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.breaches: list[Breach] = []
        self.is_good = True

    def say(self, lines: Iterable[str]) -> None:
        for line in lines:
            print(line, flush=True)

    def add(self, name: str, told: Told, site: Site) -> None:
        self.outcomes += told.outcomes
        self.breaches += told.breaches
        answers = ", ".join(f"{kind} × {times}" for kind, times in sorted(told.statuses.items()))
        errors = Counter(_ERROR.findall(site.log.read_text(errors="replace")))
        logged = ", ".join(f"{kind} × {times}" for kind, times in errors.most_common()) or "none"
        self.say([f"{name}: {told.seconds:.0f} s", f"  answers: {answers}", f"  errors in its log: {logged}"])

    def close(self) -> None:
        missed = list(report.missed(self.outcomes))
        self.say(["", *report.histogram(self.outcomes), "", *report.summary(self.outcomes)])
        self.say([*report.broken(self.breaches), *missed])
        self.is_good = not self.breaches and not missed


def exams(known: argparse.Namespace) -> bool:
    """All kinds of candidates, one after the other; each kind on a site of its own."""
    told = Report()
    with tempfile.TemporaryDirectory() as directory:
        if known.exams or known.browser:
            with sites(Path(directory), max(known.exams, known.browser)) as made:
                on_postgresql(made, known, told)
        if known.sqlite:
            with sqlite_site(Path(directory), known.sqlite) as site:
                run = Run(site.people, MINUTES, ON_SQLITE_AT_ONCE, known.seed)
                told.add("HTTP and SQLite", asyncio.run(play(site, run)), site)
    told.close()
    return told.is_good


def on_postgresql(made: Sites, known: argparse.Namespace, told: Report) -> None:
    if known.exams:
        with made.site() as site:
            run = Run(site.people[: known.exams], MINUTES, known.at_once, known.seed)
            told.add("HTTP and PostgreSQL", asyncio.run(play(site, run)), site)
    if known.browser:
        from tests.faults.browser_run import play_in_browser

        with made.site() as site:
            began = time.monotonic()
            outcomes = asyncio.run(play_in_browser(site, known.browser, known.seed))
            breaches = [breach for outcome in outcomes for breach in outcome.breaches]
            seconds = time.monotonic() - began
            told.add("Chromium and PostgreSQL", Told(outcomes, breaches, Counter(), seconds), site)


def defects(known: argparse.Namespace) -> bool:
    """Each on a site of its own, and of the pages those that the browser finds."""
    all_noticed = True
    with tempfile.TemporaryDirectory() as directory, sites(Path(directory), HUNTED_BY) as made:
        for defect in HUNTS:
            noticed = hunt_one(made, defect, known.seed)
            all_noticed = all_noticed and noticed
        if known.browser:
            from tests.faults.browser_run import play_defects

            with made.site() as site:
                for defect, broken in asyncio.run(play_defects(site)).items():
                    say_found(f"{defect} (in Chromium)", ", ".join(sorted(broken)))
                    all_noticed = all_noticed and bool(broken)
    return all_noticed


def hunt_one(made: Sites, defect: str, seed: int) -> bool:
    with made.site("" if defect == OUTBOX_IN_MEMORY else defect) as site:
        found = asyncio.run(hunt(site, defect, site.people, minutes=30, seed=seed))
    say_found(defect, "; ".join(f"{times} × {invariant.value}" for invariant, times in found.by.items()))
    return bool(found.by)


def say_found(defect: str, by: str) -> None:
    print(f"{defect.replace('_', ' ')}: {by or 'NOT NOTICED'}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="run.py faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--exams", type=int, default=500, help="over HTTP, on PostgreSQL")
    parser.add_argument("--sqlite", type=int, default=20, help="over HTTP, on SQLite")
    parser.add_argument("--browser", type=int, default=0, help="in real Chromium, on PostgreSQL")
    parser.add_argument("--at-once", type=int, default=AT_ONCE, help="exams over HTTP at the same time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--defects", action="store_true", help="see that each planted defect is noticed")
    known = parser.parse_args()
    signal.signal(signal.SIGTERM, stop)
    began = time.monotonic()
    try:
        is_good = defects(known) if known.defects else exams(known)
    except PostgresError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(f"{time.monotonic() - began:.0f} s")
    return int(not is_good)


if __name__ == "__main__":
    sys.exit(main())
