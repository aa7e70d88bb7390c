"""A piece of a Markdown file to a question.

Texts are taken letter for letter from files of our own. In other people's files the HTML that they use for
formatting is read, links and figures are taken out of the text, and the key may stand in words."""

import json
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from questions.formats import Draft, Entry, Kind, Option, Place, Problem, Reference, Source, cells, option_id
from questions.formats.beside import Figures
from questions.formats.cells import CellError
from questions.formats.keys import Choice, kind_of, read_key, readings
from questions.formats.markdown_dialects import is_name
from questions.formats.markdown_inline import code_apart, html_apart
from questions.formats.markdown_lines import ANSWER, EXPLANATION, REFERENCES, Document, Line, Piece
from questions.formats.markdown_parts import BACK_TO_TOP, Said, Written, parts
from questions.formats.table_question import LETTERS
from questions.formats.texts import from_html

T = TypeVar("T")
MAX_FENCES = 5

IMAGE = re.compile(r"!\[([^\[\]]*)\]\([ \t]{0,4}<?([^()<>\s]+)>?(?:[ \t]{1,4}\"[^\"\n]*\")?[ \t]{0,4}\)")
_LINK = re.compile(r"\[((?:\\.|[^\\\[\]])+)\]\((?:<((?:\\.|[^\\<>])*)>|((?:[^()<>\s]|\([^()<>\s]*\))*))\)")
_ESCAPED = re.compile(r"\\([\\\[\]<>])")
_ADDRESS = re.compile(r"(?:(.*?)[ \t]{0,4})<?(https?://[^\s<>]+)>?")
_TAG = re.compile(r"</?(?:details|summary)\b[^<>]*>", re.IGNORECASE)
_SUMMARY = re.compile(r"<summary\b[^<>]*>[^<]*</summary>", re.IGNORECASE)
_MOST_HTML = 100_000
_RULE = re.compile(r"[ \t]*(?:-{3,}|\*{3,}|_{3,})[ \t]*")
_BULLET = re.compile(r"[ \t]*(?:[-*+][ \t]+)?")
_NAMED = re.compile(r"(?:Q|Question)[ \t]{0,2}#?[0-9]{1,4}[ \t]{0,2}[.:)][ \t]+(?=\S)", re.IGNORECASE)
_LETTERED = re.compile(r"\(?([A-Za-z])[.)][ \t]+(\S.*)", re.DOTALL)


