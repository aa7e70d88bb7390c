"""What other formats allow and an exam here does not, brought into a shape that it allows: nothing that a
candidate needs is lost, and a warning says what became of it.

Only drafts from foreign formats are fitted; whoever writes ours is told what to change.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from questions.formats import Draft, Option, Problem
from questions.formats.texts import from_plain
from questions.rendering import has_link, has_table, option_to_html, to_html

_LINK = re.compile(
    r"(?<!\\)\[(?P<text>(?:[^\[\]\\]|\\.)+)\]\((?:<(?P<angled>[^<>\n]*)>|(?P<bare>[^()\s]*))"
    r"(?:\s+(?:\"[^\"]*\"|'[^']*'))?\)"
    r"|<(?P<auto>https?://[^<>\s]+)>"
)
_FENCE = re.compile(r"`{3,}")
UNLINKED = "Check the text: a link became its words and its address, because a candidate stays in the exam."
FRAMED = "Check the option: its table is shown as it was typed, because an option cannot hold one."
ONE_KEY = "Mark a second key if there is one: with one key it becomes a multiple choice."


def fit(draft: Draft) -> tuple[Draft, tuple[Problem, ...]]:
    """`draft` as an exam can show it, and a warning for each thing that was changed."""
    if not draft.unstated:
        return draft, ()
    problems: list[Problem] = []
    draft = _one_key(draft, problems)
    stem = _unlinked(draft.stem)
    if stem != draft.stem:
        problems.append(draft.place.warning("stem", UNLINKED, draft.stem))
    options = tuple(
        _option(draft, position, option, problems) for position, option in enumerate(draft.options)
    )
    return replace(draft, stem=stem, options=options), tuple(problems)


def _one_key(draft: Draft, problems: list[Problem]) -> Draft:
    if draft.kind != "multiple_response" or sum(option.correct for option in draft.options) != 1:
        return draft
    problems.append(draft.place.warning("kind", ONE_KEY))
    return replace(draft, kind="multiple_choice")


def _option(draft: Draft, position: int, option: Option, problems: list[Problem]) -> Option:
    text = _unlinked(option.text)
    field = f"options[{position}].text"
    if text != option.text:
        problems.append(draft.place.warning(field, UNLINKED, option.text))
    if has_table(text):
        problems.append(draft.place.warning(field, FRAMED, text))
        fence = "`" * max([3, *(len(run) + 1 for run in _FENCE.findall(text))])
        text = f"{fence}\n{text}\n{fence}"
    return replace(option, text=text)


def _unlinked(text: str) -> str:
    """The text with each link as its words and, in parentheses, its address; as it was if that leaves a link
    (one in a code span is none)."""
    if not has_link(text):
        return text
    plain = _LINK.sub(lambda match: "".join(_words(match)), text)
    return text if has_link(plain) else plain


def _words(match: re.Match[str]) -> Iterator[str]:
    address = match["auto"] or match["angled"] or match["bare"] or ""
    shown = from_plain(address)
    if match["text"] is None or match["text"].strip() in {address, shown}:
        yield shown
    else:
        yield match["text"]
        yield f" ({shown})" if address else ""


def spelled(draft: Draft, base: Draft) -> Draft:
    """`draft` with the spelling that `base` has wherever both are shown alike: one text can be written in
    several ways, and what came through HTML is no change of it."""
    if not draft.unstated:
        return draft
    standing = {option.id: option for option in base.options}
    options = tuple(
        replace(
            option,
            text=_spelling(option.text, old.text, option_to_html),
            rationale=_spelling(option.rationale, old.rationale, to_html),
        )
        if (old := standing.get(option.id))
        else option
        for option in draft.options
    )
    return replace(
        draft,
        stem=_spelling(draft.stem, base.stem, to_html),
        explanation=_spelling(draft.explanation, base.explanation, to_html),
        options=options,
    )


def _spelling(text: str, old: str, shown: Callable[[str], str]) -> str:
    return old if text != old and shown(text) == shown(old) else text
