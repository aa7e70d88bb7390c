import json

import pytest

from questions.formats import Draft, Entry, Option, Problem, Source, exchange
from questions.formats.exchange_fields import MAX_QUESTIONS
from questions.formats.nodes import MAX_ITEM_NODES
from tests.questions.builders import content, question

HEAD = "format: 1\ncertification: mls-c01\nquestions:\n"
GOOD = """\
  - id: q-001
    task_statement: '1.1'
    kind: multiple_choice
    stem: Which one?
    options:
      - {id: a, text: One, correct: true}
      - {id: b, text: Two, correct: false}
"""


def read(text: str | bytes, name: str = "bank.yaml", **fields: str) -> list[Entry | Problem]:
    return list(exchange.read(Source(name, text.encode() if isinstance(text, str) else text, **fields)))  # type: ignore[arg-type]


def told(found: list[Entry | Problem]) -> list[tuple[int, str, str, str]]:
    """Line, field, sentence and offending text of every problem, of files and of questions."""
    problems = [
        problem for one in found for problem in ((one,) if isinstance(one, Problem) else one.problems)
    ]
    return [(one.line, one.field, one.advice, one.text) for one in problems]


def entries(found: list[Entry | Problem]) -> list[Entry]:
    return [one for one in found if isinstance(one, Entry)]


BROKEN = {
    "a flag that is a word": (
        HEAD + GOOD.replace("correct: true", "correct: yes"),
        (9, "questions[0].options[0].correct", "Write true or false, without quotes.", "yes"),
    ),
    "a field that is misspelt": (
        HEAD + GOOD + "    explanaton: Because\n",
        (
            11,
            "questions[0].explanaton",
            "Remove the field `explanaton`: the format does not know it. Is it `explanation` that you mean?",
            "Because",
        ),
    ),
    "an option without its text": (
        HEAD + GOOD.replace("text: Two, ", ""),
        (10, "questions[0].options[1].text", "Add the field `text`.", ""),
    ),
    "a kind that is none": (
        HEAD + GOOD.replace("multiple_choice", "single"),
        (
            6,
            "questions[0].kind",
            "Write one of these: 'multiple_choice' or 'multiple_response'.",
            "single",
        ),
    ),
    "two stems": (
        HEAD + GOOD + "    stem: Another\n",
        (11, "questions[0].stem", "Keep one `stem`: it stands in line 7 already.", ""),
    ),
    "a tag of YAML": (
        HEAD + GOOD.replace("stem: Which", "stem: !!str Which"),
        (7, "questions[0]", "Remove the tag (`!name`): tags are not read.", ""),
    ),
    "a second question that is a text": (
        HEAD + GOOD + "  - Which two?\n",
        (11, "questions[1]", "Write named fields here.", "Which two?"),
    ),
    "a line that is indented too little": (
        HEAD + GOOD + "   level: 2\n",
        (
            11,
            "",
            (
                "Mend the YAML: did not find expected '-' indicator, "
                "while parsing a block collection that begins in line 4."
            ),
            "",
        ),
    ),
    "a reference without an address": (
        HEAD + GOOD + "    references:\n      - title: A page\n",
        (12, "questions[0].references[0].url", "Add the field `url`.", ""),
    ),
    "a day that the calendar has not": (
        HEAD + GOOD + "    verified_on: 2026-02-30\n",
        (11, "questions[0].verified_on", "Write a day that the calendar has.", "2026-02-30"),
    ),
}


