"""QTI 2.0, 2.1, 2.2 and 3.0: one item to one question.

Names are compared without prefix and namespace, and those of 3.0 as if they were of 2.x
(`qti-choice-interaction` is `choiceInteraction`), so that one reader does for all four. The kind is the
response's `cardinality`; the key its `correctResponse`, or else the choices that `mapping` gives points for.
Feedback inside a choice, or modal feedback named like one, is that option's rationale; all other feedback is
the explanation. Scoring rules that an item writes out are not interpreted, only looked at for a comparison
with the correct response."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from questions.formats import Draft, Entry, Kind, Option, Place, Problem, Reading, option_id
from questions.formats.keywords import UNSAID, Stated, stated
from questions.formats.qti_content import (
    PARTIAL_CREDIT,
    Content,
    Context,
    explanation,
    external_id,
    markup,
)
from questions.formats.xml_nodes import Element, local_name

OWN_CHOICE = "option_"
_OWN_ID = re.compile(r"option_([a-z0-9][a-z0-9_-]{0,19})")
_FEEDBACK_TAGS = ("feedbackInline", "feedbackBlock")
_ALL_OR_NOTHING = frozenset({"match_correct", "CC2_match", "CC2_match_basic"})
_PARTIAL = frozenset({"map_response", "CC2_map_response"})


@lru_cache(maxsize=4096)
def normalise(name: str) -> str:
    """A name as 2.x writes it, without its prefix."""
    first, *others = local_name(name).removeprefix("qti-").split("-")
    return first + "".join(part[:1].upper() + part[1:] for part in others)


@dataclass(slots=True)
class _Item:
    """An item of one choice interaction, while it is read."""

    element: Element
    body: Element
    interaction: Element
    choices: list[Element]
    response: Element | None
    content: Content
    place: Place
    names: list[str] = field(default_factory=list)

    def problem(self, problem: Problem) -> None:
        self.content.problems.append(problem)


def read_item(element: Element, context: Context) -> Entry:
    """What became of an `assessmentItem`."""
    lines = {"": element.line}
    identifier = element.attributes.get("identifier", "").strip()
    place = context.place(identifier, lines)
    body = element.child("itemBody")
    if body is None:
        advice = "Give the item an itemBody with the question and its choices."
        return Entry(place, problems=(place.error("stem", advice),), raw=element.xml(), done=context.done)
    interactions = [found for found in _below(body) if found.tag.endswith("Interaction")]
    response = _response(element, interactions)
    skipped = _other_kind(element, body, interactions, response)
    if skipped:
        return Entry(place, skipped=skipped, raw=element.xml(), done=context.done)
    interaction = interactions[0]
    choices = interaction.all("simpleChoice")
    item = _Item(element, body, interaction, choices, response, Content(place, lines, context), place)
    _lines(item, lines)
    draft = _draft(item, identifier, stated(context.labels))
    return Entry(
        place,
        draft,
        problems=item.content.said(),
        figures=item.content.figures,
        raw=element.xml(),
        done=context.done,
    )


def _below(element: Element) -> Iterator[Element]:
    for child in element.elements:
        yield child
        yield from _below(child)


def _response(element: Element, interactions: Sequence[Element]) -> Element | None:
    """The declaration of what the only interaction answers."""
    wanted = interactions[0].attributes.get("responseIdentifier", "") if len(interactions) == 1 else ""
    declared = element.all("responseDeclaration")
    return next((found for found in declared if found.attributes.get("identifier") == wanted), None)


def _other_kind(
    element: Element, body: Element, interactions: Sequence[Element], response: Element | None
) -> str:
    """What kind of item this is, in the standard's words, if it is no fixed question of one choice."""
    names = list(dict.fromkeys(found.tag for found in interactions))
    if not names:
        return "no interaction"
    if len(interactions) > 1:
        return names[0] if len(names) == 1 and names != ["choiceInteraction"] else "composite"
    if names != ["choiceInteraction"]:
        return names[0]
    if element.child("templateDeclaration") or any(body.below("printedVariable")):
        return "itemTemplate"
    if element.attributes.get("adaptive", "").strip() in {"true", "1"}:
        return "adaptive"
    cardinality = "" if response is None else response.attributes.get("cardinality", "")
    return f"{cardinality} choiceInteraction" if cardinality in {"ordered", "record"} else ""


