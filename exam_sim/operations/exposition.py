"""The text that Prometheus reads: what all processes counted, and what the database says right now."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import Error
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from prometheus_client.multiprocess import MultiProcessCollector

from exam_sim.exams.models import Attempt
from exam_sim.operations import heartbeat

__all__ = ["CONTENT_TYPE", "exposition"]


def exposition(now: datetime) -> bytes:
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(settings.METRICS_DIR))
    registry.register(_Standing(now))
    return generate_latest(registry)


class _Standing:
    """Gauges that are read when they are asked for. A database that is down leaves them out, and says so."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        found: dict[str, tuple[str, float]] = {}
        try:
            attempts = Attempt.objects.open().of_candidates()
            found["exam_sim_open_attempts"] = "Attempts that are open.", attempts.count()
            overdue = Attempt.objects.overdue(self.now).count()
            found["exam_sim_overdue_attempts"] = "Open attempts past deadline and grace.", overdue
            silence = heartbeat.silence(self.now)
            if silence is not None:
                seconds = silence.total_seconds()
                found["exam_sim_sweeper_lag_seconds"] = "Since the sweeper last swept.", seconds
        except Error:
            found = {"exam_sim_database_up": ("Whether the database answers.", 0)}
        else:
            found["exam_sim_database_up"] = "Whether the database answers.", 1
        for name, (text, value) in found.items():
            yield GaugeMetricFamily(name, text, value=value)
