"""The turn to monthly partitions, by the very statements of docs/scaling.md: nothing that the product rests
on is different afterwards."""

import datetime as dt
import re
import uuid
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from exam_sim.exams import attempts
from exam_sim.exams.models import AnswerEvent, Attempt
from questions import listing
from questions.models import Question
from results.integrity import problems
from tests.benchmarks.load.partitions import lowest_id, months
from tests.exams.sitting import event, post_events, standing
from tests.exams.test_attempts import make_bank
from tests.factories import make_user

DOCUMENT = Path(__file__).parents[2] / "docs" / "scaling.md"

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


def turn(now: dt.datetime) -> dt.datetime:
    """Run all SQL of the document; when the first partition begins."""
    month = list(months(now.date(), (now + dt.timedelta(days=62)).date()))
    begin, end = (dt.datetime.combine(month[place][0], dt.time(), dt.UTC) for place in (1, 2))
    first, second = lowest_id(begin), lowest_id(end)
    text = "".join(re.findall(r"^```sql\n(.*?)^```$", DOCUMENT.read_text(), re.DOTALL | re.MULTILINE))
    text = re.sub(r"--.*|^(BEGIN|COMMIT);$", "", text, flags=re.MULTILINE)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # the test is one transaction, with what it wrote
        for statement in filter(str.strip, text.split(";")):
            cursor.execute(statement.replace(":'first'", f"'{first}'").replace(":'second'", f"'{second}'"))
    return begin


def detach() -> None:
    """Take the oldest partition away, by the statement of the document."""
    (statement,) = re.findall(r"^ALTER TABLE \S+ DETACH PARTITION .*;$", DOCUMENT.read_text(), re.MULTILINE)
    check_now()
    with connection.cursor() as cursor:
        cursor.execute(statement)


def delete_all() -> None:
    Attempt.objects.all().delete()
    check_now()


def check_now() -> None:
    """What a commit would check."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def places() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text, count(*) FROM exams_answerevent GROUP BY 1")
        return dict(cursor.fetchall())


def test_events_are_taken_once_before_and_after_the_turn_and_stand_in_their_month(client: Client) -> None:
    now, user, profile = timezone.now(), make_user(), make_bank()
    listing.refresh(Question.objects.values_list("pk", flat=True))
    client.force_login(user)
    running = attempts.start(user, profile, now)
    sent = event(1, "answer", [1], 1)
    assert results(client, running, sent) == ["stored"]
    begin = turn(now)
    assert results(client, running, sent) == ["duplicate"]
    assert results(client, running, event(1, "answer", [2], 2)) == ["stored"]
    assert (standing(running), places()) == ({(1, "answer"): [2]}, {"exams_answerevent_before": 2})
    assert list(problems(timezone.now())) == []

    later = attempts.start(make_user("later@example.org"), profile, begin)
    assert [insert(later.pk, later.pk) for _ in range(2)] == [1, 0]
    assert places().keys() == {"exams_answerevent_before", "exams_answerevent_2027_01"}
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(uuid.uuid4(), later.pk)
    detach()
    assert places().keys() == {"exams_answerevent_2027_01"}
    with pytest.raises(IntegrityError), transaction.atomic():
        delete_all()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE exams_answerevent_before")
    delete_all()
    assert AnswerEvent.objects.count() == 0


def insert(attempt_id: uuid.UUID, event_id: uuid.UUID) -> int:
    """An event, if it is not in the log; how many were written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO exams_answerevent (attempt_id, event_id, item, kind, value, intent_ms, received_at)"
            " VALUES (%s, %s, 1, 'answer', '[1]', 1, now()) ON CONFLICT (attempt_id, event_id) DO NOTHING",
            [attempt_id, event_id],
        )
        written: int = cursor.rowcount
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return written


def results(client: Client, attempt: Attempt, sent: dict[str, object]) -> list[str]:
    return list(post_events(client, attempt, sent).json()["results"].values())
