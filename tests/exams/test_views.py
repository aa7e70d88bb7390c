"""The pages of a sitting over HTTP, with what they do without a script."""

import uuid

import pytest
from django.test import Client

from exam_sim.exams.models import Attempt, EndedBy, EventKind, State
from tests.exams.sitting import MINUTE, ago, make_open, standing
from tests.exams.test_attempts import make_bank
from tests.factories import make_register, make_user

pytestmark = pytest.mark.django_db

ID = str(uuid.UUID(int=1))


# Before it


def test_the_start_page_states_the_rules_to_anybody(client: Client) -> None:
    profile = make_bank(unscored=0)
    text = client.get(f"/exams/{profile.slug}/").content.decode()
    assert "<strong>30 min</strong> for <strong>10 questions</strong>" in text
    assert "<strong>8 of 10</strong> scored questions pass: 750 on the scale from 100 to 1000." in text
    assert "Go on as a guest" in text


def test_the_start_page_shows_extra_time_as_a_sum(client: Client) -> None:
    profile = make_bank()
    client.force_login(make_user(extra_time="esl30"))
    assert "<strong>60 min: 30 + 30 extra</strong>" in client.get(f"/exams/{profile.slug}/").content.decode()


def test_start_leads_to_the_exam_and_a_second_start_to_the_same(client: Client) -> None:
    profile = make_bank()
    client.force_login(make_user())
    first = client.post(f"/exams/{profile.slug}/start")
    second = client.post(f"/exams/{profile.slug}/start")
    assert first.url == second.url == f"/attempts/{Attempt.objects.get().pk}/"
    assert "Resume" in client.get(f"/exams/{profile.slug}/").content.decode()
    assert "Resume" in client.get("/").content.decode()


def test_a_short_bank_sends_back_with_one_sentence(client: Client) -> None:
    profile = make_bank(2)
    client.force_login(make_user())
    response = client.post(f"/exams/{profile.slug}/start", follow=True)
    assert response.redirect_chain == [(f"/exams/{profile.slug}/", 302)]
    assert [str(message) for message in response.context["messages"]] == [
        (
            "Full mock exam cannot be started. "
            "The bank is short: Data engineering lacks 2 questions; Modeling lacks 2 questions."
        )
    ]


def test_a_log_in_in_between_comes_back_to_a_page_and_does_nothing(sitting: tuple[Client, Attempt]) -> None:
    client, attempt = sitting
    assert client.get(f"/exams/{attempt.profile_id}/start").url == f"/exams/{attempt.profile_id}/"
    assert client.get(f"/attempts/{attempt.pk}/discard").url == f"/attempts/{attempt.pk}/"
    attempt.refresh_from_db()
    assert (attempt.state, Attempt.objects.count()) == (State.OPEN, 1)


def test_an_unknown_exam_is_404(client: Client) -> None:
    assert client.get("/exams/none/").status_code == 404


def test_the_home_page_without_any_exam_says_so(client: Client) -> None:
    assert "No exam is set up yet" in client.get("/").content.decode()


# The exam page


def test_the_exam_page_holds_every_item_in_this_candidates_order(sitting: tuple[Client, Attempt]) -> None:
    client, attempt = sitting
    text = client.get(f"/attempts/{attempt.pk}/?q=2").content.decode()
    for item in attempt.items.select_related("version"):
        html = item.version.html
        options = "</div><div>".join(html["options"][id_] for id_ in item.option_order)
        assert f"<template><div>{html['stem']}</div><div>{options}</div></template>" in text
    assert 'Question <span id="number">2</span>' in text


def test_the_exam_page_carries_clock_registers_and_shape_for_the_script(
    sitting: tuple[Client, Attempt],
) -> None:
    client, attempt = sitting
    make_register(attempt, 1, EventKind.ANSWER, [2], 1000)
    state = client.get(f"/attempts/{attempt.pk}/").context["state"]
    register = attempt.registers.get()
    assert state["registers"] == [(1, "answer", [2], 1000, str(register.event_id))]
    assert state["shape"] == [[4, 1], [4, 1], [4, 1], [5, 2]]
    assert state["clock"]["total"] == 180 * 60_000
    assert 10 * 60_000 <= state["clock"]["elapsed"] < 10 * 60_000 + 30_000
    assert (state["clock"]["open"], state["current"], state["characterKeys"]) == (True, 1, True)


@pytest.mark.parametrize(
    ("asked", "shown"), [("3", 3), ("0", 1), ("99", 4), ("x", 1), ("-1", 1), ("", 1), ("٣", 1)]
)
def test_any_number_asked_for_shows_an_item_that_is_there(
    sitting: tuple[Client, Attempt], asked: str, shown: int
) -> None:
    client, attempt = sitting
    assert client.get(f"/attempts/{attempt.pk}/", {"q": asked}).context["page"].current == shown


