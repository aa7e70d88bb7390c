"""Scripted sittings with numbers worked out by hand, and what holds for every sitting."""

from collections.abc import Iterable
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from results.pacing import (
    Answer,
    Change,
    Item,
    Lines,
    Outcome,
    Pacing,
    Piece,
    Question,
    Share,
    Visit,
    lines,
    pacing,
)

SECOND, MINUTE = 1_000, 60_000
HOUR = 60 * MINUTE


def item(number: int, final: Iterable[int] = (), key: Iterable[int] | None = (0,), choose: int = 1) -> Item:
    return Item(number, choose, frozenset(final), None if key is None else frozenset(key))


def answer(number: int, chosen: Iterable[int], at: int, event: int = 0) -> Answer:
    return Answer(number, frozenset(chosen), at, UUID(int=event))


def visit(number: int, ms: int, at: int, event: int = 0) -> Visit:
    return Visit(number, ms, at, UUID(int=event))


def sat(
    items: list[Item],
    answers: Iterable[Answer] = (),
    visits: Iterable[Visit] = (),
    *,
    granted: int | None = 3 * 3600,
    base: int | None = 3 * 3600,
    end: int = 3 * HOUR,
) -> Pacing:
    return pacing(items, answers, visits, seconds_granted=granted, seconds_base=base, end_ms=end)


def test_a_short_sitting_number_by_number() -> None:
    found = sat(
        [item(1, final=[0]), item(2, final=[1]), item(3)],
        [answer(1, [0], 50_000), answer(2, [0], 70_000), answer(2, [1], 100_000)],
        [visit(1, 0, 0), visit(1, 60_000, 60_000), visit(2, 0, 60_001), visit(2, 45_000, 105_001)],
        granted=3600,
        base=3600,
        end=120_000,
    )
    assert found == Pacing(
        questions=(
            Question(1, True, 60_000, (60_000,), (Piece(0, 60_000),), Outcome.RIGHT, None, 50_000, None),
            Question(
                number=2,
                displayed=True,
                spent_ms=45_000,
                visits=(45_000,),
                pieces=(Piece(60_001, 105_001),),
                outcome=Outcome.WRONG,
                change=Change.RIGHT_TO_WRONG,
                answered_ms=100_000,
                changed_ms=100_000,
            ),
            Question(3, False, 0, (), (), Outcome.BLANK, None, None, None),
        ),
        lines=Lines(1_800_000, 40_000),
        end_ms=120_000,
        last_from_ms=0,
        last=Share(1, 2),
        before=Share(0, 0),
    )
    assert (found.mean_ms, found.median_ms) == (52_500, 52_500)


def test_pieces_of_one_stay_are_one_visit_until_another_question_comes_between() -> None:
    found = sat(
        [item(1), item(2)],
        visits=[
            visit(1, 10_000, 10_000),
            visit(1, 5_000, 30_000),
            visit(2, 20_000, 50_000),
            visit(1, 0, 50_001),
            visit(1, 1_000, 51_000),
        ],
    )
    assert [(q.spent_ms, q.visits) for q in found.questions] == [
        (16_000, (15_000, 1_000)),
        (20_000, (20_000,)),
    ]
    assert found.questions[0].pieces == (Piece(0, 10_000), Piece(25_000, 30_000), Piece(50_000, 51_000))


def test_a_visit_longer_than_the_exam_so_far_is_drawn_from_the_start_and_counts_as_it_was_logged() -> None:
    (question,) = sat([item(1)], visits=[visit(1, 9_000, 4_000)]).questions
    assert (question.spent_ms, question.pieces) == (9_000, (Piece(0, 4_000),))


@pytest.mark.parametrize(
    ("granted", "base", "items", "expected"),
    [
        (180 * 60, 180 * 60, 60, Lines(270_000, 40_000)),
        (270 * 60, 180 * 60, 60, Lines(405_000, 60_000)),
        (210 * 60, 180 * 60, 60, Lines(315_000, 40_000 * 7 / 6)),
        (None, None, 60, Lines(None, 40_000)),
    ],
)
def test_both_lines_grow_with_the_time_granted(
    granted: int | None, base: int | None, items: int, expected: Lines
) -> None:
    assert lines(granted, base, items) == expected


