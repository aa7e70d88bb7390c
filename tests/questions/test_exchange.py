import dataclasses
import datetime as dt
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from questions.formats import (
    Calculation,
    CalculationResult,
    Draft,
    Exhibit,
    Option,
    Problem,
    Reference,
    Severity,
    exchange,
)
from questions.formats.nodes import MAX_BYTES
from questions.formats.validation import NO_FIELDS
from tests.questions.builders import content, options, question

DOCS = Path(settings.BASE_DIR) / "docs"
HEAD = "format: 1\ncertification: mls-c01\nquestions:\n"
YAML_QUESTION = """\
  - id: q-001
    task_statement: 1.10
    kind: multiple_response
    stem: |
      First line.

      Second.
    options:
      - {id: a, text: no, correct: true, rationale: Why., fixed: true}
      - {id: b, text: 0.50, correct: True}
      - {id: c, text: 'null', correct: false, distractor_tag: wrong_stage}
    explanation: Because.
    references: [{title: Title, url: 'https://example.org/'}]
    level: 3
    testing_point: Point
    services: [Amazon S3]
    enemies: [q-002]
    exhibits: [{id: fig1, file: a.svg, alt: Alt, long_description: Long}]
    calculation:
      given: {tp: 80}
      results: [{option: b, formula: tp / 160, value: 0.50, slip: null}]
    shuffle: false
    verified_on: 2026-11-20
"""
ADVICE_ON_ID = "Use up to 100 letters, digits, dots, dashes and underscores, a letter or digit first."
ADVICE_ON_OPTION_ID = "Use up to 20 small letters, digits, dashes and underscores, a letter or digit first."
EVERYTHING = Draft(
    id="q-001",
    task_statement="1.10",
    kind="multiple_response",
    stem="First line.\n\nSecond.",
    options=(
        Option("a", "no", True, "Why.", None, True),
        Option("b", "0.50", True),
        Option("c", "null", False, "", "wrong_stage"),
    ),
    explanation="Because.",
    references=(Reference("Title", "https://example.org/"),),
    level=3,
    testing_point="Point",
    services=("Amazon S3",),
    enemies=("q-002",),
    exhibits=(Exhibit("fig1", "a.svg", "Alt", "Long"),),
    calculation=Calculation(
        {"tp": Decimal(80)}, (CalculationResult("b", "tp / 160", Decimal("0.50"), None),)
    ),
    shuffle=False,
    verified_on=dt.date(2026, 11, 20),
)


def problems(text: str | bytes, name: str = "bank.yaml") -> list[tuple[int, str, str]]:
    """Line, field and sentence of every problem."""
    parsed = exchange.parse(text.encode() if isinstance(text, str) else text, name)
    assert {problem.file for problem in parsed.problems} <= {name}
    return [(problem.line, problem.field, problem.advice) for problem in parsed.problems]


def test_yaml_is_read_by_what_its_fields_hold() -> None:
    parsed = exchange.parse((HEAD + YAML_QUESTION).encode(), "bank.yaml")
    assert parsed == exchange.Parsed((EVERYTHING,), ())


def test_json_reads_to_the_same_draft_as_yaml() -> None:
    data = dataclasses.asdict(EVERYTHING)
    for name in ("place", "labels", "unstated"):
        del data[name]
    data["verified_on"] = "2026-11-20"
    data["calculation"]["given"] = {"tp": 80}
    data["calculation"]["results"][0]["value"] = 0.5
    parsed = exchange.parse(content(data).replace(b'"value": 0.5', b'"value": 0.50'), "bank.json")
    assert parsed == exchange.Parsed((EVERYTHING,), ())
    calculation = parsed.drafts[0].calculation
    assert calculation is not None
    assert str(calculation.results[0].value) == "0.50"


def test_a_draft_knows_the_line_of_each_of_its_fields() -> None:
    (draft,) = exchange.parse((HEAD + YAML_QUESTION).encode(), "bank.yaml").drafts
    fields = (
        "id",
        "stem",
        "options[1].text",
        "options[1].rationale",
        "calculation.results[0].value",
        "unknown",
    )
    assert [draft.place.line(field) for field in fields] == [4, 7, 13, 13, 24, 4]
    assert draft.place.error("options[1].text", "Mend it.") == Problem(
        Severity.ERROR, "bank.yaml", 13, "questions[0].options[1].text", "Mend it."
    )