def test_an_attempt_that_is_over_leads_to_its_result(sitting: tuple[Client, Attempt]) -> None:
    client, attempt = sitting
    client.post(f"/attempts/{attempt.pk}/end")
    for path in ("", "review", "end"):
        assert client.get(f"/attempts/{attempt.pk}/{path}").url == f"/results/{attempt.pk}/"


def test_a_page_asked_for_past_the_grace_closes_the_attempt_first(client: Client) -> None:
    client.force_login(user := make_user())
    attempt = make_open(user, minutes=30, started_at=ago(41 * MINUTE))
    assert client.get(f"/attempts/{attempt.pk}/").url == f"/results/{attempt.pk}/"
    attempt.refresh_from_db()
    assert (attempt.state, attempt.ended_by, attempt.closed_at) == (
        State.CLOSED,
        EndedBy.CLOCK,
        attempt.started_at + 30 * MINUTE,
    )


def test_a_page_asked_for_in_the_grace_is_still_the_exam(client: Client) -> None:
    client.force_login(user := make_user())
    attempt = make_open(user, minutes=30, started_at=ago(35 * MINUTE))
    response = client.get(f"/attempts/{attempt.pk}/")
    assert response.status_code == 200
    assert response.context["page"].remaining_text == "0:00:00"


# Without a script


def post_item(client: Client, attempt: Attempt, number: int, action: str, **fields: object) -> str:
    """Post item `number`'s form as the page has it now; where it leads."""
    seen = max(attempt.registers.values_list("intent_ms", flat=True), default=0)
    return client.post(f"/attempts/{attempt.pk}/?q={number}", {"seen": seen, "action": action, **fields}).url


def test_every_button_saves_the_choice_first(sitting: tuple[Client, Attempt]) -> None:
    client, attempt = sitting
    base = f"/attempts/{attempt.pk}/"
    assert post_item(client, attempt, 1, "next", answer=2) == f"{base}?q=2"
    assert post_item(client, attempt, 2, "previous", answer=0) == f"{base}?q=1"
    assert post_item(client, attempt, 3, "review", answer=3) == f"{base}review?q=3"
    assert post_item(client, attempt, 4, "1", answer=[4, 0]) == f"{base}?q=1"
    assert standing(attempt) == {
        (1, "answer"): [2],
        (2, "answer"): [0],
        (3, "answer"): [3],
        (4, "answer"): [0, 4],
    }


def test_flag_strike_and_clear(sitting: tuple[Client, Attempt]) -> None:
    client, attempt = sitting
    post_item(client, attempt, 1, "flag", answer=2)
    post_item(client, attempt, 1, "strike-3", answer=2)
    post_item(client, attempt, 1, "strike-1", answer=2)
    assert standing(attempt) == {(1, "answer"): [2], (1, "flag"): True, (1, "strike"): [1, 3]}
    post_item(client, attempt, 1, "save", answer=3)
    post_item(client, attempt, 1, "clear", answer=3)
    post_item(client, attempt, 1, "flag")
    assert standing(attempt) == {(1, "answer"): [], (1, "flag"): False, (1, "strike"): [1]}


def test_too_many_choices_change_nothing_and_stay_on_the_item(sitting: tuple[Client, Attempt]) -> None:
    client, attempt = sitting
    response = client.post(
        f"/attempts/{attempt.pk}/?q=4", {"action": "previous", "answer": [0, 1, 2]}, follow=True
    )
    assert response.redirect_chain == [(f"/attempts/{attempt.pk}/?q=4", 302)]
    assert [str(message) for message in response.context["messages"]] == [
        "Select TWO options. 3 were chosen, so nothing was changed."
    ]
    assert standing(attempt) == {}


def test_a_stale_window_does_not_undo_what_another_one_chose(sitting: tuple[Client, Attempt]) -> None:
    client, attempt = sitting
    register = make_register(attempt, 1, EventKind.ANSWER, [2], 1000)
    response = client.post(
        f"/attempts/{attempt.pk}/?q=1", {"action": "next", "answer": "0", "seen": "999"}, follow=True
    )
    assert response.redirect_chain == [(f"/attempts/{attempt.pk}/?q=1", 302)]
    assert [str(message) for message in response.context["messages"]] == [
        (
            "Question 1 was changed in another window: you see the newest answer, "
            "and what you chose here was left out."
        )
    ]
    assert standing(attempt) == {(1, "answer"): [2]}
    assert f'name="seen" value="{register.intent_ms}"' in response.content.decode()


@pytest.mark.parametrize(
    "fields",
    [
        {"action": "next", "answer": "9" * 5000},
        {"action": "strike-" + "9" * 5000},
        {"action": "9" * 5000},
        {"action": "next", "seen": "9" * 5000, "shown": "9" * 5000},
        {"action": "next", "answer": ["-1", "x", "1.5", "٣"]},
    ],
)
def test_odd_fields_of_a_form_change_nothing(
    sitting: tuple[Client, Attempt], fields: dict[str, object]
) -> None:
    client, attempt = sitting
    assert client.post(f"/attempts/{attempt.pk}/?q=1", fields).status_code == 302
    assert standing(attempt) == {}


