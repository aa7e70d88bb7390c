"""Numbers as a candidate reads them."""

from datetime import timedelta


def percent(correct: int, total: int) -> int:
    """Whole percent, rounded half up; shown only, nothing is decided on it."""
    return (200 * correct + total) // (2 * total)


def duration(time: timedelta) -> str:
    """ "2 h 05 min" from an hour on, "2 min 14 s" from a minute on, else "14 s"; parts of a second are
    dropped."""
    minutes, seconds = divmod(int(time.total_seconds()), 60)
    hours, rest = divmod(minutes, 60)
    if hours:
        return f"{hours} h {rest:02d} min"
    return f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
