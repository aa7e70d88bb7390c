"""Moodle XML: read as Moodle reads it, written so that Moodle and we read the same.

A choice question is read with its categories and tags as labels. Percentages only say which options are
correct: this simulator scores all or nothing. What a Moodle file has no place for stands in tags of ours."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from xml.sax.saxutils import escape

from questions.formats import (
    Draft,
    Entry,
    Feature,
    Format,
    Kind,
    Option,
    Place,
    Problem,
    Read,
    Reading,
    Rejected,
    Severity,
    Source,
    option_id,
    shorten,
)
from questions.formats.exchange_fields import MAX_QUESTIONS
from questions.formats.keywords import Stated, stated
from questions.formats.moodle_texts import MAX_TEXT, Allowance, Texts
from questions.formats.moodle_writing import TAG_LENGTH, write
from questions.formats.xml_nodes import Element, UnreadableXmlError, elements

MAX_OPTIONS = 100
MAX_CATEGORY = 1_000
FRACTIONS = (
    "100 90 83.33333 80 75 70 66.66667 60 50 40 33.33333 30 25 20 16.66667 14.28571 12.5 11.11111 10 5 0"
)

_FRACTIONS = tuple(float(fraction) for fraction in FRACTIONS.split())
_TOLERANCE = 0.001
_KINDS: Mapping[str, Kind] = {"multichoice": "multiple_choice", "multichoiceset": "multiple_response"}
_COMBINED = ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback")
_NUMBER = re.compile(r"[+-]?[0-9]{1,6}(?:\.[0-9]{0,20})?")
_STOCK = re.compile(r"(your answer is )?(partially )?(correct|incorrect)", re.IGNORECASE)
_CONTEXT = re.compile(r"\$\w+\$/?(?:top(?:/|\Z))?")
_TAGGED = {
    **{name: name for name in ("task_statement", "level", "testing_point", "verified_on")},
    "service": "services",
    "enemy": "enemies",
}
_UNSAID = frozenset(field.name for field in fields(Draft)) - {
    *("kind", "stem", "options", "exhibits", "labels", "unstated", "place")
}


def read(source: Source) -> Read:
    category = _Category()
    allowance = Allowance()
    number = 0
    try:
        for question in elements(source.content, source.name, {"question"}, encoding=source.encoding):
            if _type(question) == "category":
                category = _Category(_inner_text(question.child("category"))[:MAX_CATEGORY])
                continue
            if number == MAX_QUESTIONS:
                advice = f"Split the file: {MAX_QUESTIONS:,} questions are the most that is read at once."
                yield Problem(Severity.ERROR, source.name, question.line, "", advice)
                return
            yield _Question(source.name, number, question, category, allowance).entry()
            number += 1
    except UnreadableXmlError as error:
        text = shorten(error.text)
        yield Problem(
            Severity.ERROR, source.name, error.line, "", error.message, text, readings=error.readings
        )
        return
    if not number:
        yield Problem(
            Severity.ERROR,
            source.name,
            1,
            "",
            "Choose another file, or format: there is no <question> in it.",
        )


def _type(question: Element) -> str:
    return question.attributes.get("type", "").strip().lower()


@dataclass(frozen=True, slots=True)
class _Category:
    """What all questions that follow are in; `path` is as Moodle writes it."""

    path: str = ""

    def labels(self) -> list[str]:
        """The levels, without Moodle's own; a double slash is a slash in a name."""
        path = _CONTEXT.sub("", self.path, count=1)
        levels = [level.replace("\0", "/").strip() for level in path.replace("//", "\0").split("/")]
        return [level for level in levels if level and level != "top"]

    def xml(self) -> str:
        if not self.path:
            return ""
        return f'<question type="category"><category><text>{escape(self.path)}</text></category></question>\n'


@dataclass(frozen=True, slots=True)
class _Answer:
    element: Element
    fraction: float
    option: Option


