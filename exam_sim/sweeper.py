"""What has to happen though nobody asks for a page: `python -m exam_sim.sweeper [--once]`.

Every 20 seconds it closes attempts past their grace, grades closed ones, takes their results into cards and
tallies, and removes idle guests, expired sessions, old counts of attempts to log in, old lines of the audit
log, old preview attempts and uploads that nobody imported.
Each command is safe to run beside the server and beside a second sweeper: the row locks of the domain
functions decide.
"""

import argparse
import logging
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from types import FrameType

import django
from django.core.management import call_command
from django.db import Error, close_old_connections
from django.utils import timezone

COMMANDS = (
    "close_expired",
    "grade_closed",
    "digest_results",
    "remove_idle_guests",
    "remove_expired_sessions",
    "remove_old_records",
    "remove_old_previews",
    "remove_uploads",
)
SECONDS = 20.0
"""Also while the database fails: whatever came due meanwhile is closed soon after it is back."""

logger = logging.getLogger("exam_sim.sweeper")


RECENT = {"grade_closed": ["--recent"]}
"""What a sweep adds to a command that would otherwise search everything there is."""
SEARCH_SECONDS = 3600.0


def sweep(*, recent: bool = False) -> bool:
    """Run every command once, also after one has failed, and say that all went well if it did; False when
    any of them failed. With `recent`, only what happened lately is searched."""
    from exam_sim.operations import heartbeat  # a model: not before django.setup()

    served = True
    for command in COMMANDS:
        try:
            call_command(command, *(RECENT.get(command, []) if recent else []), verbosity=0)
        except Error as error:
            logger.warning("%s failed: %s", command, str(error).strip().partition("\n")[0])
            served = False
        except Exception:
            logger.exception("%s failed", command)
            served = False
    if served:
        with suppress(Error):
            heartbeat.beat(timezone.now())
    return served


def wants_search(last: float | None, at: float) -> bool:
    """Whether a sweep at `at` searches everything, when the last one that did and went well was at `last`."""
    return last is None or at - last >= SEARCH_SECONDS


def run(stopped: threading.Event) -> None:
    """Sweep until stopped, or until the process that started this one is gone. The first sweep searches
    everything, and so does one an hour and the one after an outage, which may have left behind what is older
    than recent."""
    parent = os.getppid()
    searched: float | None = None
    while not stopped.is_set() and os.getppid() == parent:
        close_old_connections()  # also those that a restart of the database has broken
        at = time.monotonic()
        search = wants_search(searched, at)
        if not sweep(recent=not search):
            searched = None
        elif search:
            searched = at
        stopped.wait(SECONDS)


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Close, grade and digest attempts; remove idle guests, old previews and uploads."
    )
    parser.add_argument("--once", action="store_true", help="sweep once and end")
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exam_sim.settings")
    django.setup()
    if arguments.once:
        return 0 if sweep() else 1
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    run(stopped)
    return 0


if __name__ == "__main__":
    sys.exit(main())
