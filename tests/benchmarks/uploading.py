"""One upload read and applied in a process of its own: `python -m tests.benchmarks.uploading <preview>`.

Prints, as JSON, the seconds that reading and applying took, the most memory (bytes) that the process held,
and what the import counted."""

import json
import os
import resource
import sys
import time
from uuid import UUID

import django


def main(preview: UUID) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    from django.utils import timezone

    from questions import previewing

    began = time.monotonic()
    previewing.read_in(preview, timezone.now)
    read = time.monotonic()
    done = previewing.apply(preview, None, timezone.now())
    applied = time.monotonic()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    figures = {"read": read - began, "apply": applied - read, "memory": memory, "counts": done.counts}
    print(json.dumps(figures))


if __name__ == "__main__":
    main(UUID(sys.argv[1]))
