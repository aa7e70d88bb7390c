"""Reading profile files: an exam's rules are data, another exam is another file.

A profile is written when the file says what it does not say yet; attempts that run keep what was frozen on
them.
"""

from pathlib import Path
from typing import Annotated, Literal

from django.db import transaction
from pydantic import Field

from exam_sim.exams.models import ExamProfile
from questions.formats import Problem, Severity
from questions.formats.validation import Flag, Slug, Strict, Text, Whole, read, validate
from questions.models import Certification, Collection

Count = Annotated[Whole, Field(ge=1, le=500)]
Score = Annotated[Whole, Field(ge=0, le=10_000)]


class ProfileFields(Strict):
    """One exam. Minutes, counts of items, and the scale on which it is reported."""

    slug: Slug
    title: Annotated[Text, Field(min_length=1, max_length=120)]
    description: Annotated[Text, Field(max_length=1000)] = ""
    minutes: Annotated[Whole, Field(ge=1, le=1440)]
    scored: Count
    unscored: Annotated[Whole, Field(ge=0, le=500)] = 0
    pass_mark: Score
    scale_min: Score
    scale_max: Score
    grace_seconds: Annotated[Whole, Field(ge=0, le=7200)] = 600
    rehearsal: Flag = False
    collections: Annotated[list[Slug], Field(min_length=1, max_length=50)]


class ProfilesFields(Strict):
    format: Annotated[Whole, Field(ge=1, le=1)]
    certification: Slug
    profiles: Annotated[list[ProfileFields], Field(min_length=1, max_length=50)]


Outcome = Literal["new", "changed", "unchanged"]


def load(path: Path) -> tuple[dict[str, Outcome], list[Problem]]:
    """Write the profiles of a file, all or none: what became of each by slug, and why nothing was written."""
    node, problems = read(path.read_bytes(), path.name)
    if node is None or problems:
        return {}, problems
    fields, problems = validate(ProfilesFields, node, file=path.name)
    if fields is None:
        return {}, problems
    problems = _unknown_names(fields, path.name)
    if problems:
        return {}, problems
    with transaction.atomic():
        # The rehearsal last: a certification never has two of them, even while the mark moves.
        outcomes = {
            profile.slug: _write(fields.certification, position, profile)
            for position, profile in sorted(enumerate(fields.profiles), key=lambda p: p[1].rehearsal)
        }
    return {profile.slug: outcomes[profile.slug] for profile in fields.profiles}, []


def _unknown_names(fields: ProfilesFields, file: str) -> list[Problem]:
    """What the models cannot see: names that the database does not hold, scales that are upside down, and a
    second dress rehearsal."""
    problems = []

    def add(field: str, message: str) -> None:
        problems.append(Problem(Severity.ERROR, file, 0, field, message))

    if not Certification.objects.filter(pk=fields.certification).exists():
        add("certification", f"There is no certification {fields.certification}: load its file first.")
    slugs = [profile.slug for profile in fields.profiles]
    rehearsals = [
        *ExamProfile.objects.filter(certification=fields.certification, is_rehearsal=True)
        .exclude(pk__in=slugs)
        .values_list("slug", flat=True)
    ]
    known = set(Collection.objects.values_list("slug", flat=True))
    for index, profile in enumerate(fields.profiles):
        for slug in profile.collections:
            if slug not in known:
                add(f"profiles[{index}].collections", f"There is no collection {slug}.")
        if not profile.scale_min < profile.pass_mark <= profile.scale_max:
            add(
                f"profiles[{index}].pass_mark",
                "The pass mark has to lie above scale_min and not above scale_max.",
            )
        if profile.rehearsal and rehearsals:
            add(
                f"profiles[{index}].rehearsal",
                f"A certification has one dress rehearsal, and {rehearsals[0]} is it.",
            )
        rehearsals += [profile.slug] if profile.rehearsal else []
    return problems


def _write(certification: str, position: int, fields: ProfileFields) -> Outcome:
    values = fields.model_dump(exclude={"slug", "collections", "rehearsal"}) | {
        "certification_id": certification,
        "position": position,
        "is_rehearsal": fields.rehearsal,
    }
    profile = ExamProfile.objects.filter(pk=fields.slug).first()
    if profile is None:
        profile = ExamProfile.objects.create(slug=fields.slug, **values)
        profile.collections.set(Collection.objects.filter(pk__in=fields.collections))
        return "new"
    held = set(profile.collections.values_list("slug", flat=True))
    if held == set(fields.collections) and all(
        getattr(profile, name) == value for name, value in values.items()
    ):
        return "unchanged"
    ExamProfile.objects.filter(pk=profile.pk).update(**values)
    profile.collections.set(Collection.objects.filter(pk__in=fields.collections))
    return "changed"
