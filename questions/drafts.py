"""Versions of the bank as drafts again: for exports, for editing, to be compared."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from questions.batches import batches
from questions.formats import (
    Calculation,
    CalculationResult,
    Draft,
    Exhibit,
    Option,
    Reference,
)
from questions.models import Asset, QuestionVersion

_BATCH = 200


def of(versions: Iterable[QuestionVersion]) -> dict[UUID, Draft]:
    """Drafts by the versions' ids. Select `question` and `task_statement` with the versions, or each is
    asked for."""
    return {version.pk: draft(version) for version in versions}


def draft(version: QuestionVersion) -> Draft:
    """What a version says, as an author would have written it."""
    return stated(
        version.question.external_id,
        version.task_statement.code,
        {name: getattr(version, name) for name in COLUMNS},
    )


COLUMNS = (
    "kind",
    "stem",
    "options",
    "explanation",
    "references",
    "level",
    "testing_point",
    "services",
    "enemies",
    "exhibits",
    "calculation",
    "shuffle",
    "verified_on",
)
"""What of a version makes its draft, beside the question's id and the task statement's code."""


def stated(external_id: str, code: str, columns: Mapping[str, Any]) -> Draft:
    """The draft of a version's `COLUMNS`."""
    return Draft(
        id=external_id,
        task_statement=code,
        kind=columns["kind"],
        stem=columns["stem"],
        options=tuple(Option(**option) for option in columns["options"]),
        explanation=columns["explanation"],
        references=tuple(Reference(**reference) for reference in columns["references"]),
        level=columns["level"],
        testing_point=columns["testing_point"],
        services=tuple(columns["services"]),
        enemies=tuple(columns["enemies"]),
        exhibits=tuple(
            Exhibit(e["id"], e["file"], e["alt"], e["long_description"]) for e in columns["exhibits"]
        ),
        calculation=_calculation(columns["calculation"]),
        shuffle=columns["shuffle"],
        verified_on=columns["verified_on"],
    )


def _calculation(data: Mapping[str, Any] | None) -> Calculation | None:
    if data is None:
        return None
    return Calculation(
        {name: Decimal(value) for name, value in data["given"].items()},
        tuple(
            CalculationResult(r["option"], r["formula"], Decimal(r["value"]), r["slip"])
            for r in data["results"]
        ),
    )


def figures(versions: Iterable[QuestionVersion]) -> dict[tuple[str, str], bytes]:
    """The bytes of exhibits by (question id, file), for an export. Select `question` with the versions."""
    wanted = [
        (version.question.external_id, exhibit["file"], exhibit["sha256"])
        for version in versions
        for exhibit in version.exhibits
    ]
    content: dict[str, bytes] = {}
    for batch in batches(dict.fromkeys(sha256 for _, _, sha256 in wanted), _BATCH):
        rows = Asset.objects.filter(pk__in=batch).values_list("sha256", "content")
        content |= {sha256: bytes(found) for sha256, found in rows}
    return {(question, file): content[sha256] for question, file, sha256 in wanted}