class _Question:
    """One <question>, on its way to an entry."""

    def __init__(
        self, file: str, number: int, question: Element, category: _Category, allowance: Allowance
    ) -> None:
        self.lines = {"": question.line}
        self.place = Place(file, f"questions[{number}]", self.lines)
        self.question = question
        self.category = category
        self.texts = Texts(self.place, self.lines, question, allowance)
        self.problems = self.texts.problems

    def entry(self) -> Entry:
        question, type_ = self.question, _type(self.question)
        if type_ in _KINDS:
            draft = self._draft(self._kind(), self._answers(), shuffle=self._shuffle())
        elif type_ == "truefalse":
            draft = self._true_or_false()
        elif type_:
            return Entry(self.place, skipped=type_, raw=self._raw(), done=question.done)
        else:
            self.problems.append(self.place.error("kind", 'Write what kind it is: type="multichoice".'))
            draft = None
        figures = self.texts.figures
        return Entry(self.place, draft, "", tuple(self.problems), figures, self._raw(), question.done)

    def _raw(self) -> str:
        """The question as it stood, after the category that it is in."""
        return self.category.xml() + self.question.xml()

    def _kind(self) -> Kind:
        """What `single` says; it is true where it is absent."""
        single = self._child("single", "kind")
        if _type(self.question) == "multichoice" and single and _is_false(single):
            return "multiple_response"
        return _KINDS[_type(self.question)]

    def _shuffle(self) -> bool:
        shuffle = self._child("shuffleanswers", "shuffle")
        return shuffle is None or not _is_false(shuffle)

    def _child(self, tag: str, path: str) -> Element | None:
        child = self.question.child(tag)
        if child is not None:
            self.lines[path] = child.line
        return child

    def _stem(self) -> str:
        """The stem; it is read before the options, since figures are counted in the order of the text."""
        element = self._child("questiontext", "stem")
        if element is None:
            self.problems.append(
                self.place.error("stem", "Write the stem into <questiontext>: there is none.")
            )
            return ""
        return self.texts.stem(element)

    def _answers(self) -> list[_Answer]:
        self.stem = self._stem()
        found = self.question.all("answer")
        if found:
            self.lines["options"] = found[0].line
        if _type(self.question) == "truefalse":
            found.sort(key=lambda answer: _inner_text(answer).lower(), reverse=True)
        if len(found) > MAX_OPTIONS:
            advice = f"Remove options: {MAX_OPTIONS} are the most that is read."
            self.problems.append(self.place.error("options", advice, str(len(found))))
        answers = [self._answer(element, number) for number, element in enumerate(found[:MAX_OPTIONS])]
        if _type(self.question) == "multichoice":
            self._check_key(answers)
        return answers

    def _answer(self, element: Element, number: int) -> _Answer:
        path = f"options[{number}]"
        feedback = element.child("feedback")
        self.lines[path] = element.line
        self.lines[f"{path}.rationale"] = feedback.line if feedback else element.line
        text = self.texts.option(element, f"{path}.text")
        rationale = self.texts.feedback(feedback, f"{path}.rationale")
        fraction = self._fraction(element, f"{path}.correct")
        single = _type(self.question) == "multichoice" and self._kind() == "multiple_choice"
        correct = fraction > 100 - _TOLERANCE if single else fraction > 0
        return _Answer(element, fraction, Option(option_id(number), text, correct, rationale))

    def _fraction(self, element: Element, path: str) -> float:
        text = element.attributes.get("fraction", "").strip()
        if not _NUMBER.fullmatch(text):
            advice = 'Write how much of the mark the option gives: fraction="100", fraction="0" or between.'
            self.problems.append(self.place.error(path, advice, text))
            return 0.0
        fraction = float(text)
        if not any(abs(abs(fraction) - known) <= _TOLERANCE for known in _FRACTIONS):
            advice = f"Write a percentage that Moodle has, with or without a minus: {FRACTIONS}."
            self.problems.append(self.place.error(path, advice, text))
        return fraction

    def _check_key(self, answers: Sequence[_Answer]) -> None:
        """Several options at 100 % behind radio buttons mean one thing to Moodle and another to most authors;
        and of partial credit nothing is kept."""
        full = [answer.option.id for answer in answers if answer.fraction > 100 - _TOLERANCE]
        credited = [answer.fraction for answer in answers if answer.fraction > 0]
        kind = self._kind()
        if kind == "multiple_choice" and len(full) > 1:
            together = Reading(
                f"All of them together: {', '.join(full)}", {"kind": "multiple_response", "key": full}
            )
            alone = (Reading(f"Only {id_}", {"kind": "multiple_choice", "key": [id_]}) for id_ in full)
            advice = "Choose what is correct: several options have 100 %, but only one can be taken."
            self.problems.append(self.place.error("options", advice, "", (together, *alone)))
        even = 100.0 if kind == "multiple_choice" else 100 / max(len(credited), 1)
        uneven = [f for f in credited if abs(f - even) > 0.01 and f < 100 - _TOLERANCE]
        if uneven or any(answer.fraction < 0 for answer in answers):
            advice = "Check the key: the file gives partial credit, and this simulator scores all or nothing."
            shown = ", ".join(f"{answer.fraction:g}" for answer in answers)
            self.problems.append(self.place.warning("options", advice, shown))

    def _true_or_false(self) -> Draft:
        """Two options in a fixed order; an answer's text is `true` or `false` whatever the language."""
        answers = self._answers()
        said = [_inner_text(answer.element).lower() for answer in answers]
        texts = ("True", "False")
        if said == ["true", "false"]:
            options = [replace(a.option, text=text) for a, text in zip(answers, texts, strict=True)]
            return self._draft("multiple_choice", answers, options, shuffle=False)
        readings = tuple(
            Reading(f"{text} is correct", {"key": [id_]}) for id_, text in zip("ab", texts, strict=True)
        )
        advice = "Write true into one answer and false into the other: which is which cannot be told."
        self.problems.append(self.place.error("options", advice, ", ".join(said), readings))
        options = [Option(id_, text, False) for id_, text in zip("ab", texts, strict=True)]
        return self._draft("multiple_choice", [], options, shuffle=False)

    def _draft(
        self, kind: Kind, answers: Sequence[_Answer], options: Sequence[Option] = (), *, shuffle: bool
    ) -> Draft:
        said = self._stated()
        explanation = self._child("generalfeedback", "explanation")
        chosen = [
            replace(option, distractor_tag=None if option.correct else said.distractor_tags.get(option.id))
            for option in options or [answer.option for answer in answers]
        ]
        unsaid = set(_UNSAID - said.fields.keys())
        unsaid -= {"shuffle"} if "shuffle" in self.lines or not shuffle else set()
        unsaid -= {"explanation"} if explanation else set()
        unsaid |= {"fixed"} if said.distractor_tags else {"fixed", "distractor_tag"}
        if not any(answer.element.child("feedback") for answer in answers):
            unsaid.add("rationale")
        draft = Draft(
            kind,
            self.stem,
            tuple(chosen),
            explanation=self.texts.feedback(explanation, "explanation"),
            exhibits=tuple(self.texts.exhibits),
            shuffle=shuffle,
            labels=tuple(said.labels),
            unstated=frozenset(unsaid),
            place=self.place,
            **said.fields,
        )
        self._warn_of_combined_feedback()
        return draft

    def _stated(self) -> Stated:
        """What categories and tags say, and the id number."""
        tags = [
            tag
            for list_ in (*self.question.all("tags"), *self.question.all("coursetags"))
            for tag in list_.all("tag")
        ]
        for tag in tags:
            self.lines.setdefault("labels", tag.line)
            name = _inner_text(tag).partition(":")[0]
            if name in _TAGGED:
                self.lines.setdefault(_TAGGED[name], tag.line)
        texts = [text for text in map(_inner_text, tags) if text]
        said = stated([*self.category.labels(), *(text for text in texts if not _is_cut_off(text))])
        number = _inner_text(self._child("idnumber", "id"))
        said.fields.pop("id", None)
        if number:
            said.fields["id"] = number
        return said

    def _warn_of_combined_feedback(self) -> None:
        found = [
            (element, text)
            for tag in (*_COMBINED, "hint")
            for element in self.question.all(tag)
            if (text := re.sub(r"<[^<>]*>", " ", _inner_text(element)[:MAX_TEXT]).strip())
            and not _STOCK.fullmatch(text.rstrip(" .!"))
        ]
        if found:
            first = found[0][0]
            self.lines[first.tag] = first.line
            advice = (
                "Put into the general feedback what matters: feedback on the whole answer cannot be kept."
            )
            text = " / ".join(text for _, text in found)
            self.problems.append(self.place.warning(first.tag, advice, text))


