"""An account goes while something else of it is under way, on a database that has row locks."""

from functools import partial

import pytest
from django.test import Client

from exam_sim.accounts import removal, roles
from exam_sim.accounts.models import Role, User
from exam_sim.exams import answers
from exam_sim.exams.models import AnswerEvent, Attempt, Sight
from tests.exams.sitting import MINUTE, body, event, make_open
from tests.exams.test_concurrency import at_once
from tests.factories import NOW, make_user

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_of_two_administrators_who_go_at_once_one_stays() -> None:
    for round_ in range(5):
        both = [make_user(f"{name}{round_}@example.org") for name in "ab"]
        for user in both:
            roles.grant(user, Role.ADMINISTRATOR, by=None, now=NOW)
        outcomes = at_once(*(partial(removal.remove, user, NOW) for user in both))
        assert sorted(type(outcome).__name__ for outcome in outcomes) == [
            "LastAdministratorError",
            "NoneType",
        ]
        User.objects.all().delete()


def test_of_two_administrators_who_close_each_other_one_stays() -> None:
    for round_ in range(3):
        both = [make_user(f"{name}{round_}@example.org") for name in "ab"]
        for user in both:
            roles.grant(user, Role.ADMINISTRATOR, by=None, now=NOW)
        clients = [Client(), Client()]
        for client, user in zip(clients, both, strict=True):
            client.force_login(user)
        at_once(
            *(
                partial(client.post, f"/admin/accounts/user/{user.pk}/change/", form)
                for client, user in zip(clients, reversed(both), strict=True)
                for form in [{"email": user.email, "extra_time": "none"}]
            )
        )
        assert User.objects.filter(is_active=True).count() == 1
        User.objects.all().delete()


def test_of_two_administrators_who_demote_each_other_one_stays() -> None:
    for round_ in range(3):
        both = [make_user(f"{name}{round_}@example.org") for name in "ab"]
        for user in both:
            roles.grant(user, Role.ADMINISTRATOR, by=None, now=NOW)
        demote = partial(roles.grant, role=Role.CANDIDATE, now=NOW)
        outcomes = at_once(
            *(partial(demote, user, by=by) for user, by in zip(both, reversed(both), strict=True))
        )
        assert sorted(str(outcome).partition(" is ")[2] for outcome in outcomes) == [
            "",
            "the last administrator: make another one first.",
        ]
        assert roles.administrators().count() == 1
        User.objects.all().delete()


def test_a_save_and_an_end_come_before_it_or_find_nothing() -> None:
    for round_ in range(10):
        user = make_user(f"{round_}@example.org")
        attempt = make_open(user)
        batch = body(*(event(number, "answer", [1], 1_000 * number) for number in (1, 2, 3)))
        save = partial(answers.record, attempt.pk, user, batch, NOW + MINUTE)
        end = partial(answers.record, attempt.pk, user, batch, NOW + MINUTE, end=True)
        removed, *others = at_once(partial(removal.remove, user, NOW), save, end)
        assert removed is None
        assert {type(outcome) for outcome in others} <= {answers.Receipt, Attempt.DoesNotExist}
    assert [model.objects.count() for model in (User, Attempt, AnswerEvent, Sight)] == [0, 0, 0, 0]
