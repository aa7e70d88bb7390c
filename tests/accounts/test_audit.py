"""Who did what to whom and when, from what to what."""

from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from exam_sim.accounts import audit, changes, guests, removal, roles
from exam_sim.accounts.models import Action, AuditEntry, Role, User
from tests.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db
SETTINGS = "/accounts/settings/"
PEOPLE = "/admin/accounts/user/"
LOG = "/admin/accounts/auditentry/"
NEW = "another long pass phrase"


@pytest.fixture
def root(client: Client) -> User:
    """A superuser, whose session `client` holds."""
    user = User.objects.create_superuser("root@example.org", PASSWORD)
    client.force_login(user)
    return user


def entries() -> list[tuple[Any, ...]]:
    """Oldest first, without their times."""
    return list(AuditEntry.objects.order_by("id").values_list("actor", "action", "object", "before", "after"))


def of(user: User) -> str:
    return f"user:{user.pk}"


# What is noted


def test_extra_time_that_somebody_gives_themselves_is_noted_and_how_a_page_looks_is_not(
    client: Client, ada: User
) -> None:
    client.force_login(ada)
    client.post(SETTINGS, {"name": "Ada", "extra_time": "x1.5", "theme": "dark", "character_keys": ""})
    assert entries() == [(ada.pk, "extra_time", of(ada), {"extra_time": "none"}, {"extra_time": "x1.5"})]
    client.post(SETTINGS, {"name": "Ada", "extra_time": "x1.5", "theme": "light"})
    assert len(entries()) == 1


def test_what_an_administrator_changes_is_noted_under_their_name(
    client: Client, root: User, ada: User
) -> None:
    client.post(
        f"{PEOPLE}{ada.pk}/change/", {"email": "NEW@example.org", "name": "Ada L.", "extra_time": "x2"}
    )
    before = {"email": "ada@example.org", "name": "Ada", "is_active": True}
    after = {"email": "new@example.org", "name": "Ada L.", "is_active": False}
    assert entries() == [
        (root.pk, "profile", of(ada), before, after),
        (root.pk, "extra_time", of(ada), {"extra_time": "none"}, {"extra_time": "x2"}),
    ]


def test_an_account_that_an_administrator_adds_is_noted(client: Client, root: User) -> None:
    client.post(
        f"{PEOPLE}add/",
        {"email": "grace@example.org", "usable_password": "true", "password1": NEW, "password2": NEW},
    )
    grace = User.objects.get(email="grace@example.org")
    assert entries() == [
        (root.pk, "added", of(grace), None, {"email": "grace@example.org", "name": ""}),
    ]


def test_a_password_is_noted_without_what_it_is(client: Client, root: User, ada: User) -> None:
    client.post(
        f"{PEOPLE}{ada.pk}/password/", {"usable_password": "true", "password1": NEW, "password2": NEW}
    )
    client.force_login(ada := User.objects.get(pk=ada.pk))
    client.post(
        "/accounts/password/", {"old_password": NEW, "new_password1": PASSWORD, "new_password2": PASSWORD}
    )
    assert entries() == [
        (root.pk, "password", of(ada), None, None),
        (ada.pk, "password", of(ada), None, None),
    ]


def test_log_ins_of_staff_are_noted_and_of_candidates_not(client: Client, ada: User, now: datetime) -> None:
    def log_in(email: str, password: str) -> None:
        client.post("/accounts/login/", {"username": email, "password": password})
        client.post("/accounts/logout/")

    for password in ("wrong", PASSWORD):
        log_in("ada@example.org", password)
        log_in("nobody@example.org", password)
    assert entries() == []
    roles.grant(ada, Role.INSTRUCTOR, by=None, now=now)
    for password in ("wrong", PASSWORD):
        log_in("ADA@example.org", password)
    assert entries() == [
        (None, "login_failed", of(ada), None, None),
        (ada.pk, "login", of(ada), None, None),
    ]


