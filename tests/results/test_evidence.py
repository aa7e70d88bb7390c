import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import DjangoAssertNumQueries

from exam_sim.accounts.models import User
from exam_sim.exams import attempts, pausing, previews, sights
from exam_sim.exams.models import Attempt, EndedBy, EventKind, Mode, State, Study
from exam_sim.exams.scale import Scale
from questions.models import Certification, KeyCorrection, Question, QuestionVersion
from results.evidence import History, Item, Sitting, history_of, is_incomplete, read, stored
from results.grading import result_for
from results.mastery import Evidence
from tests.factories import (
    NOW,
    make_profile,
    make_register,
    make_sighted_attempt,
    make_user,
    make_version,
    make_visits,
)

DAY = dt.timedelta(days=1)
LATER = NOW + 100 * DAY

UNTIMED: dict[str, Any] = {"seconds_granted": None, "deadline": None, "close_by": None}
STUDY: dict[str, Any] = {"mode": Mode.STUDY, "study": Study.DRILL, **UNTIMED}


def make_item(number: int = 1, **fields: Any) -> Item:
    defaults: dict[str, Any] = {
        "question": f"{number:032x}",
        "version": 1,
        "domain": "1",
        "task_statement": "1.1",
        "scored": True,
        "right": True,
        "displayed": True,
        "first_sight": True,
        "sure": None,
    }
    return Item(number, **(defaults | fields))


def make_sitting(*items: Item, **fields: Any) -> Sitting:
    defaults: dict[str, Any] = {
        "attempt_id": "a",
        "profile_id": "mls-c01-full-mock",
        "title": "Full mock exam",
        "mode": Mode.EXAM,
        "study": "",
        "started_at": NOW,
        "closed_at": NOW,
        "scale": Scale(100, 1000, 750),
        "blueprint": [],
        "scaled": 500,
        "passed": False,
        "correct": 1,
        "total": 2,
    }
    return Sitting(items=items, **(defaults | fields))


def sat(user: User, versions: list[QuestionVersion], day: int = 0, **fields: Any) -> Attempt:
    """A closed, graded attempt, `day` days after NOW."""
    attempt = make_sighted_attempt(user, versions, started_at=NOW + day * DAY, **fields)
    result_for(attempt, NOW + day * DAY)
    return attempt


def first_sights(attempt: Attempt) -> list[bool]:
    """Of each item, as it is gathered with the result."""
    return [item.first_sight for item in read(result_for(attempt, LATER).items)]


def correct_key(version: QuestionVersion, at: dt.datetime = NOW) -> QuestionVersion:
    after = make_version(question=version.question, key="b")
    KeyCorrection.objects.create(
        question=version.question, before=version, after=after, reason="Wrong", at=at
    )
    return after


items = st.builds(
    make_item,
    question=st.uuids().map(lambda id_: id_.hex),
    version=st.integers(1, 9),
    domain=st.sampled_from("1234"),
    task_statement=st.sampled_from(["1.1", "2.3"]),
    scored=st.booleans(),
    right=st.booleans(),
    displayed=st.booleans(),
    first_sight=st.booleans(),
    sure=st.sampled_from([None, True, False]),
)


@given(st.lists(items, max_size=8))
def test_items_are_read_as_they_were_stored(given_items: list[Item]) -> None:
    numbered = tuple(item._replace(number=number) for number, item in enumerate(given_items, start=1))
    assert read(json.loads(json.dumps(stored(numbered)))) == numbered


def test_sixty_five_items_take_less_than_five_kilobytes() -> None:
    form = [make_item(number, version=12, task_statement="2.3", sure=True) for number in range(1, 66)]
    assert len(json.dumps(stored(form))) < 5_000


def test_a_gap_in_the_numbers_is_refused_because_the_place_is_the_number() -> None:
    with pytest.raises(ValueError, match="item 3 stands in place 2"):
        stored([make_item(1), make_item(3)])


