"""What the headers of a table mean: one list of names for all layouts that are in use.

A header is compared in small letters with everything but letters and digits made one underscore, so that
"Answer Option 1", "answer_option_1" and "answerOption1" are the same. Our fields have the names that problems
use: `stem`, `options[0].text`, `options[0].rationale`; `key` is the cell that names the correct options and
`options` one cell with all of them."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MAX_OPTIONS = 26
IGNORED = "ignore"
LABELS = frozenset({"domain", "tags"})

ALIASES: Mapping[str, Sequence[str]] = {
    "stem": ("question", "question_text", "questiontext", "stem", "question_stem", "prompt", "item_stem"),
    "kind": (
        *("question_type", "type", "kind", "selection_type", "answer_type"),
        "question_type_multiple_choice_or_multi_select",
    ),
    "several": (
        *("is_multi_answer", "is_multi", "is_multiple", "is_multi_select", "is_multiple_answer"),
        *("multi_answer", "multiple_answers", "multi_select", "allow_multiple"),
    ),
    "key": (
        *("correct_answers", "correct_answer", "correct_response", "correct_responses", "correct"),
        *("answer", "answers", "key", "answer_key", "correct_option", "correct_options", "right_answer"),
        *("correct_choice", "correct_choices", "correct_answer_s", "correct_key", "right_answers"),
    ),
    "options": ("choices", "options", "answer_options", "answer_choices", "option_list", "options_json"),
    "rationales": ("option_explanations", "option_rationales", "rationales", "choice_explanations"),
    "explanation": (
        *("overall_explanation", "explanation", "general_explanation", "general_feedback"),
        *("question_explanation", "rationale", "feedback", "justification", "answer_explanation"),
        "correct_answer_explanation",
    ),
    "id": ("id", "question_id", "external_id", "item_id", "uid"),
    "task_statement": ("task_statement", "task", "task_statement_code", "task_code"),
    "domain": (
        *("domain", "knowledge_area", "topic", "section", "category", "subject", "objective", "module"),
        *("area", "chapter", "subdomain", "sub_topic", "subtopic", "difficulty"),
    ),
    "tags": ("tags", "tag", "labels", "keywords"),
    "level": ("level", "cognitive_level"),
    "testing_point": ("testing_point", "test_point"),
    "services": ("services", "service", "aws_services"),
    "references": ("references", "reference", "sources", "source", "source_url", "url", "link", "links"),
    "verified_on": ("verified_on", "verified", "last_verified"),
    "shuffle": ("shuffle", "shuffle_options", "randomize", "randomise"),
    "fixed": ("fixed_options", "fixed"),
    "enemies": ("enemies",),
    "option_ids": ("option_ids",),
    "exhibits": ("image", "images", "image_file", "figure", "exhibit", "exhibits"),
    "alt": ("image_alt", "image_description", "alt", "alt_text"),
    IGNORED: ("problems", "no", "nr", "number", "question_number", "row"),
}
_BY_NAME = {alias: name for name, aliases in ALIASES.items() for alias in aliases}

_AT = r"_(?P<at>[0-9]{1,2}|[a-z])"
_OPTION = r"(?:answer_option|answer_choice|option|choice|answer|alternative|opt|response)"
_WHY = r"(?:explanation|rationale|feedback|reason|justification)"
_PATTERNS = [
    ("rationale", rf"{_WHY}(?:_for)?(?:_{_OPTION})?{_AT}"),
    ("rationale", rf"{_OPTION}{_AT}_{_WHY}"),
    ("rationale", rf"{_OPTION}_{_WHY}{_AT}"),
    ("correct", rf"(?:is_)?{_OPTION}{_AT}_(?:is_)?correct"),
    ("correct", rf"(?:is_)?correct{_AT}"),
    ("correct", rf"{_OPTION}_(?:is_)?correct{_AT}"),
    ("distractor_tag", rf"(?:{_OPTION}_)?distractor_tag{_AT}"),
    ("text", rf"{_OPTION}(?:_text)?{_AT}(?:_text)?"),
    ("text", r"(?P<at>[a-j])"),
]
_NUMBERED = [(part, re.compile(pattern)) for part, pattern in _PATTERNS]
_UDEMY_OPTION = re.compile(r"answer_option_[0-9]{1,2}")

REQUIRED = {
    "stem": "the question",
    "options": "the options",
    "key": "the correct answers",
}
"""What no table can do without, as a person would say it. Options are one column each or all in one."""

FIELDS: Mapping[str, str] = {
    "stem": "Question",
    "kind": "Question type",
    "several": "More than one correct (yes or no)",
    "key": "Correct answers",
    "options": "All options in one cell",
    **{f"options[{n}].text": f"Option {n + 1}" for n in range(10)},
    **{f"options[{n}].rationale": f"Explanation of option {n + 1}" for n in range(10)},
    **{f"options[{n}].correct": f"Option {n + 1} is correct (yes or no)" for n in range(10)},
    "explanation": "Overall explanation",
    "id": "ID",
    "task_statement": "Task statement",
    "domain": "Domain or topic",
    "tags": "Tags",
    "level": "Level (1 to 3)",
    "testing_point": "Testing point",
    "services": "Services",
    "references": "References",
    "verified_on": "Verified on",
    "shuffle": "Shuffle (yes or no)",
    "exhibits": "Image file",
    "alt": "Image description",
    IGNORED: "Leave out",
}
"""What somebody may say a header means, with the words to offer it in."""


@dataclass(frozen=True, slots=True)
class Headers:
    """The headers of a table: `known` by header to our field, `unknown`, and what is `missing` (words of
    REQUIRED). `hash` is the same for the same headers, for a mapping to be remembered by."""

    known: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the fields of a table stand. `headers` are all of them as written; `at` the column of a field;
    `labels` the columns of domains, topics and tags. `html_options` says that options are HTML and numbers
    in the key count them, as Udemy has it."""

    headers: tuple[str, ...]
    at: Mapping[str, int]
    labels: tuple[int, ...]
    unknown: tuple[str, ...]
    repeated: tuple[str, ...]
    missing: tuple[str, ...]
    html_options: bool

    def header(self, name: str) -> str:
        return self.headers[self.at[name]] if name in self.at else ""


