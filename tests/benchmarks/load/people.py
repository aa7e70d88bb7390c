"""Candidates who are logged in already: accounts and sessions made in the site's database, without hashing.

    python -m tests.benchmarks.load.people 200 candidate

in the environment of the site prints one session key a line.
"""

import secrets
import subprocess
import sys
from datetime import timedelta

from tests.benchmarks.site import HERE, Site


def logged_in(site: Site, count: int, role: str = "candidate") -> list[str]:
    """The session keys of so many new people of `site` with this role."""
    made = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.load.people", str(count), role],
        cwd=HERE,
        env=site.environment,
        check=True,
        text=True,
        capture_output=True,
    )
    return made.stdout.split()


def main(count: int, role: str) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.utils import timezone

    from exam_sim.accounts import roles
    from exam_sim.accounts.models import Role, Session, User
    from exam_sim.accounts.sessions import SessionStore

    users = [User(email=f"{secrets.token_hex(10)}@example.org", password="!unusable") for _ in range(count)]
    User.objects.bulk_create(users)
    if role != Role.CANDIDATE:
        for user in users:
            roles.grant(user, Role(role), by=None, now=timezone.now())
    store, until, sessions = SessionStore(), timezone.now() + timedelta(days=7), []
    for user in users:
        data = {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
        sessions.append(
            Session(
                session_key=secrets.token_hex(16),
                session_data=store.encode(data),
                expire_date=until,
                user=user,
            )
        )
    Session.objects.bulk_create(sessions)
    print("\n".join(session.session_key for session in sessions))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