def test_what_was_answered_under_a_key_that_was_corrected_since_is_void() -> None:
    rows = stored([make_item(1, version=1), make_item(2, version=2), make_item(3, version=3)])
    corrected = {f"{number:032x}": 2 for number in (1, 2, 3)}
    assert [item.void for item in read(rows, corrected)] == [True, True, False]


@pytest.mark.parametrize(
    ("displayed", "total", "incomplete"),
    [(51, 65, True), (52, 65, False), (39, 50, True), (40, 50, False), (0, 1, True), (1, 1, False)],
)
def test_a_sitting_with_under_four_fifths_displayed_is_incomplete(
    displayed: int, total: int, incomplete: bool
) -> None:
    assert is_incomplete(displayed, total) is incomplete


def test_first_sights_and_repeats_are_told_apart_and_neither_holds_what_is_no_evidence() -> None:
    sitting = make_sitting(
        make_item(1),
        make_item(2, right=False),
        make_item(3, domain="2", task_statement="2.1"),
        make_item(4, first_sight=False),
        make_item(5, first_sight=False, right=False),
        make_item(6, scored=False),
        make_item(7, scored=False, first_sight=False),
        make_item(8, displayed=False, first_sight=False, right=False),
        make_item(9, void=True),
        make_item(10, void=True, first_sight=False),
    )
    assert sitting.first_sights == (2, 3)
    assert sitting.repeats == (1, 2)
    assert sitting.by_domain() == {"1": (1, 2), "2": (1, 1)}
    assert (sitting.displayed, sitting.is_incomplete, sitting.counts) == (9, False, True)


@pytest.mark.parametrize(
    ("fields", "form", "counts"),
    [({}, True, True), ({"mode": Mode.STUDY, "study": Study.DRILL}, False, False)],
)
def test_only_exams_are_forms(fields: Mapping[str, Any], form: bool, counts: bool) -> None:
    sitting = make_sitting(make_item(), **fields)
    assert (sitting.is_form, sitting.counts) == (form, counts)


def test_right_and_unsure_is_a_lucky_guess() -> None:
    cases = [(True, False), (True, True), (True, None), (False, False)]
    assert [make_item(right=right, sure=sure).is_lucky for right, sure in cases] == [
        True,
        False,
        False,
        False,
    ]


def test_level_and_chance_rest_on_complete_forms_and_task_statements_on_drills_too() -> None:
    missed = make_item(2, right=False, task_statement="1.2")
    unseen = [make_item(n, displayed=False, first_sight=False, right=False) for n in (2, 3, 4, 5)]
    history = History(
        (
            make_sitting(make_item(1), missed, attempt_id="form"),
            make_sitting(make_item(1), *unseen, attempt_id="incomplete"),
            make_sitting(make_item(1, right=False), mode=Mode.STUDY, study=Study.DRILL, attempt_id="drill"),
            make_sitting(make_item(1, first_sight=False), attempt_id="repeat"),
        )
    )
    assert [sitting.attempt_id for sitting in history.counting] == ["form", "repeat"]
    assert history.forms() == [{"1": (1, 2)}]
    assert history.evidence() == [Evidence("1", "1.1", 2, 3), Evidence("1", "1.2", 0, 1)]


def test_the_newest_outcome_of_a_question_is_that_of_its_last_display() -> None:
    first = make_sitting(make_item(1, question="q", right=False), make_item(2, question="r", scored=False))
    second = make_sitting(
        make_item(1, question="q", first_sight=False, sure=False),
        make_item(2, question="r", displayed=False, first_sight=False),
        make_item(3, question="s", void=True),
    )
    newest = History((first, second)).newest()
    assert {question: (outcome.item, outcome.sitting) for question, outcome in newest.items()} == {
        "q": (second.items[0], second),
        "r": (first.items[1], first),
    }


