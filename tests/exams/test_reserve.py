"""The reserve: drawn once, at the first attempt in any mode, and shown by nothing but the dress rehearsal."""

import contextlib
import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable
from random import Random
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from exam_sim.accounts.models import User
from exam_sim.exams import answers, attempts, drills, forming, previews, reserve
from exam_sim.exams.assembly import ShortBankError
from exam_sim.exams.events import Event
from exam_sim.exams.exceptions import NothingToStudyError
from exam_sim.exams.models import (
    Attempt,
    EventKind,
    ExamProfile,
    Mode,
    Reserve,
    ReservedQuestion,
    Sight,
    State,
    Study,
)
from exam_sim.exams.reserve import ReserveState, Stage
from questions import uses
from questions.models import Collection, Question, Status
from questions.pools import renumber
from tests.exams.sitting import MINUTE
from tests.exams.test_attempts import make_bank
from tests.factories import NOW, make_profile, make_user, make_version

pytestmark = pytest.mark.django_db

STATEMENTS = [("1", "1.1"), ("1", "1.2"), ("2", "2.1")]


def make_exams(per_statement: int = 8, **fields: object) -> tuple[ExamProfile, ExamProfile]:
    """A mock exam of ten (six and four), and a rehearsal of eight that count and two that do not (the same
    domains), over the same published questions: with eight of each task statement, two forms of domain 2."""
    mock = make_bank(per_statement)
    defaults = {"title": "Dress rehearsal", "scored": 8, "unscored": 2, "minutes": 30, "is_rehearsal": True}
    rehearsal = make_profile("rehearsal", **(defaults | fields))
    rehearsal.collections.add(Collection.objects.get(pk="mls-c01"))
    return mock, rehearsal


def questions_of(attempt: Attempt) -> set[UUID]:
    return set(attempt.items.values_list("question", flat=True))


def reserved(user: User) -> set[UUID]:
    return set(reserve.reserved(user, "mls-c01").values_list("pk", flat=True))


def see(attempt: Attempt, numbers: Iterable[int], now: dt.datetime, *, end: bool = False) -> None:
    visits = [Event(uuid.uuid4(), number, EventKind.VISIT, 0, number) for number in numbers]
    answers.record(attempt.pk, attempt.user, visits, now, end=end)


def sit(user: User, profile: ExamProfile, now: dt.datetime = NOW) -> Attempt:
    """An attempt with every item seen, and ended."""
    attempt = attempts.start(user, profile, now)
    see(attempt, range(1, attempt.item_count + 1), now, end=True)
    attempt.refresh_from_db()
    return attempt


def drill(user: User, profile: ExamProfile, questions: Iterable[UUID], now: dt.datetime = NOW) -> Attempt:
    return drills.start(
        user, profile, Study.CUSTOM, "Custom", list(questions), timed=False, feedback=False, now=now
    )


def spent() -> list[tuple[object, object]]:
    """On which attempt and when each reserve was spent."""
    return list(Reserve.objects.values_list("spent_on", "spent_at"))


def retire(*questions: UUID) -> None:
    Question.objects.filter(pk__in=questions).update(status=Status.RETIRED, pool=None, rank=None)
    renumber(Collection.objects.get(pk="mls-c01"))


# Drawn


def test_the_first_exam_draws_a_reserve_by_the_blueprint_of_the_rehearsal() -> None:
    mock, _ = make_exams()
    user = make_user()
    attempt = attempts.start(user, mock, NOW)
    row = Reserve.objects.get()
    assert (row.user, row.certification_id, row.drawn_at, row.spent_on, row.spent_at) == (
        user,
        "mls-c01",
        NOW,
        None,
        None,
    )
    kept = reserved(user)
    places = Question.objects.filter(pk__in=kept).values_list("task_statement__domain__code", flat=True)
    assert Counter(places) == {"1": 6, "2": 4}
    statements = Question.objects.filter(pk__in=kept).values_list("task_statement__code", flat=True)
    assert Counter(statements) == {"1.1": 3, "1.2": 3, "2.1": 4}
    assert questions_of(attempt) & kept == set()


