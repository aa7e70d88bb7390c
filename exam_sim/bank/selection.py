"""Which questions somebody means: by the filters of the list, or ticked one by one."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.http import urlencode

from exam_sim.accounts.models import User
from questions import access, listing
from questions.models import Domain, Kind, Listing, Question, Status, TaskStatement
from questions.words import terms

MAX_TEXT = 200
LEVELS = {"1": "1 Recall", "2": "2 Application", "3": "3 Analysis"}
SORTS = {"": "Id", "changed": "Newest change"}
_ORDERS = {"": ("order", "question_id"), "changed": ("-changed_at", "question_id")}


@dataclass(frozen=True, slots=True)
class Query:
    """What the list is asked for; a field that is empty does not filter. `domain` and `task_statement` are
    the certification's slug and the code, as in `mls-c01/1.2`; `warning` is a rule of lint or `any`. A value
    that nothing can have finds nothing."""

    q: str = ""
    collection: str = ""
    domain: str = ""
    task_statement: str = ""
    kind: str = ""
    status: str = ""
    level: str = ""
    service: str = ""
    warning: str = ""
    sort: str = ""

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> "Query":
        texts = {field.name: str(data.get(field.name, "")) for field in fields(cls)}
        given = {name: text.replace("\0", "")[:MAX_TEXT].strip() for name, text in texts.items()}
        return cls(**{**given, "sort": given["sort"] if given["sort"] in SORTS else ""})

    @property
    def parameters(self) -> dict[str, str]:
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name))}

    @property
    def filters(self) -> bool:
        """Whether it asks for less than everything."""
        return bool(self.parameters.keys() - {"sort"})

    @property
    def looks_up_words(self) -> bool:
        return bool(self._terms)

    def url(self, **more: str | int) -> str:
        """The query part of the list's address."""
        return "?" + urlencode({**self.parameters, **more})

    @property
    def order(self) -> tuple[str, ...]:
        return _ORDERS[self.sort]

    def found_in(self, rows: QuerySet[Listing]) -> QuerySet[Listing]:
        rows = rows.filter(**self._columns())
        return rows.filter(words__hold=self._terms) if self._terms else rows

    @property
    def _terms(self) -> Any:
        marks = [listing.service_mark(self.service)] if self.service else []
        marks += [listing.warning_mark(self.warning)] if self.warning else []
        return terms(self.q, marks)

    def _columns(self) -> dict[str, Any]:
        columns: dict[str, Any] = {}
        if self.collection:
            columns["collection"] = self.collection
        if self.domain:
            certification, _, code = self.domain.partition("/")
            domains = Domain.objects.filter(certification=certification, code=code)
            columns["domain__in"] = domains.values("pk")
        if self.task_statement:
            certification, _, code = self.task_statement.partition("/")
            found = TaskStatement.objects.filter(domain__certification=certification, code=code)
            columns["task_statement__in"] = found.values("pk")
        if self.kind:
            columns["kind"] = self.kind if self.kind in Kind.values else ""
        if self.status:
            columns["status"] = self.status if self.status in Status.values else ""
        if self.level:
            columns["level"] = int(self.level) if self.level in LEVELS else 0
        return columns


def selected(user: User, data: QueryDict) -> QuerySet[Question]:
    """The questions that a form of the list means, out of those that `user` may look at: the fields
    `question` (ids, repeated), or `all=1` with the list's own filters. In the order of their collections and
    ids."""
    questions = Question.objects.filter(collection__in=access.visible(user))
    if data.get("all") == "1":
        return questions.filter(pk__in=Query.read(data).found_in(Listing.objects.all()).values("pk"))
    return questions.filter(pk__in=_ids(data.getlist("question")))


def _ids(texts: list[str]) -> list[UUID]:
    ids = []
    for text in texts:
        try:
            ids.append(uuid.UUID(text))
        except ValueError:
            continue
    return ids
