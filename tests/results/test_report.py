import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from exam_sim.accounts.models import User
from exam_sim.exams.models import Attempt, Mode, Reserve, Study
from exam_sim.exams.scale import Scale
from questions.models import KeyCorrection
from results.chance import DomainPlaces, pass_chance
from results.charts import Span
from results.evidence import History, Item, Sitting
from results.report import (
    IMPROVE,
    MEETS,
    TOO_FEW,
    Confidence,
    DomainRow,
    Level,
    Sights,
    Standing,
    confidence_of,
    level_of,
    outlook_of,
)
from tests.factories import NOW, make_profile, make_sighted_attempt, make_user, make_version

SCALE = Scale(100, 1000, 750)
STUDY: dict[str, Any] = {
    "mode": Mode.STUDY,
    "study": Study.DRILL,
    "seconds_granted": None,
    "deadline": None,
    "close_by": None,
}


def items(right: int, total: int, first: int = 1, **fields: Any) -> list[Item]:
    defaults: dict[str, Any] = {
        "version": 1,
        "domain": "1",
        "task_statement": "1.1",
        "scored": True,
        "displayed": True,
        "first_sight": True,
        "sure": None,
    }
    return [
        Item(number=n, question=f"{n:032x}", right=n < first + right, **(defaults | fields))
        for n in range(first, first + total)
    ]


def sitting(*given: Item, **fields: Any) -> Sitting:
    defaults: dict[str, Any] = {
        "attempt_id": "a",
        "profile_id": "mls-c01-full-mock",
        "title": "Full mock exam",
        "mode": Mode.EXAM,
        "study": "",
        "started_at": NOW,
        "closed_at": NOW,
        "scale": SCALE,
        "blueprint": [],
        "scaled": 500,
        "passed": False,
        "correct": 1,
        "total": 2,
    }
    return Sitting(items=given, **(defaults | fields))


def test_the_level_is_that_of_first_sights_in_scaled_scores() -> None:
    form = sitting(*items(45, 60), *items(5, 5, first=61, first_sight=False))
    level = level_of(form, SCALE, 65)
    assert level == Level(SCALE, 45, 60, 65)
    assert (level.value, level.band, level.next) == (775, (665, 858), (626, 889))
    assert level.band_span == Span.on(SCALE, 665, 858)
    assert level.next_span == Span.on(SCALE, 626, 889)


@pytest.mark.parametrize(
    ("form", "known"),
    [
        (sitting(*items(10, 20)), True),
        (sitting(*items(10, 19)), False),
        (sitting(*items(10, 19), *items(9, 40, first=20, first_sight=False)), False),
        (sitting(*items(10, 30), *items(0, 30, first=31, displayed=False)), False),
    ],
    ids=["twenty first sights", "nineteen", "repeats do not help", "incomplete"],
)
def test_a_level_takes_twenty_first_sights_of_a_form_that_was_displayed(form: Sitting, known: bool) -> None:
    assert (level_of(form, SCALE, 65) is not None) is known


def test_the_outlook_is_of_all_forms_that_count() -> None:
    domains = [DomainPlaces("1", 60, 39), DomainPlaces("2", 40, 26)]
    counting = sitting(*items(40, 65))
    incomplete = sitting(*items(5, 20), *items(0, 45, first=21, displayed=False))
    history = History((counting, incomplete, sitting(*items(9, 10), mode=Mode.STUDY), counting))
    outlook = outlook_of("Full mock exam", history, domains, SCALE)
    assert outlook is not None
    assert (outlook.title, outlook.needed, outlook.places, outlook.is_range) == (
        "Full mock exam",
        47,
        65,
        False,
    )
    assert outlook.chance == pass_chance([{"1": (40, 65)}, {"1": (40, 65)}], domains, 47)
    assert outlook_of("Full mock exam", History((incomplete,)), domains, SCALE) is None


@pytest.mark.parametrize(
    ("correct", "total", "standing"), [(10, 10, MEETS), (3, 12, IMPROVE), (9, 12, TOO_FEW), (8, 12, TOO_FEW)]
)
def test_a_domain_has_the_word_of_the_real_report_unless_it_has_too_few_items(
    correct: int, total: int, standing: Standing
) -> None:
    domain = {"correct": correct, "total": total, "meets": SCALE.pass_share <= correct / total}
    assert DomainRow(domain, SCALE).standing == standing


def test_confidence_counts_what_was_displayed_and_holds() -> None:
    said = [
        *items(3, 4, sure=True),
        *items(1, 3, first=5, sure=False),
        *items(2, 2, first=8),
        *items(1, 1, first=10, sure=True, void=True),
        *items(1, 1, first=11, sure=True, displayed=False),
    ]
    assert confidence_of([sitting(*said)]) == Confidence(sure=(3, 4), unsure=(1, 3))
    assert confidence_of([sitting(*items(2, 2))]) is None


# The page


@pytest.fixture
def user(db: None) -> User:
    return make_user()


