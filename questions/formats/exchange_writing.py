"""Drafts to files in the exchange format, in one layout: what is written reads back equal, letter for letter.

Fields that hold their default are left out. In YAML the stem and the explanation stand as blocks, other texts
on one line, in quotes where another program would take them for something else than text."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import yaml

from questions.formats import Calculation, Draft, Exhibit, Export, Option, Problem, Rejected, Source

Data = dict[str, Any]

FORMAT = 1
LEVEL = 2

_BLOCKS = frozenset({"stem", "explanation", "long_description"})
_PLAIN = re.compile(
    r"[A-Za-z0-9\u00c0-\u024f(/.$]"
    r"[^\x00-\x1f\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f\u3000\ufeff\ud800-\udfff\ufffe\uffff]*"
)
_MARKUP = re.compile(r": |:$| #")
_FLOW_MARKUP = re.compile(r"[,\[\]{}:#]")
_ESCAPED = re.compile(
    r"[^\n\t\x20-\x7e\u00a0-\u167f\u1681-\u1fff\u2010-\u2027\u2030-\ud7ff\ue000-\ufefe\uff00-\ufffd"
    r"\U00010000-\U0010ffff]"
)
_RESOLVER = yaml.resolver.Resolver()


def number(value: Decimal) -> int | float:
    """A number as JSON data has it; trailing zeros are not kept."""
    return int(value) if value == value.to_integral_value() and "." not in str(value) else float(value)


def question_data(draft: Draft, *, exact: Callable[[Decimal], object] = number) -> Data:
    """A question in the fields of the exchange format, without those that are empty or hold their default."""
    day = draft.verified_on.isoformat() if draft.verified_on else None
    fields = {
        "id": draft.id,
        "task_statement": draft.task_statement,
        "kind": draft.kind,
        "stem": draft.stem,
        "options": [_option(option) for option in draft.options],
        "explanation": draft.explanation,
        "references": [{"title": one.title, "url": one.url} for one in draft.references],
        "level": None if draft.level == LEVEL else draft.level,
        "testing_point": draft.testing_point,
        "services": list(draft.services),
        "enemies": list(draft.enemies),
        "exhibits": [_exhibit(exhibit) for exhibit in draft.exhibits],
        "calculation": _calculation(draft.calculation, exact) if draft.calculation else None,
        "shuffle": None if draft.shuffle else False,
        "verified_on": day,
    }
    return {name: value for name, value in fields.items() if value not in ("", None, [])}


def _option(option: Option) -> Data:
    fields: Data = {"id": option.id, "text": option.text, "correct": option.correct}
    if option.rationale:
        fields["rationale"] = option.rationale
    if option.distractor_tag:
        fields["distractor_tag"] = str(option.distractor_tag)
    if option.fixed:
        fields["fixed"] = True
    return fields


def _exhibit(exhibit: Exhibit) -> Data:
    fields = {"id": exhibit.id, "file": exhibit.file, "alt": exhibit.alt}
    return fields | ({"long_description": exhibit.long_description} if exhibit.long_description else {})


def _calculation(calculation: Calculation, exact: Callable[[Decimal], object]) -> Data:
    return {
        "given": {name: exact(value) for name, value in calculation.given.items()},
        "results": [
            {"option": one.option, "formula": one.formula, "value": exact(one.value)}
            | ({"slip": one.slip} if one.slip is not None else {})
            for one in calculation.results
        ],
    }


def _exact(value: Decimal) -> Decimal:
    return value


def write_yaml(export: Export) -> bytes:
    questions = ("\n".join(_item(question_data(draft, exact=_exact), 2)) for draft in export.drafts)
    return _yaml_file(export.certification, "\n\n".join(questions))


def write_json(export: Export) -> bytes:
    questions = (_json(question_data(draft, exact=_exact), 2) for draft in export.drafts)
    return _json_file(export.certification, questions)


def _yaml_file(certification: str, questions: str) -> bytes:
    head = f"format: {FORMAT}\ncertification: {_on_one_line(certification)}\n"
    return f"{head}questions:\n{questions}\n".encode() if questions else f"{head}questions: []\n".encode()


def _json_file(certification: str, questions: Iterable[str]) -> bytes:
    head = f'{{\n "format": {FORMAT},\n "certification": {json.dumps(certification)},\n'
    listed = ",\n  ".join(questions)
    return f'{head} "questions": [\n  {listed}\n ]\n}}\n'.encode()


def _fields(fields: Data, indent: int) -> Iterator[str]:
    margin = " " * indent
    for name, value in fields.items():
        key = f"{margin}{_on_one_line(name)}:"
        if name == "given":
            yield f"{key} {_in_flow(value)}"
        elif name == "results":
            yield from (key, *(f"{margin}  - {_in_flow(item)}" for item in value))
        elif isinstance(value, dict):
            yield from (key, *_fields(value, indent + 2))
        elif isinstance(value, list) and all(isinstance(item, dict) for item in value):
            yield key
            for item in value:
                yield from _item(item, indent + 2)
        elif isinstance(value, list):
            yield f"{key} [{', '.join(_on_one_line(item, in_flow=True) for item in value)}]"
        elif isinstance(value, str) and name != "verified_on":
            yield from _text(key, value, indent + 2, block=name in _BLOCKS)
        else:
            yield f"{key} {str(value).lower() if isinstance(value, bool) else value}"


def _in_flow(fields: Data) -> str:
    inner = (
        f"{_on_one_line(name)}: {_on_one_line(value, in_flow=True) if isinstance(value, str) else value}"
        for name, value in fields.items()
    )
    return f"{{{', '.join(inner)}}}"


def _item(fields: Data, indent: int) -> Iterator[str]:
    """A mapping as an entry of a list, its dash at `indent`."""
    dash = " " * indent + "- "
    for line in _fields(fields, indent + 2):
        yield dash + line[indent + 2 :] if dash else line
        dash = ""


def _text(key: str, text: str, indent: int, *, block: bool) -> Iterator[str]:
    if (block or "\n" in text) and text and text == text.strip() and not _ESCAPED.search(text):
        yield f"{key} |" if block else f"{key} |-"
        for line in text.split("\n"):
            yield " " * indent + line if line else ""
    else:
        yield f"{key} {_on_one_line(text)}"


def _on_one_line(text: str, *, in_flow: bool = False) -> str:
    """A scalar on one line: plain where every program takes it for this text, else in quotes."""
    if (
        _PLAIN.fullmatch(text)
        and not text.endswith(" ")
        and not (_FLOW_MARKUP if in_flow else _MARKUP).search(text)
        and _RESOLVER.resolve(yaml.ScalarNode, text, (True, False)) == "tag:yaml.org,2002:str"
    ):
        return text
    if "\n" in text or _ESCAPED.search(text):
        return _ESCAPED.sub(_escape, json.dumps(text, ensure_ascii=False))
    return "'" + text.replace("'", "''") + "'"


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"


def _json(value: object, indent: int) -> str:
    """A value as JSON, numbers with the decimals that they were written with."""
    margin = "\n" + " " * (indent + 1)
    if isinstance(value, dict) and value:
        inner = [f"{json.dumps(key)}: {_json(one, indent + 1)}" for key, one in value.items()]
        return "{" + margin + ("," + margin).join(inner) + margin[:-1] + "}"
    if isinstance(value, list) and value:
        inner = [_json(one, indent + 1) for one in value]
        return "[" + margin + ("," + margin).join(inner) + margin[:-1] + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


def give_back_yaml(source: Source, rejected: Sequence[Rejected]) -> bytes:
    """The rejected questions of a YAML file as they stood, each below its problems in comments."""
    blocks = []
    for one in rejected:
        piece = one.raw if one.raw.startswith(("- ", "-\n")) else f"- {one.raw}"
        comments = [f"  # {line}" for line in _told(one.problems)]
        blocks.append("\n".join((*comments, *(f"  {line}" if line else "" for line in piece.split("\n")))))
    found = re.search(rb"^[\"']?certification[\"']?[ ]*:[ ]*[\"']?([a-z0-9-]+)", source.content, re.MULTILINE)
    return _yaml_file(_certification(source, found), "\n\n".join(blocks))


def give_back_json(source: Source, rejected: Sequence[Rejected]) -> bytes:
    """The rejected questions of a JSON file as they stood, each its problems in a field that is ignored."""
    found = re.search(rb'"certification"\s*:\s*"([a-z0-9-]+)"', source.content)
    return _json_file(_certification(source, found), (_with_problems(one) for one in rejected))


def _certification(source: Source, found: re.Match[bytes] | None) -> str:
    return source.certification or (found[1].decode() if found else "")


def _with_problems(rejected: Rejected) -> str:
    raw, problems = rejected.raw, list(_told(rejected.problems))
    if not raw.startswith("{"):
        return raw
    if '"problems"' in raw:
        fields = json.loads(raw)
        fields.pop("problems", None)
        raw = json.dumps(fields, indent=1, ensure_ascii=False)
    rest = raw[1:].lstrip()
    told = json.dumps(problems, ensure_ascii=False)
    return f'{{"problems": {told}{"" if rest.startswith("}") else ","}\n   {rest}'


def _told(problems: Sequence[Problem]) -> Iterator[str]:
    """Each problem as a line that both YAML and JSON take."""
    for problem in problems:
        text = f" [{problem.text}]" if problem.text else ""
        field = re.sub(r"^questions\[\d+\]\.?", "", problem.field)
        where = f"{problem.severity.value}: {field}: " if field else f"{problem.severity.value}: "
        yield _ESCAPED.sub(_escape, " ".join(f"{where}{problem.advice}{text}".split()))
