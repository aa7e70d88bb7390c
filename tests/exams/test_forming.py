"""Forms and study sessions out of what the database holds."""

from collections import Counter
from random import Random
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from exam_sim.accounts.models import User
from exam_sim.exams import attempts, forming, reserve, supply
from exam_sim.exams.models import ExamProfile, Sight, State
from questions.models import Collection, Domain, Question, Status
from questions.pools import renumber
from tests.exams.sitting import MINUTE
from tests.exams.test_attempts import make_bank
from tests.exams.test_reserve import make_exams, sit
from tests.factories import NOW, make_attempt, make_certification, make_profile, make_user, make_version

pytestmark = pytest.mark.django_db


def draw(user: User, profile: ExamProfile, seed: int = 1, **wanted: int) -> list[UUID]:
    """`draw` with places as names: d1_1=4 is four of task statement 1.1."""
    places = {(name[1], name[1:].replace("_", ".")): count for name, count in wanted.items()}
    return forming.draw(user, profile, places, NOW, Random(seed))


def statements(questions: list[UUID]) -> Counter[str]:
    return Counter(Question.objects.filter(pk__in=questions).values_list("task_statement__code", flat=True))


def set_status(task_statement: str, status: Status) -> None:
    Question.objects.filter(task_statement__code=task_statement).update(status=status, pool=None, rank=None)
    renumber(Collection.objects.get(pk="mls-c01"))


def test_a_session_gets_so_many_of_each_task_statement_in_an_order_by_chance() -> None:
    profile = make_bank(6)
    user = make_user()
    picked = draw(user, profile, d1_1=2, d2_1=3)
    assert statements(picked) == {"1.1": 2, "2.1": 3}
    assert draw(user, profile, d1_1=2, d2_1=3) == picked
    assert len({tuple(draw(user, profile, seed, d1_1=6, d2_1=6)) for seed in range(10)}) == 10


def test_a_short_task_statement_gives_what_it_has() -> None:
    profile = make_bank(6)
    user = make_user()
    assert statements(draw(user, profile, d1_1=20, d1_2=1)) == {"1.1": 6, "1.2": 1}
    assert draw(user, profile, d9_9=5) == []
    assert draw(user, profile) == []


def test_a_session_takes_unseen_questions_then_those_seen_longest_ago() -> None:
    profile = make_bank(6)
    user = make_user()
    questions = list(Question.objects.filter(task_statement__code="1.1").order_by("external_id"))
    for number, question in enumerate(questions[:4]):
        Sight.objects.create(user=user, question=question, last_seen=NOW - (9 - number) * MINUTE)
    unseen = {questions[4].pk, questions[5].pk}
    assert set(draw(user, profile, d1_1=2)) == unseen
    assert set(draw(user, profile, d1_1=4)) == unseen | {questions[0].pk, questions[1].pk}


def test_what_is_in_front_of_the_candidate_in_an_open_exam_comes_last() -> None:
    profile = make_bank(4)
    user = make_user()
    questions = list(Question.objects.filter(task_statement__code="1.1").order_by("external_id"))
    for question in questions[1:]:
        Sight.objects.create(user=user, question=question, last_seen=NOW - MINUTE)
    version = questions[0].current_version
    assert version is not None
    make_attempt(
        user, [version], state=State.OPEN, started_at=NOW - 60 * MINUTE, profile=make_profile("open")
    )
    assert set(draw(user, profile, d1_1=3)) == {question.pk for question in questions[1:]}


def test_a_session_takes_published_questions_of_the_exams_collections() -> None:
    profile = make_bank(4)
    set_status("1.2", Status.TRIAL)
    other = Collection.objects.create(slug="own", title="Own", certification=make_certification())
    Question.objects.filter(task_statement__code="2.1").update(collection=other, pool=None, rank=None)
    renumber(Collection.objects.get(pk="mls-c01"))
    renumber(other)
    user = make_user()
    assert statements(draw(user, profile, d1_1=9, d1_2=9, d2_1=9)) == {"1.1": 4}
    profile.collections.add(other)
    assert statements(draw(user, profile, d1_1=9, d1_2=9, d2_1=9)) == {"1.1": 4, "2.1": 4}


def test_a_session_never_takes_two_enemies_or_equal_testing_points() -> None:
    profile = make_bank(4)
    versions = [q.current_version for q in Question.objects.filter(task_statement__code__in=["1.1", "1.2"])]
    for version in versions:
        assert version is not None
        type(version).objects.filter(pk=version.pk).update(testing_point_key="same")
    assert len(draw(make_user(), profile, d1_1=4, d1_2=4)) == 1


def test_a_session_never_takes_what_is_reserved() -> None:
    mock, _ = make_exams(8)
    user = make_user()
    sit(user, mock)
    kept = set(reserve.reserved(user, "mls-c01").values_list("pk", flat=True))
    picked = set(draw(user, mock, d1_1=8, d1_2=8, d2_1=8))
    assert (len(picked), picked & kept) == (14, set())


@pytest.mark.parametrize("rows", [1, 3])
def test_drawing_asks_three_times_whatever_is_wanted(rows: int) -> None:
    mock, _ = make_exams(8)
    user = make_user()
    sit(user, mock)
    wanted = dict.fromkeys([("1", "1.1"), ("1", "1.2"), ("2", "2.1")][:rows], 2)
    with CaptureQueriesContext(connection) as captured:
        assert len(forming.draw(user, mock, wanted, NOW, Random(1))) == 2 * rows
    assert len(captured) == 3


def test_the_same_seed_makes_the_same_form_and_reserve() -> None:
    profile = make_bank(8)
    mock, _ = make_exams(0)
    user = make_user()
    assert mock == profile
    one, two = (forming.form(user, mock, NOW, 5) for _ in range(2))
    assert one == two
    assert len(one.reserve) == 10


def test_a_domain_without_task_statements_stands_in_the_blueprint() -> None:
    profile = make_bank(8)
    Domain.objects.create(certification=profile.certification, code="0", title="Empty", weight=1)
    rows = supply.domains_of("mls-c01")
    assert [(row.code, row.weight, len(row.task_statements)) for row in rows] == [
        ("0", 1, 0),
        ("1", 60, 2),
        ("2", 40, 1),
    ]
    blueprint = attempts.start(make_user(), profile, NOW).blueprint
    assert [(d["code"], d["scored"], len(d["task_statements"])) for d in blueprint] == [
        ("0", 0, 0),
        ("1", 6, 2),
        ("2", 4, 1),
    ]


def test_an_exam_without_collections_names_every_domain() -> None:
    make_version("1.1")
    profile = make_profile("empty", scored=10)
    with pytest.raises(
        forming.ShortBankError, match=r"Data engineering lacks 6 questions; Modeling lacks 4 questions"
    ):
        attempts.start(make_user(), profile, NOW)
