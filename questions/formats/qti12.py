"""QTI 1.2: one `item` of a `questestinterop` to one question, in the ways of Canvas, Common Cartridge,
Respondus and Blackboard.

The kind is what the item's metadata call it (`question_type`, `cc_profile`, …), or else that of its only list
of choices. `qti12_key` finds the key. Feedback that is shown for one option is its rationale, all other
feedback the explanation."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from xml.sax.saxutils import quoteattr

from questions.formats import Draft, Entry, Kind, Option, Place, Problem, Reading, option_id
from questions.formats.keywords import UNSAID, stated
from questions.formats.qti12_key import Condition, condition_of, find_key
from questions.formats.qti_content import Content, Context, explanation, external_id, markup
from questions.formats.texts import from_plain
from questions.formats.xml_nodes import Element

_KIND_FIELDS = ("question_type", "cc_profile", "qmd_questiontype", "qmd_itemtype")
_LABEL_FIELDS = frozenset({"cc_question_category", "category", "topic", "keyword", "tag", "objective"})
_KINDS: Mapping[str, Kind] = {
    "multiple_choice": "multiple_choice",
    "true_false": "multiple_choice",
    "multiple_answers": "multiple_response",
    "multiple_answer": "multiple_response",
    "multiple_response": "multiple_response",
    "multi_select": "multiple_response",
}
_CARDINALITIES: Mapping[str, Kind] = {"single": "multiple_choice", "multiple": "multiple_response"}
_RESPONSES = (
    "response_lid",
    "response_str",
    "response_num",
    "response_xy",
    "response_grp",
    "response_extension",
)
_OF_CORRECT = frozenset({"correct_fb", "correct"})
_OF_INCORRECT = frozenset({"general_incorrect_fb", "incorrect_fb", "incorrect"})
_OF_ALL = frozenset({"general_fb", "general", "neutral_fb", "solution"})


@dataclass(slots=True)
class _Item:
    element: Element
    presentation: Element
    choices: Element
    labels: list[Element]
    names: list[str]
    content: Content
    place: Place
    declared: str
    cardinality: str

    def problem(self, problem: Problem) -> None:
        self.content.problems.append(problem)


def read_item(element: Element, context: Context) -> Entry:
    """What became of an `item`."""
    lines = {"": element.line}
    identifier = element.attributes.get("ident", "").strip()
    place = context.place(identifier, lines)
    metadata = dict(_metadata(element))
    declared = _declared(metadata)
    presentation = element.child("presentation")
    if declared and declared not in _KINDS:
        return Entry(place, skipped=declared, raw=element.xml(), done=context.done)
    if presentation is None:
        advice = "Give the item a presentation with the question and its choices."
        return Entry(place, problems=(place.error("stem", advice),), raw=element.xml(), done=context.done)
    responses = [found for name in _RESPONSES for found in presentation.below(name)]
    skipped = "" if declared else _other_kind(responses, presentation)
    if skipped:
        return Entry(place, skipped=skipped, raw=element.xml(), done=context.done)
    choices = next((found for one in responses for found in one.below("render_choice")), None)
    if choices is None:
        advice = "Give the item its choices, in response_lid and render_choice."
        return Entry(place, problems=(place.error("options", advice),), raw=element.xml(), done=context.done)
    cardinality = responses[0].attributes.get("rcardinality", "").strip().casefold()
    labels = list(choices.below("response_label"))
    content = Content(place, lines, context)
    names = [label.attributes.get("ident", "").strip() for label in labels]
    item = _Item(element, presentation, choices, labels, names, content, place, declared, cardinality)
    lines |= {"stem": presentation.line, "options": choices.line}
    lines |= {f"options[{position}]": label.line for position, label in enumerate(labels)}
    draft = _draft(item, identifier, [*context.labels, *_labels(metadata)])
    return Entry(
        place,
        draft,
        problems=content.said(),
        figures=content.figures,
        raw=element.xml(),
        done=context.done,
    )


def metadata_of(element: Element) -> dict[str, str]:
    """The fields of an item's or a bank's metadata by their label."""
    return dict(_metadata(element))


def _metadata(element: Element) -> Iterator[tuple[str, str]]:
    for found in element.below("qtimetadatafield"):
        label, entry = found.child("fieldlabel"), found.child("fieldentry")
        if label is not None and entry is not None:
            yield label.text.strip().casefold(), entry.text.strip()
    for found in element.below("bbmd_questiontype"):
        yield "question_type", found.text.strip()


def _declared(metadata: Mapping[str, str]) -> str:
    """What the item calls itself, in one spelling: `cc.true_false.v0p1` is `true_false`."""
    said = next((metadata[name] for name in _KIND_FIELDS if metadata.get(name)), "")
    plain = re.sub(r"[\s/-]+", "_", said.casefold())
    plain = re.sub(r"^cc\.|\.v\dp\d$|_question$", "", plain)
    return "" if plain == "logical_identifier" else plain


def _labels(metadata: Mapping[str, str]) -> list[str]:
    return [text for name, text in metadata.items() if name in _LABEL_FIELDS and text]


def _other_kind(responses: Sequence[Element], presentation: Element) -> str:
    """What an item without metadata is, if it is no list of choices. A list with a label of its own beside
    the item's text is a gap to fill or a row to match."""
    if not responses:
        return "no response"
    first = responses[0]
    if first.tag != "response_lid":
        return first.tag
    if len(responses) > 1:
        return f"several {first.tag}"
    if not any(first.below("render_choice")):
        return next((found.tag for found in first.elements if found.tag.startswith("render_")), first.tag)
    cardinality = first.attributes.get("rcardinality", "").casefold()
    if cardinality == "ordered":
        return "ordered response_lid"
    has_label = any(first.all("material")) and any(presentation.all("material"))
    return "labelled response_lid" if has_label and not cardinality else ""


