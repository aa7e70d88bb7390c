"""Every address of the site, found in the URLconf: a view that is added tomorrow is fuzzed unnamed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Model, SlugField, UUIDField
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern
from django.utils.regex_helper import normalize

_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")
_OF_ADMIN = re.compile(r"/admin/(\w+)/(\w+)/")
NUMBERS = ("1", "2", "0", "5", "12", "999999", str(2**31), str(2**63), "9" * 40)
WORDS = (
    "MQ",
    "set-password",
    "questions",
    "questionversion",
    "x",
    "0" * 64,
    "14",
    "a.b",
    "_5F",
    "gift",
    "qti2",
)
MOST = 6


@dataclass(frozen=True)
class Route:
    """`template` is the address with its arguments as `%(name)s`; `key` what a resolved request calls it."""

    key: str
    name: str
    template: str
    arguments: tuple[str, ...]

    @property
    def of_admin(self) -> bool:
        return self.template.startswith("/admin/")

    @property
    def owner(self) -> str:
        """A role that has something there."""
        if self.of_admin:
            return "administrator"
        return "instructor" if self.template.startswith("/bank/") else "candidate"

    def __str__(self) -> str:
        return self.name or self.key


def routes() -> list[Route]:
    return sorted(_below(get_resolver(), "", "", ""), key=lambda route: (route.name, route.key))


def _below(resolver: URLResolver, key: str, template: str, namespace: str) -> Iterator[Route]:
    for pattern in resolver.url_patterns:
        here = f"{key}{_text(pattern)}"
        path = f"{template}{_formatted(pattern)}"
        if isinstance(pattern, URLResolver):
            yield from _below(pattern, here, path, f"{namespace}{pattern.namespace or ''}:".lstrip(":"))
        elif isinstance(pattern, URLPattern):
            name = f"{namespace}{pattern.name}" if pattern.name else ""
            yield Route(here, name, f"/{path}", tuple(re.findall(r"%\((\w+)\)s", path)))


def _text(pattern: Any) -> str:
    return re.sub(r"^\^", "", str(pattern.pattern))


def _formatted(pattern: Any) -> str:
    if isinstance(pattern.pattern, RoutePattern):
        return _ARGUMENT.sub(r"%(\1)s", str(pattern.pattern))
    return str(normalize(pattern.pattern.regex.pattern)[0][0])


class Pools:
    """What may stand in the place of an argument: the keys of what is in the database, and what is in no
    database."""

    def __init__(self) -> None:
        self.keys: Mapping[str, list[str]] = {
            model._meta.model_name or "": [
                str(pk) for pk in model._default_manager.order_by("pk").values_list("pk", flat=True)[:MOST]
            ]
            for model in apps.get_models()
        }
        self.labels = sorted({model._meta.app_label for model in apps.get_models()})
        self.uuids = self._of(UUIDField)
        self.slugs = self._of(SlugField)
        self.batches = self._batches()

    def _of(self, kind: type) -> list[str]:
        models: list[type[Model]] = [m for m in apps.get_models() if isinstance(m._meta.pk, kind)]
        return [key for model in models for key in self.keys[model._meta.model_name or ""][:2]]

    def _batches(self) -> list[str]:
        found = apps.get_model("questions", "StatusChange")._default_manager.exclude(batch=None)
        return [str(batch) for batch in found.values_list("batch", flat=True)[:2]]

    def likely(self, route: Route, argument: str) -> list[str]:
        """What an address of ours could hold there."""
        of_admin = _OF_ADMIN.match(route.template)
        if argument == "object_id" and of_admin:
            return self.keys.get(of_admin[2], []) or ["1"]
        if argument == "app_label":
            return self.labels
        if argument == "batch":
            return self.batches
        keys = self.keys.get(argument.removesuffix("_id"), [])
        return keys or ([*NUMBERS] if f"<int:{argument}>" in route.key else [*self.slugs, *WORDS])

    def any(self, route: Route, argument: str) -> list[str]:
        """And what it can hold though nothing of ours would."""
        if f"<uuid:{argument}>" in route.key:
            return [
                *self.uuids,
                "00000000-0000-0000-0000-000000000000",
                "ffffffff-ffff-ffff-ffff-ffffffffffff",
            ]
        if f"<int:{argument}>" in route.key:
            return [*NUMBERS, "00000000000000000001"]
        if f"<slug:{argument}>" in route.key:
            return [*self.slugs, "x" * 3000, "-", "_", "0" * 64]
        return [
            "%00",
            "%ff%fe",
            "x" * 3000,
            "%ED%A0%80",
            "..%2f..",
            "_00",
            "_ZZ",
            "_",
            "%F0%9F%92%A9",
            "-1",
            "NaN",
        ]
