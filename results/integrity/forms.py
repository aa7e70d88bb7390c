"""The form of one attempt: as many items as its shape, each of its version, and by its blueprint."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from results.integrity.problem import Kind, Problem, problem
from results.integrity.shapes import BadShapeError, blueprint_of, strings_of

if TYPE_CHECKING:
    from results.integrity.sittings import ItemRow, Sitting, Version


def problems(sitting: "Sitting", versions: "Mapping[UUID, Version]") -> Iterator[Problem]:
    attempt, items = sitting.attempt, sitting.items
    if [item.number for item in items] != list(range(1, len(sitting.shape) + 1)):
        sentence = f"It has {len(items)} items, not numbered as the {len(sitting.shape)} of its shape."
        yield problem(Kind.FORM, sentence, attempt=attempt.pk)
        return
    for item, shape in zip(items, sitting.shape, strict=True):
        version = versions.get(item.version_id)
        if version is None:
            continue  # the check of references has told it
        if sentence := _of_item(item, shape, version):
            yield problem(Kind.FORM, sentence, attempt=attempt.pk, item=item.number)
    try:
        blueprint = blueprint_of(attempt.blueprint)
        strings_of(attempt.wishes, "list of wishes")
    except BadShapeError as bad:
        yield problem(Kind.JSON, str(bad), attempt=attempt.pk)
        return
    if attempt.is_preview:
        return
    counts = Counter(
        (versions[item.version_id].domain, item.scored) for item in items if item.version_id in versions
    )
    planned = Counter({(domain.code, True): domain.scored for domain in blueprint})
    planned.update({(domain.code, False): domain.unscored for domain in blueprint})
    if counts != planned:
        yield problem(Kind.FORM, "Its items are not those of its blueprint.", attempt=attempt.pk)


def _of_item(item: "ItemRow", shape: list[int], version: "Version") -> str:
    if version.question != item.question:
        return "Its version is another question's."
    try:
        order = strings_of(item.option_order, "order of options")
    except BadShapeError as bad:
        return str(bad)
    if sorted(order) != sorted(version.options):
        return "Its order of options is not one of its version's options."
    if shape != [len(version.options), len(version.key)]:
        return "The attempt's shape is not that of its version."
    return ""
