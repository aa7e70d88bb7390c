"""What a checked item shows: its key, rationales, explanation and references.

Beside the review of a closed attempt this is the one place that lets key material out, and it does so item by
item: callers ask for items that are *locked*, that is, that have a check, after which no event changes their
answer. `answers.record` is what locks an item; the pages read which ones are.

One thing is held back even then. Where this candidate is sitting an exam that holds the same question, its
key would help there, so the item says that it is explained later.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.safestring import SafeString, mark_safe

from exam_sim.exams.models import Attempt, AttemptItem, EventKind, Mode, Register, State

LOCKING = frozenset({EventKind.ANSWER, EventKind.STRIKE, EventKind.SURE, EventKind.CHECK})
WITHHELD = "This question is in an exam that you are sitting now: it is explained once that is over."
_WEB = ("https://", "http://")
_COLUMNS = (
    "number",
    "locked",
    "withheld",
    "option_order",
    "version__options",
    "version__key_html",
    "version__references",
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Of one item. `key` are positions in this candidate's order, `rationales` HTML by position, `references`
    {"title", "url"}. Held back, it has a reason and nothing else."""

    key: tuple[int, ...] = ()
    rationales: tuple[str, ...] = ()
    html: str = ""
    references: tuple[dict[str, str], ...] = ()
    withheld: str = ""

    @property
    def wire(self) -> dict[str, Any]:
        """As it is sent to the browser."""
        if self.withheld:
            return {"withheld": self.withheld}
        return {
            "key": self.key,
            "rationales": self.rationales,
            "explanation": self.html,
            "references": self.references,
        }

    @property
    def explanation(self) -> SafeString:
        return mark_safe(self.html)  # noqa: S308 - sanitised when the version was made


def locked(attempt: Attempt, numbers: Collection[int]) -> set[int]:
    """Which of these items are locked."""
    checks = Register.objects.filter(attempt=attempt, kind=EventKind.CHECK, item__in=numbers)
    return set(checks.values_list("item", flat=True))


def explained(attempt: Attempt, numbers: Collection[int]) -> tuple[set[int], dict[int, Explanation]]:
    """Which of these items are locked, and the explanation of each of them, in one statement. Whoever hands
    out one of an item that is not in the set must have locked it in this very transaction."""
    if not numbers:
        return set(), {}
    checks = Register.objects.filter(attempt=attempt, kind=EventKind.CHECK, item=OuterRef("number"))
    being_sat = AttemptItem.objects.filter(
        attempt__user=attempt.user_id,
        attempt__state=State.OPEN,
        attempt__mode=Mode.EXAM,
        question=OuterRef("question"),
    )
    items = AttemptItem.objects.filter(attempt=attempt, number__in=numbers).annotate(
        locked=Exists(checks), withheld=Exists(being_sat)
    )
    rows = list(items.values_list(*_COLUMNS, named=True))
    return {row.number for row in rows if row.locked}, {row.number: _explanation(row) for row in rows}


def _explanation(row: Any) -> Explanation:
    if row.withheld:
        return Explanation(withheld=WITHHELD)
    correct = {option["id"] for option in row.version__options if option["correct"]}
    rationales = row.version__key_html["rationales"]
    return Explanation(
        key=tuple(position for position, id_ in enumerate(row.option_order) if id_ in correct),
        rationales=tuple(rationales.get(id_, "") for id_ in row.option_order),
        html=row.version__key_html["explanation"],
        references=tuple(
            {"title": reference["title"], "url": reference["url"]}
            for reference in row.version__references
            if reference["url"].startswith(_WEB)
        ),
    )
