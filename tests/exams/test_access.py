"""Who may see what: every URL outside the public list, and no byte that tells a key."""

import re
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from exam_sim.accounts.models import User
from exam_sim.exams.models import Attempt, AttemptItem
from exam_sim.http import JSON_VIEWS, PUBLIC_VIEWS
from questions.models import QuestionVersion
from tests.exams.sitting import event, make_open, post_events
from tests.factories import make_user

pytestmark = pytest.mark.django_db

ARGUMENTS = {
    "position": 1,
    "uidb64": "MQ",
    "token": "set-password",
    "slug": "mls-c01-full-mock",
    "sha256": "0" * 64,
    "number": "1",
    "object_id": "1",
    "app_label": "questions",
    "content_type_id": "1",
    "url": "x",
}


def named_urls(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[tuple[str, list[str]]]:
    """(view name, names of its arguments) of every URL of the site."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from named_urls(pattern, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{namespace}{pattern.name}", list(pattern.pattern.regex.groupindex)


def path_of(name: str, arguments: list[str], attempt: Attempt) -> str:
    return reverse(name, kwargs={a: ARGUMENTS.get(a, attempt.pk) for a in arguments})


@pytest.fixture
def attempt() -> Attempt:
    return make_open(make_user())


def test_everything_outside_the_public_list_sends_a_stranger_to_log_in(
    client: Client, attempt: Attempt
) -> None:
    checked = []
    for name, arguments in named_urls():
        if name in PUBLIC_VIEWS:
            continue
        path = path_of(name, arguments, attempt)
        for response in (client.get(path), client.post(path)):
            assert (name, response.status_code) == (name, 401 if name in JSON_VIEWS else 302)
            if name in JSON_VIEWS:
                assert list(response.json()) == ["error"]
                continue
            assert response.url.startswith(("/accounts/login/?next=", "/admin/login/?next="))
        checked.append(name)
    assert {"exams:attempt", "exams:events", "exams:end", "results:result", "results:review"} <= set(checked)
    assert len(checked) > 30


def test_the_public_list_names_views_that_exist() -> None:
    assert set(PUBLIC_VIEWS) <= {name for name, _ in named_urls()}


@pytest.mark.parametrize("state", ["open", "closed"])
@pytest.mark.parametrize("who", ["candidate", "guest", "instructor", "administrator"])
def test_anothers_attempt_is_not_there_for_anybody(
    client: Client, attempt: Attempt, who: str, state: str
) -> None:
    if state == "closed":
        owner = Client()
        owner.force_login(attempt.user)
        owner.post(f"/attempts/{attempt.pk}/end")
    other = User.objects.create_guest() if who == "guest" else make_user("other@example.org")
    if who in ("instructor", "administrator"):
        call_command("grant_role", "other@example.org", who, verbosity=0)
        other.refresh_from_db()
    client.force_login(other)
    outcomes = {}
    for name, arguments in named_urls():
        if "attempt_id" in arguments:
            path = path_of(name, arguments, attempt)
            post = client.post(path, b"{}", content_type="application/json")
            outcomes[name] = {client.get(path).status_code, post.status_code} - {405}
    assert set(map(frozenset, outcomes.values())) == {frozenset({404})}
    assert len(outcomes) == 18
    attempt.refresh_from_db()
    assert attempt.events.count() == 0


# Keys


def sat(client: Client, attempt: Attempt) -> list[bytes]:
    """Everything that leaves while the attempt is open, with what differs between any two requests made
    equal."""
    base = f"/attempts/{attempt.pk}/"
    events = [event(1, "answer", [1], 1000, ID), event(4, "answer", [0, 2], 1001, ID[:-1] + "2")]
    responses = [
        client.get("/"),
        client.get(f"/exams/{attempt.profile_id}/"),
        *(client.get(f"{base}?q={number}") for number in (1, 4)),
        post_events(client, attempt, *events),
        post_events(client, attempt, event(1, "answer", [9], 1002, ID), event(4, "answer", [0, 1, 2], 1, ID)),
        client.get(f"{base}clock?since=-1"),
        client.get(f"{base}review"),
        client.get(f"{base}end"),
        client.post(f"{base}?q=2", {"action": "next", "answer": "3"}),
        client.get(f"{base}exhibits/{'0' * 64}"),
    ]
    return [steady(response.content) for response in responses]


ID = "00000000-0000-0000-0000-000000000001"


def steady(content: bytes) -> bytes:
    content = re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", content)
    content = re.sub(rb'"elapsed": \d+|name="shown" value="\d+"|\d:\d\d:\d\d', b"", content)
    return re.sub(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", b"", content)


def test_no_byte_of_an_open_exam_depends_on_keys_rationales_or_what_is_scored(client: Client) -> None:
    """The same attempt is sat twice; in between every key moves, texts that explain change, scored flags
    turn."""
    attempt = make_open(make_user(), started_at=timezone.now())
    client.force_login(attempt.user)
    before = sat(client, attempt)
    for version in QuestionVersion.objects.all():
        keys = [option["correct"] for option in version.options]
        for option, correct in zip(version.options, keys[-1:] + keys[:-1], strict=True):
            option.update(
                correct=correct, rationale=option["rationale"] + " changed", distractor_tag="changed"
            )
        version.explanation = "changed"
        version.key_html = {
            "explanation": "changed",
            "rationales": {o["id"]: "changed" for o in version.options},
        }
        version.references = [{"title": "changed", "url": "https://example.org/changed"}]
        version.testing_point = "changed"
        version.save()
    AttemptItem.objects.filter(number__in=[1, 2]).update(scored=False)
    attempt.events.all().delete()
    attempt.registers.all().delete()
    assert sat(client, attempt) == before


def test_result_and_review_of_an_open_attempt_show_nothing(client: Client) -> None:
    attempt = make_open(make_user(), started_at=timezone.now())
    client.force_login(attempt.user)
    for path in ("", "review"):
        response = client.get(f"/results/{attempt.pk}/{path}")
        assert (response.status_code, response.url, response.content) == (
            302,
            f"/attempts/{attempt.pk}/",
            b"",
        )
