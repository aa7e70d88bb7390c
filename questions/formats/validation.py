"""Pydantic models over nodes: a model says what a file may hold, and every breach comes back as a located
problem.

Field types here take what `nodes.as_values` gives: YAML's unquoted scalars by the type of the field, JSON's
values as they are. Nothing is converted in silence: a quoted number is no number, and yes is not true."""

import difflib
import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import PurePath
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema
from pydantic_core import ErrorDetails, PydanticCustomError

from questions.formats import Problem, Severity, json_nodes, shorten, yaml_nodes
from questions.formats.nodes import (
    MAX_NUMBER_LENGTH,
    Complaint,
    ListNode,
    MapNode,
    Node,
    Number,
    Plain,
    ScalarNode,
    UnreadableError,
    as_values,
    child_path,
    decode,
    shown,
)

MAX_PROBLEMS = 200
NO_FIELDS = "Begin with the named fields format, certification and questions, as our own files do."

UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _wrong(advice: str) -> PydanticCustomError:
    return PydanticCustomError("advice", "{advice}", {"advice": advice})


def source_text(value: object) -> object:
    """Text as it was written, with line ends made one kind and no space around it."""
    if isinstance(value, Plain):
        value = value.text
    if not isinstance(value, str):
        raise _wrong("Write text here (in JSON: in double quotes).")
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    odd = UNPRINTABLE.search(text)
    if odd:
        raise _wrong(f"Remove the control character U+{ord(odd.group()):04X}.")
    return text


def _flag(value: object) -> object:
    if isinstance(value, bool):
        return value
    if isinstance(value, Plain) and value.text in {"true", "True", "TRUE", "false", "False", "FALSE"}:
        return value.text.lower() == "true"
    raise _wrong("Write true or false, without quotes.")


def _whole(value: object) -> object:
    if isinstance(value, Plain | Number) and _WHOLE.fullmatch(value.text):
        return int(value.text)
    raise _wrong("Write a whole number, without quotes.")


def _decimal(value: object) -> object:
    if (
        isinstance(value, Plain | Number)
        and len(value.text) <= MAX_NUMBER_LENGTH
        and _DECIMAL.fullmatch(value.text)
    ):
        return Decimal(value.text)
    raise _wrong(f"Write a number of at most {MAX_NUMBER_LENGTH} characters, without quotes.")


def _day(value: object) -> object:
    text = value.text if isinstance(value, Plain) else value
    if isinstance(text, str) and _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise _wrong("Write a day that the calendar has.") from None
    raise _wrong("Write a day as year-month-day, such as 2026-11-20.")


SourceText = BeforeValidator(source_text)
Text = Annotated[str, SourceText]
Flag = Annotated[bool, BeforeValidator(_flag)]
WholeNumber = BeforeValidator(_whole)
Whole = Annotated[int, WholeNumber]
ExactNumber = Annotated[Decimal, BeforeValidator(_decimal), WithJsonSchema({"type": "number"})]
Day = Annotated[date, BeforeValidator(_day)]
SLUG = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"
Slug = Annotated[str, Field(pattern=SLUG, max_length=40), SourceText]

ADVICE_BY_PATTERN = {SLUG: "Use small letters, digits and single dashes between them."}


class Strict(BaseModel):
    """A mapping whose fields are all known."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


M = TypeVar("M", bound=Strict)


def read(content: bytes, name: str) -> tuple[Node | None, list[Problem]]:
    """The nodes of a file by its name's ending (`.json`, else YAML), or None and why there are none."""
    complaints: list[Complaint] = []
    reader = json_nodes.read if PurePath(name).suffix.lower() == ".json" else yaml_nodes.read
    try:
        node = reader(decode(content), complaints)
    except UnreadableError as error:
        complaints = [*complaints[:MAX_PROBLEMS], error.complaint]
        return None, [complaint.problem(name) for complaint in complaints]
    problems = [complaint.problem(name) for complaint in complaints[:MAX_PROBLEMS]]
    if not isinstance(node, MapNode):
        message = "Write fields and their values: the file is empty." if node is None else NO_FIELDS
        problems.append(Problem(Severity.ERROR, name, node.line if node else 0, "", message))
        return None, problems
    return node, problems


def validate(model: type[M], node: Node, *, file: str, path: str = "") -> tuple[M | None, list[Problem]]:
    """`node` as a `model`, or None and every breach with line and field."""
    try:
        return model.model_validate(as_values(node)), []
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=True)
        return None, [_breach(detail, node, file, path, model) for detail in details[:MAX_PROBLEMS]]


def offending_text(node: Node | None) -> str:
    """What stands where a problem is, if it is one value."""
    if not isinstance(node, ScalarNode):
        return ""
    value = node.value
    if isinstance(value, Plain | Number):
        return value.text
    return value if isinstance(value, str) else json.dumps(value)


def _breach(detail: ErrorDetails, node: Node, file: str, path: str, model: type[Strict]) -> Problem:
    line = node.line
    current: Node | None = node
    for key in detail["loc"]:
        path = child_path(path, key)
        if isinstance(current, MapNode):
            line = current.key_lines.get(str(key), line)
            current = current.items.get(str(key))
        elif isinstance(current, ListNode) and isinstance(key, int) and key < len(current.items):
            current = current.items[key]
            line = current.line
        else:
            current = None
    advice, text = _advice(detail, model), shorten(offending_text(current))
    return Problem(Severity.ERROR, file, line, path, advice, text)


def _advice(detail: ErrorDetails, model: type[Strict]) -> str:
    """One sentence that says what to do about a breach of the model."""
    context: Mapping[str, Any] = detail.get("ctx", {})
    name = shown(str(detail["loc"][-1])) if detail["loc"] else ""
    match detail["type"]:
        case "advice":
            return str(context["advice"])
        case "missing":
            return f"Add the field `{name}`."
        case "extra_forbidden":
            return _unknown_field(name, model)
        case "literal_error":
            return f"Write one of these: {context['expected']}."
        case "string_too_short":
            return "Write some text here."
        case "string_too_long":
            return f"Shorten the text to at most {context['max_length']} characters."
        case "string_pattern_mismatch":
            pattern = context["pattern"]
            return ADVICE_BY_PATTERN.get(pattern, f"Write text of the form {pattern}.")
        case "too_long":
            return f"Keep at most {context['max_length']} entries: there are {context['actual_length']}."
        case "too_short":
            return f"Write at least {context['min_length']} entries."
        case "greater_than_equal":
            return f"Write a number that is at least {context['ge']}."
        case "less_than_equal":
            return f"Write a number that is at most {context['le']}."
        case "tuple_type" | "list_type":
            return "Write a list here."
        case "model_type" | "dict_type" | "model_attributes_type":
            return "Write named fields here."
        case _:
            return f"{detail['msg']}."


def _unknown_field(name: str, model: type[Strict]) -> str:
    near = difflib.get_close_matches(name, _field_names(model), n=1)
    hint = f" Is it `{near[0]}` that you mean?" if near else ""
    return f"Remove the field `{name}`: the format does not know it.{hint}"


def _field_names(model: type[Strict]) -> list[str]:
    """Names of the fields of a model and of the models in it."""
    schema = model.model_json_schema()
    objects = [schema, *schema.get("$defs", {}).values()]
    return sorted({name for part in objects for name in part.get("properties", {})})
