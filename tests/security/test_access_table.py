"""Every address, method and person against the table, with the headers that each answer must carry."""

import logging
from collections import defaultdict

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from exam_sim.exams.offline import WORKER_POLICY
from exam_sim.http import JSON_VIEWS, NOTHING, PUBLIC_VIEWS
from exam_sim.settings import YEAR
from tests.security.asking import METHODS, NOT_TOLD, PEOPLE, Answer, Browsers, address, patterns, told
from tests.security.bodies import body
from tests.security.table import Row, rows
from tests.security.world import make_world

REFUSED_METHODS = ("PUT", "PATCH", "DELETE", "OPTIONS")
HTTPS = {
    "SECURE_SSL_REDIRECT": True,
    "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
    "SECURE_HSTS_SECONDS": YEAR,
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
}
PROXY = {"X-Forwarded-Proto": "https"}
POLICY = "; ".join(" ".join([name, *sources]) for name, sources in settings.SECURE_CSP.items())

Asked = tuple[str, str, str, str]
"""View, object, method, person."""


def expected(row_of: dict[tuple[str, str, str], Row], view: str, of: str, method: str) -> tuple[str, ...]:
    if method in REFUSED_METHODS:
        return ("405",) * len(PEOPLE)
    row = row_of.get((view, of, "GET" if method == "HEAD" else method))
    if row is not None:
        return row.cells
    first = "405" if view in PUBLIC_VIEWS else "401" if view in JSON_VIEWS else "login"
    return (first, *["405"] * (len(PEOPLE) - 1))


@pytest.fixture(scope="module")
def walked(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> dict[str, dict[Asked, str]]:
    """What was wrong, by what it was about: the walk is made once, and undone."""
    if connection.vendor != "sqlite":
        pytest.skip("SQLite counts the rows that a request writes")
    logging.disable(logging.CRITICAL)
    with django_db_blocker.unblock(), override_settings(**HTTPS), transaction.atomic():
        wrong = walk()
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)
    return wrong


def walk() -> dict[str, dict[Asked, str]]:
    world = make_world(timezone.now())
    browsers = Browsers(world, headers=PROXY)
    row_of = {(row.view, row.of, method): row for row in rows() for method in row.methods}
    wrong: dict[str, dict[Asked, str]] = defaultdict(dict)
    for view, of in dict.fromkeys((row.view, row.of) for row in rows()):
        path, data = address(world, view, of), body(world, view, of)
        for method in METHODS:
            for person, cell in zip(PEOPLE, expected(row_of, view, of, method), strict=True):
                answer = browsers.ask(person, method, path, data)
                asked = (view, of, method, person)
                if answer.cell != cell:
                    wrong["cells"][asked] = f"{answer.cell}, not {cell}"
                if person in NOT_TOLD and told(answer):
                    wrong["keys"][asked] = str(told(answer))
                for about, fault in faults(answer, view, person).items():
                    wrong[about][asked] = fault
    return wrong


def faults(answer: Answer, view: str, person: str) -> dict[str, str]:
    headers, found = answer.headers, {}
    policy = headers.get("Content-Security-Policy", "")
    stricter = (policy == NOTHING and is_file(answer)) or (policy, view) == (WORKER_POLICY, "exams:worker")
    if policy != POLICY and not stricter:
        found["policy"] = policy
    for name, value in FIXED.items():
        if headers.get(name) != value:
            found[name] = str(headers.get(name))
    for name, cookie in answer.cookies.items():
        if not cookie["value"]:
            continue  # taken back, at a log-out
        flags = (bool(cookie["secure"]), bool(cookie["httponly"]), cookie["samesite"])
        # The CSRF token is read by scripts; what it protects from has no script here.
        if flags != (True, name != "csrftoken", "Lax"):
            found["cookies"] = f"{name}: {flags}"
    if person != "anonymous" and not is_kept_private(answer, view):
        found["caching"] = headers.get("Cache-Control", "nothing said")
    return found


FIXED = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Strict-Transport-Security": f"max-age={YEAR}",
    "Permissions-Policy": settings.PERMISSIONS_POLICY,
}


OF_NOBODY = ("healthz", "readyz", "metrics", "admin:jsi18n", "exams:worker")
"""What is the same whoever asks."""


def is_file(answer: Answer) -> bool:
    return "attachment" in answer.headers.get("Content-Disposition", "") or answer.headers[
        "Content-Type"
    ].startswith("image/")


def is_kept_private(answer: Answer, view: str) -> bool:
    said = set(answer.headers.get("Cache-Control", "").replace(" ", "").split(","))
    if answer.status != 200 or view in OF_NOBODY:
        return "public" not in said
    return "private" in said and ("no-store" in said or "immutable" in said)


def test_the_table_has_a_row_for_every_address_and_no_other() -> None:
    known, there = {row.view for row in rows()}, set(patterns())
    assert [
        *(f"{view} is not in the table: say who may ask for it." for view in sorted(there - known)),
        *(
            f"{view} is in the table, and nothing in the URLconf is called so."
            for view in sorted(known - there)
        ),
    ] == []


@pytest.mark.django_db
def test_everybody_is_answered_as_the_table_says_and_a_refusal_writes_nothing(
    walked: dict[str, dict[Asked, str]],
) -> None:
    assert walked["cells"] == {}


@pytest.mark.django_db
def test_nobody_who_may_not_know_it_is_told_key_material_of_an_open_exam(
    walked: dict[str, dict[Asked, str]],
) -> None:
    assert walked["keys"] == {}


@pytest.mark.django_db
@pytest.mark.parametrize("about", ["policy", "cookies", "caching", *FIXED])
def test_every_answer_carries_what_holds_the_browser(walked: dict[str, dict[Asked, str]], about: str) -> None:
    assert walked[about] == {}
