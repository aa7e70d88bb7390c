"""Questions without an item-writing flaw, for tests to bring one in."""

import datetime as dt
import json
from typing import Any

from questions import sidecars
from questions.formats import Draft
from questions.plan import Plan
from questions.targets import Targets, TargetsFile
from tests.questions.builders import draft

TODAY = dt.date(2026, 11, 21)
STEM = "A courier scores parcels overnight. Which change shortens the run?"
TEXTS = ("Read Parquet files", "Train a deeper forest", "Raise the learning rate", "Add a second replica")
REFERENCE = {"title": "T", "url": "https://example.org"}


def targets(**fields: Any) -> Targets:
    content = json.dumps({"format": 1, "targets": fields}).encode()
    file, problems = sidecars.parse(content, "targets.json", TargetsFile)
    assert file is not None, problems
    return file.targets


def plan(concepts: list[str], **questions: list[str]) -> Plan:
    """A plan with these concepts; `questions` gives the concepts of questions, `q_001` for q-001."""
    entries = {
        name.replace("_", "-"): {"topic": "Reading", "concepts": own, "industry": "Parcels", "data": "Scans"}
        for name, own in questions.items()
    }
    titles = {name: name.title() for name in concepts}
    content = json.dumps({"format": 1, "concepts": titles, "questions": entries}).encode()
    read, problems = sidecars.parse(content, "plan.json", Plan)
    assert read is not None, problems
    return read


def option(id_: str, text: str, key: str = "a", **fields: Any) -> dict[str, Any]:
    return {"id": id_, "text": text, "correct": id_ in key, "rationale": f"Because of {text}."} | fields


def options(*texts: str, key: str = "a") -> list[dict[str, Any]]:
    return [option(id_, text, key) for id_, text in zip("abcdef", texts, strict=False)]


def sound(external_id: str = "q-001", **fields: Any) -> Draft:
    """A question without a flaw, unless `fields` bring one."""
    return draft(
        external_id,
        **{
            "stem": STEM,
            "options": options(*TEXTS),
            "references": [REFERENCE],
            "verified_on": "2026-11-20",
        }
        | fields,
    )