def _lines(item: _Item, lines: dict[str, int]) -> None:
    prompt = item.interaction.child("prompt")
    first = next(iter(item.body.elements), item.body)
    lines["stem"] = prompt.line if first is item.interaction and prompt is not None else first.line
    lines["options"] = item.interaction.line
    if item.response is not None:
        lines["kind"] = item.response.line
    for position, choice in enumerate(item.choices):
        lines[f"options[{position}]"] = choice.line
        inside = [found for tag in _FEEDBACK_TAGS for found in choice.all(tag)]
        if inside:
            lines[f"options[{position}].rationale"] = inside[0].line


def _draft(item: _Item, identifier: str, said: Stated) -> Draft:
    item.names = [choice.attributes.get("identifier", "").strip() for choice in item.choices]
    own_ids = _own_ids(item.names)
    item.content.is_ours = bool(own_ids)
    ids = own_ids or [option_id(position) for position in range(len(item.names))]
    stem = _stem(item)
    key = _key(item)
    kind = _kind(item, key, ids)
    texts = [_choice_text(item, position) for position in range(len(item.choices))]
    rationales, explained = _feedback(item)
    _check_names(item)
    _check_number(item, key, kind)
    _check_scoring(item)
    options = tuple(
        Option(
            ids[position],
            texts[position],
            name in key,
            rationales[position],
            said.distractor_tags.get(ids[position]),
            item.choices[position].attributes.get("fixed") in {"true", "1"},
        )
        for position, name in enumerate(item.names)
    )
    shuffle = item.interaction.attributes.get("shuffle")
    fields: dict[str, Any] = {"id": external_id(identifier)} | said.fields
    return Draft(
        kind,
        stem,
        options,
        explanation=explained,
        exhibits=tuple(item.content.exhibits),
        shuffle=shuffle not in {"false", "0"},
        labels=tuple(said.labels),
        unstated=_unstated(item, fields, said, options, explained),
        place=item.place,
        **fields,
    )


def _unstated(
    item: _Item, fields: dict[str, Any], said: Stated, options: Sequence[Option], explained: str
) -> frozenset[str]:
    unsaid = UNSAID - fields.keys()
    if said.distractor_tags:
        unsaid -= {"distractor_tag"}
    missing = {
        "id": not fields["id"],
        "shuffle": "shuffle" not in item.interaction.attributes,
        "explanation": not explained,
        "rationale": not any(option.rationale for option in options),
        "fixed": not any("fixed" in choice.attributes for choice in item.choices),
    }
    return unsaid | {name for name, is_missing in missing.items() if is_missing}


def _own_ids(names: Sequence[str]) -> list[str]:
    """The option ids that a package of ours names; none in one of others."""
    own = [match for name in names if (match := _OWN_ID.fullmatch(name))]
    return [match[1] for match in own] if len(own) == len(set(names)) == len(names) else []


def _stem(item: _Item) -> str:
    """All that stands before the choices, feedback apart, and the prompt."""
    before: list[str] = []
    after: list[str] = []
    hidden = frozenset(id(found) for found in _below(item.body) if _is_hidden(found))
    _divide(item.body, item.interaction, hidden, (before, after))
    prompt = item.interaction.child("prompt")
    if prompt is not None:
        before.append(f"<div>{markup(prompt.children, hidden)}</div>")
    if re.sub(r"<(?!img\b)[^>]*>|\s", "", "".join(after)):
        advice = "Move what follows the choices before them: it was left out."
        item.problem(item.place.warning("stem", advice, re.sub(r"<[^>]*>", "", "".join(after))))
    if item.element.child("assessmentStimulusRef") is not None:
        advice = "Copy the text that the item refers to into the stem: it stands in another file."
        item.problem(item.place.warning("stem", advice))
    for image in item.body.below("img"):
        item.content.look_at(image)
    return item.content.shown("".join(before), "stem", is_stem=True)