def test_who_deletes_their_account_leaves_nothing_of_themselves(ada: User, now: datetime) -> None:
    changes.change(ada, {"name": "Ada Lovelace", "extra_time": "x2"}, by=ada, now=now)
    other = User.objects.create_user("grace@example.org", None)
    changes.change(other, {"name": "Grace"}, by=ada, now=now)
    me = of(ada)
    removal.remove(ada, now)
    assert entries() == [
        (None, "profile", me, None, None),
        (None, "extra_time", me, None, None),
        (None, "profile", of(other), {"name": ""}, {"name": "Grace"}),
        (None, "deleted", me, None, None),
    ]


def test_guests_who_did_not_come_back_leave_nothing_of_themselves(now: datetime) -> None:
    guest = User.objects.create_guest(last_active=now - timedelta(days=31))
    changes.change(guest, {"name": "Ada"}, by=guest, now=now)
    me = of(guest)
    guests.remove_idle(now)
    assert entries() == [(None, "profile", me, None, None)]


def test_the_administration_s_own_log_forgets_names_too(ada: User, now: datetime) -> None:
    """Of accounts and of guests, each in its own row; a row of something else that has the same id stays."""
    root = User.objects.create_superuser("root@example.org", None)
    guest = User.objects.create_guest(name="Ada as a guest", last_active=now - timedelta(days=31))
    people, roles_ = ContentType.objects.get_for_models(User, Group).values()
    for kind, of_ in ((people, ada), (people, guest), (people, root), (roles_, ada)):
        LogEntry.objects.create(
            user=root, content_type=kind, object_id=of_.pk, object_repr=str(of_), action_flag=CHANGE
        )
    removal.remove(ada, now)
    guests.remove_idle(now)
    told = LogEntry.objects.order_by("pk").values_list("object_repr", flat=True)
    assert list(told) == ["", "", "root@example.org", "Ada"]


def test_a_change_that_fails_is_not_noted(ada: User, now: datetime) -> None:
    User.objects.create_user("grace@example.org", None)
    with pytest.raises(IntegrityError):
        changes.change(ada, {"email": "grace@example.org"}, by=None, now=now)
    assert entries() == []


# The log itself


def test_the_log_is_read_by_administrators_and_changed_by_nobody(
    client: Client, root: User, ada: User, now: datetime
) -> None:
    changes.change(ada, {"extra_time": "x2"}, by=root, now=now)
    entry = AuditEntry.objects.get()
    page = client.get(LOG).content.decode()
    assert of(ada) in page
    assert "Extra time changed" in page
    assert client.get(f"{LOG}{entry.pk}/change/").status_code == 200
    for path in ("add/", f"{entry.pk}/change/", f"{entry.pk}/delete/"):
        assert client.post(LOG + path, {"post": "yes", "object": "x"}).status_code == 403
    client.post(LOG, {"action": "delete_selected", "_selected_action": [str(entry.pk)], "post": "yes"})
    assert AuditEntry.objects.get() == entry


@pytest.mark.parametrize(("role", "status"), [(Role.INSTRUCTOR, 403), (Role.ADMINISTRATOR, 200)])
def test_instructors_do_not_read_it(
    client: Client, ada: User, now: datetime, role: Role, status: int
) -> None:
    roles.grant(ada, role, by=None, now=now)
    client.force_login(ada)
    assert client.get(LOG).status_code == status


def test_old_lines_are_swept(settings: Settings, ada: User) -> None:
    settings.AUDIT_DAYS = 30
    now = timezone.now()
    for days in (29, 31, 32):
        audit.note(Action.LOGIN, ada, by=ada, at=now - timedelta(days=days))
    out = StringIO()
    call_command("remove_old_records", stdout=out)
    assert out.getvalue() == "Removed 2 old lines of the audit log.\n"
    assert AuditEntry.objects.get().at == now - timedelta(days=29)
