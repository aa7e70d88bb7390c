"""The sweeper outlives a database that fails."""

import pytest
from django.core.management import get_commands, load_command_class

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


def test_pauses_double_while_the_database_fails_and_recover_at_once() -> None:
    pauses = [sweeper.SECONDS]
    for served in (False, False, False, False, False, True):
        pauses.append(sweeper.next_pause(pauses[-1], served=served))
    assert pauses == [20, 40, 80, 160, 320, 320, 20]
