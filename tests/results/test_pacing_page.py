import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from exam_sim.accounts.models import User
from exam_sim.exams import attempts, previews
from exam_sim.exams.models import AnswerEvent, Attempt, EndedBy, EventKind, Mode, State
from questions.models import Question
from results.pacing import Change, Lines, Outcome, Share
from results.pacing_page import PacingPage, pacing_of
from tests.factories import make_attempt, make_register, make_user, make_version

pytestmark = pytest.mark.django_db
MINUTE = 60_000


@pytest.fixture
def user() -> User:
    return make_user()


@pytest.fixture
def candidate(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def url(attempt: Attempt) -> str:
    return reverse("results:pacing", args=(attempt.pk,))


def log(attempt: Attempt, item: int, kind: EventKind, value: object, intent_ms: int) -> None:
    AnswerEvent.objects.create(
        attempt=attempt,
        event_id=uuid.uuid4(),
        item=item,
        kind=kind,
        value=value,
        intent_ms=intent_ms,
        received_at=attempt.started_at,
    )


def sat(user: User, **fields: Any) -> Attempt:
    """Two hours of three over three questions: 1 wrong after 95 minutes, 2 from wrong to right within the
    last 20, 3 never seen."""
    attempt = make_attempt(
        user, [make_version(), make_version(), make_version()], answers={1: "b", 2: "a"}, **fields
    )
    log(attempt, 1, EventKind.ANSWER, [2], 5 * MINUTE)
    log(attempt, 1, EventKind.VISIT, 95 * MINUTE, 95 * MINUTE)
    log(attempt, 2, EventKind.ANSWER, [2], 96 * MINUTE)
    log(attempt, 2, EventKind.ANSWER, [3], 105 * MINUTE)
    log(attempt, 2, EventKind.VISIT, 10 * MINUTE, 105 * MINUTE)
    return attempt


def test_what_the_log_says_of_a_sitting(user: User) -> None:
    found = pacing_of(sat(user))
    assert [(q.number, q.outcome, q.change, q.spent_ms, q.answered_ms) for q in found.questions] == [
        (1, Outcome.WRONG, None, 95 * MINUTE, 5 * MINUTE),
        (2, Outcome.RIGHT, Change.WRONG_TO_RIGHT, 10 * MINUTE, 105 * MINUTE),
        (3, Outcome.BLANK, None, 0, None),
    ]
    assert (found.lines, found.end_ms) == (Lines(90.0 * MINUTE, 40_000), 120 * MINUTE)
    assert (found.last, found.before) == (Share(1, 1), Share(0, 1))


def test_extra_time_moves_both_lines(user: User) -> None:
    attempt = sat(
        user,
        seconds_granted=270 * 60,
        seconds_extra=90 * 60,
        deadline=dt.datetime(2026, 3, 2, 13, 30, tzinfo=dt.UTC),
    )
    assert pacing_of(attempt).lines == Lines(135.0 * MINUTE, 60_000)


def test_pauses_are_no_time_of_the_sitting(user: User) -> None:
    attempt = make_attempt(
        user,
        [make_version()],
        mode=Mode.STUDY,
        study="drill",
        seconds_granted=None,
        deadline=None,
        close_by=None,
        paused_ms=30 * MINUTE,
    )
    found = pacing_of(attempt)
    assert (found.end_ms, found.lines) == (90 * MINUTE, Lines(None, 40_000))


def test_the_sentences(user: User) -> None:
    assert PacingPage(sat(user)).sentences == [
        "You had 1 h 00 min a question; half of yours took under 52 min 30 s.",
        "You looked at 2 of 3 questions in 2 h 00 min.",
        "You changed 1 answer: 1 from wrong to right.",
        "In the last 20 minutes you gave 1 final answer: too few to say how good they were.",
    ]


def test_a_pace_of_less_than_a_second_is_told_as_under_one(user: User) -> None:
    attempt = make_attempt(user, [make_version()], answers={1: "a"})
    log(attempt, 1, EventKind.VISIT, 400, MINUTE)
    assert PacingPage(attempt).sentences[0] == "You had 3 h 00 min a question; half of yours took under 1 s."


def test_the_end_is_held_against_what_came_before(user: User) -> None:
    versions = [make_version() for _ in range(20)]
    answers = {n: "a" if n in (1, 2, 3, 11, 12, 13, 14, 15, 16) else "b" for n in range(1, 21)}
    attempt = make_attempt(user, versions, answers=answers)
    for number in range(1, 21):
        at = (10 if number <= 10 else 110) * MINUTE + number
        log(attempt, number, EventKind.ANSWER, [3 if answers[number] == "a" else 2], at)
        log(attempt, number, EventKind.VISIT, MINUTE, at)
    assert PacingPage(attempt).sentences == [
        "You had 9 min 00 s a question; half of yours took under 1 min 00 s.",
        "You looked at all 20 questions in 2 h 00 min.",
        "You stayed with the first answer everywhere.",
        (
            "In the last 20 minutes you gave 10 final answers, and 6 of them were right (60 %); "
            "before that 3 of 10 (30 %)."
        ),
    ]


def text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_page_draws_lists_and_tables_the_sitting(candidate: Client, user: User) -> None:
    attempt = sat(user)
    page = candidate.get(url(attempt)).content.decode()
    review = reverse("results:review", args=(attempt.pk,))
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    assert [text(row) for row in rows] == [
        "Question Time Visits Outcome",
        "Question 1 1 h 35 min 1 ✗ Incorrect",
        "Question 2 10 min 00 s 1 ✓ Correct ▲ changed: from wrong to right",
        "Question 3 0 s 0 ○ Not seen",
    ]
    slow = re.search(r'aria-labelledby="slow-title">(.*?)</section>', page, re.DOTALL)
    assert slow is not None
    assert re.findall(r'href="([^"]+)"', slow[1]) == [f"{review}#q1"]
    assert page.count('class="stay"') == 2
    assert page.count('class="change"') == 1
    assert 'class="last"' in page


def test_a_question_of_an_open_exam_is_not_told(candidate: Client, user: User) -> None:
    """The first is wrong and slow, the second was corrected: neither may show."""
    attempt = sat(user)
    versions = [item.version for item in attempt.items.order_by("number").select_related("version")]
    make_attempt(user, versions[:2], state=State.OPEN)
    page = candidate.get(url(attempt)).content.decode()
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    assert [text(row) for row in rows[1:]] == [
        "Question 1 1 h 35 min 1 … In your open exam or session",
        "Question 2 10 min 00 s 1 … In your open exam or session ◇ changed: not told yet",
        "Question 3 0 s 0 ○ Not seen",
    ]
    assert page.count('<g class="untold">') == 2
    assert ('q1">Question 1' in page, "Hurried and wrong" in page) == (False, True)
    assert "2 of these questions are in an exam or session that you have open" in page
    page_ = PacingPage(attempt)
    assert (page_.pacing.last, page_.pacing.before, page_.slow) == (Share(0, 0), Share(0, 0), [])
    assert page_.sentences[2] == "You changed 1 answer: 1 not told yet."


def test_the_page_is_the_same_whatever_a_withheld_key_is(candidate: Client, user: User) -> None:
    attempt = sat(user)
    item = attempt.items.select_related("version").get(number=1)
    make_attempt(user, [item.version], state=State.OPEN)

    def shown() -> str:
        return re.sub(r'value="[^"]+"', "", candidate.get(url(attempt)).content.decode())

    before = shown()
    for option in item.version.options:
        option["correct"] = option["id"] == "b"
    item.version.save(update_fields=["options"])
    assert shown() == before


def test_an_attempt_without_times_says_so(candidate: Client, user: User) -> None:
    attempt = make_attempt(user, [make_version()], answers={1: "a"})
    log(attempt, 1, EventKind.VISIT, 0, 1)
    page = candidate.get(url(attempt)).content.decode()
    assert "No time on record" in page
    assert "<svg class" not in page


def test_open_attempts_and_previews_go_where_they_belong(candidate: Client, user: User) -> None:
    version = make_version()
    running = make_attempt(user, [version], state=State.OPEN, started_at=timezone.now())
    preview = previews.start(user, Question.objects.all(), timezone.now())
    attempts.close(preview, EndedBy.CANDIDATE, timezone.now())
    assert [candidate.get(url(attempt)).headers.get("Location") for attempt in (running, preview)] == [
        reverse("exams:attempt", args=(running.pk,)),
        reverse("results:review", args=(preview.pk,)),
    ]


def test_what_is_not_mine_or_was_discarded_is_not_there(candidate: Client, user: User) -> None:
    version = make_version()
    other = make_attempt(make_user("other@example.org"), [version])
    discarded = make_attempt(user, [version], state=State.DISCARDED)
    assert [candidate.get(url(attempt)).status_code for attempt in (other, discarded)] == [404, 404]


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_five_queries_for_any_number_of_items(
    candidate: Client, user: User, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    attempt = make_attempt(user, [make_version() for _ in range(count)], answers={1: "a"})
    make_register(attempt, 1, EventKind.FLAG, True)
    for number in range(1, count + 1):
        log(attempt, number, EventKind.VISIT, MINUTE, number * MINUTE)
    with django_assert_num_queries(5):
        candidate.get(url(attempt))