@pytest.mark.django_db
def test_the_history_of_a_candidate_is_read_as_it_was_sat() -> None:
    user = make_user()
    versions = [make_version("1.1"), make_version("2.1"), make_version("1.2")]
    drill = sat(user, versions[:1], day=1, title="Domain drill", answers={1: "b"}, **STUDY)
    form = sat(user, versions, day=0, answers={1: "a", 2: "b"}, unscored={3}, sure={1: False})
    sat(make_user("other@example.org"), versions)
    hexes = [version.question_id.hex for version in versions]
    assert history_of(user, "mls-c01", LATER) == History(
        (
            Sitting(
                form.pk,
                "mls-c01-full-mock",
                "Full mock exam",
                Mode.EXAM,
                "",
                form.started_at,
                form.closed_at,  # type: ignore[arg-type]
                Scale(100, 1000, 750),
                form.blueprint,
                550,
                False,
                1,
                2,
                (
                    Item(1, hexes[0], 1, "1", "1.1", True, True, True, False, False),
                    Item(2, hexes[1], 1, "2", "2.1", True, False, True, True, None),
                    Item(3, hexes[2], 1, "1", "1.2", False, False, True, True, None),
                ),
            ),
            Sitting(
                drill.pk,
                "mls-c01-full-mock",
                "Domain drill",
                Mode.STUDY,
                Study.DRILL,
                drill.started_at,
                drill.closed_at,  # type: ignore[arg-type]
                Scale(100, 1000, 750),
                drill.blueprint,
                100,
                False,
                0,
                1,
                (Item(1, hexes[0], 1, "1", "1.1", True, False, True, True, None),),
            ),
        )
    )


@pytest.mark.django_db
def test_a_history_is_of_one_certification_and_of_what_was_closed_by_then() -> None:
    user = make_user()
    sat(user, [make_version()])
    Certification.objects.create(slug="other", title="Other")
    assert len(history_of(user, "mls-c01", LATER).sittings) == 1
    assert history_of(user, "other", LATER) == History(())
    assert history_of(user, "mls-c01", NOW) == History(())


