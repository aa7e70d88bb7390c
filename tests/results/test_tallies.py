import datetime as dt
from functools import partial
from typing import Any

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from exam_sim.accounts.models import User
from exam_sim.exams.models import Mode, Study
from questions.models import KeyCorrection, QuestionVersion
from results import tallies
from results.digest import digest
from results.grading import result_for
from results.models import Result, Tally
from tests.exams.test_concurrency import at_once
from tests.factories import NOW, make_sighted_attempt, make_user, make_version

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
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


def graded(user: User, versions: list[QuestionVersion], **fields: Any) -> Result:
    return result_for(make_sighted_attempt(user, versions, **fields), NOW + DAY)


def sit(user: User, versions: list[QuestionVersion], **fields: Any) -> None:
    assert digest(graded(user, versions, **fields), NOW + DAY)


def tallied() -> dict[object, tuple[int, dict[str, int]]]:
    rows = Tally.objects.values_list("version", "sights", "chosen")
    return {version: (sights, chosen) for version, sights, chosen in rows}


def test_each_first_sight_counts_once_and_each_option_it_chose(user: User) -> None:
    versions = [make_version(), make_version(key="ab"), make_version()]
    sit(user, versions, answers={1: "a", 2: "bc"}, unscored={2})
    sit(make_user("other@example.org"), versions, answers={1: "a", 2: "ab", 3: "d"})
    assert tallied() == {
        versions[0].pk: (2, {"a": 2}),
        versions[1].pk: (2, {"a": 1, "b": 2, "c": 1}),
        versions[2].pk: (2, {"d": 1}),
    }


def test_what_was_seen_before_or_not_displayed_is_not_counted(user: User) -> None:
    versions = [make_version() for _ in range(5)]
    sit(user, versions, answers={1: "a"}, shown={1, 2, 3, 4})
    sit(user, versions, answers={1: "b", 5: "b"}, started_at=NOW + DAY)
    assert tallied() == {
        versions[0].pk: (1, {"a": 1}),
        **{version.pk: (1, {}) for version in versions[1:4]},
        versions[4].pk: (1, {"b": 1}),
    }


def test_versions_of_a_question_are_counted_apart(user: User) -> None:
    old = make_version()
    sit(user, [old], answers={1: "a"})
    new = make_version(question=old.question)
    sit(make_user("other@example.org"), [new], answers={1: "b"})
    assert tallied() == {old.pk: (1, {"a": 1}), new.pk: (1, {"b": 1})}


def test_a_form_that_was_broken_off_is_not_counted_and_a_study_session_is(user: User) -> None:
    versions = [make_version(), make_version()]
    sit(user, versions, answers={1: "a"}, shown={1})
    assert tallied() == {}
    sit(make_user("other@example.org"), versions, answers={1: "a"}, shown={1}, **STUDY)
    assert tallied() == {versions[0].pk: (1, {"a": 1})}


@pytest.mark.parametrize("role", ["is_staff", "is_superuser"])
def test_who_works_on_the_bank_knows_the_keys_and_is_not_counted(role: str) -> None:
    sit(make_user("instructor@example.org", **{role: True}), [make_version()], answers={1: "a"})
    assert tallied() == {}


def test_an_answer_under_a_key_that_was_corrected_is_not_counted(user: User) -> None:
    version = make_version()
    result = graded(user, [version], answers={1: "a"})
    after = make_version(question=version.question)
    KeyCorrection.objects.create(question=version.question, before=version, after=after, reason="x", at=NOW)
    assert digest(result, NOW + DAY)
    assert tallied() == {}


def test_nobody_can_be_found_in_a_tally_and_it_outlives_its_candidates(user: User) -> None:
    version = make_version()
    sit(user, [version], answers={1: "a"})
    user.delete()
    assert tallied() == {version.pk: (1, {"a": 1})}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_at_once_lose_nothing_and_never_wait_for_each_other() -> None:
    """Eight candidates answered the same questions, in opposite orders; half of the tallies exist already."""
    versions = [make_version() for _ in range(12)]
    sit(make_user("first@example.org"), versions[::2], answers={1: "a"})
    results = [
        graded(
            make_user(f"{number}@example.org"),
            versions[:: 1 if number % 2 else -1],
            answers=dict.fromkeys(range(1, 13), "abcd"[number % 4]),
        )
        for number in range(8)
    ]
    assert at_once(*(partial(digest, result, NOW + DAY) for result in results)) == [True] * 8
    eight = {"a": 2, "b": 2, "c": 2, "d": 2}
    assert tallied() == {
        versions[0].pk: (9, {**eight, "a": 3}),
        **{version.pk: (9, eight) for version in versions[2::2]},
        **{version.pk: (8, eight) for version in versions[1::2]},
    }


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_one_result_digested_by_eight_at_once_is_counted_once() -> None:
    version = make_version()
    result = graded(make_user(), [version], answers={1: "a"})
    assert sorted(at_once(*[partial(digest, result, NOW + DAY)] * 8)) == [False] * 7 + [True]  # type: ignore[type-var]
    assert tallied() == {version.pk: (1, {"a": 1})}


def test_without_a_first_sight_nothing_is_asked_for(
    user: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        tallies.count([])
