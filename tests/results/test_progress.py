import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from exam_sim.accounts.models import User
from exam_sim.exams.models import Attempt, Mode, State, Study
from questions.models import Certification
from results.grading import result_for
from results.mastery import Place, Posterior
from results.models import Card, ExamDate
from results.next_session import Kind, Reason, Suggestion
from results.progress import (
    CLOSE,
    EARLY,
    NOT_ASKED,
    ON_COURSE,
    STRONG,
    WEAK,
    Calibration,
    Command,
    ProgressPage,
    command_of,
    streak,
)
from tests.factories import make_profile, make_sighted_attempt, make_user, make_version

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
URL = "/progress/"
STUDY: dict[str, Any] = {
    "mode": Mode.STUDY,
    "study": Study.DRILL,
    "seconds_granted": None,
    "deadline": None,
    "close_by": None,
}


@pytest.fixture
def user() -> User:
    return make_user()


@pytest.fixture
def candidate(client: Client, user: User) -> Client:
    make_profile()
    client.force_login(user)
    return client


def make_form(right: int, total: int) -> dict[str, Any]:
    """New questions, half of them in each domain, of which the first `right` are answered so."""
    versions = [make_version("1.2" if n % 2 else "2.1") for n in range(total)]
    return {"versions": versions, "answers": dict.fromkeys(range(1, right + 1), "a")}


def sat(
    user: User, days_ago: int, right: int = 15, total: int = 20, now: dt.datetime = NOW, **fields: Any
) -> Attempt:
    attempt = make_sighted_attempt(
        user, started_at=now - days_ago * DAY - dt.timedelta(hours=3), **make_form(right, total), **fields
    )
    result_for(attempt, now)
    return attempt


def page_of(user: User, now: dt.datetime = NOW) -> ProgressPage:
    make_profile()
    return ProgressPage(user, "", now)


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


# Readiness and scores


def test_the_chance_of_each_exam_is_told_the_rehearsal_first(user: User, candidate: Client) -> None:
    make_profile("dress", title="Dress rehearsal", scored=50, is_rehearsal=True)
    for days in (9, 6, 3):
        sat(user, days, right=14, total=20)
    response = candidate.get(URL)
    readiness = response.context["page"].readiness
    assert [(row.profile.pk, row.was_sat, row.outlook.needed, row.outlook.places) for row in readiness] == [
        ("dress", False, 37, 50),
        ("mls-c01-full-mock", True, 47, 65),
    ]
    page = text(response)
    assert "A <em>Dress rehearsal</em> today:" in page
    assert "Another <em>Full mock exam</em> today:" in page
    assert f"<strong>{readiness[0].outlook.chance.text}</strong>" in page
    assert "37 of 50 pass. From 3 first-sight forms." in page


def test_without_a_form_the_page_invites_to_one(candidate: Client) -> None:
    page = text(candidate.get(URL))
    assert "Sit one whole exam, and the answer stands here" in page
    assert f'href="{reverse("exams:profile", args=["mls-c01-full-mock"])}"' in page
    assert "When is your exam?" in page
    for absent in ("Scores", "Where you stand", "Your habits"):
        assert absent not in page


def test_without_any_exam_there_is_nothing_to_show(client: Client, user: User) -> None:
    client.force_login(user)
    assert "No exam is set up yet" in text(client.get(URL))
    assert client.post(reverse("results:exam_date"), {"date": "2030-01-01"}).status_code == 404


def test_scores_are_those_of_forms_and_what_says_little_stands_apart(user: User) -> None:
    sat(user, 9, right=12, total=20)
    sat(user, 8, right=4, total=30, shown=range(1, 11))
    sat(user, 7, right=5, total=10)
    sat(user, 6, right=10, total=20, **STUDY)
    sat(user, 5, right=16, total=20)
    page = page_of(user)
    assert [(row.sitting.scaled, row.level and row.level.value) for row in page.scores] == [
        (640, 640),
        (220, None),
        (550, None),
        (820, 820),
    ]
    assert [point.hollow for point in page.trend.points] == [False, True, True, False]
    assert (len(page.trend.lines), page.has_hollow) == (1, True)
    assert [label.text for label in page.trend.days] == ["21 Feb", "23 Feb", "25 Feb"]


def test_the_table_beside_the_chart_has_every_score(user: User, candidate: Client) -> None:
    attempt = sat(user, 9, right=12, total=20)
    page = text(candidate.get(URL))
    assert 'aria-label="Scores of 1 exam against the pass mark 750; the table below has them."' in page
    assert f'href="{reverse("results:result", args=[attempt.pk])}"' in page
    assert '<td class="number">12 of 20</td> <td class="number">448–803</td>' in page


# Domains and task statements