def _is_hidden(found: Element) -> bool:
    """Feedback, and what is said to others than the candidate."""
    if found.tag == "rubricBlock":
        return "candidate" not in found.attributes.get("view", "candidate").split()
    return found.tag in {*_FEEDBACK_TAGS, "templateBlock", "templateInline", "stylesheet", "catalogInfo"}


def _divide(
    around: Element, interaction: Element, hidden: frozenset[int], found: tuple[list[str], list[str]]
) -> None:
    """What stands in `around` before the interaction, and what after it."""
    before, after = found
    for child in around.children:
        if child is interaction:
            before, after = after, before
        elif isinstance(child, Element) and any(below is interaction for below in _below(child)):
            _divide(child, interaction, hidden, found)
            before, after = found[1], found[1]
        else:
            before.append(markup([child], hidden))


def _choice_text(item: _Item, position: int) -> str:
    hidden = frozenset(id(found) for found in _below(item.choices[position]) if _is_hidden(found))
    return item.content.shown(markup(item.choices[position].children, hidden), f"options[{position}].text")


def _key(item: _Item) -> frozenset[str]:
    """The identifiers that are correct; none where the item does not say."""
    if item.response is None:
        advice = "Declare the response: no responseDeclaration has the identifier of the choiceInteraction."
        name = item.interaction.attributes.get("responseIdentifier", "")
        item.problem(item.place.error("options", advice, name))
        return frozenset()
    correct = item.response.child("correctResponse")
    values = [] if correct is None else [value for value in correct.all("value") if value.text.strip()]
    key = {value.text.strip(): value.line for value in values} or _mapped(item)
    for name, line in key.items():
        if name not in item.names:
            item.content.lines["key"] = line
            advice = "Name a choice of the item as correct: it has none with this identifier."
            item.problem(item.place.error("key", advice, name))
    return frozenset(key)


def _mapped(item: _Item) -> dict[str, int]:
    """The choices that give points, and their lines; of a single response those that give the most."""
    mapping = None if item.response is None else item.response.child("mapping")
    entries = [] if mapping is None else mapping.all("mapEntry")
    points = {
        entry.attributes.get("mapKey", "").strip(): (_number(entry.attributes.get("mappedValue")), entry.line)
        for entry in entries
    }
    giving = {name: (value, line) for name, (value, line) in points.items() if value > 0}
    most = max((value for value, _ in giving.values()), default=0.0)
    single = item.response is not None and item.response.attributes.get("cardinality") != "multiple"
    if len({value for value, _ in giving.values()}) > 1 or (single and len(giving) > 1):
        item.problem(item.place.warning("options", PARTIAL_CREDIT))
    return {name: line for name, (value, line) in giving.items() if value == most or not single}