def _draft(item: _Item, identifier: str, labels: Sequence[str]) -> Draft:
    said = stated(labels)
    stem = item.content.shown(_html(_stem_parts(item.presentation)), "stem", is_stem=True)
    texts = [_option_text(item, position) for position in range(len(item.labels))]
    conditions = [condition_of(found) for found in item.element.below("respcondition")]
    kind = _kind(item)
    key = find_key(conditions, kind, item.names, item.content)
    rationales, explained = _feedback(item, conditions)
    kept = _kept(item, texts, rationales, key)
    options = tuple(
        Option(
            option_id(position),
            texts[position],
            item.names[position] in key,
            rationales[position],
            fixed=_is_fixed(item, position),
        )
        for position in kept
    )
    _check_names(item, key)
    shuffle = item.choices.attributes.get("shuffle", "").casefold()
    is_true_false = item.declared == "true_false"
    fields: dict[str, Any] = {"id": external_id(identifier)} | said.fields
    missing = {
        "id": not fields["id"],
        "shuffle": not shuffle and not is_true_false,
        "explanation": not explained,
        "rationale": not any(rationales),
        "fixed": not any({"rshuffle", "lock"} & label.attributes.keys() for label in item.labels),
    }
    return Draft(
        kind,
        stem,
        options,
        explanation=explained,
        exhibits=tuple(item.content.exhibits),
        shuffle=shuffle != "no" and not is_true_false,
        labels=tuple(said.labels),
        unstated=(UNSAID - fields.keys()) | {name for name, is_missing in missing.items() if is_missing},
        place=item.place,
        **fields,
    )


def _is_fixed(item: _Item, position: int) -> bool:
    attributes = item.labels[position].attributes
    locked = (
        attributes.get("rshuffle", "").casefold() == "no" or attributes.get("lock", "").casefold() == "yes"
    )
    return locked and item.declared != "true_false"


def _kept(item: _Item, texts: Sequence[str], rationales: Sequence[str], key: frozenset[str]) -> Sequence[int]:
    """The positions of the options that say anything: an editor's rows that nobody filled in are none."""
    empty = [
        position
        for position, text in enumerate(texts)
        if not text.strip() and not rationales[position] and item.names[position] not in key
    ]
    if not empty or len(texts) - len(empty) < 2:
        return range(len(texts))
    advice = f"Check the options: {len(empty)} without any text were left out."
    item.problem(item.place.warning("options", advice))
    return [position for position in range(len(texts)) if position not in empty]


