"""The drawing of a sitting: where its marks stand."""

import re
from uuid import UUID
from xml.etree import ElementTree

import pytest

from results.pacing import Answer, Change, Item, Outcome, Pacing, Visit, pacing
from results.timeline import svg

MINUTE = 60_000
SIGNS = {Outcome.RIGHT: "R", Outcome.WRONG: "W", Outcome.BLANK: "B", None: "U"}
CHANGES = {change: change.value[0] for change in Change}


def sat(items: int = 3, end: int = 100 * MINUTE) -> Pacing:
    """1 right after 10 minutes, 2 changed to a wrong one at 50, 3 kept back; all over at `end`."""
    right, wrong = frozenset({0}), frozenset({1})
    return pacing(
        [
            Item(1, 1, right, right),
            Item(2, 1, wrong, right),
            Item(3, 1, wrong, None),
            *(Item(number, 1, frozenset(), right) for number in range(4, items + 1)),
        ],
        [Answer(2, right, 20 * MINUTE, UUID(int=1)), Answer(2, wrong, 50 * MINUTE, UUID(int=2))],
        [
            Visit(1, 10 * MINUTE, 10 * MINUTE, UUID(int=3)),
            Visit(2, 40 * MINUTE, 50 * MINUTE, UUID(int=4)),
            Visit(3, 1, end, UUID(int=5)),
        ],
        seconds_granted=None,
        seconds_base=None,
        end_ms=end,
    )


def marks(drawing: str, name: str) -> list[tuple[str | None, ...]]:
    """Of all marks of a class where they begin and end, or where they stand and what they say."""
    root = ElementTree.fromstring(drawing)  # noqa: S314 - our own drawing
    found = [mark for mark in root.iter() if mark.get("class") == name]
    if name in ("stay", "tick", "last-edge"):
        return [(mark.get("x1"), mark.get("x2")) for mark in found]
    return [(mark.get("x"), mark.text) for mark in found]


def test_a_stay_is_as_long_as_it_was_and_the_shortest_is_still_seen() -> None:
    assert marks(svg(sat(), 0, SIGNS, CHANGES), "stay") == [
        ("0.00%", "10.00%"),
        ("10.00%", "50.00%"),
        ("99.50%", "100.00%"),
    ]


def test_time_granted_and_not_used_stays_empty() -> None:
    assert marks(svg(sat(), 200 * MINUTE, SIGNS, CHANGES), "stay")[1] == ("5.00%", "25.00%")


def test_outcomes_and_changes_have_signs() -> None:
    drawing = svg(sat(), 0, SIGNS, CHANGES)
    assert marks(drawing, "sign") == [("100%", "R"), ("100%", "W"), ("100%", "U")]
    assert marks(drawing, "change") == [("50.00%", "r")]
    assert re.findall(r'<g class="(\w+)">', drawing) == ["right", "wrong", "untold"]


def test_the_last_twenty_minutes_are_set_apart_unless_there_were_no_more() -> None:
    edges = [("80.00%", "80.00%"), ("100.00%", "100.00%")]
    assert marks(svg(sat(), 0, SIGNS, CHANGES), "last-edge") == edges
    assert marks(svg(sat(end=20 * MINUTE), 0, SIGNS, CHANGES), "last-edge") == []


@pytest.mark.parametrize(
    ("minutes", "labels"),
    [
        (100, ["0:00", "0:15", "0:30", "0:45", "1:00", "1:15", "1:30"]),
        (180, ["0:00", "0:30", "1:00", "1:30", "2:00", "2:30", "3:00"]),
        (540, ["0:00", "2:00", "4:00", "6:00", "8:00"]),
    ],
)
def test_time_is_told_by_a_few_even_steps(minutes: int, labels: list[str]) -> None:
    texts = marks(svg(sat(), minutes * MINUTE, SIGNS, CHANGES), "axis")
    assert [text for _, text in texts if text and ":" in text] == labels


def test_every_fifth_row_is_numbered() -> None:
    texts = marks(svg(sat(12), 0, SIGNS, CHANGES), "axis")
    assert [text for x, text in texts if x == "-8"] == ["1", "5", "10"]
