"""Entries of a file held against the rules and against the bank, before anything is written.

One way for uploads, which keep what is judged as a preview, and for the command line, which writes it.
Entries come in batches, so that a file is never held as a whole; what needs the whole file (a question that
names a later one, a question that may be the edit of one that a later entry is equal to) is said at the end.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Protocol
from uuid import UUID

from questions import lint, matching, rules
from questions.classify import Tree, classify
from questions.exhibits import Figure, FigureError, inspect
from questions.fingerprint import fingerprint, source_fields
from questions.fitting import fit, spelled
from questions.formats import Draft, Entry, Problem, Reading, Severity, shorten
from questions.models import Decision, Likeness, Outcome
from questions.rendering import Rendered, render


@dataclass(frozen=True, slots=True)
class Base:
    """A question as the bank has it: its current version. `figures` are hashes by file."""

    question: UUID
    version: UUID
    fingerprint: str
    source: str
    draft: Draft
    figures: Mapping[str, str]


class Bank(Protocol):
    """What the questions of a collection are asked for."""

    def with_ids(self, ids: Iterable[str]) -> Mapping[str, Base]: ...

    def of(self, questions: Iterable[UUID]) -> Mapping[UUID, Base]: ...

    def known(self, ids: Iterable[str]) -> set[str]:
        """Those of the ids that the bank has."""

    def points(self, keys: Iterable[str]) -> Mapping[str, str]:
        """Ids by those of the testing points' keys that the bank has."""

    def same_text(self, key: bytes) -> Sequence[UUID]: ...

    def near(self, words: Sequence[str], taken: set[UUID]) -> tuple[UUID, float] | None: ...


class NoBank:
    """Nothing to compare with."""

    def with_ids(self, ids: Iterable[str]) -> Mapping[str, Base]:
        return {}

    def of(self, questions: Iterable[UUID]) -> Mapping[UUID, Base]:
        return {}

    def known(self, ids: Iterable[str]) -> set[str]:
        return set()

    def points(self, keys: Iterable[str]) -> Mapping[str, str]:
        return {}

    def same_text(self, key: bytes) -> Sequence[UUID]:
        return ()

    def near(self, words: Sequence[str], taken: set[UUID]) -> tuple[UUID, float] | None:
        return None


@dataclass(frozen=True, slots=True)
class Terms:
    """By what entries are judged. `tree` is None where no certification is known; `untagged` is how bad it is
    to have no task statement, `task_statement` what those get that have none; `decided` is what is done
    without asking."""

    tree: Tree | None
    today: date
    untagged: Severity = Severity.WARNING
    task_statement: str = ""
    decided: Mapping[Likeness, Decision] = field(default_factory=dict)

    @property
    def codes(self) -> frozenset[str] | None:
        if self.tree is None:
            return None
        return frozenset(statement.code for branch in self.tree for statement in branch.statements)


