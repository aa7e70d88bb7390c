"""The settings under test: those of the project in a known environment, whatever the shell exports.

Only DATABASE_URL is taken over, so that the same tests run on SQLite and on PostgreSQL.
"""

import os

for name in (
    "ACCESS_LOG",
    "ADDRESS_LIMIT_FACTOR",
    "ALLOWED_HOSTS",
    "ANSWER_POSTS_PER_SECOND",
    "AUDIT_DAYS",
    "CSRF_TRUSTED_ORIGINS",
    "DEBUG",
    "EMAIL_FROM",
    "EMAIL_URL",
    "GUESTS",
    "LOCAL_DIR",
    "LOG_FORMAT",
    "METRICS_TOKEN",
    "PREPARED_STATEMENTS",
    "SIGN_UP",
    "TIME_ZONE",
    "TRUSTED_PROXIES",
):
    os.environ.pop(name, None)
os.environ.update({"HTTPS": "off", "LOG_LEVEL": "WARNING", "SECRET_KEY": "only-for-tests-" * 4})

from exam_sim.settings import *  # noqa: E402, F403

# Hashed names need collectstatic; the browser tests and tests/project collect and override this.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Django's default takes over half a second of CPU for each log-in.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
