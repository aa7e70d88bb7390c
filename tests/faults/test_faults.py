"""Exams over HTTP while faults happen, in small; `python3 run.py faults` plays more, on SQLite too, and hunts
for every planted defect. The site brings its own PostgreSQL, because that is crashed."""

import asyncio
from contextlib import ExitStack
from pathlib import Path

from tests.faults import report
from tests.faults.defects import OUTBOX_IN_MEMORY, Found, hunt
from tests.faults.running import Run, Told, play
from tests.faults.site import sites

EXAMS, HUNTED_BY = 16, 6
MINUTES = 15
TOO_SOON = "acknowledgement_before_commit"


def test_nothing_is_lost_and_planted_defects_are_noticed(tmp_path: Path) -> None:
    """All at once, because an exam is mostly waiting. The candidates whose outbox forgets sit in the site
    that acknowledges too soon: each hunt looks for what its own defect breaks. These two are noticed on a
    busy machine too."""

    async def everything() -> tuple[Told, Found, Found]:
        with ExitStack() as stack:
            made = stack.enter_context(sites(tmp_path, EXAMS + HUNTED_BY))
            sound, hasty = await asyncio.gather(
                asyncio.to_thread(stack.enter_context, made.site()),
                asyncio.to_thread(stack.enter_context, made.site(TOO_SOON)),
            )
            some, others = made.people[:HUNTED_BY], made.people[HUNTED_BY : 2 * HUNTED_BY]
            return await asyncio.gather(
                play(sound, Run(made.people[:EXAMS], MINUTES, EXAMS, seed=1)),
                hunt(hasty, TOO_SOON, some, minutes=MINUTES, seed=1),
                hunt(hasty, OUTBOX_IN_MEMORY, others, minutes=MINUTES, seed=2),
            )

    told, too_soon, forgot = asyncio.run(everything())
    assert report.broken(told.breaches) == ["No invariant was broken."]
    # What a long run has to reach, a busy machine may miss in exams of six seconds.
    assert sum(len(outcome.faults) for outcome in told.outcomes) >= 2 * EXAMS
    assert (bool(too_soon.by), bool(forgot.by)) == (True, True)
