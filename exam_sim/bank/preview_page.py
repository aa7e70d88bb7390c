"""What the preview shows of an upload: every question as a candidate will see it, sorted by what would become
of it, with everything that is wrong beside it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count
from django.utils.text import capfirst

from exam_sim.accounts.models import User
from exam_sim.bank import coverage, use
from exam_sim.bank.question_page import Shown, mark, named
from questions import differences, drafts, previewing
from questions.formats import Draft, Problem, Severity, table
from questions.formats.registry import FORMATS
from questions.formats.stored import draft_of, problem_of
from questions.models import Decision, Likeness, Outcome, Preview, PreviewEntry, Status, TaskStatement

PER_PAGE = 20
MENDABLE = re.compile(r"options\[(\d+)\]\.(text|rationale)|stem|explanation|testing_point|id|level")
TONES = {
    Outcome.NEW: "good",
    Outcome.CHANGED: "",
    Outcome.UNCHANGED: "neutral",
    Outcome.PROBLEM: "bad",
    Outcome.SKIPPED: "neutral",
}
LIKENESS = {
    Likeness.EDIT: "Probably an edit of {question}: {similarity} % of the words are the same.",
    Likeness.OTHER: "The bank's {question} is another question: {similarity} % of the words are the same.",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A problem as its entry shows it. `index` names it when one of its readings is taken."""

    index: int
    severity: str
    where: str
    field: str
    text: str
    advice: str
    readings: Sequence[str]


@dataclass(frozen=True, slots=True)
class MendableOption:
    position: int
    id: str
    mark: str
    text: str
    correct: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A text of the draft that a problem is about and the form for mending does not show anyway."""

    path: str
    label: str
    value: str


class Card:
    """One entry of the preview. `next` is the address of the next one that waits for the uploader."""

    def __init__(self, entry: PreviewEntry, before: Draft | None) -> None:
        self.next = ""
        self.entry = entry
        self.before = before
        self.draft = draft_of(entry.draft) if entry.draft else None
        self.found = [problem_of(data) for data in entry.problems]

    @property
    def number(self) -> int:
        return self.entry.position + 1

    @property
    def where(self) -> str:
        """The line, row or item at which it stands in the file."""
        if self.draft:
            place = self.draft.place
            return where(place.line(""), place.row, place.item)
        return where(self.found[0].line, self.found[0].row, self.found[0].item) if self.found else ""

    @property
    def problems(self) -> list[Told]:
        """Without the want of a task statement: that is asked for in its own way."""
        return [
            told(problem, index, self.draft)
            for index, problem in enumerate(self.found)
            if problem.readings
            or not (self.needs_task_statement and below(problem.field) == "task_statement")
        ]

    @property
    def findings(self) -> list[Mapping[str, str]]:
        """What lint finds, without the fields that have an error anyway."""
        wrong = {below(problem.field) for problem in self.found if problem.severity == Severity.ERROR}
        return [finding for finding in self.entry.findings if finding["field"] not in wrong]

    @property
    def errors(self) -> int:
        return sum(problem.severity == Severity.ERROR for problem in self.found)

    @cached_property
    def shown(self) -> Shown | None:
        """As a candidate will see it, where the draft could be rendered."""
        rendered = self.entry.rendered
        if self.draft is None or not rendered:
            return None
        return Shown(self.draft, rendered["html"], rendered["key_html"])

    @property
    def options(self) -> list[MendableOption]:
        options = self.draft.options if self.draft else ()
        return [
            MendableOption(position, option.id, mark(option.id, position + 1), option.text, option.correct)
            for position, option in enumerate(options)
        ]

    @property
    def tone(self) -> str:
        return TONES[Outcome(self.entry.outcome)]

    @property
    def changes(self) -> Sequence[differences.Change]:
        if self.before is None or self.draft is None:
            return ()
        return differences.between(self.before, self.draft)

    @property
    def likeness(self) -> str:
        sentence = LIKENESS.get(Likeness(self.entry.likeness))
        if sentence is None or self.entry.question is None:
            return ""
        return sentence.format(question=self.entry.question.external_id, similarity=self.entry.similarity)

    @property
    def asks_to_decide(self) -> bool:
        return bool(self.likeness) and self.entry.outcome != Outcome.SKIPPED

    @property
    def decided(self) -> str:
        return Decision(self.entry.decision).label if self.entry.decision else ""

    @property
    def needs_task_statement(self) -> bool:
        return self.draft is not None and not self.draft.task_statement

    def is_open(self, *, leave_out: bool) -> bool:
        """Whether it keeps the upload from being applied, where `leave_out` says what becomes of errors."""
        if self.entry.outcome == Outcome.SKIPPED:
            return False
        if self.entry.outcome == Outcome.PROBLEM:
            return not leave_out
        return self.needs_task_statement or (self.asks_to_decide and not self.decided)

    @property
    def lines(self) -> list[Line]:
        """What else the problems are about, to be mended in place."""
        if self.draft is None:
            return []
        shown = {"stem", "explanation", *(f"options[{n}].text" for n in range(len(self.draft.options)))}
        paths = dict.fromkeys(below(problem.field) for problem in self.found)
        wanted = [path for path in paths if path not in shown and MENDABLE.fullmatch(path)]
        return [
            Line(path, capfirst(named(path, self.draft)), str(value_at(self.draft, path))) for path in wanted
        ]


def told(problem: Problem, index: int = 0, draft: Draft | None = None) -> Told:
    return Told(
        index,
        problem.severity.value,
        where(problem.line, problem.row, problem.item),
        problem.column or named(below(problem.field), draft),
        problem.text,
        problem.advice,
        [reading.label for reading in problem.readings],
    )


def where(line: int, row: int, item: str) -> str:
    named = (f"row {row}" if row else "", f"item {item}" if item else "", f"line {line}" if line else "")
    return ", ".join(filter(None, named))


def below(field: str) -> str:
    """A field's path below its question."""
    return re.sub(r"^questions\[\d+\]\.?", "", field)


