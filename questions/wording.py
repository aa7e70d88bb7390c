"""Texts as lint compares them: Markdown without its marks, words, and how alike two questions are.

Two questions are near-duplicates by what they say, not by whom they say it of: stem and keys are compared
without numbers, without the usual constraint phrases, and without names. A name is a word with one capital,
its first letter, that stands inside a sentence and in no other question."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from questions.fingerprint import fold
from questions.formats import Draft

GRAM = 5
MIN_JACCARD = 0.20
MIN_COSINE = 0.60

_STOP = """
    a about above after again against all also am an and another any are as at be because been before being
    below between both but by can could did do does doing down during each either every few for from further
    had has have having he her here hers him his how however if in into is it its itself just more most must
    neither next no nor not now of off on once one only or other our out over own per same she should so some
    such than that the their them then there these they this those through to too two three four five under
    until up use used uses using very was we were what when where which while who whom why will with within
    without would yet you your
"""
STOP_WORDS = frozenset(_STOP.split())

_FENCE = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.MULTILINE | re.DOTALL)
_TABLE_ROW = re.compile(r"^\s*\|.*$", re.MULTILINE)
_MARKS = re.compile(r"[*`]+|(?<!\w)_+|_+(?!\w)")
_WORD = re.compile(r"[^\W_]+(?:[-'\u2019_][^\W_]+)*")
_HAS_DIGIT = re.compile(r"\d")
_NAME_INSIDE = re.compile(r"(?<![.?!:\n]\s)(?<!^)\b[A-Z][a-z]+\b")
_SENTENCE = re.compile(r"(?<=[.?!:])\s+")
_CHOICE_COUNT = re.compile(r"\((?:select|choose|pick)\b[^)]*\)", re.IGNORECASE)
_CONSTRAINT = re.compile(
    r"\b(?:with|at|in|by)\s+(?:the\s+)?(?:least|lowest|minimal|smallest|most)\s+(?:amount\s+of\s+)?"
    r"(?:[\w-]+\s+)?(?:effort|overhead|cost|costs|work|change|changes|effective|cost-effective|way|manner)\b"
    r"|\bmeets?\s+(?:all\s+)?(?:of\s+)?the(?:se)?\s+requirements?\b",
    re.IGNORECASE,
)
_LEAST = r"(?:least|lowest|minimal|minimum|smallest|fewest)\s+(?:[\w-]+\s+){0,3}?"
CONSTRAINT_PHRASES = {
    name: re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)
    for name, pattern in {
        "least effort": rf"{_LEAST}(?:effort|overhead|work|administration|maintenance)",
        "lowest cost": rf"{_LEAST}(?:costs?|price|charges|expense)|most cost-effective(?:ly)?|cheapest",
        "least change": rf"{_LEAST}(?:changes?|modifications?|rewriting)",
        "lowest latency": rf"{_LEAST}(?:latency|delay)|fastest|soonest|shortest time",
        "best accuracy": r"(?:best|highest|most)\s+(?:[\w-]+\s+){0,2}?(?:accura(?:cy|te)|quality)",
        "meets the requirements": r"(?:meets?|satisf(?:y|ies)|fulfill?s?)\s+(?:(?:all|both)\s+)?(?:of\s+)?"
        r"(?:the|these|those)\s+(?:requirements?|conditions?|constraints?|rules?|wishes|demands)",
    }.items()
}
_ENDING = re.compile(r"(?<=\w{3})(?:ing|ed|es|s|e)$")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two near-duplicates by their positions, and what is alike."""

    first: int
    second: int
    reason: str


@lru_cache(maxsize=64)
def prose(text: str) -> str:
    """A Markdown text without code blocks, tables and marks; lint asks it of each text several times."""
    text = _TABLE_ROW.sub("", _FENCE.sub("", text))
    marked = "*" in text or "`" in text or "_" in text
    return (_MARKS.sub("", text) if marked else text).strip()


