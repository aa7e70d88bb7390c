"""Drafts and problems as JSON data, for a preview to keep: everything comes back as it was.

Only what this module wrote is read here; what people write is read by `exchange`."""

import dataclasses
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from questions.formats import (
    Calculation,
    CalculationResult,
    Draft,
    Exhibit,
    Option,
    Place,
    Problem,
    Reading,
    Reference,
    Severity,
)

Data = dict[str, Any]


def draft_data(draft: Draft) -> Data:
    """A draft with all its fields, its place too; numbers and days as text.

    Written out field by field: `dataclasses.asdict` copies whatever it finds, which takes longer than
    all the rest of a preview."""
    data = _fields(draft)
    data["options"] = [_fields(option) for option in draft.options]
    data["references"] = [_fields(reference) for reference in draft.references]
    data["exhibits"] = [_fields(exhibit) for exhibit in draft.exhibits]
    for name in ("services", "enemies", "labels"):
        data[name] = list(data[name])
    data["unstated"] = sorted(draft.unstated)
    data["verified_on"] = draft.verified_on.isoformat() if draft.verified_on else None
    data["calculation"] = _calculation_data(draft.calculation) if draft.calculation else None
    data["place"] = _fields(draft.place)
    return data


def _fields(one: Any) -> Data:
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


def _calculation_data(calculation: Calculation) -> Data:
    return {
        "given": {name: str(value) for name, value in calculation.given.items()},
        "results": [{**_fields(result), "value": str(result.value)} for result in calculation.results],
    }


def draft_of(data: Mapping[str, Any]) -> Draft:
    """The draft that `draft_data` wrote."""
    fields = dict(data)
    fields["options"] = tuple(Option(**option) for option in data["options"])
    fields["references"] = tuple(Reference(**reference) for reference in data["references"])
    fields["exhibits"] = tuple(Exhibit(**exhibit) for exhibit in data["exhibits"])
    for name in ("services", "enemies", "labels"):
        fields[name] = tuple(data[name])
    fields["unstated"] = frozenset(data["unstated"])
    fields["verified_on"] = date.fromisoformat(data["verified_on"]) if data["verified_on"] else None
    fields["calculation"] = _calculation(data["calculation"])
    fields["place"] = Place(**data["place"])
    return Draft(**fields)


def _calculation(data: Mapping[str, Any] | None) -> Calculation | None:
    if data is None:
        return None
    return Calculation(
        {name: Decimal(value) for name, value in data["given"].items()},
        tuple(CalculationResult(**{**r, "value": Decimal(r["value"])}) for r in data["results"]),
    )


def problem_data(problem: Problem) -> Data:
    data = dataclasses.asdict(problem)
    data["severity"] = problem.severity.value
    return data


def problem_of(data: Mapping[str, Any]) -> Problem:
    readings = tuple(Reading(**reading) for reading in data["readings"])
    return Problem(**{**data, "severity": Severity(data["severity"]), "readings": readings})
