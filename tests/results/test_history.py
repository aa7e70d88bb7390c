import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from exam_sim.accounts.models import User
from exam_sim.exams.models import Mode, State, Study
from results.grading import grade_closed
from tests.factories import make_attempt, make_profile, make_sighted_attempt, make_user, make_version

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def user() -> User:
    return make_user()


@pytest.fixture
def candidate(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def test_open_ones_first_then_the_newest_and_no_discarded_nor_other_peoples(
    candidate: Client, user: User, now: dt.datetime
) -> None:
    version = make_version()
    running = make_attempt(user, [version], state=State.OPEN, started_at=dt.datetime.now(dt.UTC))
    old = make_attempt(user, [version], answers={1: "a"}, started_at=now - DAY)
    new = make_attempt(user, [version], started_at=now)
    make_attempt(user, [version], state=State.DISCARDED)
    make_attempt(make_user("other@example.org"), [version])
    response = candidate.get(reverse("results:history"))
    assert [(row.attempt, row.result and row.result.scaled) for row in response.context["rows"]] == [
        (running, None),
        (new, 100),
        (old, 1000),
    ]
    page = response.content.decode()
    assert page.count("Resume") == 1
    assert f'href="{reverse("exams:attempt", args=(running.pk,))}"' in page
    assert f'href="{reverse("results:review", args=(new.pk,))}"' in page


def test_what_ran_out_is_closed_and_graded_on_the_way(candidate: Client, user: User) -> None:
    attempt = make_attempt(user, [make_version()], answers={1: "a"}, state=State.OPEN)
    rows = candidate.get(reverse("results:history")).context["rows"]
    assert [(row.attempt, row.result.scaled) for row in rows] == [(attempt, 1000)]


def test_what_to_know_beside_a_score_stands_below_the_exam(
    candidate: Client, user: User, now: dt.datetime
) -> None:
    versions = [make_version() for _ in range(5)]
    make_sighted_attempt(user, versions[:2], started_at=now - 3 * DAY)
    make_sighted_attempt(user, versions, shown=range(1, 4), started_at=now - 2 * DAY, unscored={5})
    make_sighted_attempt(user, versions, started_at=now - DAY)
    response = candidate.get(reverse("results:history"))
    assert [row.notes for row in response.context["rows"]] == [
        ["3 of 5 seen before"],
        ["Incomplete", "2 of 4 seen before"],
        [],
    ]
    assert "Incomplete · 2 of 4 seen before" in response.content.decode()


def test_a_study_session_has_a_count_and_no_verdict(candidate: Client, user: User) -> None:
    versions = [make_version() for _ in range(3)]
    make_sighted_attempt(
        user,
        versions,
        answers={1: "a", 2: "a"},
        title="Drill: 1.1",
        mode=Mode.STUDY,
        study=Study.DRILL,
        seconds_granted=None,
        deadline=None,
        close_by=None,
    )
    page = candidate.get(reverse("results:history")).content.decode()
    assert '<td role="cell" class="number">2 of 3</td>' in page
    assert "Study</span>" in page
    assert "Not yet" not in page


def test_without_attempts_it_leads_to_the_exams(candidate: Client) -> None:
    page = candidate.get(reverse("results:history")).content.decode()
    assert "No exam sat yet" in page
    assert f'href="{reverse("exams:home")}"' in page


def test_the_menu_marks_the_page_or_the_section_that_it_is_of(candidate: Client, user: User) -> None:
    attempt = make_attempt(user, [make_version()], answers={1: "a"})
    section = {
        f"/exams/{attempt.profile_id}/": [("true", "Exams")],
        "/results/": [("true", "Progress")],
        f"/results/{attempt.pk}/": [("true", "Progress")],
        f"/results/{attempt.pk}/review": [("true", "Progress")],
        f"/results/{attempt.pk}/pacing": [("true", "Progress")],
        "/reports/": [("true", "Progress")],
        "/results/data": [("true", "Settings")],
        "/accounts/password/": [("true", "Settings")],
        "/accounts/delete/": [("true", "Settings")],
    }
    page = {"/": "Exams", "/study/": "Study", "/progress/": "Progress", "/accounts/settings/": "Settings"}
    expected = section | {address: [("page", entry)] for address, entry in page.items()}
    menus = {address: candidate.get(address).text.split("</nav>")[0] for address in expected}
    found = {where: re.findall(r'aria-current="(\w+)">(\w+)', menu) for where, menu in menus.items()}
    assert found == expected


def test_twenty_a_page(candidate: Client, user: User, now: dt.datetime) -> None:
    version = make_version()
    for nth in range(21):
        make_attempt(user, [version], started_at=now + nth * DAY)
    pages = [candidate.get(reverse("results:history"), {"page": page}) for page in ("1", "2", "x")]
    lengths = [len(page.context["rows"]) for page in pages]
    assert lengths == [20, 1, 20]


@pytest.mark.parametrize("attempts", [1, 3])
def test_query_count(
    candidate: Client,
    user: User,
    attempts: int,
    now: dt.datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    version = make_version()
    make_attempt(user, [version], state=State.OPEN, started_at=dt.datetime.now(dt.UTC))
    for nth in range(attempts):
        profile = make_profile(f"profile-{nth}")
        make_attempt(user, [version], profile=profile, started_at=now + nth * DAY)
    grade_closed(now)
    with django_assert_num_queries(4):
        candidate.get(reverse("results:history"))
