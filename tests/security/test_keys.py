"""No page, file or refusal tells the key of a question that is in an open exam; afterwards the review does.

What is looked for: words that stand in nothing but key material (`world.MARKERS`), and any difference at all
between the answers to the same request when another option is the key.
"""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path
from django.utils import timezone

from exam_sim.urls import urlpatterns as site
from questions.models import KeyCorrection, QuestionVersion
from tests.security.asking import NOT_TOLD, PEOPLE, Answer, Browsers, address, told
from tests.security.bodies import body, event
from tests.security.table import rows
from tests.security.world import MARKERS, REVIEWED, World, close, make_world

pytestmark = pytest.mark.django_db

MANNERS: tuple[dict[str, str], ...] = (
    {},
    {"Accept": "application/json"},
    {"HX-Request": "true", "HX-Current-URL": "http://testserver/"},
)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def world() -> World:
    return make_world(timezone.now())


@pytest.fixture
def browsers(world: World) -> Browsers:
    if connection.vendor != "sqlite":
        pytest.skip("SQLite counts the rows that a request writes")
    return Browsers(world)


def asked(
    world: World,
    browsers: Browsers,
    people: tuple[str, ...],
    headers: Any = None,
    methods: tuple[str, ...] = ("GET", "POST"),
) -> Iterator[tuple[str, Answer]]:
    """Every row of the table with its methods, and what these people are answered."""
    for row in rows():
        where, data = address(world, row.view, row.of), body(world, row.view, row.of)
        for method in set(methods) & set(row.methods):
            for person in people:
                if row.view.startswith("admin") and row.cells[PEOPLE.index(person)] == "login":
                    continue
                label = f"{method} {row.view} {row.of} for {person}"
                yield label, browsers.ask(person, method, where, data, headers)


def test_nothing_tells_a_key_before_closing_however_it_is_asked(world: World, browsers: Browsers) -> None:
    """As a page is asked for, everybody asked: `test_access_table` looks for key material in every answer."""
    answers = asked(world, browsers, ("candidate", "colleague"), MANNERS[1] | MANNERS[2])
    assert {label: found for label, answer in answers if (found := told(answer))} == {}


def test_what_is_looked_for_is_there_for_who_may_know_it(world: World, browsers: Browsers) -> None:
    own = address(world, "bank:question", "own")
    found = {person: set(told(browsers.ask(person, "GET", own))) for person in PEOPLE}
    everything = set(MARKERS) - {"reply to a report", "id of the key", "id of a distractor"}
    assert {person: everything <= what for person, what in found.items()} == {
        person: person not in NOT_TOLD for person in PEOPLE
    }


def test_after_closing_the_candidate_is_told_and_nobody_else(world: World, browsers: Browsers) -> None:
    close(world, timezone.now())
    found: dict[str, set[str]] = {}
    for label, answer in asked(world, browsers, ("candidate", "colleague"), methods=("GET",)):
        found.setdefault(label.rpartition(" ")[2], set()).update(told(answer))
    review = browsers.ask("candidate", "GET", address(world, "results:review", "open"))
    assert set(told(review)) == REVIEWED
    assert {person: what for person, what in found.items() if what} == {
        "candidate": REVIEWED | {"id of the key", "id of a distractor"}
    }


SEARCHED = ("Kowaripoint", "Numbatbecause", "Wombatright", "Bilbytitle")


@pytest.mark.parametrize("word", SEARCHED)
def test_a_search_for_study_questions_does_not_find_by_what_explains_a_question_that_is_being_sat(
    world: World, browsers: Browsers, word: str
) -> None:
    """Not even by another sentence than for a word that is nowhere."""
    form = {"certification": "mls-c01", "study": "custom", "length": "2", "pace": "untimed"}
    start = address(world, "results:study_start", "")
    answers = [
        browsers.ask("candidate", "POST", start, form | {"words": searched}) for searched in (word, "nowhere")
    ]
    assert [answer.status for answer in answers] == [422, 422]
    said = [
        steady(replace(answer, body=answer.body.replace(sought, b"")))
        for answer, sought in zip(answers, (word.encode(), b"nowhere"), strict=True)
    ]
    assert said[0] == said[1]
    close(world, timezone.now())
    assert browsers.ask("candidate", "POST", start, form | {"words": word}).status == 302


