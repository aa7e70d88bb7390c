"""Rows for tests, made directly: a small certification, questions with ids and texts that are easy to find in
a page, and attempts with their items and registers as sitting would leave them."""

import datetime as dt
import uuid
from collections.abc import Collection as Several
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from exam_sim.accounts.models import User
from exam_sim.exams import log
from exam_sim.exams.models import (
    AnswerEvent,
    Attempt,
    AttemptItem,
    EndedBy,
    EventKind,
    ExamProfile,
    Mode,
    Register,
    State,
)
from questions.models import (
    Certification,
    Collection,
    Domain,
    Kind,
    Question,
    QuestionVersion,
    Status,
    TaskStatement,
)

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
TREE = {
    ("1", "Data engineering", 60): [("1.1", "Create data repositories"), ("1.2", "Ingest data")],
    ("2", "Modeling", 40): [("2.1", "Train models")],
}


def make_user(email: str | None = "candidate@example.org", **fields: Any) -> User:
    if email is None:
        return User.objects.create_guest()
    return User.objects.create_user(email, "correct horse", **fields)


def make_certification() -> Certification:
    """Domains 1 (task statements 1.1, 1.2) and 2 (2.1), and a collection without owner of the same slug."""
    certification, created = Certification.objects.get_or_create(
        slug="mls-c01", defaults={"title": "Machine Learning Specialty"}
    )
    if created:
        Collection.objects.create(slug="mls-c01", title="Shipped", certification=certification)
        for (code, title, weight), task_statements in TREE.items():
            domain = Domain.objects.create(certification=certification, code=code, title=title, weight=weight)
            for ts_code, ts_title in task_statements:
                TaskStatement.objects.create(domain=domain, code=ts_code, title=ts_title)
    return certification


def make_profile(slug: str = "mls-c01-full-mock", **fields: Any) -> ExamProfile:
    defaults: dict[str, Any] = {
        "certification": make_certification(),
        "title": "Full mock exam",
        "minutes": 180,
        "scored": 65,
        "pass_mark": 750,
        "scale_min": 100,
        "scale_max": 1000,
    }
    profile, _ = ExamProfile.objects.get_or_create(slug=slug, defaults=defaults | fields)
    return profile


def make_version(
    task_statement: str = "1.1",
    *,
    key: str = "a",
    options: str = "abcd",
    question: Question | None = None,
    **fields: Any,
) -> QuestionVersion:
    """A new question's first version, or `question`'s next; each letter of `options` is the id of one
    option."""
    certification = make_certification()
    place = TaskStatement.objects.get(code=task_statement, domain__certification=certification)
    if question is None:
        question = Question.objects.create(
            collection_id="mls-c01",
            external_id=uuid.uuid4().hex,
            task_statement=place,
            status=Status.PUBLISHED,
        )
    name = question.external_id[:6]
    defaults: dict[str, Any] = {
        "number": question.versions.count() + 1,
        "created_at": NOW,
        "source": "tests",
        "fingerprint": uuid.uuid4().hex,
        "kind": Kind.MULTIPLE_CHOICE if len(key) == 1 else Kind.MULTIPLE_RESPONSE,
        "stem": f"Stem {name}",
        "options": [
            {
                "id": id_,
                "text": f"Option {id_} of {name}",
                "correct": id_ in key,
                "rationale": f"Because {id_}.",
            }
            for id_ in options
        ],
        "level": 2,
        "testing_point": f"Point {name}",
        "testing_point_key": uuid.uuid4().hex,
        "layout": {"options": [[id_, False] for id_ in options], "choose": len(key), "shuffle": True},
        "html": {
            "stem": f"<p>Stem {name}</p>",
            "options": {id_: f"<p>Option {id_} of {name}</p>" for id_ in options},
            "exhibits": [],
        },
        "key_html": {
            "explanation": f"<p>Explanation of {name}</p>",
            "rationales": {id_: f"<p>Rationale of {id_} of {name}</p>" for id_ in options},
        },
        "renderer": 1,
    }
    version = QuestionVersion.objects.create(question=question, task_statement=place, **(defaults | fields))
    question.current_version = version
    question.save(update_fields=["current_version"])
    return version


