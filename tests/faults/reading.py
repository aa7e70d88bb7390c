"""Run in the environment of a site when all is over: prints, as JSON, by e-mail address the attempts with
their log and registers, and every problem that `check_integrity` finds.

    python -m tests.faults.reading
"""

import json
from io import StringIO
from typing import Any

import django
from django.core.management import call_command


def main() -> None:
    from exam_sim.exams.models import AnswerEvent, Attempt, Register

    attempts: dict[str, dict[str, Any]] = {}
    for attempt in Attempt.objects.select_related("user").order_by("pk"):
        attempts[str(attempt.pk)] = {
            "email": attempt.user.email,
            "state": attempt.state,
            "events": [],
            "registers": [],
        }
    columns = ("item", "kind", "value", "intent_ms", "event_id")
    for model, name in ((AnswerEvent, "events"), (Register, "registers")):
        for attempt_id, *row, event_id in model.objects.order_by("pk").values_list("attempt_id", *columns):
            attempts[str(attempt_id)][name].append([*row, str(event_id)])
    print(json.dumps({"attempts": attempts, "problems": problems()}))


def problems() -> list[str]:
    told = StringIO()
    try:
        call_command("check_integrity", verbosity=0, stdout=told, stderr=StringIO())
    except SystemExit:
        return told.getvalue().splitlines()
    return []


if __name__ == "__main__":
    django.setup()
    main()
