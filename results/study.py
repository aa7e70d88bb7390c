"""Which questions a study session asks: one function for each way of choosing them.

Every session is an attempt over the questions that are chosen here, in a chance order, out of what the exam
it prepares for draws from. A question that is kept for the dress rehearsal is never chosen. Fewer are found
than were asked for where there are no more; where there are none, NothingToStudyError says so.
"""

import secrets
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from random import Random
from uuid import UUID

from django.db.models import QuerySet

from exam_sim.accounts.models import User
from exam_sim.exams import drills, forming
from exam_sim.exams.assembly import apportion
from exam_sim.exams.exceptions import NothingToStudyError
from exam_sim.exams.models import (
    Attempt,
    AttemptItem,
    EventKind,
    ExamProfile,
    Register,
    Sight,
    State,
    Study,
)
from exam_sim.exams.reserve import reserved
from questions.listing import service_mark
from questions.models import Listing, Question, Status, TaskStatement
from questions.words import terms as word_terms
from results import cards, mastery
from results.evidence import History, history_of
from results.models import Bookmark, ExamDate, Note

WINDOW = 2_000
"""How many questions that suit a custom session are read at most, from a random place on: ids are random, so
such a window is a fair sample of a large bank and its cost does not grow with it."""

PlaceCode = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Terms:
    """How a session is sat, whatever it asks. `timed`: at the pace of the exam; `feedback`: each answer can
    be checked at once."""

    length: int
    timed: bool = False
    feedback: bool = True


@dataclass(frozen=True, slots=True)
class Wish:
    """The filters of a custom session; what is empty does not filter. `standing` is a key of `STANDINGS`."""

    domain: str = ""
    task_statement: str = ""
    kind: str = ""
    level: int = 0
    service: str = ""
    words: str = ""
    standing: str = ""


STANDINGS = {
    "unseen": "I have not seen",
    "seen": "I have seen",
    "missed": "I got wrong last time",
    "right": "I got right last time",
    "flagged": "I flagged",
    "bookmarked": "I bookmarked",
    "noted": "I wrote a note on",
}


class Desk:
    """One candidate in front of the study page: what there is to study for `profile`'s certification. Each
    property is one query at most."""

    def __init__(self, user: User, profile: ExamProfile, now: datetime) -> None:
        self.user = user
        self.profile = profile
        self.now = now

    @cached_property
    def history(self) -> History:
        return history_of(self.user, self.profile.certification_id, self.now)

    @cached_property
    def statements(self) -> list[TaskStatement]:
        return list(
            TaskStatement.objects.filter(domain__certification=self.profile.certification_id)
            .select_related("domain")
            .order_by("domain__code", "code")
        )

    @cached_property
    def posteriors(self) -> list[mastery.Posterior]:
        siblings: dict[str, int] = {}
        for statement in self.statements:
            siblings[statement.domain.code] = siblings.get(statement.domain.code, 0) + 1
        places = [
            mastery.Place(s.domain.code, s.code, s.title, s.domain.weight, siblings[s.domain.code])
            for s in self.statements
        ]
        return mastery.posteriors(places, self.history.evidence())

    @cached_property
    def exam_date(self) -> date | None:
        dates = ExamDate.objects.filter(user=self.user, certification=self.profile.certification_id)
        return dates.values_list("date", flat=True).first()

    @cached_property
    def flagged(self) -> set[str]:
        """Questions that stood flagged when they were seen last, as in `History.newest`."""
        raised = set(
            Register.objects.filter(
                attempt__user=self.user, attempt__state=State.CLOSED, kind=EventKind.FLAG, value=True
            ).values_list("attempt_id", "item")
        )
        newest = self.history.newest()
        return {
            question
            for question, last in newest.items()
            if (last.sitting.attempt_id, last.item.number) in raised
        }

    @cached_property
    def missed(self) -> set[str]:
        """Questions whose newest answer was wrong."""
        return {q for q, last in self.history.newest().items() if not last.item.right}

    @cached_property
    def lucky(self) -> set[str]:
        """Questions whose newest answer was right, by a guess."""
        return {q for q, last in self.history.newest().items() if last.item.is_lucky}

    def due(self, limit: int | None = None) -> list[UUID]:
        return cards.due(self.user, self.profile.certification_id, self.now, self.exam_date, limit)


def drill(desk: Desk, domain: str, task_statement: str, terms: Terms) -> Attempt:
    """A domain, or one task statement of it (empty: all of them, as evenly as they allow)."""
    wanted = [s for s in desk.statements if s.domain.code == domain and task_statement in ("", s.code)]
    if not wanted:
        raise NothingToStudyError("There is no such domain or task statement.")
    title = f"{wanted[0].code} {wanted[0].title}" if task_statement else wanted[0].domain.title
    share = apportion(terms.length, {s.code: 1 for s in wanted})
    rng = _rng()
    chosen = _draw(desk, {(domain, code): places for code, places in share.items() if places}, rng)
    if len(chosen) < terms.length:  # a task statement is short: the others make up for it
        more = _draw(desk, {(domain, s.code): terms.length for s in wanted}, rng)
        chosen += [question for question in more if question not in set(chosen)]
    return _start(desk, Study.DRILL, f"Drill: {title}", chosen[: terms.length], terms, rng)


