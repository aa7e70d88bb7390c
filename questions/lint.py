"""Item-writing flaws: what makes a well-formed question a poor one. All are warnings.

`check` judges one draft, `check_all` a bank, by the rules that hold for any. What a certification wishes for
its own exam, such as the length of a stem, is for `lint_targets`."""

import calendar
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from questions import wording
from questions.formats import Draft, Option, Problem

MONTHS_FRESH = 12
MUCH_LONGER = 1.3


class Rule(StrEnum):
    KEY_LONGEST = "key_longest"
    KEY_MUCH_LONGER = "key_much_longer"
    STEM_ECHO = "stem_echo"
    OF_THE_ABOVE = "of_the_above"
    BOTH = "both"
    POSITION = "position"
    ABSOLUTES = "absolutes"
    SIMILAR_OPTIONS = "similar_options"
    NO_QUESTION = "no_question"
    NEGATIVE = "negative"
    NO_COUNT = "no_count"
    NO_RATIONALE = "no_rationale"
    NO_REFERENCE = "no_reference"
    NOT_VERIFIED = "not_verified"
    REPEATED_TAG = "repeated_tag"
    NEAR_DUPLICATE = "near_duplicate"
    UNPLANNED = "unplanned"
    STEM_LENGTH = "stem_length"
    OPENER = "opener"
    PHRASE = "phrase"
    KEY_RANK = "key_rank"
    KIND = "kind"
    LEVEL = "level"
    DISTRACTOR_TAG = "distractor_tag"
    COVERAGE = "coverage"
    CONCEPT = "concept"


@dataclass(frozen=True, slots=True)
class Finding:
    """`question` is an id, and empty where the bank as a whole is meant."""

    rule: Rule
    question: str
    problem: Problem


_LETTER = r"\(?[A-H]\)?(?![\w/'\u2019-])"
_ORDINAL = r"first|second|third|fourth|fifth|sixth|last|previous|preceding|following|next|above|below"
_NOUN = r"(?:options?|answers?|choices?)"
_OF_THE_ABOVE = re.compile(
    r"\b(?:all|none|any|both|either|neither|some|two)\s+of\s+(?:the\s+(?:above|foregoing|preceding|following)\b"
    rf"|(?:the|these|those)\s+(?:other\s+)?{_NOUN}\b)"
    r"|^(?:all|none|both|neither) of (?:these|those|them)\.?$",
    re.IGNORECASE,
)
_BOTH = re.compile(rf"\b(?i:both|either|neither)\s+(?i:{_NOUN}\s+)?{_LETTER}\s+(?i:and|or|nor)\s+{_LETTER}")
_POSITION = re.compile(
    rf"\b(?i:{_NOUN})\s+(?:{_LETTER}|(?i:number\s+)?[1-9]\b(?![.,]?\d|\s*%))"
    rf"|\b(?i:the\s+(?:{_ORDINAL})\s+(?:(?:two|three|wrong|correct|right)\s+)?{_NOUN})\b"
    rf"|\b(?i:{_NOUN}\s+(?:above|below))\b"
)
_ABSOLUTE = re.compile(
    r"\b(?:always|never|none|nothing|nobody|must|cannot|impossible|guarantee\w*|completely|entirely|totally"
    r"|solely|exclusively|invariably|under (?:all|no) circumstances|in (?:all|every) cases?)\b",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"\b(?:select|choose|pick)\s+(?:the\s+)?(?:best\s+)?(?:two|three|four|five|six|[2-9])\b", re.IGNORECASE
)
_ASIDE = re.compile(r"\([^()]*\)\s*$")
_SENTENCE_END = re.compile(r"(?<=[.?!:])\s+|\n\s*\n")
_NEGATIVE = re.compile(
    r"\b(?:which|what)\b(?:\s+(?!that\b|who\b|so\b|if\b|when\b)[\w-]+){0,5}?\s+"
    r"(?:(?:is|are|was|were|do|does|did|can|could|will|would|should|may|must)(?:\s+(?P<not>not|never)\b"
    r"|(?P<short>n['\u2019]t\b))|(?P<cannot>cannot\b))"
    r"|\b(?P<except>except)(?:\s+(?:which|what|for)(?:\s+one)?)?\s*[?:]"
    r"|\bfollowing\b[^?]*?\b(?P<following>except)\b",
    re.IGNORECASE,
)
_ARTICLES = frozenset({"a", "an", "the", "its", "their", "this", "these", "that", "those"})


