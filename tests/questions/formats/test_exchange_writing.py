import json
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from questions.formats import Draft, Entry, Export, Feature, Format, Rejected, Source, exchange
from tests.questions.builders import content, options, question
from tests.questions.formats.made_up import any_text, drafts, export

BANK = Path(settings.BASE_DIR) / "fixtures" / "mls-c01"
YAML, JSON = exchange.FORMATS


def read(format_: Format, data: bytes, name: str = "bank") -> list[Entry]:
    assert format_.read is not None
    found = list(format_.read(Source(name + format_.suffix, data)))
    assert [one for one in found if not isinstance(one, Entry)] == []
    return [one for one in found if isinstance(one, Entry)]


def rewritten(format_: Format, wanted: Export) -> list[Draft | None]:
    assert format_.write is not None
    entries = read(format_, format_.write(wanted))
    assert [problem for entry in entries for problem in entry.problems] == []
    return [entry.draft for entry in entries]


@pytest.mark.parametrize("format_", exchange.FORMATS, ids=lambda format_: format_.slug)
def test_the_shipped_bank_reads_back_equal(format_: Format) -> None:
    for path in sorted(BANK.glob("[0-9]*.yaml")):
        bank = exchange.parse(path.read_bytes(), path.name).drafts
        assert tuple(rewritten(format_, Export(bank, "mls-c01"))) == bank


@pytest.mark.parametrize("format_", exchange.FORMATS, ids=lambda format_: format_.slug)
@given(st.data())
@hypothesis_settings(max_examples=50, deadline=None)
def test_any_text_in_any_field_reads_back_equal(format_: Format, data: st.DataObject) -> None:
    number = data.draw(st.integers(1, 3))
    made = [data.draw(drafts(position, texts=any_text)) for position in range(number)]
    assert rewritten(format_, export(*made)) == made


def test_yaml_is_laid_out_as_people_write_it() -> None:
    draft = exchange.parse(
        content(
            question(
                stem="One: line.\n\n    code # here",
                options=options("ab"),
                level=3,
                services=["Amazon S3", "a, b"],
                references=[{"title": "It's: so", "url": "https://example.org/#a"}],
                calculation={
                    "given": {"n": 2},
                    "results": [{"option": "a", "formula": "max(n, 1)", "value": 0.5, "slip": None}],
                },
                shuffle=False,
                verified_on="2026-11-20",
            )
        ),
        "bank.json",
    ).drafts[0]
    assert exchange.write_yaml(Export([draft, draft], "mls-c01")).decode().split("\n\n  - id")[0] == (
        "format: 1\n"
        "certification: mls-c01\n"
        "questions:\n"
        "  - id: q-001\n"
        "    task_statement: '1.1'\n"
        "    kind: multiple_choice\n"
        "    stem: |\n"
        "      One: line.\n"
        "\n"
        "          code # here\n"
        "    options:\n"
        "      - id: a\n"
        "        text: Option a\n"
        "        correct: true\n"
        "      - id: b\n"
        "        text: Option b\n"
        "        correct: false\n"
        "    references:\n"
        "      - title: 'It''s: so'\n"
        "        url: https://example.org/#a\n"
        "    level: 3\n"
        "    testing_point: Point of q-001\n"
        "    services: [Amazon S3, 'a, b']\n"
        "    calculation:\n"
        "      given: {n: 2}\n"
        "      results:\n"
        "        - {option: a, formula: 'max(n, 1)', value: 0.5}\n"
        "    shuffle: false\n"
        "    verified_on: 2026-11-20"
    )


@given(any_text)
def test_other_programs_read_the_same_text(text: str) -> None:
    draft = Draft("multiple_choice", text, (), explanation=text, testing_point=text, services=(text,))
    (as_yaml,) = yaml.safe_load(exchange.write_yaml(Export([draft], "mls-c01")))["questions"]
    (as_json,) = json.loads(exchange.write_json(Export([draft], "mls-c01")))["questions"]
    assert as_json == exchange.question_data(draft)
    for found in (as_yaml, as_json):
        assert [found.get("testing_point", ""), found["services"]] == [text, [text]]
        assert found.get("stem", "").strip() == found.get("explanation", "").strip() == text


def test_a_file_without_questions_reads_back() -> None:
    for format_ in exchange.FORMATS:
        assert rewritten(format_, Export([], "mls-c01")) == []


def test_decimals_are_kept_and_a_report_has_plain_numbers() -> None:
    calculation = {
        "given": {"n": 2},
        "results": [{"option": "a", "formula": "n / 4", "value": 0.5, "slip": None}],
    }
    data = content(question(calculation=calculation)).replace(b"0.5", b"0.50")
    draft = exchange.parse(data, "bank.json").drafts[0]
    for written in (exchange.write_yaml(Export([draft], "c")), exchange.write_json(Export([draft], "c"))):
        assert b"0.50" in written
    assert exchange.question_data(draft)["calculation"] == {
        "given": {"n": 2},
        "results": [{"option": "a", "formula": "n / 4", "value": 0.5}],
    }


