"""What a well-formed question is: one list for the importer, forms and the administration.

`check` judges one draft, `check_all` a set of drafts that come together. An error keeps all of them out; a
warning is for the author. Whether a question is a good one is not asked here."""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import urlsplit

from questions.calculation import FUNCTIONS, FormulaError, evaluate
from questions.exhibits import Figure
from questions.fingerprint import fold, testing_point_key
from questions.formats import (
    Calculation,
    CalculationResult,
    DistractorTag,
    Draft,
    Option,
    Problem,
    Reading,
    Severity,
)
from questions.rendering import has_link, has_table

MIN_OPTIONS, MAX_OPTIONS = 2, 26
LEVELS = (1, 2, 3)
DISTRACTOR_TAGS = frozenset(DistractorTag)
MOST_CHARACTERS = {
    "stem": 6000,
    "explanation": 6000,
    "testing_point": 400,
    "options.text": 2000,
    "options.rationale": 3000,
    "references.title": 300,
    "references.url": 2000,
    "services": 100,
}
MOST_ENTRIES = {"references": 20, "services": 30, "enemies": 100, "exhibits": 6}
NEEDS_TASK_STATEMENT = "Give the question a task statement."

_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_OPTION_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,19}")
_CHOOSE = re.compile(
    r"\((?i:select|choose|pick)\s+(?i:the\s+)?(?i:best\s+)?(?P<inner>\w+)"
    r"|\b(?i:select|choose|pick)\s+(?P<outer>ONE|TWO|THREE|FOUR|FIVE)\b"
)
_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_NUMBER_IN_TEXT = re.compile(r"\d+(?:\.\d+)?")
_THOUSANDS = re.compile(r"(?<=\d)[,\u00a0\u202f](?=\d{3}(?!\d))")


@dataclass(frozen=True, slots=True)
class Known:
    """What stands around a draft. `task_statements` is None where no certification is known; `untagged` is
    how bad it is to have none. `figures` holds, by the draft's file and the exhibit's, a figure or the
    sentence that says why it is none."""

    task_statements: Collection[str] | None
    question_ids: Collection[str] = ()
    figures: Mapping[tuple[str, str], Figure | str] = field(default_factory=dict)
    untagged: Severity = Severity.ERROR


def check_all(drafts: Sequence[Draft], known: Known) -> list[Problem]:
    """Every breach in every draft, and between them."""
    ids = Counter(draft.id for draft in drafts)
    everybody = {*ids, *known.question_ids}
    problems: list[Problem] = []
    first_by_point: dict[str, Draft] = {}
    seen: set[str] = set()
    for draft in drafts:
        problems += check(draft, known)
        if draft.id in seen:
            problems.append(taken(draft))
        seen.add(draft.id)
        problems += [
            unknown_enemy(draft, position, enemy)
            for position, enemy in enumerate(draft.enemies)
            if enemy not in everybody
        ]
        first = first_by_point.setdefault(testing_point_key(draft.testing_point, draft.stem), draft)
        if first is not draft and first.id != draft.id:
            problems.append(same_point(draft, first.id))
    return problems


def taken(draft: Draft) -> Problem:
    return draft.place.error("id", f"Give every question an id of its own: {draft.id} is taken.", draft.id)


def unknown_enemy(draft: Draft, position: int, enemy: str) -> Problem:
    message = f"Name a question that exists: {enemy} is not known."
    return draft.place.warning(f"enemies[{position}]", message, enemy)


def same_point(draft: Draft, other: str) -> Problem:
    """`other` says which question, as it goes into the sentence."""
    if not draft.testing_point.strip():
        return draft.place.warning(
            "stem", f"Ask something of its own: {other} has the same stem.", draft.stem
        )
    message = f"Test something of its own: {other} has the same testing point."
    return draft.place.warning("testing_point", message, draft.testing_point)


def check(draft: Draft, known: Known) -> list[Problem]:
    """Every breach in one draft, in the order of its fields."""
    return [
        *_sizes(draft),
        *_task_statement(draft, known),
        *_stem(draft),
        *_options(draft),
        *_keys(draft),
        *_references(draft),
        *_level(draft),
        *_enemies(draft),
        *_exhibits(draft, known),
        *_calculation(draft),
    ]


def too_large(draft: Draft) -> bool:
    """Whether the draft is larger than questions may be, so that nothing slow should be asked of it."""
    return len(draft.options) > MAX_OPTIONS or next(_sizes(draft), None) is not None