def check_all(drafts: Sequence[Draft], *, today: date) -> list[Finding]:
    """Every flaw of every draft, then those between drafts."""
    findings = [finding for draft in drafts for finding in check(draft, today=today)]
    for pair in wording.near_duplicates(drafts):
        draft, other = drafts[pair.second], drafts[pair.first]
        field = "testing_point" if "point" in pair.reason else "stem"
        advice = f"Rewrite or drop one of the two: {other.id} is nearly the same ({pair.reason})."
        findings.append(found(draft, Rule.NEAR_DUPLICATE, field, advice))
    return findings


def check(draft: Draft, *, today: date) -> list[Finding]:
    """Every flaw of one draft, in the order of `Rule`."""
    flaws = [
        *_key_length(draft),
        *_stem_echo(draft),
        *_phrases(draft),
        *_absolutes(draft),
        *_similar_options(draft),
        *_question(draft),
        *_explained(draft),
        *_verified(draft, today),
        *_tags(draft),
    ]
    return [found(draft, rule, field, advice) for rule, field, advice in flaws]


Flaws = Iterator[tuple[Rule, str, str]]
"""Rule, field below the question, advice."""


def found(draft: Draft, rule: Rule, field: str, advice: str) -> Finding:
    return Finding(rule, draft.id, draft.place.warning(field, advice))


def length(option: Option) -> int:
    """Characters that a candidate sees, near enough."""
    return len(wording.prose(option.text) or option.text)


def key_positions(draft: Draft) -> list[int]:
    return [position for position, option in enumerate(draft.options) if option.correct]


def _key_length(draft: Draft) -> Flaws:
    keys = key_positions(draft)
    others = [length(option) for option in draft.options if not option.correct]
    if len(keys) != 1 or not others:
        return
    key, mean = length(draft.options[keys[0]]), sum(others) / len(others)
    if key <= max(others):
        return
    field = f"options[{keys[0]}].text"
    if key > MUCH_LONGER * mean:
        advice = f"Shorten the key or lengthen distractors: {key} characters against {mean:.0f} on average."
        yield Rule.KEY_MUCH_LONGER, field, advice
    else:
        yield Rule.KEY_LONGEST, field, "Make one distractor at least as long: the key is the longest option."


def _stem_echo(draft: Draft) -> Flaws:
    """A cue is only what points one way: where a distractor repeats as many words that are its own, the
    repetition tells a guesser nothing."""
    stem = set(wording.content_roots(wording.prose(draft.stem)))
    echoes = [stem & set(wording.content_roots(option.text)) for option in draft.options]
    shown = Counter(word for echo in echoes for word in echo)
    own = [{word for word in echo if shown[word] == 1} for echo in echoes]
    losers = [len(own[p]) for p, option in enumerate(draft.options) if not option.correct]
    for position in key_positions(draft):
        if len(own[position]) >= 2 and len(own[position]) > max(losers, default=0):
            text = draft.options[position].text
            told = [word for word in wording.words(text) if wording.root(word) in own[position]]
            advice = f"Word it otherwise, or let a distractor say it too: {', '.join(dict.fromkeys(told))}."
            yield Rule.STEM_ECHO, f"options[{position}].text", advice


def _phrases(draft: Draft) -> Flaws:
    for position, option in enumerate(draft.options):
        field, text = f"options[{position}].text", wording.prose(option.text)
        if match := _OF_THE_ABOVE.search(text):
            yield Rule.OF_THE_ABOVE, field, f"Write an answer of its own instead of “{match[0]}”."
        if match := _BOTH.search(text):
            yield Rule.BOTH, field, f"Write out what is meant by “{match[0]}”: options are shuffled."
    for field, text in _texts(draft):
        if _speaks_of_options(text) and (match := _POSITION.search(wording.prose(text))):
            yield Rule.POSITION, field, f"Name the option by what it says, not “{match[0]}”: it is shuffled."


