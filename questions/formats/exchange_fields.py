"""The fields of the exchange format, version 1: the schema that is published and enforced."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from questions.formats import DistractorTag, Kind
from questions.formats.validation import (
    ADVICE_BY_PATTERN,
    Day,
    ExactNumber,
    Flag,
    Slug,
    SourceText,
    Strict,
    Whole,
    WholeNumber,
)

FORMAT = 1
MAX_QUESTIONS = 20_000

_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
_PART_ID = r"^[a-z0-9][a-z0-9_-]{0,19}$"
_CODE = r"^[A-Za-z0-9][A-Za-z0-9.]{0,9}$"
_NAME = r"^[a-z_][a-z0-9_]{0,29}$"
_TAGS = [tag.value for tag in DistractorTag]
_FILE = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"

ADVICE_BY_PATTERN.update(
    {
        _ID: "Use up to 100 letters, digits, dots, dashes and underscores, a letter or digit first.",
        _PART_ID: "Use up to 20 small letters, digits, dashes and underscores, a letter or digit first.",
        _CODE: "Write the code of a task statement, such as 1.1.",
        _NAME: "Use small letters, digits and underscores, at most 30, beginning with a letter.",
    }
)

Identifier = Annotated[str, Field(pattern=_ID), SourceText]
PartIdentifier = Annotated[str, Field(pattern=_PART_ID), SourceText]
Line = Annotated[str, Field(min_length=1, max_length=300), SourceText]


class OptionFields(Strict):
    id: PartIdentifier = Field(description="Stays the same when options are reordered or reworded.")
    text: Annotated[str, Field(min_length=1, max_length=2000), SourceText] = Field(
        description="Markdown, without tables."
    )
    correct: Flag
    rationale: Annotated[str, Field(max_length=3000), SourceText] = Field(
        default="", description="Markdown: why this option is right or wrong here."
    )
    distractor_tag: (
        Annotated[str, Field(max_length=40, json_schema_extra={"enum": _TAGS}), SourceText] | None
    ) = Field(default=None, description="On wrong options: what makes it tempting.")
    fixed: Flag = Field(default=False, description="Stays at its place when the others are shuffled.")


class ReferenceFields(Strict):
    title: Line
    url: Annotated[str, Field(min_length=1, max_length=2000), SourceText] = Field(
        description="http or https."
    )


class ExhibitFields(Strict):
    id: PartIdentifier
    file: Annotated[str, Field(pattern=_FILE), SourceText] = Field(
        description="A name in the folder `exhibits` beside the file."
    )
    alt: Annotated[str, Field(min_length=1, max_length=300), SourceText]
    long_description: Annotated[str, Field(max_length=5000), SourceText] = Field(
        default="", description="Everything the figure shows, as text."
    )


class CalculationResultFields(Strict):
    option: PartIdentifier
    formula: Annotated[str, Field(min_length=1, max_length=300), SourceText]
    value: ExactNumber = Field(description="The formula's result, rounded to the decimals shown.")
    slip: Annotated[str, Field(max_length=300), SourceText] | None = Field(
        default=None, description="The mistake that leads to this option; null on the key."
    )


class CalculationFields(Strict):
    given: dict[Annotated[str, Field(pattern=_NAME), SourceText], ExactNumber] = Field(max_length=30)
    results: list[CalculationResultFields] = Field(min_length=1, max_length=26)


class QuestionFields(Strict):
    """One question."""

    id: Identifier = Field(description="Unique in its collection, and never given to another question.")
    task_statement: Annotated[str, Field(pattern=_CODE), SourceText]
    kind: Annotated[Kind, SourceText]
    stem: Annotated[str, Field(min_length=1, max_length=6000), SourceText] = Field(description="Markdown.")
    options: list[OptionFields] = Field(min_length=2, max_length=26)
    explanation: Annotated[str, Field(max_length=6000), SourceText] = Field(
        default="", description="Markdown."
    )
    references: list[ReferenceFields] = Field(default_factory=list, max_length=20)
    level: Annotated[int, Field(ge=1, le=3), WholeNumber] = Field(
        default=2, description="1 recall, 2 application, 3 analysis."
    )
    testing_point: Annotated[str, Field(max_length=400), SourceText] = Field(
        default="",
        description="One sentence: what it tests. No two questions with equal ones meet in one form.",
    )
    services: list[Annotated[str, Field(min_length=1, max_length=100), SourceText]] = Field(
        default_factory=list, max_length=30
    )
    enemies: list[Identifier] = Field(
        default_factory=list, max_length=100, description="Questions that give this one away, or the reverse."
    )
    exhibits: list[ExhibitFields] = Field(default_factory=list, max_length=6)
    calculation: CalculationFields | None = None
    shuffle: Flag = True
    verified_on: Day | None = Field(default=None, description="When its facts were last checked.")


class FileFields(Strict):
    """A file of questions."""

    model_config = ConfigDict(title="Exchange format 1")

    format: Whole = Field(json_schema_extra={"const": FORMAT})
    certification: Slug
    questions: list[QuestionFields] = Field(max_length=MAX_QUESTIONS)


def json_schema() -> dict[str, Any]:
    """The format as JSON Schema. Rules that it cannot say are in `questions.rules`."""
    schema = FileFields.model_json_schema()
    schema["$defs"]["QuestionFields"]["properties"]["problems"] = {
        "description": "What was wrong with a question that was given back. Not read."
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


class EnvelopeFields(Strict):
    """What a file says beside its questions, which are read one by one."""

    format: Whole
    certification: Slug
