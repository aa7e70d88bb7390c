from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam_sim.exams.scale import Scale
from results.charts import (
    TREND_HEIGHT,
    DayLabel,
    ScaleMark,
    Span,
    Tick,
    Trend,
    TrendLine,
    TrendPoint,
    TrendScore,
    across,
    trend,
)

SCALE = Scale(100, 1000, 750)


def score(value: int, low: int, high: int, day: str = "2 Mar", counts: bool = True) -> TrendScore:
    return TrendScore(day, value, (low, high), counts)


@pytest.mark.parametrize(
    ("value", "x", "anchor"), [(100, "0.00%", "start"), (750, "72.22%", "middle"), (1000, "100.00%", "end")]
)
def test_labels_at_the_ends_of_the_scale_stay_inside(value: int, x: str, anchor: str) -> None:
    assert ScaleMark.at(SCALE, value) == ScaleMark(value, x, anchor)


def test_a_span_is_cut_off_at_the_ends_of_the_drawing() -> None:
    assert Span.of(-0.2, 1.3) == Span("0.00%", "100.00%", "100.00%")
    assert Span.on(SCALE, 550, 775) == Span("50.00%", "25.00%", "75.00%")


def test_a_trend_joins_what_counts_and_leaves_the_rest_apart() -> None:
    scores = [
        score(600, 500, 700, "1 Mar"),
        TrendScore("2 Mar", 550, None, counts=False),
        score(800, 700, 900, "3 Mar"),
    ]
    assert trend(scores, SCALE) == Trend(
        points=[
            TrendPoint("5.00%", 180.0, 120.0, 240.0, hollow=False),
            TrendPoint("50.00%", 210.0, 210.0, 210.0, hollow=True),
            TrendPoint("95.00%", 60.0, 0.0, 120.0, hollow=False),
        ],
        lines=[TrendLine("5.00%", 180.0, "95.00%", 60.0)],
        ticks=[
            Tick(500, 240.0, labelled=True),
            Tick(600, 180.0, labelled=True),
            Tick(700, 120.0, labelled=True),
            Tick(800, 60.0, labelled=True),
            Tick(900, 0.0, labelled=True),
        ],
        pass_line=Tick(750, 90.0, labelled=True),
        days=[
            DayLabel("5.00%", "1 Mar", "start"),
            DayLabel("50.00%", "2 Mar", "middle"),
            DayLabel("95.00%", "3 Mar", "end"),
        ],
        crowded=False,
    )


def test_a_score_with_a_band_that_does_not_count_is_hollow_too() -> None:
    drawn = trend([score(600, 500, 700), score(620, 500, 700, counts=False)], SCALE)
    assert ([point.hollow for point in drawn.points], drawn.lines) == ([False, True], [])


def test_a_score_alone_stands_in_the_middle() -> None:
    drawn = trend([score(600, 500, 700)], SCALE)
    assert ([point.x for point in drawn.points], drawn.days) == (
        ["50.00%"],
        [DayLabel("50.00%", "2 Mar", "middle")],
    )


def test_a_tick_beside_the_pass_mark_is_drawn_without_a_number() -> None:
    drawn = trend([score(300, 120, 980)], SCALE)
    assert [(tick.value, tick.labelled) for tick in drawn.ticks] == [
        (200, True),
        (400, True),
        (600, True),
        (800, False),
        (1000, True),
    ]


def test_a_short_scale_is_drawn_whole() -> None:
    drawn = trend([TrendScore("2 Mar", 6, (4, 8), counts=True)], Scale(0, 10, 7))
    assert [(tick.value, tick.y) for tick in drawn.ticks] == [(0, 240.0)]
    assert drawn.pass_line == Tick(7, 72.0, labelled=True)


def test_many_points_are_small_and_few_days_are_named() -> None:
    drawn = trend([replace(score(600, 500, 700), day=str(n)) for n in range(50)], SCALE)
    assert (drawn.crowded, [label.text for label in drawn.days]) == (True, ["0", "24", "49"])


def test_without_a_score_there_is_nothing_to_draw() -> None:
    with pytest.raises(ValueError, match="no score"):
        trend([], SCALE)


@given(
    st.lists(st.lists(st.integers(100, 1000), min_size=3, max_size=3).map(sorted), min_size=1, max_size=60)
)
def test_every_point_band_and_line_lies_inside_the_drawing(rows: list[list[int]]) -> None:
    drawn = trend([score(value, low, high) for low, value, high in rows], SCALE)
    heights = [tick.y for tick in (*drawn.ticks, drawn.pass_line)]
    heights += [y for point in drawn.points for y in (point.top, point.y, point.bottom)]
    assert all(0 <= y <= TREND_HEIGHT for y in heights)
    assert all(point.top <= point.y <= point.bottom for point in drawn.points)
    assert len(drawn.lines) == len(drawn.points) - 1


def test_places_across_are_percent() -> None:
    assert across(1 / 3) == "33.33%"
