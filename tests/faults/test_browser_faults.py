"""Exams in real Chromium while faults happen, in small; `python3 run.py faults --browser 60` plays more."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.browser_defects import MEMORY
from tests.faults.browser_plan import START, Plan, Planned
from tests.faults.browser_run import Exam, play
from tests.faults.records import Breach, Kind
from tests.faults.site import sites

pytestmark = pytest.mark.browser

PLANS = (
    Plan(
        60,
        (Planned(Kind.CUT, 1.0, lasts=1.5), Planned(Kind.TAB_CLOSED, 1.3), Planned(Kind.RELOADED, 3.5)),
        ends_at=5.0,
    ),
    Plan(
        60,
        (Planned(Kind.SECOND_DEVICE, 0.8), Planned(Kind.CLOCK_MOVED, 2.0), Planned(Kind.REPLY_LOST, 3.5)),
        ends_at=5.0,
    ),
    Plan(
        60,
        (
            Planned(Kind.SECOND_TAB, 0.8),
            Planned(Kind.LOGGED_OUT, 1.5),
            Planned(Kind.WORKER_KILLED, 2.5),
            Planned(Kind.TAB_CLOSED, 3.5),
        ),
        ends_at=5.0,
        end_fault=Kind.REPLY_LOST,
    ),
    Plan(15, (Planned(Kind.REPLY_LOST, START), Planned(Kind.RELOADED, 2.5)), dark_until=7.0),
)
"""A quick machine is through with them in eight seconds; a slow one has more."""


def test_exams_lose_nothing_and_a_page_that_forgets_is_caught(tmp_path: Path) -> None:
    exams = [Exam(f"exam {number}", plan, f"seed {number}") for number, plan in enumerate(PLANS)]
    forgetting = replace(MEMORY.plan, faults=MEMORY.plan.faults[:2], ends_at=5.0)
    exams.append(Exam(MEMORY.name, forgetting, "seed", MEMORY))
    with sites(tmp_path, len(exams)) as made, made.site() as site:
        *outcomes, forgetful = asyncio.run(play(site, exams))
    none: list[Breach] = []
    assert [outcome.breaches for outcome in outcomes] == [none] * len(PLANS)
    happened = {fault.kind for outcome in outcomes for fault in outcome.faults}
    assert happened >= {Kind.CUT, Kind.TAB_CLOSED, Kind.CLOCK_MOVED, Kind.LOGGED_OUT, Kind.WORKER_KILLED}
    assert MEMORY.shown_by & {breach.invariant for breach in forgetful.breaches}
