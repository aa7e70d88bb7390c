"""Moodle's GIFT, read and written.

A question is single choice if one of its options is marked with `=`, and several otherwise. Where the file
marks several with `=`, Moodle shows one answer and takes any of them, while authors mean all of them: that is
nobody's to guess. Weights only say which options are correct; partial credit is reported, not kept.
"""

import math
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from questions.formats import (
    Draft,
    Entry,
    Export,
    Feature,
    Format,
    Kind,
    Option,
    Place,
    Problem,
    Read,
    Reading,
    Rejected,
    Source,
    option_id,
)
from questions.formats.beside import Figures
from questions.formats.gift_blocks import NOTE, Block, Choice, Span, blocks, parse, path_of
from questions.formats.keywords import UNSAID, Stated, keywords, stated
from questions.formats.runs import clean
from questions.formats.text_files import notes, read_text, text_of
from questions.formats.texts import Converted, Image, from_auto, from_html, from_plain

KEEPS = frozenset(
    {
        Feature.MULTIPLE_RESPONSE,
        Feature.ID,
        Feature.TASK_STATEMENT,
        Feature.LEVEL,
        Feature.TESTING_POINT,
        Feature.EXPLANATION,
        Feature.RATIONALES,
        Feature.SERVICES,
    }
)
WEIGHTS = (
    *(100, 90, 83.33333, 80, 75, 70, 66.66667, 60, 50, 40, 33.33333, 30, 25, 20, 16.66667, 14.28571, 12.5),
    *(11.11111, 10, 5, 0),
)
_FIGURE = re.compile(r"!\[([^\]]*)\]\((@@PLUGINFILE@@/[^)\s]+)\)")


def read(source: Source) -> Read:
    """The questions of a GIFT file, one after the other."""

    def entries(file: str, text: str) -> Read:
        for position, block in enumerate(blocks(text)):
            yield _Question(source, file, position, block).entry()

    return read_text(source, entries)


