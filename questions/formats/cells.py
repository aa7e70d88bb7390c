"""What stands in one cell of a table, as a value: a flag, a list, references, a day, all options at once.

What cannot be read raises `CellError`, whose message says what to write."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from questions.formats import Kind, Reference

MAX_LISTED = 100

_YES = frozenset({"yes", "y", "true", "1", "x", "on", "correct", "right", "\u2713", "\u2714"})
_NO = frozenset({"no", "n", "false", "0", "", "-", "off", "incorrect", "wrong", "\u2717", "\u2718"})
_SINGLE = (
    "multiple_choice multiplechoice mc mcq single single_choice singlechoice single_answer single_select "
    "single_response single_correct radio multiple_choice_single one one_answer multiple_choice_question"
)
_SEVERAL = (
    "multi_select multiselect multiple_select multiple_response multipleresponse multiple multi mr ma msq "
    "multiple_answer multiple_answers multi_answer multiple_correct checkbox checkboxes multi_response "
    "multi_choice multiple_choice_multiple multiple_answers_question"
)
_TRUE_FALSE = "true_false truefalse tf t_f true_or_false boolean true_false_question"
_KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(_SINGLE.split(), "multiple_choice"),
    **dict.fromkeys(_SEVERAL.split(), "multiple_response"),
}
_OTHERS = re.compile(
    r"essay|short|fill|blank|match|order|sequenc|numeric|calculat|hotspot|drag|cloze|open|free|text|upload"
    r"|code|coding|rank|likert|rating|scale|dropdown|file|description"
)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_URL = re.compile(r"https?://\S+")
_LETTERED = re.compile(r"\(?([A-Za-z])[.):]\s*(.*)", re.DOTALL)
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.]{0,9}")
_CODE_IN_TEXT = re.compile(
    r"(?:task(?:\s+statement)?\s*)?([0-9]{1,2}(?:\.[0-9]{1,2})+)(?![0-9.])", re.IGNORECASE
)
_TEXT_NAMES = ("text", "option", "answer", "label", "value", "content", "answer_text", "answerText")
_FLAG_NAMES = ("correct", "is_correct", "isCorrect", "right", "is_right")
_WHY_NAMES = ("rationale", "explanation", "feedback", "reason")


class CellError(ValueError):
    """A cell does not say what its column asks for; the message says what to write."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An option of a cell that holds them all; `correct` is None where the cell does not say."""

    text: str
    correct: bool | None = None
    rationale: str = ""


def flag(text: str) -> bool:
    if text.strip().lower() in _YES:
        return True
    if text.strip().lower() in _NO:
        return False
    raise CellError("Write yes or no.")


def kind(text: str) -> tuple[Kind | None, str]:
    """The kind that a cell declares and, for kinds of question that we have not, the cell's word. A true or
    false question is a multiple choice, and its word is "true/false"."""
    word = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    if not word:
        return None, ""
    if word in _TRUE_FALSE.split():
        return "multiple_choice", "true/false"
    if word in _KINDS:
        return _KINDS[word], ""
    if _OTHERS.search(word):
        return None, text.strip()
    raise CellError("Write multiple-choice or multi-select.")


def names(text: str) -> tuple[str, ...]:
    """A list in a cell: JSON, or set apart by semicolons or new lines, or else by commas."""
    if text.startswith("["):
        listed = _json(text)
        if isinstance(listed, list) and all(isinstance(entry, str) for entry in listed):
            return tuple(entry.strip() for entry in listed)
    separator = r"[;\n]" if re.search(r"[;\n]", text) else ","
    return tuple(dict.fromkeys(part.strip() for part in re.split(separator, text) if part.strip()))


def references(text: str) -> tuple[Reference, ...]:
    """One on each line: a title and its address, in any of the usual spellings."""
    if text.startswith("["):
        listed = _json(text)
        if isinstance(listed, list) and all(isinstance(entry, dict) for entry in listed):
            return tuple(Reference(str(e.get("title", "")), str(e.get("url", ""))) for e in listed)
    lines = [line.strip(" ;") for line in text.split("\n") if line.strip(" ;")]
    return tuple(_reference(line) for line in lines)


def _reference(line: str) -> Reference:
    linked = re.fullmatch(r"\[(.+)\]\(<?(\S+?)>?\)", line)
    if linked:
        return Reference(linked[1], linked[2])
    url = _URL.search(line)
    if url is None:
        raise CellError("Write each reference on a line of its own: its title, then its address (https://…).")
    address = url[0].rstrip(">")
    title = line[: url.start()].strip().rstrip("<").strip(" -:|,")
    return Reference(title or address, address)


def day(text: str) -> date:
    if _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise CellError("Write a day as year-month-day, such as 2026-11-20.")


def level(text: str) -> int:
    words = {"1": 1, "2": 2, "3": 3, "recall": 1, "application": 2, "analysis": 3}
    if text.lower() in words:
        return words[text.lower()]
    raise CellError("Write 1 for recall, 2 for application or 3 for analysis.")


def task_statement(text: str) -> str:
    """The code in a cell such as `1.1` or `Task 1.1: Create repositories`, "" if there is none."""
    if _CODE.fullmatch(text) and any(letter.isdigit() for letter in text):
        return text
    match = _CODE_IN_TEXT.match(text)
    return match[1] if match else ""


def options(text: str) -> list[Listed]:
    """All options of a cell: JSON, or set apart by new lines, else bars, else semicolons; letters in front
    are taken off where all have theirs."""
    if text.startswith(("[", "{")):
        return _options_json(_json(text))
    separator = next((mark for mark in ("\n", "|", ";") if mark in text), ";")
    parts = [part.strip() for part in text.split(separator) if part.strip()]
    lettered = [_LETTERED.fullmatch(part) for part in parts]
    letters = "".join(match[1].upper() for match in lettered if match)
    if letters == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[: len(parts)]:
        parts = [match[2].strip() for match in lettered if match]
    return [Listed(part) for part in parts[:MAX_LISTED]]


def by_option(text: str) -> tuple[str, ...]:
    """Explanations of all options in one cell, in JSON; those named by letter come in the letters' order."""
    data = _json(text)
    if isinstance(data, dict):
        data = [data[name] for name in sorted(data)]
    if not isinstance(data, list):
        raise CellError('Write the explanations as JSON, such as ["first", "second"].')
    return tuple(_plain(entry) for entry in data)


def _options_json(data: Any) -> list[Listed]:
    if isinstance(data, dict):
        data = [data[name] for name in sorted(data)]
    if not isinstance(data, list):
        raise CellError('Write the options as JSON, such as ["first", "second"].')
    return [_listed(entry) for entry in data[:MAX_LISTED]]


def _listed(entry: Any) -> Listed:
    if not isinstance(entry, dict):
        return Listed(_plain(entry))
    text = next((entry[name] for name in _TEXT_NAMES if name in entry), None)
    if text is None:
        raise CellError('Give each option in the JSON its text, such as {"text": "first", "correct": true}.')
    correct = next((entry[name] for name in _FLAG_NAMES if name in entry), None)
    why = next((entry[name] for name in _WHY_NAMES if name in entry), "")
    return Listed(_plain(text), None if correct is None else flag(_plain(correct)), _plain(why))


def _plain(value: Any) -> str:
    if isinstance(value, dict | list):
        raise CellError("Write texts into the JSON: this is nested too deeply.")
    return "" if value is None else str(value).strip()


def _json(text: str) -> Any:
    """JSON with its numbers as text, so that 1.0 stays 1.0."""
    try:
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        raise CellError("Mend the JSON in this cell, or write the parts without brackets.") from None
