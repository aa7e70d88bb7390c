"""Reported problems, as the candidate has them: made in the review, answered there and on their page."""

import datetime as dt
import threading
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from exam_sim.accounts.models import User
from exam_sim.exams.models import Attempt, EventKind, State
from results import reports
from results.items import items_of
from results.models import Report, ReportKind, ReportState
from tests.factories import NOW, make_attempt, make_profile, make_register, make_user, make_version

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
MINE = "/reports/"


@pytest.fixture
def user() -> User:
    return make_user()


@pytest.fixture
def judge() -> User:
    return make_user("judge@example.org")


@pytest.fixture
def attempt(user: User) -> Attempt:
    return make_attempt(user, [make_version(key="ab"), make_version()], answers={1: "db", 2: "a"})


@pytest.fixture
def candidate(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def url(attempt: Attempt, number: int = 1, query: str = "") -> str:
    return reverse("results:report", args=(attempt.pk, number)) + query


def review(attempt: Attempt) -> str:
    return reverse("results:review", args=(attempt.pk,))


def make(attempt: Attempt, number: int = 1, kind: ReportKind = ReportKind.KEY) -> Report:
    report, _ = reports.make(attempt, items_of(attempt)[number - 1], kind, "It is c.", NOW)
    return report


def test_a_report_holds_the_question_as_it_was_sat(candidate: Client, attempt: Attempt, user: User) -> None:
    item = attempt.items.get(number=1)
    answer = candidate.post(
        url(attempt, 1, "?show=incorrect"), {"kind": "unclear", "text": "Two are\r\nright. "}
    )
    assert answer["Location"] == f"{review(attempt)}?show=incorrect#q1"
    fields = (
        "reporter",
        "attempt",
        "number",
        "question",
        "version",
        "option_order",
        "chosen",
        "kind",
        "text",
    )
    assert list(Report.objects.values_list(*fields, "state")) == [
        (
            user.pk,
            attempt.pk,
            1,
            item.question_id,
            item.version_id,
            ["d", "c", "b", "a"],
            ["d", "b"],
            "unclear",
            "Two are\nright.",
            "open",
        )
    ]


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ({}, "Choose what is wrong."),
        ({"kind": "rude"}, "Select a valid choice."),
        ({"kind": "other"}, "Say in a sentence what is wrong."),
        ({"kind": "key", "text": "x" * 2001}, "at most 2000 characters"),
    ],
)
def test_what_cannot_be_sent_is_said_and_kept_in_the_form(
    candidate: Client, attempt: Attempt, data: dict[str, str], complaint: str
) -> None:
    for headers in ({}, HTMX):
        page = candidate.post(url(attempt), data, headers=headers).content.decode()
        assert complaint in page
        assert data.get("text", "") in page
    assert not Report.objects.exists()


def test_a_second_press_shows_the_open_one(candidate: Client, attempt: Attempt) -> None:
    candidate.post(url(attempt), {"kind": "key", "text": "It is <c>."})
    for answer in (candidate.get(url(attempt)), candidate.post(url(attempt), {"kind": "typo"})):
        page = answer.content.decode()
        assert "It is &lt;c&gt;." in page
        assert "Nobody has decided about it yet." in page
        assert "<select" not in page
    assert Report.objects.count() == 1
    review_page = candidate.get(review(attempt)).content.decode()
    assert "See my report" in review_page
    assert review_page.count("Report a problem") == 1


def test_two_presses_at_once_end_in_one_report(attempt: Attempt) -> None:
    item = items_of(attempt)[0]
    first, is_new = reports.make(attempt, item, ReportKind.KEY, "", NOW)
    second, is_newer = reports.make(attempt, item, ReportKind.TYPO, "", NOW)
    assert (first.pk == second.pk, is_new, is_newer, second.kind) == (True, True, False, "key")


def test_htmx_gets_the_foot_and_a_sentence(candidate: Client, attempt: Attempt) -> None:
    part = candidate.get(url(attempt), headers=HTMX).content.decode()
    assert ("<!doctype" in part, 'id="q1-foot"' in part, "<select" in part) == (False, True, True)
    done = candidate.post(url(attempt), {"kind": "key"}, headers=HTMX).content.decode()
    assert '<p id="said" hx-swap-oob="innerHTML">Thank you: your report was sent.</p>' in done
    assert "You reported a problem with this question." in done


def test_the_reply_reaches_the_reporter_in_the_review_and_on_their_page(
    candidate: Client, attempt: Attempt, user: User, judge: User
) -> None:
    report = make(attempt)
    assert reports.unread(user) == 0
    reports.decide(report.pk, ReportState.FIXED, "Thanks, <b> it is.", judge, NOW)
    assert reports.unread(user) == 1
    for page in (candidate.get(review(attempt)).content.decode(), candidate.get(MINE).content.decode()):
        assert '<p class="written">Thanks, &lt;b&gt; it is.</p>' in page
        assert "judge@" not in page
    assert reports.unread(user) == 1, "a GET marks nothing as read"


def test_study_and_progress_lead_to_replies_that_wait(
    candidate: Client, attempt: Attempt, user: User, judge: User
) -> None:
    link = f'<a href="{MINE}">%s you reported</a>'
    told = {0: "", 1: link % "1 reply to a problem", 2: link % "2 replies to problems"}
    for count, sentence in told.items():
        if count:
            reports.decide(make(attempt, count).pk, ReportState.FIXED, "", judge, NOW)
        for url in (reverse("results:study"), reverse("results:progress")):
            page = candidate.get(url).content.decode()
            assert (sentence in page, "you reported" in page) == (True, bool(count))


