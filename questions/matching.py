"""What an entry of a file is to the questions of a collection, by what both say.

Texts are compared by their words, stem and options together, whatever the order of the options: likeness is
twice the number of shared words over the number of all (Dice, over multisets), without the words that every
text has. In the shipped bank two questions reach 0.36 at most, half of all pairs stay under 0.05; so under
`OTHER` an equal id is taken for an accident, and from `EDIT` on different wording for an edit.
"""

import hashlib
import heapq
import math
import re
import unicodedata
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, MutableMapping, Sequence
from dataclasses import fields, replace
from typing import Any, Generic, TypeVar

from questions.fingerprint import fold
from questions.formats import Draft, Option
from questions.wording import STOP_WORDS, words

OTHER, EDIT = 0.40, 0.85

R = TypeVar("R", bound=Hashable)

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_DEFAULTS = {
    name: Draft("multiple_choice", "", ()).__getattribute__(name)
    for name in (field.name for field in fields(Draft))
    if name not in {"kind", "stem", "options", "id", "labels", "unstated", "place"}
}
_OF_OPTIONS: dict[str, Any] = {"rationale": "", "distractor_tag": None, "fixed": False}


def content_words(stem: str, options: Iterable[str]) -> list[str]:
    """The words that two questions are compared by."""
    every = words("\n".join([stem, *options]))
    return [word for word in every if word not in STOP_WORDS] or every


def words_of(draft: Draft) -> list[str]:
    return content_words(draft.stem, (option.text for option in draft.options))


def similarity(one: Sequence[str], other: Sequence[str]) -> float:
    """0 to 1."""
    total = len(one) + len(other)
    return 2 * (Counter(one) & Counter(other)).total() / total if total else 1.0


def text_key(stem: str, options: Iterable[str]) -> bytes:
    """Equal for questions that say the same, in whatever order their options stand."""
    parts = [fold(stem), *sorted(fold(option) for option in options)]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()[:16]


def text_key_of(draft: Draft) -> bytes:
    return text_key(draft.stem, (option.text for option in draft.options))


def derived_id(draft: Draft) -> str:
    """An id for a question whose source has none: the same for the same content."""
    return f"q-{text_key_of(draft).hex()[:12]}"


def free_id(name: str, taken: Callable[[str], bool], counted: MutableMapping[str, int] | None = None) -> str:
    """`name`, with a number where it is taken. `counted` remembers how far names were counted, for those who
    ask often and among whom no name becomes free again: thousands of equal questions would take the square
    of their number."""
    counted = {} if counted is None else counted
    count = counted.get(name, 1)
    while taken(free := name if count == 1 else f"{name}-{count}"):
        count += 1
    counted[name] = count
    return free


def identifier(text: str) -> str:
    """An id that the exchange format can write, out of one that another program made."""
    if _IDENTIFIER.fullmatch(text):
        return text
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    readable = re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip("-._")[:80]
    mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    return f"{readable}-{mark}" if readable else f"q-{mark}"


def filled(draft: Draft, base: Draft) -> Draft:
    """`draft` as the next version of `base`: what its source leaves open is as it stands there."""
    if not draft.unstated:
        return draft
    kept = {name: getattr(base, name) for name in _DEFAULTS if name in draft.unstated}
    return replace(draft, options=_with_ids(draft, base), **kept)


def bare(draft: Draft) -> Draft:
    """`draft` as a question of its own: what its source leaves open is empty."""
    if not draft.unstated:
        return draft
    empty = {name: value for name, value in _DEFAULTS.items() if name in draft.unstated}
    loose = {name: value for name, value in _OF_OPTIONS.items() if name in draft.unstated}
    return replace(draft, options=tuple(replace(option, **loose) for option in draft.options), **empty)


def _with_ids(draft: Draft, base: Draft) -> tuple[Option, ...]:
    """The draft's options with the ids that the base gives them. A source that leaves anything open has no
    ids for options: equal texts are the same option, and those left over are taken one after the other."""
    standing: dict[str, list[Option]] = defaultdict(list)
    for option in base.options:
        standing[fold(option.text)].append(option)
    pairs: list[Option | None] = []
    for option in draft.options:
        same = standing[fold(option.text)]
        pairs.append(same.pop(0) if same else None)
    taken = {pair.id for pair in pairs if pair}
    left = [option for option in base.options if option.id not in taken]
    free = iter(_new_ids({option.id for option in base.options}, len(draft.options)))
    matched = []
    for option, pair in zip(draft.options, pairs, strict=True):
        old = pair or (left.pop(0) if left else None)
        matched.append(_option(option, old, draft.unstated) if old else replace(option, id=next(free)))
    return tuple(matched)