def _sizes(draft: Draft) -> Iterator[Problem]:
    """What is too long for the bank, or for the exchange format that it is kept in."""
    texts = [(name, getattr(draft, name)) for name in ("stem", "explanation", "testing_point")]
    for position, option in enumerate(draft.options):
        texts.append((f"options[{position}].text", option.text))
        texts.append((f"options[{position}].rationale", option.rationale))
    texts += [(f"references[{n}].title", reference.title) for n, reference in enumerate(draft.references)]
    texts += [(f"references[{n}].url", reference.url) for n, reference in enumerate(draft.references)]
    texts += [(f"services[{n}]", service) for n, service in enumerate(draft.services)]
    for field_, text in texts:
        most = MOST_CHARACTERS[re.sub(r"\[\d+\]", "", field_)]
        if len(text) > most:
            yield draft.place.error(field_, f"Shorten the text to at most {most} characters.", text)
    for field_, most in MOST_ENTRIES.items():
        count = len(getattr(draft, field_))
        if count > most:
            yield draft.place.error(field_, f"Keep at most {most} entries: there are {count}.")


def _task_statement(draft: Draft, known: Known) -> Iterator[Problem]:
    if not draft.task_statement:
        tell = draft.place.error if known.untagged == Severity.ERROR else draft.place.warning
        yield tell("task_statement", NEEDS_TASK_STATEMENT)
    elif known.task_statements is not None and draft.task_statement not in known.task_statements:
        message = f"Use a task statement of the certification: it has no {draft.task_statement}."
        yield draft.place.error("task_statement", message, draft.task_statement)


def _stem(draft: Draft) -> Iterator[Problem]:
    if not draft.stem.strip():
        yield draft.place.error("stem", "Write the stem.")
    if has_link(draft.stem):
        yield draft.place.error(
            "stem", "Remove the link from the stem: a candidate stays in the exam.", draft.stem
        )
    keys = sum(option.correct for option in draft.options)
    for match in _CHOOSE.finditer(draft.stem):
        word = (match["inner"] or match["outer"]).lower()
        asked = _NUMBERS.get(word, int(word) if re.fullmatch(r"[1-9]", word) else None)
        if asked is not None and asked != keys:
            message = f"Ask for as many options as are correct: {match[0].strip('(')}, not {keys}."
            yield draft.place.error("stem", message, match[0].strip("("))


def _options(draft: Draft) -> Iterator[Problem]:
    place, options = draft.place, draft.options
    if not MIN_OPTIONS <= len(options) <= MAX_OPTIONS:
        message = f"Give {MIN_OPTIONS} to {MAX_OPTIONS} options: there are {len(options)}."
        yield place.error("options", message, _listed(options))
    first_by_id: dict[str, int] = {}
    first_by_text: dict[str, int] = {}
    for position, option in enumerate(options):
        path = f"options[{position}]"
        if not _OPTION_ID.fullmatch(option.id):
            message = "Use small letters, digits, dashes and underscores, at most 20."
            yield place.error(f"{path}.id", message, option.id)
        if first_by_id.setdefault(option.id, position) != position:
            message = f"Give every option an id of its own: {option.id} is taken."
            yield place.error(f"{path}.id", message, option.id)
        first = first_by_text.setdefault(fold(option.text), position)
        if not option.text.strip():
            yield place.error(f"{path}.text", "Write the option's text.")
        elif first != position:
            message = f"Word the option differently: option {options[first].id} says the same."
            yield place.error(f"{path}.text", message, option.text)
        if has_table(option.text):
            message = "Put the table into the stem: an option cannot hold one."
            yield place.error(f"{path}.text", message, option.text)
        if has_link(option.text):
            message = "Remove the link from the option: a candidate stays in the exam."
            yield place.error(f"{path}.text", message, option.text)
        yield from _tag(draft, path, option)


def _listed(options: Iterable[Option]) -> str:
    return " | ".join(option.text for option in options)


def _tag(draft: Draft, path: str, option: Option) -> Iterator[Problem]:
    tag = option.distractor_tag
    if tag is None:
        return
    if tag not in DISTRACTOR_TAGS:
        message = f"Use one of these tags: {', '.join(sorted(DISTRACTOR_TAGS))}."
        yield draft.place.error(f"{path}.distractor_tag", message, tag)
    if option.correct:
        yield draft.place.error(f"{path}.distractor_tag", "Remove the tag: this option is correct.", tag)


def _keys(draft: Draft) -> Iterator[Problem]:
    correct = [(chr(ord("A") + n), option) for n, option in enumerate(draft.options) if option.correct]
    keys, texts = len(correct), _listed(option for _, option in correct)
    if draft.kind == "multiple_choice" and keys != 1:
        message = f"Make exactly one option of a multiple choice correct, not {keys}."
        yield draft.place.error("options", message, texts, _readings(correct))
    if draft.kind == "multiple_response":
        if keys < 2:
            message = f"Make two or more options of a multiple response correct, not {keys}."
            one = Reading("Make it a multiple choice", {"kind": "multiple_choice"})
            yield draft.place.error("options", message, texts, (one,) if keys else ())
        elif keys == len(draft.options):
            yield draft.place.warning("options", "Make at least one option wrong: all are correct.", texts)


