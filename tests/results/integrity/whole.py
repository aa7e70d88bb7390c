"""A database in which everything has happened that candidates can do, by the functions that do it."""

import datetime as dt
import uuid
from dataclasses import dataclass
from random import Random

from exam_sim.accounts.models import User
from exam_sim.exams import answers, attempts, drills, pausing, previews, sights
from exam_sim.exams.events import Event
from exam_sim.exams.models import Attempt, EventKind, ExamProfile, Study
from questions import listing
from questions.models import Question
from results.digest import digest_results
from results.grading import grade_closed
from tests.exams.sitting import MINUTE
from tests.exams.test_reserve import make_exams
from tests.factories import NOW, make_user

DAY = dt.timedelta(days=1)
LATER = NOW + 10 * DAY
"""When all is over but what is open."""


@dataclass(frozen=True)
class Whole:
    """ended: with every kind of event. study: with checks and a pause. expired: by the sweeper, with a late
    answer and an extension. running: an open exam."""

    user: User
    ended: Attempt
    study: Attempt
    discarded: Attempt
    rehearsal: Attempt
    expired: Attempt
    running: Attempt
    preview: Attempt


class Hand:
    """Somebody who works through an attempt, an event a second."""

    def __init__(self, attempt: Attempt, seed: int = 0) -> None:
        self.attempt = attempt
        self.rng = Random(seed)
        self.intent = 0

    def event(self, item: int, kind: EventKind, value: object) -> Event:
        self.intent += 1000
        return Event(uuid.UUID(int=self.rng.getrandbits(128)), item, kind, value, self.intent)  # type: ignore[arg-type]

    def answer(self, item: int) -> Event:
        options, choose = self.attempt.shape[item - 1]
        return self.event(item, EventKind.ANSWER, sorted(self.rng.sample(range(options), choose)))

    def send(self, *events: Event, end: bool = False, at: dt.timedelta = 20 * MINUTE) -> None:
        attempt = self.attempt
        answers.record(attempt.pk, attempt.user, events, attempt.started_at + at, end=end)
        attempt.refresh_from_db()


def sit(attempt: Attempt, *, end: bool = True, seed: int = 0) -> Attempt:
    """Everything is visited, most is answered and changed, some is flagged and struck out."""
    hand = Hand(attempt, seed)
    for item in range(1, attempt.item_count + 1):
        events = [hand.event(item, EventKind.VISIT, 500), hand.answer(item)]
        if item % 3 == 0:
            events += [hand.event(item, EventKind.FLAG, True), hand.event(item, EventKind.STRIKE, [0])]
        hand.send(*events, hand.answer(item), at=2 * MINUTE + item * MINUTE / 4)
    older = hand.answer(1)
    newer = hand.answer(1)
    hand.send(newer)
    hand.send(older, hand.event(0, EventKind.SCRATCHPAD, "2 of 3 are out"))
    hand.send(end=end)
    return attempt


def study(user: User, profile: ExamProfile, now: dt.datetime) -> Attempt:
    """A timed session with a pause: two items checked, the rest left; the confidence is said of one."""
    questions = list(Question.objects.order_by("pk").values_list("pk", flat=True))
    session = drills.start(
        user, profile, Study.CUSTOM, "Session", questions, timed=True, feedback=True, now=now, seed=1
    )
    hand = Hand(session)
    hand.send(hand.answer(1), hand.event(1, EventKind.SURE, False), hand.event(1, EventKind.CHECK, True))
    pausing.pause(session.pk, user, now + 21 * MINUTE)
    hand.send(hand.answer(2), hand.event(2, EventKind.CHECK, True), at=5 * 60 * MINUTE)
    pausing.resume(session.pk, user, now + 6 * 60 * MINUTE)
    hand.send(hand.event(3, EventKind.VISIT, 2_000), at=6 * 60 * MINUTE + 2 * MINUTE)
    hand.send(end=True, at=6 * 60 * MINUTE + 3 * MINUTE)
    return session


def expire(attempt: Attempt) -> Attempt:
    """Ten more minutes, an answer within the grace, one after it, and nobody ends it."""
    attempts.extend(attempt.pk, 10, None, "fire drill", attempt.started_at + MINUTE)
    attempt.refresh_from_db()
    hand = Hand(attempt)
    hand.send(hand.event(1, EventKind.VISIT, 1), hand.answer(1))
    hand.send(hand.answer(2), at=42 * MINUTE)
    attempts.close_expired(attempt.started_at + 60 * MINUTE)
    hand.send(hand.answer(3), at=61 * MINUTE)
    return attempt


def make_whole() -> Whole:
    mock, rehearsal = make_exams(12)
    listing.refresh(Question.objects.values_list("pk", flat=True), today=NOW.date())
    user, other, third = make_user(), make_user("b@example.org"), make_user(None)
    ended = sit(attempts.start(user, mock, NOW, seed=1))
    session = study(user, mock, NOW + DAY)
    discarded = attempts.start(user, rehearsal, NOW + 2 * DAY, seed=2)
    hand = Hand(discarded)
    hand.send(hand.event(1, EventKind.VISIT, 0), hand.answer(2))
    attempts.discard(discarded.pk, user, NOW + 2 * DAY + 30 * MINUTE)
    again = sit(attempts.start(user, rehearsal, NOW + 3 * DAY, seed=3), seed=3)
    expired = expire(attempts.start(other, mock, NOW + 4 * DAY, seed=4))
    grade_closed(NOW + 5 * DAY)
    digest_results(NOW + 5 * DAY)
    sights.reveal(expired, 9, NOW + 5 * DAY)
    instructor = make_user("i@example.org", is_staff=True)
    shown = Question.objects.filter(pk__in=list(Question.objects.values_list("pk", flat=True)[:3]))
    preview = previews.start(instructor, shown, NOW + 6 * DAY)
    hand = Hand(preview)
    hand.send(hand.answer(1), end=True)
    running = sit(attempts.start(third, mock, LATER - 25 * MINUTE, seed=5), end=False)
    sit(attempts.start(instructor, mock, LATER - 60 * MINUTE, seed=6))
    for attempt in (discarded, again, expired):
        attempt.refresh_from_db()
    return Whole(user, ended, session, discarded, again, expired, running, preview)
