"""PURE. The sitting, drawn: exam time from left to right, questions in their order from top to bottom.

Places along the time are percentages of the width and there is no viewBox, so that lettering keeps its size
at every width; the margins for numbers (left) and signs (right) are the style sheet's, outside the drawing.
Classes are coloured in static/css/pacing.css; whatever a colour says, a sign says too.
"""

from collections.abc import Iterator, Mapping

from results.pacing import Change, Outcome, Pacing, Question

ROW = 13
HEAD = 22
FOOT = 24
LEAST = 0.5
"""Percent of the width: the shortest stay is still seen."""
MIDDLE = 50
STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 240)
MOST_TICKS = 7
NUMBERED = 5

Signs = Mapping[Outcome | None, str]
ChangeSigns = Mapping[Change, str]


def svg(pacing: Pacing, total_ms: int, signs: Signs, changes: ChangeSigns) -> str:
    """`total_ms`: the time granted, 0 for untimed; the drawing spans that, or the sitting if it is longer."""
    span = max(total_ms, pacing.end_ms, 1)
    bottom = HEAD + ROW * len(pacing.questions)
    rows = "".join(
        _row(question, HEAD + ROW * place, span, signs, changes)
        for place, question in enumerate(pacing.questions)
    )
    return (
        f'<svg class="timeline" width="100%" height="{bottom + FOOT}" role="img"'
        f' aria-label="When each question was in front of you. The table below says the same in words.">'
        f"{_last(pacing, span, bottom)}{''.join(_ticks(span, bottom))}{rows}</svg>"
    )


def _last(pacing: Pacing, span: int, bottom: int) -> str:
    """The last twenty minutes; of a sitting that was shorter nothing is set apart."""
    if not pacing.last_from_ms:
        return ""
    begin, end = _percent(pacing.last_from_ms, span), _percent(pacing.end_ms, span)
    x, anchor = (begin, "start") if end < MIDDLE else (end, "end")
    return (
        f'<rect class="last" x="{begin:.2f}%" y="{HEAD}" width="{end - begin:.2f}%"'
        f' height="{bottom - HEAD}"/>'
        f'<line class="last-edge" x1="{begin:.2f}%" x2="{begin:.2f}%" y1="{HEAD - 6}" y2="{bottom}"/>'
        f'<line class="last-edge" x1="{end:.2f}%" x2="{end:.2f}%" y1="{HEAD - 6}" y2="{bottom}"/>'
        f'<text class="last-label" x="{x:.2f}%" y="{HEAD - 9}" text-anchor="{anchor}">last 20 minutes</text>'
    )


def _ticks(span: int, bottom: int) -> Iterator[str]:
    for minutes in range(0, span // 60_000 + 1, _step(span)):
        x = f"{_percent(minutes * 60_000, span):.2f}%"
        yield f'<line class="tick" x1="{x}" x2="{x}" y1="{HEAD}" y2="{bottom}"/>'
        hours, rest = divmod(minutes, 60)
        yield f'<text class="axis" x="{x}" y="{bottom + 16}" text-anchor="middle">{hours}:{rest:02d}</text>'


def _step(span: int) -> int:
    """Minutes from tick to tick."""
    return next((step for step in STEPS if span / 60_000 / step < MOST_TICKS), STEPS[-1])


def _row(question: Question, top: int, span: int, signs: Signs, changes: ChangeSigns) -> str:
    middle = top + ROW / 2
    base = top + ROW - 3
    number = (
        f'<text class="axis" x="-8" y="{base}" text-anchor="end">{question.number}</text>'
        if question.number == 1 or question.number % NUMBERED == 0
        else ""
    )
    rule = f'<line class="rule" x1="0" x2="100%" y1="{top}" y2="{top}"/>' if number else ""
    outcome = question.outcome.value if question.outcome else "untold"
    stays = "".join(
        f'<line class="stay" x1="{begin:.2f}%" x2="{end:.2f}%" y1="{middle}" y2="{middle}"/>'
        for begin, end in _stays(question, span)
    )
    changed = (
        f'<text class="change" x="{_percent(question.changed_ms or 0, span):.2f}%" y="{base}"'
        f' text-anchor="middle">{changes[question.change]}</text>'
        if question.change
        else ""
    )
    sign = signs[question.outcome]
    return (
        f'{rule}{number}<g class="{outcome}">{stays}'
        f'<text class="sign" x="100%" dx="10" y="{base}" text-anchor="middle">{sign}</text></g>{changed}'
    )


def _stays(question: Question, span: int) -> Iterator[tuple[float, float]]:
    for piece in question.pieces:
        begin, end = _percent(piece.start_ms, span), _percent(piece.end_ms, span)
        begin = min(begin, 100 - LEAST)
        yield begin, max(end, begin + LEAST)


def _percent(ms: int, span: int) -> float:
    return min(100.0, 100 * ms / span)
