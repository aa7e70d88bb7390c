"""What an instructor does to the entries of a preview: mends fields, takes a reading, tags, decides.

Whatever is done, the entry is then judged again as a whole, and held against the bank as it is now."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from questions import entries, intake, judging, matching, rules
from questions.batches import batches
from questions.entries import rendered_of
from questions.fingerprint import testing_point_key
from questions.formats import Draft, Option, Problem
from questions.formats.stored import problem_of
from questions.judging import Base, Case, Match, Shown, judge
from questions.models import (
    Decision,
    Likeness,
    Preview,
    PreviewEntry,
    PreviewState,
    Question,
)
from questions.standing import CollectionBank

_OPTION = re.compile(r"options\[(?P<position>\d{1,3})\]\.(?P<name>text|rationale|correct)")
_TEXTS = frozenset({"stem", "explanation", "testing_point", "task_statement"})
_ABOUT = {"key": ("key", "kind", "options"), "kind": ("kind", "options")}
"""Fields that problems may stand at which setting another one settles."""


class UnknownFieldError(ValueError):
    """There is no such field to be mended."""


class UnknownReadingError(LookupError):
    """There is no such problem, or it offers no such reading."""


def mend(entry: PreviewEntry, changes: Mapping[str, Any], now: datetime) -> PreviewEntry:
    """Set fields of the entry's draft, by their paths below the question, and judge it again. What its reader
    had to say about these fields is dropped. Raises UnknownFieldError."""
    with transaction.atomic():
        preview, row = _held(entry)
        case = entries.case_of(row)
        if case.draft is None:
            raise UnknownFieldError("Nothing of this entry could be read.")
        mended = _set(case.draft, changes)
        reported = tuple(problem for problem in case.reported if not _settled(problem, case.draft, changes))
        _judge_again(preview, [(row, replace(case, draft=mended, reported=reported))], now)
        if mended.id != case.draft.id:
            freed = list(preview.entries.filter(external_id=case.draft.id)[:10])
            _judge_again(preview, [(row, entries.case_of(row)) for row in freed], now)
    return _fresh(entry)


def settle(entry: PreviewEntry, problem: int, reading: int, now: datetime) -> PreviewEntry:
    """Take one of the readings that a problem of the entry offers, both by position. Raises
    UnknownReadingError."""
    if not 0 <= problem < len(entry.problems):
        raise UnknownReadingError
    readings = problem_of(entry.problems[problem]).readings
    if not 0 <= reading < len(readings):
        raise UnknownReadingError
    return mend(entry, readings[reading].changes, now)


def decide(entry: PreviewEntry, decision: Decision, now: datetime) -> PreviewEntry:
    """Say whether an entry that is like a question of the bank replaces it or is a new one. An entry that is
    like none stays as it is."""
    with transaction.atomic():
        preview, row = _held(entry)
        if Likeness(row.likeness) in judging.ASKED and row.draft is not None:
            row.decision = decision
            _judge_again(preview, [(row, entries.case_of(row))], now)
    return _fresh(entry)


def tag(
    preview: Preview, task_statement: str, positions: Iterable[int] | None = None, *, now: datetime
) -> int:
    """Give the entries at these positions a task statement; without positions, all that have none. How many
    got it.

    Nothing else of them depends on it: only what is wrong for want of one, the fingerprint and the outcome
    follow, so that thousands are tagged in a moment."""
    changed = 0
    with transaction.atomic():
        held = _locked(preview.pk)
        rows = held.entries.filter(draft__isnull=False)
        wanted = rows.filter(task_statement="") if positions is None else rows.filter(position__in=positions)
        if held.state != PreviewState.READY:
            return 0
        numbers = list(wanted.order_by("position").values_list("position", flat=True))
        for batch in batches(numbers, 200):
            cases = []
            for row in held.entries.filter(position__in=batch):
                case = entries.case_of(row)
                assert case.draft is not None  # noqa: S101 - the query asks for a draft
                reported = tuple(p for p in case.reported if _below(p, case.draft) != "task_statement")
                draft = judging.with_statement(case.draft, task_statement)
                cases.append((row, replace(case, draft=draft, reported=reported)))
            _judge_again(held, cases, now, shown_alike=True)
            changed += len(cases)
    return changed


def renew(preview: Preview, now: datetime) -> int:
    """Hold those entries against the bank again that were held against what the bank no longer has; how
    many."""
    with transaction.atomic():
        held = _locked(preview.pk)
        numbers = list(outdated(held).values_list("position", flat=True))
        for batch in batches(numbers, 100):
            rows = list(held.entries.filter(position__in=batch))
            _judge_again(held, [(row, entries.case_of(row)) for row in rows], now)
    return len(numbers)


def outdated(preview: Preview) -> QuerySet[PreviewEntry]:
    """Entries that were held against a question that has another current version now, or is gone, or for new
    though their id is taken by now."""
    questions = Question.objects.filter(collection=preview.collection_id)
    rows = preview.entries.filter(draft__isnull=False)
    followed = rows.exclude(decision=Decision.ADD).exclude(likeness=Likeness.NONE)
    moved = followed.filter(~Q(question__current_version=F("base")) | Q(question=None) | Q(base=None))
    alone = rows.filter(Q(decision=Decision.ADD) | Q(likeness=Likeness.NONE))
    taken = alone.filter(external_id__in=questions.values("external_id"))
    return preview.entries.filter(Q(pk__in=moved.values("pk")) | Q(pk__in=taken.values("pk"))).order_by(
        "position"
    )


def _held(entry: PreviewEntry) -> tuple[Preview, PreviewEntry]:
    """The preview, locked, and the entry as it stands in it now. Raises Preview.DoesNotExist unless it is
    ready, and PreviewEntry.DoesNotExist if it was read again and has no such entry."""
    preview = _locked(entry.preview_id, state=PreviewState.READY)
    return preview, preview.entries.get(position=entry.position)


def _locked(preview_id: UUID, **fields: Any) -> Preview:
    previews = Preview.objects.select_for_update(of=("self",)).select_related("collection")
    return previews.defer("content").get(pk=preview_id, **fields)


def _fresh(entry: PreviewEntry) -> PreviewEntry:
    entry.refresh_from_db()
    return entry


def _set(draft: Draft, changes: Mapping[str, Any]) -> Draft:
    for path, value in changes.items():
        if path == "kind":
            if value not in {"multiple_choice", "multiple_response"}:
                raise UnknownFieldError(path)
            draft = _stated(draft, "kind", value)
        elif path == "id":
            draft = _stated(draft, "id", matching.identifier(str(value).strip()) if value else draft.id)
        elif path in _TEXTS:
            draft = _stated(draft, path, str(value).strip())
        elif path == "level":
            text = str(value).strip()
            draft = _stated(draft, "level", int(text) if text in {"1", "2", "3"} else 0)
        elif path == "key":
            keys = set(value)
            options = tuple(replace(option, correct=option.id in keys) for option in draft.options)
            draft = replace(draft, options=options)
        else:
            draft = _set_option(draft, path, value)
    return draft


def _stated(draft: Draft, name: str, value: Any) -> Draft:
    return replace(draft, **{name: value}, unstated=draft.unstated - {name})


def _set_option(draft: Draft, path: str, value: Any) -> Draft:
    match = _OPTION.fullmatch(path)
    if match is None or int(match["position"]) >= len(draft.options):
        raise UnknownFieldError(path)
    options: list[Option] = list(draft.options)
    name, position = match["name"], int(match["position"])
    wanted: Any = bool(value) if name == "correct" else str(value).strip()
    options[position] = replace(options[position], **{name: wanted})
    return replace(draft, options=tuple(options), unstated=draft.unstated - {name})


def _settled(problem: Problem, draft: Draft, changes: Mapping[str, Any]) -> bool:
    if any(reading.changes == changes for reading in problem.readings):
        return True
    field = _below(problem, draft)
    if not field:
        return False
    for path in changes:
        about = _ABOUT.get(path, (path,))
        if any(field == name or field.startswith((f"{name}[", f"{name}.")) for name in about):
            return not (path == "kind" and field.startswith("options["))
    return False


def _below(problem: Problem, draft: Draft) -> str:
    """The problem's field below the question."""
    path = draft.place.path
    return problem.field.removeprefix(path).removeprefix(".") if path else problem.field


