"""Sitting questions as a candidate: the page is the same, and nothing is made of it."""

import datetime as dt
import io
import re
import uuid

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from exam_sim.accounts.models import Action, AuditEntry, User
from exam_sim.exams import attempts, previews, supply
from exam_sim.exams.exceptions import PreviewError
from exam_sim.exams.models import AnswerEvent, Attempt, AttemptItem, EndedBy, Mode, Sight, State
from questions import uses
from questions.models import Certification, Collection, KeyCorrection, Question, QuestionVersion, Status
from results.grading import NoResultError, grade_closed, result_for
from results.items import items_of
from results.models import Result
from tests.exams.sitting import event, post_events, standing
from tests.factories import NOW, make_attempt, make_profile, make_user, make_version

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def user() -> User:
    return make_user("instructor@example.org")


def questions(*statuses: Status) -> list[QuestionVersion]:
    """A question of each status, with ids q0, q1, … in their source."""
    versions = [make_version("1.1" if n % 2 else "2.1", key="ab" if n else "a") for n in range(len(statuses))]
    for number, (version, status) in enumerate(zip(versions, statuses, strict=True)):
        Question.objects.filter(pk=version.question_id).update(external_id=f"q{number}", status=status)
    return versions


def preview(user: User, *versions: QuestionVersion, now: dt.datetime = NOW, seed: int = 7) -> Attempt:
    chosen = Question.objects.filter(pk__in=[version.question_id for version in versions])
    return previews.start(user, chosen, now, seed)


def touch(attempt: Attempt, at: dt.datetime) -> None:
    AnswerEvent.objects.create(
        attempt=attempt,
        event_id=uuid.uuid4(),
        item=1,
        kind="visit",
        value=0,
        intent_ms=0,
        received_at=at,
    )


