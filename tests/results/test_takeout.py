"""A candidate's own data leaves whole, and nothing else with it."""

import csv
import datetime as dt
import io
import json
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from exam_sim.accounts.models import User
from exam_sim.exams import previews
from exam_sim.exams.models import (
    AnswerEvent,
    Attempt,
    EventKind,
    Extension,
    LateAnswer,
    Mode,
    Reserve,
    ReservedQuestion,
    Sight,
    State,
)
from questions.models import Collection, Question, QuestionVersion
from results.grading import result_for
from results.models import Bookmark, Card, ExamDate, Note, Report
from results.takeout import harmless
from tests.factories import NOW, make_attempt, make_certification, make_register, make_user, make_version

pytestmark = pytest.mark.django_db
CSV, JSON = "/results/data/answers.csv", "/results/data/everything.json"
ANKI = "/results/data/missed/mls-c01.csv"


@pytest.fixture
def user() -> User:
    return make_user(name="Ada")


@pytest.fixture
def candidate(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def see(attempt: Attempt, *items: int, ms: int = 90_500) -> None:
    """Displayed for `ms`, and so seen."""
    for number in items:
        AnswerEvent.objects.create(
            attempt=attempt,
            event_id=uuid.uuid4(),
            item=number,
            kind=EventKind.VISIT,
            value=ms,
            intent_ms=ms,
            received_at=attempt.started_at,
        )
        question = attempt.items.get(number=number).question
        if attempt.state == State.CLOSED:
            Sight.objects.get_or_create(
                user=attempt.user,
                question=question,
                defaults={"first_attempt": attempt, "last_seen": attempt.closed_at},
            )


def text_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return b"".join(response.streaming_content).decode()


def rows(client: Client) -> list[dict[str, str]]:
    text = text_of(client, CSV)
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def everything(client: Client) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text_of(client, JSON))
    return document


def sat(user: User) -> tuple[Attempt, list[QuestionVersion]]:
    """1 right, 2 wrong with a note, 3 never displayed."""
    versions = [make_version("1.1"), make_version("2.1", key="ab"), make_version("2.1")]
    attempt = make_attempt(user, versions, answers={1: "a", 2: "bd"}, unscored={2})
    make_register(attempt, 1, EventKind.FLAG, True)
    make_register(attempt, 2, EventKind.SURE, False)
    see(attempt, 1, 2)
    Note.objects.create(user=user, question=versions[1].question, text="=Remember\nthis", updated_at=NOW)
    result_for(attempt, NOW)
    return attempt, versions


