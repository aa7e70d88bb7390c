"""What the pages of a study session show beyond those of an exam: how sure one is, and what checked items
tell. Explanations are read for items that are locked, in one statement for all of them."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from exam_sim.accounts.models import User
from exam_sim.exams.explaining import Explanation, explained
from exam_sim.exams.models import Attempt, EventKind
from exam_sim.exams.pages import OptionRow, SittingPage

STANDINGS = {
    (True, True): "✓ Correct, your choice",
    (True, False): "✓ Correct, not chosen",
    (False, True): "✗ Not correct, your choice",
}
OUTCOMES = {"right": "✓ Right", "wrong": "✗ Not right", "checked": "Checked"}


def page_of(attempt: Attempt, now: datetime, current: int = 1) -> SittingPage:
    return (StudyPage if attempt.is_study else SittingPage)(attempt, now, current)


@dataclass(frozen=True, slots=True)
class ToldOption(OptionRow):
    """An option of a checked item."""

    correct: bool
    rationale: SafeString

    @property
    def standing(self) -> str:
        """What it was and what the candidate did with it, in words."""
        return STANDINGS.get((self.correct, self.chosen), "")


class StudyPage(SittingPage):
    """An open study session as its candidate sees it."""

    @cached_property
    def explanations(self) -> dict[int, Explanation]:
        """Of the items that are locked, by number."""
        checked = [item for item, kind, *_ in self.registers if kind == EventKind.CHECK]
        return explained(self.attempt, checked)[1]

    def verdict(self, number: int) -> str:
        told = self.explanations.get(number)
        if told is None or told.withheld:
            return "checked" if told else ""
        return "right" if told.key == tuple(self.values.get((number, EventKind.ANSWER), ())) else "wrong"

    @property
    def explanation(self) -> Explanation | None:
        return self.explanations.get(self.current)

    @property
    def is_locked(self) -> bool:
        return self.current in self.explanations

    @property
    def outcome(self) -> str:
        return OUTCOMES[self.state.verdict]

    @property
    def sure(self) -> bool | None:
        return self.values.get((self.current, EventKind.SURE))

    @property
    def check_text(self) -> str:
        return "Check answer" if self.state.name == "answered" else "Show the answer"

    @property
    def options(self) -> list[OptionRow]:
        told = self.explanation
        rows = super().options
        if told is None or told.withheld:
            return rows
        return [
            ToldOption(
                row.position,
                row.html,
                row.chosen,
                row.struck,
                row.position in told.key,
                mark_safe(told.rationales[row.position]),  # noqa: S308 - sanitised when the version was made
            )
            for row in rows
        ]

    def script_state(self, user: User) -> dict[str, Any]:
        state = super().script_state(user)
        state["feedback"] = self.attempt.feedback
        state["explained"] = {number: told.wire for number, told in self.explanations.items()}
        state["urls"]["pause"] = reverse("exams:pause", args=[self.attempt.pk])
        return state
