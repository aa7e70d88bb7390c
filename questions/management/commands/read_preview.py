import resource
import signal
import sys
from argparse import ArgumentParser
from types import FrameType
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand
from django.utils import timezone

from questions import previewing

MEMORY = 1_500_000_000
SECONDS = 300
TOO_MUCH_MEMORY = "Split the file or simplify it: reading it takes more memory than there is for one file."
TOO_LONG = f"Split the file or simplify it: reading it takes more than {SECONDS} seconds."


class TooLongError(BaseException):
    """The time for one file is over. Not to be taken for a defect of a reader, so no Exception."""


class Command(BaseCommand):
    help = (
        "Read an upload into its preview, in a process whose memory and time are limited. Started by the "
        "upload page for large files; safe to run twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("preview", type=UUID)

    def handle(self, **options: Any) -> None:
        preview: UUID = options["preview"]
        signal.signal(signal.SIGXCPU, _stop)
        _limit(resource.RLIMIT_AS, MEMORY, MEMORY)
        _limit(resource.RLIMIT_CPU, SECONDS, SECONDS + 30)
        try:
            previewing.read_in(preview, timezone.now)
        except MemoryError:
            previewing.give_up(preview, TOO_MUCH_MEMORY)
            sys.exit(1)
        except TooLongError:
            previewing.give_up(preview, TOO_LONG)
            sys.exit(1)


def _limit(what: int, soft: int, hard: int) -> None:
    _, highest = resource.getrlimit(what)
    if highest != resource.RLIM_INFINITY:
        soft, hard = min(soft, highest), min(hard, highest)
    resource.setrlimit(what, (soft, hard))


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise TooLongError