@pytest.mark.parametrize(("text", "expected"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_broken_in_yaml_is_named_with_line_and_field(
    text: str, expected: tuple[int, str, str, str]
) -> None:
    assert told(read(text)) == [expected]


def _json(change: tuple[str, str]) -> str:
    text = content(question()).decode()
    assert change[0] in text
    return text.replace(*change, 1)


BROKEN_JSON = {
    "a level in quotes": (
        _json(('"level": 2', '"level": "2"')),
        (32, "questions[0].level", "Write a whole number, without quotes.", "2"),
    ),
    "a flag in quotes": (
        _json(('"correct": true', '"correct": "true"')),
        (14, "questions[0].options[0].correct", "Write true or false, without quotes.", "true"),
    ),
    "a task statement without quotes": (
        _json(('"task_statement": "1.1"', '"task_statement": 1.1')),
        (7, "questions[0].task_statement", "Write text here (in JSON: in double quotes).", "1.1"),
    ),
    "an id with a space": (
        _json(('"id": "q-001"', '"id": "q 001"')),
        (
            6,
            "questions[0].id",
            "Use up to 100 letters, digits, dots, dashes and underscores, a letter or digit first.",
            "q 001",
        ),
    ),
    "an option twice named": (
        _json(('"text": "Option b",', '"text": "Option b", "text": "Option B",')),
        (18, "questions[0].options[1].text", "Keep one `text`: it stands in line 18 already.", ""),
    ),
    "a mark of YAML": (
        _json(("true", "yes")),
        (14, "", "Write a JSON value here in place of yes.", ""),
    ),
    "a comma too many": (
        _json(('"Point of q-001"', '"Point of q-001",')),
        (34, "", 'Put a field\'s name in double quotes here, or remove the last ",".', ""),
    ),
    "a quotation mark too few": (
        _json(('"Option c"', '"Option c')),
        (23, "", "Mend the text in quotes: invalid control character at.", ""),
    ),
    "a format of later days": (
        _json(('"format": 1', '"format": 2')),
        (2, "format", "Write format: 1. This program reads no other.", "2"),
    ),
    "questions that are no list": (
        '{"format": 1, "certification": "mls-c01",\n "questions": {"id": "q-001"}}',
        (2, "questions", "Write a list of questions.", ""),
    ),
}


@pytest.mark.parametrize(("text", "expected"), BROKEN_JSON.values(), ids=BROKEN_JSON.keys())
def test_what_is_broken_in_json_is_named_with_line_and_field(
    text: str, expected: tuple[int, str, str, str]
) -> None:
    assert told(read(text, "bank.json")) == [expected]


def test_a_question_that_breaches_the_schema_is_shown_as_far_as_it_goes() -> None:
    text = """\
  - id: q 1
    kind: essay
    stem: " Which\\0 one?\\r\\nThis?"
    options:
      - {id: A, text: 0.50, correct: True, rationale: Why, fixed: maybe}
      - {text: Two, correct: true, distractor_tag: odd}
      - just text
      - [no, option]
    level: 3
    services: not a list
    enemies: [q-002]
    references: [{title: T}]
    verified_on: tomorrow
    shuffle: false
"""
    (entry,) = entries(read(HEAD + text))
    assert entry.draft == Draft(
        "multiple_response",
        "Which one?\nThis?",
        (
            Option("A", "0.50", True, "Why"),
            Option("b", "Two", True, "", "odd"),
            Option("c", "just text", False),
        ),
        id="q 1",
        level=3,
        enemies=("q-002",),
        shuffle=False,
    )
    assert entry.draft is not None
    assert entry.draft.place.line("options[1].text") == 9
    assert {problem.field for problem in entry.problems} == {
        f"questions[0].{field}"
        for field in (
            "id",
            "task_statement",
            "kind",
            "stem",
            "options[0].id",
            "options[0].fixed",
            "options[1].id",
            "options[2]",
            "options[3]",
            "services",
            "references[0].url",
            "verified_on",
        )
    }


def test_nothing_to_show_is_no_draft() -> None:
    assert [entry.draft for entry in entries(read(HEAD + "  - text\n  - {id: q-001}\n  - []\n"))] == [
        None
    ] * 3


def test_level_and_testing_point_may_be_left_out() -> None:
    (entry,) = entries(read(HEAD + GOOD))
    assert (entry.problems, entry.draft and (entry.draft.level, entry.draft.testing_point)) == ((), (2, ""))


def test_the_head_may_stand_before_or_after_the_questions() -> None:
    body = "questions:\n" + GOOD
    after = body + "certification: aif-c01\nformat: 2\n"
    before = "certification: aif-c01\nformat: 2\n" + body
    wrong = ["Write format: 1. This program reads no other."]
    wrong.append("Import this into a collection for aif-c01: this one is for mls-c01.")
    for text, order in ((before, [0, 0, 1]), (after, [1, 0, 0])):
        found = read(text, certification="mls-c01")
        assert [int(isinstance(one, Entry)) for one in found] == order
        assert [one.advice for one in found if isinstance(one, Problem)] == wrong
    assert told(read(body)) == [
        (1, "format", "Add the field `format`.", ""),
        (1, "certification", "Add the field `certification`.", ""),
    ]


def test_problems_that_were_given_back_are_not_read() -> None:
    (entry,) = entries(read(HEAD + GOOD + "    problems: [anything]\n"))
    assert entry.problems == ()


def test_what_stands_before_the_damage_is_read() -> None:
    found = read(HEAD + GOOD + GOOD.replace("q-001", "q-002") + "  - id: [\n")
    assert [type(one) for one in found] == [Entry, Entry, Problem]
    assert [(line, field) for line, field, _, _ in told(found)] == [(19, "")]


def test_each_question_says_how_much_of_the_file_is_read() -> None:
    shares = [entry.done for entry in entries(read(HEAD + GOOD * 3))]
    assert shares == sorted(shares)
    assert (0 < shares[0] < 0.5, shares[-1]) == (True, 1.0)


def test_figures_come_from_the_folder_beside_the_file() -> None:
    class Beside:
        def names(self) -> list[str]:
            return ["exhibits/a.png"]

        def read(self, name: str) -> bytes | None:
            return b"bytes" if name == "exhibits/a.png" else None

    exhibits = [{"id": "f1", "file": "a.png", "alt": "A"}, {"id": "f2", "file": "b.png", "alt": "B"}]
    source = Source("bank.json", content(question(exhibits=exhibits)), Beside())
    (entry,) = exchange.read(source)
    assert isinstance(entry, Entry)
    assert (entry.figures, entry.problems) == ({"a.png": b"bytes"}, ())


def test_counts_are_limited_for_each_question_and_for_the_file() -> None:
    tiny = HEAD + "  - x\n" * (MAX_QUESTIONS + 5)
    found = read(tiny)
    assert len(entries(found)) == MAX_QUESTIONS
    assert isinstance(found[-1], Problem)
    assert found[-1].advice == "Split the file: 20,000 questions are the most that is read at once."
    many = json.dumps({"questions": [[1] * (MAX_ITEM_NODES // 2)] * 4 + [[1] * MAX_ITEM_NODES]})
    found = read(many, "bank.json")
    assert len(entries(found)) == 4
    assert told(found)[-1][2] == "Split this: it holds more than 20,000 values."


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_reads_the_same(end: str) -> None:
    text = (HEAD + GOOD + "    explanation: |\n      a\n\n      b\n    levl: 1\n").replace("\n", end)
    (entry,) = entries(read(text))
    assert entry.draft is not None
    assert entry.draft.explanation == "a\n\nb"
    assert [problem.line for problem in entry.problems] == [15]
    assert entry.raw.split("\n")[-1] == "  levl: 1"
