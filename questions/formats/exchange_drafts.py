"""Questions of the exchange format to drafts: what the schema has passed, and what there is of one that it
has not, for an author to see and mend."""

import re
from collections.abc import Mapping
from string import ascii_lowercase
from typing import Any, cast, get_args

from pydantic import TypeAdapter, ValidationError

from questions.formats import Calculation, CalculationResult, Draft, Exhibit, Kind, Option, Place, Reference
from questions.formats.exchange_fields import CalculationFields, QuestionFields
from questions.formats.nodes import ListNode, MapNode, Node, Number, Plain, ScalarNode, as_values
from questions.formats.validation import UNPRINTABLE

_TEXTS = ("id", "task_statement", "stem", "explanation", "testing_point")
_OTHERS = {
    name: TypeAdapter[Any](field.rebuild_annotation())
    for name, field in QuestionFields.model_fields.items()
    if name not in {*_TEXTS, "kind", "options"}
}


def draft_of(fields: QuestionFields, place: Place) -> Draft:
    return Draft(
        id=fields.id,
        task_statement=fields.task_statement,
        kind=fields.kind,
        stem=fields.stem,
        options=tuple(Option(**dict(option)) for option in fields.options),
        level=fields.level,
        testing_point=fields.testing_point,
        explanation=fields.explanation,
        references=tuple(Reference(**dict(reference)) for reference in fields.references),
        services=tuple(fields.services),
        enemies=tuple(fields.enemies),
        exhibits=tuple(Exhibit(**dict(exhibit)) for exhibit in fields.exhibits),
        calculation=_calculation(fields.calculation),
        shuffle=fields.shuffle,
        verified_on=fields.verified_on,
        place=place,
    )


def _calculation(fields: CalculationFields | None) -> Calculation | None:
    if fields is None:
        return None
    return Calculation(
        given=dict(fields.given),
        results=tuple(CalculationResult(**dict(result)) for result in fields.results),
    )


def what_there_is(node: Node, place: Place) -> Draft | None:
    """A draft of a question that breaches the schema: its texts as they are, other fields where they can be
    read. None if it has neither a stem nor an option."""
    if not isinstance(node, MapNode):
        return None
    found = node.items
    options = _options(found.get("options"))
    texts: dict[str, Any] = {name: _text(found.get(name)) for name in _TEXTS}
    if not texts["stem"] and not options:
        return None
    others = {name: value for name in _OTHERS if name in found for value in _read(name, found[name])}
    fields: dict[str, Any] = {
        "references": tuple(Reference(**dict(one)) for one in others.pop("references", ())),
        "exhibits": tuple(Exhibit(**dict(one)) for one in others.pop("exhibits", ())),
        "calculation": _calculation(others.pop("calculation", None)),
        "services": tuple(others.pop("services", ())),
        "enemies": tuple(others.pop("enemies", ())),
    }
    return Draft(
        kind=_kind(_text(found.get("kind")), options),
        options=options,
        place=place,
        **texts,
        **others,
        **fields,
    )


def _read(name: str, node: Node) -> list[Any]:
    """The value of a field, if it is one that the schema passes."""
    try:
        return [_OTHERS[name].validate_python(as_values(node))]
    except ValidationError:
        return []


def _kind(said: str, options: tuple[Option, ...]) -> Kind:
    if said in get_args(Kind):
        return cast(Kind, said)
    return "multiple_response" if sum(option.correct for option in options) > 1 else "multiple_choice"


def _options(node: Node | None) -> tuple[Option, ...]:
    items = node.items if isinstance(node, ListNode) else []
    return tuple(
        option
        for letter, item in zip(ascii_lowercase, items, strict=False)
        for option in _option(item, letter)
    )


def _option(node: Node, letter: str) -> list[Option]:
    if isinstance(node, ScalarNode):
        return [Option(letter, _text(node), correct=False)]
    if not isinstance(node, MapNode):
        return []
    found: Mapping[str, Node] = node.items
    return [
        Option(
            _text(found.get("id")) or letter,
            _text(found.get("text")),
            _flag(found.get("correct")),
            _text(found.get("rationale")),
            _text(found.get("distractor_tag")) or None,
            _flag(found.get("fixed")),
        )
    ]


def _flag(node: Node | None) -> bool:
    value = node.value if isinstance(node, ScalarNode) else None
    return value is True or (isinstance(value, Plain) and value.text.lower() == "true")


def _text(node: Node | None) -> str:
    """The text of a scalar, without the characters that no text may have."""
    if not isinstance(node, ScalarNode) or as_values(node) is None:
        return ""
    value = node.value.text if isinstance(node.value, Plain | Number) else node.value
    text = value if isinstance(value, str) else str(value).lower()
    return UNPRINTABLE.sub("", re.sub(r"\r\n?", "\n", text)).strip()
