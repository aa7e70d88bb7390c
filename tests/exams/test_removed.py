"""An attempt goes with its account, or as an old preview, while a request about it is under way."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from exam_sim.exams.models import Attempt
from tests.exams.sitting import MINUTE, ago, make_open, make_session
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def removed_once_read(attempt: Attempt) -> AbstractContextManager[None]:
    """Whatever follows the first read of the attempt in a transaction finds it gone."""
    was_read = is_gone = False

    def remove(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        nonlocal was_read, is_gone
        if was_read and not is_gone and sql.startswith("SAVEPOINT"):
            is_gone = True
            Attempt.objects.filter(pk=attempt.pk).delete()
        was_read = was_read or "exams_attempt" in sql
        return execute(sql, *rest)

    return connection.execute_wrapper(remove)


@pytest.mark.parametrize("path", ["?q=1", "end", "pause", "resume"])
def test_a_form_finds_nothing(client: Client, path: str) -> None:
    client.force_login(user := make_user())
    attempt = make_session(user, started_at=ago(10 * MINUTE))
    with removed_once_read(attempt):
        response = client.post(f"/attempts/{attempt.pk}/{path}", {"action": "next", "answer": "0"})
    assert (response.status_code, Attempt.objects.count()) == (404, 0)


@pytest.mark.parametrize("page", ["/attempts/{}/", "/attempts/{}/review", "/results/{}/"])
def test_a_page_that_has_to_close_it_first_finds_nothing(client: Client, page: str) -> None:
    client.force_login(user := make_user())
    attempt = make_open(user, minutes=30, started_at=ago(41 * MINUTE))
    with removed_once_read(attempt):
        response = client.get(page.format(attempt.pk))
    assert (response.status_code, Attempt.objects.count()) == (404, 0)


@pytest.mark.parametrize("page", ["/", "/results/", "/exams/short-30/"])
def test_a_page_that_lists_it_leaves_it_out(client: Client, page: str) -> None:
    client.force_login(user := make_user())
    attempt = make_open(user, minutes=30, started_at=ago(41 * MINUTE))
    with removed_once_read(attempt):
        response = client.get(page)
    assert (response.status_code, Attempt.objects.count()) == (200, 0)
    assert str(attempt.pk) not in response.text