def test_replies_are_marked_as_read_up_to_those_that_were_shown(
    candidate: Client, attempt: Attempt, user: User, judge: User
) -> None:
    first, second = make(attempt, 1), make(attempt, 2)
    later = NOW + dt.timedelta(microseconds=7)
    reports.decide(first.pk, ReportState.FIXED, "", judge, later)
    page = candidate.get(MINE)
    assert page.context["until"] == later
    reports.decide(second.pk, ReportState.DECLINED, "", judge, later + dt.timedelta(microseconds=1))
    candidate.post("/reports/read", {"until": later.isoformat()})
    assert {own.report.pk: own.is_unread for own in reports.own(user)} == {first.pk: False, second.pk: True}
    for until in ("", "yesterday", "0001-01-01T00:00:00+12:00", "9999-12-31T23:59:59-12:00"):
        assert candidate.post("/reports/read", {"until": until})["Location"] == MINE
    assert reports.unread(user) == 1


def test_nobody_reads_for_somebody_else(client: Client, attempt: Attempt, user: User, judge: User) -> None:
    reports.decide(make(attempt).pk, ReportState.FIXED, "", judge, NOW)
    other = make_user("other@example.org")
    client.force_login(other)
    client.post("/reports/read", {"until": (NOW + dt.timedelta(days=1)).isoformat()})
    assert "Nothing reported yet" in client.get(MINE).content.decode()
    assert (reports.unread(user), reports.unread(other)) == (1, 0)


def test_a_reply_waits_while_its_question_is_in_an_open_exam(
    candidate: Client, attempt: Attempt, user: User, judge: User
) -> None:
    reports.decide(make(attempt).pk, ReportState.FIXED, "The key is c.", judge, NOW)
    version = attempt.items.get(number=1).version
    running = make_attempt(
        user, [version], state=State.OPEN, started_at=timezone.now(), profile=make_profile("another")
    )
    pages = [candidate.get(address).content.decode() for address in (review(attempt), MINE)]
    assert ["The key is c." in page for page in pages] == [False, False]
    assert ["is shown when" in page for page in pages] == [True, True]
    assert (reports.unread(user), reports.mark_read(user, timezone.now(), NOW)) == (0, 0)
    Attempt.objects.filter(pk=running.pk).update(state=State.CLOSED, closed_at=running.started_at)
    assert reports.unread(user) == 1


def test_the_open_report_stands_before_a_decided_one(
    candidate: Client, attempt: Attempt, judge: User
) -> None:
    first = make(attempt)
    reports.decide(first.pk, ReportState.DECLINED, "No.", judge, NOW)
    second = make(attempt, kind=ReportKind.TYPO)
    reports.decide(second.pk, ReportState.FIXED, "Yes.", judge, NOW)
    Report.objects.filter(pk=second.pk).update(made_at=NOW + dt.timedelta(days=1))
    told = [items_of(attempt)[0].told]
    reports.reopen(first.pk)
    told.append(items_of(attempt)[0].told)
    assert [(one.state, one.reply) for one in told if one] == [("fixed", "Yes."), ("open", "")]


def test_only_decisions_decide_and_only_once(attempt: Attempt, judge: User) -> None:
    report = make(attempt)
    with pytest.raises(ValueError, match="fixed or declined"):
        reports.decide(report.pk, ReportState.OPEN, "", judge, NOW)
    with pytest.raises(reports.NotDecidedError):
        reports.reopen(report.pk)
    reports.decide(report.pk, ReportState.FIXED, "Yes.", judge, NOW)
    with pytest.raises(reports.DecidedError):
        reports.decide(report.pk, ReportState.DECLINED, "No.", judge, NOW)
    with pytest.raises(Report.DoesNotExist):
        reports.decide(UUID(int=0), ReportState.FIXED, "", judge, NOW)
    report.refresh_from_db()
    assert (report.state, report.reply, report.decided_by, report.decided_at) == ("fixed", "Yes.", judge, NOW)


def test_opening_again_takes_the_reply_back_and_a_new_one_is_unread(
    attempt: Attempt, user: User, judge: User
) -> None:
    report = make(attempt)
    reports.decide(report.pk, ReportState.FIXED, "Yes.", judge, NOW)
    reports.mark_read(user, NOW, NOW)
    reports.reopen(report.pk)
    assert reports.unread(user) == 0
    reports.decide(report.pk, ReportState.DECLINED, "No.", judge, NOW)
    assert reports.unread(user) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs row locks")
def test_of_two_decisions_at_once_one_stands(attempt: Attempt, judge: User) -> None:
    report = make(attempt)
    barrier, refused = threading.Barrier(2), []

    def decide(state: ReportState) -> None:
        try:
            barrier.wait()
            reports.decide(report.pk, state, state.label, judge, NOW)
        except reports.DecidedError:
            refused.append(state)
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=(state,)) for state in reports.DECISIONS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report.refresh_from_db()
    assert len(refused) == 1
    assert report.reply == report.get_state_display() != refused[0].label


@pytest.mark.parametrize("rows", [1, 3])
def test_query_count(
    candidate: Client, user: User, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    answers = dict.fromkeys(range(1, rows + 1), "a")
    attempt = make_attempt(user, [make_version() for _ in range(rows)], answers=answers)
    make_register(attempt, 1, EventKind.FLAG, True)
    for number in answers:
        make(attempt, number)
    with django_assert_num_queries(2):
        candidate.get(MINE)
    with django_assert_num_queries(1):
        reports.unread(user)
