"""Forged requests: for attempts that are another's or over, and with more fields than any form has.

What stands in the database is compared row by row, so nothing that was slipped in can hide in a column.
"""

import hashlib
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.utils import timezone

from exam_sim.accounts.models import User
from exam_sim.exams.models import Attempt, Extension, LateAnswer, Mode
from questions.models import Collection
from results.models import Note, Report
from tests.security.asking import METHODS, PEOPLE, Browsers, address, patterns, resolve_names
from tests.security.bodies import NEW, body, event
from tests.security.table import rows
from tests.security.world import World, make_world

pytestmark = pytest.mark.django_db

FORGED: dict[str, Any] = {
    "id": "00000000-0000-0000-0000-000000000009",
    "user": "00000000-0000-0000-0000-000000000009",
    "user_id": "00000000-0000-0000-0000-000000000009",
    "owner": "00000000-0000-0000-0000-000000000009",
    "reporter": "00000000-0000-0000-0000-000000000009",
    "attempt_id": "00000000-0000-0000-0000-000000000009",
    "role": "administrator",
    "groups": "3",
    "user_permissions": "1",
    "is_staff": "on",
    "is_superuser": "on",
    "is_guest": "on",
    "is_active": "",
    "date_joined": "2001-01-01",
    "last_active": "2001-01-01",
    "state": "open",
    "mode": "preview",
    "ended_by": "clock",
    "closed_at": "",
    "started_at": "2001-01-01",
    "deadline": "2099-01-01T00:00:00Z",
    "close_by": "2099-01-01T00:00:00Z",
    "grace_seconds": "999999",
    "seconds": "999999",
    "seconds_granted": "999999",
    "seconds_extra": "999999",
    "extra_seconds": "999999",
    "paused_at": "2001-01-01",
    "paused_ms": "999999",
    "pass_mark": "0",
    "score": "1000",
    "scaled": "1000",
    "passed": "on",
    "seed": "1",
    "shape": "[[1, 1]]",
    "reply": "Forged",
    "decided_by": "00000000-0000-0000-0000-000000000009",
    "granted_by": "00000000-0000-0000-0000-000000000009",
    "granted_at": "2001-01-01",
    "files_hash": "forged",
    "now": "2001-01-01",
}
"""Columns that no candidate sets, under the names that they have."""


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def world() -> World:
    return make_world(timezone.now())


def log_in(world: World, person: str) -> Client:
    client = Client()
    client.force_login(world.people[person])
    return client


def digests() -> dict[str, str]:
    """Every table but those of log-ins, by a hash of its rows."""
    found = {}
    for model in apps.get_models():
        name = model._meta.label
        if name not in ("accounts.Session", "accounts.Throttle"):
            content = sorted(map(repr, model._default_manager.values_list()))
            found[name] = hashlib.sha256("\n".join(content).encode()).hexdigest()
    return found


def changed(before: dict[str, str]) -> set[str]:
    after = digests()
    return {name for name in before if before[name] != after[name]}


OF_AN_ATTEMPT = sorted(
    name for name in set(patterns()) if "/" not in name and "attempt_id" in resolve_names(name)
)


@pytest.mark.parametrize("person", ["guest", "other", "colleague", "administrator"])
def test_nothing_that_is_sent_to_anothers_attempt_changes_anything(world: World, person: str) -> None:
    client, before = log_in(world, person), digests()
    said = set()
    for view in OF_AN_ATTEMPT:
        for of in ("open", "closed", "session"):
            where = address(world, view, of)
            said.add(client.post(where, FORGED | {"action": "next", "answer": "0"}).status_code)
            said.add(client.post(where, forged_events(), content_type="application/json").status_code)
    assert (said - {400, 405}, changed(before)) == ({404}, set())


def forged_events(**more: Any) -> str:
    return json.dumps({"events": [event(**FORGED | {"id": event()["id"]}, **more)], "at_zero": True} | FORGED)


def test_an_attempt_that_is_over_stays_as_it_was_closed(world: World) -> None:
    """Only what arrives too late is noted, to be shown beside the question; it is no answer."""
    client, before = log_in(world, "candidate"), digests()
    for view in ("attempt", "events", "end", "pause", "resume", "discard"):
        where = address(world, f"exams:{view}", "closed")
        client.post(where, FORGED | {"action": "next", "answer": "0"})
        client.post(where, forged_events(), content_type="application/json")
        client.get(where)
    assert changed(before) == {LateAnswer._meta.label}