def _judge_again(
    preview: Preview, cases: Sequence[tuple[PreviewEntry, Case]], now: datetime, *, shown_alike: bool = False
) -> None:
    """Judge entries again and store them. `shown_alike`: nothing was changed that a candidate sees."""
    bank = CollectionBank(preview.collection)
    terms = intake.terms_of(preview, now)
    bases = bank.with_ids(case.draft.id for _, case in cases if case.draft)
    followed = bank.of(row.question_id for row, _ in cases if row.question_id)
    company = _Company(preview, cases, bank)
    judged = []
    for row, case in cases:
        if case.draft is None:
            continue
        old = followed.get(row.question_id) if row.question_id else None
        match = _match(case.draft, Likeness(row.likeness), bases, old)
        decision = Decision(row.decision) if match.likeness in judging.ASKED else Decision.NONE
        draft = _identified(case.draft, match, decision, partial(company.has_id, row.position))
        own = replace(case, draft=draft)
        rendered = rendered_of(row) if shown_alike else None
        before = Shown(rendered, tuple(row.findings)) if rendered else None
        others = company.problems(row.position, draft)
        judged.append(entries.entry_of(judge(own, match, decision, terms, others, before), preview))
    entries.store(judged)


def _match(draft: Draft, likeness: Likeness, bases: Mapping[str, Base], followed: Base | None) -> Match:
    named = bases.get(draft.id)
    if "id" not in draft.unstated:
        return judging.match_by_id(draft, named) if named else Match()
    base = followed or named
    if base is None:
        return Match()
    alike = judging.percent(draft, base)
    if followed:
        return Match(base, likeness, alike)
    same = matching.text_key_of(draft) == matching.text_key_of(base.draft)
    return Match(base, Likeness.SAME_TEXT if same else Likeness.EDIT, alike)


