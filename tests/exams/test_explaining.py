"""Checking an answer in a study session: it locks its item, and shows what explains it and nothing else."""

import datetime as dt
import re
import uuid
from itertools import permutations
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from exam_sim.exams import answers, attempts
from exam_sim.exams.events import Refusal
from exam_sim.exams.explaining import WITHHELD, Explanation
from exam_sim.exams.models import AnswerEvent, Attempt, State
from questions.models import QuestionVersion
from tests.exams.sitting import MINUTE, body, event, make_open, make_session, post_events, standing
from tests.factories import NOW, make_attempt, make_profile, make_user

pytestmark = pytest.mark.django_db

IDS = [str(uuid.UUID(int=number)) for number in range(1, 9)]
LOCKED_MESSAGE = "This question was checked: its answer stands."


@pytest.fixture
def session() -> Attempt:
    return make_session(make_user())


def record(session: Attempt, *events: object, at: dt.datetime | None = None) -> answers.Receipt:
    return answers.record(session.pk, session.user, body(*events), at or NOW + 5 * MINUTE)


def check(item: int, intent_ms: int, id_: str) -> dict[str, Any]:
    return event(item, "check", True, intent_ms, id_)


# What locks, and what a lock bars


def test_a_check_is_stored_and_explains_its_item(session: Attempt) -> None:
    version = session.items.get(number=4).version
    version.references = [
        {"title": "Guide", "url": "https://example.org/guide"},
        {"title": "Trap", "url": "javascript:alert(1)"},
    ]
    version.save(update_fields=["references"])
    name = version.question.external_id[:6]
    receipt = record(session, event(4, "answer", [0, 4], 60_000, IDS[0]), check(4, 61_000, IDS[1]))
    assert receipt.results == {IDS[0]: "stored", IDS[1]: "stored"}
    assert receipt.explained == {
        4: Explanation(
            key=(3, 4),  # a and b, of e, d, c, b, a
            rationales=tuple(f"<p>Rationale of {id_} of {name}</p>" for id_ in "edcba"),
            html=f"<p>Explanation of {name}</p>",
            references=({"title": "Guide", "url": "https://example.org/guide"},),
        )
    }
    assert standing(session) == {(4, "answer"): [0, 4], (4, "check"): True}


def test_what_comes_to_a_checked_item_later_is_refused_whatever_its_intent(session: Attempt) -> None:
    record(session, event(1, "answer", [2], 60_000), event(1, "sure", True, 60_001), check(1, 61_000, IDS[0]))
    before = standing(session)
    late = [
        event(1, "answer", [3], 62_000, IDS[1]),
        event(1, "answer", [3], 59_000, IDS[2]),
        event(1, "strike", [0], 62_000, IDS[3]),
        event(1, "sure", False, 62_000, IDS[4]),
        check(1, 62_000, IDS[5]),
    ]
    receipt = record(session, *late)
    assert receipt.results == dict.fromkeys(IDS[1:6], Refusal.LOCKED)
    assert standing(session) == before
    assert AnswerEvent.objects.filter(attempt=session).count() == 3


def test_flags_visits_and_notes_go_on_and_so_do_other_items(session: Attempt) -> None:
    record(session, check(1, 61_000, IDS[0]))
    receipt = record(
        session,
        event(1, "flag", True, 62_000, IDS[1]),
        event(1, "visit", 1_000, 62_000, IDS[2]),
        event(0, "scratchpad", "x", 62_000, IDS[3]),
        event(2, "answer", [1], 62_000, IDS[4]),
    )
    assert receipt.results == dict.fromkeys(IDS[1:5], "stored")
    assert receipt.explained == {}


def test_in_one_batch_an_answer_before_the_check_counts_and_one_after_is_refused(session: Attempt) -> None:
    batch = [
        event(1, "answer", [1], 60_000, IDS[0]),
        check(1, 61_000, IDS[1]),
        event(1, "answer", [2], 62_000, IDS[2]),
        event(2, "answer", [0], 63_000, IDS[3]),
    ]
    for order in permutations(batch):
        receipt = record(session, *order)
        assert receipt.results == {
            IDS[0]: "stored",
            IDS[1]: "stored",
            IDS[2]: Refusal.LOCKED,
            IDS[3]: "stored",
        }
        assert standing(session) == {(1, "answer"): [1], (1, "check"): True, (2, "answer"): [0]}
        session.events.all().delete()
        session.registers.all().delete()