def words(text: str) -> list[str]:
    """Words in small letters; a dash, apostrophe or underscore inside belongs to the word."""
    return [word.casefold() for word in _WORD.findall(text)]


@lru_cache(maxsize=10_000)
def root(word: str) -> str:
    """A word without its ending, so that `encrypts`, `encrypted` and `encrypting` are one."""
    return _ENDING.sub("", word)


def content_roots(text: str) -> list[str]:
    """Roots of the words that carry meaning, in their order; no numbers."""
    return [meaning for word in words(text) if (meaning := _meaning(word))]


@lru_cache(maxsize=10_000)
def _meaning(word: str) -> str:
    """The root of a word that carries meaning; "" for others."""
    return "" if word in STOP_WORDS or len(word) < 2 or _HAS_DIGIT.search(word) else root(word)


def constraint_phrases(stem: str) -> list[str]:
    """Which kinds of constraint phrase the last sentence of a stem has, by their usual name."""
    asked = _SENTENCE.split(_CHOICE_COUNT.sub("", prose(stem)).strip())[-1]
    return [name for name, pattern in CONSTRAINT_PHRASES.items() if pattern.search(asked)]


def near_duplicates(drafts: Sequence[Draft]) -> Iterator[Pair]:
    """Every pair that has equal testing points, a Jaccard index of 5-grams of at least 0.20, or a cosine of
    TF-IDF vectors of at least 0.60. Every pair is looked at: about a second for a bank of 500."""
    points = [fold(draft.testing_point) for draft in drafts]
    texts = _bare_texts(drafts)
    grams = [_grams(text) for text in texts]
    vectors = _vectors(texts)
    for second in range(len(drafts)):
        for first in range(second):
            jaccard = _jaccard(grams[first], grams[second])
            cosine = _cosine(vectors[first], vectors[second])
            if points[first] == points[second]:
                yield Pair(first, second, "equal testing points")
            elif jaccard >= MIN_JACCARD:
                yield Pair(first, second, f"5-grams {jaccard:.2f}")
            elif cosine >= MIN_COSINE:
                yield Pair(first, second, f"words {cosine:.2f}")


def _bare_texts(drafts: Sequence[Draft]) -> list[list[str]]:
    """The words of stem and keys without numbers, constraint phrases and names."""
    texts = []
    for draft in drafts:
        parts = [draft.stem, *(option.text for option in draft.options if option.correct)]
        text = "\n".join(_MARKS.sub("", part) for part in parts)
        texts.append(_CONSTRAINT.sub("", _CHOICE_COUNT.sub("", text)))
    spread = Counter(word for text in texts for word in set(words(text)))
    bare = []
    for text in texts:
        names = {name.casefold() for name in _NAME_INSIDE.findall(text)}
        alone = {name for name in names if spread[name] == 1}
        bare.append([w for w in words(text) if w not in alone and not w[0].isdigit()])
    return bare


def _grams(text: Sequence[str]) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(text[start : start + GRAM]) for start in range(len(text) - GRAM + 1))


def _jaccard(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if shared else 0.0


def _vectors(texts: Sequence[Sequence[str]]) -> list[dict[str, float]]:
    """Unit vectors of (1 + ln tf) x (1 + ln((n + 1) / (df + 1))) by root."""
    counts = [Counter(content_roots(" ".join(text))) for text in texts]
    spread = Counter(word for count in counts for word in count)
    vectors = []
    for count in counts:
        vector = {
            word: (1 + math.log(tf)) * (1 + math.log((len(texts) + 1) / (spread[word] + 1)))
            for word, tf in count.items()
        }
        norm = math.hypot(*vector.values()) or 1.0
        vectors.append({word: weight / norm for word, weight in vector.items()})
    return vectors


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    if len(one) > len(other):
        one, other = other, one
    return sum(weight * other[word] for word, weight in one.items() if word in other)
