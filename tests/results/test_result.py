import datetime as dt
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from exam_sim.accounts.models import User
from exam_sim.exams.models import Attempt, EndedBy, State
from results.models import Result
from results.report import ScaleMark
from tests.factories import make_attempt, make_profile, make_user, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return make_user()


@pytest.fixture
def candidate(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def url(attempt: Attempt) -> str:
    return reverse("results:result", args=(attempt.pk,))


def text(response: object) -> str:
    return " ".join(response.content.decode().split())


def test_the_page_says_score_verdict_and_how_they_came_about(candidate: Client, user: User) -> None:
    versions = [make_version("1.1") for _ in range(3)] + [make_version("2.1")]
    attempt = make_attempt(user, versions, answers={1: "a", 2: "a", 3: "a", 4: "b"})
    page = text(candidate.get(url(attempt)))
    assert "<strong>775</strong>" in page
    assert "✓</span> Pass</p>" in page
    assert "<dd>3 of 4</dd>" in page
    assert "<dd>2 h 00 min</dd>" in page
    assert "of 3 h 00 min" in page
    assert "You ended it" in page
    assert "100 + 900 \N{MULTIPLICATION SIGN} 3/4 = 775" in page
    assert "Scoring rule 1." in page
    assert 'aria-label="Scaled score 775 on a scale from 100 to 1000. The pass mark is 750."' in page
    assert "unscored" not in page


def test_not_passing_is_not_yet(candidate: Client, user: User) -> None:
    attempt = make_attempt(user, [make_version()], ended_by=EndedBy.CLOCK)
    page = text(candidate.get(url(attempt)))
    assert "Not yet</p>" in page
    assert "Time ran out" in page


def test_the_context_holds_each_domain_and_task_statement(candidate: Client, user: User) -> None:
    versions = [make_version("1.1"), make_version("1.2"), make_version("2.1"), make_version("2.1")]
    attempt = make_attempt(user, versions, answers={1: "a", 3: "a", 4: "a"})
    page = candidate.get(url(attempt)).context["page"]
    assert [
        (row.domain["code"], row.percent, row.width, row.line, row.item_worth, row.domain["meets"])
        for row in page.domains
    ] == [("1", 50, "50.00%", "72.22%", 50, False), ("2", 100, "100.00%", "72.22%", 50, True)]
    assert [(group.code, group.title, group.task_statements) for group in page.task_statements] == [
        (
            "1",
            "Data engineering",
            [
                {"domain": "1", "code": "1.1", "title": "Create data repositories", "correct": 1, "total": 1},
                {"domain": "1", "code": "1.2", "title": "Ingest data", "correct": 0, "total": 1},
            ],
        ),
        (
            "2",
            "Modeling",
            [{"domain": "2", "code": "2.1", "title": "Train models", "correct": 2, "total": 2}],
        ),
    ]


def test_a_rehearsal_says_how_many_were_unscored_and_counts_them_nowhere(
    candidate: Client, user: User
) -> None:
    attempt = make_attempt(user, [make_version() for _ in range(4)], answers={1: "a"}, unscored={3, 4})
    page = text(candidate.get(url(attempt)))
    assert "<dd>1 of 2</dd>" in page
    assert "2 further questions in this exam were unscored and count in none of these numbers" in page


@pytest.mark.parametrize(
    ("value", "x", "anchor"), [(100, "0.00%", "start"), (750, "72.22%", "middle"), (1000, "100.00%", "end")]
)
def test_labels_at_the_ends_of_the_scale_stay_inside(value: int, x: str, anchor: str) -> None:
    scale = make_profile().scale
    assert ScaleMark.at(scale, value) == ScaleMark(value, x, anchor)


def test_no_inline_style_nor_script(candidate: Client, user: User) -> None:
    page = candidate.get(url(make_attempt(user, [make_version()]))).content.decode()
    assert " style=" not in page
    assert "<style" not in page


def test_an_open_attempt_leads_back_to_the_exam_and_is_not_graded(candidate: Client, user: User) -> None:
    now = dt.datetime.now(dt.UTC)
    attempt = make_attempt(user, [make_version()], state=State.OPEN, started_at=now)
    response = candidate.get(url(attempt))
    assert (response.status_code, response.headers["Location"]) == (
        302,
        reverse("exams:attempt", args=(attempt.pk,)),
    )
    assert Result.objects.count() == 0


def test_an_attempt_whose_time_ran_out_is_closed_and_graded(candidate: Client, user: User) -> None:
    attempt = make_attempt(user, [make_version()], answers={1: "a"}, state=State.OPEN)
    assert "<strong>1000</strong>" in text(candidate.get(url(attempt)))
    attempt.refresh_from_db()
    assert (attempt.state, attempt.closed_at, attempt.ended_by) == (
        State.CLOSED,
        attempt.deadline,
        EndedBy.CLOCK,
    )


@pytest.mark.parametrize("name", ["results:result", "results:review"])
def test_what_is_not_there_for_this_candidate_is_404(candidate: Client, user: User, name: str) -> None:
    others = make_attempt(make_user("other@example.org"), [make_version()])
    discarded = make_attempt(user, [make_version()], state=State.DISCARDED)
    for attempt_id in (others.pk, discarded.pk, uuid.uuid4()):
        assert candidate.get(reverse(name, args=(attempt_id,))).status_code == 404
    assert Result.objects.count() == 0


@pytest.mark.parametrize("name", ["results:result", "results:review"])
def test_without_a_log_in_one_is_sent_to_log_in(client: Client, user: User, name: str) -> None:
    address = reverse(name, args=(make_attempt(user, [make_version()]).pk,))
    response = client.get(address)
    assert (response.status_code, response.headers["Location"]) == (
        302,
        f"{reverse('accounts:login')}?next={address}",
    )


@pytest.mark.parametrize("name", ["results:result", "results:review", "results:history"])
def test_pages_are_only_read(candidate: Client, user: User, name: str) -> None:
    args = () if name == "results:history" else (make_attempt(user, [make_version()]).pk,)
    assert candidate.post(reverse(name, args=args)).status_code == 405


@pytest.mark.parametrize("items", [1, 3])
def test_query_count(
    candidate: Client, user: User, items: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    attempt = make_attempt(user, [make_version() for _ in range(items)], answers={1: "a"})
    with django_assert_num_queries(5 + 2):  # and the savepoint around the insert
        candidate.get(url(attempt))
    with django_assert_num_queries(4):
        candidate.get(url(attempt))
