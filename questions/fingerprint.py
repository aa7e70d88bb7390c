"""Whether two texts of a question are the same question version.

The fingerprint is over the source fields, in a spelling that does not depend on what means nothing: the order
of mapping keys, of services and enemies, and of options as long as all of them are shuffled."""

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from typing import Any

from questions.exhibits import Figure
from questions.formats import Draft, Exhibit, Option, Reference


def fold(text: str) -> str:
    """One spelling for texts that a reader takes for equal."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split()).rstrip(".")


def testing_point_key(testing_point: str, stem: str) -> str:
    """Equal for questions that must not meet in one form. Who says nothing of what is tested is equal to
    nobody but the same stem."""
    point = fold(testing_point)
    text = point or f"stem\0{fold(stem)}"
    return hashlib.sha256(text.encode()).hexdigest()


def fingerprint(source: Mapping[str, Any]) -> str:
    """SHA-256 in hex over what `source_fields` gives."""
    options = source["options"]
    if source["shuffle"] and not any(option["fixed"] for option in options):
        options = sorted(options, key=lambda option: option["id"])
    canonical = {
        **source,
        "options": options,
        "services": sorted(set(source["services"])),
        "enemies": sorted(set(source["enemies"])),
    }
    text = json.dumps(canonical, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def source_fields(draft: Draft, figures: Mapping[str, Figure]) -> dict[str, Any]:
    """A draft's fields as a version stores them, in JSON's types; exact numbers as text, exhibits with their
    hash."""
    return {
        "task_statement": draft.task_statement,
        "kind": str(draft.kind),
        "stem": draft.stem,
        "options": [_fields(option) for option in draft.options],
        "explanation": draft.explanation,
        "references": [_fields(reference) for reference in draft.references],
        "level": draft.level,
        "testing_point": draft.testing_point,
        "services": list(draft.services),
        "enemies": list(draft.enemies),
        "exhibits": [
            {**_fields(exhibit), "sha256": figures[exhibit.file].sha256} for exhibit in draft.exhibits
        ],
        "calculation": _calculation(draft),
        "shuffle": draft.shuffle,
        "verified_on": draft.verified_on.isoformat() if draft.verified_on else None,
    }


def _fields(one: Option | Reference | Exhibit) -> dict[str, Any]:
    """As `dataclasses.asdict`, which is slow because it copies what it finds: here that is plain values."""
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


def _calculation(draft: Draft) -> dict[str, Any] | None:
    if draft.calculation is None:
        return None
    return {
        "given": {name: str(value) for name, value in draft.calculation.given.items()},
        "results": [
            {"option": r.option, "formula": r.formula, "value": str(r.value), "slip": r.slip}
            for r in sorted(draft.calculation.results, key=lambda result: result.option)
        ],
    }