def numbers(questions: Iterable[Question]) -> list[int]:
    return [question.number for question in questions]


def test_slow_is_strictly_over_its_line_and_hurried_strictly_under() -> None:
    """Sixty items in 3 hours: slow over 270 s, hurried under 40 s."""
    items = [
        item(1, [1]),
        item(2, [1]),
        item(3, [0]),
        item(4, []),
        item(5, [1]),
        item(6, [1]),
        item(7, [0]),
        item(8, []),
        item(9, [1], key=[0, 1], choose=2),
        item(10, [1], key=None),
        item(11, [1], key=None),
        *(item(number) for number in range(12, 61)),
    ]
    spent = {1: 270_001, 2: 270_000, 3: 500_000, 4: 300_000, 5: 39_999, 6: 40_000, 7: 10_000, 8: 10_000}
    spent |= {9: 20_000, 10: 500_000, 11: 1_000}
    found = sat(items, visits=[visit(n, ms, 600_000 * n) for n, ms in spent.items()])
    assert numbers(found.slow_and_wrong) == [1, 4]
    assert numbers(found.hurried_and_wrong) == [5, 9]


def test_with_half_as_much_time_again_the_hurried_line_is_a_minute() -> None:
    items = [item(1, [1]), item(2, [1])]
    visits = [visit(1, 59_999, 60_000), visit(2, 60_000, 120_000)]
    found = sat(items, visits=visits, granted=4 * 3600 + 1800, base=3 * 3600)
    assert numbers(found.hurried_and_wrong) == [1]


def test_a_wrong_answer_without_any_time_on_record_was_hurried_only_if_it_was_displayed() -> None:
    items = [item(1, [1]), item(2, [1])]
    assert numbers(sat(items, answers=[answer(1, [1], 5)]).hurried_and_wrong) == [1]


@pytest.mark.parametrize(
    ("chosen", "choose", "key", "expected"),
    [
        ([[0], [1]], 1, [0], Change.RIGHT_TO_WRONG),
        ([[1], [0]], 1, [0], Change.WRONG_TO_RIGHT),
        ([[1], [2]], 1, [0], Change.WRONG_TO_WRONG),
        ([[0], [1], [0]], 1, [0], None),
        ([[1], [0], [1]], 1, [0], None),
        ([[0], []], 1, [0], Change.RIGHT_TO_WRONG),
        ([[1], []], 1, [0], Change.WRONG_TO_WRONG),
        ([[0], [0, 1]], 2, [0, 1], None),
        ([[0], [0, 2], [0], [0, 1]], 2, [0, 1], Change.WRONG_TO_RIGHT),
        ([[0, 1], [0]], 2, [0, 1], Change.RIGHT_TO_WRONG),
        ([[0]], 2, [0, 1], None),
        ([[0], [1]], 1, None, Change.UNTOLD),
        ([[0], [0]], 1, None, None),
        ([], 1, [0], None),
    ],
)
def test_the_first_complete_choice_is_held_against_the_final_answer(
    chosen: list[list[int]], choose: int, key: list[int] | None, expected: Change | None
) -> None:
    final = chosen[-1] if chosen else []
    answers = [answer(1, positions, at) for at, positions in enumerate(chosen)]
    (question,) = sat([item(1, final, key, choose)], answers).questions
    assert question.change is expected
    assert question.changed_ms == (len(chosen) - 1 if expected else None)


def test_the_last_twenty_minutes_begin_at_their_first_millisecond() -> None:
    at = {1: 99 * MINUTE, 2: 100 * MINUTE - 1, 3: 100 * MINUTE, 4: 119 * MINUTE, 5: 110 * MINUTE}
    items = [item(1, [0]), item(2, [1]), item(3, [0]), item(4, [1]), item(5, [0], key=None), item(6)]
    found = sat(items, [answer(n, items[n - 1].final, ms) for n, ms in at.items()], end=120 * MINUTE)
    assert (found.last_from_ms, found.last, found.before) == (100 * MINUTE, Share(1, 2), Share(1, 2))