@dataclass(frozen=True, slots=True)
class Case:
    """An entry as it is judged, and judged again when it was mended: `reported` are its reader's problems,
    `figures` by file a figure or the sentence that says why it is none."""

    position: int
    draft: Draft | None
    reported: tuple[Problem, ...] = ()
    skipped: str = ""
    raw: str = ""
    figures: Mapping[str, Figure | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    base: Base | None = None
    likeness: Likeness = Likeness.NONE
    similarity: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a case. `draft` has an id, and what its source leaves open as the bank has it. `figures`
    are hashes by file, of the draft's exhibits."""

    case: Case
    outcome: Outcome
    draft: Draft | None = None
    match: Match = Match()
    decision: Decision = Decision.NONE
    problems: tuple[Problem, ...] = ()
    findings: tuple[Mapping[str, str], ...] = ()
    fingerprint: str = ""
    figures: Mapping[str, str] = field(default_factory=dict)
    rendered: Rendered | None = None

    @property
    def base(self) -> Base | None:
        """The version that this one would follow."""
        return None if self.decision == Decision.ADD else self.match.base

    @property
    def key_changed(self) -> bool:
        return self.draft is not None and self.base is not None and self.base.draft.key != self.draft.key

    @property
    def corrects_the_key(self) -> bool:
        """A question that was written anew under its id has no key to correct."""
        return self.key_changed and self.match.likeness != Likeness.OTHER

    @property
    def undecided(self) -> bool:
        return self.match.likeness in ASKED and not self.decision

    @property
    def failed(self) -> bool:
        return any(problem.severity == Severity.ERROR for problem in self.problems)


def tally(outcomes: Mapping[str, int]) -> dict[str, int]:
    """What an import counts, out of how many entries have each outcome: read = new + changed + unchanged +
    skipped + rejected."""
    counted = {
        "new": outcomes.get(Outcome.NEW, 0),
        "changed": outcomes.get(Outcome.CHANGED, 0),
        "unchanged": outcomes.get(Outcome.UNCHANGED, 0),
        "skipped": outcomes.get(Outcome.SKIPPED, 0),
        "rejected": outcomes.get(Outcome.PROBLEM, 0),
    }
    return {"read": sum(counted.values()), **counted}


ASKED = frozenset({Likeness.EDIT, Likeness.OTHER})
"""What nobody may guess at: whether it replaces a question or is a new one."""


def case_of(entry: Entry, position: int) -> Case:
    """An entry as a reader gives it, its figures looked at and its draft fitted to what an exam can show."""
    figures = {file: _figure(content) for file, content in entry.figures.items()}
    if entry.draft is None:
        return Case(position, None, entry.problems, entry.skipped, entry.raw, figures)
    draft, changed = fit(entry.draft)
    return Case(position, draft, (*entry.problems, *changed), entry.skipped, entry.raw, figures)


@lru_cache(maxsize=8)
def _figure(content: bytes) -> Figure | str:
    """The figure, looked at once though thousands of questions may show it."""
    try:
        return inspect(content)
    except FigureError as error:
        return str(error)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a candidate sees of a draft, and what lint finds in it."""

    rendered: Rendered
    findings: tuple[Mapping[str, str], ...]


def judge(
    case: Case,
    match: Match,
    decision: Decision,
    terms: Terms,
    others: Iterable[Problem] = (),
    shown: Shown | None = None,
) -> Judged:
    """One case on its own; `others` are problems that it has with other questions. Its draft has an id.
    `shown` saves showing it again where that is known."""
    if case.draft is None:
        outcome = Outcome.SKIPPED if case.skipped else Outcome.PROBLEM
        return Judged(case, outcome, problems=case.reported)
    follows = match.base if decision != Decision.ADD else None
    draft = _completed(case.draft, follows, terms)
    figures = _figures(case, draft, follows)
    problems = [*case.reported, *_breaches(draft, figures, terms, case.reported), *others]
    seen = {file: figure for file, figure in figures.items() if isinstance(figure, Figure)}
    whole = all(exhibit.file in seen for exhibit in draft.exhibits)
    print_ = fingerprint(source_fields(draft, seen)) if whole else ""
    if any(problem.severity == Severity.ERROR for problem in problems):
        outcome = Outcome.PROBLEM
    elif follows is None:
        outcome = Outcome.NEW
    else:
        outcome = Outcome.UNCHANGED if print_ == follows.fingerprint else Outcome.CHANGED
    if shown is None:
        visible = replace(draft, exhibits=tuple(e for e in draft.exhibits if e.file in seen))
        shown = Shown(render(visible, seen), tuple(_findings(draft, terms.today)))
    return Judged(
        case,
        outcome,
        draft,
        match,
        decision,
        tuple(problems),
        shown.findings,
        print_,
        {file: figure.sha256 for file, figure in seen.items()},
        shown.rendered,
    )


def _completed(draft: Draft, follows: Base | None, terms: Terms) -> Draft:
    draft = matching.filled(draft, follows.draft) if follows else matching.bare(draft)
    if follows:
        draft = replace(spelled(draft, follows.draft), id=follows.draft.id)
    if not draft.task_statement and terms.task_statement:
        draft = with_statement(draft, terms.task_statement)
    return draft


def with_statement(draft: Draft, code: str) -> Draft:
    return replace(draft, task_statement=code, unstated=draft.unstated - {"task_statement"})


def _figures(case: Case, draft: Draft, follows: Base | None) -> dict[str, Figure | str]:
    """The figures of the draft: out of its file, or as the bank has them where the file has no say."""
    if follows and "exhibits" in draft.unstated:
        return {file: Figure(sha256, "", b"") for file, sha256 in follows.figures.items()}
    wanted = {exhibit.file for exhibit in draft.exhibits}
    return {file: figure for file, figure in case.figures.items() if file in wanted}


def _breaches(
    draft: Draft, figures: Mapping[str, Figure | str], terms: Terms, reported: Sequence[Problem]
) -> list[Problem]:
    """What the rules say of fields in which the reader has not found an error: it knew the file better."""
    known = rules.Known(
        terms.codes,
        (),
        {(draft.place.file, file): figure for file, figure in figures.items()},
        terms.untagged,
    )
    said = {problem.field for problem in reported if problem.severity == Severity.ERROR}
    found = [problem for problem in rules.check(draft, known) if problem.field not in said]
    return [_with_choices(p, draft, terms) if p.advice == rules.NEEDS_TASK_STATEMENT else p for p in found]


def _with_choices(problem: Problem, draft: Draft, terms: Terms) -> Problem:
    """A missing task statement, with those that the labels leave."""
    said = classify(draft.labels, terms.tree or ())
    left = [
        statement
        for branch in terms.tree or ()
        for statement in branch.statements
        if statement.code in said.choices or (not said.choices and branch.code == said.domain)
    ]
    readings = tuple(Reading(f"{s.code} {s.title}", {"task_statement": s.code}) for s in left)
    text = shorten(" | ".join(said.conflict))
    return replace(problem, readings=readings, text=text)


def _findings(draft: Draft, today: date) -> list[dict[str, str]]:
    if rules.too_large(draft):
        return []
    path = f"{draft.place.path}." if draft.place.path else ""
    return [
        {
            "rule": finding.rule.value,
            "field": finding.problem.field.removeprefix(path),
            "advice": finding.problem.advice,
        }
        for finding in lint.check(draft, today=today)
    ]


def match_by_id(draft: Draft, base: Base) -> Match:
    alike = percent(draft, base)
    return Match(base, Likeness.SAME_ID if alike >= 100 * matching.OTHER else Likeness.OTHER, alike)


def percent(draft: Draft, base: Base) -> int:
    return int(100 * matching.similarity(matching.words_of(draft), matching.words_of(base.draft)))
