"""Whether a bank is what its certification aims at: length, opener and constraint phrase of stems, rank of
the key by length, kinds, levels, distractor tags, number of questions by task statement and concept.

All are warnings. A concept is what a key depends on by the bank's plan; without one none is counted."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from questions import wording
from questions.formats import Draft, Problem, Severity
from questions.lint import Finding, Rule, found, key_positions, length
from questions.plan import Plan, count_concepts
from questions.targets import Span, Targets

OPENER_WORDS = 4
# With fewer single-key items of four options chance alone breaks the shares of the key's length rank.
KEY_RANK_ITEMS = 40
RANKS = ("longest", "second longest", "third longest", "shortest")
RULES = frozenset(
    {
        Rule.STEM_LENGTH,
        Rule.OPENER,
        Rule.PHRASE,
        Rule.KEY_RANK,
        Rule.KIND,
        Rule.LEVEL,
        Rule.DISTRACTOR_TAG,
        Rule.COVERAGE,
        Rule.CONCEPT,
    }
)


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of the bank and what it may be. `of` says what it is a percentage of; a count has none."""

    rule: Rule
    name: str
    value: float
    of: str
    span: Span

    @property
    def met(self) -> bool:
        return self.span.holds(self.value)

    def __str__(self) -> str:
        if self.of:
            return f"{self.name} in {self.value:.1f} % of {self.of}, not {self.span} %"
        return f"{self.name} has {self.value:g}, not {self.span} questions"


ADVICE = {
    Rule.PHRASE: "Ask otherwise",
    Rule.KEY_RANK: "Even out the lengths",
    Rule.KIND: "Balance the kinds",
    Rule.LEVEL: "Balance the levels",
    Rule.DISTRACTOR_TAG: "Let distractors be wrong in other ways",
    Rule.COVERAGE: "Balance the task statements",
    Rule.CONCEPT: "Balance what keys depend on",
}


def check(drafts: Sequence[Draft], targets: Targets, plan: Plan | None) -> list[Finding]:
    """Stems that miss a target, question by question, then every number of the bank that does."""
    findings = [*_stem_lengths(drafts, targets), *_openers(drafts, targets)]
    for measure in measures(drafts, targets, plan):
        if not measure.met:
            problem = Problem(Severity.WARNING, "", 0, "", f"{ADVICE[measure.rule]}: {measure}.")
            findings.append(Finding(measure.rule, "", problem))
    return findings


def measures(drafts: Sequence[Draft], targets: Targets, plan: Plan | None) -> list[Measure]:
    """Every number of the bank that a target asks for; none of an empty bank."""
    if not drafts:
        return []
    return [
        *_phrases(drafts, targets),
        *_key_ranks(drafts, targets),
        *_mixture(drafts, targets),
        *_counts(drafts, targets, plan),
    ]


def stem_words(draft: Draft) -> int:
    return len(wording.prose(draft.stem).split())


def _stem_lengths(drafts: Sequence[Draft], targets: Targets) -> Iterator[Finding]:
    span = targets.stem_words
    for draft in drafts:
        count = stem_words(draft)
        if span and not span.holds(count):
            advice = f"Write {span} words, code and tables not counted: there are {count}."
            yield found(draft, Rule.STEM_LENGTH, "stem", advice)


def opener(draft: Draft) -> str:
    return " ".join(wording.words(wording.prose(draft.stem))[:OPENER_WORDS])


def _openers(drafts: Sequence[Draft], targets: Targets) -> Iterator[Finding]:
    counts = Counter(map(opener, drafts))
    for draft in drafts:
        count = counts[opener(draft)]
        if targets.openers and count > 1 and not targets.openers.holds(100 * count / len(drafts)):
            advice = f"Begin otherwise: {count} of {len(drafts)} stems begin with “{opener(draft)}”."
            yield found(draft, Rule.OPENER, "stem", advice)


def phrases(drafts: Sequence[Draft]) -> Counter[str]:
    """How many stems hold each kind of constraint phrase."""
    return Counter(name for draft in drafts for name in wording.constraint_phrases(draft.stem))


def _phrases(drafts: Sequence[Draft], targets: Targets) -> Iterator[Measure]:
    if targets.phrases:
        for name, count in sorted(phrases(drafts).items()):
            share = 100 * count / len(drafts)
            yield Measure(Rule.PHRASE, f"“{name}”", share, f"{len(drafts)} stems", targets.phrases)


def key_ranks(drafts: Sequence[Draft]) -> list[float]:
    """How many keys are the longest option, the second … the shortest, among single-key items of four
    options. A key that ties with n - 1 others counts 1/n at each of their ranks."""
    ranks = [0.0] * 4
    for draft in drafts:
        keys = key_positions(draft)
        if len(keys) != 1 or len(draft.options) != 4:
            continue
        lengths = [length(option) for option in draft.options]
        key = lengths[keys[0]]
        longer, ties = sum(n > key for n in lengths), lengths.count(key)
        for rank in range(longer, longer + ties):
            ranks[rank] += 1 / ties
    return ranks


def _key_ranks(drafts: Sequence[Draft], targets: Targets) -> Iterator[Measure]:
    ranks = key_ranks(drafts)
    items = round(sum(ranks))
    if items < KEY_RANK_ITEMS:
        return
    for rank, count in enumerate(ranks):
        for span in (targets.key_ranks, targets.key_longest if rank == 0 else None):
            if span:
                name, share = f"the key is the {RANKS[rank]} option", 100 * count / items
                yield Measure(Rule.KEY_RANK, name, share, f"{items} items of four", span)


def _mixture(drafts: Sequence[Draft], targets: Targets) -> Iterator[Measure]:
    questions = f"{len(drafts)} questions"
    if targets.multiple_response:
        share = 100 * sum(draft.kind == "multiple_response" for draft in drafts) / len(drafts)
        yield Measure(Rule.KIND, "multiple response", share, questions, targets.multiple_response)
    levels = Counter(str(draft.level) for draft in drafts)
    for level, span in targets.levels.items():
        yield Measure(Rule.LEVEL, f"level {level}", 100 * levels[level] / len(drafts), questions, span)
    tags = distractor_tags(drafts)
    for tag, count in tags.items():
        if targets.distractor_tags:
            share, distractors = 100 * count / tags.total(), f"{tags.total()} distractors"
            yield Measure(Rule.DISTRACTOR_TAG, tag, share, distractors, targets.distractor_tags)


def distractor_tags(drafts: Sequence[Draft]) -> Counter[str]:
    return Counter(
        option.distractor_tag for draft in drafts for option in draft.options if option.distractor_tag
    )


def _counts(drafts: Sequence[Draft], targets: Targets, plan: Plan | None) -> Iterator[Measure]:
    statements = Counter(draft.task_statement for draft in drafts)
    yield from _spans(Rule.COVERAGE, "task statement", statements, targets.task_statements)
    if plan is not None:
        yield from _spans(Rule.CONCEPT, "concept", count_concepts(drafts, plan), targets.concepts)


def _spans(rule: Rule, noun: str, counts: Counter[str], spans: Mapping[str, Span]) -> Iterator[Measure]:
    for name, span in spans.items():
        yield Measure(rule, f"{noun} {name}", counts[name], "", span)