def normalise(header: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z0-9])", "_", header.strip())
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")


def meaning(header: str) -> str | None:
    """The field that a header stands for, None if it is not known."""
    name = normalise(header)
    if name in _BY_NAME:
        return _BY_NAME[name]
    for part, pattern in _NUMBERED:
        match = pattern.fullmatch(name)
        if match:
            at = match["at"]
            position = int(at) - 1 if at.isdigit() else ord(at) - ord("a")
            return f"options[{position}].{part}" if 0 <= position < MAX_OPTIONS else None
    return None


def columns(headers: Sequence[str], mapping: Mapping[str, str]) -> Columns:
    """What a header row says; `mapping` (header -> field) goes before what we know."""
    at: dict[str, int] = {}
    labels: list[int] = []
    unknown: list[str] = []
    repeated: list[str] = []
    for position, header in enumerate(headers):
        name = mapping.get(header) or meaning(header) if header.strip() else IGNORED
        if name is None:
            unknown.append(header)
        elif name in LABELS:
            labels.append(position)
            at.setdefault(name, position)
        elif name in at:
            repeated.append(header)
        elif name != IGNORED:
            at[name] = position
    return Columns(
        tuple(headers),
        at,
        tuple(labels),
        tuple(unknown),
        tuple(repeated),
        _missing(at),
        any(_UDEMY_OPTION.fullmatch(normalise(header)) for header in headers),
    )


def _missing(at: Mapping[str, int]) -> tuple[str, ...]:
    texts = sum(re.fullmatch(r"options\[[0-9]+\]\.text", name) is not None for name in at)
    flags = any(name.endswith(".correct") for name in at)
    present = {
        "stem": "stem" in at,
        "options": "options" in at or texts >= 2,
        "key": "key" in at or flags or ("options" in at and texts == 0),
    }
    return tuple(REQUIRED[name] for name, there in present.items() if not there)


def described(table: Columns) -> Headers:
    """What a page shows of a table's headers."""
    left_out = {*table.unknown, *table.repeated}
    known = {
        header: name
        for name, position in table.at.items()
        if (header := table.headers[position]) not in left_out
    }
    known |= {
        table.headers[position]: "domain" for position in table.labels if position not in table.at.values()
    }
    names = "\n".join(normalise(header) for header in table.headers)
    return Headers(known, table.unknown, table.missing, hashlib.sha256(names.encode()).hexdigest())
