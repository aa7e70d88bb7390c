"""What candidates have beside their attempts: sights, cards and reserves; and the tallies."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q

from exam_sim.exams.models import (
    Attempt,
    AttemptItem,
    EventKind,
    ExamProfile,
    LateAnswer,
    Mode,
    Reserve,
    ReservedQuestion,
    Sight,
    State,
)
from results.evidence import FIRST_SIGHT, is_incomplete
from results.integrity.problem import Kind, Problem, problem
from results.integrity.shapes import BadShapeError, counts_of
from results.models import Card, Tally
from results.tallies import is_counted

if TYPE_CHECKING:
    from results.integrity.sittings import Sitting


class Recount:
    """The first sights of all results that are still there, by version, as `results.tallies` counts them."""

    def __init__(self) -> None:
        self.sights: Counter[UUID] = Counter()
        self.chosen: Counter[tuple[UUID, str]] = Counter()

    def add(self, sitting: "Sitting") -> None:
        attempt, result = sitting.attempt, sitting.result
        if result is None or result.digested_at is None or result.items is None:
            return
        is_whole = attempt.is_study or not is_incomplete(result.displayed or 0, len(result.items))
        if not is_whole or not is_counted(attempt.user) or len(result.items) != len(sitting.items):
            return
        for row, stored in zip(sitting.items, result.items, strict=True):
            if row.void or not stored[-1] & FIRST_SIGHT:
                continue
            self.sights[row.version_id] += 1
            _, _, answer = sitting.registers.get((row.number, EventKind.ANSWER), (0, None, []))
            for position in answer or ():
                self.chosen[row.version_id, row.option_order[position]] += 1


def problems(recount: Recount) -> Iterator[Problem]:
    yield from _sights()
    yield from _cards()
    yield from _tallies(recount)
    yield from _reserves()


def _sights() -> Iterator[Problem]:
    """A sight names the attempt that noted it: one of its candidate's with that question, which is over or,
    in its grace, got an answer to it too late."""
    items = AttemptItem.objects.filter(
        attempt=OuterRef("first_attempt"), question=OuterRef("question"), attempt__user=OuterRef("user")
    )
    late = LateAnswer.objects.filter(attempt=OuterRef("attempt"), item=OuterRef("number"))
    noted = items.exclude(attempt__mode=Mode.PREVIEW).filter(~Q(attempt__state=State.OPEN) | Exists(late))
    wrong = Sight.objects.filter(~Exists(noted), first_attempt__isnull=False)
    for pk in wrong.order_by().values_list("pk", flat=True).iterator():
        yield problem(Kind.SIGHT, "The attempt that it names cannot have noted it.", sight=pk)


def _cards() -> Iterator[Problem]:
    """A card was last reviewed when an attempt of its candidate with its question was closed."""
    sat = AttemptItem.objects.filter(
        question=OuterRef("question"),
        attempt__user=OuterRef("user"),
        attempt__closed_at=OuterRef("last_review"),
        attempt__state=State.CLOSED,
    ).exclude(attempt__mode=Mode.PREVIEW)
    wrong = Card.objects.filter(~Exists(sat) | Q(due__lt=F("last_review")))
    for pk in wrong.order_by().values_list("pk", flat=True).iterator():
        yield problem(Kind.CARD, "No attempt was closed when it was last reviewed.", card=pk)


def _tallies(recount: Recount) -> Iterator[Problem]:
    """A tally holds at least what the results say that are there; more, where an account has gone."""
    rows = Tally.objects.order_by().values_list("pk", "sights", "chosen", "version__layout")
    for pk, sights, stored, layout in rows.iterator(2000):
        recounted = recount.sights.pop(pk, 0)
        try:
            chosen = counts_of(stored, "counts")
            ids = [id_ for id_, _ in layout["options"]]
        except (BadShapeError, LookupError, TypeError, ValueError):
            yield problem(Kind.JSON, "Its counts cannot be read.", tally=pk)
            continue
        counted = {id_: recount.chosen[pk, id_] for id_ in ids}
        if recounted > sights or any(chosen.get(id_, 0) < n for id_, n in counted.items()):
            yield problem(Kind.TALLY, "It holds less than the results say.", tally=pk)
        elif not chosen.keys() <= set(ids) or any(not 0 <= n <= sights for n in chosen.values()):
            yield problem(Kind.TALLY, "More candidates chose an option than saw it.", tally=pk)
        elif sum(chosen.values()) > sights * layout["choose"]:
            yield problem(Kind.TALLY, "More options were chosen than its candidates could choose.", tally=pk)
    for version in recount.sights:
        yield problem(Kind.TALLY, "It was seen for the first time, and has no tally.", version=version)


def _reserves() -> Iterator[Problem]:
    """What is kept for a rehearsal was shown by nothing else since it was drawn. A rehearsal that was
    discarded gave its questions back: it may hold them. Where no exam is a rehearsal any more, nothing tells
    what was one."""
    rehearsals = ExamProfile.objects.filter(
        certification=OuterRef("reserve__certification"), is_rehearsal=True
    )
    kept = ReservedQuestion.objects.filter(
        Exists(rehearsals), Q(reserve__spent_at__isnull=True) | Q(reserve__spent_on__state=State.OPEN)
    )
    elsewhere = (
        AttemptItem.objects.filter(
            question=OuterRef("question"),
            attempt__user=OuterRef("reserve__user"),
            attempt__started_at__gte=OuterRef("reserve__drawn_at"),
        )
        .exclude(attempt__mode=Mode.PREVIEW)
        .exclude(attempt__state=State.DISCARDED, attempt__profile__is_rehearsal=True)
        .exclude(attempt__in=Attempt.objects.filter(pk=OuterRef(OuterRef("reserve__spent_on"))))
    )
    rows = kept.filter(Exists(elsewhere)).order_by().values_list("reserve_id", "question_id")
    for reserve, question in rows.iterator():
        sentence = "A question that is kept for the rehearsal was given out elsewhere."
        yield problem(Kind.RESERVE, sentence, reserve=reserve, question=question)
    wrong = Reserve.objects.filter(spent_on__isnull=False).filter(
        ~Q(spent_on__user=F("user")) | Q(spent_on__state=State.DISCARDED) | ~Q(spent_on__mode=Mode.EXAM)
    )
    for pk in wrong.order_by().values_list("pk", flat=True).iterator():
        yield problem(Kind.RESERVE, "It was spent on something that cannot spend it.", reserve=pk)
