"""Questions in the exchange format, as data that a test changes and writes to a file."""

import json
from pathlib import Path
from typing import Any

from questions.formats import Draft, exchange


def question(external_id: str = "q-001", **fields: Any) -> dict[str, Any]:
    """A well-formed multiple choice question with four options, key a."""
    return {
        "id": external_id,
        "task_statement": "1.1",
        "kind": "multiple_choice",
        "stem": f"Stem of {external_id}. What next?",
        "options": options("abcd"),
        "level": 2,
        "testing_point": f"Point of {external_id}",
    } | fields


def options(ids: str, key: str = "a") -> list[dict[str, Any]]:
    return [{"id": id_, "text": f"Option {id_}", "correct": id_ in key} for id_ in ids]


def content(*questions: dict[str, Any], **fields: Any) -> bytes:
    return json.dumps(
        {"format": 1, "certification": "mls-c01", "questions": questions} | fields, indent=1
    ).encode()


def write(folder: Path, *questions: dict[str, Any], name: str = "bank.json") -> Path:
    path = folder / name
    path.write_bytes(content(*questions))
    return path


def draft(external_id: str = "q-001", **fields: Any) -> Draft:
    parsed = exchange.parse(content(question(external_id, **fields)), "bank.json")
    assert parsed.problems == ()
    return parsed.drafts[0]
