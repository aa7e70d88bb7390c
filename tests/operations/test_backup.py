"""Backup and restore as docs/production.md says it: nothing is lost, and the candidate goes on."""

import fcntl
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from exam_sim.exams import attempts
from exam_sim.exams.models import Attempt
from questions import listing
from questions.models import Question
from results.integrity import problems
from tests.exams.sitting import event, post_events, standing
from tests.exams.test_attempts import make_bank
from tests.factories import make_user
from tests.operations.sqlite import make_database
from tests.postgres import find_programs

ROOT = Path(__file__).parents[2]


def postgresql(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on the server under test."""
    there = connection.settings_dict
    environment = os.environ | {
        "PGHOST": there["HOST"],
        "PGPORT": there["PORT"] or "5432",
        "PGUSER": there["USER"],
        "PGPASSWORD": there["PASSWORD"],
    }
    path = find_programs() / program
    done = subprocess.run([path, *arguments], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def save(client: Client, attempt: Attempt, intent: int) -> Any:
    response = post_events(client, attempt, event(intent, "answer", [1], intent))
    return set(response.json()["results"].values())


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_after_dump_drop_and_restore_the_candidate_goes_on(client: Client, tmp_path: Path) -> None:
    attempt = attempts.start(make_user(), make_bank(), timezone.now())
    listing.refresh(Question.objects.values_list("pk", flat=True))
    client.force_login(attempt.user)
    assert [save(client, attempt, intent) for intent in (1, 2)] == [{"stored"}] * 2
    name, dump = connection.settings_dict["NAME"], str(tmp_path / "dump")
    postgresql("pg_dump", "--format=custom", f"--file={dump}", name)

    assert save(client, attempt, 3) == {"stored"}  # after the dump: what a restore takes back
    connection.close()
    postgresql("dropdb", "--force", name)
    postgresql("createdb", name)
    postgresql("pg_restore", "--exit-on-error", "--single-transaction", f"--dbname={name}", dump)

    assert list(problems(timezone.now())) == []
    assert standing(attempt) == {(1, "answer"): [1], (2, "answer"): [1]}
    # The browser has it still, if it was not acknowledged; a new answer is taken as ever.
    assert [save(client, attempt, intent) for intent in (3, 4)] == [{"stored"}] * 2
    post_events(client, attempt, to="end")
    assert client.get(f"/results/{attempt.pk}/").status_code == 200
    assert list(problems(timezone.now())) == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="needs SQLite")
@pytest.mark.django_db
def test_a_copy_of_sqlite_is_whole_though_answers_are_saved_meanwhile(tmp_path: Path) -> None:
    """A process saves answers, and checks its own database meanwhile; copies are made beside it."""
    make_database(tmp_path / "exam_sim.sqlite3")
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | {
        "LOCAL_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "exam_sim.settings",
        "LOG_LEVEL": "ERROR",
    }

    def manage(*arguments: str, of: str = "exam_sim.sqlite3") -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=environment | {"DATABASE_URL": f"sqlite:///{tmp_path / of}"},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    with subprocess.Popen(
        [sys.executable, "-c", ANSWERING],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as answering:
        assert answering.stdout is not None
        assert answering.stdout.readline() == b"answering\n"
        (tmp_path / "copy.unfinished").write_text("left by a run that was killed")
        copied = manage("backup_sqlite", str(tmp_path / "copy"))
        checked = manage("check_integrity")
        saved = int(answering.communicate(b"")[0])
    assert (copied[0], checked) == (0, (0, "No problem was found.\n"))
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o600
    assert manage("check_integrity", of="copy") == (0, "No problem was found.\n")
    assert 0 < events_in(tmp_path / "copy") < saved == events_in(tmp_path / "exam_sim.sqlite3")


ANSWERING = """
import sys, threading
import django
django.setup()
from django.utils import timezone
from exam_sim.exams import answers, attempts
from questions import listing
from questions.models import Question
from tests.exams.sitting import body, event
from tests.exams.test_attempts import make_bank
from tests.factories import make_user
user, profile = make_user(None), make_bank()
listing.refresh(Question.objects.values_list("pk", flat=True))
attempt = attempts.start(user, profile, timezone.now())
over = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), over.set())).start()
saved = 0
while not over.is_set():
    saved += 1
    batch = body(event(1 + saved % 10, "answer", [saved % 4], saved))
    assert set(answers.record(attempt.pk, user, batch, timezone.now()).results.values()) == {"stored"}
    if saved == 10:
        print("answering", flush=True)
    over.wait(0.005)
print(saved)
"""


def events_in(path: Path) -> int:
    with sqlite3.connect(path) as database:
        (count,) = database.execute("SELECT count(*) FROM exams_answerevent").fetchone()
    database.close()
    return int(count)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="needs SQLite")
def test_a_copy_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "copy").write_text("kept")
    with pytest.raises(CommandError, match="is not overwritten"):
        call_command("backup_sqlite", tmp_path / "copy")
    assert files(tmp_path) == [("copy", "kept")]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="needs SQLite")
def test_what_another_run_is_writing_is_left_to_it(tmp_path: Path) -> None:
    with (tmp_path / "copy.unfinished").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        other.write("half")
        with pytest.raises(CommandError, match="by another run"):
            call_command("backup_sqlite", tmp_path / "copy")
    assert files(tmp_path) == [("copy.unfinished", "half")]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="needs SQLite")
@pytest.mark.django_db
def test_a_copy_that_fails_leaves_nothing_and_says_why_in_a_sentence(tmp_path: Path) -> None:
    """It fails because a test is a transaction."""
    with pytest.raises(
        CommandError, match=r"copy cannot be written: cannot VACUUM from within a transaction\.$"
    ):
        call_command("backup_sqlite", tmp_path / "copy")
    assert files(tmp_path) == []
    with pytest.raises(CommandError, match=r"none/copy cannot be written: No such file or directory\.$"):
        call_command("backup_sqlite", tmp_path / "none" / "copy")


def files(directory: Path) -> list[tuple[str, str]]:
    return [(path.name, path.read_text()) for path in directory.iterdir()]


@pytest.mark.postgres
def test_postgresql_is_not_copied_so() -> None:
    with pytest.raises(CommandError, match="pg_dump"):
        call_command("backup_sqlite", "copy")
