"""A question's page: as a candidate sees it, and all that candidates do not see."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from exam_sim.accounts.models import User
from exam_sim.bank import use
from exam_sim.bank.wording import MEANINGS, TONES
from questions import access, differences, drafts, lint
from questions.formats import Draft
from questions.models import KeyCorrection, Question, QuestionVersion, Status, StatusChange

WEB = ("https://", "http://")


@dataclass(frozen=True, slots=True)
class ShownOption:
    id: str
    mark: str
    html: SafeString
    correct: bool
    rationale: SafeString
    tag: str
    fixed: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A draft with its rendered fragments: `html` and `key_html` as a version stores them."""

    draft: Draft
    html: Mapping[str, Any]
    key_html: Mapping[str, Any]

    @property
    def stem(self) -> SafeString:
        return _fragment(self.html["stem"])

    @property
    def explanation(self) -> SafeString:
        return _fragment(self.key_html["explanation"])

    @property
    def exhibits(self) -> Sequence[Mapping[str, str]]:
        found: Sequence[Mapping[str, str]] = self.html["exhibits"]
        return found

    @property
    def choose(self) -> int:
        return sum(option.correct for option in self.draft.options)

    @property
    def options(self) -> list[ShownOption]:
        return [
            ShownOption(
                option.id,
                mark(option.id, number),
                _fragment(self.html["options"].get(option.id, "")),
                option.correct,
                _fragment(self.key_html["rationales"].get(option.id, "")),
                (option.distractor_tag or "").replace("_", " "),
                option.fixed,
            )
            for number, option in enumerate(self.draft.options, start=1)
        ]

    @property
    def references(self) -> list[Any]:
        return [reference for reference in self.draft.references if reference.url.startswith(WEB)]


@dataclass(frozen=True, slots=True)
class Edition:
    """A version beside the one before it. `changes` is None for the first one."""

    version: QuestionVersion
    changes: Sequence[differences.Change] | None
    use: use.Use


class QuestionPage:
    def __init__(self, user: User, question: Question, version: QuestionVersion, today: date) -> None:
        """`version` is the question's current one."""
        self.question = question
        self.version = version
        self.today = today
        self.may_change = access.may_change(user, question.collection)

    @cached_property
    def shown(self) -> Shown:
        return Shown(self._drafts[0], self.version.html, self.version.key_html)

    @cached_property
    def findings(self) -> list[tuple[str, str]]:
        """What lint warns of: which part of the question, and what to do."""
        draft = self.shown.draft
        found = (finding.problem for finding in lint.check(draft, today=self.today))
        return [(capfirst(named(problem.field, draft)), problem.advice) for problem in found]

    @property
    def tone(self) -> str:
        return TONES[Status(self.question.status)]

    @property
    def meaning(self) -> str:
        return MEANINGS[Status(self.question.status)]

    @property
    def moves(self) -> list[tuple[str, str, str]]:
        """The other statuses: value, label, what it means."""
        return [
            (status.value, status.label, meaning)
            for status, meaning in MEANINGS.items()
            if status != self.question.status
        ]

    @cached_property
    def status_changes(self) -> QuerySet[StatusChange]:
        return self.question.status_changes.select_related("by").order_by("-at", "-pk")

    @cached_property
    def corrections(self) -> QuerySet[KeyCorrection]:
        return self.question.key_corrections.select_related("by", "before", "after").order_by("-at", "-pk")

    @cached_property
    def _versions(self) -> list[QuestionVersion]:
        """Newest first, but the current one before all."""
        rows = QuestionVersion.objects.filter(question=self.question).order_by("-number")
        found = rows.select_related("question", "task_statement", "created_by")
        versions = list(found.defer("html", "key_html", "layout"))
        return sorted(versions, key=lambda version: version.pk != self.version.pk)

    @cached_property
    def _drafts(self) -> list[Draft]:
        return [drafts.draft(version) for version in self._versions]

    @cached_property
    def _use(self) -> Mapping[Any, use.Use]:
        return use.by_version(self.question)

    @cached_property
    def used(self) -> use.Use:
        every = self._use.values()
        return use.Use(
            sum(u.open for u in every),
            sum(u.closed for u in every),
            sum(u.discarded for u in every),
            more=any(u.more for u in every),
        )

    @property
    def editions(self) -> list[Edition]:
        by_number = sorted(
            zip(self._versions, self._drafts, strict=True), key=lambda pair: pair[0].number, reverse=True
        )
        return [
            Edition(
                version,
                differences.between(by_number[place + 1][1], draft) if place + 1 < len(by_number) else None,
                self._use.get(version.pk, use.Use()),
            )
            for place, (version, draft) in enumerate(by_number)
        ]


def mark(id_: str, number: int) -> str:
    """What an option is called beside its text: its id, as problems say it, if that is short."""
    return id_.upper() if len(id_) <= 2 else str(number)


def named(path: str, draft: Draft | None) -> str:
    """What people call the field at a path: `options[1].rationale` is the rationale of option B."""
    match = re.fullmatch(r"(options|exhibits)\[(\d+)\](?:\.(\w+))?", path)
    if match is None:
        return path.replace("_", " ")
    number = int(match[2]) + 1
    if match[1] == "exhibits":
        thing = f"figure {number}"
    else:
        known = draft is not None and number <= len(draft.options)
        id_ = draft.options[number - 1].id if draft is not None and known else ""
        thing = f"option {mark(id_, number) if id_ else number}"
    part = (match[3] or "text").replace("_", " ")
    return thing if part in {"text", "file"} else f"{part} of {thing}"


def _fragment(html: str) -> SafeString:
    return mark_safe(html)  # noqa: S308 - sanitised when it was rendered