def _inner_text(element: Element | None) -> str:
    """The plain text in the first <text> below, or in the element itself."""
    if element is None:
        return ""
    return (element.child("text") or element).text.strip()


def _is_false(element: Element) -> bool:
    return element.text.strip().lower() in {"", "0", "false"}


def _is_cut_off(tag: str) -> bool:
    """Whether it is one of ours that may have lost its end."""
    return len(tag) == TAG_LENGTH and bool(stated([tag]).fields)


def give_back(source: Source, rejected: Sequence[Rejected]) -> bytes:
    """The rejected questions as they stood, each below a comment that says what to mend."""
    parts = ['<?xml version="1.0" encoding="UTF-8"?>', "<quiz>"]
    for each in rejected:
        parts += [*map(_comment, each.problems), each.raw]
    return "\n".join([*parts, "</quiz>", ""]).encode()


def _comment(problem: Problem) -> str:
    where = re.sub(r"^questions\[\d+\]\.?", "", problem.field)
    said = f"{problem.advice} [{problem.text}]" if problem.text else problem.advice
    text = ": ".join(part for part in (problem.severity.value, where, said) if part)
    return f"<!-- {re.sub('-(?=-)', '- ', text)} -->"


FORMAT = Format(
    "moodle-xml",
    "Moodle XML",
    ".xml",
    "application/xml",
    read=read,
    write=write,
    give_back=give_back,
    keeps=frozenset(Feature) - {Feature.REFERENCES, Feature.CALCULATION, Feature.FIXED_OPTIONS},
)
