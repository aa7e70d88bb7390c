"""The entries of one file, or of files that come together, judged in their order: what each is on its own and
to the questions of the bank (`questions.judging`), and what they are to each other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from questions import judging, matching, rules
from questions.classify import classify
from questions.fingerprint import testing_point_key
from questions.formats import Draft, Problem, Severity
from questions.judging import Bank, Base, Case, Judged, Match, Terms, judge, with_statement
from questions.models import Decision, Likeness, Outcome

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
        self._counted: dict[str, int] = {}
        self._points: dict[str, tuple[int, str, Problem]] = {}
        self._claimed: set[UUID] = set()
        self._labels: set[str] = set()
        self._loose: dict[int, list[str]] = {}
        self._others: dict[int, list[Problem]] = {}
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

    def again(self, case: Case, match: Match) -> Judged:
        """A case that `edits` has found a match for. What was said of it and other entries still holds."""
        others = self._others.get(case.position, ())
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
        if case.position in self._loose:
            self._others[case.position] = others
        outcome = Outcome.PROBLEM if any(p.severity == Severity.ERROR for p in others) else judged.outcome
        return replace(judged, problems=(*judged.problems, *others), outcome=outcome)

    def _decision(self, match: Match) -> Decision:
        return self._terms.decided.get(match.likeness, Decision.NONE)

    def _by_id(self, draft: Draft, bases: Mapping[str, Base]) -> Match:
        base = bases.get(draft.id)
        return judging.match_by_id(draft, base) if base else Match()

    def _by_text(self, draft: Draft, bases: Mapping[str, Base], same: Sequence[Base]) -> Match:
        """A question without an id: the one that says the same, or the one that was made of the same words
        once and has been edited in the bank since."""
        for base in same:
            if base.question not in self._claimed:
                return Match(base, Likeness.SAME_TEXT, 100)
        made = bases.get(matching.derived_id(draft))
        if made is None or made.question in self._claimed:
            return Match()
        return Match(made, Likeness.EDIT, judging.percent(draft, made))

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
            name = matching.free_id(matching.derived_id(draft), self._is_taken, self._counted)
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