def weak(desk: Desk, terms: Terms) -> Attempt:
    """Where the posterior is lowest and least certain, unseen questions first."""
    rng = _rng()
    chosen = _draw(desk, mastery.weak_places(desk.posteriors, terms.length), rng)
    return _start(desk, Study.WEAK, "Weak areas", chosen, terms, rng)


def missed(desk: Desk, terms: Terms) -> Attempt:
    """Wrong last time, flagged last time, or right by a lucky guess; those seen longest ago first."""
    to_repeat = desk.missed | desk.flagged | desk.lucky
    newest = desk.history.newest()
    oldest_first = sorted(to_repeat, key=lambda question: (newest[question].sitting.closed_at, question))
    rng = _rng()
    return _start(
        desk, Study.MISSED, "Missed and flagged", _served(desk, oldest_first)[: terms.length], terms, rng
    )


def due(desk: Desk, terms: Terms) -> Attempt:
    """What spaced repetition asks for today, the most urgent first."""
    return _start(desk, Study.DUE, "Due today", desk.due(terms.length), terms, _rng())


def custom(desk: Desk, wish: Wish, terms: Terms) -> Attempt:
    """Whatever suits `wish`: unseen questions first, then by chance."""
    rng = _rng()
    suiting = _suiting(desk, wish, rng)
    if not suiting:
        raise NothingToStudyError("No question fits all of these choices: leave some of them open.")
    rng.shuffle(suiting)
    seen = set(
        Sight.objects.filter(user=desk.user, question__in=suiting).values_list("question_id", flat=True)
    )
    suiting.sort(key=seen.__contains__)
    return _start(desk, Study.CUSTOM, "Custom session", suiting[: terms.length], terms, rng)


def _suiting(desk: Desk, wish: Wish, rng: Random) -> list[UUID]:
    questions = _pool(desk)
    if wish.domain:
        questions = questions.filter(task_statement__domain__code=wish.domain)
    if wish.task_statement:
        questions = questions.filter(task_statement__code=wish.task_statement)
    if wish.kind:
        questions = questions.filter(current_version__kind=wish.kind)
    if wish.level:
        questions = questions.filter(current_version__level=wish.level)
    looked_up = word_terms(wish.words, [service_mark(wish.service)] if wish.service else [])
    if looked_up:
        questions = questions.filter(listing__in=Listing.objects.filter(words__hold=looked_up))
    if wish.standing:
        questions = _standing(desk, questions, wish.standing)
    return _window(questions, rng)


def _standing(desk: Desk, questions: QuerySet[Question], standing: str) -> QuerySet[Question]:
    user = desk.user
    seen = Sight.objects.filter(user=user).values("question")
    match standing:
        case "unseen":
            in_open = AttemptItem.objects.filter(attempt__in=Attempt.objects.of(user).open().of_candidates())
            return questions.exclude(pk__in=seen).exclude(pk__in=in_open.values("question"))
        case "seen":
            return questions.filter(pk__in=seen)
        case "bookmarked":
            return questions.filter(pk__in=Bookmark.objects.filter(user=user).values("question"))
        case "noted":
            return questions.filter(pk__in=Note.objects.filter(user=user).values("question"))
        case "missed":
            return questions.filter(pk__in=desk.missed)
        case "flagged":
            return questions.filter(pk__in=desk.flagged)
    newest = desk.history.newest().items()
    return questions.filter(pk__in={question for question, last in newest if last.item.right})


def _pool(desk: Desk) -> QuerySet[Question]:
    """What may be asked at all: served by the profile's collections, not kept for the rehearsal, and in no
    exam that is being sat. Words are looked for in explanations too, so a search that found such a question
    would tell what its explanation says."""
    kept = reserved(desk.user, desk.profile.certification_id)
    served = Question.objects.filter(
        collection__profiles=desk.profile, status=Status.PUBLISHED, current_version__isnull=False
    )
    return served.exclude(pk__in=kept.values("pk")).exclude(
        pk__in=drills.being_sat(desk.user).values("question")
    )


def _window(questions: QuerySet[Question], rng: Random) -> list[UUID]:
    start = uuid.UUID(int=rng.getrandbits(128))
    ids = questions.order_by("pk").values_list("pk", flat=True)
    found = list(ids.filter(pk__gte=start)[:WINDOW])
    if len(found) < WINDOW:
        found += ids.filter(pk__lt=start)[: WINDOW - len(found)]
    return found


def _served(desk: Desk, questions: Sequence[str]) -> list[UUID]:
    """Those of `questions` that may still be asked, in their order."""
    served = set(_pool(desk).filter(pk__in=questions).values_list("pk", flat=True))
    return [id_ for id_ in map(UUID, questions) if id_ in served]


def _draw(desk: Desk, wanted: Mapping[PlaceCode, int], rng: Random) -> list[UUID]:
    return forming.draw(desk.user, desk.profile, wanted, desk.now, rng)


def _start(
    desk: Desk, study: Study, title: str, questions: Iterable[UUID], terms: Terms, rng: Random
) -> Attempt:
    chosen = list(questions)
    rng.shuffle(chosen)
    return drills.start(
        desk.user,
        desk.profile,
        study,
        title[:120],
        chosen,
        timed=terms.timed,
        feedback=terms.feedback,
        now=desk.now,
    )


def _rng() -> Random:
    return Random(secrets.randbits(62))  # noqa: S311 - which questions come is no secret