def _readings(correct: Sequence[tuple[str, Option]]) -> tuple[Reading, ...]:
    """What several keys in a question with one may mean."""
    if not correct:
        return ()
    return (
        Reading("Make it a multiple response", {"kind": "multiple_response"}),
        *(Reading(f"Keep only {letter} as the key", {"key": [option.id]}) for letter, option in correct),
    )


def _references(draft: Draft) -> Iterator[Problem]:
    for position, reference in enumerate(draft.references):
        if not is_web_address(reference.url):
            message = "Write the whole address of a page, beginning with https:// or http://."
            yield draft.place.error(f"references[{position}].url", message, reference.url)


def is_web_address(url: str) -> bool:
    if re.search(r"[\s<>\"\\]", url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
    except ValueError:
        return False


def _level(draft: Draft) -> Iterator[Problem]:
    if draft.level not in LEVELS:
        message = "Write 1 for recall, 2 for application or 3 for analysis."
        yield draft.place.error("level", message, str(draft.level))


def _enemies(draft: Draft) -> Iterator[Problem]:
    for position, enemy in enumerate(draft.enemies):
        if enemy == draft.id:
            message = "Remove this: a question is not its own enemy."
            yield draft.place.error(f"enemies[{position}]", message, enemy)


def _exhibits(draft: Draft, known: Known) -> Iterator[Problem]:
    ids: set[str] = set()
    for position, exhibit in enumerate(draft.exhibits):
        path = f"exhibits[{position}]"
        if exhibit.id in ids:
            message = f"Give every exhibit an id of its own: {exhibit.id} is taken."
            yield draft.place.error(f"{path}.id", message, exhibit.id)
        ids.add(exhibit.id)
        figure = known.figures.get((draft.place.file, exhibit.file))
        if not _FILE.fullmatch(exhibit.file):
            figure = "Name the figure's file with letters, digits, dots, dashes and underscores."
        if figure is None:
            figure = f"Add the file: there is no exhibits/{exhibit.file}."
        if isinstance(figure, str):
            yield draft.place.error(f"{path}.file", figure, exhibit.file)


def _calculation(draft: Draft) -> Iterator[Problem]:
    calculation = draft.calculation
    if calculation is None:
        return
    for name in sorted(FUNCTIONS & calculation.given.keys()):
        message = f"Give the value another name: {name} is a function."
        yield draft.place.error(f"calculation.given.{name}", message, name)
    options = {option.id: option for option in draft.options}
    counts = Counter(result.option for result in calculation.results)
    for option in options:
        if counts[option] != 1:
            message = f"Give exactly one result for option {option}: there are {counts[option]}."
            yield draft.place.error("calculation.results", message, option)
    first_by_value: dict[Decimal, str] = {}
    for position, result in enumerate(calculation.results):
        path = f"calculation.results[{position}]"
        known_option = options.get(result.option)
        if known_option is None:
            message = f"Name an option of the question: it has no {result.option}."
            yield draft.place.error(f"{path}.option", message, result.option)
            continue
        yield from _result(draft, calculation, result, path, known_option)
        first = first_by_value.setdefault(result.value, result.option)
        if first != result.option:
            message = f"Let results differ: option {first} has the same value."
            yield draft.place.error(f"{path}.value", message, str(result.value))


def _result(
    draft: Draft, calculation: Calculation, result: CalculationResult, path: str, option: Option
) -> Iterator[Problem]:
    if result.value not in numbers_in(option.text):
        message = f"Show {result.value} in the text of option {option.id}, or mend the value."
        yield draft.place.error(f"{path}.value", message, option.text)
    try:
        computed = evaluate(result.formula, {name: float(value) for name, value in calculation.given.items()})
    except FormulaError as error:
        yield draft.place.error(f"{path}.formula", str(error), result.formula)
        return
    if not agrees(computed, result.value):
        message = f"Mend the value or the formula: the formula gives {computed:.10g}."
        yield draft.place.error(f"{path}.value", message, f"{result.formula} = {result.value}")


def agrees(computed: float, shown: Decimal) -> bool:
    """Whether `shown` is `computed`, rounded to as many decimals as it shows."""
    exponent = shown.as_tuple().exponent
    half_step = 0.5 * 10.0 ** min(int(exponent), 0)
    return math.isclose(computed, float(shown), rel_tol=1e-12, abs_tol=half_step * (1 + 1e-9))


def numbers_in(text: str) -> set[Decimal]:
    """Every number that a text shows, with its sign and without; thousands may be set apart."""
    found: set[Decimal] = set()
    plain = _THOUSANDS.sub("", text)
    for match in _NUMBER_IN_TEXT.finditer(plain):
        value = Decimal(match.group())
        found |= {value, -value} if plain[: match.start()].endswith(("-", "\u2212")) else {value}
    return found
