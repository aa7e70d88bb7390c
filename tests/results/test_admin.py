import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from exam_sim.accounts.models import User
from results.grading import result_for
from results.models import Result
from tests.factories import make_attempt, make_user, make_version

pytestmark = pytest.mark.django_db


def test_results_are_read_and_never_changed(client: Client, now: dt.datetime) -> None:
    client.force_login(User.objects.create_superuser("root@example.org", "correct horse"))
    result = result_for(make_attempt(make_user(), [make_version()], answers={1: "a"}), now)
    change = reverse("admin:results_result_change", args=(result.pk,))
    assert [
        client.get(reverse("admin:results_result_changelist")).status_code,
        client.get(change).status_code,
        client.post(change, {"scaled": 1}).status_code,
        client.get(reverse("admin:results_result_add")).status_code,
        client.post(reverse("admin:results_result_delete", args=(result.pk,)), {"post": "yes"}).status_code,
    ] == [200, 200, 403, 403, 403]
    assert list(Result.objects.values_list("scaled", "correct")) == [(1000, 1)]