@pytest.mark.parametrize(
    ("total", "mean", "command"),
    [
        (0, 0.9, NOT_ASKED),
        (4, 0.9, EARLY),
        (5, 0.85, STRONG),
        (5, 0.73, ON_COURSE),
        (5, 0.61, CLOSE),
        (5, 0.59, WEAK),
    ],
)
def test_a_mean_is_told_in_words_and_never_of_few_questions(
    total: int, mean: float, command: Command
) -> None:
    posterior = Posterior(Place("1", "1.1", "Create", 60, 2), total, total, mean, 0.1, 0.9)
    assert command_of(posterior, 0.72) == command


def test_domains_take_drills_in_and_name_what_is_to_be_gained(user: User) -> None:
    sat(user, 9, right=12, total=20)
    sat(user, 8, right=0, total=10, **STUDY)
    one, two = page_of(user).domains
    assert (one.title, one.posterior.right, one.posterior.total) == ("Data engineering", 6, 15)
    assert (two.title, two.posterior.right, two.posterior.total) == ("Modeling", 6, 15)
    assert one.low < round(100 * one.posterior.mean) < one.high
    assert [(row.posterior.place.code, row.command, row.points > 0) for row in one.task_statements] == [
        ("1.1", NOT_ASKED, True),
        ("1.2", WEAK, True),
    ]


def test_each_task_statement_has_a_drill(user: User, candidate: Client) -> None:
    sat(user, 9)
    page = text(candidate.get(URL))
    for code, domain in (("1.1", "1"), ("1.2", "1"), ("2.1", "2")):
        form = page.split(f'<input type="hidden" name="domain" value="{domain}">')[-1]
        assert f'name="task_statement" value="{code}">Drill<' in form


# Habits


def test_a_streak_is_alive_today_and_yesterday() -> None:
    today = dt.date(2026, 3, 2)
    days = {today - DAY * n for n in (1, 2, 3, 5)}
    assert [streak(given, today) for given in (set(), days, days | {today}, {today - 2 * DAY})] == [
        0,
        3,
        4,
        0,
    ]


def test_days_are_those_of_the_site(user: User) -> None:
    with timezone.override(dt.timezone(dt.timedelta(hours=10))):
        now = dt.datetime(2026, 3, 1, 23, 0, tzinfo=dt.UTC)  # the 2nd, 9 in the morning
        sat(user, 0, now=now)  # closed an hour before
        sat(user, 1, now=now)
        page = page_of(user, now)
        assert (page.today, page.streak) == (dt.date(2026, 3, 2), 2)


def test_questions_of_the_last_seven_days_were_displayed(user: User) -> None:
    sat(user, 7, total=20)
    sat(user, 6, total=20)
    sat(user, 1, total=10, right=5, shown=range(1, 8), **STUDY)
    assert page_of(user).recent_questions == 27


def test_calibration_says_nothing_of_fewer_than_ten_answers(user: User) -> None:
    sure = {**dict.fromkeys(range(1, 11), True), **dict.fromkeys(range(11, 20), False)}
    sat(user, 3, right=8, total=20, sure=sure, **STUDY)
    page = page_of(user)
    assert (page.sure, page.sure.percent) == (Calibration(8, 10), 80)
    assert (page.unsure, page.unsure.percent) == (Calibration(0, 9), None)


# What next, and the day of the exam


def test_the_page_suggests_by_where_the_candidate_stands(user: User) -> None:
    make_profile("dress", title="Dress rehearsal", is_rehearsal=True)
    assert page_of(user).suggestion == Suggestion(Kind.FORM, Reason.NOTHING_YET)
    form = sat(user, 5)
    assert page_of(user).suggestion == Suggestion(Kind.DRILL, Reason.MOST_TO_GAIN)
    for days in (4, 3, 2):
        sat(user, days, **STUDY)
    assert page_of(user).suggestion == Suggestion(Kind.FORM, Reason.SESSIONS_SINCE)
    question = form.items.get(number=1).question
    Card.objects.create(
        user=user, question=question, due=NOW, last_review=NOW - DAY, stability=1, difficulty=5
    )
    page = page_of(user)
    assert (page.suggestion, page.due, page.due_length) == (Suggestion(Kind.DUE, Reason.DUE_TODAY), 1, 1)
    ExamDate.objects.create(user=user, certification_id="mls-c01", date=NOW.date() + 10 * DAY)
    page = page_of(user)
    assert page.suggestion == Suggestion(Kind.REHEARSAL, Reason.EXAM_IS_NEAR)
    assert (page.days_left, page.suggested_profile and page.suggested_profile.pk) == (10, "dress")


@pytest.mark.parametrize("kind", [Study.DUE, Study.DRILL])
def test_every_suggestion_can_be_taken_by_its_button(user: User, candidate: Client, kind: Study) -> None:
    now = timezone.now()
    sat(user, 1, now=now)
    if kind == Study.DRILL:
        sat(user, 0, now=now + dt.timedelta(hours=1), **(STUDY | {"study": Study.DUE}))
    response = candidate.get(URL)
    page = response.context["page"]
    address = reverse("results:study_start" if kind == Study.DUE else "results:drill")
    assert f'action="{address}"' in text(response)
    assert page.kind == kind.value


