"""Taking answers: what is stored, superseded, acknowledged again or refused, whatever the order of
arrival."""

import contextlib
import json
import uuid
from itertools import permutations
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exam_sim.exams import answers, attempts
from exam_sim.exams.events import Event, Refusal, UnreadableError, parse
from exam_sim.exams.exceptions import NotOpenError
from exam_sim.exams.models import AnswerEvent, Attempt, EndedBy, EventKind, LateAnswer, Register, Sight, State
from tests.exams.sitting import MINUTE, SECOND, body, event, make_open, standing
from tests.factories import NOW, make_user

pytestmark = pytest.mark.django_db

IDS = [str(uuid.UUID(int=number)) for number in range(1, 20)]


def record(attempt: Attempt, *events: object, at: Any = None, end: bool = False) -> answers.Receipt:
    return answers.record(attempt.pk, attempt.user, body(*events), at or NOW + 5 * MINUTE, end=end)


def test_an_answer_is_logged_stands_and_is_acknowledged() -> None:
    attempt = make_open(make_user())
    receipt = record(attempt, event(1, "answer", [2], 60_000, IDS[0]))
    assert receipt.results == {IDS[0]: "stored"}
    assert receipt.registers == [(1, "answer", [2], 60_000, IDS[0])]
    logged = AnswerEvent.objects.values_list("event_id", "item", "kind", "value", "intent_ms", "received_at")
    assert list(logged) == [(uuid.UUID(IDS[0]), 1, "answer", [2], 60_000, NOW + 5 * MINUTE)]
    assert standing(attempt) == {(1, "answer"): [2]}


def test_the_same_batch_twice_changes_nothing_and_is_acknowledged_again() -> None:
    attempt = make_open(make_user())
    batch = [event(1, "answer", [2], 60_000, IDS[0]), event(2, "flag", True, 61_000, IDS[1])]
    assert record(attempt, *batch).results == {IDS[0]: "stored", IDS[1]: "stored"}
    again = record(attempt, *batch, at=NOW + 6 * MINUTE)
    assert again.results == {IDS[0]: "duplicate", IDS[1]: "duplicate"}
    assert again.registers == [(1, "answer", [2], 60_000, IDS[0]), (2, "flag", True, 61_000, IDS[1])]
    assert AnswerEvent.objects.count() == 2
    assert standing(attempt) == {(1, "answer"): [2], (2, "flag"): True}


def test_an_older_intent_is_superseded_and_the_reply_says_what_stands() -> None:
    attempt = make_open(make_user())
    record(attempt, event(1, "answer", [2], 60_000, IDS[0]))
    late = record(attempt, event(1, "answer", [3], 59_999, IDS[1]))
    assert late.results == {IDS[1]: "superseded"}
    assert late.registers == [(1, "answer", [2], 60_000, IDS[0])]
    assert AnswerEvent.objects.count() == 2


def test_of_two_events_with_one_intent_the_greater_id_stands() -> None:
    attempt = make_open(make_user())
    record(attempt, event(1, "answer", [2], 60_000, IDS[5]))
    assert record(attempt, event(1, "answer", [3], 60_000, IDS[4])).results == {IDS[4]: "superseded"}
    assert record(attempt, event(1, "answer", [0], 60_000, IDS[6])).results == {IDS[6]: "stored"}
    assert standing(attempt) == {(1, "answer"): [0]}


def test_within_a_batch_the_newest_stands_and_all_are_logged() -> None:
    attempt = make_open(make_user())
    receipt = record(
        attempt, event(1, "answer", [2], 60_000, IDS[0]), event(1, "answer", [1], 50_000, IDS[1])
    )
    assert receipt.results == {IDS[0]: "stored", IDS[1]: "superseded"}
    assert receipt.registers == [(1, "answer", [2], 60_000, IDS[0])]
    assert AnswerEvent.objects.count() == 2


def test_an_empty_choice_clears() -> None:
    attempt = make_open(make_user())
    record(attempt, event(4, "answer", [4, 0], 60_000))
    assert standing(attempt) == {(4, "answer"): [0, 4]}
    record(attempt, event(4, "answer", [], 61_000))
    assert standing(attempt) == {(4, "answer"): []}


def test_notes_are_kept_like_an_answer() -> None:
    attempt = make_open(make_user())
    record(attempt, event(0, "scratchpad", "shards = 3 × 2\n", 60_000, IDS[0]))
    assert standing(attempt) == {(0, "scratchpad"): "shards = 3 × 2\n"}


