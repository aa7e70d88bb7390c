"""Run in the environment of a site: make its database and its candidates.

    python -m tests.faults.setting_up 24

migrates, makes a small bank with an exam for each length in `LENGTHS`, so many candidates, and a trigger by
which every attempt that is inserted gets its time in the scale of `records.MINUTE`: no line of the product
knows of it. It prints a candidate's e-mail address and session key a line. All have the same password.
"""

import secrets
import sys
from datetime import timedelta

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from tests.faults.records import GRACE, MINUTE

LENGTHS = (15, 30, 60, 90, 180)
"""Minutes of exam time."""

PASSWORD = "a horse that is correct"

_ON_POSTGRESQL = f"""
CREATE FUNCTION scaled() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  NEW.seconds_granted := NEW.seconds_granted / 60 * {MINUTE};
  NEW.deadline := NEW.started_at + NEW.seconds_granted * interval '1 second';
  NEW.close_by := NEW.deadline + NEW.grace_seconds * interval '1 second';
  RETURN NEW;
END $$;
CREATE TRIGGER scaled BEFORE INSERT ON exams_attempt FOR EACH ROW EXECUTE FUNCTION scaled();
"""
# Django keeps times as text, and microseconds apart from whole seconds.
_TIME = (
    "strftime('%Y-%m-%d %H:%M:%S', NEW.started_at, '+' || ({0}) || ' seconds') || substr(NEW.started_at, 20)"
)
_GRANTED = f"CAST(NEW.seconds_granted / 60 * {MINUTE} AS integer)"
_ON_SQLITE = f"""
CREATE TRIGGER scaled AFTER INSERT ON exams_attempt BEGIN
  UPDATE exams_attempt SET seconds_granted = {_GRANTED}, deadline = {_TIME.format(_GRANTED)},
    close_by = {_TIME.format(f"{_GRANTED} + NEW.grace_seconds")} WHERE id = NEW.id;
END
"""  # noqa: S608 - numbers of this module alone


def make_database() -> None:
    from questions import listing
    from questions.models import Question
    from tests.exams.test_attempts import make_bank

    call_command("migrate", verbosity=0, interactive=False)
    with transaction.atomic():
        profile = make_bank()
        collections = list(profile.collections.all())
        for minutes in LENGTHS:
            profile.pk, profile.minutes, profile.grace_seconds = f"minutes-{minutes}", minutes, GRACE
            profile.save(force_insert=True)
            profile.collections.set(collections)
        listing.refresh(Question.objects.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(_ON_POSTGRESQL if connection.vendor == "postgresql" else _ON_SQLITE)


def make_people(count: int) -> None:
    """Logged in already."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.hashers import make_password

    from exam_sim.accounts.models import Session, User
    from exam_sim.accounts.sessions import SessionStore

    password = make_password(PASSWORD)
    users = [User(email=f"{secrets.token_hex(8)}@example.org", password=password) for _ in range(count)]
    User.objects.bulk_create(users)
    store, until = SessionStore(), timezone.now() + timedelta(days=7)
    for user in users:
        data = {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
        session = Session(session_key=secrets.token_hex(16), session_data=store.encode(data))
        session.expire_date, session.user = until, user
        session.save(force_insert=True)
        print(user.email, session.session_key)


if __name__ == "__main__":
    django.setup()
    make_database()
    make_people(int(sys.argv[1]))