def test_json_problems_have_lines_too() -> None:
    text = content(question(level="2", options=[*options("ab"), {"id": "c", "correct": 1}])).decode()
    lines = text.splitlines()
    assert problems(text, "bank.json") == [
        (
            max(n for n, line in enumerate(lines, 1) if line.strip() == "{"),
            "questions[0].options[2].text",
            "Add the field `text`.",
        ),
        (
            lines.index('     "correct": 1') + 1,
            "questions[0].options[2].correct",
            "Write true or false, without quotes.",
        ),
        (lines.index('   "level": "2",') + 1, "questions[0].level", "Write a whole number, without quotes."),
    ]


def test_every_problem_of_every_question_is_reported_at_once() -> None:
    broken = """\
  - id: q 1
    task_statement: 1.1
    kind: essay
    stem: ''
    options:
      - {id: A, text: x, correct: yes}
    level: 4
    stemm: x
    verified_on: 2026-02-30
  - just text
"""
    assert problems(HEAD + broken) == [
        (4, "questions[0].id", ADVICE_ON_ID),
        (6, "questions[0].kind", "Write one of these: 'multiple_choice' or 'multiple_response'."),
        (7, "questions[0].stem", "Write some text here."),
        (9, "questions[0].options[0].id", ADVICE_ON_OPTION_ID),
        (9, "questions[0].options[0].correct", "Write true or false, without quotes."),
        (10, "questions[0].level", "Write a number that is at most 3."),
        (12, "questions[0].verified_on", "Write a day that the calendar has."),
        (
            11,
            "questions[0].stemm",
            "Remove the field `stemm`: the format does not know it. Is it `stem` that you mean?",
        ),
        (13, "questions[1]", "Write named fields here."),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [(0, "", "Write fields and their values: the file is empty.")]),
        ("- a", [(1, "", NO_FIELDS)]),
        ("a: &x 1\nb: 2", [(1, "", "Remove the anchor (`&name`): anchors are not read.")]),
        ("a: !!str 1", [(1, "", "Remove the tag (`!name`): tags are not read.")]),
        ("a: 1\nb: *x", [(2, "", "Write the value out: aliases (`*name`) are not read.")]),
        ("a: 1\nb: 2\na: 3", [(3, "a", "Keep one `a`: it stands in line 1 already.")]),
        (
            "a: 1\na: 2\nb: *x",
            [
                (2, "a", "Keep one `a`: it stands in line 1 already."),
                (3, "", "Write the value out: aliases (`*name`) are not read."),
            ],
        ),
        ("? [a]\n: 1", [(1, "", "Use plain text as the name of a field: this one is a list or a mapping.")]),
        (
            "a: 1\n---\nb: 1",
            [(2, "", "Keep one document in a file: move what follows `---` to its own file.")],
        ),
        ("a: [" * 20, [(1, "", "Flatten this: values are nested more than 12 deep.")]),
        ("a: [1", [(1, "", "Mend the YAML: did not find expected ',' or ']'.")]),
    ],
)
def test_yaml_that_is_not_plain_is_refused(text: str, expected: list[tuple[int, str, str]]) -> None:
    assert problems(text)[: len(expected)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (0, "", "Write fields and their values: the file is empty.")),
        ('{"a": NaN}', (1, "", "Write a JSON value here in place of NaN.")),
        ('{\n"a": -Infinity}', (2, "", "Write a JSON value here in place of -Infinity.")),
        ('{"a": 1,\n"a": 2}', (2, "a", "Keep one `a`: it stands in line 1 already.")),
        ('{"a": 1,}', (1, "", 'Put a field\'s name in double quotes here, or remove the last ",".')),
        ('{"a" 1}', (1, "", 'Put ":" between the name `a` and its value.')),
        ('{"a": [1 2]}', (1, "", 'Put "," or "]" here.')),
        ('{"a": "x\ny"}', (1, "", "Mend the text in quotes: invalid control character at.")),
        ('{"a": 1} x', (1, "", "Keep one value in a file: remove what follows its end.")),
        ('{"a": 0' + "1" * 41 + "}", (1, "", 'Put "," or "}" here.')),
        ('{"a": ' + "1" * 41 + "}", (1, "", "Shorten the number: 40 characters are the most.")),
        ('{"a": ' + "[" * 100_000, (1, "", "Flatten this: values are nested more than 12 deep.")),
        ("{", (1, "", 'Put a field\'s name in double quotes here, or remove the last ",".')),
    ],
)
def test_json_that_is_not_strict_is_refused(text: str, expected: tuple[int, str, str]) -> None:
    assert problems(text, "bank.json")[0] == expected