def test_a_batch_that_comes_twice_is_acknowledged_and_explained_again(session: Attempt) -> None:
    batch = [event(1, "answer", [1], 60_000, IDS[0]), check(1, 61_000, IDS[1])]
    first = record(session, *batch)
    again = record(session, *batch, event(1, "answer", [2], 62_000, IDS[2]))
    assert again.results == {IDS[0]: "duplicate", IDS[1]: "duplicate", IDS[2]: Refusal.LOCKED}
    assert again.explained == first.explained
    assert standing(session) == {(1, "answer"): [1], (1, "check"): True}


def test_an_answer_that_is_logged_already_is_acknowledged_beside_an_earlier_check(session: Attempt) -> None:
    record(session, event(1, "answer", [1], 62_000, IDS[0]))
    receipt = record(session, event(1, "answer", [1], 62_000, IDS[0]), check(1, 61_000, IDS[1]))
    assert receipt.results == {IDS[0]: "duplicate", IDS[1]: "stored"}
    assert standing(session) == {(1, "answer"): [1], (1, "check"): True}


def test_a_second_check_is_refused_and_the_item_explained_all_the_same(session: Attempt) -> None:
    first = record(session, check(1, 61_000, IDS[0]))
    second = record(session, check(1, 62_000, IDS[1]))
    assert second.results == {IDS[1]: Refusal.LOCKED}
    assert second.explained == first.explained


@pytest.mark.parametrize("kind", ["visit", "answer", "check"])
def test_a_check_under_the_id_of_another_event_locks_and_explains_nothing(
    session: Attempt, kind: str
) -> None:
    values: dict[str, object] = {"visit": 0, "answer": [1], "check": True}
    record(session, event(1, kind, values[kind], 60_000, IDS[0]))
    before = standing(session)
    receipt = record(session, check(2, 61_000, IDS[0]))
    assert (receipt.results, receipt.explained) == ({IDS[0]: "duplicate"}, {})
    assert standing(session) == before


def test_a_check_that_runs_ahead_locks_and_explains_nothing(session: Attempt) -> None:
    receipt = record(session, check(1, 400_000, IDS[0]), event(1, "answer", [1], 60_000, IDS[1]))
    assert receipt.results == {IDS[0]: Refusal.CLOCK, IDS[1]: "stored"}
    assert receipt.explained == {}


def test_a_check_after_the_end_explains_nothing(session: Attempt) -> None:
    answers.record(session.pk, session.user, b"", NOW + 4 * MINUTE, end=True)
    receipt = record(session, check(1, 61_000, IDS[0]))
    assert (receipt.results, receipt.explained) == ({IDS[0]: Refusal.LATE}, {})


@pytest.mark.parametrize(
    ("value", "taken"), [(True, True), (False, False), (None, False), (1, False), ([], False)]
)
def test_a_check_is_true_and_nothing_else(session: Attempt, value: object, taken: bool) -> None:
    receipt = record(session, event(1, "check", value, 60_000, IDS[0]))
    assert receipt.results == {IDS[0]: "stored" if taken else Refusal.MALFORMED}


def test_exams_and_sessions_without_feedback_know_no_check() -> None:
    user = make_user()
    for attempt in (make_open(user), make_session(user, feedback=False)):
        receipt = record(attempt, check(1, 60_000, IDS[0]))
        assert (receipt.results, receipt.explained) == ({IDS[0]: Refusal.MALFORMED}, {})


def test_an_item_of_an_exam_that_is_being_sat_is_locked_and_explained_once_that_is_over(
    session: Attempt,
) -> None:
    version = session.items.get(number=1).version
    exam = make_attempt(session.user, [version], state=State.OPEN, profile=make_profile("long"))
    batch = check(1, 61_000, IDS[0]), event(1, "answer", [2], 62_000, IDS[1])
    receipt = record(session, *batch)
    assert receipt.results == {IDS[0]: "stored", IDS[1]: Refusal.LOCKED}
    assert [item.wire for item in receipt.explained.values()] == [{"withheld": WITHHELD}]
    attempts.discard(exam.pk, exam.user, NOW + 6 * MINUTE)
    assert record(session, batch[0]).explained[1].key == (3,)


