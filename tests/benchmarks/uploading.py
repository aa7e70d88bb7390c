"""One upload read and applied in a process of its own: `python -m tests.benchmarks.uploading <preview>`.

Prints, as JSON, the seconds that reading and applying took, by the clock and of this process's CPU, the most
memory (bytes) that the process held, and what the import counted."""

import json
import os
import resource
import sys
import time
from pathlib import Path
from uuid import UUID

import django


def main(preview: UUID) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    from django.utils import timezone

    from questions import previewing

    began = _times()
    previewing.read_in(preview, timezone.now)
    read = _times()
    done = previewing.apply(preview, None, timezone.now())
    applied = _times()
    figures = {
        "read": read[0] - began[0],
        "read_cpu": read[1] - began[1],
        "apply": applied[0] - read[0],
        "apply_cpu": applied[1] - read[1],
        "memory": _most_memory(),
        "counts": done.counts,
    }
    print(json.dumps(figures))


def _most_memory() -> int:
    """Bytes. `getrusage` would count what the process that started this one held when it did."""
    if sys.platform != "linux":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def _times() -> tuple[float, float]:
    return time.monotonic(), time.process_time()


if __name__ == "__main__":
    main(UUID(sys.argv[1]))
