"""The site under attack: the scene, all that its pages offer, and one way to send a request and judge the
answer."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.db import connection, transaction
from django.utils import timezone

from exam_sim.exams import flood, known
from exam_sim.operations.probes import PATHS
from results.integrity import problems
from tests.security.fuzzing.pages import Offers, asking, route_of
from tests.security.fuzzing.routes import Pools, Route, routes
from tests.security.fuzzing.scene import Scene, make_scene

MARK = "<svg onload=mark>"
"""Stands in hostile values: in no page may it come back as it is."""
LONGEST = 3.0


@dataclass(frozen=True)
class Sent:
    """A request as it goes over the wire. `path` is quoted; `headers` are in WSGI's spelling."""

    role: str
    method: str
    path: str
    query: str = ""
    body: bytes = b""
    content_type: str = ""
    headers: dict[str, str] = field(default_factory=dict)


class Site:
    def __init__(self) -> None:
        self.scene: Scene = make_scene()
        self.pools = Pools()
        self.routes = {route.key: route for route in routes()}
        self.offers = Offers()
        self._look_around()

    def _look_around(self) -> None:
        """Open every page as somebody whose it is, post nothing to it, and remember what was asked for. The
        administration is read once: its fields stand in its forms."""
        for role in ("administrator", "instructor", "candidate", "anonymous"):
            mine = [route for route in self.routes.values() if route.of_admin == (role == "administrator")]
            waiting = [(route.key, self.likely(route)) for route in mine]
            for key, link in waiting:
                new = self._open(role, self.routes[key], link)
                waiting += [(route_of(one), one) for one in new if not one.startswith("/admin/")]

    def likely(self, route: Route) -> str:
        return route.template % {name: self.pools.likely(route, name)[0] for name in route.arguments}

    def _open(self, role: str, route: Route, link: str) -> list[str]:
        """Returns the addresses in the page that nobody knew before."""
        client = self.scene.client(role)
        with undone(), asking(self.offers.asked.setdefault(route.key, set())):
            response = client.get(link)
            if not route.of_admin:
                client.post(link)
        if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
            return self.offers.learn(link, response.content.decode())
        return []

    def send(self, sent: Sent) -> Any:
        client = self.scene.client(sent.role)
        headers: dict[str, Any] = {**sent.headers}
        if "HTTP_COOKIE" in headers:
            client.cookies.clear()
        return client.generic(
            sent.method,
            sent.path,
            sent.body,
            content_type=sent.content_type or "application/octet-stream",
            QUERY_STRING=sent.query,
            **headers,
        )

    def judge(self, *requests: Sent) -> None:
        """Send them one after another and hold what must hold of every answer and of what it left behind.
        Then all is as before."""
        flood._POSTS.held.clear()
        with undone(), writes("exams|results|questions") as written:
            for sent in requests:
                began = time.thread_time()
                response = self.send(sent)
                content = b"" if sent.method == "HEAD" else b"".join(response)
                took = time.thread_time() - began
                assert took < LONGEST, f"{took} s of CPU"
                check_answer(sent, response, content)
            if written:
                found = [str(problem) for problem in problems(timezone.now())]
                assert found == [], found


def check_answer(sent: Sent, response: Any, content: bytes) -> None:
    assert response.status_code < 500 or sent.path in PATHS, response.status_code
    target = response.headers.get("Location", "") + response.headers.get("HX-Redirect", "")
    assert not urlsplit(target).netloc, target
    assert not target.startswith(("//", "/\\", "\\")), target
    if response.headers.get("Content-Type", "").startswith("text/html"):
        assert MARK.encode() not in content


@contextmanager
def undone() -> Iterator[None]:
    """What is done inside is not done afterwards; nor is it remembered by this process."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    known._known.clear()


@contextmanager
def writes(tables: str) -> Iterator[list[str]]:
    """The statements that write into tables whose names begin with one of `tables`, as they are sent."""
    pattern = re.compile(rf'.*\b(INSERT INTO|UPDATE|DELETE FROM) "?({tables})', re.DOTALL)
    written: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if pattern.match(sql):
            written.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield written