def _identified(draft: Draft, match: Match, decision: Decision, taken: Callable[[str], bool]) -> Draft:
    """The draft with the id of the question that it follows, or one of its own."""
    if match.base and decision != Decision.ADD:
        name = match.base.draft.id
    elif ("id" not in draft.unstated and decision != Decision.ADD) or (draft.id and not taken(draft.id)):
        name = draft.id
    else:
        name = matching.free_id(matching.derived_id(draft), taken)
    return draft if name == draft.id else replace(draft, id=name, unstated=draft.unstated | {"id"})


class _Company:
    """The other entries of a preview, and the bank, as far as these cases have to do with them."""

    def __init__(
        self, preview: Preview, cases: Sequence[tuple[PreviewEntry, Case]], bank: CollectionBank
    ) -> None:
        drafts = [case.draft for _, case in cases if case.draft]
        points = {_point(draft) for draft in drafts}
        ids = {name for draft in drafts for name in (draft.id, *draft.enemies)}
        self._preview = preview
        self._bank = bank
        self._ids: dict[str, list[int]] = defaultdict(list)
        self._points: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self._in_bank = dict(bank.points(points))
        ids |= set(self._in_bank.values())
        rows = preview.entries.filter(Q(external_id__in=ids) | Q(testing_point_key__in=points))
        for position, name, key in rows.order_by("position").values_list(
            "position", "external_id", "testing_point_key"
        ):
            self._ids[name].append(position)
            self._points[key].append((position, name))
        self._known = bank.known(ids)

    def has_id(self, position: int, name: str) -> bool:
        """Whether the bank or another entry than that at `position` has the id."""
        others = self._preview.entries.filter(external_id=name).exclude(position=position)
        return bool(self._bank.known([name])) or others.exists()

    def problems(self, position: int, draft: Draft) -> list[Problem]:
        found = [rules.taken(draft)] if any(at < position for at in self._ids[draft.id]) else []
        found += [
            rules.unknown_enemy(draft, n, enemy)
            for n, enemy in enumerate(draft.enemies)
            if not self._ids[enemy] and enemy not in self._known
        ]
        same = [name for at, name in self._points[_point(draft)] if at < position and name != draft.id]
        if same:
            found.append(rules.same_point(draft, same[0]))
        other = self._in_bank.get(_point(draft))
        if other and other != draft.id and not self._ids[other]:
            found.append(rules.same_point(draft, f"{other} in the bank"))
        return found


def _point(draft: Draft) -> str:
    return testing_point_key(draft.testing_point, draft.stem)
