"""One question, changed by hand: a save makes a version, and nothing that somebody wrote meanwhile is lost.

The collection's row is locked while the question is read and written, as in an import, so that of two people
who save at once the second one is told (`ConflictError`) and both texts stay.
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from exam_sim.accounts.models import User
from questions import rules
from questions.exhibits import Figure
from questions.fingerprint import fingerprint, source_fields, testing_point_key
from questions.formats import Draft, Problem, Severity
from questions.matching import derived_id, free_id
from questions.models import (
    Asset,
    Collection,
    Question,
    QuestionVersion,
    Status,
    TaskStatement,
)
from questions.rendering import RENDERER, render
from questions.writing import Next, Writer

SOURCE = "form"


class EditError(Exception):
    """Nothing was saved. ConflictError, ReasonNeededError, FaultyError say why."""


class ConflictError(EditError):
    """Somebody saved the version `current` meanwhile."""

    def __init__(self, current: QuestionVersion) -> None:
        super().__init__("Somebody saved another version meanwhile.")
        self.current = current


class ReasonNeededError(EditError):
    """Another key is right now, and nobody has said why."""


class FaultyError(EditError):
    """The draft breaks rules: `problems` has an error."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("The question breaks rules.")
        self.problems = problems


def figures_of(version: QuestionVersion) -> dict[str, Figure]:
    """The figures of a version's exhibits by file; an edit keeps them."""
    assets = Asset.objects.in_bulk([exhibit["sha256"] for exhibit in version.exhibits])
    return {
        exhibit["file"]: Figure(asset.sha256, asset.media_type, bytes(asset.content))
        for exhibit in version.exhibits
        if (asset := assets.get(exhibit["sha256"]))
    }


def check(draft: Draft, collection: Collection, figures: Mapping[str, Figure]) -> list[Problem]:
    """What the rules say, with the collection around the draft."""
    questions = Question.objects.filter(collection=collection)
    statements = TaskStatement.objects.filter(domain__certification=collection.certification_id)
    known = rules.Known(
        task_statements=set(statements.values_list("code", flat=True)),
        question_ids=set(
            questions.filter(external_id__in=draft.enemies).values_list("external_id", flat=True)
        ),
        figures={(draft.place.file, file): figure for file, figure in figures.items()},
    )
    problems = rules.check_all([draft], known)
    key = testing_point_key(draft.testing_point, draft.stem)
    others = questions.filter(current_version__testing_point_key=key).exclude(external_id=draft.id)
    other = others.values_list("external_id", flat=True).first()
    return problems + ([rules.same_point(draft, other)] if other else [])


@transaction.atomic
def save(
    question: Question,
    draft: Draft,
    by: User | None,
    now: datetime,
    expected_version: UUID,
    reason: str = "",
) -> QuestionVersion | None:
    """Make `draft` the next version of `question`; None if it says what the current one says.

    `expected_version` is the one that the draft was made from. The question's id and its figures stay. Raises
    EditError, and has written nothing then."""
    collection = Collection.objects.select_for_update().get(pk=question.collection_id)
    question = Question.objects.select_related("current_version__task_statement").get(pk=question.pk)
    current = question.current_version
    if current is None or current.pk != expected_version:
        raise ConflictError(current or QuestionVersion())
    current.question = question
    figures = figures_of(current)
    draft = replace(draft, id=question.external_id)
    print_ = fingerprint(source_fields(draft, figures))
    if print_ == current.fingerprint:
        return None
    _refuse_faults(check(draft, collection, figures))
    key_changed = draft.key != current.key
    if key_changed and not reason.strip():
        raise ReasonNeededError("Say why another key is right.")
    writer = Writer(collection, status=Status.DRAFT, source=SOURCE, now=now, by=by, reason=reason)
    return _write(writer, draft, figures, print_, question.pk, current.pk, key_changed)


@transaction.atomic
def add(collection: Collection, draft: Draft, by: User | None, now: datetime) -> Question:
    """A new question, as a draft that nobody is served. Without an id it gets one out of its text. Raises
    FaultyError."""
    collection = Collection.objects.select_for_update().get(pk=collection.pk)
    standing = Question.objects.filter(collection=collection)
    if not draft.id:
        name = free_id(derived_id(draft), lambda id_: standing.filter(external_id=id_).exists())
        draft = replace(draft, id=name)
    problems = check(draft, collection, {})
    if standing.filter(external_id=draft.id).exists():
        problems.append(rules.taken(draft))
    _refuse_faults(problems)
    writer = Writer(collection, status=Status.DRAFT, source=SOURCE, now=now, by=by)
    return _write(writer, draft, {}, fingerprint(source_fields(draft, {}))).question


def _refuse_faults(problems: list[Problem]) -> None:
    if any(problem.severity == Severity.ERROR for problem in problems):
        raise FaultyError(problems)


def _write(
    writer: Writer,
    draft: Draft,
    figures: Mapping[str, Figure],
    print_: str,
    question: UUID | None = None,
    before: UUID | None = None,
    key_changed: bool = False,
) -> QuestionVersion:
    rendered = asdict(render(draft, figures)) | {"renderer": RENDERER}
    hashes = {file: figure.sha256 for file, figure in figures.items()}
    next_ = Next(draft, print_, hashes, rendered, question, before, key_changed=key_changed)
    (written,) = writer.write([next_])
    writer.finish()
    return QuestionVersion.objects.select_related("question").get(pk=written.version)
