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
    "remove_previews",
)
SECONDS = 20.0
"""Also while the database fails: whatever came due meanwhile is closed soon after it is back."""

logger = logging.getLogger("exam_sim.sweeper")


def sweep() -> bool:
    """Run every command once, also after one has failed, and say that all went well if it did; False when
    the database refused any of them."""
    from exam_sim.operations import heartbeat  # a model: not before django.setup()

    served = True
    for command in COMMANDS:
        try:
            call_command(command, verbosity=0)
        except Error as error:
            logger.warning("%s failed: %s", command, str(error).strip().partition("\n")[0])
            served = False
    if served:
        with suppress(Error):
            heartbeat.beat(timezone.now())
    return served


def run(stopped: threading.Event) -> None:
    """Sweep until stopped, or until the process that started this one is gone."""
    parent = os.getppid()
    while not stopped.is_set() and os.getppid() == parent:
        close_old_connections()  # also those that a restart of the database has broken
        sweep()
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
