"""The environment is parsed strictly; what is not understood is refused in one sentence."""

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from exam_sim import settings
from exam_sim.local import make_secret_key, read_secret_key

ROOT = Path(__file__).parents[2]
HTTPS_MUST_BE_SET = (
    "With PostgreSQL, HTTPS must be set: on behind a proxy that ends TLS and sets X-Forwarded-Proto, "
    "else off."
)
PROXIES_MUST_BE_COUNTED = (
    "With HTTPS=on, TRUSTED_PROXIES must be set: how many proxies every request passes that add to "
    "X-Forwarded-For, 1 behind a single one."
)
MAIL_MUST_BE_SENT = (
    "With HTTPS=on, EMAIL_URL must be set: smtp+tls://user:password@host:587, or console: to write mails "
    "into the log."
)

REFUSED: list[tuple[Callable[..., Any], tuple[Any, ...], str]] = [
    (settings.read_switch, ({"DEBUG": "yes"}, "DEBUG", False), "DEBUG must be on or off, not 'yes'."),
    (settings.read_switch, ({"HTTPS": "ON"}, "HTTPS", False), "HTTPS must be on or off, not 'ON'."),
    (
        settings.read_list,
        ({"ALLOWED_HOSTS": "a.example,,b.example"}, "ALLOWED_HOSTS"),
        "ALLOWED_HOSTS must be a comma-separated list without empty places, not 'a.example,,b.example'.",
    ),
    (
        settings.read_choice,
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL", ("INFO", "ERROR"), "INFO"),
        "LOG_LEVEL must be one of INFO, ERROR, not 'LOUD'.",
    ),
    *(
        (
            settings.read_number,
            ({"TRUSTED_PROXIES": value}, "TRUSTED_PROXIES", 0, 0, 10),
            f"TRUSTED_PROXIES must be a whole number from 0 to 10, not {value!r}.",
        )
        for value in ("one", "-1", "11", "1.0", " 1", "\uff11", "9" * 5000)
    ),
    (
        settings.read_origins,
        ({"CSRF_TRUSTED_ORIGINS": "exam.example.org"}, "CSRF_TRUSTED_ORIGINS"),
        "CSRF_TRUSTED_ORIGINS must name origins such as https://exam.example.org, not 'exam.example.org'.",
    ),
    (
        settings.read_time_zone,
        ({"TIME_ZONE": "Mars/Olympus"}, "TIME_ZONE", "UTC"),
        "TIME_ZONE must be a time zone such as Europe/Berlin, not 'Mars/Olympus'.",
    ),
    (
        settings.parse_database_url,
        ("mysql://host/exams",),
        "DATABASE_URL must begin with sqlite:///, postgres:// or postgresql://.",
    ),
    (
        settings.parse_database_url,
        ("sqlite://exams.sqlite3",),
        "DATABASE_URL for SQLite must look like sqlite:///exam_sim.sqlite3.",
    ),
    (
        settings.parse_database_url,
        ("postgres://host/",),
        "DATABASE_URL must end with the name of one database.",
    ),
    (
        settings.parse_database_url,
        ("postgres://host/exams?pool=4",),
        "DATABASE_URL has an unknown parameter: pool.",
    ),
    (
        settings.parse_database_url,
        ("postgres://host:http/exams",),
        "DATABASE_URL names a port that is not a number from 0 to 65535.",
    ),
    (
        settings.parse_email_url,
        ("mail.example.org",),
        "EMAIL_URL must be console: or look like smtp+tls://user:password@host:587.",
    ),
    (
        settings.read_https,
        ({}, "exam_sim.postgresql"),
        HTTPS_MUST_BE_SET,
    ),
    *(
        (settings.read_proxies, (environ, True), PROXIES_MUST_BE_COUNTED)
        for environ in ({}, {"TRUSTED_PROXIES": ""})
    ),
    (
        settings.read_email,
        ({}, True),
        MAIL_MUST_BE_SENT,
    ),
    (
        settings.refuse_unknown,
        ({"EXAM_SIM_DEBUG": "on"},),
        "EXAM_SIM_DEBUG is not a setting; no setting begins with EXAM_SIM_.",
    ),
    (
        read_secret_key,
        ({}, Path("/nowhere")),
        "There is no secret key yet: set SECRET_KEY, or run python3 run.py once, which makes one.",
    ),
    (
        read_secret_key,
        ({"SECRET_KEY": "short"}, Path("/nowhere")),
        "SECRET_KEY must have at least 50 characters.",
    ),
]


