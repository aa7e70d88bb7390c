"""What a format cannot carry of given questions, to be said before they are written in it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from questions.formats import Draft, Feature, Format

_DEFAULT_LEVEL = 2

_HAS: Mapping[Feature, Callable[[Draft], bool]] = {
    Feature.MULTIPLE_RESPONSE: lambda draft: draft.kind == "multiple_response",
    Feature.ID: lambda draft: bool(draft.id),
    Feature.TASK_STATEMENT: lambda draft: bool(draft.task_statement),
    Feature.LEVEL: lambda draft: draft.level != _DEFAULT_LEVEL,
    Feature.TESTING_POINT: lambda draft: bool(draft.testing_point),
    Feature.EXPLANATION: lambda draft: bool(draft.explanation),
    Feature.RATIONALES: lambda draft: any(option.rationale for option in draft.options),
    Feature.REFERENCES: lambda draft: bool(draft.references),
    Feature.SERVICES: lambda draft: bool(draft.services),
    Feature.ENEMIES: lambda draft: bool(draft.enemies),
    Feature.EXHIBITS: lambda draft: bool(draft.exhibits),
    Feature.CALCULATION: lambda draft: draft.calculation is not None,
    Feature.DISTRACTOR_TAGS: lambda draft: any(option.distractor_tag for option in draft.options),
    Feature.FIXED_OPTIONS: lambda draft: any(option.fixed for option in draft.options),
    Feature.OPTION_ORDER: lambda draft: not draft.shuffle,
    Feature.VERIFIED_ON: lambda draft: draft.verified_on is not None,
}
_FORMATTING = re.compile(
    r"[^\S ]|  |`|\*\S|\b_\S|^[ ]*(?:#{1,6} |>|[-+*] |\d{1,9}[.)](?: |$)|[-=_]{3})|<[a-z/]|!?\[|\\|&"
    r"|^(?:ANSWER:|[A-Z][).])"
)
"""What may be formatting, or would be taken for an option or a key where those are lines."""

_LEFT_OUT = frozenset({Feature.MULTIPLE_RESPONSE, Feature.MANY_OPTIONS})


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that these questions have and the format has no place for. When they are `left_out`, the
    format has no place for the questions themselves."""

    feature: Feature
    ids: tuple[str, ...]
    left_out: bool = False


def is_left_out(draft: Draft, format_: Format) -> bool:
    """Whether the format cannot hold such a question at all."""
    return any(_is_lost(feature, draft, format_) for feature in _LEFT_OUT)


def losses(drafts: Sequence[Draft], format_: Format) -> list[Loss]:
    """What is lost when these questions are written in the format, in the order of `Feature`. A question that
    is left out altogether is counted for that alone."""
    kept = [draft for draft in drafts if not is_left_out(draft, format_)]
    found = []
    for feature in Feature:
        among = drafts if feature in _LEFT_OUT else kept
        ids = tuple(draft.id for draft in among if _is_lost(feature, draft, format_))
        if ids:
            found.append(Loss(feature, ids, feature in _LEFT_OUT))
    return found


def _is_lost(feature: Feature, draft: Draft, format_: Format) -> bool:
    if feature is Feature.MANY_OPTIONS:
        return len(draft.options) > format_.max_options
    if feature is Feature.FORMATTING:
        return format_.plain and _is_formatted(draft)
    return feature not in format_.keeps and _HAS[feature](draft)


def _is_formatted(draft: Draft) -> bool:
    """Whether a stem or an option may be more than one line of plain text; asked of the source, which is
    quicker than rendering and errs to the safe side."""
    return any(map(_FORMATTING.search, (draft.stem, *(option.text for option in draft.options))))
