"""One question, changed by hand: a save makes a version, and nothing that somebody wrote meanwhile is lost.

The collection's row is locked while the question is read and written, as in an import, so that of two people
who save at once the second one is told (`ConflictError`) and both texts stay.
"""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from exam_sim.accounts.models import User
from questions import listing, pools, rules
from questions.exhibits import Figure
from questions.fingerprint import fingerprint, source_fields, testing_point_key
from questions.formats import Draft, Problem, Severity
from questions.matching import derived_id, free_id
from questions.models import (
    Asset,
    Collection,
    KeyCorrection,
    Question,
    QuestionVersion,
    Status,
    TaskStatement,
)
from questions.rendering import RENDERER, render

SOURCE = "form"
MAX_REASON = 500


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
    known = rules.Known(
        task_statements=set(_task_statements(collection)),
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
    fields = source_fields(draft, figures)
    if fingerprint(fields) == current.fingerprint:
        return None
    _refuse_faults(check(draft, collection, figures))
    key_changed = {option.id for option in draft.options if option.correct} != current.key
    if key_changed and not reason.strip():
        raise ReasonNeededError("Say why another key is right.")
    version = _version(question.pk, current.number + 1, draft, figures, fields, collection, by, now)
    _write(question, version, figures)
    if key_changed:
        KeyCorrection.objects.create(
            question=question,
            before=current,
            after=version,
            reason=reason.strip()[:MAX_REASON],
            at=now,
            by=by,
        )
    return version


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
    fields = source_fields(draft, {})
    version = _version(uuid.uuid4(), 1, draft, {}, fields, collection, by, now)
    question = Question(
        pk=version.question_id,
        collection=collection,
        external_id=draft.id,
        task_statement_id=version.task_statement_id,
        status=Status.DRAFT,
    )
    question.save(force_insert=True)
    _write(question, version, {})
    return question


def _refuse_faults(problems: list[Problem]) -> None:
    if any(problem.severity == Severity.ERROR for problem in problems):
        raise FaultyError(problems)


def _task_statements(collection: Collection) -> dict[str, int]:
    found = TaskStatement.objects.filter(domain__certification=collection.certification_id)
    return dict(found.values_list("code", "pk"))


def _version(
    question_id: UUID,
    number: int,
    draft: Draft,
    figures: Mapping[str, Figure],
    fields: Mapping[str, Any],
    collection: Collection,
    by: User | None,
    now: datetime,
) -> QuestionVersion:
    rendered = render(draft, figures)
    columns = {name: value for name, value in fields.items() if name not in {"task_statement", "verified_on"}}
    return QuestionVersion(
        question_id=question_id,
        number=number,
        created_at=now,
        created_by=by,
        source=SOURCE,
        fingerprint=fingerprint(fields),
        task_statement_id=_task_statements(collection)[draft.task_statement],
        verified_on=draft.verified_on,
        testing_point_key=testing_point_key(draft.testing_point, draft.stem),
        layout=rendered.layout,
        html=rendered.html,
        key_html=rendered.key_html,
        renderer=RENDERER,
        **columns,
    )


def _write(question: Question, version: QuestionVersion, figures: Mapping[str, Figure]) -> None:
    version.save(force_insert=True)
    through = Asset.versions.through
    shown = {figure.sha256 for figure in figures.values()}
    through.objects.bulk_create(through(asset_id=sha256, questionversion_id=version.pk) for sha256 in shown)
    question.current_version = version
    question.task_statement_id = version.task_statement_id
    question.save(update_fields=["current_version", "task_statement"])
    pools.renumber(question.collection)
    listing.refresh([question.pk])
