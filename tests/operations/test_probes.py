"""What machines ask: is it up, may it get requests, what has it counted?"""

import datetime as dt

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client, override_settings
from django.utils import timezone

from exam_sim import sweeper
from exam_sim.operations import heartbeat

STRANGER = {"Host": "10.1.2.3"}
WELL = {"ready": True, "database": "ok", "migrations": "ok", "sweeper": "ok"}


@pytest.fixture
def machine() -> Client:
    """A load balancer: it asks by address, without HTTPS."""
    return Client(headers=STRANGER)


def swept(seconds: float) -> None:
    heartbeat.beat(timezone.now() - dt.timedelta(seconds=seconds))


@override_settings(SECURE_SSL_REDIRECT=True)
def test_a_process_that_is_up_says_so_without_a_database(machine: Client) -> None:
    response = machine.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert response.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db
@override_settings(SECURE_SSL_REDIRECT=True)
def test_a_site_that_is_swept_is_ready(machine: Client) -> None:
    swept(100)
    response = machine.get("/readyz")
    assert (response.status_code, response.json()) == (200, WELL)


@pytest.mark.django_db
def test_a_site_that_was_not_swept_for_two_minutes_is_not_ready(machine: Client) -> None:
    answers = [machine.get("/readyz")]
    swept(130)
    answers.append(machine.get("/readyz"))
    assert [(answer.status_code, answer.json()["ready"]) for answer in answers] == [(503, False)] * 2
    assert answers[0].json() == WELL | {"ready": False, "sweeper": "has not swept yet"}
    assert answers[1].json()["sweeper"].startswith("swept 13")


@pytest.mark.django_db
def test_a_sweep_that_went_well_is_a_heartbeat(machine: Client) -> None:
    assert sweeper.sweep()
    assert machine.get("/readyz").json() == WELL


@pytest.mark.django_db
def test_a_database_of_an_older_version_is_not_ready(machine: Client) -> None:
    swept(0)
    MigrationRecorder(connection).record_unapplied("operations", "0001_heartbeat")
    response = machine.get("/readyz")
    expected = WELL | {"ready": False, "migrations": "1 not applied"}
    assert (response.status_code, response.json()) == (503, expected)


@pytest.mark.django_db
def test_a_database_that_does_not_answer_is_not_ready(machine: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE django_migrations RENAME TO elsewhere")
    response = machine.get("/readyz")
    assert (response.status_code, response.json()["ready"]) == (503, False)


def test_probes_answer_no_post(machine: Client) -> None:
    paths = ("/healthz", "/readyz", "/metrics")
    assert [machine.post(path).status_code for path in paths] == [405, 405, 405]


def test_any_other_page_still_asks_for_a_host_that_is_known(machine: Client) -> None:
    assert machine.get("/healthz/").status_code == 400


@pytest.mark.parametrize("header", ["", "Bearer wrong", "Bearer \u00e4"])
def test_metrics_are_for_whoever_has_the_token(machine: Client, header: str) -> None:
    headers = {"Authorization": header} if header else {}
    assert machine.get("/metrics", headers=headers).status_code == 404
    with override_settings(METRICS_TOKEN="a token of some length"):
        response = machine.get("/metrics", headers=headers)
    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Bearer")
