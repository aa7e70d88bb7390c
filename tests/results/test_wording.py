from datetime import timedelta

import pytest

from results.wording import counted, duration, percent


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min 00 s"),
        (134, "2 min 14 s"),
        (3600, "1 h 00 min"),
        (7530, "2 h 05 min"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("correct", "total", "shown"), [(0, 3, 0), (1, 3, 33), (2, 3, 67), (1, 8, 13), (3, 3, 100)]
)
def test_percent_rounds_half_up(correct: int, total: int, shown: int) -> None:
    assert percent(correct, total) == shown


def test_counted() -> None:
    assert [counted(number, "question") for number in (0, 1, 2)] == [
        "0 questions",
        "1 question",
        "2 questions",
    ]
