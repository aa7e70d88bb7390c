"""The exchange format, version 1: questions in YAML or JSON by one schema. `docs/exchange-format.md`
describes it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from questions.formats import (
    Calculation,
    CalculationResult,
    DistractorTag,
    Draft,
    Exhibit,
    Kind,
    Option,
    Place,
    Problem,
    Reference,
    Severity,
)
from questions.formats.nodes import ListNode, MapNode, Node, lines_below
from questions.formats.validation import (
    ADVICE_BY_PATTERN,
    MAX_PROBLEMS,
    Day,
    ExactNumber,
    Flag,
    Slug,
    SourceText,
    Strict,
    Whole,
    WholeNumber,
    read,
    validate,
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
    results: list[CalculationResultFields] = Field(min_length=1, max_length=10)


class QuestionFields(Strict):
    """One question."""

    id: Identifier = Field(description="Unique in its collection, and never given to another question.")
    task_statement: Annotated[str, Field(pattern=_CODE), SourceText]
    kind: Annotated[Kind, SourceText]
    stem: Annotated[str, Field(min_length=1, max_length=6000), SourceText] = Field(description="Markdown.")
    options: list[OptionFields] = Field(min_length=2, max_length=10)
    explanation: Annotated[str, Field(max_length=6000), SourceText] = Field(
        default="", description="Markdown."
    )
    references: list[ReferenceFields] = Field(default_factory=list, max_length=20)
    level: Annotated[int, Field(ge=1, le=3), WholeNumber] = Field(
        description="1 recall, 2 application, 3 analysis."
    )
    testing_point: Annotated[str, Field(min_length=1, max_length=400), SourceText] = Field(
        description="One sentence: what it tests. No two questions with equal ones meet in one form."
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
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


class EnvelopeFields(Strict):
    """What a file says beside its questions, which are read one by one."""

    format: Whole
    certification: Slug


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file holds: the drafts that could be read, and everything that could not."""

    drafts: tuple[Draft, ...]
    problems: tuple[Problem, ...]


def parse(content: bytes, name: str, *, certification: str | None = None) -> Parsed:
    """Read a file; `name` tells YAML from JSON by its ending and stands in the problems. Raises nothing.

    With `certification`, a file for another one is a problem.
    """
    root, problems = read(content, name)
    if not isinstance(root, MapNode):
        return Parsed((), tuple(problems))
    questions = root.items.get("questions")
    problems += _envelope_problems(root, name, certification)
    if not isinstance(questions, ListNode):
        line = root.key_lines.get("questions", root.line)
        problems.append(Problem(Severity.ERROR, name, line, "questions", "Write a list of questions."))
        return Parsed((), tuple(problems))
    drafts: list[Draft] = []
    for draft, breaches in _each(questions, name):
        problems += breaches
        if draft is not None:
            drafts.append(draft)
        if len(problems) > MAX_PROBLEMS:
            message = f"Mend these first: reading stopped after {MAX_PROBLEMS} problems."
            problems.append(Problem(Severity.ERROR, name, 0, "", message))
            break
    return Parsed(tuple(drafts), tuple(problems))


def _envelope_problems(root: MapNode, name: str, certification: str | None) -> list[Problem]:
    fields = {key: node for key, node in root.items.items() if key != "questions"}
    envelope, problems = validate(EnvelopeFields, MapNode(root.line, fields, root.key_lines), file=name)
    if envelope is None:
        return problems
    if envelope.format != FORMAT:
        message = f"Write format: {FORMAT}. This program reads no other."
        problems.append(Problem(Severity.ERROR, name, root.key_lines["format"], "format", message))
    if certification is not None and envelope.certification != certification:
        message = (
            f"Import this into a collection for {envelope.certification}: this one is for {certification}."
        )
        line = root.key_lines["certification"]
        problems.append(Problem(Severity.ERROR, name, line, "certification", message))
    return problems


def _each(questions: ListNode, name: str) -> Iterator[tuple[Draft | None, list[Problem]]]:
    if len(questions.items) > MAX_QUESTIONS:
        message = f"Split the file: {MAX_QUESTIONS:,} questions are the most that is read at once."
        yield None, [Problem(Severity.ERROR, name, questions.line, "questions", message)]
        return
    for position, node in enumerate(questions.items):
        path = f"questions[{position}]"
        fields, breaches = validate(QuestionFields, node, file=name, path=path)
        yield (_draft(fields, node, name, path) if fields else None), breaches


def _draft(fields: QuestionFields, node: Node, name: str, path: str) -> Draft:
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
        place=Place(name, path, dict(lines_below(node))),
    )


def _calculation(fields: CalculationFields | None) -> Calculation | None:
    if fields is None:
        return None
    return Calculation(
        given=dict(fields.given),
        results=tuple(CalculationResult(**dict(result)) for result in fields.results),
    )
