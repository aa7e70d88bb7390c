"""Files beside question files that say something of the bank and hold no questions, as YAML or JSON."""

from pathlib import Path
from typing import TypeVar

from questions.formats import Problem
from questions.formats.nodes import MAX_BYTES
from questions.formats.validation import Strict, read, validate

SUFFIXES = (".yaml", ".yml", ".json")

M = TypeVar("M", bound=Strict)


def find(folder: Path, name: str) -> Path | None:
    """The file `name` of a folder, whichever ending it has."""
    return next((path for suffix in SUFFIXES if (path := folder / f"{name}{suffix}").is_file()), None)


def load(path: Path, model: type[M]) -> tuple[M | None, list[Problem]]:
    """What the file holds, or every problem that it has. Raises OSError."""
    with path.open("rb") as file:
        return parse(file.read(MAX_BYTES + 1), str(path), model)


def parse(content: bytes, name: str, model: type[M]) -> tuple[M | None, list[Problem]]:
    node, problems = read(content, name)
    if node is None or problems:
        return None, problems
    return validate(model, node, file=name)