class _Question:
    """One block on its way to an entry: problems and figures are gathered as its texts are converted."""

    def __init__(self, source: Source, file: str, position: int, block: Block) -> None:
        self._block = block
        self._item = parse(block)
        self._place = Place(file, f"questions[{position}]", self._lines())
        self._figures = Figures(source.files)
        self._problems: list[Problem] = []

    def entry(self) -> Entry:
        item, place = self._item, self._place
        if item.kind not in {"multichoice", "truefalse", "broken"}:
            return Entry(place, skipped=item.kind, raw=self._block.raw)
        self._flaws()
        draft = None if item.kind == "broken" else self._draft()
        return Entry(place, draft, "", tuple(self._problems), self._figures.content, self._block.raw)

    def _lines(self) -> dict[str, int]:
        item, block = self._item, self._block
        lines = {"": block.numbers[0], "stem": item.stem.line}
        if block.id:
            lines["id"] = block.id_line
        if item.general:
            lines["explanation"] = item.general.line
        if item.choices:
            lines["options"] = item.choices[0].text.line
        for at, choice in enumerate(item.choices):
            lines[f"options[{at}]"] = choice.text.line
            if choice.feedback:
                lines[f"options[{at}].rationale"] = choice.feedback.line
        return lines

    def _flaws(self) -> None:
        if self._block.blank:
            place = Place(self._place.file, self._place.path, {"": self._block.blank})
            advice = "Remove the empty line from between the braces: it ends the question."
            self._problems.append(place.error("options", advice, self._block.raw))
        for line, field, advice, text in self._item.flaws:
            self._problems.append(
                Place(self._place.file, self._place.path, {"": line}).error(field, advice, text)
            )

    def _draft(self) -> Draft:
        item, block = self._item, self._block
        said = stated([*path_of(block.category), *block.tags])
        stem = self._text("stem", item.stem, in_stem=True)
        kind, options = self._true_or_false() if item.kind == "truefalse" else self._options()
        explanation = self._text("explanation", item.general, with_figures=False) if item.general else ""
        return Draft(
            kind,
            stem,
            options,
            **{
                **said.fields,
                "id": block.id,
                "explanation": explanation,
                "exhibits": tuple(self._figures.exhibits),
                "shuffle": item.kind != "truefalse",
                "labels": tuple(said.labels),
                "unstated": self._unstated(said, options, explanation),
                "place": self._place,
            },
        )

    def _unstated(self, said: Stated, options: Sequence[Option], explanation: str) -> frozenset[str]:
        missing = {
            "id": not self._block.id,
            "explanation": not explanation,
            "rationale": not any(option.rationale for option in options),
            "exhibits": not self._figures.exhibits,
            "shuffle": self._item.kind != "truefalse",
            "fixed": True,
            "distractor_tag": True,
        }
        return (UNSAID - said.fields.keys()) | {name for name, is_missing in missing.items() if is_missing}

    def _true_or_false(self) -> tuple[Kind, tuple[Option, ...]]:
        """Feedback stands in the order: shown when wrong, shown when right."""
        item = self._item
        said = [self._text("options", span, with_figures=False) for span in item.feedback] + ["", ""]
        wrong, right = said[:2]
        return "multiple_choice", (
            Option("a", "True", item.is_true, right if item.is_true else wrong),
            Option("b", "False", not item.is_true, wrong if item.is_true else right),
        )

    def _options(self) -> tuple[Kind, tuple[Option, ...]]:
        choices = self._item.choices
        single = any(choice.marked for choice in choices) or not any(choice.weight for choice in choices)
        correct = [self._is_correct(choice, single=single) for choice in choices]
        options = []
        for at, choice in enumerate(choices):
            rationale = f"options[{at}].rationale"
            options.append(
                Option(
                    option_id(at),
                    self._text(f"options[{at}].text", choice.text),
                    correct[at],
                    self._text(rationale, choice.feedback, with_figures=False) if choice.feedback else "",
                )
            )
        self._check_weights(choices, single=single)
        if single and sum(correct) > 1:
            self._ambiguous(options)
        return ("multiple_choice" if single else "multiple_response"), tuple(options)

    @staticmethod
    def _is_correct(choice: Choice, *, single: bool) -> bool:
        if choice.weight is None:
            return choice.marked
        return choice.weight >= 100 if single else choice.weight > 0

    def _ambiguous(self, options: Sequence[Option]) -> None:
        marked = [option for option in options if option.correct]
        both = ", ".join(option.text for option in marked)
        all_of_them = {"kind": "multiple_response", "key": [option.id for option in marked]}
        first = {"kind": "multiple_choice", "key": [marked[0].id]}
        self._problems.append(
            self._place.error(
                "options",
                "Choose what the several = mean, or write \\= where the sign is part of a text.",
                both,
                (
                    Reading(f"All {len(marked)} are needed: {both}", all_of_them),
                    Reading(f"Only the first is correct: {marked[0].text}", first),
                ),
            )
        )

    def _check_weights(self, choices: Sequence[Choice], *, single: bool) -> None:
        for at, choice in enumerate(choices):
            field = f"options[{at}].correct"
            if choice.doubled:
                advice = "Begin the option with = or with ~, not with both."
                self._problems.append(self._place.error(field, advice, choice.text.text))
            if choice.weight is not None and not _is_listed(choice.weight):
                advice = "Use a weight that Moodle knows: one of 100, 50, 33.33333, 25, 20 …"
                self._problems.append(self._place.warning(field, advice, f"{choice.weight:.7g}"))
        weights = [choice.weight for choice in choices if choice.weight and choice.weight > 0]
        partial = [weight for weight in weights if weight < 100] if single else _uneven(weights)
        if partial:
            advice = "Check the key: weights of partial credit are not kept, an answer is right or wrong."
            said = ", ".join(f"{weight:g}%" for weight in partial)
            self._problems.append(self._place.warning("options", advice, said))

    def _text(self, field: str, span: Span, *, in_stem: bool = False, with_figures: bool = True) -> str:
        """A part as Markdown. Its figures are looked for beside the file, since GIFT itself carries none;
        where there is none, and in what is shown after the answer, the figure's description stands in."""
        number = len(self._figures.exhibits) + 1
        converted = _converted(span, number, in_stem=in_stem)
        for lost in converted.lost:
            advice = f"Check the text: {lost} is left out."
            self._problems.append(self._place.warning(field, advice, span.text))
        markdown = converted.markdown
        for image in converted.images:
            path = image.src.replace("@@PLUGINFILE@@/", "")
            advice = "Move the figure into the stem: it cannot be shown here."
            if with_figures:
                advice = self._figures.take(path, image.alt)
            if advice:
                shown = path if not path.startswith("data:") else "data:"
                self._problems.append(self._place.warning(field, advice, shown))
                markdown = _without_figure(markdown, number, image.alt)
            else:
                number += 1
        return markdown


def _converted(span: Span, first_figure: int, *, in_stem: bool) -> Converted:
    match span.format:
        case "html":
            return from_html(span.text, first_figure, in_stem=in_stem)
        case "plain":
            return Converted(from_plain(span.text))
        case "markdown":
            return _from_markdown(clean(span.text), first_figure)
    return from_auto(span.text, first_figure, in_stem=in_stem)