@pytest.mark.parametrize(
    ("person", "status"), [("candidate", 302), ("colleague", 403), ("administrator", 403)]
)
@pytest.mark.parametrize("of", ["open", "closed"])
def test_the_administration_edits_ends_and_deletes_no_attempt(
    world: World, person: str, status: int, of: str
) -> None:
    client, before = log_in(world, person), digests()
    page = f"/admin/exams/attempt/{getattr(world, of).pk}/"
    for tail in ("change/", "delete/"):
        assert client.post(page + tail, FORGED | {"post": "yes", "_save": "Save"}).status_code == status
    selected = {"_selected_action": [str(getattr(world, of).pk)], "action": "delete_selected", "post": "yes"}
    assert client.post("/admin/exams/attempt/", selected).status_code in (200, 302)
    assert changed(before) == set()


@pytest.mark.parametrize("of", ["closed", "session", "discarded"])
def test_no_time_is_given_to_what_is_over_or_untimed(world: World, of: str) -> None:
    client, before = log_in(world, "instructor"), digests()
    form = FORGED | {"attempt": str(getattr(world, of).pk), "minutes": "5", "reason": "x"}
    assert client.post("/admin/exams/extension/add/", form).status_code == 200
    assert changed(before) == set()


def test_time_is_given_by_the_minutes_and_in_the_name_of_who_gives_it(world: World) -> None:
    client, before = log_in(world, "instructor"), world.open
    form = FORGED | {"attempt": str(before.pk), "minutes": "5", "reason": "x"}
    assert client.post("/admin/exams/extension/add/", form).status_code == 302
    after = Attempt.objects.get(pk=before.pk)
    assert before.seconds_granted is not None
    assert (after.seconds_granted, after.state) == (before.seconds_granted + 300, "open")
    assert Extension.objects.exclude(pk=world.extension.pk).values_list(
        "attempt", "seconds", "granted_by__email"
    ).get() == (before.pk, 300, "instructor@example.org")


def test_an_answer_brings_nothing_but_itself(world: World) -> None:
    client, row = log_in(world, "candidate"), Attempt.objects.filter(pk=world.open.pk)
    before = row.values().get()
    where = address(world, "exams:events", "open")
    assert client.post(where, forged_events(), content_type="application/json").status_code == 200
    assert client.post(address(world, "exams:attempt", "open"), FORGED | {"answer": "1"}).status_code == 302
    assert row.values().get() == before
    assert LateAnswer.objects.count() == 0


def test_a_start_takes_its_time_from_the_exam_and_its_owner_from_the_session(world: World) -> None:
    client = log_in(world, "other")
    client.post(address(world, "exams:start", ""), FORGED | {"extra_time": "x2"})
    attempt = Attempt.objects.of(world.people["other"]).get()
    assert (attempt.seconds_granted, attempt.seconds_extra, attempt.mode, attempt.grace_seconds) == (
        180 * 60,
        0,
        Mode.EXAM,
        600,
    )


@pytest.mark.parametrize("person", ["guest", "candidate", "instructor", "administrator"])
def test_settings_change_four_columns_of_the_own_row(world: World, person: str) -> None:
    client, before = log_in(world, person), people()
    client.post(
        "/accounts/settings/", FORGED | {"name": "New", "extra_time": "x2", "theme": "dark", "email": "x@y.z"}
    )
    client.post("/accounts/theme/", FORGED | {"theme": "light", "extra_time": "x1.5"})
    own = {"name": "New", "extra_time": "x2", "theme": "light", "character_keys": False}
    pk = world.people[person].pk
    assert people() == before | {pk: before[pk] | own}


@pytest.mark.parametrize("person", ["anonymous", "guest"])
def test_who_signs_up_is_a_candidate(world: World, person: str) -> None:
    client = Client() if person == "anonymous" else log_in(world, person)
    client.post("/accounts/sign-up/", FORGED | {"email": "new@example.org", "password": NEW})
    user = User.objects.get(email="new@example.org")
    rights = (user.is_staff, user.is_superuser, user.is_guest, user.is_active)
    assert (rights, list(user.groups.values_list("name", flat=True))) == (
        (False, False, False, True),
        ["candidate"],
    )
    assert not user.user_permissions.exists()