@pytest.mark.parametrize(("read", "arguments", "sentence"), REFUSED)
def test_what_is_not_understood_is_refused_in_one_sentence(
    read: Callable[..., Any], arguments: tuple[Any, ...], sentence: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        read(*arguments)
    assert str(refusal.value) == sentence


def test_an_empty_variable_is_as_good_as_none() -> None:
    environ = {"DEBUG": "", "ALLOWED_HOSTS": "", "LOG_LEVEL": "", "TIME_ZONE": ""}
    assert (
        settings.read_switch(environ, "DEBUG", default=True),
        settings.read_list(environ, "ALLOWED_HOSTS", default="localhost"),
        settings.read_choice(environ, "LOG_LEVEL", ("INFO", "ERROR"), "ERROR"),
        settings.read_time_zone(environ, "TIME_ZONE", "Europe/Berlin"),
    ) == (True, ["localhost"], "ERROR", "Europe/Berlin")


def test_postgresql_by_address_keeps_its_connections_and_checks_them() -> None:
    assert settings.parse_database_url("postgres://anna:p%40ss@db.example:5433/exams?sslmode=require") == {
        "ENGINE": "exam_sim.postgresql",
        "NAME": "exams",
        "USER": "anna",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {
            "connect_timeout": 5,
            "keepalives_idle": 5,
            "keepalives_interval": 5,
            "keepalives_count": 2,
            "tcp_user_timeout": 10_000,
            "sslmode": "require",
        },
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }


def test_postgresql_by_unix_socket() -> None:
    parsed = settings.parse_database_url("postgresql://anna@/exams?host=/run/postgresql")
    assert (parsed["USER"], parsed["HOST"], parsed["PORT"]) == ("anna", "/run/postgresql", "")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///exams.sqlite3", ROOT / "exams.sqlite3"),
        ("sqlite:////var/exams.sqlite3", Path("/var/exams.sqlite3")),
    ],
)
def test_sqlite_writes_ahead_and_waits_for_its_turn(url: str, path: Path) -> None:
    assert settings.parse_database_url(url) == {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 10,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
        "CONN_MAX_AGE": None,
    }


def test_mail_over_starttls() -> None:
    assert settings.parse_email_url("smtp+tls://anna:p%40ss@mail.example") == {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "mail.example",
        "EMAIL_PORT": 587,
        "EMAIL_HOST_USER": "anna",
        "EMAIL_HOST_PASSWORD": "p@ss",
        "EMAIL_USE_TLS": True,
        "EMAIL_USE_SSL": False,
        "EMAIL_TIMEOUT": 10,
    }


def test_without_https_proxies_and_mail_need_no_word_and_with_it_any_will_do() -> None:
    console = {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    said = {"TRUSTED_PROXIES": "0", "EMAIL_URL": "console:"}
    assert [
        (settings.read_proxies(environ, https), settings.read_email(environ, https))
        for environ, https in (({}, False), (said, True))
    ] == [(0, console), (0, console)]


def test_a_secret_key_is_made_once_and_for_this_user_only(tmp_path: Path) -> None:
    make_secret_key(tmp_path)
    first = read_secret_key({}, tmp_path)
    make_secret_key(tmp_path)
    kept = [(path.name, oct(path.stat().st_mode & 0o777)) for path in tmp_path.iterdir()]
    assert (read_secret_key({}, tmp_path), kept) == (first, [("secret_key", "0o600")])


def manage(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py under the project's settings, in an environment of only `changes` and a secret key."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment = {**kept, "SECRET_KEY": secrets.token_urlsafe(48), **changes}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_check_deploy_finds_nothing_behind_https(tmp_path: Path) -> None:
    checked = manage(
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        HTTPS="on",
        TRUSTED_PROXIES="0",
        EMAIL_URL="console:",
        ALLOWED_HOSTS="exam.example.org",
        LOCAL_DIR=str(tmp_path),
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def test_postgresql_does_not_start_without_a_word_on_https(tmp_path: Path) -> None:
    refused = manage("check", DATABASE_URL="postgres://db.example/exams", LOCAL_DIR=str(tmp_path))
    assert (refused.returncode, refused.stderr) == (2, f"{HTTPS_MUST_BE_SET}\n")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [({"EMAIL_URL": "console:"}, PROXIES_MUST_BE_COUNTED), ({"TRUSTED_PROXIES": "0"}, MAIL_MUST_BE_SENT)],
)
def test_https_does_not_start_without_a_word_on_proxies_and_mail(
    given: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    refused = manage("check", HTTPS="on", LOCAL_DIR=str(tmp_path), **given)
    assert (refused.returncode, refused.stderr) == (2, f"{sentence}\n")


@pytest.mark.parametrize("document", ["README.md", "docs/production.md"])
def test_what_a_document_gives_for_production_counts_its_proxy_and_sends_mail(document: str) -> None:
    blocks = re.findall(r"^ *```\n(.*?)^ *```$", (ROOT / document).read_text(), re.DOTALL | re.MULTILINE)
    block = next(block for block in blocks if "DATABASE_URL=postgres:" in block)
    words = re.sub(r"^ *#.*|export ", "", block, flags=re.MULTILINE).split()
    given = dict(word.split("=", 1) for word in words if re.match("[A-Z_]+=", word))
    https = settings.read_https(given, settings.parse_database_url(given["DATABASE_URL"])["ENGINE"])
    email = settings.read_email(given, https)
    assert (https, settings.read_proxies(given, https)) == (True, 1)
    assert (email["EMAIL_HOST"], email["EMAIL_USE_TLS"]) == ("mail.example.org", True)
