"""PURE. The geometry of the drawings on the result and progress pages; templates draw it as SVG.

Across a drawing everything is in percent of its width, and there is no viewBox: so lettering, lines and dots
keep their size at every width of the page. Down a drawing it is in pixels. Nothing is decided here and
nothing is hidden: what a drawing shows stands beside it in words or in a table.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from exam_sim.exams.scale import Scale

LABEL_EDGE = 12
"""A label nearer to an end of its line than this many percent is aligned to its mark instead of centred on
it."""

TREND_HEIGHT = 240
TREND_MARGIN = 5.0
"""Percent of the width that the first and the last point keep from the ends of the chart."""
TREND_STEP = 100
"""The axis begins and ends at multiples of this, so that the eye finds round numbers at its ends."""
TREND_TICKS = 5
TREND_DATES = 3
CROWDED = 25
"""Points are smaller from so many on: on a narrow screen they would touch."""
TICK_CLEARANCE = 16
"""A tick's label nearer to the pass mark's than this many pixels would be written over it: it is left out."""


def across(share: float) -> str:
    """An SVG coordinate from a share of the width."""
    return f"{100 * share:.2f}%"


@dataclass(frozen=True, slots=True)
class ScaleMark:
    """A place on the drawn scale; `anchor` keeps a label at the ends inside the drawing."""

    value: int
    x: str
    anchor: str

    @classmethod
    def at(cls, scale: Scale, value: int) -> "ScaleMark":
        share = share_of(scale, value)
        return cls(value, across(share), anchor_at(100 * share))


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch across a drawing, from `x` to `end`."""

    x: str
    width: str
    end: str

    @classmethod
    def of(cls, low: float, high: float) -> "Span":
        """Shares of the width; what sticks out of the drawing is cut off."""
        low, high = max(0.0, low), min(1.0, high)
        return cls(across(low), across(high - low), across(high))

    @classmethod
    def on(cls, scale: Scale, low: int, high: int) -> "Span":
        return cls.of(share_of(scale, low), share_of(scale, high))


@dataclass(frozen=True, slots=True)
class TrendScore:
    """One sitting on the chart of scores. Without a band, or when it does not count, it stands apart from the
    trend: it is drawn hollow and no line leads to it."""

    day: str
    value: int
    band: tuple[int, int] | None
    counts: bool


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """The band reaches from `top` down to `bottom`."""

    x: str
    y: float
    top: float
    bottom: float
    hollow: bool


@dataclass(frozen=True, slots=True)
class TrendLine:
    x1: str
    y1: float
    x2: str
    y2: float


@dataclass(frozen=True, slots=True)
class Tick:
    value: int
    y: float
    labelled: bool


@dataclass(frozen=True, slots=True)
class DayLabel:
    x: str
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Trend:
    """Scores over attempts, evenly spaced in the order they were sat in. The axis shows the part of the scale
    where the scores, their bands and the pass mark lie."""

    points: Sequence[TrendPoint]
    lines: Sequence[TrendLine]
    ticks: Sequence[Tick]
    pass_line: Tick
    days: Sequence[DayLabel]
    crowded: bool
    height: int = TREND_HEIGHT


def trend(scores: Sequence[TrendScore], scale: Scale) -> Trend:
    """Raises ValueError when there is no score to draw."""
    if not scores:
        raise ValueError("there is no score to draw")
    bottom, top = _axis(scores, scale)

    def down(value: float) -> float:
        return round(TREND_HEIGHT * (top - value) / (top - bottom), 1)

    places = [_place(nth, len(scores)) for nth in range(len(scores))]
    points = [_point(score, place, down) for score, place in zip(scores, places, strict=True)]
    joined = [point for point in points if not point.hollow]
    return Trend(
        points,
        [TrendLine(one.x, one.y, other.x, other.y) for one, other in pairwise(joined)],
        _ticks(bottom, top, down(scale.pass_mark), down),
        Tick(scale.pass_mark, down(scale.pass_mark), labelled=True),
        [
            DayLabel(f"{places[nth]:.2f}%", scores[nth].day, anchor_at(places[nth]))
            for nth in _spread(len(scores), TREND_DATES)
        ],
        len(scores) >= CROWDED,
    )


def share_of(scale: Scale, value: float) -> float:
    return (value - scale.minimum) / (scale.maximum - scale.minimum)


def anchor_at(percent: float) -> str:
    return "start" if percent < LABEL_EDGE else "end" if percent > 100 - LABEL_EDGE else "middle"


def _axis(scores: Sequence[TrendScore], scale: Scale) -> tuple[int, int]:
    values = [scale.pass_mark, *(score.value for score in scores)]
    values += [edge for score in scores if score.band for edge in score.band]
    bottom = min(values) // TREND_STEP * TREND_STEP
    top = -(-max(values) // TREND_STEP) * TREND_STEP
    bottom, top = max(scale.minimum, bottom), min(scale.maximum, top)
    return (bottom, top) if bottom < top else (scale.minimum, scale.maximum)


def _point(score: TrendScore, place: float, down: Callable[[float], float]) -> TrendPoint:
    low, high = score.band or (score.value, score.value)
    hollow = score.band is None or not score.counts
    return TrendPoint(f"{place:.2f}%", down(score.value), down(high), down(low), hollow)


def _place(nth: int, count: int) -> float:
    """In percent of the width; a point alone stands in the middle."""
    if count == 1:
        return 50.0
    return TREND_MARGIN + (100 - 2 * TREND_MARGIN) * nth / (count - 1)


def _ticks(bottom: int, top: int, pass_y: float, down: Callable[[float], float]) -> list[Tick]:
    step = TREND_STEP * ceil((top - bottom) / (TREND_STEP * TREND_TICKS))
    values = range(-(-bottom // step) * step, top + 1, step)
    return [Tick(value, down(value), abs(down(value) - pass_y) >= TICK_CLEARANCE) for value in values]


def _spread(count: int, most: int) -> Iterable[int]:
    """At most so many of `count` places, the first and the last among them, evenly spread."""
    if count <= most:
        return range(count)
    return [round(nth * (count - 1) / (most - 1)) for nth in range(most)]