def test_an_answer_that_was_cleared_in_the_end_was_not_given() -> None:
    found = sat([item(1, [])], [answer(1, [0], HOUR), answer(1, [], 2 * HOUR + 59 * MINUTE)])
    assert (found.last, found.before) == (Share(0, 0), Share(0, 0))


@pytest.mark.parametrize(("total", "is_told"), [(7, False), (8, True)])
def test_below_eight_questions_nothing_is_told(total: int, is_told: bool) -> None:
    items = [item(n, [0]) for n in range(1, total + 1)]
    found = sat(items, [answer(n, [0], 2 * HOUR + 50 * MINUTE) for n in range(1, total + 1)])
    assert (found.last, found.last.is_told) == (Share(total, total), is_told)


def test_nothing_on_record_has_no_mean() -> None:
    found = sat([item(1), item(2)])
    assert (found.mean_ms, found.median_ms, found.displayed, found.spent_ms) == (None, None, [], 0)


POSITIONS = st.frozensets(st.integers(0, 3), max_size=2)
NUMBERS = st.integers(1, 6)
TIMES = st.integers(0, 200 * MINUTE)
LOG = st.lists(
    st.one_of(
        st.builds(Answer, NUMBERS, POSITIONS, TIMES, st.uuids()),
        st.builds(Visit, NUMBERS, st.integers(0, 10 * MINUTE), TIMES, st.uuids()),
    ),
    max_size=40,
    unique_by=lambda event: event.event,
)
Keys = tuple[frozenset[int] | None, ...]
KEY = st.none() | st.frozensets(st.integers(0, 3), min_size=1, max_size=2)
KEYS = st.tuples(*[KEY] * 6)
SECONDS = st.none() | st.integers(1, 6 * 3600)


def of(log: list[Answer | Visit], keys: Keys, granted: int | None) -> Pacing:
    """The final answers are those of the log."""
    final: dict[int, frozenset[int]] = {}
    for event in sorted(log, key=lambda event: (event.intent_ms, event.event)):
        if isinstance(event, Answer):
            final[event.item] = event.chosen
    items = [Item(n, len(key or (0,)), final.get(n, frozenset()), key) for n, key in enumerate(keys, start=1)]
    return pacing(
        items,
        [event for event in log if isinstance(event, Answer)],
        [event for event in log if isinstance(event, Visit)],
        seconds_granted=granted,
        seconds_base=granted and max(1, granted * 2 // 3),
        end_ms=200 * MINUTE,
    )


@given(log=LOG, keys=KEYS, granted=SECONDS)
def test_times_add_up(log: list[Answer | Visit], keys: Keys, granted: int | None) -> None:
    found = of(log, keys, granted)
    assert found.spent_ms == sum(event.ms for event in log if isinstance(event, Visit))
    assert all(question.spent_ms == sum(question.visits) for question in found.questions)


@given(log=LOG, keys=KEYS, granted=SECONDS, data=st.data())
def test_the_order_of_arrival_does_not_matter(
    log: list[Answer | Visit], keys: Keys, granted: int | None, data: st.DataObject
) -> None:
    assert of(data.draw(st.permutations(log)), keys, granted) == of(log, keys, granted)


@given(log=LOG, keys=KEYS, granted=SECONDS)
def test_classes_are_disjoint_and_nothing_untold_is_in_them(
    log: list[Answer | Visit], keys: Keys, granted: int | None
) -> None:
    found = of(log, keys, granted)
    slow, hurried = set(numbers(found.slow_and_wrong)), set(numbers(found.hurried_and_wrong))
    untold = {number for number, key in enumerate(keys, start=1) if key is None}
    assert slow & hurried == set()
    assert (slow | hurried) & untold == set()
    assert {q.change for q in found.questions if q.number in untold} <= {None, Change.UNTOLD}
    answered = sum(q.answered_ms is not None and q.number not in untold for q in found.questions)
    assert found.last.total + found.before.total == answered