def people() -> dict[Any, dict[str, Any]]:
    volatile = ("last_login", "last_active")
    rows_ = [{n: v for n, v in row.items() if n not in volatile} for row in User.objects.values()]
    return {row["id"]: row for row in rows_}


def test_an_administrator_gives_no_rights_by_a_form(world: World) -> None:
    client, before = log_in(world, "administrator"), people()
    pk = world.people["candidate"].pk
    form = FORGED | {"email": "candidate@example.org", "name": "New", "is_active": "on", "extra_time": "none"}
    assert client.post(f"/admin/accounts/user/{pk}/change/", form).status_code == 302
    added = {"email": "new@example.org", "usable_password": "true", "password1": NEW, "password2": NEW}
    assert client.post("/admin/accounts/user/add/", FORGED | added).status_code == 302
    new = User.objects.get(email="new@example.org")
    assert (new.is_staff, new.is_superuser, [group.name for group in new.groups.all()]) == (
        False,
        False,
        ["candidate"],
    )
    after = people()
    del after[new.pk]
    assert after == before | {pk: before[pk] | {"name": "New"}}


def test_notes_and_reports_are_their_writers_and_undecided(world: World) -> None:
    client = log_in(world, "candidate")
    Note.objects.all().delete()
    Report.objects.all().delete()
    client.post(address(world, "results:note", "closed"), FORGED | {"text": "Mine"})
    client.post(address(world, "results:report", "closed"), FORGED | {"kind": "typo", "text": "Here"})
    assert list(Note.objects.values_list("user__email", "text")) == [("candidate@example.org", "Mine")]
    report = Report.objects.get()
    assert (report.reporter, report.attempt, report.state, report.reply, report.decided_by) == (
        world.people["candidate"],
        world.closed,
        "open",
        "",
        None,
    )


@pytest.mark.parametrize("owner", ["", "administrator", "instructor"])
def test_an_instructors_new_collection_is_their_own(world: World, owner: str) -> None:
    client = log_in(world, "colleague")
    named = str(world.people[owner].pk) if owner else ""
    form = FORGED | {"slug": "new", "title": "New", "certification": "mls-c01", "owner": named}
    assert client.post("/admin/questions/collection/add/", form).status_code == 302
    found = Collection.objects.values_list("owner__email", "files_hash").get(slug="new")
    assert found == ("colleague@example.org", "")


@pytest.mark.parametrize("view", ["bank:add", "bank:upload", "bank:render_new"])
def test_nothing_goes_into_anothers_collection(world: World, view: str) -> None:
    client, before = log_in(world, "colleague"), digests()
    assert client.post(address(world, view, ""), FORGED | body(world, view, "")).status_code in (200, 404)
    assert changed(before) == set()


def test_the_password_asked_in_the_administration_is_the_sites_and_slowed(world: World) -> None:
    client = log_in(world, "instructor")
    for page, goal in (("", "password/"), ("done/", "settings/")):
        response = client.get(f"/admin/password_change/{page}")
        assert (response.status_code, response.url) == (302, f"/accounts/{goal}")


def test_no_form_is_taken_without_its_token(world: World) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("SQLite counts the rows that a request writes")
    browsers = Browsers(world, csrf=True)
    taken = {}
    for row in rows():
        for person in ("candidate", "administrator") if "POST" in row.methods else ():
            where, data = address(world, row.view, row.of), body(world, row.view, row.of)
            answer = browsers.ask(person, "POST", where, data)
            writes = row.cells[PEOPLE.index(person)].endswith("+")
            if answer.wrote or answer.status not in ((403,) if writes else (302, 403)):
                taken[f"{row.view} {row.of} by {person}"] = answer.cell
    assert taken == {}


@pytest.mark.parametrize("method", [name for name in METHODS if name not in ("GET", "HEAD", "POST")])
def test_other_methods_are_refused_before_anybody_is_asked_who_they_are(world: World, method: str) -> None:
    response = log_in(world, "administrator").generic(method, "/admin/accounts/user/")
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST")
