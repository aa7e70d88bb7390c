import datetime as dt
from functools import partial

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from fsrs import Rating
from pytest_django.fixtures import DjangoAssertNumQueries

from exam_sim.accounts.models import User
from exam_sim.exams import previews
from exam_sim.exams.models import Attempt, AttemptItem, State
from questions.models import Question, QuestionVersion
from results import schedule
from results.digest import AT_ONCE, digest, digest_of, digest_results
from results.evidence import read
from results.grading import grade_closed, result_for
from results.models import Card, Result, Tally
from tests.exams.test_concurrency import at_once
from tests.factories import NOW, make_sighted_attempt, make_user, make_version, make_visits

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
LATER = NOW + 30 * DAY
TRANSACTION = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT")


@pytest.fixture
def user() -> User:
    return make_user()


def sat(user: User, versions: list[QuestionVersion], day: int = 0) -> Attempt:
    return make_sighted_attempt(user, versions, answers={1: "a"}, started_at=NOW + day * DAY)


def break_(attempt: Attempt) -> None:
    """An answer that points at no option: nothing that the product stores."""
    attempt.registers.update(value=[9])


def test_a_result_reaches_cards_and_tallies_once(user: User) -> None:
    result = result_for(sat(user, [make_version()]), LATER)
    assert [digest(result, LATER), digest(result, LATER + DAY)] == [True, False]
    assert list(Tally.objects.values_list("sights", flat=True)) == [1]
    assert list(Card.objects.values_list("last_review", flat=True)) == [NOW + dt.timedelta(hours=2)]
    assert Result.objects.get().digested_at == LATER


def test_a_result_that_gathered_no_items_gets_them_and_keeps_its_score(user: User) -> None:
    result = result_for(sat(user, [make_version()]), LATER)
    before = Result.objects.values().get()
    Result.objects.update(items=None, displayed=None)
    assert digest(result, LATER)
    assert Result.objects.values().get() == before | {"digested_at": LATER}
    assert read(before["items"])[0].right


def test_what_is_gathered_already_is_not_touched(user: User) -> None:
    """First sights are what they were when the attempt was graded."""
    result = result_for(sat(user, [make_version()]), LATER)
    Result.objects.update(items=[["kept", 1, "1", "1.1", 0]])
    assert digest(result, LATER)
    assert Result.objects.get().items == [["kept", 1, "1", "1.1", 0]]


def test_what_is_broken_off_is_as_if_it_had_not_begun(user: User) -> None:
    """The tally cannot be added to, which comes out when the cards are written already."""
    version = make_version()
    result = result_for(sat(user, [version]), LATER)
    Tally.objects.create(version=version, chosen={"a": "many"})
    with pytest.raises(TypeError):
        digest(result, LATER)
    assert (Card.objects.count(), Result.objects.get().digested_at) == (0, None)
    Tally.objects.update(chosen={})
    assert digest(result, LATER)
    assert (Card.objects.count(), Tally.objects.get().sights) == (1, 1)


@pytest.mark.parametrize("items", [1, 3])
def test_a_digest_is_at_most_eight_statements(user: User, items: int) -> None:
    versions = [make_version() for _ in range(items)]
    result = result_for(sat(user, versions), LATER)
    Result.objects.update(items=None, displayed=None)
    with CaptureQueriesContext(connection) as captured:
        digest(result, LATER)
    assert sum(not query["sql"].startswith(TRANSACTION) for query in captured) == 8


def test_what_candidates_closed_is_digested_in_the_order_of_time(user: User) -> None:
    version = make_version()
    for day in (3, 0, 1):
        sat(user, [version], day)
    assert digest_of(user, LATER) == 3
    state = None
    for day in (0, 1, 3):
        state = schedule.review(state, Rating.Good, NOW + dt.timedelta(days=day, hours=2))
    card = Card.objects.get()
    assert schedule.State(card.stability, card.difficulty, card.due, card.last_review) == state


