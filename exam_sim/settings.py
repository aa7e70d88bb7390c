"""All settings, read once from the environment.

Every variable is parsed strictly: a value that is not understood stops the start with one sentence
(`ImproperlyConfigured`) in place of a default that nobody asked for. The README lists the variables.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ImproperlyConfigured

from exam_sim.local import BASE_DIR, local_directory, read_secret_key

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
YEAR = 365 * 24 * 3600

# transaction_mode: a transaction that reads first and writes later would otherwise fail at once with
# "database is locked". synchronous=FULL: an acknowledged answer survives a power cut.
# A database machine that vanished without a word is given up after 15 seconds; without these it is waited for
# longer than a grace lasts. libpq leaves the TCP ones out where it connects to a Unix socket.
POSTGRESQL_OPTIONS = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 10_000,
}
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 10,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
}


def read_switch(environ: Mapping[str, str], name: str, default: bool) -> bool:
    value = environ.get(name, "")
    if value == "":
        return default
    if value not in ("on", "off"):
        raise ImproperlyConfigured(f"{name} must be on or off, not {value!r}.")
    return value == "on"


def read_list(environ: Mapping[str, str], name: str, default: str = "") -> list[str]:
    value = environ.get(name) or default
    items = [part.strip() for part in value.split(",")] if value else []
    if "" in items:
        raise ImproperlyConfigured(
            f"{name} must be a comma-separated list without empty places, not {value!r}."
        )
    return items


def read_choice(environ: Mapping[str, str], name: str, choices: tuple[str, ...], default: str) -> str:
    value = environ.get(name) or default
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def read_number(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    value = environ.get(name) or str(default)
    if not (value.isascii() and value.isdigit() and len(value) < 10 and least <= int(value) <= most):
        raise ImproperlyConfigured(f"{name} must be a whole number from {least} to {most}, not {value!r}.")
    return int(value)


def read_token(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if value and not (len(value) >= 16 and value.isascii() and value.isprintable() and " " not in value):
        raise ImproperlyConfigured(f"{name} must have at least 16 characters, and no blanks.")
    return value


def read_origins(environ: Mapping[str, str], name: str) -> list[str]:
    origins = read_list(environ, name)
    for origin in origins:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path or parts.query:
            raise ImproperlyConfigured(
                f"{name} must name origins such as https://exam.example.org, not {origin!r}."
            )
    return origins


def read_time_zone(environ: Mapping[str, str], name: str, default: str) -> str:
    value = environ.get(name) or default
    if value != "UTC" and value not in available_timezones():
        raise ImproperlyConfigured(f"{name} must be a time zone such as Europe/Berlin, not {value!r}.")
    return ZoneInfo(value).key


def read_port(name: str, url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError:
        raise ImproperlyConfigured(f"{name} names a port that is not a number from 0 to 65535.") from None


def sqlite_database(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": SQLITE_OPTIONS,
        "CONN_MAX_AGE": None,
    }


def parse_database_url(url: str) -> dict[str, Any]:
    """Return the entry of DATABASES for `sqlite:///file` or `postgres://user:password@host:port/name`.

    A relative SQLite path counts from the checkout. PostgreSQL takes the query parameters host (a directory:
    unix socket), port, sslmode and sslrootcert. Messages never repeat the URL: it may hold a password.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        if parts.netloc or parts.query or len(parts.path) < 2:
            raise ImproperlyConfigured("DATABASE_URL for SQLite must look like sqlite:///exam_sim.sqlite3.")
        return sqlite_database(BASE_DIR / unquote(parts.path[1:]))
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured("DATABASE_URL must begin with sqlite:///, postgres:// or postgresql://.")
    name = unquote(parts.path[1:])
    if not name or "/" in name:
        raise ImproperlyConfigured("DATABASE_URL must end with the name of one database.")
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = sorted(query.keys() - {"host", "port", "sslmode", "sslrootcert"})
    if unknown:
        raise ImproperlyConfigured(f"DATABASE_URL has an unknown parameter: {', '.join(unknown)}.")
    return {
        "ENGINE": "exam_sim.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host") or unquote(parts.hostname or ""),
        "PORT": query.get("port") or str(read_port("DATABASE_URL", url) or ""),
        "OPTIONS": POSTGRESQL_OPTIONS
        | {key: query[key] for key in ("sslmode", "sslrootcert") if key in query},
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }


