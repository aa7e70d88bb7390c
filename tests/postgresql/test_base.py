"""A connection that lay idle is noticed when its server has gone, and costs no statement when it has not."""

import os
import select
from collections.abc import Iterator

import psycopg
import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def checked() -> Iterator[None]:
    """The connection as it is when a request begins."""
    connection.ensure_connection()
    connection.close_if_unusable_or_obsolete()
    connection.health_check_enabled = True
    yield
    connection.close()


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        row = cursor.fetchone()
    assert row is not None
    pid: int = row[0]
    return pid


def terminate(pid: int) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_a_connection_that_was_ended_is_replaced_before_it_is_used() -> None:
    before = backend()
    terminate(before)
    connection.close_if_unusable_or_obsolete()
    assert backend() != before


def test_one_that_lives_is_kept_and_nothing_is_asked() -> None:
    before = backend()
    connection.close_if_unusable_or_obsolete()
    with CaptureQueriesContext(connection) as captured:
        assert connection.is_usable()
    assert (len(captured), backend()) == (0, before)


def test_news_from_the_server_does_not_end_it() -> None:
    """A change of the server's settings is told to every idle connection: something to read too."""
    before = backend()
    with connection.cursor() as cursor:
        cursor.execute("LISTEN news")
    with psycopg.connect(**{**connection.get_connection_params(), "autocommit": True}) as other:
        other.execute("NOTIFY news")
    assert select.select([connection.connection.pgconn.socket], [], [], 5)[0]
    connection.close_if_unusable_or_obsolete()
    assert backend() == before


def test_after_an_error_the_server_is_asked() -> None:
    before = backend()
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")
    assert connection.errors_occurred
    connection.close_if_unusable_or_obsolete()
    assert (connection.errors_occurred, backend()) == (False, before)


def test_a_long_read_is_done_in_pieces_only_where_it_ends_with_its_transaction() -> None:
    """A cursor that outlives it belongs to the session, which a pool has lent to somebody else by then."""
    assert _cursors_of_a_long_read() == []
    with transaction.atomic():
        assert _cursors_of_a_long_read() == [(False,)]


def _cursors_of_a_long_read() -> list[tuple[bool]]:
    """Of each, whether it outlives the transaction."""
    rows = Group.objects.order_by("pk").iterator(1)
    assert next(rows).name
    with connection.cursor() as cursor:
        cursor.execute("SELECT is_holdable FROM pg_cursors WHERE statement LIKE '%%auth_group%%'", [])
        return cursor.fetchall()
