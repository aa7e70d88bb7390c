"""What the site counts, as Prometheus reads it. The client library decides once for a process where it
counts, so the site that counts is a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from exam_sim import metrics
from tests.operations.sqlite import make_database

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="starts sites of its own, on SQLite")

ROOT = Path(__file__).parents[2]
TOKEN = "a-token-for-the-tests"
SITTING = """
import django
django.setup()
from django.test import Client, override_settings
from django.test.utils import setup_test_environment
setup_test_environment()
plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
override_settings(STORAGES={"default": plain, "staticfiles": plain}).enable()
from django.db import transaction
from django.utils import timezone
from exam_sim.exams import attempts
from tests.exams.sitting import event, post_events
from tests.exams.test_attempts import make_bank
from tests.factories import make_user
user, profile = make_user(None), make_bank()
attempt = attempts.start(user, profile, timezone.now())
client = Client()
client.force_login(user)
client.get("/nowhere/somebody@example.org")
assert post_events(client, attempt, event(1, "answer", [0], 1), event(1, "answer", [9], 2)).status_code == 200
assert post_events(client, attempt, event(2, "flag", True, 3), to="end").status_code == 200
client.get("/healthz")
print(client.get("/metrics", headers={"Authorization": "Bearer a-token-for-the-tests"}).content.decode())
"""


@pytest.fixture
def exposed(tmp_path: Path, db: None) -> dict[str, float]:
    """By name and labels, what two processes have counted that did the same."""
    make_database(tmp_path / "exam_sim.sqlite3")
    environment = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "LOG_LEVEL")
    } | {"LOCAL_DIR": str(tmp_path), "METRICS_TOKEN": TOKEN, "DJANGO_SETTINGS_MODULE": "exam_sim.settings"}
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", SITTING],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_two_processes_add_up_to_what_happened_and_no_label_holds_anything_of_a_person(
    exposed: dict[str, float],
) -> None:
    requests = {name: value for name, value in exposed.items() if name.startswith("exam_sim_requests_total")}
    assert requests == {
        'exam_sim_requests_total{method="GET",status="404",view="none"}': 2.0,
        'exam_sim_requests_total{method="POST",status="200",view="exams:events"}': 2.0,
        'exam_sim_requests_total{method="POST",status="200",view="exams:end"}': 2.0,
        'exam_sim_requests_total{method="GET",status="200",view="healthz"}': 2.0,
        # Of this process's own, only the one before is over.
        'exam_sim_requests_total{method="GET",status="200",view="metrics"}': 1.0,
    }
    assert exposed['exam_sim_request_seconds_count{view="exams:events"}'] == 2.0
    assert exposed['exam_sim_database_statements_total{view="exams:events"}'] >= 4.0

    names = {
        'exam_sim_answer_events_total{outcome="stored"}': 4.0,
        'exam_sim_answer_events_total{outcome="unknown_option"}': 2.0,
        'exam_sim_attempts_started_total{mode="exam"}': 2.0,
        'exam_sim_attempts_closed_total{reason="candidate"}': 2.0,
        "exam_sim_open_attempts": 0.0,
        "exam_sim_overdue_attempts": 0.0,
        "exam_sim_database_up": 1.0,
    }
    assert {name: exposed.get(name) for name in names} == names

    assert [name for name in exposed if "@" in name or "nowhere" in name] == []


def test_without_a_token_nothing_is_counted_and_the_library_not_loaded(tmp_path: Path) -> None:
    metrics.answer_events(["stored"])
    metrics.attempt_started("exam")
    metrics.attempt_closed("clock")
    with metrics.timed_import("read"):
        pass
    assert metrics._metrics is None


def test_a_new_version_begins_with_an_empty_directory(tmp_path: Path) -> None:
    for name in ("counter_1.db", "histogram_1.db", "else"):
        (tmp_path / name).touch()
    metrics.clear(tmp_path)
    metrics.clear(tmp_path / "not-there")
    assert [path.name for path in tmp_path.iterdir()] == ["else"]