def test_a_row_for_each_item(candidate: Client, user: User) -> None:
    attempt, (first, second, _) = sat(user)
    names = [version.question.external_id for version in (first, second)]
    both = {
        "attempt": str(attempt.pk),
        "exam": "Full mock exam",
        "mode": "exam",
        "state": "closed",
        "started": "2026-03-02 09:00:00+00:00",
        "closed": "2026-03-02 11:00:00+00:00",
    }
    assert rows(candidate) == [
        both
        | {
            "number": "1",
            "question": names[0],
            "version": "1",
            "domain": "1",
            "task_statement": "1.1",
            "scored": "yes",
            "my_numbers": "4",
            "my_answer": f"Option a of {names[0][:6]}",
            "key_numbers": "4",
            "key": f"Option a of {names[0][:6]}",
            "right": "yes",
            "first_sight": "yes",
            "seconds": "90.5",
            "flagged": "yes",
            "sure": "",
            "note": "",
        },
        both
        | {
            "number": "2",
            "question": names[1],
            "version": "1",
            "domain": "2",
            "task_statement": "2.1",
            "scored": "no",
            "my_numbers": "1 | 3",
            "my_answer": f"Option d of {names[1][:6]} | Option b of {names[1][:6]}",
            "key_numbers": "3 | 4",
            "key": f"Option b of {names[1][:6]} | Option a of {names[1][:6]}",
            "right": "no",
            "first_sight": "yes",
            "seconds": "90.5",
            "flagged": "no",
            "sure": "no",
            "note": "'=Remember\nthis",
        },
        both
        | {
            "number": "3",
            "question": "",
            "version": "",
            "domain": "2",
            "task_statement": "2.1",
            "scored": "yes",
            "my_numbers": "",
            "my_answer": "",
            "key_numbers": "",
            "key": "",
            "right": "",
            "first_sight": "no",
            "seconds": "0.0",
            "flagged": "no",
            "sure": "",
            "note": "",
        },
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\n"])
def test_no_cell_is_a_formula(start: str) -> None:
    assert harmless(f"{start}1") == f"'{start}1"
    assert harmless(f"1{start}") == f"1{start}"


def test_files_are_saved_and_kept_by_no_cache(candidate: Client) -> None:
    for url, name, media_type in (
        (CSV, "my-answers.csv", "text/csv; charset=utf-8"),
        (JSON, "my-exam-simulator-data.json", "application/json"),
    ):
        headers = candidate.get(url).headers
        assert {name: headers[name] for name in ("Content-Disposition", "Content-Type", "Cache-Control")} == {
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Type": media_type,
            "Cache-Control": "private, no-store",
        }
        assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def key_words(version: QuestionVersion) -> list[str]:
    """What would tell this question or its key."""
    name = version.question.external_id
    return [name, f"Option a of {name[:6]}", f"Explanation of {name[:6]}", f"Stem {name[:6]}"]


def test_an_open_exam_gives_my_answers_and_no_key(candidate: Client, user: User) -> None:
    version = make_version()
    attempt = make_attempt(user, [version], answers={1: "b"}, state=State.OPEN, started_at=timezone.now())
    see(attempt, 1)
    (row,) = rows(candidate)
    told = {name: value for name, value in row.items() if value and name not in ("attempt", "started")}
    assert told == {
        "exam": "Full mock exam",
        "mode": "exam",
        "state": "open",
        "number": "1",
        "my_numbers": "3",
        "my_answer": f"Option b of {version.question.external_id[:6]}",
        "seconds": "90.5",
        "flagged": "no",
    }
    document = text_of(candidate, JSON)
    assert [word for word in key_words(version) if word in document] == []


def test_swapping_the_keys_of_an_open_exam_changes_no_byte(candidate: Client, user: User) -> None:
    """The question was also sat before, noted, reported with an answer and repeated."""
    version = make_version()
    before = make_attempt(user, [version], answers={1: "a"})
    see(before, 1)
    running = make_attempt(user, [version], answers={1: "b"}, state=State.OPEN, started_at=timezone.now())
    see(running, 1)
    report_on(before, reply="The key is a.")
    Card.objects.create(
        user=user, question=version.question, due=NOW, last_review=NOW, stability=3.7, difficulty=5.1
    )

    def files() -> tuple[str, str]:
        document = everything(candidate)
        del document["taken_at"]
        return text_of(candidate, CSV), json.dumps(document)

    first = files()
    assert "The key is a." not in first[1]
    assert json.loads(first[1])["repetition"] == []
    for option in version.options:
        option["correct"] = option["id"] == "c"
    version.save(update_fields=["options"])
    assert files() == first


def test_what_is_kept_for_the_rehearsal_has_no_name_and_no_text(candidate: Client, user: User) -> None:
    """It was displayed in a rehearsal that was discarded, which gave the reserve back."""
    version = make_version()
    attempt = make_attempt(user, [version], answers={1: "b"}, state=State.DISCARDED)
    see(attempt, 1)
    reserve = Reserve.objects.create(user=user, certification=make_certification(), drawn_at=NOW)
    ReservedQuestion.objects.create(reserve=reserve, question=version.question)
    (row,) = rows(candidate)
    assert (row["question"], row["my_numbers"], row["my_answer"], row["key"]) == ("", "3", "", "")
    own: dict[str, Any] = {"user": user, "question": version.question}
    Sight.objects.create(first_attempt=attempt, last_seen=NOW, **own)
    Bookmark.objects.create(made_at=NOW, **own)
    Note.objects.create(text="Mine", updated_at=NOW, **own)
    Card.objects.create(due=NOW, last_review=NOW, stability=1, difficulty=1, **own)
    report_on(attempt, text="Strange")
    document = text_of(candidate, JSON)
    told = [version.question.external_id, *key_words(version)]
    assert [word for word in told if word in document] == []
    assert [note["text"] for note in json.loads(document)["notes"]] == ["Mine"]


def test_a_discarded_attempt_tells_no_key(candidate: Client, user: User) -> None:
    attempt = make_attempt(user, [make_version()], answers={1: "b"}, state=State.DISCARDED)
    see(attempt, 1)
    (row,) = rows(candidate)
    assert (row["state"], row["my_numbers"], row["key"], row["right"]) == ("discarded", "3", "", "")


def report_on(attempt: Attempt, **fields: object) -> Report:
    item = attempt.items.get(number=1)
    return Report.objects.create(
        reporter=attempt.user,
        attempt=attempt,
        number=1,
        question=item.question,
        version=item.version,
        option_order=item.option_order,
        chosen=["b"],
        kind="typo",
        made_at=NOW,
        **fields,
    )


def test_the_document_holds_all_that_is_mine(candidate: Client, user: User) -> None:
    attempt, (first, second, _) = sat(user)
    name, other_name = first.question.external_id, second.question.external_id
    staff = make_user("staff@example.org", name="Somebody Else")
    Extension.objects.create(
        attempt=attempt, seconds=600, reason="Fire alarm", granted_at=NOW, granted_by=staff
    )
    LateAnswer.objects.create(attempt=attempt, item=1, value=[2], intent_ms=7, received_at=NOW)
    Bookmark.objects.create(user=user, question=first.question, made_at=NOW)
    Card.objects.create(
        user=user, question=first.question, due=NOW, last_review=NOW, stability=3.5, difficulty=5
    )
    ExamDate.objects.create(user=user, certification=make_certification(), date=dt.date(2026, 5, 1))
    report_on(attempt, text="Teh", state="fixed", decided_at=NOW, decided_by=staff, reply="Thanks.")
    document = everything(candidate)
    at, closed = "2026-03-02T09:00:00Z", "2026-03-02T11:00:00Z"
    (told,) = document["attempts"]
    assert {
        key: value for key, value in document.items() if key not in ("account", "attempts", "taken_at")
    } == {
        "exam_dates": [{"certification": "mls-c01", "date": "2026-05-01"}],
        "notes": [{"question": other_name, "text": "=Remember\nthis", "updated_at": at}],
        "bookmarks": [{"question": name, "made_at": at}],
        "reports": [
            {
                "attempt": str(attempt.pk),
                "number": 1,
                "question": name,
                "version": 1,
                "option_order": ["d", "c", "b", "a"],
                "chosen": ["b"],
                "kind": "typo",
                "text": "Teh",
                "made_at": at,
                "state": "fixed",
                "reply": "Thanks.",
                "decided_at": at,
                "read_at": None,
            }
        ],
        "questions_seen": [
            {"question": version.question.external_id, "first_attempt": str(attempt.pk), "last_seen": closed}
            for version in sorted((first, second), key=lambda version: version.question_id)
        ],
        "repetition": [{"question": name, "due": at, "last_review": at, "stability": 3.5, "difficulty": 5.0}],
        "reserves": [],
        "role_changes": [],
    }
    assert (document["account"]["email"], document["account"]["name"]) == ("candidate@example.org", "Ada")
    assert (len(told["items"]), len(told["events"]), told["results"][0]["correct"]) == (3, 2, 1)
    assert told["items"][0]["my_answer"] == [f"Option a of {name[:6]}"]
    assert told["extensions"] == [{"seconds": 600, "reason": "Fire alarm", "granted_at": at}]
    assert told["late_answers"] == [{"item": 1, "value": [2], "intent_ms": 7, "received_at": at}]


NOT_TAKEN = {"sessions", "previews", "column_mappings", "collections", "logentry"}
"""What somebody works with and does not tell of them as a candidate."""
TAKEN = {
    "attempts": "attempts",
    "sights": "questions_seen",
    "reserves": "reserves",
    "cards": "repetition",
    "notes": "notes",
    "bookmarks": "bookmarks",
    "reports": "reports",
    "exam_dates": "exam_dates",
    "role_changes": "role_changes",
}


def test_nothing_that_points_at_a_candidate_was_forgotten(candidate: Client) -> None:
    assert {relation.name for relation in User._meta.related_objects} == NOT_TAKEN | TAKEN.keys()
    assert everything(candidate).keys() == {"taken_at", "account", *TAKEN.values()}


def test_nothing_of_anybody_else_and_no_password_leaves(candidate: Client, user: User) -> None:
    sat(user)
    other = make_user("other@example.org", name="Somebody Else")
    attempt, versions = sat(other)
    Bookmark.objects.create(user=other, question=versions[2].question, made_at=NOW)
    for url in (CSV, JSON):
        text = text_of(candidate, url)
        theirs = [
            str(attempt.pk),
            str(other.pk),
            "other@example.org",
            "Somebody Else",
            versions[0].question.external_id,
        ]
        assert [word for word in [*theirs, user.password, "password"] if word in text] == []


def test_study_sessions_are_attempts_and_previews_are_none(candidate: Client, user: User) -> None:
    versions = [make_version()]
    untimed: dict[str, Any] = {"seconds_granted": None, "deadline": None, "close_by": None}
    make_attempt(user, versions, mode=Mode.STUDY, study="drill", **untimed)
    previews.start(user, Question.objects.all(), NOW)
    assert [row["mode"] for row in rows(candidate)] == ["drill"]
    assert [attempt["study"] for attempt in everything(candidate)["attempts"]] == ["drill"]


@pytest.mark.parametrize("count", [1, 3])
def test_a_batch_of_attempts_costs_the_same_as_one(
    candidate: Client, user: User, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for _ in range(count):
        see(make_attempt(user, [make_version()], answers={1: "a"}), 1)
    with django_assert_num_queries(7):  # session with user, attempts, reserves; four for the batch
        text_of(candidate, CSV)
    with django_assert_num_queries(20):
        text_of(candidate, JSON)


# Cards


def missed(user: User) -> list[QuestionVersion]:
    """Wrong, right, right by luck, wrong but in an open exam."""
    versions = [make_version() for _ in range(4)]
    attempt = make_attempt(user, versions, answers={1: "b", 2: "a", 3: "a", 4: "b"})
    make_register(attempt, 2, EventKind.SURE, True)
    make_register(attempt, 3, EventKind.SURE, False)
    see(attempt, 1, 2, 3, 4)
    result_for(attempt, NOW)
    make_attempt(user, versions[3:], state=State.OPEN, started_at=timezone.now())
    return versions


def guids(text: str) -> set[str]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {row[0] for row in csv.reader(lines, delimiter=";")}


def test_missed_questions_and_lucky_guesses_are_cards(candidate: Client, user: User) -> None:
    wrong, _, lucky, _ = missed(user)
    text = text_of(candidate, ANKI)
    assert guids(text) == {f"mls-c01/{version.question.external_id}" for version in (wrong, lucky)}
    assert "2 cards" in candidate.get("/results/data").content.decode()


def test_what_was_right_the_last_time_is_no_card(candidate: Client, user: User) -> None:
    version = make_version()
    for days, answer in ((0, "b"), (1, "a")):
        attempt = make_attempt(user, [version], answers={1: answer}, started_at=NOW + dt.timedelta(days=days))
        see(attempt, 1)
        result_for(attempt, NOW)
    response = candidate.get(ANKI, follow=True)
    assert "There is nothing to put on cards" in response.content.decode()


def test_a_card_of_another_collection_is_named_by_it(candidate: Client, user: User) -> None:
    version = make_version()
    own = Collection.objects.create(slug="acme", title="Acme", certification=make_certification())
    version.question.collection = own
    version.question.save(update_fields=["collection"])
    attempt = make_attempt(user, [version], answers={1: "b"})
    see(attempt, 1)
    result_for(attempt, NOW)
    assert guids(text_of(candidate, ANKI)) == {f"mls-c01/acme/{version.question.external_id}"}


def test_an_unknown_certification_is_not_there(candidate: Client) -> None:
    assert candidate.get("/results/data/missed/nothing.csv").status_code == 404


def test_without_any_attempt_the_page_says_so(candidate: Client) -> None:
    page = candidate.get("/results/data").content.decode()
    assert "You have sat nothing yet" in page
    assert "Anki" not in page


def test_a_stranger_gets_nothing(client: Client) -> None:
    assert [client.get(url).status_code for url in ("/results/data", CSV, JSON, ANKI)] == [302] * 4
