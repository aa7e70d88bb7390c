"""A session is read with its user, in one statement, and is worth nothing where the two do not fit."""

import datetime as dt
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from exam_sim.accounts.models import Session, User
from exam_sim.accounts.sessions import SessionStore
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PAGE = "/accounts/settings/"


def stored(client: Client) -> SessionStore:
    store = SessionStore(client.cookies[settings.SESSION_COOKIE_NAME].value)
    assert store.keys()
    return store


def test_session_and_user_are_one_statement(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(make_user())
    client.get(PAGE)
    with django_assert_num_queries(1):
        assert client.get(PAGE).status_code == 200


def test_a_session_points_at_its_user_from_the_log_in_on(client: Client) -> None:
    client.get("/accounts/login/")
    user = make_user()
    client.post("/accounts/login/", {"username": user.email, "password": "correct horse"})
    assert Session.objects.get().user == user


def test_logging_out_leaves_no_session(client: Client) -> None:
    client.force_login(make_user())
    client.post("/accounts/logout/")
    assert not Session.objects.filter(user__isnull=False).exists()


def test_a_session_ends_with_its_user(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    user.delete()
    assert not Session.objects.exists()
    assert client.get(PAGE).status_code == 302


def test_a_changed_password_ends_the_session(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    user.set_password("another horse")
    user.save()
    assert client.get(PAGE).status_code == 302
    assert not Session.objects.exists()


def test_a_closed_account_is_nobody(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get(PAGE).status_code == 302


def test_a_row_that_points_at_somebody_else_is_worth_what_its_data_says(client: Client) -> None:
    user, other = make_user(), make_user("other@example.org")
    client.force_login(user)
    Session.objects.update(user=other)
    assert client.get(PAGE).wsgi_request.user == user


def test_data_without_the_password_s_mark_is_worth_nothing(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    store = stored(client)
    del store[HASH_SESSION_KEY]
    store.save()
    assert Session.objects.get().user_id == user.pk
    assert client.get(PAGE).status_code == 302


def test_a_new_secret_key_keeps_those_logged_in_whom_the_old_one_knows(client: Client, settings: Any) -> None:
    user = make_user()
    client.force_login(user)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "y" * 60
    assert client.get(PAGE).wsgi_request.user == user
    assert Session.objects.get().user == user


def test_expired_sessions_are_removed(client: Client) -> None:
    client.force_login(make_user())
    call_command("remove_expired_sessions")
    assert stored(client)[SESSION_KEY]
    Session.objects.update(expire_date=timezone.now() - dt.timedelta(seconds=1))
    assert client.get(PAGE).status_code == 302
    call_command("remove_expired_sessions")
    assert not Session.objects.exists()
