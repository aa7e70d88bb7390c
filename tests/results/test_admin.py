import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from exam_sim.accounts.models import User
from results import reports
from results.grading import result_for
from results.items import items_of
from results.models import ReportKind, Result
from tests.bank.making import make_collection, make_instructor, put
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


def test_reports_are_read_by_those_who_may_change_the_question(client: Client, now: dt.datetime) -> None:
    """Of a collection of their own; the shipped bank's are the administrators'."""
    instructor = make_instructor()
    own = put(make_collection("own", instructor), "q1")
    made = [
        reports.make(attempt, items_of(attempt)[0], ReportKind.KEY, "It is b.", now)[0]
        for attempt in (
            make_attempt(make_user(), [own], answers={1: "b"}),
            make_attempt(make_user("other@example.org"), [make_version()], answers={1: "b"}),
        )
    ]
    pages = [reverse("admin:results_report_change", args=[report.pk]) for report in made]
    client.force_login(instructor)
    listed = client.get(reverse("admin:results_report_changelist"))
    assert [report.pk for report in listed.context["cl"].queryset] == [made[0].pk]
    answers = [client.get(page) for page in pages]
    assert [answer.status_code for answer in answers] == [200, 302]
    assert "candidate@example.org" not in answers[0].content.decode()
    assert client.post(pages[0], {"state": "fixed"}).status_code == 403
    assert [client.get(reverse("admin:results_report_add")).status_code] == [403]