def make_attempt(
    user: User,
    versions: Sequence[QuestionVersion],
    *,
    answers: Mapping[int, str] | None = None,
    unscored: Several[int] = (),
    state: State = State.CLOSED,
    started_at: dt.datetime = NOW,
    **fields: Any,
) -> Attempt:
    """An attempt over `versions`, its options in reverse order; `answers` are option ids by item number.

    Closed ones were ended by the candidate after two hours. `unscored` are item numbers.
    """
    profile = fields.pop("profile", None) or make_profile()
    deadline = started_at + dt.timedelta(minutes=profile.minutes)
    closed = state != State.OPEN
    defaults: dict[str, Any] = {
        "profile": profile,
        "title": profile.title,
        "mode": Mode.EXAM,
        "seconds_granted": profile.minutes * 60,
        "deadline": deadline,
        "grace_seconds": 600,
        "close_by": deadline + dt.timedelta(seconds=600),
        "closed_at": started_at + dt.timedelta(hours=2) if closed else None,
        "ended_by": EndedBy.CANDIDATE if closed else "",
        "pass_mark": profile.pass_mark,
        "scale_min": profile.scale_min,
        "scale_max": profile.scale_max,
        "seed": 1,
        "blueprint": make_blueprint(versions, unscored),
        "shape": [[len(version.options), version.layout["choose"]] for version in versions],
    }
    attempt = Attempt.objects.create(
        id=uuid.uuid4(), user=user, state=state, started_at=started_at, **(defaults | fields)
    )
    items = [
        AttemptItem(
            attempt=attempt,
            number=number,
            question_id=version.question_id,
            version=version,
            scored=number not in unscored,
            option_order=[option["id"] for option in reversed(version.options)],
        )
        for number, version in enumerate(versions, start=1)
    ]
    AttemptItem.objects.bulk_create(items)
    for number, ids in (answers or {}).items():
        positions = sorted(items[number - 1].option_order.index(id_) for id_ in ids)
        make_register(attempt, number, EventKind.ANSWER, positions)
    return attempt


def make_sighted_attempt(
    user: User,
    versions: Sequence[QuestionVersion],
    *,
    shown: Several[int] | None = None,
    sure: Mapping[int, bool] | None = None,
    **fields: Any,
) -> Attempt:
    """As `make_attempt`, with what displaying leaves behind: a first visit of the items `shown` (all, unless
    said), one a minute from the start, and the sights that leaving the open state notes. `sure` by item."""
    attempt = make_attempt(user, versions, **fields)
    numbers = range(1, len(versions) + 1) if shown is None else sorted(shown)
    make_visits(attempt, numbers)
    for number, value in (sure or {}).items():
        make_register(attempt, number, EventKind.SURE, value)
    if attempt.closed_at is not None and not attempt.is_preview:
        log.record_sights(attempt.pk, attempt.user_id, attempt.closed_at)
    return attempt


def make_visits(attempt: Attempt, numbers: Iterable[int]) -> None:
    AnswerEvent.objects.bulk_create(
        AnswerEvent(
            attempt=attempt,
            event_id=uuid.uuid4(),
            item=number,
            kind=EventKind.VISIT,
            value=0,
            intent_ms=60_000 * number,
            received_at=attempt.started_at + dt.timedelta(minutes=number),
        )
        for number in numbers
    )


def make_blueprint(versions: Sequence[QuestionVersion], unscored: Several[int] = ()) -> list[dict[str, Any]]:
    places = [version.task_statement.domain.code for version in versions]
    return [
        {
            "code": code,
            "title": title,
            "weight": weight,
            "scored": sum(place == code and n not in unscored for n, place in enumerate(places, start=1)),
            "unscored": sum(place == code and n in unscored for n, place in enumerate(places, start=1)),
            "task_statements": [{"code": ts, "title": ts_title} for ts, ts_title in task_statements],
        }
        for (code, title, weight), task_statements in TREE.items()
    ]


def make_register(
    attempt: Attempt, number: int, kind: EventKind, value: object, intent_ms: int = 1000
) -> Register:
    return Register.objects.create(
        attempt=attempt, item=number, kind=kind, value=value, intent_ms=intent_ms, event_id=uuid.uuid4()
    )
