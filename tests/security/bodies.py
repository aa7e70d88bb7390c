"""What is posted to each row of the table, as its page sends it, so that whoever may do it does it."""

import datetime as dt
import json
import uuid
from collections.abc import Callable
from typing import Any

from django.forms import model_to_dict

from exam_sim.exams.models import ExamProfile
from tests.bank.test_edit import posted
from tests.security.world import World

PASSWORD = "correct horse"
NEW = "a moth in relay 70"
NEW_TWICE = {"new_password1": NEW, "new_password2": NEW}


def event(**more: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "item": 1, "kind": "answer", "value": [0], "intent_ms": 590_000} | more


def _events(world: World) -> str:
    return json.dumps({"events": [event()]})


def _profile(world: World) -> dict[str, Any]:
    profile = ExamProfile.objects.get(pk="mls-c01-full-mock")
    data = {name: value for name, value in model_to_dict(profile).items() if value is not None}
    return data | {"slug": "another", "collections": ["own"], "title": "Another title"}


def _selection(action: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {
        "action": action,
        "_selected_action": [str(world.versions[n].question_id) for n in ("m-1", "s-1")],
    }


BODIES: dict[str, Callable[[World], Any]] = {
    "exams:attempt": lambda world: {"action": "next", "answer": "0", "seen": "999999999"},
    "exams:events": _events,
    "accounts:login": lambda world: {"username": "other@example.org", "password": PASSWORD},
    "accounts:logout": lambda world: {"confirmed": "1"},
    "accounts:sign_up": lambda world: {"email": "new@example.org", "password": NEW},
    "accounts:settings": lambda world: {"name": "New", "extra_time": "x2", "theme": "dark"},
    "accounts:theme": lambda world: {"theme": "dark"},
    "accounts:password_change": lambda world: {"old_password": PASSWORD, **NEW_TWICE},
    "accounts:delete": lambda world: {"password": PASSWORD, "sure": "on"},
    "accounts:password_reset": lambda world: {"email": "nobody@example.org"},
    "accounts:password_reset_confirm": lambda world: NEW_TWICE,
    "bank:change_status": lambda world: {
        "to": "retired",
        "question": [str(world.versions["m-1"].question_id)],
    },
    "bank:add": lambda world: posted(None, collection="own"),
    "bank:render_new": lambda world: posted(None, collection="own"),
    "bank:edit own": lambda world: posted(world.versions["m-1"], stem="Another stem. Which one?"),
    "bank:edit shipped": lambda world: posted(world.versions["s-1"], stem="Another stem. Which one?"),
    "bank:render own": lambda world: posted(world.versions["m-1"]),
    "bank:render shipped": lambda world: posted(world.versions["s-1"]),
    "bank:export": lambda world: {
        "question": [str(world.versions["m-1"].question_id)],
        "format": "exchange-json",
    },
    "bank:upload": lambda world: {"text": "{}", "collection": "own", "status": "draft", "format": ""},
    "bank:read_again": lambda world: {"format": "exchange-json", "encoding": "utf-8"},
    "bank:tag": lambda world: {"task_statement": "1.2", "entry": ["0"]},
    "bank:preview_options": lambda world: {"status": "draft", "leave_out": "on"},
    "bank:mend": lambda world: {"path-stem": "Another stem?", "key-shown": "1", "key": ["a"]},
    "bank:settle": lambda world: {"reading": "0-0"},
    "bank:decide": lambda world: {"decision": "add"},
    "bank:report_decide": lambda world: {"decision": "fixed", "reply": "Yes."},
    "bank:sit": lambda world: {"question": [str(world.versions["m-1"].question_id)]},
    "results:note": lambda world: {"text": "Another note"},
    "results:bookmark": lambda world: {},
    "results:report": lambda world: {"kind": "typo", "text": "Here."},
    "results:exam_date": lambda world: {
        "certification": "mls-c01",
        "date": str(dt.datetime.now(dt.UTC).date() + dt.timedelta(days=40)),
    },
    "results:study_start": lambda world: {
        "certification": "mls-c01",
        "study": "custom",
        "length": "2",
        "pace": "untimed",
    },
    "results:drill": lambda world: {"certification": "mls-c01", "domain": "1", "length": "2"},
    "results:read_reports": lambda world: {"until": dt.datetime.now(dt.UTC).isoformat()},
    "admin:accounts_user_changelist": lambda world: {
        "action": "make_instructor",
        "_selected_action": [str(world.people["candidate"].pk)],
    },
    "admin:accounts_user_add": lambda world: {
        "email": "new@example.org",
        "usable_password": "true",
        "password1": NEW,
        "password2": NEW,
    },
    "admin:accounts_user_change": lambda world: {
        "email": "another@example.org",
        "name": "",
        "is_active": "on",
        "extra_time": "x2",
    },
    "admin:auth_user_password_change": lambda world: {"password1": NEW, "password2": NEW},
    "admin:questions_collection_add": lambda world: {
        "slug": "new",
        "title": "New",
        "certification": "mls-c01",
    },
    "admin:questions_collection_change": lambda world: {"title": "Another title", "owner": ""},
    "admin:questions_question_changelist": _selection("retire"),
    "admin:exams_examprofile_add": _profile,
    "admin:exams_examprofile_change": _profile,
    "admin:exams_extension_add": lambda world: {"attempt": str(world.open.pk), "minutes": 5, "reason": "x"},
}
"""By the row of the table, or by its view for all its objects. Where nothing is said, nothing is sent."""


def body(world: World, view: str, of: str) -> Any:
    made = BODIES.get(f"{view} {of}", BODIES.get(view))
    return made(world) if made else None
