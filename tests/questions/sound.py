"""Questions without an item-writing flaw, for tests to bring one in."""

import datetime as dt
from typing import Any

from questions import lint
from questions.formats import Draft
from tests.questions.builders import draft

TODAY = dt.date(2026, 11, 21)
TARGETS = lint.Targets(
    stem_min=5,
    stem_max=20,
    opener_max=10,
    key_rank_min=18,
    key_rank_max=32,
    key_longest_max=30,
    key_rank_items=4,
)
STEM = "A courier scores parcels overnight. Which change shortens the run?"
TEXTS = ("Read Parquet files", "Train a deeper forest", "Raise the learning rate", "Add a second replica")
REFERENCE = {"title": "T", "url": "https://example.org"}


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