def test_it_is_drawn_once_whatever_is_started_after() -> None:
    mock, _ = make_exams()
    user = make_user()
    sit(user, mock)
    kept = reserved(user)
    sit(user, mock, NOW + MINUTE)
    reserve.ensure(user, mock, NOW + MINUTE)
    assert (reserved(user), Reserve.objects.count()) == (kept, 1)


def test_a_study_session_draws_it_and_what_is_about_to_be_sat_is_left_to_the_session() -> None:
    mock, _ = make_exams()
    user = make_user()
    picked = forming.draw(user, mock, dict.fromkeys(STATEMENTS, 4), NOW, Random(1))
    session = drill(user, mock, picked)
    assert questions_of(session) == set(picked)
    assert len(reserved(user)) == 10
    assert reserved(user) & set(picked) == set()


def test_each_candidate_and_each_draw_has_its_own() -> None:
    mock, _ = make_exams(12)
    kept = []
    for number in range(4):
        user = make_user(f"{number}@example.org")
        attempts.start(user, mock, NOW)
        kept.append(frozenset(reserved(user)))
    assert len(set(kept)) == 4


@pytest.mark.parametrize(
    ("per_statement", "drawn"),
    [(7, 0), (8, 10)],
)
def test_it_is_drawn_only_where_two_whole_forms_are_published(per_statement: int, drawn: int) -> None:
    mock, _ = make_exams(per_statement)
    user = make_user()
    attempts.start(user, mock, NOW)
    assert len(reserved(user)) == drawn


def test_trial_questions_are_no_part_of_it() -> None:
    mock, _ = make_exams(7)
    for statement in ("1.1", "1.2", "2.1"):
        version = make_version(statement)
        Question.objects.filter(pk=version.question_id).update(status=Status.TRIAL)
    renumber(Collection.objects.get(pk="mls-c01"))
    user = make_user()
    attempts.start(user, mock, NOW)
    assert reserved(user) == set()


def test_without_a_rehearsal_there_is_none() -> None:
    mock, rehearsal = make_exams()
    ExamProfile.objects.filter(pk=rehearsal.pk).update(is_rehearsal=False)
    user = make_user()
    attempts.start(user, mock, NOW)
    reserve.ensure(user, mock, NOW)
    assert Reserve.objects.count() == 0
    assert reserve.state(user, mock) is None


def test_a_candidate_with_a_history_gets_one_of_unseen_questions() -> None:
    mock, rehearsal = make_exams()
    ExamProfile.objects.filter(pk=rehearsal.pk).update(is_rehearsal=False)
    user = make_user()
    sit(user, mock)
    seen = set(Sight.objects.values_list("question", flat=True))
    ExamProfile.objects.filter(pk=rehearsal.pk).update(is_rehearsal=True)
    attempts.start(user, mock, NOW + MINUTE)
    assert (len(reserved(user)), reserved(user) & seen) == (10, set())


def test_an_exam_that_leaves_no_room_for_a_reserve_is_started_without_one() -> None:
    """The bank holds two rehearsals, but the first exam needs nearly all of it."""
    _, rehearsal = make_exams()
    large = make_profile("large", scored=20, minutes=30)
    large.collections.set(rehearsal.collections.all())
    user = make_user()
    assert attempts.start(user, large, NOW).item_count == 20
    assert Reserve.objects.count() == 0


