"""How somebody comes in: with an account, as a guest, or as a guest who now takes an account."""

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from exam_sim.accounts import roles
from exam_sim.accounts.models import User, fold_email


class EmailTakenError(Exception):
    """An account with this address exists, perhaps since a moment ago."""


class NotAGuestError(Exception):
    """The guest has become an account meanwhile, in another tab."""


def register(*, email: str, password: str, name: str, now: datetime) -> User:
    """Make a candidate's account, or raise EmailTakenError: the unique index decides, not an earlier look."""
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, password, name=name, date_joined=now, last_active=now)
            roles.join(user)
    except IntegrityError as error:
        raise EmailTakenError from error
    return user


def register_guest(now: datetime) -> User:
    """Make a candidate who has no log-in: the session is the only way back to this row."""
    with transaction.atomic():
        guest = User.objects.create_guest(date_joined=now, last_active=now)
        roles.join(guest)
    return guest


def become_account(guest: User, *, email: str, password: str, name: str, now: datetime) -> None:
    """Give a guest an address and a password on the same row, so that every attempt stays where it is.

    One statement: of two tabs that do so at once, one gets NotAGuestError. Raises EmailTakenError as
    `register` does. The caller has to renew the session's hash, which depends on the password.
    """
    try:
        with transaction.atomic():
            changed = User.objects.filter(pk=guest.pk, is_guest=True).update(
                email=fold_email(email),
                password=make_password(password),
                name=name,
                is_guest=False,
                last_active=now,
            )
    except IntegrityError as error:
        raise EmailTakenError from error
    if not changed:
        raise NotAGuestError
    guest.refresh_from_db()
