import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from exam_sim.accounts.models import Role, User
from exam_sim.accounts.roles import grant, role_of

pytestmark = pytest.mark.django_db


def run(*arguments: str, **options: Any) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(*arguments, stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def test_the_first_administrator_is_made_once_and_its_password_works() -> None:
    out, _ = run("ensure_administrator")
    found = re.fullmatch(
        r"Administrator: admin@localhost\nPassword:      (\S{16})\nThis .*\n"
        r"To make an instructor: .*grant_role EMAIL instructor\n",
        out,
    )
    assert found, out
    user = User.objects.get()
    assert user.check_password(found[1])
    assert (user.email, user.is_superuser, user.is_staff, role_of(user)) == (
        "admin@localhost",
        True,
        True,
        Role.ADMINISTRATOR,
    )
    assert run("ensure_administrator") == ("", "")
    assert User.objects.get() == user


def test_where_somebody_administers_nobody_is_made(ada: User) -> None:
    """The first superuser may have gone long ago."""
    grant(ada, Role.ADMINISTRATOR, by=None, now=timezone.now())
    assert run("ensure_administrator") == ("", "")
    assert User.objects.get() == ada


def test_an_address_that_is_taken_makes_nobody_and_stops_no_start(ada: User) -> None:
    assert run("ensure_administrator", "--email", "ADA@example.org") == (
        "",
        "No administrator was made: ADA@example.org is taken. Name another address with --email.\n",
    )
    assert not User.objects.get().is_superuser


def test_a_role_is_granted_by_address(ada: User) -> None:
    assert run("grant_role", "Ada@example.org", "instructor") == ("ada@example.org is now instructor.\n", "")
    assert run("grant_role", "ada@example.org", "instructor") == (
        "ada@example.org is already instructor.\n",
        "",
    )
    assert role_of(ada) == Role.INSTRUCTOR


def test_an_unknown_address_is_said() -> None:
    with pytest.raises(CommandError, match=re.escape("There is no account with the address x@example.org.")):
        run("grant_role", "x@example.org", "instructor")


def test_idle_guests_are_removed() -> None:
    User.objects.create_guest(last_active=timezone.now() - timedelta(days=31))
    assert run("remove_idle_guests") == ("Removed 1 idle guest.\n", "")
    assert run("remove_idle_guests") == ("", "")