def _from_markdown(text: str, first_figure: int) -> Converted:
    images = [Image(src, alt) for alt, src in _FIGURE.findall(text)]
    for number in range(first_figure, first_figure + len(images)):
        text = _FIGURE.sub(f"(Figure {number})", text, count=1)
    return Converted(text, tuple(images))


def _without_figure(markdown: str, number: int, alt: str) -> str:
    """The text with its figure `number` replaced by a description, and the later ones counted down."""

    def renumbered(found: re.Match[str]) -> str:
        at = int(found[1])
        return alt if at == number else f"(Figure {at - (at > number)})"

    return re.sub(r"\(Figure ([0-9]{1,6})\)", renumbered, markdown).strip()


def _is_listed(weight: float) -> bool:
    return any(math.isclose(abs(weight), listed, abs_tol=1e-5) for listed in WEIGHTS)


def _uneven(weights: list[float]) -> list[float]:
    """The weights of a multiple response if they are not equal shares of the whole."""
    if all(math.isclose(one, other, abs_tol=0.1) for one, other in pairwise(weights)):
        return [] if not weights or math.isclose(sum(weights), 100, abs_tol=1) else weights
    return weights


def write(export: Export) -> bytes:
    """The drafts as a GIFT file in UTF-8, every text as Markdown."""
    pieces: list[str] = []
    category = ""
    for draft in export.drafts:
        domain = export.domains.get(draft.task_statement)
        wanted = f"$course$/top/{domain[1].replace('/', '//')}" if domain else "$course$/top"
        if wanted != (category or "$course$/top"):
            pieces.append(f"$CATEGORY: {wanted}")
        category = wanted
        pieces.append("\n".join(_written(draft)))
    return ("\n\n".join(pieces) + "\n").encode()


_KEPT_TAGS = ("task_statement:", "level:", "service:", "testing_point:")


def _written(draft: Draft) -> Iterator[str]:
    tags = [tag for tag in keywords(draft) if tag.startswith(_KEPT_TAGS)]
    named = [f"[id:{_bracketed(draft.id)}]"] if draft.id else []
    yield f"// {' '.join([*named, *(f'[tag:{_bracketed(tag)}]' for tag in tags)])}"
    name = _escaped(draft.id or " ".join(draft.stem.split())[:60].strip())
    yield f"::{name}::[markdown]{_escaped(draft.stem)} {{"
    keys = sum(option.correct for option in draft.options)
    for option in draft.options:
        rationale = f"#{_part(option.rationale)}" if option.rationale else ""
        yield f"\t{_mark(draft, option, keys)}{_part(option.text)}{rationale}"
    if draft.explanation:
        yield f"\t####{_part(draft.explanation)}"
    yield "}"


def _mark(draft: Draft, option: Option, keys: int) -> str:
    if draft.kind == "multiple_choice":
        return "=" if option.correct else "~"
    share = min(WEIGHTS, key=lambda weight: (abs(weight - 100 / max(keys, 1)), weight)) or 5
    return f"~%{share:.7g}%" if option.correct else "~%-100%"


def _part(text: str) -> str:
    """A text below the stem. It has the stem's format; saying so again keeps a beginning like `[html]` or
    `%50%` from meaning anything."""
    return f"[markdown]{_escaped(text)}" if text.startswith(("[", "%")) else _escaped(text)


def _escaped(text: str) -> str:
    return re.sub(r"([\\~=#{}:])", r"\\\1", text.replace("\r\n", "\n")).replace("\n", "\\n")


_REFERENCES = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "`": "&#96;",
    "\\": "&#92;",
    "\n": "&#10;",
    "]": "&#93;",
}


def _bracketed(text: str) -> str:
    """A text inside a tag, where Moodle allows neither angle brackets nor backticks."""
    return "".join(_REFERENCES.get(character, character) for character in text)


def give_back(source: Source, rejected: Sequence[Rejected]) -> bytes:
    """The rejected questions in their categories, each below its problems."""
    categories = {block.raw: block.category for block in blocks(text_of(source))}
    pieces: list[str] = []
    category = ""
    for piece in rejected:
        wanted = categories.get(piece.raw, category)
        if wanted != category:
            pieces.append(f"$CATEGORY: {wanted or '$course$/top'}")
            category = wanted
        kept = [line for line in piece.raw.split("\n") if not line.startswith(NOTE)]
        pieces.append("\n".join([*notes(piece.problems, NOTE), *kept]))
    return ("\n\n".join(pieces) + "\n").encode()


FORMAT = Format("gift", "GIFT", ".gift", "text/plain", read, write, give_back, KEEPS)