def test_no_answer_differs_when_another_option_is_the_key(world: World, browsers: Browsers) -> None:
    """Bytes, headers (lengths and tags too) and cookies, over every row of the table."""
    people = ("candidate", "colleague")
    before = {label: steady(answer) for label, answer in asked(world, browsers, people)}
    before |= {f"batch {n}": steady(answer) for n, answer in enumerate(batches(world, browsers))}
    for version in world.marked:
        turn(version)
    KeyCorrection.objects.update(reason="Another reason altogether, and longer.")
    after = {label: steady(answer) for label, answer in asked(world, browsers, people)}
    after |= {f"batch {n}": steady(answer) for n, answer in enumerate(batches(world, browsers))}
    assert {label for label in before if before[label] != after[label]} == set()


def turn(version: QuestionVersion) -> None:
    """Another key, and other texts that explain it."""
    correct = [option["correct"] for option in version.options]
    for option, is_key in zip(version.options, correct[-1:] + correct[:-1], strict=True):
        option.update(correct=is_key, rationale="Another, longer rationale.", distractor_tag="wrong_scope")
    version.explanation, version.testing_point = "Another explanation.", "Another point"
    version.key_html = {
        "explanation": "<p>Another explanation.</p>",
        "rationales": dict.fromkeys(version.key_html["rationales"], "<p>Another, longer rationale.</p>"),
    }
    version.references = []
    version.save()


def batches(world: World, browsers: Browsers) -> Iterator[Answer]:
    """Answers right and wrong, a check of what is being sat, and the poll."""
    for attempt in (world.open, world.session):
        for number in (1, 2):
            for position in (0, 1, 2):
                sent = [event(id=ID, item=number, value=[position], intent_ms=500)]
                sent += [event(id=ID[:-1] + "2", item=number, kind="check", value=True, intent_ms=501)]
                where = f"/attempts/{attempt.pk}/events"
                # The second item of the session is in no exam: a check may explain it.
                if (attempt, number) != (world.session, 2):
                    yield browsers.ask("candidate", "POST", where, json.dumps({"events": sent}))
        yield browsers.ask("candidate", "GET", f"/attempts/{attempt.pk}/clock?since=-1")
        yield browsers.ask("candidate", "GET", f"/attempts/{attempt.pk}/?q=2")


ID = "00000000-0000-0000-0000-000000000001"
CHANGING = re.compile(
    rb'name="csrfmiddlewaretoken" value="[^"]+"|"elapsed": \d+|name="shown" value="\d+"|\d+:\d\d(:\d\d)?'
    rb"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    rb"|[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.+Z]+"
)


UNSTEADY = ("Content-Length", "Expires")


def steady(answer: Answer) -> bytes:
    """Without what differs between any two requests; the length is that of the rest. Of cookies the names:
    what they hold is signed with the time, and is either random or a message that the next page shows."""
    headers = {name: value for name, value in answer.headers.items() if name not in UNSTEADY}
    rest = CHANGING.sub(b"", f"{headers} {sorted(answer.cookies)}\n".encode() + answer.body)
    return b"%d %d " % (answer.status, len(rest)) + rest


# Errors


def broken(request: HttpRequest) -> HttpResponse:
    """A page that fails with key material in its hands."""
    version = QuestionVersion.objects.filter(options__icontains="quokkakey").first()
    raise ValueError(json.dumps(version.options if version else None))


def missing(request: HttpRequest) -> HttpResponse:
    raise Http404(json.dumps(list(MARKERS.values())))


urlpatterns = [path("broken", broken), path("missing", missing), *site]


@pytest.mark.parametrize(("page", "status"), [("/broken", 500), ("/missing", 404)])
@pytest.mark.parametrize("headers", MANNERS, ids=["page", "json", "htmx"])
def test_an_error_page_repeats_nothing(
    world: World, page: str, status: int, headers: Mapping[str, str]
) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(world.people["candidate"])
    with override_settings(ROOT_URLCONF=__name__):
        response = client.get(page, headers=dict(headers))
    answer = Answer(response.status_code, response.headers, response.content, {}, 0)
    assert (answer.status, told(answer)) == (status, [])
