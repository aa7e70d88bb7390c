"""`manage.py check_integrity`."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from exam_sim.exams.models import EventKind, Register
from tests.exams.sitting import make_open
from tests.factories import make_register, make_user

pytestmark = pytest.mark.django_db
SENTENCE = "The register of this flag has no event."


def check(**options: object) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("check_integrity", stdout=out, stderr=StringIO(), **options)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def register() -> Register:
    return make_register(make_open(make_user()), 2, EventKind.FLAG, True)


def test_a_database_that_is_well_ends_with_0() -> None:
    assert check() == (0, "No problem was found.\n")
    assert check(report="json") == (0, "")


def test_a_problem_is_a_line_and_the_end_is_1(register: Register) -> None:
    code, text = check()
    line = f"register attempt={register.attempt_id} item=2: {SENTENCE}"
    assert (code, [found for found in text.splitlines() if found.startswith("register")]) == (1, [line])


def test_a_report_for_machines_has_the_same_problems(register: Register) -> None:
    code, text = check(report="json")
    found = [line for line in map(json.loads, text.splitlines()) if line["kind"] == "register"]
    ids = {"attempt": str(register.attempt_id), "item": "2"}
    assert (code, found) == (1, [{"kind": "register", "ids": ids, "sentence": SENTENCE}])
