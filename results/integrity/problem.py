"""What can be wrong with a database."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The name of each thing that is checked, in the order of the check."""

    REFERENCE = "reference"
    VERSION = "version"
    POOL = "pool"
    LISTING = "listing"
    JSON = "json"
    CLOCK = "clock"
    OVERDUE = "overdue"
    FORM = "form"
    EVENT = "event"
    VISIT = "visit"
    LOCK = "lock"
    REGISTER = "register"
    LATE_ANSWER = "late_answer"
    RESULT = "result"
    SCORE = "score"
    EVIDENCE = "evidence"
    SIGHT = "sight"
    CARD = "card"
    TALLY = "tally"
    RESERVE = "reserve"


@dataclass(frozen=True, slots=True)
class Problem:
    """One defect: where it is, by ids alone, and what is wrong, without anything that a person wrote."""

    kind: Kind
    ids: dict[str, str]
    sentence: str

    def __str__(self) -> str:
        return " ".join([self.kind, *(f"{name}={id_}" for name, id_ in self.ids.items())]) + (
            f": {self.sentence}"
        )


def problem(kind: Kind, sentence: str, **ids: object) -> Problem:
    return Problem(kind, {name: str(id_) for name, id_ in ids.items()}, sentence)