def parse_email_url(url: str) -> dict[str, Any]:
    """Return the EMAIL_* settings for `console:`, `smtp://`, `smtp+tls://` (STARTTLS) or `smtps://` (TLS)."""
    if url == "console:":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    parts = urlsplit(url)
    ports = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
    if parts.scheme not in ports or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ImproperlyConfigured(
            "EMAIL_URL must be console: or look like smtp+tls://user:password@host:587."
        )
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": read_port("EMAIL_URL", url) or ports[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_TIMEOUT": 10,
    }


def read_https(environ: Mapping[str, str], engine: str) -> bool:
    """A server on PostgreSQL is taken for a public one: it must say whether it is behind HTTPS."""
    if engine.endswith("postgresql") and not environ.get("HTTPS"):
        raise ImproperlyConfigured(
            "With PostgreSQL, HTTPS must be set: on behind a proxy that ends TLS and sets X-Forwarded-Proto, "
            "else off."
        )
    return read_switch(environ, "HTTPS", default=False)


def read_proxies(environ: Mapping[str, str], https: bool) -> int:
    """Behind HTTPS there is a proxy, and whoever counts none takes all people for one: a stranger who guesses
    passwords then keeps everybody from logging in."""
    if https and not environ.get("TRUSTED_PROXIES"):
        raise ImproperlyConfigured(
            "With HTTPS=on, TRUSTED_PROXIES must be set: how many proxies every request passes that add to "
            "X-Forwarded-For, 1 behind a single one."
        )
    return read_number(environ, "TRUSTED_PROXIES", default=0, least=0, most=10)


def read_email(environ: Mapping[str, str], https: bool) -> dict[str, Any]:
    """The console is the log of a server: a mail in it gives a password's reset to whoever reads that."""
    if https and not environ.get("EMAIL_URL"):
        raise ImproperlyConfigured(
            "With HTTPS=on, EMAIL_URL must be set: smtp+tls://user:password@host:587, or console: to write "
            "mails into the log."
        )
    return parse_email_url(environ.get("EMAIL_URL") or "console:")


def refuse_unknown(environ: Mapping[str, str]) -> None:
    unknown = sorted(name for name in environ if name.startswith("EXAM_SIM_"))
    if unknown:
        raise ImproperlyConfigured(f"{unknown[0]} is not a setting; no setting begins with EXAM_SIM_.")


refuse_unknown(os.environ)

