"""The administration of exams in the hands of an administrator."""

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from exam_sim.exams.models import Extension
from tests.exams.sitting import MINUTE, make_open
from tests.factories import NOW, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client: Client) -> Client:
    user = make_user("admin@example.org")
    call_command("grant_role", user.email, "administrator", verbosity=0)
    user.refresh_from_db()
    client.force_login(user)
    return client


def test_time_is_added_through_the_function_that_logs_it(administrator: Client) -> None:
    attempt = make_open(make_user(), started_at=timezone.now())
    response = administrator.post(
        "/admin/exams/extension/add/", {"attempt": attempt.pk, "minutes": 15, "reason": "power cut"}
    )
    assert response.url == "/admin/exams/extension/"
    attempt.refresh_from_db()
    assert (attempt.seconds_granted, attempt.deadline) == (195 * 60, attempt.started_at + 195 * MINUTE)
    logged = Extension.objects.values_list("attempt", "seconds", "reason", "granted_by__email")
    assert list(logged) == [(attempt.pk, 900, "power cut", "admin@example.org")]


def test_no_time_is_added_to_what_is_over(administrator: Client) -> None:
    attempt = make_open(make_user(), started_at=NOW)
    response = administrator.post(
        "/admin/exams/extension/add/", {"attempt": attempt.pk, "minutes": 15, "reason": "late"}
    )
    assert response.context["errors"] == [["Only an open, timed attempt can be given more time."]]
    assert Extension.objects.count() == 0


def test_attempts_are_read_only_and_keep_their_items_to_themselves_while_open(administrator: Client) -> None:
    attempt = make_open(make_user(), started_at=timezone.now())
    page = f"/admin/exams/attempt/{attempt.pk}/change/"
    assert administrator.post(page, {"state": "closed"}).status_code == 403
    assert administrator.post(f"/admin/exams/attempt/{attempt.pk}/delete/").status_code == 403
    assert [f.formset.prefix for f in administrator.get(page).context["inline_admin_formsets"]] == []
    owner = Client()
    owner.force_login(attempt.user)
    owner.post(f"/attempts/{attempt.pk}/end")
    assert [f.formset.prefix for f in administrator.get(page).context["inline_admin_formsets"]] == ["items"]


@pytest.mark.parametrize("model", ["attempt", "extension", "examprofile"])
def test_lists_open(administrator: Client, model: str) -> None:
    make_open(make_user())
    assert administrator.get(f"/admin/exams/{model}/").status_code == 200