def _number(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


def _kind(item: _Item, key: frozenset[str], ids: Sequence[str]) -> Kind:
    """As the response declares. One key in a list of which only one may be chosen is a single choice."""
    most = item.interaction.attributes.get("maxChoices", "").strip()
    cardinality = "" if item.response is None else item.response.attributes.get("cardinality", "").strip()
    if cardinality == "multiple":
        return "multiple_choice" if most == "1" and len(key) == 1 else "multiple_response"
    if cardinality not in {"single", ""}:
        advice = "Write single or multiple as the cardinality of the response."
        item.problem(item.place.error("kind", advice, cardinality))
    correct = [ids[position] for position, name in enumerate(item.names) if name in key]
    if len(correct) > 1:
        advice = "Say which is meant: the response is single, but several choices are correct."
        readings = [Reading("All of them, as a multiple response", _changes("multiple_response", correct))]
        readings += [Reading(f"Only option {one}", _changes("multiple_choice", [one])) for one in correct]
        item.problem(item.place.error("kind", advice, ", ".join(sorted(key)), tuple(readings)))
    return "multiple_response" if not cardinality and most not in {"1", ""} else "multiple_choice"


def _changes(kind: Kind, key: list[str]) -> dict[str, Any]:
    return {"kind": kind, "key": key}


def _check_names(item: _Item) -> None:
    taken: set[str] = set()
    for position, name in enumerate(item.names):
        if not name:
            advice = "Give the choice an identifier: nothing can say that it is correct."
            item.problem(item.place.error(f"options[{position}]", advice))
        elif name in taken:
            advice = "Give every choice an identifier of its own: this one is taken."
            item.problem(item.place.error(f"options[{position}]", advice, name))
        taken.add(name)


def _check_number(item: _Item, key: frozenset[str], kind: Kind) -> None:
    """Where more must be chosen than are correct, the key is wrong. Where fewer may be, it may be: such items
    are met in good packages."""
    if kind == "multiple_choice" or not key:
        return
    least, most = (
        int(_number(item.interaction.attributes.get(name))) if _is_whole(item, name) else 0
        for name in ("minChoices", "maxChoices")
    )
    shown = f"minChoices={least} maxChoices={most}"
    if least > len(key):
        advice = f"Let as many be chosen as are correct: {len(key)} are."
        item.problem(item.place.error("options", advice, shown))
    elif 0 < most < len(key):
        advice = f"Check the key: {len(key)} options are correct, and so many will be asked for."
        item.problem(item.place.warning("options", advice, shown))


def _is_whole(item: _Item, name: str) -> bool:
    return re.fullmatch(r"\s*[0-9]{1,4}\s*", item.interaction.attributes.get(name, "")) is not None


def _check_scoring(item: _Item) -> None:
    processing = item.element.child("responseProcessing")
    if processing is None:
        return
    rule = processing.attributes.get("template", processing.attributes.get("templateLocation", ""))
    name = rule.rstrip("/").rpartition("/")[2].removesuffix(".xml")
    item.content.lines.setdefault("key", processing.line)
    multiple = item.response is not None and item.response.attributes.get("cardinality") == "multiple"
    adds = name in _PARTIAL or (not name and any(processing.below("mapResponse")))
    if adds and multiple and item.response is not None and item.response.child("mapping") is not None:
        item.problem(item.place.warning("options", PARTIAL_CREDIT))
    elif not adds and name not in _ALL_OR_NOTHING and not _compares(processing):
        advice = "Check the key: the item's own scoring rules are not read, only its correct response."
        item.problem(item.place.warning("key", advice, name))


def _compares(processing: Element) -> bool:
    """Whether the rules are none, or compare a response with the correct one."""
    return not processing.elements or any(
        {"variable", "correct"} <= {child.tag for child in found.elements}
        for found in processing.below("match")
    )


def _feedback(item: _Item) -> tuple[list[str], str]:
    """The rationale of each option, and the explanation."""
    rationales: list[list[str]] = [[] for _ in item.choices]
    general: list[str] = []
    correct: list[str] = []
    incorrect: list[str] = []
    for position, choice in enumerate(item.choices):
        for found in _outermost_feedback(choice):
            text = item.content.feedback(markup(found.children), f"options[{position}].rationale")
            rationales[position].append(text)
    inside = {id(found) for choice in item.choices for found in _outermost_feedback(choice)}
    others = [found for found in _outermost_feedback(item.body) if id(found) not in inside]
    for found in [*others, *item.element.all("modalFeedback")]:
        name = found.attributes.get("identifier", "").strip()
        if name in item.names and found.attributes.get("showHide", "show") != "hide":
            position = item.names.index(name)
            item.content.lines.setdefault(f"options[{position}].rationale", found.line)
            text = item.content.feedback(markup(found.children), f"options[{position}].rationale")
            rationales[position].append(text)
            continue
        item.content.lines.setdefault("explanation", found.line)
        text = item.content.feedback(markup(found.children), "explanation")
        outcome = name.casefold()
        parts = incorrect if outcome in {"incorrect", "wrong"} else general
        (correct if outcome in {"correct", "right"} else parts).append(text)
    joined = ["\n\n".join(dict.fromkeys(text for text in texts if text)) for texts in rationales]
    return joined, explanation(general, correct, incorrect)


def _outermost_feedback(element: Element) -> Iterator[Element]:
    for child in element.elements:
        if child.tag in _FEEDBACK_TAGS:
            yield child
        else:
            yield from _outermost_feedback(child)