class Question:
    """Reads one piece; problems gather while its parts are read."""

    def __init__(self, source: Source, whole: Document, piece: Piece, path: str) -> None:
        self.own = whole.is_own
        self.front = whole.front
        self.piece = piece
        self.parts = parts(piece, own=whole.is_own)
        self.figures = Figures(source.files)
        self.problems: list[Problem] = []
        self.lines = self._lines(whole)
        self.place = Place(source.name, path, self.lines)
        self.answer = ""
        self.explanation: list[str] = []
        self.references: list[Reference] = []

    def entry(self, done: float) -> Entry:
        draft = self._draft()
        for line in [line for line in self.piece.lines if line.opens][:MAX_FENCES]:
            advice = "Close the code block that opens here."
            problem = self.place.error(self._at(line.number), advice, line.text)
            self.problems.append(replace(problem, line=line.number))
        raw = "\n".join(line.text for line in self.piece.stood or self.piece.lines).rstrip()
        return Entry(self.place, draft, "", tuple(self.problems), self.figures.content, raw, done)

    def _lines(self, whole: Document) -> dict[str, int]:
        first = self.piece.lines[0].number
        lines = {"": first, "stem": first}
        lines |= {
            name: whole.front_lines[name] for name in ("task_statement", "domain") if name in whole.front
        }
        for position, written in enumerate(self.parts.options):
            lines.setdefault("options", written.line)
            lines[f"options[{position}]"] = lines[f"options[{position}].text"] = written.line
            if written.rationale_line:
                lines[f"options[{position}].rationale"] = written.rationale_line
            lines |= {f"options[{position}].{name}": said.line for name, said in written.said.items()}
        return lines | {name: said.line for name, said in self.parts.said.items()}

    def _at(self, number: int) -> str:
        """The field that a line belongs to."""
        before = [(line, name) for name, line in self.lines.items() if name and line <= number]
        return max(before, default=(0, "stem"))[1].removesuffix(".text")

    def _draft(self) -> Draft:
        stem = self._stem()
        written = self.parts.options
        texts = self._option_texts(written)
        self._tail()
        ids = [one.said["id"].value if "id" in one.said else option_id(n) for n, one in enumerate(written)]
        correct = self._correct(ids, texts)
        options = [
            Option(
                id_,
                text,
                id_ in correct,
                one.said["rationale"].value if "rationale" in one.said else self._tidy(one.rationale),
                one.said["distractor_tag"].value if "distractor_tag" in one.said else None,
                self._read(one.said.get("fixed"), f"options[{position}].fixed", cells.flag, False),
            )
            for position, (id_, text, one) in enumerate(zip(ids, texts, written, strict=True))
        ]
        task = cells.task_statement(self._said("task_statement"))
        nothing: tuple[str, ...] = ()
        return Draft(
            kind=self._kind(len(correct)),
            stem=stem,
            options=tuple(options),
            id=self._said("id"),
            task_statement=task,
            level=self._field("level", cells.level, 2),
            testing_point=self._said("testing_point"),
            explanation=self._explained(),
            references=self._field("references", cells.references, tuple(self.references)),
            services=self._field("services", cells.names, nothing),
            enemies=self._field("enemies", cells.names, nothing),
            exhibits=tuple(self.figures.exhibits),
            shuffle=self._field("shuffle", cells.flag, True),
            verified_on=self._field("verified_on", cells.day, None),
            labels=self._labels(task),
            unstated=self._unstated(options, task),
            place=self.place,
        )

    def _said(self, name: str) -> str:
        said = self.parts.said.get(name)
        if said is not None:
            return said.value
        return self.front.get(name, "") if name in {"task_statement", "domain"} else ""

    def _field(self, name: str, read: Callable[[str], T], default: T) -> T:
        return self._read(self.parts.said.get(name), name, read, default)

    def _read(self, said: Said | None, field: str, read: Callable[[str], T], default: T) -> T:
        if said is None or not said.value:
            return default
        try:
            return read(said.value)
        except CellError as error:
            self.problems.append(self.place.error(field, str(error), said.value))
            return default

    def _kind(self, correct: int) -> Kind:
        word = self._said("kind")
        if not word:
            return kind_of(correct)
        try:
            return cells.kind(word)[0] or kind_of(correct)
        except CellError as error:
            self.problems.append(self.place.error("kind", str(error), word))
            return kind_of(correct)

    def _stem(self) -> str:
        head = self.piece.head if self.own else _NAMED.sub("", self.piece.head, count=1)
        below = self.parts.stem if self.own else _dedented(self.parts.stem)
        if not self.own and is_name(head) and any(line.text.strip() for line in below):
            head = ""
        lines = [Line(self.piece.lines[0].number, head), *below]
        texts: list[str] = []
        figures: list[int] = []
        for line in lines:
            image = None if line.fenced else IMAGE.fullmatch(line.text.strip())
            if image is None:
                texts.append(line.text)
            elif self._figure(image[2], image[1], f"exhibits[{len(self.figures.exhibits)}]", line.number):
                figures.append(len(texts))
                texts.append(f"(Figure {len(self.figures.exhibits)})")
        while texts and (not texts[-1].strip() or figures[-1:] == [len(texts) - 1]):
            if figures[-1:] == [len(texts) - 1]:
                figures.pop()
            texts.pop()
        if "stem" in self.parts.said:
            return self._said("stem")
        return self._tidy("\n".join(texts).strip(), "stem")

    def _figure(self, path: str, alt: str, field: str, line: int) -> bool:
        fields: dict[str, str] = {}
        number = len(self.figures.exhibits)
        if number < len(self.parts.exhibits):
            fields = _exhibit(self.parts.exhibits[number].value)
        advice = self.figures.take(path, fields.pop("alt", alt), **fields)
        if advice:
            self.problems.append(replace(self.place.warning(field, advice, path[:200]), line=line))
        else:
            self.lines[f"exhibits[{number}]"] = line
        return not advice

    def _option_texts(self, written: Sequence[Written]) -> list[str]:
        texts = [
            one.said["text"].value
            if "text" in one.said
            else self._tidy(one.text, f"options[{position}].text")
            for position, one in enumerate(written)
        ]
        if self.own:
            return texts
        for position, one in enumerate(written):
            expected = LETTERS[position] if position < len(LETTERS) else ""
            if one.letter and one.letter != expected:
                advice = f"Letter the options in order: this one would be {expected}."
                self.problems.append(
                    self.place.error(f"options[{position}].text", advice, f"{one.letter}. {one.text}")
                )
        lettered = [_LETTERED.fullmatch(text) for text in texts]
        if "".join(match[1] for match in lettered if match) == LETTERS[: len(texts)]:
            return [match[2] for match in lettered if match]
        return texts

    def _tidy(self, text: str, field: str = "explanation") -> str:
        """Other people's text without figures inside it, its HTML read as formatting."""
        pieces: list[str] = []
        for part, is_code in code_apart(text):
            if is_code:
                pieces.append(part)
                continue
            shown = IMAGE.sub(lambda found: self._inline(found[2], found[1], field), part)
            pieces.append(shown if self.own else self._html(shown, field))
        return "".join(pieces).strip()

    def _inline(self, path: str, alt: str, field: str) -> str:
        line = self.place.line(field)
        if field == "explanation":
            advice = "Describe the figure in words: explanations hold no figures."
            self.problems.append(self.place.warning(field, advice, path[:200]))
            return alt
        return f"(Figure {len(self.figures.exhibits)})" if self._figure(path, alt, field, line) else alt

    def _html(self, text: str, field: str) -> str:
        """HTML that stands between the Markdown, element by element. What is far too long for any question
        is left as it is: it is an error whatever its HTML says."""
        if len(text) > _MOST_HTML:
            return text
        pieces: list[str] = []
        for part, is_html in html_apart(text):
            piece = self._converted(part, field) if is_html else part
            pieces.append(f"\n\n{piece}\n\n" if part[:6].lower() == "<table" else piece)
        return "".join(pieces)

    def _converted(self, html: str, field: str) -> str:
        converted = from_html(html, first_figure=len(self.figures.exhibits) + 1)
        for image in converted.images:
            self._inline(image.src, image.alt, field)
        for name in converted.lost:
            advice = f"Check the text without {name}: it was left out."
            self.problems.append(self.place.warning(field, advice, html))
        return converted.markdown

    def _tail(self) -> None:
        """Answer, explanation and references, from the lines below the options."""
        lines = self.parts.tail if self.own else _dedented(self.parts.tail)
        in_references = False
        waiting = False
        for line in lines:
            text = line.text
            if line.fenced:
                self._explain(line)
                continue
            if not self.own:
                text = _TAG.sub("", _SUMMARY.sub("", text)).rstrip()
                if (
                    (line.text.strip() and not text.strip())
                    or BACK_TO_TOP.search(text)
                    or _RULE.fullmatch(text)
                ):
                    waiting = waiting or "answer" in line.text.lower()
                    continue
                answer = ANSWER.fullmatch(text)
                if answer and not self.answer:
                    self._answered(answer[1].strip(" \t*_"), line.number)
                    continue
            explained, referred = EXPLANATION.fullmatch(text), REFERENCES.fullmatch(text)
            if referred or explained:
                in_references = referred is not None
                rest = (referred or explained or [""])[1].strip() if referred or explained else ""
                if referred and rest:
                    self._refer(rest, line.number)
                elif explained:
                    self._explain(line._replace(text=rest))
            elif waiting and text.strip() and not self.answer and self._is_key(text.strip()):
                self._answered(text.strip(), line.number)
            elif in_references and text.strip():
                self._refer(text, line.number)
            elif not (not self.own and text.strip() and self._links(text)):
                self._explain(line._replace(text=text))

    def _answered(self, text: str, line: int) -> None:
        self.answer = text
        self.lines["options"] = line

    def _explain(self, line: Line) -> None:
        if line.text.strip() and not any(text.strip() for text in self.explanation):
            self.explanation.clear()
            self.lines.setdefault("explanation", line.number)
        self.explanation.append(line.text)

    def _explained(self) -> str:
        if "explanation" in self.parts.said:
            return self._said("explanation")
        text = "\n".join(self.explanation)
        return self._tidy((text if self.own else textwrap.dedent(text)).strip())

    def _links(self, text: str) -> bool:
        """Whether a line is nothing but links; they become references."""
        found = list(_LINK.finditer(text))
        if not found or re.sub(r"[\s,;.|*+-]", "", _LINK.sub("", text)) or text.lstrip().startswith("!"):
            return False
        self.references += [Reference(_unescaped(m[1]), _unescaped(m[2] or m[3] or "")) for m in found]
        return True

    def _refer(self, text: str, line: int) -> None:
        self.lines.setdefault("references", line)
        self.lines[f"references[{len(self.references)}]"] = line
        if self._links(text):
            return
        bare = text[_BULLET.match(text).end() :].strip()  # type: ignore[union-attr]
        address = _ADDRESS.fullmatch(bare)
        if address:
            title = (address[1] or "").strip(" :-|")
            self.references.append(Reference(title or address[2], address[2]))
        elif self.own:
            advice = "Write each reference as - [title](address)."
            self.problems.append(self.place.error(f"references[{len(self.references)}]", advice, text))
        else:
            self.explanation.append(text)

    def _is_key(self, text: str) -> bool:
        choices = [
            Choice(str(n), LETTERS[n % 26], n + 1, one.text) for n, one in enumerate(self.parts.options)
        ]
        return bool(read_key(text, choices).ids)

    def _correct(self, ids: Sequence[str], texts: Sequence[str]) -> frozenset[str]:
        marked = frozenset(id_ for id_, one in zip(ids, self.parts.options, strict=True) if one.mark)
        if not self.answer:
            return marked
        choices = [
            Choice(id_, one.letter or LETTERS[n % 26], n + 1, text)
            for n, (id_, text, one) in enumerate(zip(ids, texts, self.parts.options, strict=True))
        ]
        key = read_key(self.answer, choices)
        if key.advice:
            self.problems.append(self.place.error("options", key.advice, self.answer, key.readings))
            return marked
        if marked and marked != key.ids:
            advice = "Choose the key: the marked options and the answer below differ."
            both = readings([marked, key.ids], choices, None)
            self.problems.append(self.place.error("options", advice, self.answer, both))
            return marked
        return key.ids

    def _labels(self, task: str) -> tuple[str, ...]:
        tags = [part.partition("=")[2].strip() or part for part in cells.names(self._said("tags"))]
        stated = self._said("task_statement")
        found = [*([stated] if stated and not task else []), self._said("domain"), *tags, *self.piece.labels]
        return tuple(dict.fromkeys(label for label in found if label))

    def _unstated(self, options: Sequence[Option], task: str) -> frozenset[str]:
        said = self.parts.said
        names = ("level", "testing_point", "services", "enemies", "shuffle", "verified_on", "id")
        missing = {name for name in names if name not in said} | {"calculation"}
        missing |= set() if task else {"task_statement"}
        stated: dict[str, Any] = {
            "explanation": self.own or any(line.strip() for line in self.explanation),
            "references": self.own or self.references,
            "exhibits": self.own or self.figures.exhibits,
            "rationale": self.own or any(option.rationale for option in options),
            "distractor_tag": any(option.distractor_tag for option in options),
            "fixed": any(option.fixed for option in options),
        }
        return frozenset(missing | {name for name, there in stated.items() if not there})


def _dedented(lines: Sequence[Line]) -> list[Line]:
    depths = [len(line.text) - len(line.text.lstrip(" ")) for line in lines if line.text.strip()]
    depth = min(depths, default=0)
    if not depth:
        return list(lines)
    return [line._replace(text=line.text[depth:] if line.text.strip() else "") for line in lines]


def _exhibit(text: str) -> dict[str, str]:
    """The fields of an exhibit that a comment says, in JSON."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    names = ("id", "file", "alt", "long_description")
    return {name: str(found[name]) for name in names if name in found}


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)