def test_a_page_takes_in_what_is_its_candidates_graded_or_not_and_no_more(user: User) -> None:
    version = make_version()
    result_for(sat(user, [version]), LATER)
    sat(user, [version], 1)
    make_sighted_attempt(user, [version], state=State.OPEN)
    make_sighted_attempt(user, [version], state=State.DISCARDED)
    make_visits(previews.start(user, Question.objects.filter(pk=version.question_id), NOW), [1])
    other = result_for(sat(make_user("other@example.org"), [version]), LATER)
    assert [digest_of(user, LATER), digest_of(user, LATER)] == [2, 0]
    assert list(Result.objects.filter(digested_at=None)) == [other]


def test_a_page_does_a_bounded_amount_of_work(
    user: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    version = make_version()
    for day in range(AT_ONCE + 1):
        sat(user, [version], day)
    assert digest_of(user, LATER) == AT_ONCE
    assert Attempt.objects.filter(results=None).get().started_at == NOW + AT_ONCE * DAY
    assert digest_of(user, LATER) == 1
    with django_assert_num_queries(1):
        assert digest_of(user, LATER) == 0


def test_one_that_cannot_be_digested_is_logged_and_holds_up_nobody(
    user: User, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = sat(user, [make_version()]), sat(user, [make_version()], 1)
    grade_closed(LATER)
    break_(broken)
    assert [digest_results(LATER), digest_of(user, LATER)] == [1, 0]
    assert list(Result.objects.filter(digested_at=LATER).values_list("attempt", flat=True)) == [sound.pk]
    assert Card.objects.count() == 1
    assert [record.getMessage() for record in caplog.records] == [
        f"Attempt {broken.pk} cannot be digested"
    ] * 2


def test_an_attempt_that_cannot_be_graded_holds_up_no_page(
    user: User, caplog: pytest.LogCaptureFixture
) -> None:
    unscorable = make_sighted_attempt(user, [make_version()], unscored={1})
    sat(user, [make_version()], 1)
    assert digest_of(user, LATER) == 1
    assert [record.getMessage() for record in caplog.records] == [
        f"Attempt {unscorable.pk} cannot be digested"
    ]


def test_the_command_says_how_many_it_digested(user: User, capsys: pytest.CaptureFixture[str]) -> None:
    sat(user, [make_version()])
    grade_closed(LATER)
    call_command("digest_results")
    call_command("digest_results")
    call_command("digest_results", verbosity=2)
    assert capsys.readouterr().out == "1 digested\n0 digested\n"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_attempts_of_one_candidate_digested_at_once_both_move_the_card() -> None:
    """Neither found a card; the second must go on from what the first made of it, or be its elder."""
    for round_ in range(5):
        user, version = make_user(f"{round_}@example.org"), make_version()
        results = [result_for(sat(user, [version], day), LATER) for day in (0, 2)]
        assert at_once(*(partial(digest, result, LATER) for result in results)) == [True, True]
        first = schedule.review(None, Rating.Good, NOW + dt.timedelta(hours=2))
        alone = schedule.review(None, Rating.Good, NOW + dt.timedelta(days=2, hours=2))
        both = schedule.review(first, Rating.Good, NOW + dt.timedelta(days=2, hours=2))
        card = Card.objects.get(user=user)
        assert schedule.State(card.stability, card.difficulty, card.due, card.last_review) in (alone, both)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_sweepers_digest_each_result_once_and_wait_for_nobody() -> None:
    version = make_version()
    for number in range(6):
        sat(make_user(f"{number}@example.org"), [version])
    grade_closed(LATER)
    digested = at_once(*[partial(digest_results, LATER)] * 3)
    assert sum(digested) + digest_results(LATER) == 6  # type: ignore[arg-type]
    assert Tally.objects.get().sights == 6


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_sweeper_leaves_a_candidate_alone_whom_another_process_is_at_work_on() -> None:
    user = make_user()
    result_for(sat(user, [make_version()]), LATER)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        assert at_once(partial(digest_results, LATER)) == [0]
    assert digest_results(LATER) == 1
    assert AttemptItem.objects.count() == 1
