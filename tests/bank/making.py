"""Questions as the edit form would have made them, in collections of the test's people."""

from dataclasses import replace
from typing import Any

from django.utils import timezone

from exam_sim.accounts import roles
from exam_sim.accounts.models import Role, User
from questions import editing, statuses
from questions.formats import Draft, Option, Reference
from questions.models import Collection, Question, QuestionVersion, Status
from tests.factories import NOW, make_certification, make_user


def make_instructor(email: str = "instructor@example.org") -> User:
    user = make_user(email)
    roles.grant(user, Role.INSTRUCTOR, by=None, now=timezone.now())
    return User.objects.get(pk=user.pk)


def make_collection(slug: str, owner: User | None) -> Collection:
    return Collection.objects.create(
        slug=slug, title=slug.capitalize(), certification=make_certification(), owner=owner
    )


def make_draft(external_id: str = "q-1", **fields: Any) -> Draft:
    """A draft that no rule and no lint finds fault with, if it is looked at on the day of `NOW`; key a."""
    draft = Draft(
        kind="multiple_choice",
        stem=f"A team keeps records in bucket {external_id}. Which setting encrypts them?",
        options=(
            Option("a", "SSE-KMS with a key of its own", True, "It encrypts."),
            Option("b", "A lifecycle rule for each object", False, "It moves.", "wrong_setting"),
            Option("c", "Versioning of everything in it", False, "It keeps.", "treats_symptom"),
        ),
        id=external_id,
        task_statement="1.1",
        testing_point=f"Encryption of {external_id}",
        explanation="Only **encryption** encrypts.",
        references=(Reference("Guide", "https://docs.example.org/guide"),),
        services=("Amazon S3",),
        verified_on=NOW.date(),
    )
    return replace(draft, **fields)


def put(
    collection: Collection, external_id: str, status: Status = Status.DRAFT, **fields: Any
) -> QuestionVersion:
    question = editing.add(collection, make_draft(external_id, **fields), None, NOW)
    if status != Status.DRAFT:
        statuses.change([question.pk], status, by=None, now=NOW)
    version = Question.objects.select_related("current_version").get(pk=question.pk).current_version
    assert version is not None
    return version
