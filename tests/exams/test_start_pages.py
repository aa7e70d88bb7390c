"""The pages before an exam: what is kept for the rehearsal, in one true sentence, and what is open."""

import datetime as dt
import re
from random import Random

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from exam_sim.accounts.models import User
from exam_sim.exams import attempts, drills, forming
from exam_sim.exams.models import Attempt, ExamProfile, Reserve, Study
from questions.models import Question
from tests.exams.sitting import MINUTE
from tests.exams.test_attempts import make_bank
from tests.exams.test_reserve import make_exams, retire, sit
from tests.factories import NOW, make_profile, make_user

pytestmark = pytest.mark.django_db

TO_COME = "From your first exam on, 10 questions are kept for you: nothing else shows them before."


def text_of(client: Client, url: str) -> str:
    """The page's words, without markup and line breaks."""
    page = client.get(url).content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)).replace("&#x27;", "'")


def study(user: User, profile: ExamProfile, title: str, now: dt.datetime) -> Attempt:
    questions = forming.draw(user, profile, {("1", "1.1"): 2}, now, Random(1))
    return drills.start(user, profile, Study.DRILL, title, questions, timed=False, feedback=True, now=now)


def test_before_the_first_exam_anybody_reads_that_a_form_will_be_kept(client: Client) -> None:
    make_exams()
    user = make_user()
    for _ in range(2):
        assert TO_COME in text_of(client, "/")
        assert TO_COME in text_of(client, "/exams/rehearsal/")
        assert (
            "From your first exam on, 10 questions are kept back for your dress rehearsal: "
            "this exam shows none of them."
        ) in text_of(client, "/exams/ten/")
        client.force_login(user)


def test_afterwards_it_is_kept_and_every_page_says_so(client: Client) -> None:
    mock, _ = make_exams()
    user = make_user()
    sit(user, mock)
    client.force_login(user)
    sentence = "10 questions are kept for you: nothing else shows them before."
    assert sentence in text_of(client, "/")
    assert sentence in text_of(client, "/exams/rehearsal/")
    assert "10 questions are kept back for your dress rehearsal: this exam shows none of them." in text_of(
        client, "/exams/ten/"
    )


def test_a_reserve_that_shrank_or_was_seen_is_told_as_it_is(client: Client) -> None:
    _, rehearsal = make_exams(12)
    user = make_user()
    attempt = attempts.start(user, rehearsal, NOW)
    attempt.events.create(event_id=attempt.pk, item=1, kind="visit", value=0, intent_ms=1, received_at=NOW)
    attempts.discard(attempt.pk, user, NOW)
    [shown] = attempt.items.filter(number=1).values_list("question", flat=True)
    retire(*attempt.items.exclude(question=shown).values_list("question", flat=True))
    client.force_login(user)
    assert (
        "1 question is kept for you: nothing else shows it before. You saw 1 of the 10 earlier."
        in text_of(client, "/exams/rehearsal/")
    )


def test_a_spent_reserve_says_when_and_how_many_would_be_repeats(client: Client) -> None:
    mock, rehearsal = make_exams()
    user = make_user()
    sit(user, rehearsal, NOW)
    client.force_login(user)
    for url in ("/", "/exams/rehearsal/"):
        assert (
            "The questions kept for you were used on 2 March: all 10 questions would still be new to you."
            in text_of(client, url)
        )
    sit(user, mock, NOW + MINUTE)
    for url in ("/", "/exams/rehearsal/"):
        assert "The questions kept for you were used on 2 March: 6 of 10 would be repeats." in text_of(
            client, url
        )
    assert "kept back" not in text_of(client, "/exams/ten/")


def test_a_bank_that_is_too_small_says_so(client: Client) -> None:
    mock, _ = make_exams(6)
    user = make_user()
    client.force_login(user)
    sentence = "No questions could be kept (the bank is too small): unseen ones come first, "
    assert sentence + "none would be a repeat." in text_of(client, "/exams/rehearsal/")
    sit(user, mock)
    assert sentence + "2 would be repeats." in text_of(client, "/exams/rehearsal/")


def test_an_open_rehearsal_is_resumed_and_not_explained(client: Client) -> None:
    _, rehearsal = make_exams()
    user = make_user()
    attempts.start(user, rehearsal, timezone.now())
    client.force_login(user)
    for url in ("/", "/exams/rehearsal/"):
        text = text_of(client, url)
        assert ("Resume" in text, "kept for you" in text, "reserve" in text) == (True, False, False)


def test_without_a_rehearsal_nothing_is_said(client: Client) -> None:
    make_bank(8)
    client.force_login(make_user())
    for url in ("/", "/exams/ten/"):
        text = text_of(client, url)
        assert ("kept" in text, "rehearsal" in text) == (False, False)


def test_open_study_sessions_are_listed_and_are_no_open_exams(client: Client) -> None:
    mock, _ = make_exams()
    user = make_user()
    now = timezone.now()
    session = study(user, mock, "Create data repositories", now)
    client.force_login(user)
    page = client.get("/").content.decode()
    assert f'<a href="/attempts/{session.pk}/">Resume Create data repositories</a>' in page
    assert "2 questions, started" in text_of(client, "/")
    assert "Rules and start: Full mock exam" in text_of(client, "/").replace(" :", ":")
    assert "Start the exam" in text_of(client, "/exams/ten/")
    attempts.discard(session.pk, user, now)
    assert "Open study sessions" not in text_of(client, "/")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_home_page_asks_as_often_whatever_is_open(client: Client, rows: int) -> None:
    mock, _ = make_exams(20)
    user = make_user()
    for number in range(rows):
        profile = make_profile(f"more-{number}", scored=3, minutes=30)
        profile.collections.set(mock.collections.all())
        attempts.start(user, profile, timezone.now())
        study(user, mock, "Drill", timezone.now())
    client.force_login(user)
    with CaptureQueriesContext(connection) as captured:
        client.get("/")
    assert len(captured) == 6
    with CaptureQueriesContext(connection) as captured:
        client.get("/exams/ten/")
    assert len(captured) == 9


def test_pages_draw_nothing(client: Client) -> None:
    make_exams()
    client.force_login(make_user())
    for url in ("/", "/exams/ten/", "/exams/rehearsal/"):
        client.get(url)
    assert Reserve.objects.count() == 0
    assert Question.objects.count() == 24