def _option(option: Option, old: Option, unstated: frozenset[str]) -> Option:
    kept = {name: getattr(old, name) for name in _OF_OPTIONS if name in unstated}
    if option.correct and "distractor_tag" in kept:
        kept["distractor_tag"] = None
    return replace(option, id=old.id, **kept)


def _new_ids(taken: Collection[str], count: int) -> list[str]:
    letters = [chr(ord("a") + n) for n in range(26)]
    numbered = [f"option-{n}" for n in range(1, count + len(taken) + 1)]
    return [name for name in [*letters, *numbered] if name not in taken][:count]


class TextIndex(Generic[R]):
    """Which of many texts is at least `EDIT` like a given one.

    Of two texts as alike as that, at least one in eight of the words of the shorter stands among the rarest
    0.26 n + n / 8 words of both (n words each), so only these are indexed and counted; the measure itself is
    exact. A bank of one text a thousand times over would make that slow: no more than `_FOLLOWED` entries of
    the index are followed, and of those found the `_MEASURED` most promising are measured."""

    _FOLLOWED = 30_000
    _MEASURED = 50

    def __init__(self, texts: Iterable[tuple[R, Sequence[str]]]) -> None:
        self._refs: list[R] = []
        numbers: dict[str, int] = {}
        spread: list[int] = []
        docs: list[array[int]] = []
        for ref, text in texts:
            doc = array("I")
            for token in _tokens(text):
                number = numbers.setdefault(token, len(numbers))
                if number == len(spread):
                    spread.append(0)
                spread[number] += 1
                doc.append(number)
            self._refs.append(ref)
            docs.append(doc)
        ranks = array("I", bytes(array("I").itemsize * len(spread)))
        for rank, number in enumerate(sorted(range(len(spread)), key=spread.__getitem__)):
            ranks[number] = rank
        self._ranks = {token: ranks[number] for token, number in numbers.items()}
        self._docs = [array("I", sorted(ranks[number] for number in doc)) for doc in docs]
        self._postings: dict[int, array[int]] = defaultdict(lambda: array("I"))
        for position, doc in enumerate(self._docs):
            for rank in doc[: _prefix(len(doc))]:
                self._postings[rank].append(position)

    def near(self, text: Sequence[str], taken: Collection[R] = ()) -> tuple[R, float] | None:
        """The text most like `text` of those not taken, and how alike; None under `EDIT`."""
        tokens = list(_tokens(text))
        if not tokens:
            return None
        known = sorted(self._ranks[token] for token in tokens if token in self._ranks)
        unknown = len(tokens) - len(known)
        hits: Counter[int] = Counter()
        followed = 0
        for rank in known[: max(_prefix(len(tokens)) - unknown, 0)]:
            entries = self._postings.get(rank, ())
            followed += len(entries)
            if followed > self._FOLLOWED:
                break
            hits.update(entries)
        least = _certain(math.ceil(_share(len(tokens))))
        promising = [(count, position) for position, count in hits.items() if count >= least]
        own, best = set(known), None
        for _, position in heapq.nlargest(self._MEASURED, promising):
            doc = self._docs[position]
            alike = 2 * len(own.intersection(doc)) / (len(tokens) + len(doc))
            if alike >= EDIT and self._refs[position] not in taken and (best is None or alike > best[1]):
                best = self._refs[position], alike
        return best


def _tokens(text: Sequence[str]) -> Iterable[str]:
    """The words, each later one of a kind with its number: a multiset as a set."""
    counts: Counter[str] = Counter()
    for word in text:
        counts[word] += 1
        yield word if counts[word] == 1 else f"{word} {counts[word]}"


def _share(size: int) -> float:
    """How many of `size` words a text has at least that is `EDIT` like it."""
    return EDIT * size / (2 - EDIT)


def _certain(size: int) -> int:
    return max(size // 8, 1)


def _prefix(size: int) -> int:
    """Of `size` words, how many of the rarest hold `_certain` ones of any text at least `EDIT` like it."""
    return size - math.ceil(_share(size)) + _certain(size)
