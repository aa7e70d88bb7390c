"""The sweeper outlives a database that fails."""

import threading
from typing import Any

import pytest
from django.core.management import BaseCommand, get_commands, load_command_class
from django.db import OperationalError

from exam_sim import sweeper


def test_every_command_that_is_swept_exists() -> None:
    assert [name for name in sweeper.COMMANDS if name not in get_commands()] == []


@pytest.mark.django_db
def test_a_sweep_of_nothing_succeeds() -> None:
    assert sweeper.sweep() is True


def test_the_first_sweep_searches_everything_and_one_an_hour() -> None:
    asked = [(None, 5.0), (5.0, 25.0), (5.0, 3604.0), (5.0, 3605.0)]
    assert [sweeper.wants_search(last, at) for last, at in asked] == [True, False, False, True]


def test_what_a_sweep_adds_to_a_command_is_understood_by_it() -> None:
    for command, options in sweeper.RECENT.items():
        assert command in sweeper.COMMANDS
        load_command_class(get_commands()[command], command).create_parser("", command).parse_args(options)


class Failing(BaseCommand):
    def handle(self, **options: Any) -> None:
        raise OperationalError("The database is gone.")


class Defective(BaseCommand):
    def handle(self, **options: Any) -> None:
        raise AttributeError("A defect of ours.")


class Noting(BaseCommand):
    runs = 0

    def handle(self, **options: Any) -> None:
        Noting.runs += 1


@pytest.mark.django_db
def test_a_defect_of_one_command_is_logged_whole_and_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sweeper, "COMMANDS", (Defective(), Noting()))
    runs = Noting.runs
    assert (sweeper.sweep(), Noting.runs - runs) == (False, 1)
    assert [(record.levelname, bool(record.exc_info)) for record in caplog.records] == [("ERROR", True)]


class Waits(threading.Event):
    """Notes how long it is waited for, and is set by the third time."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout)
        if len(self.seconds) == 3:
            self.set()
        return self.is_set()


@pytest.mark.django_db(transaction=True)
def test_it_comes_as_often_while_the_database_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were it to wait longer, what came due meanwhile would stay open for as long after it is back."""
    monkeypatch.setattr(sweeper, "COMMANDS", (Failing(),))
    stopped = Waits()
    sweeper.run(stopped)
    assert stopped.seconds == [20, 20, 20]
