"""What was judged, as the rows of a preview: there and back."""

import json
import re
from collections.abc import Mapping
from typing import Any

from questions.exhibits import Figure
from questions.fingerprint import testing_point_key
from questions.formats import Problem
from questions.formats.stored import draft_data, draft_of, problem_data, problem_of
from questions.judging import Case, Judged
from questions.models import Preview, PreviewEntry, PreviewFigure
from questions.rendering import RENDERER, Rendered

JUDGED = (
    "outcome",
    "external_id",
    "draft",
    "problems",
    "findings",
    "question",
    "base",
    "likeness",
    "similarity",
    "decision",
    "fingerprint",
    "rendered",
    "reported",
    "task_statement",
    "testing_point_key",
    "key_changed",
)
"""What judging an entry again may change of its row."""

_ODD = re.compile(r"\\u0000|\\ud[89a-f]")
_UNSTORABLE = {0: "\ufffd", **dict.fromkeys(range(0xD800, 0xE000), "\ufffd")}


def entry_of(judged: Judged, preview: Preview) -> PreviewEntry:
    case = judged.case
    draft = judged.draft or case.draft
    base = judged.match.base
    rendered = judged.rendered
    return PreviewEntry(
        preview=preview,
        position=case.position,
        outcome=judged.outcome,
        external_id=draft.id if draft else "",
        draft=storable(draft_data(draft)) if draft else None,
        problems=[storable(problem_data(problem)) for problem in judged.problems],
        findings=storable(list(judged.findings)),
        skipped=storable(case.skipped[:100]),
        raw=storable(case.raw),
        question_id=base.question if base else None,
        base_id=base.version if base else None,
        likeness=judged.match.likeness,
        similarity=judged.match.similarity,
        decision=judged.decision,
        fingerprint=judged.fingerprint,
        rendered=storable(rendered_data(rendered)) if rendered else None,
        reported=len(case.reported),
        task_statement=storable(draft.task_statement[:10]) if draft else "",
        testing_point_key=testing_point_key(draft.testing_point, draft.stem) if draft else "",
        figures={
            file: {"sha256": figure.sha256} if isinstance(figure, Figure) else {"problem": figure}
            for file, figure in case.figures.items()
        },
        key_changed=judged.corrects_the_key,
    )


def case_of(entry: PreviewEntry) -> Case:
    """The case that an entry was judged as. Its figures have their hash and nothing else."""
    return Case(
        entry.position,
        draft_of(entry.draft) if entry.draft else None,
        tuple(problem_of(data) for data in entry.problems[: entry.reported]),
        entry.skipped,
        entry.raw,
        {
            file: Figure(known["sha256"], "", b"") if "sha256" in known else known["problem"]
            for file, known in entry.figures.items()
        },
    )


def rendered_data(rendered: Rendered) -> dict[str, Any]:
    """Derived columns, and by which renderer: it may be a newer one when they are written to the bank."""
    return {
        "html": rendered.html,
        "key_html": rendered.key_html,
        "layout": rendered.layout,
        "renderer": RENDERER,
    }


def rendered_of(entry: PreviewEntry) -> Rendered | None:
    stored = entry.rendered
    return Rendered(stored["html"], stored["key_html"], stored["layout"]) if stored else None


def add_problems(entry: PreviewEntry, problems: list[Problem]) -> None:
    entry.problems = [*entry.problems, *(storable(problem_data(problem)) for problem in problems)]


def store(rows: list[PreviewEntry]) -> None:
    """Write what was judged again over what stood at the same positions."""
    PreviewEntry.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["preview", "position"], update_fields=JUDGED
    )


def figures_of(entry: PreviewEntry) -> dict[str, str]:
    """Hashes by file of the figures that the entry's version shows."""
    if entry.draft is None or entry.rendered is None:
        return {}
    shown = entry.rendered["html"]["exhibits"]
    return {
        exhibit["file"]: figure["sha256"]
        for exhibit, figure in zip(entry.draft["exhibits"], shown, strict=False)
    }


def new_figures(case: Case, preview: Preview, known: set[str]) -> list[PreviewFigure]:
    """The figures of a case that are not `known` yet; they are from now on."""
    found = []
    for figure in case.figures.values():
        if isinstance(figure, Figure) and figure.sha256 not in known:
            known.add(figure.sha256)
            found.append(
                PreviewFigure(
                    preview=preview,
                    sha256=figure.sha256,
                    media_type=figure.media_type,
                    content=figure.content,
                )
            )
    return found


def storable(data: Any) -> Any:
    """JSON data that every database takes: without NUL and half surrogates."""
    return _cleaned(data) if _ODD.search(json.dumps(data)) else data


def _cleaned(data: Any) -> Any:
    match data:
        case str():
            return data.translate(_UNSTORABLE)
        case Mapping():
            return {_cleaned(key): _cleaned(value) for key, value in data.items()}
        case list() | tuple():
            return [_cleaned(value) for value in data]
        case _:
            return data