def test_the_database_holds_one_for_each_candidate_and_certification() -> None:
    mock, _ = make_exams()
    user = make_user()
    attempts.start(user, mock, NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        reserve.draw_first(user, "mls-c01", [], NOW)


def test_every_question_is_as_likely_in_a_reserve_as_the_others_of_its_task_statement() -> None:
    mock, _ = make_exams(10)
    counts: Counter[UUID] = Counter()
    for seed in range(300):
        user = make_user(f"{seed}@example.org")
        counts.update(forming.form(user, mock, NOW, seed).reserve)
    fair = {"1": 300 * 6 / 20, "2": 300 * 4 / 10}
    domains = dict(Question.objects.values_list("pk", "task_statement__domain__code"))
    assert [q for q, domain in domains.items() if not 0.5 <= counts[q] / fair[domain] <= 2] == []


# Kept


class Modes(TestCase):
    """Whatever a candidate does, in whatever order, only the rehearsal shows a reserved question."""

    @settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
    @given(
        steps=st.lists(st.sampled_from(["mock", "other", "drill", "named", "end", "discard"]), max_size=12),
        seed=st.integers(0, 1000),
        per_statement=st.integers(8, 11),
    )
    def test_no_mode_serves_a_reserved_question(
        self, steps: list[str], seed: int, per_statement: int
    ) -> None:
        mock, rehearsal = make_exams(per_statement)
        other = make_profile("other", scored=5, minutes=30)
        other.collections.set(mock.collections.all())
        user = make_user()
        rng = Random(seed)
        for number, step in enumerate(steps):
            now = NOW + number * MINUTE
            self.take(step, user, mock, other, now, rng)
            shown = set(
                Attempt.objects.of(user).exclude(profile=rehearsal).values_list("items__question", flat=True)
            )
            assert shown & reserved(user) == set()
        kept = reserved(user)
        attempt = attempts.start(user, rehearsal, NOW + 20 * MINUTE)
        if kept:
            assert questions_of(attempt) == kept
            self.take("drill", user, mock, other, NOW + 21 * MINUTE, rng)
            self.take("named", user, mock, other, NOW + 21 * MINUTE, rng)
            studied = Attempt.objects.of(user).filter(mode=Mode.STUDY)
            assert set(studied.values_list("items__question", flat=True)) & kept == set()

    @staticmethod
    def take(
        step: str, user: User, mock: ExamProfile, other: ExamProfile, now: dt.datetime, rng: Random
    ) -> None:
        running = list(Attempt.objects.of(user).open().order_by("started_at"))
        if step in ("mock", "other"):
            attempts.start(user, mock if step == "mock" else other, now)
        elif step in ("drill", "named"):
            everything = list(Question.objects.values_list("pk", flat=True))
            questions = (
                forming.draw(user, mock, dict.fromkeys(STATEMENTS, rng.randint(1, 9)), now, rng)
                if step == "drill"
                else rng.sample(everything, rng.randint(1, len(everything)))
            )
            with contextlib.suppress(NothingToStudyError):
                drill(user, mock, questions, now)
        elif running and step == "end":
            attempt = rng.choice(running)
            see(attempt, range(1, attempt.item_count + 1), now, end=True)
        elif running:
            attempts.discard(rng.choice(running).pk, user, now)


def test_an_exam_of_another_certification_over_the_same_questions_does_not_show_them() -> None:
    mock, _ = make_exams()
    user = make_user()
    attempts.start(user, mock, NOW)
    history = forming.supply.history_of(user)
    assert set(history.kept) == reserved(user)
    assert sum(history.set_aside.values()) == 20


def test_a_domain_that_is_short_because_of_the_reserve_says_so() -> None:
    mock, _ = make_exams()
    user = make_user()
    sit(user, mock)
    left = Question.objects.filter(task_statement__code="2.1").exclude(pk__in=reserved(user))
    retire(*left.values_list("pk", flat=True)[:3])
    with pytest.raises(ShortBankError) as short:
        attempts.start(user, mock, NOW + MINUTE)
    assert str(short.value) == (
        "The bank is short: Modeling lacks 3 questions (4 are kept for your dress rehearsal)."
    )


def test_a_domain_that_is_short_anyway_does_not_blame_the_reserve() -> None:
    mock, _ = make_exams()
    user = make_user()
    sit(user, mock)
    modeling = Question.objects.filter(task_statement__code="2.1")
    keep = modeling.filter(pk__in=reserved(user)).values_list("pk", flat=True)[:2]
    retire(*modeling.exclude(pk__in=list(keep)).values_list("pk", flat=True))
    with pytest.raises(ShortBankError, match=r"^The bank is short: Modeling lacks 4 questions\.$"):
        attempts.start(user, mock, NOW + MINUTE)


# Spent


def test_the_rehearsal_is_the_reserve_and_spends_it() -> None:
    mock, rehearsal = make_exams()
    user = make_user()
    sit(user, mock)
    kept = reserved(user)
    attempt = attempts.start(user, rehearsal, NOW + MINUTE)
    assert questions_of(attempt) == kept
    assert spent() == [(attempt.pk, NOW + MINUTE)]
    assert attempt.items.filter(scored=True).count() == 8


def test_a_rehearsal_as_the_first_exam_draws_and_spends_at_once() -> None:
    _, rehearsal = make_exams()
    user = make_user()
    attempt = attempts.start(user, rehearsal, NOW)
    row = Reserve.objects.get()
    assert set(row.questions.values_list("question", flat=True)) == questions_of(attempt)
    assert (row.spent_on, row.spent_at) == (attempt, NOW)


def test_while_the_rehearsal_is_open_its_questions_stay_kept_and_afterwards_they_are_like_all_others() -> (
    None
):
    mock, rehearsal = make_exams()
    user = make_user()
    attempt = attempts.start(user, rehearsal, NOW)
    kept = questions_of(attempt)
    assert reserved(user) == kept
    meanwhile = attempts.start(user, mock, NOW + MINUTE)
    assert questions_of(meanwhile) & kept == set()
    everything = dict.fromkeys(STATEMENTS, 8)
    assert set(forming.draw(user, mock, everything, NOW + MINUTE, Random(1))) & kept == set()
    see(attempt, range(1, 11), NOW + 2 * MINUTE, end=True)
    assert reserved(user) == set()
    assert set(forming.draw(user, mock, everything, NOW + 3 * MINUTE, Random(1))) >= kept


def test_a_discarded_rehearsal_gives_it_back_and_what_was_displayed_counts_as_seen() -> None:
    _, rehearsal = make_exams()
    user = make_user()
    first = attempts.start(user, rehearsal, NOW)
    see(first, [1, 2, 3], NOW)
    attempts.discard(first.pk, user, NOW + MINUTE)
    assert spent() == [(None, None)]
    assert reserve.state(user, rehearsal) == ReserveState(Stage.KEPT, 10, 10, 3)
    second = attempts.start(user, rehearsal, NOW + 2 * MINUTE)
    assert questions_of(second) == questions_of(first)
    assert [wish for wish in second.wishes if "seen before" in wish] != []


def test_a_discarded_exam_or_session_gives_nothing_back() -> None:
    mock, rehearsal = make_exams()
    user = make_user()
    sit(user, rehearsal)
    for attempt in (
        attempts.start(user, mock, NOW + MINUTE),
        drill(user, mock, forming.draw(user, mock, {("1", "1.1"): 2}, NOW, Random(1)), NOW + MINUTE),
    ):
        attempts.discard(attempt.pk, user, NOW + 2 * MINUTE)
    assert reserved(user) == set()


def test_a_second_rehearsal_has_no_reserve_and_takes_unseen_questions_first() -> None:
    mock, rehearsal = make_exams(12)
    user = make_user()
    sit(user, rehearsal)
    sit(user, mock, NOW + MINUTE)
    seen = set(Sight.objects.values_list("question", flat=True))
    state = reserve.state(user, rehearsal)
    assert state == ReserveState(Stage.SPENT, 10, 0, 0, NOW)
    second = sit(user, rehearsal, NOW + 2 * MINUTE)
    assert questions_of(second) & seen == set()
    assert Reserve.objects.count() == 1


def test_a_spent_reserve_outlives_the_attempt_that_spent_it() -> None:
    mock, rehearsal = make_exams()
    user = make_user()
    attempt = sit(user, rehearsal)
    Sight.objects.all().delete()
    attempt.delete()
    assert reserved(user) == set()
    attempts.start(user, mock, NOW + MINUTE)
    assert spent() == [(None, NOW)]


def test_a_gap_in_the_reserve_is_filled_with_unseen_questions() -> None:
    mock, rehearsal = make_exams(12)
    user = make_user()
    sit(user, mock)
    kept = reserved(user)
    seen = set(Sight.objects.values_list("question", flat=True))
    gone = sorted(kept)[:2]
    retire(*gone)
    assert reserve.state(user, rehearsal) == ReserveState(Stage.KEPT, 10, 8, 0)
    attempt = attempts.start(user, rehearsal, NOW + MINUTE)
    assert kept - questions_of(attempt) == set(gone)
    assert questions_of(attempt) & seen == set()


def test_published_reserved_questions_come_before_trial_ones() -> None:
    mock, rehearsal = make_exams()
    user = make_user()
    sit(user, mock)
    kept = reserved(user)
    for statement in ("1.1", "2.1"):
        Question.objects.filter(pk=make_version(statement).question_id).update(status=Status.TRIAL)
    renumber(Collection.objects.get(pk="mls-c01"))
    assert questions_of(attempts.start(user, rehearsal, NOW + MINUTE)) == kept


def test_a_reserve_is_no_use_of_a_question_and_lets_go_of_what_is_deleted() -> None:
    mock, _ = make_exams()
    user = make_user()
    attempts.start(user, mock, NOW)
    question = reserve.reserved(user, "mls-c01").first()
    assert question is not None
    assert uses.used([question.pk]) == set()
    uses.release([question.pk], None, NOW)
    assert ReservedQuestion.objects.filter(question=question).count() == 0
    assert ReservedQuestion.objects.count() == 9


def test_a_preview_draws_none() -> None:
    make_exams()
    previews.start(make_user(), Question.objects.filter(task_statement__code="1.1"), NOW)
    assert Reserve.objects.count() == 0


# What pages say


def test_before_the_first_attempt_it_is_to_come_for_anybody() -> None:
    mock, rehearsal = make_exams()
    to_come = ReserveState(Stage.TO_COME, 10, 10, 0)
    assert reserve.state(None, rehearsal) == to_come
    assert reserve.state(make_user(), mock) == to_come


def test_then_it_is_kept() -> None:
    mock, rehearsal = make_exams()
    user = make_user()
    attempts.start(user, mock, NOW)
    assert reserve.state(user, rehearsal) == ReserveState(Stage.KEPT, 10, 10, 0)


@pytest.mark.parametrize("per_statement", [8, 9, 10, 12])
@pytest.mark.parametrize("mocks", [0, 1, 2])
@pytest.mark.parametrize("trial", [0, 1])
def test_the_repeats_that_are_told_of_a_spent_reserve_are_those_of_the_next_rehearsal(
    per_statement: int, mocks: int, trial: int
) -> None:
    mock, rehearsal = make_exams(per_statement)
    for _ in range(trial):
        Question.objects.filter(pk=make_version("1.1").question_id).update(status=Status.TRIAL)
    renumber(Collection.objects.get(pk="mls-c01"))
    user = make_user()
    sit(user, rehearsal)
    for number in range(mocks):
        sit(user, mock, NOW + (1 + number) * MINUTE)
    seen = set(Sight.objects.values_list("question", flat=True))
    state = reserve.state(user, rehearsal)
    second = attempts.start(user, rehearsal, NOW + 10 * MINUTE)
    repeats = len(questions_of(second) & seen)
    assert state == ReserveState(Stage.SPENT, 10, 0, repeats, NOW)


def test_the_repeats_that_are_told_without_a_reserve_are_those_of_the_next_rehearsal() -> None:
    mock, rehearsal = make_exams(6)
    user = make_user()
    sit(user, mock)
    state = reserve.state(user, rehearsal)
    seen = set(Sight.objects.values_list("question", flat=True))
    repeats = len(questions_of(attempts.start(user, rehearsal, NOW + MINUTE)) & seen)
    assert (state, repeats) == (ReserveState(Stage.NONE, 10, 0, 2), 2)


@pytest.mark.parametrize(("state", "kept"), [(State.OPEN, 10), (State.DISCARDED, 10), (State.CLOSED, 0)])
def test_what_is_kept_depends_on_how_the_rehearsal_went_on(state: State, kept: int) -> None:
    _, rehearsal = make_exams()
    user = make_user()
    attempt = attempts.start(user, rehearsal, NOW)
    if state == State.DISCARDED:
        attempts.discard(attempt.pk, user, NOW + MINUTE)
    elif state == State.CLOSED:
        attempts.close_if_due(attempt, NOW + 60 * MINUTE)
    assert len(reserved(user)) == kept