def test_visits_are_logged_and_cannot_outlast_the_attempt() -> None:
    attempt = make_open(make_user())
    receipt = record(
        attempt, event(1, "visit", 4_000, 60_000, IDS[0]), event(1, "visit", 9**12, 61_000, IDS[1])
    )
    assert receipt.results == {IDS[0]: "stored", IDS[1]: "stored"}
    assert receipt.registers == []
    assert list(AnswerEvent.objects.order_by("intent_ms").values_list("value", flat=True)) == [4_000, 300_000]
    assert standing(attempt) == {}


BAD = [
    (event(5, "answer", [0], 1), Refusal.UNKNOWN_ITEM),
    (event(-1, "answer", [0], 1), Refusal.UNKNOWN_ITEM),
    (event(0, "answer", [0], 1), Refusal.UNKNOWN_ITEM),
    (event(1, "scratchpad", "x", 1), Refusal.UNKNOWN_ITEM),
    (event(1, "answer", [4], 1), Refusal.UNKNOWN_OPTION),
    (event(1, "answer", [-1], 1), Refusal.UNKNOWN_OPTION),
    (event(1, "answer", [0, 1], 1), Refusal.TOO_MANY),
    (event(4, "answer", [0, 1, 2], 1), Refusal.TOO_MANY),
    (event(1, "answer", "0", 1), Refusal.MALFORMED),
    (event(1, "answer", [True], 1), Refusal.MALFORMED),
    (event(1, "answer", [0.0], 1), Refusal.MALFORMED),
    (event(1, "flag", 1, 1), Refusal.MALFORMED),
    (event(1, "visit", -1, 1), Refusal.MALFORMED),
    (event(1, "cheat", True, 1), Refusal.MALFORMED),
    (event(1, "answer", [0], -1), Refusal.MALFORMED),
    (event(1, "answer", [0], 1.5), Refusal.MALFORMED),  # type: ignore[arg-type]
    (event(1, "answer", [0], 2**70), Refusal.MALFORMED),
    (event("1", "answer", [0], 1), Refusal.MALFORMED),  # type: ignore[arg-type]
    (event(1, "answer", [0], 1, "not-a-uuid"), Refusal.MALFORMED),
    (event(1, "visit", 10**4000, 1), Refusal.MALFORMED),
    (event(0, "scratchpad", "a\0b", 1), Refusal.MALFORMED),
    (event(0, "scratchpad", "\ud800", 1), Refusal.MALFORMED),
    (event(0, "scratchpad", "x" * 20_001, 1), Refusal.MALFORMED),
    (event(1, "answer", [0], 300_000 + 5_001), Refusal.CLOCK),
]


@pytest.mark.parametrize(("bad", "refusal"), BAD)
def test_a_bad_event_is_refused_and_the_rest_of_its_batch_is_taken(
    bad: dict[str, Any], refusal: Refusal
) -> None:
    attempt = make_open(make_user())
    receipt = record(attempt, bad, event(2, "answer", [3], 60_000, IDS[0]))
    assert receipt.results == {bad["id"]: refusal, IDS[0]: "stored"}
    assert standing(attempt) == {(2, "answer"): [3]}
    assert AnswerEvent.objects.count() == 1


@pytest.mark.parametrize("row", [None, 7, [], {}, {"id": None}])
def test_what_is_not_even_an_event_is_refused_without_a_name(row: object) -> None:
    attempt = make_open(make_user())
    receipt = record(attempt, row, event(2, "answer", [3], 60_000, IDS[0]))
    assert receipt.results == {"?": Refusal.MALFORMED, IDS[0]: "stored"}


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"{", "The request is not JSON."),
        (b"[" * 100_000, "The request is not JSON."),
        (b"\xff", "The request is not JSON."),
        (b"[]", 'The request has no list of "events".'),
        (b'{"events": {}}', 'The request has no list of "events".'),
        (
            b'{"events": [' + b"0," * 500 + b"0]}",
            "The request holds more than 500 events; send them in parts.",
        ),
    ],
)
def test_an_unreadable_request_says_so_in_one_sentence(raw: bytes, message: str) -> None:
    attempt = make_open(make_user())
    with pytest.raises(UnreadableError) as unreadable:
        answers.record(attempt.pk, attempt.user, raw, NOW + MINUTE)
    assert str(unreadable.value) == message


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["events", "id", "item", "kind", "value", "intent_ms"]) | st.text(), inner
        )
    ),
)


@given(raw=JSON_VALUES)
@settings(max_examples=100)
def test_no_payload_raises_anything_but_unreadable(raw: object) -> None:
    for payload in (raw, {"events": raw}, {"events": [raw]}):
        with contextlib.suppress(UnreadableError):
            batch = parse(json.dumps(payload).encode(), [[4, 1], [5, 2]])
            assert batch.events == ()