def test_a_form_is_saved_when_the_servers_clock_went_back(sitting: tuple[Client, Attempt]) -> None:
    """As by a fail-over to a host whose clock is slow. Nothing would stamp it again."""
    client, attempt = sitting
    ahead = 30 * 60_000
    make_register(attempt, 1, EventKind.ANSWER, [2], ahead)
    response = client.post(
        f"/attempts/{attempt.pk}/?q=1", {"action": "next", "answer": "0", "seen": str(ahead)}, follow=True
    )
    assert [str(message) for message in response.context["messages"]] == []
    assert standing(attempt) == {(1, "answer"): [0]}
    visit = attempt.events.get(kind=EventKind.VISIT)
    assert (visit.intent_ms, visit.received_at < attempt.started_at + 11 * MINUTE) == (ahead + 1, True)


def test_in_the_grace_it_is_late_all_the_same(client: Client) -> None:
    client.force_login(user := make_user())
    attempt = make_open(user, minutes=30, started_at=ago(31 * MINUTE))
    make_register(attempt, 1, EventKind.ANSWER, [2], 60 * 60_000)
    post_item(client, attempt, 2, "next", answer="0")
    assert standing(attempt) == {(1, "answer"): [2]}


def test_notes_are_saved_by_their_own_button(sitting: tuple[Client, Attempt]) -> None:
    client, attempt = sitting
    assert post_item(client, attempt, 2, "scratchpad", scratchpad="a\r\nb") == f"/attempts/{attempt.pk}/?q=2"
    assert standing(attempt) == {(0, "scratchpad"): "a\nb"}


def test_time_on_an_item_is_noted_when_its_form_is_posted(sitting: tuple[Client, Attempt]) -> None:
    client, attempt = sitting
    post_item(client, attempt, 2, "next", shown=9 * 60_000)
    visit = attempt.events.get(kind=EventKind.VISIT)
    assert visit.item == 2
    assert 60_000 <= visit.value < 90_000


def test_a_form_after_the_deadline_is_told_that_it_is_late(client: Client) -> None:
    client.force_login(user := make_user())
    attempt = make_open(user, minutes=30, started_at=ago(35 * MINUTE))
    response = client.post(f"/attempts/{attempt.pk}/?q=1", {"action": "next", "answer": 1}, follow=True)
    assert [str(message) for message in response.context["messages"]] == [
        "This change came after the time was over and does not count."
    ]
    assert standing(attempt) == {}


def test_the_review_screen_lists_and_filters(sitting: tuple[Client, Attempt]) -> None:
    client, attempt = sitting
    make_register(attempt, 1, EventKind.ANSWER, [2])
    make_register(attempt, 2, EventKind.FLAG, True)
    make_register(attempt, 4, EventKind.ANSWER, [0])
    shown = {
        show: [
            state.number
            for state in client.get(f"/attempts/{attempt.pk}/review?show={show}").context["states"]
        ]
        for show in ("all", "unanswered", "incomplete", "flagged", "nonsense")
    }
    assert shown == {
        "all": [1, 2, 3, 4],
        "unanswered": [2, 3],
        "incomplete": [4],
        "flagged": [2],
        "nonsense": [],
    }


def test_ending_asks_once_and_names_how_many_are_open(sitting: tuple[Client, Attempt]) -> None:
    client, attempt = sitting
    make_register(attempt, 1, EventKind.ANSWER, [2])
    none_begun = client.get(f"/attempts/{attempt.pk}/end").text
    assert "3 of 4 questions would count as wrong: 3 unanswered.</p>" in none_begun
    make_register(attempt, 4, EventKind.ANSWER, [0])
    text = client.get(f"/attempts/{attempt.pk}/end").content.decode()
    assert "3 of 4 questions would count as wrong: 2 unanswered, 1 incomplete.</p>" in text
    attempt.refresh_from_db()
    assert attempt.state == State.OPEN
    assert client.post(f"/attempts/{attempt.pk}/end").url == f"/results/{attempt.pk}/"
    attempt.refresh_from_db()
    assert (attempt.state, attempt.ended_by) == (State.CLOSED, EndedBy.CANDIDATE)


def test_discarding_leaves_no_result(sitting: tuple[Client, Attempt]) -> None:
    client, attempt = sitting
    response = client.post(f"/attempts/{attempt.pk}/discard", follow=True)
    assert response.redirect_chain == [(f"/exams/{attempt.profile_id}/", 302)]
    assert f'data-forget="{attempt.user_id}:{attempt.pk}">The exam was ended' in response.text
    attempt.refresh_from_db()
    assert attempt.state == State.DISCARDED
    assert client.get(f"/attempts/{attempt.pk}/").url == "/"
