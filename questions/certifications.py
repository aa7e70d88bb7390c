"""A certification's file: what it is called, its domains with their weights, its task statements, and the
collection that ships for it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from django.db import transaction
from pydantic import Field

from questions.formats import Problem, Severity
from questions.formats.nodes import MAX_BYTES, Node, lines_below
from questions.formats.validation import Day, Slug, SourceText, Strict, WholeNumber, read, validate
from questions.models import Certification, Collection, Domain, TaskStatement

FORMAT = 1
_CODE = r"^[A-Za-z0-9][A-Za-z0-9.]{0,9}$"

Code = Annotated[str, Field(pattern=_CODE), SourceText]


class TaskStatementFields(Strict):
    code: Code
    title: Annotated[str, Field(min_length=1, max_length=300), SourceText]


class DomainFields(Strict):
    code: Code
    title: Annotated[str, Field(min_length=1, max_length=200), SourceText]
    weight: Annotated[int, Field(ge=1, le=100), WholeNumber] = Field(
        description="Percent of the scored items."
    )
    task_statements: list[TaskStatementFields] = Field(min_length=1, max_length=50)


class CertificationFields(Strict):
    slug: Slug
    title: Annotated[str, Field(min_length=1, max_length=200), SourceText]
    description: Annotated[str, Field(max_length=5000), SourceText] = ""
    retired_on: Day | None = None
    successor: Annotated[str, Field(max_length=200), SourceText] = ""
    domains: list[DomainFields] = Field(min_length=1, max_length=20)


class CollectionFields(Strict):
    slug: Annotated[str, Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=60), SourceText]
    title: Annotated[str, Field(min_length=1, max_length=200), SourceText]


class CertificationFileFields(Strict):
    format: Annotated[int, Field(ge=FORMAT, le=FORMAT), WholeNumber]
    certification: CertificationFields
    collection: CollectionFields


class CertificationError(Exception):
    """The file cannot be used; `problems` say where and why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


def parse(content: bytes, name: str) -> CertificationFileFields:
    """Read a certification's file; raises CertificationError with every problem."""
    node, problems = read(content, name)
    fields = None
    if node is not None:
        fields, breaches = validate(CertificationFileFields, node, file=name)
        problems += breaches
    if fields is not None and node is not None:
        problems += _disagreements(fields, node, name)
    if fields is None or problems:
        raise CertificationError(problems)
    return fields


def _disagreements(fields: CertificationFileFields, node: Node, name: str) -> list[Problem]:
    domains = fields.certification.domains
    messages = []
    total = sum(domain.weight for domain in domains)
    if total != 100:
        messages.append(f"Let the weights of the domains add up to 100: they add up to {total}.")
    codes = [domain.code for domain in domains]
    if len(codes) != len(set(codes)):
        messages.append("Give every domain a code of its own.")
    codes = [statement.code for domain in domains for statement in domain.task_statements]
    if len(codes) != len(set(codes)):
        messages.append("Give every task statement a code of its own.")
    field = "certification.domains"
    line = dict(lines_below(node))[field]
    return [Problem(Severity.ERROR, name, line, field, message) for message in messages]


@transaction.atomic
def load(path: Path) -> Collection:
    """Bring the database in line with a certification's file; its collection. Loading it again changes
    nothing.

    Domains and task statements that the file no longer has stay: questions and results may speak of them.
    Raises CertificationError, and OSError if the file cannot be read.
    """
    with path.open("rb") as file:
        fields = parse(file.read(MAX_BYTES + 1), str(path))
    wanted = fields.certification
    certification, _ = Certification.objects.update_or_create(
        slug=wanted.slug, defaults=wanted.model_dump(exclude={"slug", "domains"})
    )
    for domain_fields in wanted.domains:
        domain, _ = Domain.objects.update_or_create(
            certification=certification,
            code=domain_fields.code,
            defaults={"title": domain_fields.title, "weight": domain_fields.weight},
        )
        for statement in domain_fields.task_statements:
            TaskStatement.objects.update_or_create(
                domain=domain, code=statement.code, defaults={"title": statement.title}
            )
    collection, _ = Collection.objects.update_or_create(
        slug=fields.collection.slug,
        defaults={"title": fields.collection.title, "certification": certification},
    )
    return collection
