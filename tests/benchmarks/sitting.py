"""One candidate over HTTP: what a browser sends in a whole sitting, on one connection that is kept open."""

import gzip
import http.client
import json
import re
import secrets
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

import brotli

CHANGED, FLAGGED = 20, 15
PASSWORD = "a horse that is correct"
PROFILE = "/exams/mls-c01-full-mock/"


class UnexpectedAnswerError(AssertionError):
    """The site said something else than the walk needs."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    sent: bytes

    @property
    def text(self) -> str:
        encoding = self.headers["Content-Encoding"] or ""
        return {"gzip": gzip.decompress, "br": brotli.decompress, "": bytes}[encoding](self.sent).decode()


class Candidate:
    """A browser of one person: cookies, compression, one connection."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.cookies: dict[str, str] = {}
        self.email = f"{secrets.token_hex(8)}@example.org"

    def close(self) -> None:
        self.connection.close()

    def request(self, method: str, path: str, status: int, body: str = "", **headers: str) -> Answer:
        headers |= {
            "Accept-Encoding": "gzip, deflate, br",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        self.connection.request(method, path, body or None, headers)
        response = self.connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        for header in response.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(header).items():
                self.cookies[name] = morsel.value
        if answer.status != status:
            raise UnexpectedAnswerError(f"{method} {path}: {answer.status}\n{answer.text[:500]}")
        return answer

    def get(self, path: str) -> Answer:
        return self.request("GET", path, 200)

    def submit(self, path: str, **fields: str) -> str:
        """Post a form; where its answer leads to."""
        body = urlencode({"csrfmiddlewaretoken": self.cookies["csrftoken"], **fields})
        answer = self.request(
            "POST", path, 302, body, **{"Content-Type": "application/x-www-form-urlencoded"}
        )
        return answer.headers["Location"]

    def send(self, path: str, events: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Post answer events as the exam page's script does."""
        headers = {"Content-Type": "application/json", "X-CSRFToken": self.cookies["csrftoken"]}
        answer = self.request(
            "POST", path, 200, json.dumps({"events": events}), Accept="application/json", **headers
        )
        data: dict[str, Any] = json.loads(answer.text)
        if set(data["results"].values()) - {"stored"}:
            raise UnexpectedAnswerError(f"not stored: {data['results']}")
        return data

    def sign_up(self) -> None:
        """Make an account and leave again."""
        self.get("/accounts/sign-up/")
        self.submit("/accounts/sign-up/", email=self.email, password=PASSWORD)
        self.submit("/accounts/logout/")

    def log_in(self) -> None:
        self.get("/accounts/login/")
        self.submit("/accounts/login/", username=self.email, password=PASSWORD)


class Sitting:
    """An exam of `candidate`, from the press on Start on."""

    def __init__(self, candidate: Candidate) -> None:
        self.candidate = candidate
        self.path = candidate.submit(f"{PROFILE}start")
        self.page = candidate.get(self.path)
        found = re.search(r'<script id="exam-state" type="application/json">(.*?)</script>', self.page.text)
        if found is None:
            raise UnexpectedAnswerError("The exam page brings no state for its script.")
        self.state: dict[str, Any] = json.loads(found[1])
        self.began = time.monotonic() - self.state["clock"]["elapsed"] / 1000
        self.intent = 0

    def event(self, item: int, kind: str, value: object) -> dict[str, Any]:
        self.intent = max(self.intent + 1, int(1000 * (time.monotonic() - self.began)))
        return {"id": str(uuid.uuid4()), "item": item, "kind": kind, "value": value, "intent_ms": self.intent}

    def save(self, *events: dict[str, Any]) -> None:
        self.candidate.send(self.state["urls"]["events"], events)

    def choice(self, item: int, shift: int = 0) -> list[int]:
        """As many options as the item asks for, others at another `shift`."""
        options, choose = self.state["shape"][item - 1]
        return sorted((shift + position) % options for position in range(choose))

    def answer(self, item: int, shift: int = 0) -> None:
        """Choose, and report the time on the item before, which rides along."""
        self.save(self.event(item, "visit", 1), self.event(item, "answer", self.choice(item, shift)))

    def answer_all(self) -> None:
        items = range(1, len(self.state["shape"]) + 1)
        for item in items:
            self.answer(item)
        for item in items[:CHANGED]:
            self.answer(item, shift=1)
        for item in items[:FLAGGED]:
            self.save(self.event(item, "flag", True))

    def end(self) -> None:
        """Hand in, then read result and review."""
        self.candidate.send(self.state["urls"]["end"], [self.event(1, "visit", 1)])
        result = f"/results/{self.state['attempt']}/"
        self.candidate.get(result)
        self.candidate.get(f"{result}review")