def _kind(item: _Item) -> Kind:
    declared = _KINDS.get(item.declared)
    counted = _CARDINALITIES.get(item.cardinality)
    if declared and counted and declared != counted:
        advice = "Say how many may be chosen: the item's type and its rcardinality contradict each other."
        readings = (
            Reading("One option is correct", {"kind": "multiple_choice"}),
            Reading("Several options are correct", {"kind": "multiple_response"}),
        )
        shown = f"{item.declared}, rcardinality {item.cardinality}"
        item.problem(item.place.error("kind", advice, shown, readings))
    return declared or counted or "multiple_choice"


def _check_names(item: _Item, key: frozenset[str]) -> None:
    taken: set[str] = set()
    for position, name in enumerate(item.names):
        if not name:
            advice = "Give the option an ident: nothing can say that it is correct."
            item.problem(item.place.error(f"options[{position}]", advice))
        elif name in taken:
            advice = "Give every option an ident of its own: this one is taken."
            item.problem(item.place.error(f"options[{position}]", advice, name))
        taken.add(name)
    for name in sorted(key - taken):
        advice = "Name an option of the item as correct: it has none with this ident."
        item.problem(item.place.error("key", advice, name))


def _feedback(item: _Item, conditions: Sequence[Condition]) -> tuple[list[str], str]:
    """The rationale of each option, and the explanation."""
    positions = {name: position for position, name in reversed(list(enumerate(item.names)))}
    of_option = {shown: one.chosen[0] for one in conditions if len(one.chosen) == 1 for shown in one.shows}
    rationales: list[list[str]] = [[] for _ in item.names]
    general: list[str] = []
    correct: list[str] = []
    incorrect: list[str] = []
    for found in item.element.all("itemfeedback"):
        name = found.attributes.get("ident", "").strip()
        plain = name.casefold()
        option = name.removesuffix("_fb") if name.removesuffix("_fb") in positions else of_option.get(name)
        outcome = plain in _OF_CORRECT or plain in _OF_INCORRECT or plain in _OF_ALL
        position = None if outcome or option is None else positions.get(option)
        if position is not None:
            path = f"options[{position}].rationale"
            target = rationales[position]
        else:
            path = "explanation"
            target = correct if plain in _OF_CORRECT else incorrect if plain in _OF_INCORRECT else general
        item.content.lines.setdefault(path, found.line)
        target.append(item.content.feedback(_html(list(_parts(found))), path))
    joined = ["\n\n".join(dict.fromkeys(text for text in texts if text)) for texts in rationales]
    return joined, explanation(general, correct, incorrect)


def _option_text(item: _Item, position: int) -> str:
    parts = list(_parts(item.labels[position]))
    if len(parts) == 1 and parts[0].tag == "mattext" and _is_plain(parts[0]):
        return from_plain(_plain(parts[0]))
    return item.content.shown(_html(parts), f"options[{position}].text")


def _stem_parts(presentation: Element) -> list[Element]:
    """What is said before the choices, and a label of the list itself."""
    return list(_parts(presentation, without=frozenset({"render_choice"})))


_MATERIALS = frozenset({"mattext", "matemtext", "mat_formattedtext", "matimage", "matbreak"})


def _parts(around: Element, without: frozenset[str] = frozenset()) -> Iterator[Element]:
    """The pieces of material below, in the order of the file."""
    for found in around.elements:
        if found.tag in _MATERIALS:
            yield found
        elif found.tag not in without:
            yield from _parts(found, without)


def _html(parts: Sequence[Element]) -> str:
    if len(parts) == 1:
        return _html_of(parts[0])
    return "".join(f"<div>{_html_of(part)}</div>" for part in parts)


def _html_of(part: Element) -> str:
    if part.tag == "matbreak":
        return "<br>"
    if part.tag == "matimage":
        source, label = part.attributes.get("uri", ""), part.attributes.get("label", "")
        return f"<img src={quoteattr(source)} alt={quoteattr(label)}>"
    if part.elements:
        return markup(part.children)
    if _is_plain(part):
        return "<br>".join(escape(line, quote=False) for line in _plain(part).split("\n"))
    return part.text


def _is_plain(part: Element) -> bool:
    kind = part.attributes.get("texttype", part.attributes.get("type", "text/plain")).casefold()
    return not part.elements and "html" not in kind


def _plain(part: Element) -> str:
    """Plain text without the indentation of the file."""
    return "\n".join(line.strip() for line in part.text.strip().split("\n"))