def without_token(client: Client, url: str) -> str:
    """A page; its token is another one each time."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", client.get(url).content.decode())


# Starting


def test_a_preview_holds_questions_of_any_status_in_the_order_of_their_ids(user: User) -> None:
    versions = questions(Status.DRAFT, Status.TRIAL, Status.PUBLISHED, Status.RETIRED)
    attempt = preview(user, *reversed(versions))
    assert [(item.number, item.version, item.scored) for item in attempt.items.order_by("number")] == [
        (number, version, True) for number, version in enumerate(versions, start=1)
    ]
    fields = {
        "title": "Preview of 4 questions",
        "mode": Mode.PREVIEW,
        "state": State.OPEN,
        "profile": None,
        "deadline": None,
        "close_by": None,
        "seconds_granted": None,
        "shape": [[4, 1], [4, 2], [4, 2], [4, 2]],
        "wishes": [],
    }
    assert {name: getattr(attempt, name) for name in fields} == fields
    assert [(domain["code"], domain["title"]) for domain in attempt.blueprint] == [
        ("1", "Data engineering"),
        ("2", "Modeling"),
    ]


def test_a_number_in_an_id_counts_as_a_number(user: User) -> None:
    versions = questions(Status.DRAFT, Status.DRAFT)
    Question.objects.filter(pk=versions[0].question_id).update(external_id="q10")
    ids = preview(user, *versions).items.order_by("number").values_list("question__external_id", flat=True)
    assert list(ids) == ["q1", "q10"]


def test_options_are_shuffled_by_the_seed(user: User) -> None:
    versions = questions(*[Status.DRAFT] * 3)
    orders = [
        [item.option_order for item in preview(user, *versions, seed=seed).items.order_by("number")]
        for seed in (1, 1, 2)
    ]
    assert orders[0] == orders[1]
    assert orders[0] != orders[2]


def test_a_version_that_came_later_is_not_in_it(user: User) -> None:
    [version] = questions(Status.PUBLISHED)
    attempt = preview(user, version)
    newer = make_version("2.1", question=version.question)
    assert [item.version for item in attempt.items.all()] == [version]
    assert [item.version for item in preview(user, version).items.all()] == [newer]


def test_what_cannot_be_sat_is_refused_in_a_sentence(user: User) -> None:
    [version] = questions(Status.DRAFT)
    empty = Question.objects.create(
        collection_id="mls-c01", external_id="bare", task_statement=version.task_statement
    )
    foreign = Certification.objects.create(slug="other", title="Other")
    collection = Collection.objects.create(slug="other", title="Other", certification=foreign)
    elsewhere = make_version()
    Question.objects.filter(pk=elsewhere.question_id).update(collection=collection)
    said = []
    for chosen in (Question.objects.filter(pk=empty.pk), Question.objects.all()):
        with pytest.raises(PreviewError) as refusal:
            previews.start(user, chosen, NOW)
        said.append(str(refusal.value))
    for _ in range(previews.LARGEST):
        make_version()
    with pytest.raises(PreviewError) as refusal:
        previews.start(user, Question.objects.all(), NOW)
    assert [*said, str(refusal.value)] == [
        "Select at least one question to sit.",
        "Select questions of one certification: a preview has its domains.",
        "Select at most 100 questions: a preview is not larger than that.",
    ]
    assert Attempt.objects.count() == 0


def test_several_previews_are_open_at_once(user: User) -> None:
    versions = questions(Status.DRAFT, Status.DRAFT)
    assert preview(user, *versions).pk != preview(user, *versions).pk
    assert Attempt.objects.open().previews().count() == 2


@pytest.mark.parametrize("questions_", [1, 3])
def test_starting_costs_the_same_for_any_selection(
    user: User, questions_: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    versions = questions(*[Status.DRAFT] * questions_)
    with django_assert_num_queries(6):  # two of them the savepoint
        preview(user, *versions)


def test_the_database_refuses_a_timed_preview_and_one_with_a_profile(user: User) -> None:
    [version] = questions(Status.DRAFT)
    attempt = preview(user, version)
    later = NOW + DAY
    for changes in (
        {"profile": make_profile()},
        {"deadline": later, "close_by": later, "seconds_granted": 60},
        {"mode": Mode.EXAM},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Attempt.objects.filter(pk=attempt.pk).update(**changes)


# Sitting


def test_answers_are_saved_as_ever_and_the_end_leads_to_the_review(client: Client, user: User) -> None:
    versions = questions(Status.DRAFT, Status.RETIRED)
    client.force_login(user)
    attempt = preview(user, *versions, now=timezone.now())
    page = client.get(reverse("exams:attempt", args=[attempt.pk])).content.decode()
    assert "Preview: it enters no statistics, history or exposure." in page
    assert ("untimed" in page, "End and discard" in page) == (True, True)
    assert '"discardBelow": 0' in page
    post_events(client, attempt, event(1, "answer", [2], 0))
    assert standing(attempt) == {(1, "answer"): [2]}
    ended = client.post(reverse("exams:end", args=[attempt.pk]))
    review = reverse("results:review", args=[attempt.pk])
    assert (ended.status_code, ended["Location"]) == (302, review)
    again = client.get(reverse("exams:attempt", args=[attempt.pk]))
    assert (again.status_code, again["Location"]) == (302, review)
    result = client.get(reverse("results:result", args=[attempt.pk]))
    assert (result.status_code, result["Location"]) == (302, review)
    shown = client.get(review).content.decode()
    assert "Preview: it enters no statistics, history or exposure." in shown
    assert f"Explanation of {versions[0].stem.removeprefix('Stem ')}" in shown
    assert "Back to the result" not in shown


def test_no_key_of_an_open_preview_is_in_its_page(client: Client, user: User) -> None:
    """The same bytes, whatever options are correct."""
    [version] = questions(Status.DRAFT)
    client.force_login(user)
    pages = []
    attempt = preview(user, version, now=timezone.now())
    for key in "ab":
        options = [option | {"correct": option["id"] == key} for option in version.options]
        QuestionVersion.objects.filter(pk=version.pk).update(options=options)
        page = without_token(client, reverse("exams:attempt", args=[attempt.pk]))
        assert [word for word in ("Explanation of", "Rationale of", "Because") if word in page] == []
        pages.append(re.sub(r'"elapsed": \d+|"shown" value="\d+"', "", page))
    assert pages[0] == pages[1]


def test_somebody_elses_preview_is_not_there(client: Client, user: User) -> None:
    [version] = questions(Status.DRAFT)
    attempt = preview(user, version)
    client.force_login(make_user("other@example.org"))
    names = ("exams:attempt", "results:review")
    assert [client.get(reverse(name, args=[attempt.pk])).status_code for name in names] == [404, 404]


def test_a_preview_that_is_discarded_leads_home(client: Client, user: User) -> None:
    [version] = questions(Status.DRAFT)
    client.force_login(user)
    attempt = preview(user, version, now=timezone.now())
    response = client.post(reverse("exams:discard", args=[attempt.pk]))
    assert (response.status_code, response["Location"]) == (302, reverse("exams:home"))


# Of which nothing is made


def test_a_preview_leaves_no_result_history_or_exposure(client: Client, user: User) -> None:
    versions = questions(Status.PUBLISHED, Status.PUBLISHED)
    exam = make_attempt(user, versions[:1], answers={1: "a"})
    result_for(exam, NOW)
    client.force_login(user)
    pages = (reverse("results:history"), reverse("exams:home"))
    before = [without_token(client, page) for page in pages]
    results = list(Result.objects.values())
    opened, closed = preview(user, *versions), preview(user, *versions)
    for attempt in (opened, closed):
        touch(attempt, NOW)
    with transaction.atomic():
        attempts.close(attempts.locked(closed.pk), EndedBy.CANDIDATE, NOW)
    assert grade_closed(NOW) == 0
    assert [without_token(client, page) for page in pages] == before
    assert list(Result.objects.values()) == results
    assert (Sight.objects.count(), supply.history_of(user).seen) == (0, {})
    closed.refresh_from_db()
    with pytest.raises(NoResultError):
        result_for(closed, NOW)


def test_an_open_preview_keeps_no_key_of_a_real_exam_back_but_an_open_exam_keeps_the_previews(
    client: Client, user: User
) -> None:
    [version] = questions(Status.PUBLISHED)
    client.force_login(user)
    exam = make_attempt(user, [version], answers={1: "a"})
    looked_at = preview(user, version, now=timezone.now())
    review = client.get(reverse("results:review", args=[exam.pk])).content.decode()
    assert ("Explanation of" in review, "In your open exam or session" in review) == (True, False)
    make_attempt(user, [version], state=State.OPEN, started_at=timezone.now(), profile=make_profile("two"))
    client.post(reverse("exams:end", args=[looked_at.pk]))
    review = client.get(reverse("results:review", args=[looked_at.pk])).content.decode()
    assert ("Explanation of" in review, "In your open exam or session" in review) == (False, True)


def test_the_review_of_a_preview_speaks_of_no_result_that_stands(user: User) -> None:
    [version] = questions(Status.PUBLISHED)
    attempt = preview(user, version)
    after = make_version(question=version.question, key="b")
    KeyCorrection.objects.create(
        question=version.question, before=version, after=after, reason="It is b.", at=NOW
    )
    assert [item.correction for item in items_of(attempt)] == [None]


# Use


def test_attempts_and_sights_use_questions_and_previews_do_not(user: User) -> None:
    sat, seen, looked_at, unused = questions(*[Status.PUBLISHED] * 4)
    make_attempt(user, [sat])
    Sight.objects.create(user=user, question=seen.question, last_seen=NOW)
    preview(user, sat, looked_at)
    versions = (sat, seen, looked_at, unused)
    assert uses.used([v.question_id for v in versions]) == {sat.question_id, seen.question_id}


def test_a_question_that_is_released_can_be_deleted_and_takes_its_previews_along(user: User) -> None:
    released, other = questions(Status.DRAFT, Status.DRAFT)
    exam = make_attempt(user, [other])
    gone, other_user = preview(user, released, other), make_user("other@example.org")
    kept = preview(user, other)
    question = released.question
    Question.objects.filter(pk=question.pk).update(current_version=None)
    with pytest.raises(ProtectedError):
        released.delete()
    uses.release([question.pk], other_user, NOW)
    released.delete()
    question.delete()
    assert set(Attempt.objects.all()) == {exam, kept}
    assert list(AuditEntry.objects.values_list("at", "actor", "action", "object", "before", "after")) == [
        (
            NOW,
            other_user.pk,
            Action.ATTEMPT_DELETED,
            f"attempt:{gone.pk}",
            {"mode": "preview", "state": "open", "user": str(user.pk)},
            None,
        )
    ]
    assert AttemptItem.objects.count() == 2


# Tidying


def test_previews_go_a_week_after_they_were_closed_or_last_touched(user: User) -> None:
    [version] = questions(Status.DRAFT)
    now = NOW + 30 * DAY
    ages = {"idle": 8, "touched": 8, "closed": 20, "closed lately": 20, "new": 6}
    previews_ = {name: preview(user, version, now=now - days * DAY) for name, days in ages.items()}
    touch(previews_["touched"], now - 6 * DAY)
    for name, days in (("closed", 8), ("closed lately", 6)):
        with transaction.atomic():
            attempts.close(attempts.locked(previews_[name].pk), EndedBy.CANDIDATE, now - days * DAY)
    exam = make_attempt(user, [version])
    assert previews.remove_old(now) == 2
    kept = {previews_[name] for name in ("touched", "closed lately", "new")} | {exam}
    assert set(Attempt.objects.all()) == kept
    assert previews.remove_old(now) == 0


def test_the_command_says_how_many_it_removed(user: User) -> None:
    [version] = questions(Status.DRAFT)
    preview(user, version, now=timezone.now() - 8 * DAY)
    said = []
    for _ in range(2):
        out = io.StringIO()
        call_command("remove_old_previews", stdout=out)
        said.append(out.getvalue())
    assert said == ["Removed 1 old preview.\n", ""]
