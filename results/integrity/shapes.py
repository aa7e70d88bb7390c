"""The JSON columns, read strictly: what is not as the models' docstrings say is a defect, and breaks no
check."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError


class BadShapeError(ValueError):
    """A column does not hold what it must; the message says which, in a sentence."""


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True)


class Option(_Strict):
    id: str
    correct: bool
    fixed: bool = False


class _Derived(_Strict):
    stem: str
    options: dict[str, str]
    exhibits: list[dict[str, Any]]


class _DerivedKey(_Strict):
    explanation: str
    rationales: dict[str, str]


class _TaskStatement(_Strict):
    code: str
    title: str


class BlueprintDomain(_Strict):
    code: str
    title: str
    weight: int
    scored: int
    unscored: int
    task_statements: list[_TaskStatement]


_HTML = TypeAdapter(_Derived)
_KEY_HTML = TypeAdapter(_DerivedKey)
_OPTIONS = TypeAdapter(list[Option])
_BLUEPRINT = TypeAdapter(list[BlueprintDomain])
_STRINGS: TypeAdapter[list[str]] = TypeAdapter(list[str], config=ConfigDict(strict=True))
_PAIRS: TypeAdapter[list[list[int]]] = TypeAdapter(list[list[int]], config=ConfigDict(strict=True))
_COUNTS: TypeAdapter[dict[str, int]] = TypeAdapter(dict[str, int], config=ConfigDict(strict=True))


def _read(adapter: TypeAdapter[Any], value: object, name: str) -> Any:
    try:
        return adapter.validate_python(value)
    except ValidationError:
        raise BadShapeError(f"Its {name} cannot be read.") from None


def options_of(value: object) -> Sequence[Option]:
    read: list[Option] = _read(_OPTIONS, value, "options")
    return read


def derived_of(html: object, key_html: object) -> tuple[set[str], set[str]]:
    """The option ids of either."""
    shown: _Derived = _read(_HTML, html, "HTML")
    key: _DerivedKey = _read(_KEY_HTML, key_html, "key's HTML")
    return set(shown.options), set(key.rationales)


def blueprint_of(value: object) -> list[BlueprintDomain]:
    read: list[BlueprintDomain] = _read(_BLUEPRINT, value, "blueprint")
    return read


def shape_of(value: object) -> list[list[int]]:
    read: list[list[int]] = _read(_PAIRS, value, "shape")
    if any(len(pair) != 2 or not 1 <= pair[1] <= pair[0] for pair in read):
        raise BadShapeError("Its shape cannot be read.")
    return read


def strings_of(value: object, name: str) -> list[str]:
    read: list[str] = _read(_STRINGS, value, name)
    return read


def counts_of(value: object, name: str) -> dict[str, int]:
    read: dict[str, int] = _read(_COUNTS, value, name)
    return read
