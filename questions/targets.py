"""What one certification's bank aims at, read from the file `targets` beside its questions."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from questions.formats import Problem
from questions.formats.nodes import MAX_BYTES
from questions.formats.validation import Strict, WholeNumber, read, validate
from questions.lint import Targets

FORMAT = 1
NAMES = ("targets.yaml", "targets.yml", "targets.json")

Words = Annotated[int, Field(ge=0, le=1000), WholeNumber]
Percent = Annotated[int, Field(ge=0, le=100), WholeNumber]


class TargetsFields(Strict):
    stem_min: Words
    stem_max: Words
    opener_max: Percent
    key_rank_min: Percent
    key_rank_max: Percent
    key_longest_max: Percent
    key_rank_items: Annotated[int, Field(ge=1), WholeNumber]


class TargetsFileFields(Strict):
    format: Annotated[int, Field(ge=FORMAT, le=FORMAT), WholeNumber]
    targets: TargetsFields


def find(folder: Path) -> Path | None:
    """The file with the targets of the questions in a folder, if it has one."""
    return next((path for name in NAMES if (path := folder / name).is_file()), None)


def load(path: Path) -> tuple[Targets | None, list[Problem]]:
    """Targets, or every problem that the file has. Raises OSError."""
    with path.open("rb") as file:
        node, problems = read(file.read(MAX_BYTES + 1), str(path))
    if node is None or problems:
        return None, problems
    fields, problems = validate(TargetsFileFields, node, file=str(path))
    return (Targets(**dict(fields.targets)) if fields else None), problems