def test_anothers_attempt_is_not_there() -> None:
    attempt = make_open(make_user())
    with pytest.raises(Attempt.DoesNotExist):
        answers.record(
            attempt.pk, make_user("other@example.org"), body(event(1, "answer", [0], 1)), NOW + MINUTE
        )
    assert AnswerEvent.objects.count() == 0


# The deadline


def test_in_the_grace_what_was_meant_in_time_is_taken_and_what_was_not_is_kept_as_late() -> None:
    attempt = make_open(make_user(), minutes=30)
    receipt = record(
        attempt,
        event(1, "answer", [1], 30 * 60_000 - 1, IDS[0]),
        event(2, "answer", [2], 30 * 60_000, IDS[1]),
        event(2, "flag", True, 30 * 60_000, IDS[2]),
        at=NOW + 35 * MINUTE,
    )
    assert receipt.results == {IDS[0]: "stored", IDS[1]: Refusal.LATE, IDS[2]: Refusal.LATE}
    assert standing(attempt) == {(1, "answer"): [1]}
    assert list(LateAnswer.objects.values_list("item", "value", "intent_ms")) == [(2, [2], 30 * 60_000)]


def test_a_request_past_the_grace_closes_first_and_acknowledges_only_what_the_log_holds() -> None:
    attempt = make_open(make_user(), minutes=30)
    record(attempt, event(1, "answer", [1], 60_000, IDS[0]), at=NOW + 2 * MINUTE)
    receipt = record(
        attempt,
        event(1, "answer", [1], 60_000, IDS[0]),
        event(3, "answer", [2], 70_000, IDS[1]),
        at=NOW + 40 * MINUTE + SECOND,
    )
    assert receipt.results == {IDS[0]: "duplicate", IDS[1]: Refusal.LATE}
    attempt.refresh_from_db()
    assert (attempt.state, attempt.closed_at, attempt.ended_by) == (
        State.CLOSED,
        NOW + 30 * MINUTE,
        EndedBy.CLOCK,
    )
    assert standing(attempt) == {(1, "answer"): [1]}
    assert list(LateAnswer.objects.values_list("item", "value")) == [(3, [2])]


def test_late_answers_keep_the_newest_of_each_item() -> None:
    attempt = make_open(make_user(), minutes=30)
    at = NOW + 41 * MINUTE
    record(attempt, event(3, "answer", [2], 80_000), event(3, "answer", [1], 70_000), at=at)
    record(attempt, event(3, "answer", [0], 75_000), at=at)
    record(attempt, event(3, "answer", [3], 90_000), at=at)
    assert list(LateAnswer.objects.values_list("item", "value")) == [(3, [3])]


# The end


def test_end_takes_what_comes_with_it_and_closes() -> None:
    attempt = make_open(make_user())
    receipt = record(attempt, event(1, "answer", [1], 60_000, IDS[0]), end=True)
    assert receipt.results == {IDS[0]: "stored"}
    attempt.refresh_from_db()
    assert (attempt.state, attempt.closed_at, attempt.ended_by) == (
        State.CLOSED,
        NOW + 5 * MINUTE,
        EndedBy.CANDIDATE,
    )


def test_end_waits_for_an_event_whose_clock_ran_ahead() -> None:
    attempt = make_open(make_user())
    ahead = event(1, "answer", [1], 400_000, IDS[0])
    assert record(attempt, ahead, end=True).results == {IDS[0]: Refusal.CLOCK}
    attempt.refresh_from_db()
    assert attempt.state == State.OPEN
    record(attempt, ahead | {"intent_ms": 300_000}, end=True)
    attempt.refresh_from_db()
    assert (attempt.state, standing(attempt)) == (State.CLOSED, {(1, "answer"): [1]})


def test_end_twice_keeps_the_first_end() -> None:
    attempt = make_open(make_user())
    record(attempt, end=True)
    record(attempt, end=True, at=NOW + 9 * MINUTE)
    attempt.refresh_from_db()
    assert attempt.closed_at == NOW + 5 * MINUTE


def test_a_batch_after_the_end_is_refused_as_late_and_nothing_changes() -> None:
    attempt = make_open(make_user())
    record(attempt, event(1, "answer", [1], 60_000, IDS[0]), end=True)
    receipt = record(attempt, event(1, "answer", [2], 70_000, IDS[1]), at=NOW + 6 * MINUTE)
    assert receipt.results == {IDS[1]: Refusal.LATE}
    assert standing(attempt) == {(1, "answer"): [1]}


