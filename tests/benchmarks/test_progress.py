"""The progress page of somebody who has sat fifty exams: few statements, little time."""

import gc
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from random import Random
from statistics import quantiles

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from exam_sim.accounts.models import User
from exam_sim.exams import attempts
from exam_sim.exams.models import ExamProfile
from questions.models import QuestionVersion
from results.digest import digest_results
from results.grading import grade_closed
from results.models import Card, ExamDate, Result
from tests.benchmarks.bank import load_shipped
from tests.benchmarks.figures import Figures
from tests.benchmarks.yardstick import slowness
from tests.factories import make_sighted_attempt, make_user

SITTINGS, ITEMS = 50, 65
QUERIES, MS = 12, 100
ROUNDS = 60
ABILITY = 0.7
TRANSACTION = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def veteran() -> User:
    """Fifty exams, one every third day, all displayed and answered, right by chance; committed and swept."""
    load_shipped()
    user, now, rng = make_user("veteran@example.org"), timezone.now(), Random(1)
    profile = ExamProfile.objects.get(pk="mls-c01-full-mock")
    bank = list(QuestionVersion.objects.order_by("pk"))
    blueprint = attempts.start(make_user("model@example.org"), profile, now).blueprint
    with transaction.atomic():
        for nth in range(SITTINGS):
            sit(
                user,
                profile,
                blueprint,
                rng.sample(bank, ITEMS),
                now - timedelta(days=3 * (SITTINGS - nth)),
                rng,
            )
    grade_closed(now)
    digest_results(now)
    ExamDate.objects.create(user=user, certification_id="mls-c01", date=(now + timedelta(days=20)).date())
    with closing(connection.cursor()) as cursor:
        cursor.execute("VACUUM ANALYZE")
    return user


def sit(
    user: User,
    profile: ExamProfile,
    blueprint: object,
    versions: list[QuestionVersion],
    begun: datetime,
    rng: Random,
) -> None:
    answers = {}
    for number, version in enumerate(versions, start=1):
        others = [option["id"] for option in version.options if not option["correct"]]
        chosen = version.key if rng.random() < ABILITY else others[: len(version.key)]
        answers[number] = "".join(chosen)
    make_sighted_attempt(
        user, versions, answers=answers, profile=profile, blueprint=blueprint, started_at=begun
    )


@pytest.fixture
def settled(client: Client, veteran: User) -> Iterator[None]:
    """What is loaded by now is left out of the garbage collector's search, as `exam_sim.wsgi` does it."""
    client.force_login(veteran)
    client.get("/progress/")
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def test_the_progress_page_is_there_soon_after_fifty_exams(
    client: Client, veteran: User, settled: None, figures: Figures
) -> None:
    assert Result.objects.filter(attempt__user=veteran, digested_at__isnull=False).count() == SITTINGS
    assert Card.objects.filter(user=veteran).count() > ITEMS
    with CaptureQueriesContext(connection) as captured:
        response = client.get("/progress/")
    queries = sum(not query["sql"].startswith(TRANSACTION) for query in captured)
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        response = client.get("/progress/")
        took.append(1000 * (time.perf_counter() - began))
        assert response.status_code == 200
    p95 = quantiles(took, n=20)[-1]
    figures.note("progress page, 50 attempts of 65 answers: queries", queries, "", QUERIES)
    figures.note("progress page, 50 attempts of 65 answers: p95", p95, "ms", MS)
    assert len(response.context["page"].scores) == SITTINGS
    assert queries <= QUERIES
    assert p95 <= MS * slowness()