def _texts(draft: Draft) -> Iterator[tuple[str, str]]:
    yield "stem", draft.stem
    for position, option in enumerate(draft.options):
        yield f"options[{position}].text", option.text
        yield f"options[{position}].rationale", option.rationale
    yield "explanation", draft.explanation


def _speaks_of_options(text: str) -> bool:
    """Whether `_POSITION` can match: most texts have none of its nouns, and that is told much faster."""
    folded = text.casefold()
    return "option" in folded or "answer" in folded or "choice" in folded


def _absolutes(draft: Draft) -> Flaws:
    found = [_ABSOLUTE.search(wording.prose(option.text)) for option in draft.options]
    if any(match for match, option in zip(found, draft.options, strict=True) if option.correct):
        return
    for position, match in enumerate(found):
        if match:
            advice = f"Soften “{match[0]}”, or let a key say as much: absolutes mark a distractor."
            yield Rule.ABSOLUTES, f"options[{position}].text", advice


def _similar_options(draft: Draft) -> Flaws:
    """Options that mean the same, or one of which holds the other. An article or an ending makes no
    difference; any other word does, and so does the order."""
    plain = [
        [wording.root(w) for w in wording.words(option.text) if w not in _ARTICLES]
        for option in draft.options
    ]
    for second in range(len(plain)):
        for first in range(second):
            field, other = f"options[{second}].text", draft.options[first].id
            if plain[first] == plain[second] and plain[first]:
                advice = f"Say something else: option {other} means the same."
                yield Rule.SIMILAR_OPTIONS, field, advice
            elif _holds(plain[first], plain[second]) or _holds(plain[second], plain[first]):
                advice = f"Separate the two: this one and option {other} contain each other."
                yield Rule.SIMILAR_OPTIONS, field, advice


def _holds(outer: Sequence[str], inner: Sequence[str]) -> bool:
    """Whether all of `inner`, three words or more, stands together in `outer`."""
    size = len(inner)
    return size >= 3 and any(outer[at : at + size] == inner for at in range(len(outer) - size + 1))


def _question(draft: Draft) -> Flaws:
    text = wording.prose(draft.stem)
    while text.endswith(")") and (shorter := _ASIDE.sub("", text).rstrip()) != text:
        text = shorter
    text = re.sub(_COUNT.pattern + r"[^.?]*\.?$", "", text, flags=re.IGNORECASE).rstrip()
    asked = next((part for part in reversed(_SENTENCE_END.split(text)) if part.endswith("?")), "")
    if not text.endswith("?"):
        yield Rule.NO_QUESTION, "stem", "End the stem with one question."
    match = _NEGATIVE.search(asked)
    word = next((group for group in match.groups() if group), "") if match else ""
    if word and not word.isupper():
        advice = f"Ask for what fits; if that cannot be, write {word.upper()} in capitals."
        yield Rule.NEGATIVE, "stem", advice
    keys = len(key_positions(draft))
    if keys > 1 and not _COUNT.search(wording.prose(draft.stem)):
        yield Rule.NO_COUNT, "stem", f"Say how many to select: {keys} options are correct."


def _explained(draft: Draft) -> Flaws:
    for position, option in enumerate(draft.options):
        if not option.rationale.strip():
            why = "right" if option.correct else "wrong"
            yield Rule.NO_RATIONALE, f"options[{position}]", f"Say why this option is {why} here."
    if not draft.references:
        yield Rule.NO_REFERENCE, "references", "Name the page of documentation that settles the point."


def _verified(draft: Draft, today: date) -> Flaws:
    if draft.verified_on is None:
        yield Rule.NOT_VERIFIED, "verified_on", "Check the facts, and write the day."
    elif draft.verified_on < months_before(today, MONTHS_FRESH):
        advice = f"Check the facts again: {draft.verified_on} is over {MONTHS_FRESH} months ago."
        yield Rule.NOT_VERIFIED, "verified_on", advice


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _tags(draft: Draft) -> Flaws:
    first_by_tag: dict[str, Option] = {}
    for position, option in enumerate(draft.options):
        if option.distractor_tag is None:
            continue
        first = first_by_tag.setdefault(option.distractor_tag, option)
        if first is not option:
            advice = f"Let this distractor be wrong in another way: option {first.id} has the same tag."
            yield Rule.REPEATED_TAG, f"options[{position}].distractor_tag", advice