# Places and database
LOCAL_DIR = local_directory(os.environ)
DATABASE_URL = os.environ.get("DATABASE_URL", "")
DATABASES = {
    "default": parse_database_url(DATABASE_URL)
    if DATABASE_URL
    else sqlite_database(LOCAL_DIR / "exam_sim.sqlite3")
}
# Off where a pool gives each transaction another connection: that one does not know what this one prepared.
PREPARED_STATEMENTS = read_switch(os.environ, "PREPARED_STATEMENTS", default=True)
if PREPARED_STATEMENTS and DATABASES["default"]["ENGINE"] == "exam_sim.postgresql":
    DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 0
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Who may reach the site, and how
SECRET_KEY = read_secret_key(os.environ, LOCAL_DIR)
DEBUG = read_switch(os.environ, "DEBUG", default=False)
ALLOWED_HOSTS = read_list(os.environ, "ALLOWED_HOSTS", default="127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = read_origins(os.environ, "CSRF_TRUSTED_ORIGINS")
HTTPS = read_https(os.environ, DATABASES["default"]["ENGINE"])
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # asked past the proxy, see operations/probes.py
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = YEAR if HTTPS else 0
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
# Proxies in front, each of which adds its client to X-Forwarded-For: whom limits by address are counted for.
TRUSTED_PROXIES = read_proxies(os.environ, HTTPS)
# Limits by address are multiplied by it, where many people share one: a class behind one router.
ADDRESS_LIMIT_FACTOR = read_number(os.environ, "ADDRESS_LIMIT_FACTOR", default=1, least=1, most=100_000)
ANSWER_POSTS_PER_SECOND = read_number(
    os.environ, "ANSWER_POSTS_PER_SECOND", default=20, least=1, most=100_000
)
AUDIT_DAYS = read_number(os.environ, "AUDIT_DAYS", default=730, least=1, most=36_500)
# W005 and W021 ask for HSTS on every sub-domain and for the browsers' preload list. The sub-domains belong to
# the operator, and a preload entry takes months to undo: neither is ours to promise.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

# Headers. The name and shape of SECURE_CSP are those of Django 6, whose middleware then replaces ours.
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "connect-src": ["'self'"],
    "font-src": ["'self'"],
    "manifest-src": ["'self'"],
    "worker-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# People
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "exams:home"
LOGOUT_REDIRECT_URL = "exams:home"
GUESTS = read_switch(os.environ, "GUESTS", default=True)
SIGN_UP = read_switch(os.environ, "SIGN_UP", default=True)
# Sessions live in the database: a signed cookie cannot be revoked, and a cache per process would keep a
# logged-out session alive in the other worker.
SESSION_ENGINE = "exam_sim.accounts.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_SAVE_EVERY_REQUEST = False
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# Mail
vars().update(read_email(os.environ, HTTPS))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = os.environ.get("EMAIL_FROM") or "exam-sim@localhost"

# What machines are told
METRICS_TOKEN = read_token(os.environ, "METRICS_TOKEN")
METRICS_DIR = LOCAL_DIR / "metrics"
LOG_FORMAT = read_choice(os.environ, "LOG_FORMAT", ("text", "json"), default="text")
ACCESS_LOG = read_switch(os.environ, "ACCESS_LOG", default=LOG_FORMAT == "json")

# The application. Our apps come before Django's, so that their templates and commands win.
INSTALLED_APPS = [
    "exam_sim.accounts",
    "questions",
    "exam_sim.exams",
    "results",
    "exam_sim.operations",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "exam_sim.storage.CollectedStaticFiles",
    "django_htmx",
]
MIDDLEWARE = [
    *(["exam_sim.logs.identify"] if LOG_FORMAT == "json" else []),
    *(["exam_sim.logs.log_access"] if ACCESS_LOG else []),
    *(["exam_sim.metrics.requests"] if METRICS_TOKEN else []),
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Compressing pages that hold a secret invites BREACH; Django masks the CSRF token anew in each page and
    # pads the compressed body at random.
    "exam_sim.middleware.LongPagesGZipMiddleware",
    "exam_sim.middleware.content_security_policy",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "exam_sim.operations.probes.first",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "exam_sim.accounts.sessions.SessionUserMiddleware",
    "exam_sim.middleware.private_pages",
    "exam_sim.http.DenyByDefaultMiddleware",
    "exam_sim.accounts.middleware.LastActiveMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "exam_sim.middleware.RefusedLookupsMiddleware",
]
CSRF_FAILURE_VIEW = "exam_sim.http.csrf_failure"
ROOT_URLCONF = "exam_sim.urls"
WSGI_APPLICATION = "exam_sim.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "exam_sim.accounts.context.doors",
            ],
        },
    },
]

# Language and time
LANGUAGE_CODE = "en"
USE_I18N = False
TIME_ZONE = read_time_zone(os.environ, "TIME_ZONE", default="UTC")
USE_TZ = True

# Static files
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = LOCAL_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "exam_sim.storage.HashedStaticFilesStorage"},
}
# Collected files are served by this user alone, and .local/ is closed to everybody else.
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_ALLOW_ALL_ORIGINS = False

# Log lines go to stderr, short, with paths but without names, addresses or request bodies.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
        "json": {"()": "exam_sim.logs.JsonFormatter"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {
        "handlers": ["stderr"],
        "level": read_choice(os.environ, "LOG_LEVEL", LOG_LEVELS, default="INFO"),
    },
    # Django's own handlers would print the line twice and mail tracebacks, which hold request bodies.
    "loggers": {"django": {"handlers": [], "propagate": True}},
}
