"""What pages offer: their forms with all fields and choices, and the addresses that they link to. A form that
is filled in as its page meant it and then spoilt in one place reaches further than noise."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.http import QueryDict
from django.urls import Resolver404, resolve
from django.utils.datastructures import MultiValueDict


@dataclass
class Form:
    """`fields`: by name the values that a browser could send, that which it would first; `path` with its
    query."""

    path: str
    method: str = "GET"
    multipart: bool = False
    fields: dict[str, list[str]] = field(default_factory=dict)


class _Reader(HTMLParser):
    """Fields belong to the form that they stand in, or to that which they name. Every button that leads
    elsewhere is a form of its own."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.forms: list[Form] = []
        self.by_id: dict[str, Form] = {}
        self.links: list[str] = []
        self.current: Form | None = None
        self.select: tuple[str, Form] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._begin(given)
        elif tag == "a" and given.get("href", "").startswith(("/", "?")):
            self.links.append(urljoin(self.path, given["href"]))
        elif tag in ("input", "textarea", "select", "button"):
            self._take(tag, given)
        elif tag == "option" and self.select is not None:
            name, form = self.select
            values = form.fields.setdefault(name, [])
            values.insert(0 if "selected" in given else len(values), given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.current = None
        elif tag == "select":
            self.select = None

    def _begin(self, given: dict[str, str]) -> None:
        form = Form(
            urljoin(self.path, given.get("action", "")),
            given.get("method", "get").upper(),
            given.get("enctype", "") == "multipart/form-data",
        )
        self.current = form
        self.forms.append(form)
        if "id" in given:
            self.by_id[given["id"]] = form

    def _take(self, tag: str, given: dict[str, str]) -> None:
        form = self.by_id.get(given["form"]) if "form" in given else self.current
        elsewhere = given.get("formaction") or given.get("hx-post")
        name = given.get("name", "")
        if elsewhere:
            fields = form.fields if form else {}
            own = {name: [given.get("value", "")]} if name else {}
            self.forms.append(Form(urljoin(self.path, elsewhere), "POST", fields={**fields, **own}))
            return
        if form is None or not name:
            return
        if tag == "select":
            self.select = name, form
        values = form.fields.setdefault(name, [])
        if tag != "select":
            values.insert(0 if "checked" in given else len(values), given.get("value", ""))


@dataclass
class Offers:
    """By route: forms that lead there, addresses in pages, names of fields that views ask for."""

    forms: dict[str, list[Form]] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=dict)
    asked: dict[str, set[str]] = field(default_factory=dict)

    def learn(self, path: str, page: str) -> list[str]:
        """Take in a page, and return the addresses that were not known before."""
        reader = _Reader(path)
        reader.feed(page)
        for form in reader.forms:
            key = route_of(form.path)
            known = self.forms.setdefault(key, [])
            if key and len(known) < 12 and form not in known:
                known.append(form)
        new = []
        for link in reader.links:
            key = route_of(link)
            known_links = self.links.setdefault(key, [])
            if key and len(known_links) < 5 and link not in known_links:
                known_links.append(link)
                new.append(link)
        return new

    def names(self, key: str) -> list[str]:
        """Fields that the views of this route ask for, or its pages send."""
        queries = [parse_qsl(urlsplit(link).query) for link in self.links.get(key, [])]
        linked = {name for query in queries for name, _ in query}
        sent = {name for form in self.forms.get(key, []) for name in form.fields}
        return sorted(self.asked.get(key, set()) | linked | sent)


def route_of(path: str) -> str:
    """What a request to `path` is called once it is resolved; empty when it leads nowhere."""
    try:
        return resolve(urlsplit(path).path).route.replace("^", "")
    except Resolver404:
        return ""


@contextmanager
def asking(names: set[str]) -> Iterator[None]:
    """Meanwhile, note by which names fields of requests are asked for."""
    methods = ("__getitem__", "getlist", "__contains__")

    def noting(method: Any) -> Any:
        def noted(self: Any, key: Any, *args: Any, **kwargs: Any) -> Any:
            names.add(str(key))
            return method(self, key, *args, **kwargs)

        return noted

    try:
        for name in methods:
            setattr(QueryDict, name, noting(getattr(MultiValueDict, name)))
        yield
    finally:
        for name in methods:
            delattr(QueryDict, name)