BROKEN_YAML = """\
certification: mls-c01
format: 1
questions:
    # of the first
    - id: q-001
      task_statement: 1.1
      kind: multiple_choice
      stem: |
        Größe of 🎉?

        # no comment
      options:
        - {id: a, text: A, correct: yes}
        - {id: b, text: B, correct: false}
      explanation: |
        # heading at the end

    # of the second
    # error: options: old
    - {id: "q 2", task_statement: "1.1", kind: multiple_choice, stem: S,
       options: [{id: a, text: A, correct: true}, {id: b, text: B, correct: false}]}
    - id: q-003
      task_statement: 1.1
      task_statement: 1.2
"""


def given_back(format_: Format, data: bytes) -> bytes:
    assert format_.give_back is not None
    source = Source("bank" + format_.suffix, data)
    rejected = [Rejected(entry.raw, entry.problems) for entry in read(format_, data) if entry.problems]
    return format_.give_back(source, rejected)


def test_rejected_yaml_comes_back_below_its_problems() -> None:
    data = BROKEN_YAML.encode()
    back = given_back(YAML, data)
    assert (
        back.decode()
        == """\
format: 1
certification: mls-c01
questions:
  # error: options[0].correct: Write true or false, without quotes. [yes]
  - id: q-001
    task_statement: 1.1
    kind: multiple_choice
    stem: |
      Größe of 🎉?

      # no comment
    options:
      - {id: a, text: A, correct: yes}
      - {id: b, text: B, correct: false}
    explanation: |
      # heading at the end

  # error: id: Use up to 100 letters, digits, dots, dashes and underscores, a letter or digit first. [q 2]
  - {id: "q 2", task_statement: "1.1", kind: multiple_choice, stem: S,
     options: [{id: a, text: A, correct: true}, {id: b, text: B, correct: false}]}

  # error: task_statement: Keep one `task_statement`: it stands in line 23 already.
  # error: kind: Add the field `kind`.
  # error: stem: Add the field `stem`.
  # error: options: Add the field `options`.
  - id: q-003
    task_statement: 1.1
    task_statement: 1.2
"""
    )
    assert [entry.draft for entry in read(YAML, back)] == [entry.draft for entry in read(YAML, data)]
    assert given_back(YAML, back) == back.replace(b"line 23", b"line 27")
    mended = back.replace(b"correct: yes", b"correct: true").replace(b'"q 2"', b"q-002")
    assert [entry.problems == () for entry in read(YAML, mended)] == [True, True, False]


def test_rejected_json_comes_back_with_its_problems_in_a_field_that_is_not_read() -> None:
    data = content(question(level=9), question("q-002"), {}, "text")  # type: ignore[arg-type]
    back = given_back(JSON, data)
    told = [one["problems"] if isinstance(one, dict) else one for one in json.loads(back)["questions"]]
    assert told == [
        ["error: level: Write a number that is at most 3. [9]"],
        [
            "error: id: Add the field `id`.",
            "error: task_statement: Add the field `task_statement`.",
            "error: kind: Add the field `kind`.",
            "error: stem: Add the field `stem`.",
            "error: options: Add the field `options`.",
        ],
        "text",
    ]
    assert [problem.advice for entry in read(JSON, back) for problem in entry.problems] == [
        problem.advice for entry in read(JSON, data) for problem in entry.problems
    ]
    assert json.loads(given_back(JSON, back)) == json.loads(back)
    mended = back.replace(b'"level": 9', b'"level": 1')
    assert read(JSON, mended)[0].problems == ()


def test_questions_of_a_list_on_one_line_come_back_too() -> None:
    data = b"format: 1\ncertification: x\nquestions: [{id: a, stem: S}, {id: b}]"
    assert [entry.raw for entry in read(YAML, data)] == ["{id: a, stem: S}", "{id: b}"]
    assert [entry.draft for entry in read(YAML, given_back(YAML, data))] == [
        entry.draft for entry in read(YAML, data)
    ]


def test_control_characters_do_not_break_what_comes_back() -> None:
    data = b'format: 1\ncertification: x\nquestions:\n  - {id: "a\\0b", stem: "S\\e"}'
    back = given_back(YAML, data)
    assert b"[a\\x00b]" in back
    assert len(read(YAML, back)) == 1


def test_the_format_carries_everything() -> None:
    assert [format_.keeps for format_ in exchange.FORMATS] == [frozenset(Feature)] * 2
