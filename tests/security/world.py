"""Everything that an address of the site can lead to, made once: seven people, and rows of each kind.

The candidate sits an open exam over questions of the instructor's own collection. What tells their keys is
made of words that occur nowhere else (`MARKERS`), so a page that lets one out is found by looking for it. The
same candidate has a closed attempt and an open study session that share such a question with that exam.
"""

import datetime as dt
import uuid
from dataclasses import dataclass

from exam_sim.accounts import audit, roles
from exam_sim.accounts.models import Action, Role, User
from exam_sim.accounts.registration import register_guest
from exam_sim.exams import attempts, log
from exam_sim.exams.models import Attempt, EventKind, Extension, Mode, State, Study
from exam_sim.operations import heartbeat
from questions import previewing, statuses
from questions.formats import Option, Reference
from questions.judging import tally
from questions.models import (
    Asset,
    Collection,
    Import,
    KeyCorrection,
    Preview,
    PreviewFigure,
    QuestionVersion,
    Status,
)
from results import reports
from results.digest import digest
from results.grading import result_for
from results.items import items_of
from results.models import Bookmark, Note, Report, ReportKind, ReportState, Result
from tests.bank.making import make_collection, put
from tests.factories import (
    make_attempt,
    make_certification,
    make_profile,
    make_register,
    make_sighted_attempt,
    make_user,
    make_visits,
)
from tests.questions.builders import content, question

MARKERS = {
    "id of the key": "quokkakey",
    "id of a distractor": "quokkawrong",
    "rationale of the key": "Wombatright",
    "rationale of a distractor": "Wombatwrong",
    "explanation": "Numbatbecause",
    "title of a reference": "Bilbytitle",
    "address of a reference": "bilbyaddress",
    "testing point": "Kowaripoint",
    "reason of a corrected key": "Dunnartreason",
    "reply to a report": "Potoroosays",
}
"""By what it marks. A page shows some of them as they are, and the key in other ways too."""
REVIEWED = frozenset(MARKERS) - {"id of the key", "id of a distractor", "testing point"}
"""What the pages of a closed attempt are there to tell."""


@dataclass(frozen=True)
class World:
    people: dict[str, User]
    versions: dict[str, QuestionVersion]
    open: Attempt
    closed: Attempt
    session: Attempt
    discarded: Attempt
    result: Result
    report: Report
    told: Report
    asset: Asset
    batch: uuid.UUID
    done: Import
    shipped: Import
    preview: Preview
    figure: PreviewFigure
    extension: Extension

    @property
    def marked(self) -> list[QuestionVersion]:
        return [self.versions["m-1"], self.versions["m-2"]]


def make_world(now: dt.datetime) -> World:
    heartbeat.beat(now)
    people = _people(now)
    candidate, instructor = people["candidate"], people["instructor"]
    own = make_collection("own", instructor)
    make_collection("theirs", people["colleague"])
    versions = _bank(own, now)
    profile = make_profile(minutes=180, scored=4)
    profile.collections.set([own])
    asset = Asset.objects.create(sha256="ab" * 32, media_type="image/svg+xml", content=b"<svg/>")
    asset.versions.add(versions["m-1"])
    long_ago = now - dt.timedelta(days=3)
    closed = make_sighted_attempt(
        candidate,
        [versions[name] for name in ("m-1", "p-3", "p-4")],
        answers={2: "a"},
        profile=profile,
        started_at=long_ago,
    )
    result = result_for(closed, long_ago)
    digest(result, now)
    report, told = _reports(closed, instructor, now)
    running = make_attempt(
        candidate,
        [versions[name] for name in ("m-1", "m-2", "p-1", "p-2")],
        state=State.OPEN,
        profile=profile,
        started_at=now - dt.timedelta(minutes=10),
    )
    make_visits(running, [1, 2])
    session = make_attempt(
        candidate,
        [versions[name] for name in ("m-2", "p-3")],
        state=State.OPEN,
        profile=profile,
        started_at=now - dt.timedelta(minutes=20),
        mode=Mode.STUDY,
        study=Study.DRILL,
        feedback=True,
        seconds_granted=None,
        deadline=None,
        close_by=None,
    )
    make_register(session, 1, EventKind.CHECK, True)
    for attempt in (closed, running, session):
        make_register(attempt, 1, EventKind.ANSWER, [0])
    discarded = make_attempt(
        candidate, [versions["p-5"]], state=State.DISCARDED, profile=profile, started_at=long_ago
    )
    _beside(candidate, versions, now)
    preview = _upload(instructor, own, now)
    figure = PreviewFigure.objects.create(
        preview=preview, sha256="cd" * 32, media_type="image/svg+xml", content=b"<svg/>"
    )
    extension = attempts.extend(running.pk, 5, instructor, "power cut", now)
    return World(
        people=people,
        versions=versions,
        open=Attempt.objects.get(pk=running.pk),
        closed=closed,
        session=session,
        discarded=discarded,
        result=result,
        report=report,
        told=told,
        asset=asset,
        batch=_status_batch(instructor, versions, now),
        done=_import(own, instructor, now),
        shipped=_import(Collection.objects.get(pk="mls-c01"), None, now),
        preview=preview,
        figure=figure,
        extension=extension,
    )


