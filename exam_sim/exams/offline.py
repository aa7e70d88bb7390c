"""The service worker that shows an exam page again while the network is away (`static/js/worker.js`).

It is the same text for every attempt, read once, under an address of each attempt's own: a worker reaches no
further than the folder that it came from.
"""

import json
from functools import cache

from django.conf import settings

from exam_sim.http import content_policy

WORKER_POLICY = "default-src 'none'; connect-src 'self'"
"""What the worker itself may do: ask this site."""


@cache
def worker_script() -> str:
    """The worker, after the headers that every page of ours carries: a page that it gives out is held by the
    same policy as one that the server sent."""
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": content_policy(),
        "Permissions-Policy": settings.PERMISSIONS_POLICY,
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
    }
    script = (settings.BASE_DIR / "static" / "js" / "worker.js").read_text(encoding="utf-8")
    return f"const HEADERS = {json.dumps(headers)};\n{script}"
