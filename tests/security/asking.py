"""Asking every address of the site: the URLconf's patterns, an address for each row of the table, and what
came back. Nothing that a request does outlives it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django.contrib.auth.tokens import default_token_generator
from django.contrib.contenttypes.models import ContentType
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, transaction
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.http import urlsafe_base64_encode

from exam_sim.accounts.models import AuditEntry, RoleChange, User
from questions.models import Collection, TaskStatement
from tests.security.world import MARKERS, World

PEOPLE = ("anonymous", "guest", "candidate", "other", "instructor", "colleague", "administrator")
NOT_TOLD = tuple(person for person in PEOPLE if person not in ("instructor", "administrator"))
"""The collection is the instructor's, and administrators see every one: these two may know its keys."""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
LOG_IN = ("/accounts/login/?next=", "/admin/login/?next=")


def patterns(resolver: URLResolver | None = None, prefix: str = "", space: str = "") -> Iterator[str]:
    """Every pattern of the site: by the name of its view, or by its route where it has none."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from patterns(
                pattern, route, f"{space}{pattern.namespace}:" if pattern.namespace else space
            )
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}" if pattern.name else route


@dataclass(frozen=True)
class Answer:
    """`wrote` is how many rows of the database the request inserted, changed or deleted, if only for a
    moment."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: Mapping[str, Mapping[str, Any]]
    wrote: int

    @cached_property
    def cell(self) -> str:
        """As the table says it: `login`, `ok`, `go` (a redirect) or the status, and + where it wrote."""
        name = {200: "ok", 301: "go", 302: "go"}.get(self.status, str(self.status))
        if name == "go" and self.headers["Location"].startswith(LOG_IN):
            name = "login"
        return f"{name}{'+' if self.wrote else ''}"

    @cached_property
    def everything(self) -> bytes:
        lines = "".join(f"{name}: {value}\n" for name, value in self.headers.items())
        return f"{lines}{self.cookies}\n".encode() + self.body


def told(answer: Answer) -> list[str]:
    """What of the key material an answer lets out."""
    return [what for what, marker in MARKERS.items() if marker.encode() in answer.everything]


class Browsers:
    """A browser for each of `PEOPLE`, logged in. Requests go to the handler by themselves: the test client
    would copy the context of each template, which takes longer than all the rest."""

    def __init__(self, world: World, *, csrf: bool = False, headers: Mapping[str, str] | None = None) -> None:
        self.sessions: dict[str, str] = {}
        for name, user in world.people.items():
            client = Client()
            client.force_login(user)
            self.sessions[name] = client.cookies["sessionid"].value
        self.factory = RequestFactory(headers=headers)
        self.csrf = csrf
        self.handler = WSGIHandler()

    def ask(
        self,
        person: str,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request, undone when it was answered. `body` is a form's fields, or JSON as text."""
        self.factory.cookies.clear()
        if person in self.sessions:
            self.factory.cookies["sessionid"] = self.sessions[person]
        if method == "POST" and not isinstance(body, str):
            request = self.factory.post(path, body or {}, headers=headers)
        elif method in ("GET", "HEAD"):
            request = self.factory.generic(method, path, headers=headers)
        else:
            sent = body if isinstance(body, str) else "{}"
            request = self.factory.generic(method, path, sent, "application/json", headers=headers)
        request._dont_enforce_csrf_checks = not self.csrf
        with transaction.atomic():
            before = rows_written()
            response = self.handler.get_response(request)
            content: bytes = b"".join(response.streaming_content) if response.streaming else response.content
            wrote = rows_written() - before
            transaction.set_rollback(True)
        cookies = {name: {"value": morsel.value, **morsel} for name, morsel in response.cookies.items()}
        return Answer(response.status_code, response.headers, content, cookies, wrote)


def rows_written() -> int:
    """How many rows this connection ever inserted, changed or deleted: SQLite counts them."""
    total: int = connection.connection.total_changes
    return total


def address(world: World, name: str, of: str) -> str:
    """The address of a row of the table: of the view `name`, or of a route; `of` says of which object."""
    if "/" not in name:
        arguments = resolve_names(name)
        return reverse(
            name, kwargs={argument: _argument(world, name, of, argument) for argument in arguments}
        )
    route = (
        name.replace("^", "")
        .replace("$", "")
        .replace("(?P<url>.*)", "no-such-page")
        .replace("(?P<app_label>accounts|questions|exams|results)", "questions")
    )
    return "/" + re.sub(r"<path:(\w+)>", lambda found: str(_argument(world, name, of, found[1])), route)


@cache
def resolve_names(name: str) -> tuple[str, ...]:
    """The arguments of a view's address."""
    *spaces, last = name.split(":")
    resolver = get_resolver()
    for space in spaces:
        _, resolver = resolver.namespace_dict[space]
    (_, arguments), *_ = resolver.reverse_dict.getlist(last)[0][0]
    return tuple(arguments)


def _argument(world: World, name: str, of: str, argument: str) -> Any:
    if argument in ("object_id", "id") and name != "admin:view_on_site":
        return _administered(world, name, of)
    known: dict[str, Any] = {
        "attempt_id": lambda: getattr(world, of).pk,
        "question_id": lambda: world.versions[{"own": "m-1", "shipped": "s-1"}[of]].question_id,
        "import_id": lambda: {"own": world.done, "shipped": world.shipped}[of].pk,
        "preview_id": lambda: world.preview.pk,
        "report_id": lambda: getattr(world, of).pk,
        "sha256": lambda: world.figure.sha256 if name == "bank:preview_figure" else world.asset.pk,
        "slug": lambda: "csv" if name == "bank:template" else "mls-c01-full-mock",
        "certification": lambda: "mls-c01",
        "batch": lambda: world.batch,
        "number": lambda: 1,
        "position": lambda: 1,
        "uidb64": lambda: urlsafe_base64_encode(str(world.people["candidate"].pk).encode()),
        "token": lambda: default_token_generator.make_token(_candidate(world)),
        "app_label": lambda: of,
        "object_id": lambda: "own",
        "content_type_id": lambda: ContentType.objects.get_for_model(Collection).pk,
    }
    return known[argument]()


def _candidate(world: World) -> User:
    """As the account is now: a log-in since makes an older token worthless."""
    return User.objects.get(pk=world.people["candidate"].pk)


def _administered(world: World, name: str, of: str) -> Any:
    """The key of a row in the administration: `of` another one than the usual, where it says so."""
    model = re.split(r"[/_:]", name)[2]
    if model == "user":
        return world.people[of or "candidate"].pk
    if model == "attempt":
        return getattr(world, of or "open").pk
    known = {
        "rolechange": lambda: RoleChange.objects.earliest("changed_at").pk,
        "auditentry": lambda: AuditEntry.objects.earliest("at").pk,
        "certification": lambda: "mls-c01",
        "taskstatement": lambda: TaskStatement.objects.earliest("pk").pk,
        "collection": lambda: "own",
        "question": lambda: world.versions["m-1"].question_id,
        "questionversion": lambda: world.versions["m-1"].pk,
        "import": lambda: world.done.pk,
        "examprofile": lambda: "mls-c01-full-mock",
        "extension": lambda: world.extension.pk,
        "result": lambda: world.result.pk,
        "report": lambda: world.report.pk,
    }
    return known[model]()