@pytest.mark.django_db
def test_a_result_without_items_stands_in_the_history_and_counts_nowhere() -> None:
    user = make_user()
    attempt = sat(user, [make_version()])
    attempt.results.update(items=None, displayed=None)
    (sitting,) = history_of(user, "mls-c01", LATER).sittings
    assert (sitting.items, sitting.counts, sitting.first_sights) == ((), False, (0, 0))


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_a_history_is_one_query_and_two_once_a_key_was_corrected(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = make_user()
    versions = [make_version() for _ in range(count)]
    for day in range(count):
        sat(user, versions, day=day)
    correct_key(make_version())
    with django_assert_num_queries(1):
        history_of(user, "mls-c01", LATER)
    for version in versions:
        correct_key(version)
    with django_assert_num_queries(2):
        history_of(user, "mls-c01", LATER)


@pytest.mark.django_db
def test_a_key_that_is_corrected_takes_answers_of_old_versions_out_and_leaves_newer_ones() -> None:
    user, version = make_user(), make_version()
    sat(user, [version, make_version()], day=0, answers={1: "a", 2: "a"})
    after = correct_key(version)
    sat(user, [after], day=1, answers={1: "b"})
    first, second = history_of(user, "mls-c01", LATER).sittings
    assert [item.void for item in first.items] == [True, False]
    assert [item.void for item in second.items] == [False]
    assert (first.first_sights, second.repeats, first.scaled) == ((1, 1), (1, 1), 1000)


@pytest.mark.django_db
def test_a_question_is_seen_for_the_first_time_once_whatever_its_version() -> None:
    user, version = make_user(), make_version()
    first = sat(user, [version], day=0)
    again = sat(user, [make_version(question=version.question)], day=1)
    other = sat(make_user("other@example.org"), [version], day=2)
    assert [first_sights(attempt) for attempt in (first, again, other)] == [[True], [False], [True]]


@pytest.mark.django_db
def test_what_was_not_displayed_is_no_sight_and_may_still_be_seen_first_later() -> None:
    user, versions = make_user(), [make_version(), make_version()]
    first = sat(user, versions, day=0, shown={1})
    second = sat(user, versions, day=1)
    assert [first_sights(first), first_sights(second)] == [[True, False], [False, True]]


@pytest.mark.django_db
def test_a_discarded_attempt_has_shown_its_questions() -> None:
    user, version = make_user(), make_version()
    make_sighted_attempt(user, [version], state=State.DISCARDED)
    assert first_sights(sat(user, [version], day=1)) == [False]


@pytest.mark.django_db
def test_an_item_explained_in_a_study_session_that_is_still_open_is_no_first_sight_elsewhere() -> None:
    """An open attempt has noted no sights, and may stay open for weeks."""
    user, versions = make_user(), [make_version() for _ in range(3)]
    study = make_sighted_attempt(user, versions, state=State.OPEN, feedback=True, shown={1, 2}, **STUDY)
    make_register(study, 1, EventKind.CHECK, True)
    form = sat(user, versions, day=1)
    assert first_sights(form) == [False, False, True]
    attempts.close(study, EndedBy.CANDIDATE, NOW + 2 * DAY)
    assert first_sights(study) == [
        False,
        False,
        False,
    ]


@pytest.mark.django_db
def test_a_session_that_is_ended_as_of_its_pause_had_explained_its_items_before_all_the_same() -> None:
    """Graded once both are over: the session stood paused while the form was sat, and ends before it."""
    user, version = make_user(), make_version()
    study = make_sighted_attempt(user, [version], state=State.OPEN, **STUDY)
    pausing.pause(study.pk, user, NOW + dt.timedelta(hours=1))
    form = make_sighted_attempt(user, [version], started_at=NOW + DAY)
    study.refresh_from_db()
    attempts.close(study, EndedBy.CANDIDATE, NOW + 2 * DAY)
    assert study.closed_at == NOW + dt.timedelta(hours=1)
    assert [first_sights(form), first_sights(study)] == [[False], [False]]


@pytest.mark.django_db
def test_an_exam_that_is_closed_as_of_its_deadline_had_shown_its_items_in_its_grace() -> None:
    user, version = make_user(), make_version()
    first = make_sighted_attempt(user, [version], state=State.OPEN)
    second = make_sighted_attempt(
        user,
        [version],
        profile=make_profile("other"),
        started_at=NOW + dt.timedelta(minutes=65),  # closed after 185 minutes: the first ran for 180
    )
    attempts.close(first, EndedBy.CLOCK, NOW + dt.timedelta(minutes=191))
    assert [first_sights(second), first_sights(first)] == [[False], [False]]


@pytest.mark.django_db
def test_a_question_first_seen_with_its_explanation_in_a_review_is_no_first_sight_anywhere() -> None:
    user, version = make_user(), make_version()
    first = make_sighted_attempt(user, [version], shown=())
    sights.reveal(first, 1, NOW + DAY)
    assert first_sights(first) == [False]
    assert first_sights(sat(user, [version], day=2)) == [False]


@pytest.mark.django_db
def test_what_an_open_attempt_shows_after_a_form_was_closed_takes_nothing_from_it() -> None:
    user, version = make_user(), make_version()
    study = make_sighted_attempt(user, [version], state=State.OPEN, shown=(), **STUDY)
    form = make_sighted_attempt(user, [version], answers={1: "a"})
    make_visits(study, [1])
    study.events.update(received_at=NOW + DAY)
    assert first_sights(form) == [True]


@pytest.mark.django_db
def test_looking_at_a_question_in_a_preview_is_no_sight() -> None:
    user, version = make_user(), make_version()
    make_visits(previews.start(user, Question.objects.filter(pk=version.question_id), NOW), [1])
    form = sat(user, [version])
    assert first_sights(form) == [True]
