"""Sessions that know whose they are: `SESSION_ENGINE`, and the middleware that reads the user with them.

Django's own store asks the database twice in each request, for the session and for its user. Here a
session's row points at its user, so one statement reads both; and somebody's sessions end with the account.
"""

from typing import Any

from django.conf import settings
from django.contrib import auth
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends import db
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from exam_sim.accounts.models import Session, User


class SessionStore(db.SessionStore):
    """`user` is the one that was read with the session: None before it is read, and for nobody's session."""

    user: User | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        try:
            session = Session.objects.select_related("user").get(
                session_key=self.session_key, expire_date__gt=timezone.now()
            )
        except (Session.DoesNotExist, SuspiciousOperation):
            self._session_key = None
            return None
        self.user = session.user
        return session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        session = super().create_model_instance(data)
        assert isinstance(session, Session)  # noqa: S101 - get_model_class says so
        session.user_id = data.get(SESSION_KEY)
        return session


def user_of(request: HttpRequest) -> User | AnonymousUser:
    """Who is logged in, by the row that came with the session where all of it fits together: same person, a
    backend that is in use, an active account, the password as it was at log-in. Everything else, a changed
    secret too, is left to Django to judge (and to end the session)."""
    session = request.session
    key = session.get(SESSION_KEY)
    user = getattr(session, "user", None)
    if (
        user is not None
        and key == str(user.pk)
        and user.is_active
        and session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    ):
        return user
    found = auth.get_user(request)
    assert isinstance(found, User | AnonymousUser)  # noqa: S101 - AUTH_USER_MODEL says so
    return found


class SessionUserMiddleware(AuthenticationMiddleware):
    """`request.user`, read when it is first needed, by `user_of`."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: user_of(request))  # type: ignore[assignment]
