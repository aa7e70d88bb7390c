import datetime as dt
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from exam_sim.accounts.models import User
from exam_sim.exams.models import Attempt, State
from questions.models import QuestionVersion
from results import mastery
from results.evidence import history_of
from results.grading import result_for
from results.plan import DRILL_LENGTH, MISSED_SHOWN, SHORT_DRILL_LENGTH, Missed, Plan, Reference, plan_of
from tests.factories import NOW, make_sighted_attempt, make_user, make_version

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
LATER = NOW + 100 * DAY


@pytest.fixture
def user() -> User:
    return make_user()


def read(*names: str) -> list[dict[str, str]]:
    return [{"title": name.title(), "url": f"https://docs.example.org/{name}"} for name in names]


def sat(user: User, versions: list[QuestionVersion], day: int = 0, **fields: Any) -> Attempt:
    attempt = make_sighted_attempt(user, versions, started_at=NOW + day * DAY, **fields)
    result_for(attempt, NOW + day * DAY)
    return attempt


def plan_for(user: User, here: Attempt | None = None) -> Plan:
    history = history_of(user, "mls-c01", LATER)
    places = mastery.places_of(history.sittings[-1].blueprint)
    return plan_of(
        history,
        mastery.posteriors(places, history.evidence()),
        certification_id="mls-c01",
        user_id=user.pk,
        span=900,
        here=here.pk if here else None,
    )


def told(plan: Plan) -> list[tuple[str, list[list[int]]]]:
    return [
        (advice.gain.posterior.place.code, [list(missed.numbers) for missed in advice.missed])
        for advice in plan.advice
    ]


def test_each_names_the_questions_that_say_so_here_first_and_what_to_read(user: User) -> None:
    weak = [make_version("1.2", references=read("one", "two")) for _ in range(3)]
    old = sat(
        user, [make_version("1.2", references=read("two", "three", "four")), make_version()], answers={2: "a"}
    )
    here = sat(user, [make_version(), *weak], day=1, answers={1: "a", 2: "a"})
    first = plan_for(user, here).advice[0]
    assert (first.gain.posterior.place.code, first.gain.posterior.right, first.gain.posterior.total) == (
        "1.2",
        1,
        4,
    )
    assert first.missed == [
        Missed(here.pk, "Full mock exam", NOW + DAY, [3, 4], here=True),
        Missed(old.pk, "Full mock exam", NOW, [1], here=False),
    ]
    assert first.references == [
        Reference("One", "https://docs.example.org/one"),
        Reference("Two", "https://docs.example.org/two"),
        Reference("Three", "https://docs.example.org/three"),
    ]


def test_what_is_being_read_comes_before_what_is_newer(user: User) -> None:
    read_now = sat(user, [make_version("1.2")])
    newer = sat(user, [make_version("1.2")], day=1)
    first = next(advice for advice in plan_for(user, read_now).advice if advice.missed)
    assert [missed.attempt_id for missed in first.missed] == [read_now.pk, newer.pk]


def test_below_five_first_sights_a_short_drill_comes_first(user: User) -> None:
    sat(user, [make_version("1.2") for _ in range(4)] + [make_version("2.1") for _ in range(5)])
    plan = plan_for(user)
    lengths = {advice.gain.posterior.place.code: advice.drill_length for advice in plan.advice}
    assert (lengths["1.2"], lengths["2.1"]) == (SHORT_DRILL_LENGTH, DRILL_LENGTH)


def test_a_reference_is_of_the_version_that_was_missed(user: User) -> None:
    version = make_version("1.2", references=read("old"))
    sat(user, [version])
    make_version("1.2", question=version.question, references=read("new"))
    assert [advice.references for advice in plan_for(user).advice if advice.missed] == [
        [Reference("Old", "https://docs.example.org/old")]
    ]


def test_questions_seen_again_are_no_evidence_and_are_not_named(user: User) -> None:
    version = make_version("1.2")
    sat(user, [version], answers={1: "a"})
    sat(user, [version], day=1)
    assert [numbers for _, numbers in told(plan_for(user))] == [[], []]


def test_no_more_than_so_many_are_named_the_newest_ones(user: User) -> None:
    sat(user, [make_version("1.2") for _ in range(5)])
    sat(user, [make_version("1.2") for _ in range(5)], day=1)
    named = dict(told(plan_for(user)))["1.2"]
    assert named == [[1, 2, 3, 4, 5], [1, 2, 3]]
    assert sum(map(len, named)) == MISSED_SHOWN


def test_a_question_of_an_open_exam_is_not_named(user: User) -> None:
    versions = [make_version("1.2", references=read("secret")), make_version("1.2", references=read("told"))]
    sat(user, versions)
    make_sighted_attempt(user, versions[:1], state=State.OPEN, started_at=LATER)
    first = next(advice for advice in plan_for(user).advice if advice.missed)
    assert [missed.numbers for missed in first.missed] == [[2]]
    assert [reference.title for reference in first.references] == ["Told"]


def test_when_nothing_gains_enough_the_plan_is_empty(user: User, client: Client) -> None:
    everywhere = [make_version(code) for code in ("1.1", "1.2", "2.1") for _ in range(12)]
    attempt = sat(user, everywhere, answers=dict.fromkeys(range(1, 37), "a"))
    assert plan_for(user) == Plan("mls-c01", [])
    client.force_login(user)
    page = client.get(reverse("results:result", args=[attempt.pk])).content.decode()
    assert "none would gain you more than 5 scaled points" in page


def test_the_links_lead_to_the_questions_and_the_button_to_a_drill(user: User, client: Client) -> None:
    attempt = sat(user, [make_version("1.2") for _ in range(6)])
    client.force_login(user)
    page = client.get(reverse("results:result", args=[attempt.pk])).content.decode()
    assert f'href="{reverse("results:review", args=[attempt.pk])}#q4"' in page
    fields = {"certification": "mls-c01", "domain": "1", "task_statement": "1.2", "length": "10"}
    for name, value in fields.items():
        assert f'<input type="hidden" name="{name}" value="{value}">' in page
    response = client.post(reverse("results:drill"), fields)
    assert urlsplit(response.headers["Location"]).path.split("/")[1] in ("attempts", "study")


@pytest.mark.parametrize("sittings", [1, 3])
def test_a_plan_is_one_query(
    user: User, sittings: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for day in range(sittings):
        sat(user, [make_version("1.2"), make_version("2.1")], day=day)
    history = history_of(user, "mls-c01", LATER)
    posteriors = mastery.posteriors(mastery.places_of(history.sittings[-1].blueprint), history.evidence())
    with django_assert_num_queries(1):
        plan_of(history, posteriors, certification_id="mls-c01", user_id=user.pk, span=900)
