"""The load on the production server, measured: `python3 run.py bench [name …]`, one table at the end.

Without names the load itself is measured. The others run only when they are named: `bank`, `history` and
`scaling` fill a database with millions of rows first, `hosts` needs nginx, `pages` Chromium, and `lighthouse`
Node.js too. `--write` puts the rows into docs/performance.md.
"""

import argparse
import asyncio
import datetime as dt
import os
import platform
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.benchmarks.load import growth, hosts, pages, partitions, saves, sizes, starts, whole
from tests.benchmarks.rows import Row, at_least, at_most, rewritten, target_of
from tests.benchmarks.site import HERE, Site, served
from tests.postgres import PostgresError, postgres, stop

DOCUMENT = HERE / "docs" / "performance.md"


def measure_sittings(site: Site) -> Iterator[Row]:
    for polls, limit in ((0, 0.35), (whole.POLLS, 0.60)):
        cost = asyncio.run(whole.sittings(site, 8 if polls else 16, polls))
        name = f"sitting with {polls} polls" if polls else "sitting"
        yield at_most(f"CPU: {name}, server", cost.server, limit, " s", 3)
        yield Row(f"CPU: {name}, PostgreSQL", f"{cost.database:.3f} s")
        yield Row(f"CPU: {name}, client", f"{cost.client:.3f} s")
        yield Row(
            f"{name}: all requests, {whole.AT_ONCE} candidates at once", f"{cost.rate:.0f} requests a second"
        )
        yield Row(f"{name}: memory of the server afterwards", f"{cost.resident_mb:.0f} MB")
        for text in cost.timings.rows():
            kind, _, figures = text.partition(": ")
            yield Row(f"{name}: {kind}", figures)


def measure_saves(site: Site) -> Iterator[Row]:
    compared = asyncio.run(saves.closed_loop(site, seconds=5, rounds=6))
    yield Row("floor, 32 at once", f"{compared.floor_rate:.0f} a second")
    yield Row("saves, 32 at once", f"{compared.rate:.0f} a second")
    yield at_least("saves, 32 at once: rate to the floor's", compared.rate_ratio, 0.65, 2)
    for share, limit in ((0.5, 1.6), (0.95, 2.2)):
        name = f"p{100 * share:.0f}"
        both = f"{compared.ms(share):.1f}, {compared.floor_ms(share):.1f} ms"
        yield Row(f"saves, 32 at once: {name}, the floor's", both)
        yield at_most(f"saves, 32 at once: {name} to the floor's", compared.ms_ratio(share), limit, " ×", 2)


def measure_open(site: Site) -> Iterator[Row]:
    timings = asyncio.run(saves.open_loop(site, rate=300, seconds=20))
    yield at_most("saves, 300 a second: p50", timings.ms("save", 0.5), 10, " ms", 1)
    yield at_most("saves, 300 a second: p95", timings.ms("save", 0.95), 30, " ms", 1)
    yield at_most("saves, 300 a second: errors", timings.errors, 0, "", 0)


def measure_rush(site: Site) -> Iterator[Row]:
    few = asyncio.run(starts.rush(site, 200, within=3))
    yield at_most("200 starts within 3 s, with pages: done after", few.done, 3.5, " s", 2)
    many = asyncio.run(starts.rush(site, 1000, within=20))
    yield at_most("1,000 starts within 20 s: p95", many.timings.ms("both", 0.95) / 1000, 1.5, " s", 2)
    yield at_most("1,000 starts within 20 s: errors", many.timings.errors, 0, "", 0)


def measure_pages(site: Site) -> Iterator[Row]:
    paints = pages.largest_paints(site, pages.prepared(site))
    for name, limit in (("start", 1.5), ("exam", 2.0)):
        yield at_most(f"slow 4G: {name} page, largest paint", paints[name], limit, " s", 2)


def measure_lighthouse(site: Site) -> Iterator[Row]:
    for name, scores in pages.lighthouse_scores(site, pages.prepared(site)):
        for category, limit in zip(pages.CATEGORIES, (98, 100, 100), strict=True):
            yield at_least(f"Lighthouse: {name} page, {category}", scores[category], limit, 0)


def measure_bank(small: Site, large: Site) -> Iterator[Row]:
    few, many = growth.banks(small, large, 1_000, 1_000_000)
    yield Row("start, bank of 1,000 and 1,000,000: p50", f"{few:.1f}, {many:.1f} ms")
    yield at_most("start, bank of 1,000,000 to 1,000", many / few, 1.3, " ×", 2)


FEW, MANY = 10_000, 10_000_000
HELD = ("history", "result")


def measure_history(small: Site, large: Site) -> Iterator[Row]:
    yield from compared(growth.filled(small, FEW), growth.filled(large, MANY))


def compared(small: growth.Filled, large: growth.Filled) -> Iterator[Row]:
    for page, (few, many) in growth.pages(small, large).items():
        yield Row(f"{page}, 10 k and 10 M answers: p50", f"{few:.1f}, {many:.1f} ms")
        ratio = at_most(f"{page}, 10 M answers to 10 k", many / few, 1.3, " ×", 2)
        yield ratio if page in HELD else Row(ratio.what, ratio.measured)
    for command, (few, many) in growth.sweeps(small, large).items():
        yield Row(f"{command}, 10 k and 10 M answers: p50", f"{few:.1f}, {many:.1f} ms")


