"""What a bank is made of, in numbers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from questions import lint_targets
from questions.formats import Draft
from questions.plan import Plan, count_concepts
from questions.targets import Targets

_RANKS = ("longest", "second", "third", "shortest")
_LEVELS = {1: "recall", 2: "application", 3: "analysis"}
OPENERS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class BankReport:
    """`key_by_length_rank` counts single-key items of four options; ties are shared, so the counts may be
    broken numbers, here with one decimal. `phrases` counts stems with a kind of constraint phrase, `openers`
    the most frequent first words. `concepts` is empty without a plan, `missed` without targets."""

    questions: int
    task_statements: Mapping[str, int]
    kinds: Mapping[str, int]
    levels: Mapping[str, int]
    key_by_length_rank: Mapping[str, float]
    distractor_tags: Mapping[str, int]
    phrases: Mapping[str, int]
    openers: Mapping[str, int]
    concepts: Mapping[str, int]
    targets: int
    missed: Sequence[str]

    def lines(self) -> list[str]:
        """One line for each part, with shares in percent of that part."""
        parts: list[tuple[str, Mapping[str, float]]] = [
            ("Task statements", self.task_statements),
            ("Kinds", self.kinds),
            ("Levels", self.levels),
            ("Key by length rank", self.key_by_length_rank),
            ("Distractor tags", self.distractor_tags),
        ]
        counts: list[tuple[str, Mapping[str, int]]] = [
            ("Constraint phrases", self.phrases),
            ("Openers used twice or more", self.openers),
            ("Concepts", self.concepts),
        ]
        lines = [f"Questions: {self.questions}", *(f"{name}: {_shares(part)}" for name, part in parts)]
        lines += [f"{name}: {_listed(part)}" for name, part in counts]
        if self.targets:
            lines.append(f"Targets: {self.targets - len(self.missed)} of {self.targets} met")
        return [*lines, *(f"Missed: {text}" for text in self.missed)]


def report(drafts: Sequence[Draft], targets: Targets, plan: Plan | None) -> BankReport:
    levels = Counter(draft.level for draft in drafts)
    statements = Counter(draft.task_statement for draft in drafts)
    ranks = lint_targets.key_ranks(drafts)
    openers = Counter(map(lint_targets.opener, drafts)).most_common(OPENERS_SHOWN)
    measures = lint_targets.measures(drafts, targets, plan)
    return BankReport(
        questions=len(drafts),
        task_statements=dict(sorted(statements.items())),
        kinds=_by_count(Counter(str(draft.kind) for draft in drafts)),
        levels={_LEVELS.get(level, str(level)): levels[level] for level in sorted(levels)},
        key_by_length_rank={name: round(n, 1) for name, n in zip(_RANKS, ranks, strict=True)},
        distractor_tags=_by_count(lint_targets.distractor_tags(drafts)),
        phrases=_by_count(lint_targets.phrases(drafts)),
        openers={words: count for words, count in openers if count > 1},
        concepts=_by_count(count_concepts(drafts, plan)) if plan else {},
        targets=len(measures),
        missed=[str(measure) for measure in measures if not measure.met],
    )


def _by_count(counts: Mapping[str, int]) -> dict[str, int]:
    """The most frequent first, equal ones by name."""
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _shares(counts: Mapping[str, float]) -> str:
    total = sum(counts.values())
    if not total:
        return "none"
    return ", ".join(f"{name} {count:g} ({count / total:.0%})" for name, count in counts.items())


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"
