"""Entries of a file held against the rules and against the bank, before anything is written.

One way for uploads, which keep what is judged as a preview, and for the command line, which writes it.
Entries come in batches, so that a file is never held as a whole; what needs the whole file (a question that
names a later one, a question that may be the edit of one that a later entry is equal to) is said at the end.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol
from uuid import UUID

from questions import lint, matching, rules
from questions.classify import Tree, classify
from questions.exhibits import Figure, FigureError, inspect
from questions.fingerprint import fingerprint, source_fields, testing_point_key
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

    @property
    def key(self) -> frozenset[str]:
        return frozenset(option.id for option in self.draft.options if option.correct)


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
        return (
            self.draft is not None
            and self.base is not None
            and self.base.key != {option.id for option in self.draft.options if option.correct}
        )

    @property
    def undecided(self) -> bool:
        return self.match.likeness in ASKED and not self.decision

    @property
    def failed(self) -> bool:
        return any(problem.severity == Severity.ERROR for problem in self.problems)


ASKED = frozenset({Likeness.EDIT, Likeness.OTHER})
"""What nobody may guess at: whether it replaces a question or is a new one."""


def case_of(entry: Entry, position: int) -> Case:
    """An entry as a reader gives it, its figures looked at."""
    figures = {file: _figure(content) for file, content in entry.figures.items()}
    return Case(position, entry.draft, entry.problems, entry.skipped, entry.raw, figures)


def _figure(content: bytes) -> Figure | str:
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
    if follows and draft.id != follows.draft.id:
        draft = replace(draft, id=follows.draft.id)
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
    path = f"{draft.place.path}." if draft.place.path else ""
    return [
        {
            "rule": finding.rule.value,
            "field": finding.problem.field.removeprefix(path),
            "advice": finding.problem.advice,
        }
        for finding in lint.check(draft, today=today)
    ]


UNUSED_LABEL = "Expect to lose this label: it names no task statement of the certification."
_MARK = "\0"


class Judge:
    """Judges the entries of one file, or of files that come together, in their order: `take` them batch by
    batch, then `edits`, then `remarks`.

    A question of the bank is claimed by one entry at most; an equal id or an equal text goes before one that
    is only like it, wherever in the file they stand."""

    _BATCH = 200

    def __init__(self, bank: Bank, terms: Terms) -> None:
        self._bank = bank
        self._terms = terms
        self._ids: dict[str, int] = {}
        self._points: dict[str, tuple[int, str, Problem]] = {}
        self._claimed: set[UUID] = set()
        self._labels: set[str] = set()
        self._loose: dict[int, list[str]] = {}
        self._enemies: list[tuple[int, str, Problem]] = []

    def take(self, cases: Sequence[Case]) -> list[Judged]:
        cases = [self._placed(case) for case in cases]
        drafts = {case.position: case.draft for case in cases if case.draft}
        bases = self._bank.with_ids({draft.id or matching.derived_id(draft) for draft in drafts.values()})
        same = {
            position: self._bank.same_text(matching.text_key_of(draft))
            for position, draft in drafts.items()
            if not draft.id
        }
        found = self._bank.of({question for questions in same.values() for question in questions})
        return [self._one(case, bases, [found[q] for q in same.get(case.position, ())]) for case in cases]

    def edits(self) -> Iterator[tuple[int, Match]]:
        """The positions of entries that were taken for new and are probably edits."""
        positions = list(self._loose)
        for start in range(0, len(positions), self._BATCH):
            near: dict[int, tuple[UUID, float]] = {}
            for position in positions[start : start + self._BATCH]:
                found = self._bank.near(self._loose[position], self._claimed)
                if found:
                    near[position] = found
                    self._claimed.add(found[0])
            bases = self._bank.of({question for question, _ in near.values()})
            for position, (question, alike) in near.items():
                yield position, Match(bases[question], Likeness.EDIT, int(alike * 100))
        self._loose.clear()

    def again(self, case: Case, match: Match, others: Iterable[Problem] = ()) -> Judged:
        """A case that `edits` has found a match for."""
        return judge(self._own_id(case, match), match, self._decision(match), self._terms, others)

    def remarks(self) -> dict[int, list[Problem]]:
        """What was left to say of entries, by position: enemies that nobody is, testing points that the bank
        has."""
        remarks: dict[int, list[Problem]] = {}
        unknown = {enemy for _, enemy, _ in self._enemies if enemy not in self._ids}
        unknown -= self._bank.known(unknown) if unknown else set()
        for position, enemy, problem in self._enemies:
            if enemy in unknown:
                remarks.setdefault(position, []).append(problem)
        for key, other in self._bank.points(self._points).items():
            if other not in self._ids:
                position, _, problem = self._points[key]
                told = replace(problem, advice=problem.advice.replace(_MARK, f"{other} in the bank"))
                remarks.setdefault(position, []).append(told)
        return remarks

    def _placed(self, case: Case) -> Case:
        """The case with its task statement, where its labels say so, and an id that may be written."""
        draft = case.draft
        if draft is None:
            return case
        reported = list(case.reported)
        tree = self._terms.tree
        if tree is not None:
            said = classify(draft.labels, tree)
            for label in said.unused:
                if label not in self._labels:
                    self._labels.add(label)
                    reported.append(draft.place.warning("labels", UNUSED_LABEL, label))
            wanted = draft.task_statement
            if wanted and wanted not in (self._terms.codes or ()):
                wanted = classify([wanted], tree).task_statement or wanted
            wanted = wanted or said.task_statement
            draft = with_statement(draft, wanted) if wanted else draft
        if draft.id:
            name = matching.identifier(draft.id)
            if name != draft.id:
                reported.append(
                    draft.place.warning("id", f"Expect the id {name}: only such ids are kept.", draft.id)
                )
                draft = replace(draft, id=name)
        return replace(case, draft=draft, reported=tuple(reported))

    def _one(self, case: Case, bases: Mapping[str, Base], same: Sequence[Base]) -> Judged:
        draft = case.draft
        if draft is None:
            return judge(case, Match(), Decision.NONE, self._terms)
        others: list[Problem] = []
        if draft.id:
            match = self._by_id(draft, bases)
            if draft.id in self._ids or (match.base and match.base.question in self._claimed):
                others.append(rules.taken(draft))
                match = Match()
        else:
            match = self._by_text(draft, bases, same)
            if match.base is None:
                self._loose[case.position] = matching.words_of(draft)
        if match.base:
            self._claimed.add(match.base.question)
        case = self._own_id(case, match)
        judged = judge(case, match, self._decision(match), self._terms)
        if judged.draft is None:
            return judged
        others += self._company(judged.draft, case.position)
        if not others:
            return judged
        outcome = Outcome.PROBLEM if any(p.severity == Severity.ERROR for p in others) else judged.outcome
        return replace(judged, problems=(*judged.problems, *others), outcome=outcome)

    def _decision(self, match: Match) -> Decision:
        return self._terms.decided.get(match.likeness, Decision.NONE)

    def _by_id(self, draft: Draft, bases: Mapping[str, Base]) -> Match:
        base = bases.get(draft.id)
        return match_by_id(draft, base) if base else Match()

    def _by_text(self, draft: Draft, bases: Mapping[str, Base], same: Sequence[Base]) -> Match:
        """A question without an id: the one that says the same, or the one that was made of the same words
        once and has been edited in the bank since."""
        for base in same:
            if base.question not in self._claimed:
                return Match(base, Likeness.SAME_TEXT, 100)
        made = bases.get(matching.derived_id(draft))
        if made is None or made.question in self._claimed:
            return Match()
        return Match(made, Likeness.EDIT, percent(draft, made))

    def _own_id(self, case: Case, match: Match) -> Case:
        """The case with the id that it has as a new question, or that of the question that it follows."""
        draft = case.draft
        if draft is None:
            return case
        if match.base and self._decision(match) != Decision.ADD:
            name = match.base.draft.id
        elif draft.id and not match.base:
            return case
        else:
            name = matching.free_id(matching.derived_id(draft), self._is_taken)
        if name == draft.id:
            return case
        return replace(case, draft=replace(draft, id=name, unstated=draft.unstated | {"id"}))

    def _is_taken(self, name: str) -> bool:
        return name in self._ids or bool(self._bank.known([name]))

    def _company(self, draft: Draft, position: int) -> list[Problem]:
        """What is wrong between this draft and those before it; what depends on later ones is kept."""
        self._ids.setdefault(draft.id, position)
        self._enemies += [
            (position, enemy, rules.unknown_enemy(draft, place, enemy))
            for place, enemy in enumerate(draft.enemies)
            if enemy not in self._ids
        ]
        key = testing_point_key(draft.testing_point, draft.stem)
        first = self._points.setdefault(key, (position, draft.id, rules.same_point(draft, _MARK)))
        if first[0] == position or first[1] == draft.id:
            return []
        return [rules.same_point(draft, first[1])]


def match_by_id(draft: Draft, base: Base) -> Match:
    alike = percent(draft, base)
    return Match(base, Likeness.SAME_ID if alike >= 100 * matching.OTHER else Likeness.OTHER, alike)


def percent(draft: Draft, base: Base) -> int:
    return int(100 * matching.similarity(matching.words_of(draft), matching.words_of(base.draft)))