def test_a_file_in_another_encoding_is_named() -> None:
    text = HEAD + "  - Größe"
    assert problems(text.encode("utf-16")) == [(0, "", "Save the file as UTF-8: it is written in UTF-16.")]
    assert problems(text.encode("latin-1")) == [
        (4, "", "Save the file as UTF-8: the byte 0xF6 in this line is from another encoding.")
    ]
    assert exchange.parse(b"\xef\xbb\xbf" + (HEAD + YAML_QUESTION).encode(), "bank.yaml").drafts == (
        EVERYTHING,
    )


def test_a_file_that_is_too_big_is_not_read() -> None:
    assert problems(b"#" * (MAX_BYTES + 1)) == [
        (0, "", "Split the file: it has 64,000,001 bytes, and 64,000,000 are the most that is read.")
    ]


def test_reading_stops_after_many_problems() -> None:
    found = problems(HEAD + "  - x\n" * 1000)
    assert len(found) == 202
    assert found[-1] == (0, "", "Mend these first: reading stopped after 200 problems.")


def test_another_format_or_certification_is_refused() -> None:
    parsed = exchange.parse(
        b"format: 2\ncertification: aif-c01\nquestions: []", "x.yaml", certification="mls-c01"
    )
    assert [(problem.line, problem.field, problem.advice) for problem in parsed.problems] == [
        (1, "format", "Write format: 1. This program reads no other."),
        (2, "certification", "Import this into a collection for aif-c01: this one is for mls-c01."),
    ]


def test_characters_that_no_database_takes_are_refused() -> None:
    assert problems(content(question(stem="a\x00b")), "bank.json")[0][1:] == (
        "questions[0].stem",
        "Remove the control character U+0000.",
    )
    assert problems(content(question(stem="a\ud800b")), "bank.json")[0][1:] == (
        "questions[0].stem",
        "Remove the control character U+D800.",
    )


JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: (
        st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=4)
    ),
    max_leaves=12,
)
FIELDS = st.sampled_from([*exchange.QuestionFields.model_fields, "other"])


@given(
    st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_no_bytes_break_the_readers(data: bytes) -> None:
    for name in ("bank.yaml", "bank.json"):
        parsed = exchange.parse(data, name)
        assert parsed.drafts == ()
        assert parsed.problems
        assert str(parsed.problems[0]).encode()


@given(st.dictionaries(FIELDS, JSON_VALUES, max_size=4))
def test_no_value_in_any_field_breaks_the_readers(fields: dict[str, Any]) -> None:
    data = content(question(**fields))
    as_yaml = yaml.safe_dump(json.loads(data), allow_unicode=False).encode()
    for parsed in (exchange.parse(data, "bank.json"), exchange.parse(as_yaml, "bank.yaml")):
        assert [problem.line > 0 for problem in parsed.problems] == [True] * len(parsed.problems)
        assert len(parsed.drafts) == (0 if parsed.problems else 1)
        assert all(str(problem).isprintable() for problem in parsed.problems)


@given(st.data())
def test_no_damage_to_a_good_file_breaks_the_readers(data: st.DataObject) -> None:
    good = data.draw(st.sampled_from([(HEAD + YAML_QUESTION).encode(), content(question())]))
    at = data.draw(st.integers(0, len(good)))
    damage = data.draw(
        st.binary(max_size=4) | st.sampled_from([b"&a ", b"*a", b"!!int ", b"- ", b"\n", b'"', b"{"])
    )
    damaged = good[:at] + damage + good[at + data.draw(st.integers(0, 8)) :]
    for name in ("bank.yaml", "bank.json"):
        parsed = exchange.parse(damaged, name)
        assert parsed.drafts or parsed.problems or b"questions" in damaged


def test_the_published_schema_is_the_one_that_is_enforced() -> None:
    assert json.loads((DOCS / "exchange-format.schema.json").read_text()) == exchange.json_schema()


def test_the_documented_example_is_read_without_a_problem() -> None:
    example = re.search(r"```yaml\n(.*?)```", (DOCS / "exchange-format.md").read_text(), re.DOTALL)
    assert example is not None
    parsed = exchange.parse(example[1].encode(), "example.yaml")
    assert [draft.id for draft in parsed.drafts] == ["example-001"]
    assert parsed.problems == ()