def value_at(draft: Draft, path: str) -> Any:
    """What stands in the draft at a path such as `options[1].text`; empty where there is nothing."""
    match = re.fullmatch(r"options\[(\d+)\]\.(\w+)", path)
    if match is None:
        return getattr(draft, path, "")
    position = int(match[1])
    return getattr(draft.options[position], match[2], "") if position < len(draft.options) else ""


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    query: str
    count: int
    current: bool


class PreviewPage:
    """A preview that is ready, under one outcome and page number of the query."""

    def __init__(self, preview: Preview, user: User, query: Mapping[str, str]) -> None:
        self.preview = preview
        self.user = user
        self.show = query.get("show", "") if query.get("show", "") in Outcome.values else ""
        self.number = query.get("page", "1")

    @cached_property
    def counts(self) -> Mapping[str, int]:
        counted = previewing.counts(self.preview)
        return {outcome.value: counted.get(outcome.value, 0) for outcome in Outcome}

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def tabs(self) -> list[Tab]:
        every = [Tab("All", "?", self.total, not self.show)]
        return every + [
            Tab(o.label, f"?{urlencode({'show': o.value})}", self.counts[o.value], self.show == o.value)
            for o in Outcome
        ]

    @cached_property
    def page(self) -> Page:
        entries = self.preview.entries.select_related("question", "base__task_statement", "base__question")
        if self.show:
            entries = entries.filter(outcome=self.show)
        return Paginator(entries, PER_PAGE).get_page(self.number)

    @cached_property
    def cards(self) -> list[Card]:
        entries = list(self.page)
        changed = [e.base for e in entries if e.base and (e.outcome != Outcome.UNCHANGED)]
        before = drafts.of(changed)
        cards = [Card(entry, before.get(entry.base_id) if entry.base_id else None) for entry in entries]
        for card, after in zip(cards, self._next_open(cards), strict=True):
            card.next = after
        return cards

    def _next_open(self, cards: Iterable[Card]) -> list[str]:
        """For each card that is open, the address of the next one; empty for all others."""
        addresses: list[str] = []
        following = ""
        for card in reversed(list(cards)):
            is_open = card.is_open(leave_out=self.preview.leave_out)
            addresses.append(following if is_open else "")
            following = f"#entry-{card.number}" if is_open else following
        return addresses[::-1]

    @property
    def first_open(self) -> str:
        """The address of the first card of this page that is open."""
        found = (card for card in self.cards if card.is_open(leave_out=self.preview.leave_out))
        return next((f"#entry-{card.number}" for card in found), "")

    @property
    def said(self) -> str:
        """The state of the upload in words, for those who do not see what has changed on the page."""
        counts = ", ".join(f"{count} {Outcome(o).label.lower()}" for o, count in self.counts.items() if count)
        ready = f"{self.to_write} can be imported now." if self.to_write else ""
        return " ".join((f"{counts}.", *(self.reasons or [ready])))

    @property
    def query(self) -> str:
        return self._query(self.number)

    @property
    def previous(self) -> str:
        return f"?{self._query(str(self.page.previous_page_number()))}"

    @property
    def next(self) -> str:
        return f"?{self._query(str(self.page.next_page_number()))}"

    def _query(self, number: str) -> str:
        return urlencode({name: value for name, value in (("show", self.show), ("page", number)) if value})

    @cached_property
    def reasons(self) -> Sequence[str]:
        """Why it cannot be applied yet."""
        return previewing.ready(self.preview)

    @property
    def problems(self) -> list[Told]:
        """What is wrong with the file as a whole."""
        return [told(problem_of(data), index) for index, data in enumerate(self.preview.problems)]

    @property
    def format(self) -> str:
        return FORMATS[self.preview.format].title

    @cached_property
    def statements(self) -> list[TaskStatement]:
        certification = self.preview.collection.certification_id
        return list(
            TaskStatement.objects.filter(domain__certification=certification)
            .select_related("domain")
            .order_by("domain__code", "code")
        )

    @cached_property
    def untagged(self) -> int:
        """Everything that could be imported once it has a task statement."""
        return self.preview.entries.filter(draft__isnull=False, task_statement="", skipped="").count()

    @cached_property
    def absent(self) -> Sequence[str]:
        return previewing.absent(self.preview)

    @cached_property
    def effects(self) -> Sequence[coverage.Effect]:
        """What the new questions would do to each exam that draws from the collection."""
        rows = coverage.of_collection(self.preview.collection, self.user)
        return coverage.effects(rows, self._extra, self.preview.status)

    @cached_property
    def _extra(self) -> Mapping[str, int]:
        new = self.preview.entries.filter(outcome=Outcome.NEW).exclude(task_statement="").order_by()
        return dict(new.values_list("task_statement").annotate(Count("pk")))

    @cached_property
    def coverage(self) -> list[tuple[TaskStatement, int, int]]:
        """By task statement: questions of the collection now, and with the new ones."""
        standing = self.preview.collection.questions.exclude(status=Status.RETIRED).order_by()
        now = dict(standing.values_list("task_statement__code").annotate(Count("pk")))
        return [
            (
                statement,
                now.get(statement.code, 0),
                now.get(statement.code, 0) + self._extra.get(statement.code, 0),
            )
            for statement in self.statements
        ]

    @cached_property
    def keys_changed(self) -> int:
        return previewing.keys_changed(self.preview).count()

    @cached_property
    def closed_with_them(self) -> use.Count:
        """Closed attempts that had one of the questions whose keys change."""
        return use.closed_with(previewing.keys_changed(self.preview).values("question"))

    @property
    def rejected(self) -> int:
        return self.counts[Outcome.PROBLEM]

    @cached_property
    def headers(self) -> table.Headers | None:
        """Of a table about which something was said; only then the file is looked at once more."""
        return previewing.headers(self.preview) if self.preview.problems else None

    @property
    def fields(self) -> Mapping[str, str]:
        """What a column may hold."""
        return table.FIELDS

    @property
    def to_write(self) -> int:
        return self.counts[Outcome.NEW] + self.counts[Outcome.CHANGED]
