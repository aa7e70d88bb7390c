"""A candidate who knows nothing of the subject and looks at wording alone.

A conditional logit (McFadden, 1974) over the four options of an item learns from other items which wording
keys tend to have: length, commas, hedges, words of the stem, and specificity (figures, names and code)."""

import math
import random
import re
from collections.abc import Sequence

from questions import lint, wording
from questions.formats import Draft, Option

FOLDS = 10
STEPS = 60
RATE = 0.5
SHRINKAGE = 0.01

Features = list[list[float]]
"""One row an option, one column a feature, each column scaled to mean 0 and at most 1 within the item."""

_HEDGE = re.compile(
    r"\b(?:can|could|may|might|usually|often|generally|typically|mostly|about|if|when|unless|so that|while"
    r"|such as|for example|at least|up to|where)\b",
    re.IGNORECASE,
)
_SPECIFIC = re.compile(r"\d+|`[^`]+`|(?<!^)\b[A-Z]\w+")


def guessable(drafts: Sequence[Draft]) -> list[Draft]:
    """Items of four options with one key."""
    return [d for d in drafts if len(d.options) == 4 and len(lint.key_positions(d)) == 1]


def share_guessed(drafts: Sequence[Draft], seed: int = 1) -> float:
    """The share of keys guessed in items that the guesser did not learn from, each item once."""
    items = [(_features(draft), lint.key_positions(draft)[0]) for draft in guessable(drafts)]
    random.Random(seed).shuffle(items)
    right = 0.0
    for fold in range(FOLDS):
        weights = _learn([item for n, item in enumerate(items) if n % FOLDS != fold])
        for rows, key in items[fold::FOLDS]:
            scores = [_score(row, weights) for row in rows]
            best = [n for n, score in enumerate(scores) if score == max(scores)]
            right += (key in best) / len(best)
    return right / len(items)


def _features(draft: Draft) -> Features:
    stem = set(wording.content_roots(wording.prose(draft.stem)))
    rows = [_measured(option, stem) for option in draft.options]
    columns = [_scaled(column) for column in zip(*rows, strict=True)]
    return [list(row) for row in zip(*columns, strict=True)]


def _measured(option: Option, stem: set[str]) -> list[float]:
    roots = set(wording.content_roots(option.text))
    return [
        lint.length(option),
        option.text.count(","),
        len(_HEDGE.findall(option.text)),
        len(roots & stem) / max(1, len(roots)),
        len(_SPECIFIC.findall(option.text)),
    ]


def _scaled(column: Sequence[float]) -> list[float]:
    mean = sum(column) / len(column)
    most = max(abs(value - mean) for value in column) or 1.0
    return [(value - mean) / most for value in column]


def _score(row: Sequence[float], weights: Sequence[float]) -> float:
    return sum(value * weight for value, weight in zip(row, weights, strict=True))


def _learn(items: Sequence[tuple[Features, int]]) -> list[float]:
    """Weights by gradient ascent on the mean log likelihood of the keys."""
    weights = [0.0] * len(items[0][0][0])
    for _ in range(STEPS):
        slope = [-SHRINKAGE * weight for weight in weights]
        for rows, key in items:
            powers = [math.exp(_score(row, weights)) for row in rows]
            for n, row in enumerate(rows):
                pull = ((n == key) - powers[n] / sum(powers)) / len(items)
                slope = [s + pull * value for s, value in zip(slope, row, strict=True)]
        weights = [weight + RATE * s for weight, s in zip(weights, slope, strict=True)]
    return weights
