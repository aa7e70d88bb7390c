"""What came of one attempt that is over: its result, recomputed from registers and keys, and what its
candidate has of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from uuid import UUID

from exam_sim.exams.models import EventKind, State
from results import scoring
from results.evidence import DISPLAYED, FIRST_SIGHT, RIGHT, SAID, SCORED, SURE
from results.grading import blueprint_of
from results.integrity.problem import Kind, Problem, problem
from results.models import Result

if TYPE_CHECKING:
    from results.integrity.sittings import Sitting, Version


def problems(sitting: "Sitting", versions: "Mapping[UUID, Version]", *, sound: bool) -> Iterator[Problem]:
    """A form that is not `sound` is not scored again: its problems were told."""
    attempt, result = sitting.attempt, sitting.result
    if attempt.is_preview or attempt.state != State.CLOSED:
        if result is not None:
            sentence = f"An attempt that is {attempt.state} has a result."
            yield problem(Kind.RESULT, sentence, attempt=attempt.pk, result=result.pk)
    elif result is not None and sound:
        yield from _of_result(sitting, result, versions)
    if not attempt.is_preview and attempt.state != State.OPEN:
        yield from _left_behind(sitting)


def _of_result(sitting: "Sitting", result: Result, versions: "Mapping[UUID, Version]") -> Iterator[Problem]:
    where = {"attempt": sitting.attempt.pk, "result": result.pk}
    if sitting.attempt.closed_at is not None and result.computed_at < sitting.attempt.closed_at:
        yield problem(Kind.RESULT, "It was computed before the attempt was closed.", **where)
    items = _items(sitting, versions)
    if items is None:
        yield problem(Kind.SCORE, "It cannot be computed again from the answers.", **where)
        return
    if result.rule == scoring.RULE:
        try:
            score = scoring.score(items, sitting.attempt.scale, blueprint_of(sitting.attempt))
        except (ValueError, ZeroDivisionError):
            yield problem(Kind.SCORE, "It cannot be computed again from the answers.", **where)
            return
        names = [name for name, value in _columns(score).items() if getattr(result, name) != value]
        if result.pass_mark != sitting.attempt.pass_mark:
            names.append("pass_mark")
        if names:
            sentence = f"Computed again it has another {', '.join(names)}."
            yield problem(Kind.SCORE, sentence, **where)
    if result.items is not None and not _is_evidence(sitting, result, items, versions):
        yield problem(Kind.EVIDENCE, "What it says of its items is not what happened.", **where)


def _items(sitting: "Sitting", versions: "Mapping[UUID, Version]") -> list[scoring.Item] | None:
    """None where an answer points at no option."""
    items = []
    for row, (_, choose) in zip(sitting.items, sitting.shape, strict=True):
        version = versions.get(row.version_id)
        if version is None:
            return None
        _, _, answer = sitting.registers.get((row.number, EventKind.ANSWER), (0, None, []))
        try:
            chosen = frozenset(row.option_order[position] for position in answer or ())
        except (IndexError, TypeError):
            return None
        items.append(
            scoring.Item(
                row.number,
                version.domain,
                version.task_statement,
                row.scored,
                version.key,
                chosen,
                choose,
            )
        )
    return items


def _columns(score: scoring.Score) -> dict[str, Any]:
    return {
        "correct": score.correct,
        "total": score.total,
        "answered": score.answered,
        "scaled": score.scaled,
        "passed": score.passed,
        "domains": [asdict(domain) for domain in score.domains],
        "task_statements": [asdict(task_statement) for task_statement in score.task_statements],
    }


def _is_evidence(
    sitting: "Sitting",
    result: Result,
    items: Sequence[scoring.Item],
    versions: "Mapping[UUID, Version]",
) -> bool:
    """Whether `Result.items` tells of each item what it was, and `displayed` how many. A first sight is one
    only where this attempt noted the sight; not every such one is (`results.answered`)."""
    displayed, evidence = sitting.log.displayed, result.items or []
    if result.displayed != len(displayed - {0}) or len(evidence) != len(items):
        return False
    for row, item, stored in zip(sitting.items, items, evidence, strict=True):
        sure = sitting.registers.get((row.number, EventKind.SURE), (0, None, None))[2]
        marks = (
            SCORED * row.scored
            + RIGHT * item.right
            + DISPLAYED * (row.number in displayed)
            + SAID * (sure is not None)
            + SURE * bool(sure)
        )
        said = [row.question.hex, versions[row.version_id].number, marks]
        if not isinstance(stored, list) or len(stored) != 5 or not isinstance(stored[4], int):
            return False
        if [*stored[:2], stored[4] & ~FIRST_SIGHT] != said:
            return False
        if stored[4] & FIRST_SIGHT and not (row.first_sight and row.number in displayed):
            return False
    return True


def _left_behind(sitting: "Sitting") -> Iterator[Problem]:
    """What was displayed was seen; and once a result is digested, its questions have cards."""
    attempt, result = sitting.attempt, sitting.result
    digested = attempt.state == State.CLOSED and result is not None and result.digested_at is not None
    for row in sitting.items:
        if row.number not in sitting.log.displayed:
            continue
        where = {"attempt": attempt.pk, "item": row.number, "question": row.question}
        if row.sight is None:
            yield problem(Kind.SIGHT, "It was displayed, and not noted as seen.", **where)
        if (
            digested
            and not row.void
            and (row.reviewed is None or (attempt.closed_at and row.reviewed < attempt.closed_at))
        ):
            yield problem(Kind.CARD, "The result was taken in, and its card was not reviewed.", **where)
