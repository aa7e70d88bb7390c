"""A site in the middle of its work: for each role somebody who is logged in, and around them something of
everything that has an address. All of it is made by the functions that make it, so it passes the check of
integrity before anybody does their worst."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.conf import settings
from django.test import Client
from django.utils import timezone

from exam_sim.accounts import roles
from exam_sim.accounts.models import Role, User
from exam_sim.exams import attempts, drills, previews
from exam_sim.exams.models import Attempt, ExamProfile, Study
from questions import listing, previewing, statuses
from questions.models import Collection, Preview, Question, Status
from results import notes, reports
from results.digest import digest_results
from results.grading import grade_closed
from results.items import items_of
from results.models import Report, ReportKind, ReportState
from tests.bank.making import make_collection, make_instructor, put
from tests.exams.sitting import MINUTE
from tests.exams.test_reserve import make_exams
from tests.factories import make_user
from tests.questions.builders import content, question
from tests.results.integrity.whole import sit, study

ROLES = ("anonymous", "guest", "candidate", "instructor", "administrator")
DAY = dt.timedelta(days=1)
GIFT = b"""\
// [id:g-1] [tag:task_statement:1.1]
::One:: Which store keeps objects? {=Object store #It does. ~Block store ~File store}

::Two:: Which colours? {=Red =Green ~Grey}

::Why:: Say why. {}
"""


@dataclass(frozen=True)
class Scene:
    """`keys`: of each role the key of its session; of "anonymous" there is none. `running` and `session` are
    open and the candidate's."""

    keys: dict[str, str]
    users: dict[str, User]
    running: Attempt
    session: Attempt

    def client(self, role: str, *, strict: bool = False) -> Client:
        client = Client(enforce_csrf_checks=strict)
        if role in self.keys:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.keys[role]
        return client


def make_scene() -> Scene:
    now = timezone.now()
    mock, rehearsal = make_exams(12)
    instructor = make_instructor()
    administrator = make_user("administrator@example.org", is_superuser=True)
    roles.grant(administrator, Role.ADMINISTRATOR, by=None, now=now)
    guest, candidate, other = make_user(None), make_user(), make_user("other@example.org")
    own = make_bank(instructor, administrator, now)
    mock.collections.add(own)

    for person in (candidate, other, guest):
        ended = sit(attempts.start(person, mock, now - 3 * DAY, seed=1))
        study(person, mock, now - 2 * DAY)
        item = items_of(ended)[0]
        notes.write(person, item.question, "Look at this again.", now)
        reports.make(ended, item, ReportKind.KEY, "Is b not right as well?", now)
        report_own(person, mock, own, now)
    discarded = attempts.start(other, rehearsal, now - DAY, seed=2)
    attempts.discard(discarded.pk, other, now - DAY)
    decided = Report.objects.filter(reporter=candidate)[0]
    reports.decide(decided.pk, ReportState.FIXED, "Thank you.", instructor, now)
    grade_closed(now)
    digest_results(now)

    open_ = {
        person: sit(attempts.start(person, mock, now - 25 * MINUTE, seed=5), end=False)
        for person in (candidate, other, guest, instructor)
    }
    for attempt in open_.values():  # open for as long as a long run takes
        attempts.extend(attempt.pk, 24 * 60, administrator, "fire drill", now)
        attempt.refresh_from_db()
    session = drills.start(
        candidate,
        mock,
        Study.CUSTOM,
        "Session",
        questions_of("mls-c01"),
        timed=False,
        feedback=True,
        now=now - 5 * MINUTE,
        seed=1,
    )
    people = {
        "guest": guest,
        "candidate": candidate,
        "instructor": instructor,
        "administrator": administrator,
    }
    keys = {role: log_in(person) for role, person in people.items()}
    return Scene(keys, people, open_[candidate], session)


def make_bank(instructor: User, administrator: User, now: dt.datetime) -> Collection:
    """A collection of the instructor's, with an import, uploads in every state, and previews."""
    own = make_collection("own", instructor)
    for number in range(3):
        put(own, f"q-{number}", Status.PUBLISHED)
    done = make_upload(instructor, own, now, content(question("q-7"), question("q-8")))
    previewing.apply(done.pk, instructor, now, "")
    make_upload(instructor, own, now)
    make_upload(instructor, own, now, b"\xff\xfe\x00nothing")
    make_upload(administrator, own, now)
    statuses.change(questions_of("own")[:1], Status.TRIAL, by=instructor, now=now, batch=uuid4())
    listing.refresh(Question.objects.values_list("pk", flat=True), today=now.date())
    for person in (instructor, administrator):
        previews.start(person, Question.objects.filter(collection=own), now)
    return own


def make_upload(owner: User, into: Collection, now: dt.datetime, sent: bytes = GIFT) -> Preview:
    preview = previewing.begin(
        owner, into, file_name="bank", content=sent, format="", status=Status.DRAFT, now=now
    )
    previewing.start_reading(preview)
    preview.refresh_from_db()
    return preview


def report_own(person: User, mock: ExamProfile, own: Collection, now: dt.datetime) -> None:
    """A session over questions of the instructor's, and a report that reaches them."""
    at = now - 2 * DAY - DAY / 2
    session = drills.start(
        person, mock, Study.CUSTOM, "Own", questions_of(own.pk)[:2], timed=False, feedback=False, now=at
    )
    sit(session)
    reports.make(session, items_of(session)[0], ReportKind.TYPO, "A letter is missing.", now)


def questions_of(collection: str) -> list[UUID]:
    found = Question.objects.filter(collection=collection).order_by("external_id")
    return list(found.values_list("pk", flat=True)[:20])


def log_in(person: User) -> str:
    client = Client()
    client.force_login(person)
    return str(client.session.session_key)
