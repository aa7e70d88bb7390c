"""How many posts of answers one person may send."""

import uuid
from datetime import datetime, timedelta

import pytest
from django.test import Client

from exam_sim.exams import flood
from exam_sim.exams.flood import Buckets
from exam_sim.exams.models import Attempt
from tests.exams.sitting import event, post_events, standing

SECOND = timedelta(seconds=1)
ADA, BEN = uuid.UUID(int=1), uuid.UUID(int=2)


def test_a_bucket_is_emptied_and_fills_again(now: datetime) -> None:
    buckets = Buckets(rate=20, size=200)
    assert [buckets.take(ADA, now) for _ in range(201)] == [0.0] * 200 + [0.05]
    assert buckets.take(BEN, now) == 0
    assert [buckets.take(ADA, now + SECOND) for _ in range(21)] == [0.0] * 20 + [0.05]
    assert [buckets.take(ADA, now + 3600 * SECOND) for _ in range(201)] == [0.0] * 200 + [0.05]


def test_a_key_held_down_meets_it_after_twenty_seconds_and_not_before(now: datetime) -> None:
    """At 30 posts a second, which only a network without delay lets through."""
    buckets = Buckets(rate=20, size=200)
    refused = [step for step in range(1800) if buckets.take(ADA, now + step * SECOND / 30)]
    assert 19 * 30 < refused[0] < 21 * 30


def test_a_clock_that_was_put_back_fills_nothing_and_empties_nothing(now: datetime) -> None:
    buckets = Buckets(rate=1, size=2)
    assert [buckets.take(ADA, at) for at in (now, now - 60 * SECOND, now - 59 * SECOND)] == [0, 0, 0]
    assert buckets.take(ADA, now - 59 * SECOND) == 1


def test_who_has_a_full_bucket_needs_no_memory(now: datetime) -> None:
    buckets = Buckets(rate=1, size=2, most=3)
    for number in range(3):
        buckets.take(uuid.UUID(int=number), now)
    buckets.take(uuid.UUID(int=3), now + SECOND)
    assert list(buckets.held) == [uuid.UUID(int=3)]


def test_memory_is_bounded_whoever_comes(now: datetime) -> None:
    buckets = Buckets(rate=1, size=2, most=3)
    for number in range(100):
        buckets.take(uuid.UUID(int=number), now)
        assert len(buckets.held) <= 3


@pytest.fixture
def small_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Emptied by a machine of any speed."""
    monkeypatch.setattr(flood, "_POSTS", Buckets(rate=1, size=10))


def test_a_person_may_send_200_at_once_and_20_a_second() -> None:
    assert (flood._POSTS.size, flood._POSTS.rate) == (200, 20)


@pytest.mark.django_db
@pytest.mark.usefixtures("small_buckets")
def test_a_script_that_posts_too_fast_is_told_to_wait_in_json_and_nothing_is_written(
    sitting: tuple[Client, Attempt],
) -> None:
    client, attempt = sitting
    for step in range(1000):
        response = post_events(client, attempt, event(1, "answer", [step % 4], step))
        if response.status_code != 200:
            break
    assert step >= 10
    assert standing(attempt) == {(1, "answer"): [(step - 1) % 4]}
    assert (response.status_code, response.headers["Retry-After"], response.json()) == (
        429,
        "1",
        {"error": "Too many changes: wait 1 second, then try again."},
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("small_buckets")
def test_so_is_a_page_without_a_script(sitting: tuple[Client, Attempt]) -> None:
    client, attempt = sitting
    for _ in range(1000):
        response = client.post(f"/attempts/{attempt.pk}/")
        if response.status_code != 302:
            break
    assert (response.status_code, response.headers["Retry-After"]) == (429, "1")
    assert "Too many changes: wait 1 second, then try again." in response.content.decode()
