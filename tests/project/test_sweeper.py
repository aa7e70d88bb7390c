"""The sweeper outlives a database that fails."""

import pytest
from django.core.management import get_commands

from exam_sim import sweeper


def test_every_command_that_is_swept_exists() -> None:
    assert [name for name in sweeper.COMMANDS if name not in get_commands()] == []


@pytest.mark.django_db
def test_a_sweep_of_nothing_succeeds() -> None:
    assert sweeper.sweep() is True


def test_pauses_double_while_the_database_fails_and_recover_at_once() -> None:
    pauses = [sweeper.SECONDS]
    for served in (False, False, False, False, False, True):
        pauses.append(sweeper.next_pause(pauses[-1], served=served))
    assert pauses == [20, 40, 80, 160, 320, 320, 20]