def close(world: World, now: dt.datetime) -> None:
    """What ending the open exam and the study session leaves behind."""
    for attempt in (world.open, world.session):
        Attempt.objects.filter(pk=attempt.pk).update(
            state=State.CLOSED, closed_at=now, ended_by="candidate", paused_at=None
        )
        log.record_sights(attempt.pk, attempt.user_id, now)


def _people(now: dt.datetime) -> dict[str, User]:
    people = {"guest": register_guest(now)}
    for name in ("candidate", "other", "instructor", "colleague", "administrator"):
        people[name] = make_user(f"{name}@example.org", last_active=now)
        roles.join(people[name])
    for name, role in (
        ("instructor", Role.INSTRUCTOR),
        ("colleague", Role.INSTRUCTOR),
        ("administrator", Role.ADMINISTRATOR),
    ):
        roles.grant(people[name], role, by=None, now=now)
    audit.note(Action.LOGIN, people["instructor"], by=people["instructor"], at=now)
    return {name: User.objects.get(pk=user.pk) for name, user in people.items()}


def _bank(own: Collection, now: dt.datetime) -> dict[str, QuestionVersion]:
    make_certification()
    versions = {
        name: put(own, name, Status.PUBLISHED, task_statement=place, **_marks(name) if name[0] == "m" else {})
        for name, place in {
            "m-1": "1.1",
            "m-2": "2.1",
            "p-1": "1.1",
            "p-2": "2.1",
            "p-3": "1.2",
            "p-4": "2.1",
            "p-5": "1.1",
        }.items()
    }
    versions["s-1"] = put(Collection.objects.get(pk="mls-c01"), "s-1", Status.PUBLISHED)
    first = versions["m-1"]
    KeyCorrection.objects.create(
        question=first.question, before=first, after=first, reason="Dunnartreason was found.", at=now
    )
    return versions


def _marks(name: str) -> dict[str, object]:
    return {
        "options": (
            Option("quokkakey", f"First text of {name}", True, "Wombatright."),
            Option("quokkawrong", f"Second text of {name}", False, "Wombatwrong.", "wrong_setting"),
            Option("quokkawrong2", f"Third text of {name}", False, "Wombatwrong.", "treats_symptom"),
        ),
        "explanation": "Numbatbecause of it.",
        "references": (Reference("Bilbytitle", "https://docs.example.org/bilbyaddress"),),
        "testing_point": f"Kowaripoint {name}",
    }


def _reports(closed: Attempt, instructor: User, now: dt.datetime) -> tuple[Report, Report]:
    """One that waits to be decided, and one whose reply tells the key of a question of the open exam."""
    items = items_of(closed)
    told, _ = reports.make(closed, items[0], ReportKind.KEY, "I doubt it.", now)
    reports.decide(told.pk, ReportState.DECLINED, "Potoroosays so.", instructor, now)
    report, _ = reports.make(closed, items[1], ReportKind.TYPO, "A letter is missing.", now)
    return report, Report.objects.get(pk=told.pk)


def _beside(candidate: User, versions: dict[str, QuestionVersion], now: dt.datetime) -> None:
    for name in ("m-1", "p-3"):
        Note.objects.create(
            user=candidate, question=versions[name].question, text="Read it again", updated_at=now
        )
        Bookmark.objects.create(user=candidate, question=versions[name].question, made_at=now)


def _upload(instructor: User, own: Collection, now: dt.datetime) -> Preview:
    faulty = replace_key(question("u-2"), "")
    preview = previewing.begin(
        instructor, own, file_name="bank.json", content=content(question("u-1"), faulty), now=now
    )
    previewing.read_in(preview.pk, lambda: now)
    preview.refresh_from_db()
    return preview


def replace_key(data: dict[str, object], key: str) -> dict[str, object]:
    options = data["options"]
    assert isinstance(options, list)
    return data | {"options": [option | {"correct": option["id"] in key} for option in options]}


def _status_batch(instructor: User, versions: dict[str, QuestionVersion], now: dt.datetime) -> uuid.UUID:
    batch = uuid.uuid4()
    statuses.change([versions["p-5"].question_id], Status.RETIRED, by=instructor, now=now, batch=batch)
    return batch


def _import(collection: Collection, by: User | None, now: dt.datetime) -> Import:
    return Import.objects.create(
        collection=collection,
        by=by,
        at=now,
        file_name="bank.json",
        file_hash="0" * 64,
        format="json",
        status=Status.DRAFT,
        counts=tally({}),
    )
