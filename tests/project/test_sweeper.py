"""The sweeper outlives a database that fails."""

import threading
from typing import Any

import pytest
from django.core.management import BaseCommand, get_commands
from django.db import OperationalError

from exam_sim import sweeper


def test_every_command_that_is_swept_exists() -> None:
    assert [name for name in sweeper.COMMANDS if name not in get_commands()] == []


@pytest.mark.django_db
def test_a_sweep_of_nothing_succeeds() -> None:
    assert sweeper.sweep() is True


class Failing(BaseCommand):
    def handle(self, **options: Any) -> None:
        raise OperationalError("The database is gone.")


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
