"""What a bank is made of, in numbers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from questions.formats import Draft
from questions.lint import key_ranks

_RANKS = ("longest", "second", "third", "shortest")
_LEVELS = {1: "recall", 2: "application", 3: "analysis"}


@dataclass(frozen=True, slots=True)
class BankReport:
    """`key_by_length_rank` counts single-key items of four options; ties are shared, so the counts may be
    broken numbers, here with one decimal."""

    questions: int
    kinds: Mapping[str, int]
    levels: Mapping[str, int]
    key_by_length_rank: Mapping[str, float]
    distractor_tags: Mapping[str, int]

    def lines(self) -> list[str]:
        """One line for each part, with shares in percent of that part."""
        parts: list[tuple[str, Mapping[str, float]]] = [
            ("Kinds", self.kinds),
            ("Levels", self.levels),
            ("Key by length rank", self.key_by_length_rank),
            ("Distractor tags", self.distractor_tags),
        ]
        return [f"Questions: {self.questions}", *(f"{name}: {_shares(counts)}" for name, counts in parts)]


def report(drafts: Sequence[Draft]) -> BankReport:
    tags = Counter(
        option.distractor_tag for draft in drafts for option in draft.options if option.distractor_tag
    )
    levels = Counter(draft.level for draft in drafts)
    return BankReport(
        questions=len(drafts),
        kinds=_by_count(Counter(str(draft.kind) for draft in drafts)),
        levels={_LEVELS.get(level, str(level)): levels[level] for level in sorted(levels)},
        key_by_length_rank={name: round(n, 1) for name, n in zip(_RANKS, key_ranks(drafts), strict=True)},
        distractor_tags=_by_count(tags),
    )


def _by_count(counts: Mapping[str, int]) -> dict[str, int]:
    """The most frequent first, equal ones by name."""
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _shares(counts: Mapping[str, float]) -> str:
    total = sum(counts.values())
    if not total:
        return "none"
    return ", ".join(f"{name} {count:g} ({count / total:.0%})" for name, count in counts.items())