@pytest.fixture
def candidate(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def page_of(candidate: Client, attempt: Attempt) -> Any:
    return candidate.get(reverse("results:result", args=[attempt.pk]))


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def answered(right: int, total: int) -> Mapping[int, str]:
    return {number: "a" if number <= right else "b" for number in range(1, total + 1)}


def test_a_form_says_level_next_form_and_chance(candidate: Client, user: User) -> None:
    versions = [make_version() for _ in range(12)] + [make_version("2.1") for _ in range(12)]
    page = text(page_of(candidate, make_sighted_attempt(user, versions, answers=answered(18, 24))))
    assert "Your level probably lies between <strong>596</strong> and <strong>892</strong>." in page
    assert "Your next form will probably fall between <strong>550</strong> and <strong>925</strong>." in page
    assert "rest on the 24 scored questions that were new to you" in page
    assert "The chance of passing another <em>Full mock exam</em> of this bank today:" in page
    assert "It needs 18 of 24. From 1 form with questions new to you" in page
    assert "It is never a chance at AWS." in page
    assert "Forms are built alike, not equated." in page
    assert "<strong>0 of 24</strong> seen before" in page
    assert "reserve" not in page


def test_what_was_seen_before_is_told_apart(candidate: Client, user: User) -> None:
    versions = [make_version() for _ in range(8)]
    make_sighted_attempt(user, versions[:3], started_at=NOW - dt.timedelta(days=9))
    response = page_of(candidate, make_sighted_attempt(user, versions, answers=answered(5, 8)))
    assert response.context["page"].sights == Sights(first=(2, 5), repeats=(3, 3))
    page = text(response)
    assert "<strong>3 of 8</strong> seen before" in page
    assert "2 of 5 right" in page
    assert "3 of 3 right" in page
    assert "Too few of these questions were new to you to say where your level lies." in page


def test_an_incomplete_form_keeps_its_score_and_says_what_it_stays_out_of(
    candidate: Client, user: User
) -> None:
    versions = [make_version() for _ in range(30)]
    attempt = make_sighted_attempt(user, versions, answers=answered(20, 20), shown=range(1, 21))
    response = page_of(candidate, attempt)
    page = text(response)
    assert "<strong>700</strong>" in page
    assert "This exam is incomplete" in page
    assert "It keeps its score, says too little about your level, and stays out of trends" in page
    assert "10 of the scored questions were not displayed." in page
    assert "No form counts yet" in page
    assert (response.context["page"].level, response.context["page"].outlook) == (None, None)


def test_an_answer_under_a_key_that_was_corrected_is_left_out_and_the_score_stands(
    candidate: Client, user: User
) -> None:
    versions = [make_version() for _ in range(3)]
    attempt = make_sighted_attempt(user, versions, answers=answered(2, 3))
    after = make_version(question=versions[0].question, key="b")
    KeyCorrection.objects.create(
        question=versions[0].question, before=versions[0], after=after, reason="Wrong", at=NOW
    )
    response = page_of(candidate, attempt)
    assert response.context["page"].sights == Sights(first=(1, 2), repeats=(0, 0))
    assert "<strong>700</strong>" in text(response)
    assert "1 with a key that was corrected since is left out." in text(response)


def test_the_rehearsal_that_spent_the_reserve_says_so(candidate: Client, user: User) -> None:
    attempt = make_sighted_attempt(
        user, [make_version()], profile=make_profile("dress", title="Dress rehearsal")
    )
    Reserve.objects.create(
        user=user, certification_id="mls-c01", drawn_at=NOW, spent_on=attempt, spent_at=NOW
    )
    assert (
        "The questions kept for your dress rehearsal are used now: a later one takes unseen questions first."
        in text(page_of(candidate, attempt))
    )


def test_a_study_session_has_counts_and_confidence_and_neither_scale_verdict_nor_chance(
    candidate: Client, user: User
) -> None:
    versions = [make_version() for _ in range(5)]
    sure = {1: True, 2: True, 3: False, 4: False}
    attempt = make_sighted_attempt(
        user, versions, answers=answered(3, 5), sure=sure, title="Drill: 1.1", **STUDY
    )
    page = text(page_of(candidate, attempt))
    assert '<strong>3<span class="of"> of 5</span></strong>' in page
    assert "<dd>2 of 2 right</dd>" in page
    assert "<dd>1 of 2 right</dd>" in page
    assert "1 lucky guess: on your list to repeat" in page
    for absent in ("Scaled score", "Not yet", "Pass</p>", "Another form today", "How the score is computed"):
        assert absent not in page
    assert "of this session" in page


def test_pacing_is_linked_where_something_was_displayed(candidate: Client, user: User) -> None:
    shown = make_sighted_attempt(user, [make_version()])
    unseen = make_sighted_attempt(user, [make_version()], shown=())
    links = [
        reverse("results:pacing", args=[attempt.pk]) in text(page_of(candidate, attempt))
        for attempt in (shown, unseen)
    ]
    assert links == [True, False]


@pytest.mark.parametrize("size", [1, 3])
def test_query_count_right_after_the_end_and_later(
    candidate: Client, user: User, size: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for day in range(size):
        old = make_sighted_attempt(user, [make_version()], started_at=NOW - dt.timedelta(days=9 + day))
        page_of(candidate, old)
    attempt = make_sighted_attempt(user, [make_version() for _ in range(size)])
    with django_assert_num_queries(6 + 2):  # and the savepoint around the insert
        page_of(candidate, attempt)
    with django_assert_num_queries(5):
        page_of(candidate, attempt)
