import pytest
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from exam_sim.bank import use
from exam_sim.bank.use import Count, Use, by_version, closed_with_current_key
from exam_sim.exams import previews
from exam_sim.exams.models import State
from questions.models import Question
from tests.factories import make_attempt, make_profile, make_user, make_version

pytestmark = pytest.mark.django_db


def used_question() -> Question:
    """Versions 1 (key a), 2 (key b), 3 (key b, nobody sat it) and 4 (key a, current)."""
    first = make_version(key="a")
    question = first.question
    second, third = make_version(question=question, key="b"), make_version(question=question, key="b")
    profile, other = make_profile(), make_profile("other")
    for number, (version, state) in enumerate(
        [(first, State.CLOSED), (first, State.CLOSED), (second, State.CLOSED), (second, State.OPEN)]
    ):
        user = make_user(f"{number}@example.org")
        make_attempt(user, [version, make_version()], state=state, profile=profile)
    make_attempt(make_user("more@example.org"), [first], state=State.DISCARDED, profile=other)
    assert third.number == 3
    fourth = make_version(question=question, key="a")
    make_attempt(make_user("last@example.org"), [fourth], state=State.CLOSED, profile=other)
    previews.start(
        make_user("instructor@example.org"), Question.objects.filter(pk=question.pk), timezone.now()
    )
    return question


def test_use_by_version_counts_attempts_of_candidates_by_state(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    question = used_question()
    numbers = dict(question.versions.values_list("pk", "number"))
    with django_assert_num_queries(1):
        found = by_version(question)
    assert {numbers[pk]: counts for pk, counts in found.items()} == {
        1: Use(closed=2, discarded=1),
        2: Use(open=1, closed=1),
        4: Use(closed=1),
    }
    assert Use(open=1, closed=3, discarded=2).total == 6


def test_closed_attempts_with_the_current_key_whatever_their_version(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    question = used_question()
    question.refresh_from_db()
    with django_assert_num_queries(2):
        assert closed_with_current_key(question) == Count(3)


def test_a_question_without_a_version_was_used_by_nobody() -> None:
    version = make_version()
    question = Question(collection_id="mls-c01", external_id="bare", task_statement=version.task_statement)
    question.save()
    assert (by_version(question), closed_with_current_key(question)) == ({}, Count())


def test_no_more_are_counted_than_anybody_wants_to_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(use, "MOST", 2)
    question = used_question()
    question.refresh_from_db()
    numbers = dict(question.versions.values_list("pk", "number"))
    found = {numbers[pk]: counts for pk, counts in by_version(question).items()}
    assert [found[1].total, found[1].more] == [2, True]
    assert found[4] == Use(closed=1)
    assert str(closed_with_current_key(question)) == "at least 2"