# How sure


@pytest.mark.parametrize("value", [True, False, None])
def test_a_session_notes_how_sure_one_is_and_takes_it_back(session: Attempt, value: bool | None) -> None:
    record(session, event(1, "sure", True, 60_000))
    receipt = record(session, event(1, "sure", value, 61_000, IDS[0]))
    assert receipt.results == {IDS[0]: "stored"}
    assert standing(session) == {(1, "sure"): value}
    assert answers.registers_of(session) == [(1, "sure", value, 61_000, IDS[0])]


@pytest.mark.parametrize("value", [0, "true", [], 1.0])
def test_how_sure_is_true_false_or_null(session: Attempt, value: object) -> None:
    assert record(session, event(1, "sure", value, 60_000, IDS[0])).results == {IDS[0]: Refusal.MALFORMED}


def test_an_exam_does_not_ask_how_sure_one_is() -> None:
    exam = make_open(make_user())
    assert record(exam, event(1, "sure", True, 60_000, IDS[0])).results == {IDS[0]: Refusal.MALFORMED}
    assert record(exam, event(0, "sure", True, 60_000, IDS[0])).results == {IDS[0]: Refusal.MALFORMED}


# What it costs


@pytest.mark.parametrize("items", [1, 3])
def test_a_check_costs_one_statement_more(
    items: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    session = make_session(make_user())
    plain = [event(item, "flag", True, 60_000) for item in range(1, items + 1)]
    written = 4 if connection.vendor == "postgresql" else 5  # two of them the savepoint; SQLite writes in two
    with django_assert_num_queries(written):
        record(session, *plain)
    answered = [event(item, "answer", [1], 61_000) for item in range(1, items + 1)]
    with django_assert_num_queries(written + 1):
        record(session, *answered)
    checks = [event(item, "check", True, 62_000) for item in range(1, items + 1)]
    with django_assert_num_queries(written + 1):
        assert list(record(session, *checks).explained) == list(range(1, items + 1))


# What leaves


def sat(client: Client, session: Attempt) -> list[bytes]:
    """Everything that leaves of a session in which item 1 is checked, with what differs between any two
    requests made equal."""
    base = f"/attempts/{session.pk}/"
    responses = [
        client.get(f"{base}?q=2"),
        post_events(
            client,
            session,
            event(1, "answer", [2], 1000, IDS[0]),
            check(1, 1001, IDS[1]),
            event(2, "answer", [1], 1002, IDS[2]),
            event(2, "sure", True, 1003, IDS[3]),
        ),
        post_events(client, session, check(1, 1001, IDS[1]), event(1, "answer", [2], 1004, IDS[4])),
        client.get(f"{base}clock?since=-1"),
        *(client.get(f"{base}?q={number}") for number in (1, 2, 4)),
        client.get(f"{base}review"),
        client.get(f"{base}end"),
        client.post(f"{base}?q=2", {"action": "next", "answer": "3", "seen": 10**9}),
    ]
    contents = [re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", r.content) for r in responses]
    return [
        re.sub(rb'"elapsed": \d+|(shown|seen)" value="\d+"|\d:\d\d:\d\d|\d{6,}|[0-9a-f-]{36}', b"", content)
        for content in contents
    ]


def change(version: QuestionVersion) -> None:
    """Move the key, change every text that explains."""
    keys = [option["correct"] for option in version.options]
    for option, correct in zip(version.options, keys[-1:] + keys[:-1], strict=True):
        option.update(correct=correct, rationale="changed", distractor_tag="changed")
    version.explanation = "changed"
    version.key_html = {
        "explanation": "changed",
        "rationales": {option["id"]: "changed" for option in version.options},
    }
    version.references = [{"title": "changed", "url": "https://example.org/changed"}]
    version.save()


def test_no_byte_depends_on_the_keys_of_items_that_are_not_checked(client: Client) -> None:
    """The same session is sat three times: then all keys but that of the checked item move, then that too."""
    session = make_session(make_user(), started_at=timezone.now())
    client.force_login(session.user)
    sittings = [sat(client, session)]
    for numbers in ([2, 3, 4], [1]):
        for item in session.items.filter(number__in=numbers).select_related("version"):
            change(item.version)
        session.events.all().delete()
        session.registers.all().delete()
        sittings.append(sat(client, session))
    assert sittings[0] == sittings[1]
    differing = [before != after for before, after in zip(sittings[1], sittings[2], strict=True)]
    # Before the check, in the poll, and where the end is asked for, there is nothing of item 1 either.
    assert differing == [False, True, True, False, True, True, True, True, False, False]


def test_a_reply_says_what_became_of_a_check(client: Client) -> None:
    session = make_session(make_user(), started_at=timezone.now() - MINUTE)
    client.force_login(session.user)
    name = session.items.get(number=1).question.external_id[:6]
    answer = post_events(
        client, session, check(1, 1000, IDS[0]), event(1, "answer", [1], 2000, IDS[1])
    ).json()
    assert answer["results"] == {
        IDS[0]: "stored",
        IDS[1]: {"refused": "locked", "message": LOCKED_MESSAGE},
    }
    assert answer["explained"] == {
        "1": {
            "key": [3],
            "rationales": [f"<p>Rationale of {id_} of {name}</p>" for id_ in "dcba"],
            "explanation": f"<p>Explanation of {name}</p>",
            "references": [],
        }
    }
    assert "explained" not in post_events(client, session, event(2, "answer", [1], 3000)).json()


# The pages, with and without a script


@pytest.fixture
def sitting_(client: Client) -> tuple[Client, Attempt]:
    """A candidate, logged in, a minute into a session with feedback."""
    session = make_session(make_user(), started_at=timezone.now() - MINUTE)
    client.force_login(session.user)
    return client, session


def post_item(client: Client, session: Attempt, number: int, action: str, **fields: object) -> str:
    """Post item `number`'s form as the page has it now; where it leads."""
    seen = max(session.registers.values_list("intent_ms", flat=True), default=0)
    return client.post(f"/attempts/{session.pk}/?q={number}", {"seen": seen, "action": action, **fields}).url


@pytest.mark.parametrize(("said", "hidden"), [({}, " hidden"), ({"sure": "false"}, "")])
def test_a_checked_item_asks_no_more_how_sure_one_was(
    sitting_: tuple[Client, Attempt], said: dict[str, str], hidden: str
) -> None:
    client, session = sitting_
    url = f"/attempts/{session.pk}/?q=1"
    assert '<fieldset id="sure" class="sure">' in client.get(url).content.decode()
    post_item(client, session, 1, "check", answer=3, **said)
    assert f'<fieldset id="sure" class="sure" disabled{hidden}>' in client.get(url).content.decode()


def test_a_form_checks_what_it_chose_and_says_how_sure(sitting_: tuple[Client, Attempt]) -> None:
    client, session = sitting_
    url = post_item(client, session, 1, "check", answer=3, sure="false")
    assert url == f"/attempts/{session.pk}/?q=1#explained"
    assert standing(session) == {(1, "answer"): [3], (1, "sure"): False, (1, "check"): True}
    text = client.get(url).content.decode()
    assert len(re.findall(r'name="answer" value="."(?: checked)? disabled>', text)) == 4
    assert '<h2 id="verdict" tabindex="-1" class="is-right">✓ Right</h2>' in text
    assert text.count('<p class="standing">✓ Correct, your choice</p>') == 1
    post_item(client, session, 1, "next", answer=0, sure="true")
    post_item(client, session, 1, "strike-1")
    post_item(client, session, 1, "clear")
    post_item(client, session, 1, "check")
    assert standing(session) == {(1, "answer"): [3], (1, "sure"): False, (1, "check"): True}
    post_item(client, session, 1, "flag")
    assert standing(session)[1, "flag"] is True


def test_a_wrong_answer_is_told_which_options_are_the_key(sitting_: tuple[Client, Attempt]) -> None:
    client, session = sitting_
    url = post_item(client, session, 4, "check", answer=[0, 3])
    text = client.get(url).content.decode()
    assert re.findall(r'<p class="standing">([^<]+)</p>', text) == [
        "✗ Not correct, your choice",
        "✓ Correct, your choice",
        "✓ Correct, not chosen",
    ]
    assert ">✗ Not right</h2>" in text
    cell = re.search(r'value="4"\s+class="([^"]+)"', text)
    assert cell is not None
    assert cell[1] == "cell is-answered is-wrong"
    assert '<span class="visually-hidden state">, not right</span>' in text


def test_a_blank_is_shown_as_not_right(sitting_: tuple[Client, Attempt]) -> None:
    client, session = sitting_
    assert "Show the answer</button>" in client.get(f"/attempts/{session.pk}/").content.decode()
    post_item(client, session, 1, "check")
    text = client.get(f"/attempts/{session.pk}/").content.decode()
    assert ">✗ Not right</h2>" in text
    assert client.get(f"/attempts/{session.pk}/review").context["states"][0].text == "not right"


def test_clearing_takes_the_confidence_back(sitting_: tuple[Client, Attempt]) -> None:
    client, session = sitting_
    post_item(client, session, 1, "next", answer=3, sure="true")
    post_item(client, session, 1, "clear", answer=3, sure="true")
    assert standing(session) == {(1, "answer"): [], (1, "sure"): None}


def test_a_form_that_was_overtaken_checks_nothing(sitting_: tuple[Client, Attempt]) -> None:
    client, session = sitting_
    post_item(client, session, 1, "save", answer=3)
    url = client.post(f"/attempts/{session.pk}/?q=1", {"seen": "0", "action": "check", "answer": "1"}).url
    assert url == f"/attempts/{session.pk}/?q=1"
    assert standing(session) == {(1, "answer"): [3]}


def test_an_exam_offers_no_check_and_takes_none(client: Client) -> None:
    exam = make_open(make_user(), started_at=timezone.now() - MINUTE)
    client.force_login(exam.user)
    post_item(client, exam, 1, "check", answer=3, sure="true")
    assert standing(exam) == {(1, "answer"): [3]}
    text = client.get(f"/attempts/{exam.pk}/").content.decode()
    assert [word for word in ("Check answer", "How sure", "Pause", "study.js") if word in text] == []


def test_a_session_without_feedback_asks_how_sure_one_is_and_checks_nothing(client: Client) -> None:
    session = make_session(make_user(), feedback=False, started_at=timezone.now() - MINUTE)
    client.force_login(session.user)
    post_item(client, session, 1, "check", answer=3, sure="true")
    assert standing(session) == {(1, "answer"): [3], (1, "sure"): True}
    text = client.get(f"/attempts/{session.pk}/").content.decode()
    assert [word in text for word in ("How sure", "Check answer", 'id="explained"')] == [True, False, False]


def test_the_page_carries_the_explanations_of_locked_items_for_the_script(
    sitting_: tuple[Client, Attempt],
) -> None:
    client, session = sitting_
    post_item(client, session, 2, "check", answer=1)
    state = client.get(f"/attempts/{session.pk}/").context["state"]
    assert (state["noun"], state["feedback"], list(state["explained"])) == ("session", True, [2])
    assert (state["explained"][2]["key"], state["clock"]["total"]) == ((2,), None)


@pytest.mark.parametrize("checked", [1, 3])
def test_the_page_of_a_session_takes_one_statement_more_than_an_exams(
    sitting_: tuple[Client, Attempt], checked: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client, session = sitting_
    for number in range(1, checked + 1):
        post_item(client, session, number, "check", answer=1)
    with django_assert_num_queries(5):
        client.get(f"/attempts/{session.pk}/")


def test_leaving_a_session_without_a_result_leads_back_to_studying(
    sitting_: tuple[Client, Attempt],
) -> None:
    client, session = sitting_
    response = client.post(f"/attempts/{session.pk}/discard", follow=True)
    assert response.redirect_chain == [("/study/", 302)]
    assert "The session was ended and discarded: it has no result." in response.content.decode()
    assert client.get(f"/attempts/{session.pk}/").url == "/study/"
