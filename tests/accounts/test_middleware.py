"""When `last_active` is written."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from exam_sim.accounts.models import Session, User
from exam_sim.exams.models import State
from tests.factories import make_attempt, make_version

pytestmark = pytest.mark.django_db
URL = "/accounts/settings/"
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def person(client: Client, ada: User) -> Client:
    client.force_login(ada)
    return client


def absent_for(time: timedelta) -> datetime:
    last_active = timezone.now() - time
    User.objects.update(last_active=last_active)
    return last_active


def test_a_visit_within_a_day_writes_nothing(
    person: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    last_active = absent_for(DAY / 2)
    with django_assert_num_queries(1):
        person.get(URL)
    assert User.objects.get().last_active == last_active


def test_a_visit_after_a_day_is_noted_and_the_session_slides(person: Client) -> None:
    absent_for(DAY * 2)
    Session.objects.update(expire_date=timezone.now() + DAY)
    before = timezone.now()
    person.get(URL)
    assert User.objects.get().last_active >= before
    assert Session.objects.get().expire_date >= before + 13 * DAY


def test_a_session_slides_though_its_person_was_seen_on_another_device(
    person: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Session.objects.update(expire_date=timezone.now() + 13 * DAY - MINUTE)
    before = timezone.now()
    page = person.get(URL)
    assert Session.objects.get().expire_date >= before + 14 * DAY
    assert page.cookies["sessionid"]["max-age"] == 14 * 24 * 3600
    with django_assert_num_queries(1):
        assert "sessionid" not in person.get(URL).cookies


def test_a_session_that_was_saved_today_is_not_saved_again(person: Client) -> None:
    absent_for(DAY * 2)
    expires = timezone.now() + 13 * DAY + MINUTE
    Session.objects.update(expire_date=expires)
    person.get(URL)
    assert Session.objects.get().expire_date == expires


def test_a_guest_s_session_slides_by_its_own_age(client: Client, guest: User) -> None:
    for left, slides in ((29 * DAY + MINUTE, False), (29 * DAY - MINUTE, True)):
        Session.objects.update(expire_date=timezone.now() + left)
        assert ("sessionid" in client.get(URL).cookies) == slides
    assert Session.objects.get().expire_date > timezone.now() + 30 * DAY - MINUTE


def test_the_clock_is_no_visit(person: Client, ada: User) -> None:
    last_active = absent_for(DAY * 2)
    attempt = make_attempt(ada, [make_version()], state=State.OPEN, started_at=timezone.now())
    assert person.get(f"/attempts/{attempt.pk}/clock").status_code == 200
    assert User.objects.get().last_active == last_active