def measure_scaling(small: Site, large: Site) -> Iterator[Row]:
    """All that docs/scaling.md is made of."""
    few, many = growth.filled(small, FEW), growth.filled(large, MANY)
    for table in sizes.tables(large.url):
        yield Row(f"{table.name}: rows", f"{table.rows:,}")
        yield Row(f"{table.name}: bytes a row, with indexes", f"{table.total / table.rows:.0f}")
        parts = {"rows": table.heap, "aside": table.aside, **table.indexes}
        for part, size in parts.items():
            yield Row(f"{table.name}: {part}", f"{size / 1e6:,.0f} MB")
    yield from compared(few, many)
    # Before somebody sits over the copies: their items would be missed in the tables.
    yield Row("check_integrity at 10 M answers", f"{growth.check(many):,.0f} s")
    with partitions.by_month(large) as monthly:
        for page, (whole, parted) in growth.pages(many, replace(many, site=monthly)).items():
            yield Row(f"{page}, one table and 25 months: p50", f"{whole:.1f}, {parted:.1f} ms")


def measure_hosts(url: str) -> Iterator[Row]:
    outcome = hosts.rehearse(url)
    told = outcome.told
    yield Row("two hosts: events acknowledged", f"{told.acknowledged:,}")
    yield at_most("two hosts, one killed: acknowledged events lost", outcome.lost, 0, "", 0)
    yield at_most("two hosts, one killed: final answers not the newest", outcome.wrong, 0, "", 0)
    yield Row(
        "two hosts: check_integrity", outcome.integrity, met=outcome.integrity == "No problem was found."
    )
    for address, (before, dead, after) in zip(hosts.ADDRESSES, outcome.served, strict=True):
        name = f"two hosts: answered by {address} before, while one is dead, after"
        yield Row(name, f"{before:,}, {dead:,}, {after:,}")
    yield Row("two hosts: requests that nginx handed to the other", f"{outcome.handed_on}")
    yield Row("two hosts: requests that the client sent again", f"{told.again}")
    yield Row("two hosts: longest until a save was acknowledged", f"{told.slowest:.2f} s")


ON_ONE_SITE: dict[str, Callable[[Site], Iterator[Row]]] = {
    "sittings": measure_sittings,
    "saves": measure_saves,
    "open": measure_open,
    "rush": measure_rush,
}
IN_A_BROWSER: dict[str, Callable[[Site], Iterator[Row]]] = {
    "pages": measure_pages,
    "lighthouse": measure_lighthouse,
}
ON_TWO_SITES: dict[str, Callable[[Site, Site], Iterator[Row]]] = {
    "bank": measure_bank,
    "history": measure_history,
    "scaling": measure_scaling,
}
ON_ITS_OWN: dict[str, Callable[[str], Iterator[Row]]] = {
    "hosts": measure_hosts,
}
NAMES = [*ON_ONE_SITE, *IN_A_BROWSER, *ON_TWO_SITES, *ON_ITS_OWN]


@contextmanager
def fresh_site(url: str) -> Iterator[Site]:
    with tempfile.TemporaryDirectory() as directory, served(url, Path(directory)) as site:
        yield site


def bench(names: Sequence[str]) -> list[tuple[str, Row]]:
    """Each on a site of its own; rows are shown as they come."""
    rows = []
    with postgres(durable=True) as url:
        for name in names:
            for row in measured(name, url):
                rows.append((name, row))
                print(shown(row), flush=True)
            print(f"load average {os.getloadavg()[0]:.1f}", flush=True)
    return rows


def measured(name: str, url: str) -> Iterator[Row]:
    if name in ON_ITS_OWN:
        yield from ON_ITS_OWN[name](url)
        return
    with fresh_site(url) as site:
        if name not in ON_TWO_SITES:
            yield from (ON_ONE_SITE | IN_A_BROWSER)[name](site)
        else:
            with fresh_site(url) as large:
                yield from ON_TWO_SITES[name](site, large)


def shown(row: Row) -> str:
    return f"{row.what:<52} {row.measured:>24}  {target_of(row)}"


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="run.py bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(NAMES))
    parser.add_argument("--write", action="store_true", help="put the rows into docs/performance.md")
    known = parser.parse_args()
    unknown = [name for name in known.names if name not in NAMES]
    if unknown:
        parser.error(f"there is no {unknown[0]} to measure, but {', '.join(NAMES)}")
    signal.signal(signal.SIGTERM, stop)
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores", flush=True)
    try:
        rows = bench(known.names or list(ON_ONE_SITE))
    except (PostgresError, hosts.NoNginxError, pages.NoBrowserError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if known.write:
        when = f"{dt.datetime.now(dt.UTC):%Y-%m-%d}, load {os.getloadavg()[0]:.1f}"
        DOCUMENT.write_text(rewritten(DOCUMENT.read_text(), rows, when, NAMES))
    return int(not all(row.met for _, row in rows))


if __name__ == "__main__":
    sys.exit(main())
