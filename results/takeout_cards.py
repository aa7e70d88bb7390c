"""What a candidate missed, as flash cards for Anki."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from exam_sim.accounts.models import User
from exam_sim.exams.reserve import reserved
from questions.exporting import export_of
from questions.formats import Draft
from questions.formats.anki_csv import FORMAT
from questions.models import Certification, Collection, Question
from results.evidence import history_of
from results.withheld import is_withheld


def missed(user: User, certification: Certification, now: datetime) -> list[UUID]:
    """The questions that were wrong, or right by luck, when they were displayed last.

    Left out are those in an exam that is open, whose keys are not told yet, and those that are kept for the
    dress rehearsal.
    """
    newest = history_of(user, certification.pk, now).newest()
    wrong = [
        UUID(question)
        for question, outcome in newest.items()
        if not outcome.item.right or outcome.item.is_lucky
    ]
    told = Question.objects.filter(~is_withheld(user.pk, "pk"), pk__in=wrong)
    return list(told.exclude(pk__in=reserved(user, certification.pk)).values_list("pk", flat=True))


def cards(user: User, certification: Certification, now: datetime) -> bytes:
    """An Anki file of what was missed, as the bank says it today: a mended question is learned mended."""
    assert FORMAT.write is not None  # noqa: S101 - this format is for writing
    questions = Question.objects.filter(pk__in=missed(user, certification, now))
    export = export_of(questions.none(), certification)
    drafts: list[Draft] = []
    for collection in Collection.objects.filter(questions__in=questions).distinct().order_by("slug"):
        own = export_of(questions.filter(collection=collection), certification, with_figures=False)
        drafts += [_named(draft, collection, certification) for draft in own.drafts]
    return FORMAT.write(replace(export, drafts=drafts))


def _named(draft: Draft, collection: Collection, certification: Certification) -> Draft:
    """Ids are unique within a collection. The shipped one's stay as they are, so that these cards are the
    same notes as those of an export from the bank."""
    if collection.pk == certification.pk:
        return draft
    return replace(draft, id=f"{collection.pk}/{draft.id}")
