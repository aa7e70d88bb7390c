"""What one certification's bank aims at, read from the file `targets` beside its questions.

Every target may be left out; then it is not asked. Spans have both ends in them. Shares are in percent: of
stems, of single-key items of four options (`key_ranks`, `key_longest`), of questions (`multiple_response`,
`levels`) or of distractors (`distractor_tags`); `stem_words`, `task_statements` and `concepts` count."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from questions.formats.validation import Strict, WholeNumber

FORMAT = 1

Count = Annotated[int, Field(ge=0, le=100_000), WholeNumber]


class Span(Strict):
    min: Count | None = None
    max: Count | None = None

    def holds(self, value: float) -> bool:
        return (self.min is None or value >= self.min) and (self.max is None or value <= self.max)

    def __str__(self) -> str:
        if self.min is None or self.max is None:
            return f"at most {self.max}" if self.min is None else f"at least {self.min}"
        return f"{self.min} to {self.max}"


class Targets(Strict):
    stem_words: Span | None = None
    openers: Span | None = None
    phrases: Span | None = None
    key_ranks: Span | None = None
    key_longest: Span | None = None
    multiple_response: Span | None = None
    distractor_tags: Span | None = None
    levels: Mapping[str, Span] = {}
    task_statements: Mapping[str, Span] = {}
    concepts: Mapping[str, Span] = {}


class TargetsFile(Strict):
    format: Annotated[int, Field(ge=FORMAT, le=FORMAT), WholeNumber]
    targets: Targets
