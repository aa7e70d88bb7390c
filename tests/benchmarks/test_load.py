"""The load in small: ratios of one run. What takes minutes and a quiet machine is `python3 run.py bench`."""

import asyncio

from tests.benchmarks.figures import Figures
from tests.benchmarks.load import saves
from tests.benchmarks.site import Site

RATE, P50, P95 = 0.65, 1.6, 2.2


def test_saves_of_many_at_once_stay_near_the_floor(site: Site, figures: Figures) -> None:
    compared = asyncio.run(saves.closed_loop(site, seconds=1.0, rounds=3))
    figures.note(
        "saves, 32 at once: rate to the floor's, its inverse", 1 / compared.rate_ratio, "times", 1 / RATE
    )
    figures.note("saves, 32 at once: p50 to the floor's", compared.ms_ratio(0.5), "times", P50)
    figures.note("saves, 32 at once: p95 to the floor's", compared.ms_ratio(0.95), "times", P95)
    assert compared.rate_ratio >= RATE
    assert compared.ms_ratio(0.5) <= P50
    assert compared.ms_ratio(0.95) <= P95