def test_an_exam_that_is_open_is_gone_on_with(user: User, candidate: Client) -> None:
    assert "Rules and start" in text(candidate.get(URL))
    make_sighted_attempt(user, [make_version()], state=State.OPEN, started_at=timezone.now())
    assert "Go on with it" in text(candidate.get(URL))


def test_a_day_is_set_changed_and_removed(user: User, candidate: Client) -> None:
    today = timezone.localdate()
    address = reverse("results:exam_date")
    for day in (today + 30 * DAY, today + 23 * DAY):
        response = candidate.post(address, {"certification": "mls-c01", "date": day.isoformat()})
        assert (response.status_code, response.headers["Location"]) == (
            302,
            "/progress/?certification=mls-c01",
        )
    assert list(ExamDate.objects.values_list("user", "certification", "date")) == [
        (user.pk, "mls-c01", today + 23 * DAY)
    ]
    assert "<strong>23</strong> days to your exam" in text(candidate.get(URL))
    candidate.post(address, {"certification": "mls-c01", "action": "remove"})
    assert ExamDate.objects.count() == 0


@pytest.mark.parametrize(
    ("day", "message"),
    [
        ("", "Choose a day."),
        ("soon", "Choose a day, such as 2027-03-14."),
        ("2020-01-01", "This day is over. Choose today or a later day."),
        ("9999-01-01", "This is more than two years ahead. Choose an earlier day."),
    ],
)
def test_a_day_that_cannot_be_is_told(user: User, candidate: Client, day: str, message: str) -> None:
    response = candidate.post(reverse("results:exam_date"), {"certification": "mls-c01", "date": day})
    assert response.status_code == 422
    assert message in text(response)
    assert ExamDate.objects.count() == 0


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (1, "<strong>Tomorrow</strong> is your exam"),
        (0, "<strong>Today</strong> is your exam"),
        (-1, "Your exam was on"),
    ],
)
def test_the_countdown_ends_in_words(user: User, candidate: Client, days: int, words: str) -> None:
    day = timezone.localdate() + days * DAY
    ExamDate.objects.create(user=user, certification_id="mls-c01", date=day)
    assert words in text(candidate.get(URL))


def test_the_day_of_one_candidate_is_nobody_elses(candidate: Client) -> None:
    other = make_user("other@example.org")
    day = timezone.localdate() + 5 * DAY
    ExamDate.objects.create(user=other, certification_id="mls-c01", date=day)
    candidate.post(reverse("results:exam_date"), {"certification": "mls-c01", "action": "remove"})
    assert "days to your exam" not in text(candidate.get(URL))
    assert ExamDate.objects.count() == 1


# Certifications, access, queries


def test_one_changes_between_certifications_and_begins_with_the_last_one(
    user: User, candidate: Client
) -> None:
    other = Certification.objects.create(slug="other", title="Other certification")
    profile = make_profile("other-full", certification=other, title="Other exam")
    make_profile("untouched", certification=Certification.objects.create(slug="third", title="Third"))
    sat(user, 5)
    assert "Other certification" not in text(candidate.get(URL))
    sat(user, 2, profile=profile)
    page = candidate.get(URL).context["page"]
    assert ([one.pk for one in page.certifications], page.certification.pk) == (["other", "mls-c01"], "other")
    chosen = candidate.get(URL, {"certification": "mls-c01"}).context["page"]
    assert (chosen.certification.pk, len(chosen.forms)) == ("mls-c01", 1)
    assert candidate.get(URL, {"certification": "no-such"}).context["page"].certification.pk == "other"


def test_what_was_closed_and_not_yet_graded_is_taken_in(user: User, candidate: Client) -> None:
    make_sighted_attempt(user, started_at=timezone.now() - 2 * DAY, **make_form(15, 20))
    assert [row.sitting.scaled for row in candidate.get(URL).context["page"].scores] == [775]


def test_it_is_for_those_who_are_logged_in_and_only_read(client: Client, candidate: Client) -> None:
    assert candidate.post(URL).status_code == 405
    assert candidate.get(reverse("results:exam_date")).status_code == 405
    candidate.logout()
    assert client.get(URL).headers["Location"] == f"{reverse('accounts:login')}?next={URL}"


@pytest.mark.parametrize("sittings", [1, 3])
def test_query_count(
    user: User, candidate: Client, sittings: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_profile("dress", title="Dress rehearsal", is_rehearsal=True)
    for nth in range(sittings):
        sat(user, 2 * nth + 1, now=timezone.now())
        sat(user, 2 * nth + 2, now=timezone.now(), **STUDY)
    make_sighted_attempt(user, [make_version()], state=State.OPEN, started_at=timezone.now())
    candidate.get(URL)
    with django_assert_num_queries(7):
        candidate.get(URL)
