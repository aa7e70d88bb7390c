"""The queue of reported problems: who sees which, and what a decision does."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from exam_sim.accounts import roles
from exam_sim.accounts.models import Role, User
from exam_sim.exams.models import Attempt
from questions import editing
from questions.models import Collection, QuestionVersion
from results import reports
from results.items import items_of
from results.models import Report, ReportKind, ReportState
from tests.bank.making import make_collection, make_draft, make_instructor, put
from tests.factories import NOW, make_attempt, make_user

pytestmark = pytest.mark.django_db

QUEUE = "/bank/reports/"


def told(
    version: QuestionVersion, email: str | None = None, kind: ReportKind = ReportKind.KEY, **user: Any
) -> Report:
    """A report by a candidate who chose b."""
    candidate = make_user(email or f"candidate-{Report.objects.count()}@example.org", **user)
    attempt = make_attempt(candidate, [version], answers={1: "b"})
    report, _ = reports.make(attempt, items_of(attempt)[0], kind, "Option <b> is right.", NOW)
    return report


def address(report: Report, name: str = "report") -> str:
    return reverse(f"bank:{name}", args=[report.pk])


def test_the_question_stands_as_the_reporter_sat_it(desk: Client, own: Collection) -> None:
    report = told(put(own, "q1"), name="Ada")
    page = desk.get(address(report)).content.decode()
    options = re.findall(r'<li class="(shown-option.*?)">.*?<p class="standing">(.*?)</p>', page, re.DOTALL)
    assert [(classes, re.sub(r"<.*?>", "", said).strip()) for classes, said in options] == [
        ("shown-option", ""),
        ("shown-option", "✗ The candidate chose this"),
        ("shown-option key", "✓ Correct"),
    ]
    assert "Option &lt;b&gt; is right." in page
    assert "Ada, " in page
    assert "version 1." in page
    assert "This is not the newest text" not in page
    assert f'href="/bank/questions/{report.question_id}/edit"' in page


def test_who_reports_is_named_only_as_they_name_themselves(desk: Client, own: Collection) -> None:
    first, second = put(own, "q1"), put(own, "q2")
    told(first, "secret@example.org", name="Ada")
    nameless = told(second, "hidden@example.org")
    pages = [desk.get(url).content.decode() for url in (QUEUE, address(nameless))]
    assert [[word in page for word in ("Ada", "A candidate", "secret@", "hidden@")] for page in pages] == [
        [True, True, False, False],
        [False, True, False, False],
    ]


def test_a_newer_version_is_told_and_the_old_one_shown(desk: Client, own: Collection) -> None:
    version = put(own, "q1")
    report = told(version)
    draft = make_draft("q1", stem="Reworded: which setting encrypts?")
    editing.save(version.question, draft, None, NOW, version.pk)
    page = desk.get(address(report)).content.decode()
    assert "version 2 is the current one" in page
    assert "Reworded" not in page


def test_filters_by_state_and_collection_list_the_open_ones_first_of_all(
    desk: Client, own: Collection, instructor: User
) -> None:
    second = make_collection("second", instructor)
    a, b, c = told(put(own, "q-a")), told(put(own, "q-b")), told(put(second, "q-c"))
    reports.decide(b.pk, ReportState.FIXED, "", instructor, NOW)

    def listed(query: str) -> set[Any]:
        return {row.report.pk for row in desk.get(QUEUE + query).context["page"].rows}

    queries = ("", "?state=all", "?state=fixed", "?state=declined", "?state=x", "?collection=own&state=all")
    assert [listed(query) for query in queries] == [
        {a.pk, c.pk},
        {a.pk, b.pk, c.pk},
        {b.pk},
        set(),
        {a.pk, c.pk},
        {a.pk, b.pk},
    ]


def test_the_navigation_of_the_bank_counts_the_open_ones(
    desk: Client, own: Collection, instructor: User
) -> None:
    report = told(put(own, "q1"))
    told(put(make_collection("theirs", make_instructor("other@example.org")), "q2"))
    counted = '<span class="visually-hidden">Open: </span>1</span>'
    assert counted in desk.get("/bank/").content.decode()
    reports.decide(report.pk, ReportState.FIXED, "", instructor, NOW)
    assert "Open: " not in desk.get("/bank/").content.decode()


@pytest.mark.parametrize(("decision", "state"), [("fixed", "fixed"), ("declined", "declined")])
def test_a_decision_is_kept_with_its_reply(
    desk: Client, own: Collection, instructor: User, decision: str, state: str
) -> None:
    report = told(put(own, "q1"))
    answer = desk.post(
        address(report, "report_decide"), {"decision": decision, "reply": " Thank\r\nyou. "}, follow=True
    )
    report.refresh_from_db()
    assert (report.state, report.reply, report.decided_by) == (state, "Thank\nyou.", instructor)
    assert report.decided_at is not None
    assert answer.redirect_chain == [(address(report), 302)]
    assert "The candidate reads it in their review." in answer.content.decode()


@pytest.mark.parametrize(
    "data", [{}, {"decision": "open"}, {"decision": "fixed", "reply": "x" * 2001}, {"decision": "x"}]
)
def test_what_is_no_decision_changes_nothing(desk: Client, own: Collection, data: dict[str, str]) -> None:
    report = told(put(own, "q1"))
    answer = desk.post(address(report, "report_decide"), data)
    report.refresh_from_db()
    assert (answer.status_code, report.state, report.reply) == (200, "open", "")
    assert ("message error" in answer.content.decode()) is (data.get("decision") != "fixed")


def test_the_first_decision_stands_until_the_report_is_opened_again(
    desk: Client, own: Collection, instructor: User
) -> None:
    report = told(put(own, "q1"))
    desk.post(address(report, "report_decide"), {"decision": "fixed", "reply": "First."})
    second = desk.post(
        address(report, "report_decide"), {"decision": "declined", "reply": "Second."}, follow=True
    )
    assert "somebody decided about this report before you" in second.content.decode()
    report.refresh_from_db()
    assert (report.state, report.reply) == ("fixed", "First.")
    desk.post(address(report, "report_reopen"))
    report.refresh_from_db()
    assert (report.state, report.reply, report.decided_by, report.decided_at) == ("open", "", None, None)
    desk.post(address(report, "report_decide"), {"decision": "declined", "reply": "Second."})
    report.refresh_from_db()
    assert (report.state, report.reply) == ("declined", "Second.")


def test_a_report_is_not_opened_again_beside_another_open_one(desk: Client, own: Collection) -> None:
    first = told(put(own, "q1"))
    desk.post(address(first, "report_decide"), {"decision": "fixed"})
    attempt = Attempt.objects.get()
    reports.make(attempt, items_of(attempt)[0], ReportKind.TYPO, "", NOW)
    answer = desk.post(address(first, "report_reopen"), follow=True)
    assert "has an open report of the question already" in answer.content.decode()
    first.refresh_from_db()
    assert first.state == "fixed"


def test_other_open_reports_of_the_question_are_beside_it(desk: Client, own: Collection) -> None:
    version = put(own, "q1")
    first, second = told(version), told(version, kind=ReportKind.TYPO)
    page = desk.get(address(first))
    assert [row.report for row in page.context["page"].others] == [second]


@pytest.mark.parametrize(
    ("who", "listed", "status"),
    [("owner", 1, 200), ("administrator", 2, 200), ("other", 0, 404), ("candidate", None, 404)],
)
def test_only_those_who_may_change_the_question_see_its_reports(
    client: Client, own: Collection, instructor: User, who: str, listed: int | None, status: int
) -> None:
    """The second report is of the shipped bank, which instructors may look at and administrators change."""
    report = told(put(own, "q1"))
    told(put(make_collection("shared", None), "q2"))
    people = {"owner": lambda: instructor, "other": lambda: make_instructor("other@example.org")}
    if who in people:
        user = people[who]()
    else:
        user = make_user("somebody@example.org")
        if who == "administrator":
            roles.grant(user, Role.ADMINISTRATOR, by=None, now=NOW)
    client.force_login(User.objects.get(pk=user.pk))
    answer = client.get(QUEUE)
    assert (len(answer.context["page"].rows) if answer.status_code == 200 else None) == listed
    statuses = {
        client.get(address(report)).status_code,
        client.post(address(report, "report_decide"), {"decision": "x"}).status_code,
    }
    assert statuses == {status}
    assert client.post(address(report, "report_reopen")).status_code == (302 if status == 200 else 404)
    report.refresh_from_db()
    assert report.state == "open"


def test_a_filter_that_no_database_can_hold_lists_what_there_is(desk: Client, own: Collection) -> None:
    assert desk.get(f"{QUEUE}?collection={own.pk}%00").status_code == 200


def test_an_empty_queue_says_so(desk: Client) -> None:
    assert "No report waits for you." in desk.get(QUEUE).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_query_count(
    desk: Client, own: Collection, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    version = put(own, "q1")
    made = [told(version) for _ in range(rows)]
    with django_assert_num_queries(7):
        desk.get(QUEUE)
    with django_assert_num_queries(6):
        desk.get(address(made[0]))
