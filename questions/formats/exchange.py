"""The exchange format, version 1: questions in YAML or JSON by one schema. `docs/exchange-format.md` describes it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field

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
    Strict,
    Text,
    Whole,
    read,
    source_text,
    validate,
)

FORMAT = 1
MAX_QUESTIONS = 20_000

_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
_PART_ID = r"^[a-z0-9][a-z0-9_-]{0,19}$"
_CODE = r"^[A-Za-z0-9][A-Za-z0-9.]{0,9}$"
_NAME = r"^[a-z_][a-z0-9_]{0,29}$"
_FILE = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"

ADVICE_BY_PATTERN.update(
    {
        _ID: "Use letters, digits, dots, dashes and underscores, at most 100, beginning with a letter or digit.",
        _PART_ID: "Use small letters, digits, dashes and underscores, at most 20, beginning with a letter or digit.",
        _CODE: "Write the code of a task statement, such as 1.1.",
        _NAME: "Use small letters, digits and underscores, at most 30, beginning with a letter.",
    }
)

Identifier = Annotated[Text, Field(pattern=_ID)]
PartIdentifier = Annotated[Text, Field(pattern=_PART_ID)]
Line = Annotated[Text, Field(min_length=1, max_length=300)]


class OptionFields(Strict):
    id: PartIdentifier = Field(description="Stays the same when options are reordered or reworded.")
    text: Annotated[Text, Field(min_length=1, max_length=2000)] = Field(
        description="Markdown, without tables."
    )
    correct: Flag
    rationale: Annotated[Text, Field(max_length=3000)] = Field(
        default="", description="Markdown: why this option is right or wrong here."
    )
    distractor_tag: Annotated[Text, Field(max_length=40)] | None = Field(
        default=None,
        description="On wrong options: what makes it tempting.",
        json_schema_extra={"examples": [tag.value for tag in DistractorTag]},
    )
    fixed: Flag = Field(default=False, description="Stays at its place when the others are shuffled.")


class ReferenceFields(Strict):
    title: Line
    url: Annotated[Text, Field(min_length=1, max_length=2000)] = Field(description="http or https.")


class ExhibitFields(Strict):
    id: PartIdentifier
    file: Annotated[Text, Field(pattern=_FILE)] = Field(
        description="A name in the folder `exhibits` beside the file."
    )
    alt: Annotated[Text, Field(min_length=1, max_length=300)]
    long_description: Annotated[Text, Field(max_length=5000)] = Field(
        default="", description="Everything the figure shows, as text."
    )


class CalculationResultFields(Strict):
    option: PartIdentifier
    formula: Annotated[Text, Field(min_length=1, max_length=300)]
    value: ExactNumber = Field(description="The formula's result, rounded to the decimals shown.")
    slip: Annotated[Text, Field(max_length=300)] | None = Field(
        default=None, description="The mistake that leads to this option; null on the key."
    )


class CalculationFields(Strict):
    given: dict[Annotated[Text, Field(pattern=_NAME)], ExactNumber] = Field(max_length=30)
    results: list[CalculationResultFields] = Field(min_length=1, max_length=10)


class QuestionFields(Strict):
    """One question."""

    id: Identifier = Field(description="Unique in its collection, and never given to another question.")
    task_statement: Annotated[Text, Field(pattern=_CODE)]
    kind: Annotated[Kind, BeforeValidator(source_text)]
    stem: Annotated[Text, Field(min_length=1, max_length=6000)] = Field(description="Markdown.")
    options: list[OptionFields] = Field(min_length=2, max_length=10)
    explanation: Annotated[Text, Field(max_length=6000)] = Field(default="", description="Markdown.")
    references: list[ReferenceFields] = Field(default_factory=list, max_length=20)
    level: Whole = Field(ge=1, le=3, description="1 recall, 2 application, 3 analysis.")
    testing_point: Annotated[Text, Field(min_length=1, max_length=400)] = Field(
        description="One sentence: what the question tests. No two questions with equal ones meet in one form."
    )
    services: list[Annotated[Text, Field(min_length=1, max_length=100)]] = Field(
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
        message = f"Import the file into a collection for {envelope.certification}: this one is for {certification}."
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