def test_closing_notes_which_questions_were_seen() -> None:
    attempt = make_open(make_user())
    record(
        attempt,
        event(1, "visit", 0, 10),
        event(3, "answer", [0], 20),
        event(0, "scratchpad", "x", 30),
        end=True,
    )
    seen = {item.question_id for item in attempt.items.filter(number__in=[1, 3])}
    sights = Sight.objects.values_list("user", "question", "first_attempt", "last_seen")
    assert set(sights) == {(attempt.user_id, question, attempt.pk, NOW + 5 * MINUTE) for question in seen}


def test_seeing_a_question_again_moves_its_last_sight_and_keeps_its_first() -> None:
    first = make_open(make_user())
    record(first, event(1, "visit", 0, 10), end=True)
    second = make_open(first.user, started_at=NOW + 60 * MINUTE)
    item = second.items.get(number=1)
    item.question_id = first.items.get(number=1).question_id
    item.save(update_fields=["question"])
    record(second, event(1, "visit", 0, 10), at=NOW + 70 * MINUTE, end=True)
    assert list(Sight.objects.values_list("first_attempt", "last_seen")) == [(first.pk, NOW + 70 * MINUTE)]


def test_extend_against_close() -> None:
    attempt = make_open(make_user(), minutes=30)
    attempts.extend(attempt.pk, 15, None, "power cut", NOW + 20 * MINUTE)
    receipt = record(attempt, event(1, "answer", [1], 31 * 60_000, IDS[0]), at=NOW + 32 * MINUTE)
    assert receipt.results == {IDS[0]: "stored"}
    record(attempt, end=True, at=NOW + 33 * MINUTE)
    with pytest.raises(NotOpenError):
        attempts.extend(attempt.pk, 15, None, "too late", NOW + 34 * MINUTE)


# Any order of arrival

KINDS = st.one_of(
    st.tuples(st.sampled_from([1, 2, 4]), st.just(EventKind.ANSWER), st.lists(st.integers(0, 3), max_size=1)),
    st.tuples(st.sampled_from([1, 2, 4]), st.just(EventKind.FLAG), st.booleans()),
    st.tuples(
        st.sampled_from([1, 4]),
        st.just(EventKind.STRIKE),
        st.lists(st.integers(0, 3), unique=True).map(sorted),
    ),
    st.tuples(st.just(0), st.just(EventKind.SCRATCHPAD), st.text("ab", max_size=3)),
    st.tuples(st.sampled_from([1, 2]), st.just(EventKind.VISIT), st.integers(0, 5000)),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Events of two devices whose anchors are skewed against each other by up to 4 s."""
    events = []
    for device in (0, 1):
        skew = draw(st.integers(0, 4_000))
        intent = 60_000 + skew
        for item, kind, value in draw(st.lists(KINDS, max_size=8)):
            intent += draw(st.integers(1, 3_000))
            id_ = uuid.UUID(int=draw(st.integers(1, 2**64)) << 1 | device)
            events.append(Event(id_, item, kind, value, intent))
    return list({e.id: e for e in events}.values())


@given(history=histories(), seed=st.integers(0, 2**32))
@settings(max_examples=25)
def test_every_order_of_arrival_in_any_batches_even_twice_ends_in_the_same_state(
    history: list[Event], seed: int
) -> None:
    user = make_user(f"{uuid.uuid4()}@example.org")
    expected = {
        (e.item, e.kind.value): e.value
        for e in sorted(history, key=lambda e: e.order)
        if e.kind != EventKind.VISIT
    }
    rng = Random(seed)
    for _ in range(3):
        attempt = make_open(user)
        arrivals = rng.sample(history, len(history)) + rng.sample(history, len(history) // 2)
        while arrivals:
            cut = rng.randint(1, len(arrivals))
            receipt = answers.record(attempt.pk, user, arrivals[:cut], NOW + 10 * MINUTE)
            assert set(receipt.results.values()) <= {"stored", "superseded", "duplicate"}
            arrivals = arrivals[cut:]
        assert standing(attempt) == expected
        assert AnswerEvent.objects.filter(attempt=attempt).count() == len(history)
        Attempt.objects.filter(pk=attempt.pk).delete()


def test_all_orders_of_four_events_end_alike() -> None:
    user = make_user()
    events = [
        event(1, "answer", [0], 1_000, IDS[0]),
        event(1, "answer", [1], 2_000, IDS[1]),
        event(1, "answer", [], 3_000, IDS[2]),
        event(1, "answer", [2], 3_000, IDS[3]),
    ]
    for order in permutations(events):
        attempt = make_open(user)
        for one in order:
            record(attempt, one)
        assert standing(attempt) == {(1, "answer"): [2]}
        assert list(Register.objects.filter(attempt=attempt).values_list("intent_ms", "event_id")) == [
            (3_000, uuid.UUID(IDS[3]))
        ]
        Attempt.objects.filter(pk=attempt.pk).delete()
