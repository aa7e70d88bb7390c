from dataclasses import replace
from typing import Any

import pytest

from questions import rules
from questions.exhibits import Figure
from questions.formats import Exhibit, Option, Reference, Severity
from tests.questions.builders import draft, options

KNOWN = rules.Known({"1.1", "1.2"})
MULTIPLE_RESPONSE: dict[str, Any] = {"kind": "multiple_response", "options": options("abcde", "ab")}
CALCULATION: dict[str, Any] = {
    "given": {"tp": 80, "fn": 40},
    "results": [
        {"option": "a", "formula": "tp / (tp + fn)", "value": 0.67, "slip": None},
        {"option": "b", "formula": "fn / (tp + fn)", "value": 0.33, "slip": "counts the misses"},
    ],
}
NUMBERS = [{"id": "a", "text": "0.67", "correct": True}, {"id": "b", "text": "0.33", "correct": False}]


def problems(known: rules.Known = KNOWN, **fields: Any) -> list[tuple[str, str]]:
    """Field below the question, and sentence."""
    found = rules.check_all([draft(**fields)], known)
    return [(problem.field.removeprefix("questions[0]."), problem.advice) for problem in found]


def option(id_: str, **fields: Any) -> dict[str, Any]:
    return {"id": id_, "text": f"Option {id_}", "correct": id_ == "a"} | fields


def test_a_well_formed_question_has_no_problem() -> None:
    assert problems() == []
    assert problems(**MULTIPLE_RESPONSE, stem="Which fit? (Select TWO.)") == []
    assert problems(options=NUMBERS, calculation=CALCULATION) == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"task_statement": "9.9"},
            ("task_statement", "Use a task statement of the certification: it has no 9.9."),
        ),
        (
            {"options": options("abcd", "ab")},
            ("options", "Make exactly one option of a multiple choice correct, not 2."),
        ),
        (
            {"options": options("abcd", "")},
            ("options", "Make exactly one option of a multiple choice correct, not 0."),
        ),
        (
            {"kind": "multiple_response"},
            ("options", "Make two or more options of a multiple response correct, not 1."),
        ),
        (
            MULTIPLE_RESPONSE | {"options": options("ab", "ab")},
            ("options", "Make at least one option wrong: all are correct."),
        ),
        (
            MULTIPLE_RESPONSE | {"stem": "Which fit? (Select THREE.)"},
            ("stem", "Ask for as many options as are correct: Select THREE, not 2."),
        ),
        (
            {"stem": "Choose TWO of these."},
            ("stem", "Ask for as many options as are correct: Choose TWO, not 1."),
        ),
        (
            {"stem": "See [this](https://example.org)."},
            ("stem", "Remove the link from the stem: a candidate stays in the exam."),
        ),
        (
            {"options": [option("a"), option("a", correct=False, text="x")]},
            ("options[1].id", "Give every option an id of its own: a is taken."),
        ),
        (
            {"options": [option("a", text="Use S3."), option("b", text="use  s3")]},
            ("options[1].text", "Word the option differently: option a says the same."),
        ),
        (
            {"options": [option("a", text="|a|\n|-|\n|b|"), option("b")]},
            ("options[0].text", "Put the table into the stem: an option cannot hold one."),
        ),
        (
            {"options": [option("a", distractor_tag="wrong_stage"), option("b")]},
            ("options[0].distractor_tag", "Remove the tag: this option is correct."),
        ),
        (
            {"references": [{"title": "T", "url": "javascript:alert(1)"}]},
            ("references[0].url", "Write the whole address of a page, beginning with https:// or http://."),
        ),
        ({"enemies": ["q-001"]}, ("enemies[0]", "Remove this: a question is not its own enemy.")),
        ({"enemies": ["q-002"]}, ("enemies[0]", "Name a question that exists: q-002 is not known.")),
        (
            {"exhibits": [{"id": "f", "file": "a.svg", "alt": "A"}]},
            ("exhibits[0].file", "Add the file: there is no exhibits/a.svg."),
        ),
    ],
)
def test_each_breach_is_named_at_its_field(fields: dict[str, Any], expected: tuple[str, str]) -> None:
    assert problems(**fields) == [expected]


def test_what_is_too_long_for_the_bank_is_named_with_its_beginning() -> None:
    long = replace(
        draft(),
        testing_point="x" * 401,
        services=("y" * 101,),
        options=(Option("a", "z" * 2001, True), Option("b", "b", False, "r" * 3001)),
        references=tuple(Reference("T", "https://example.org") for _ in range(21)),
    )
    assert [
        (p.field.removeprefix("questions[0]."), p.advice, len(p.text)) for p in rules.check(long, KNOWN)
    ] == [
        ("testing_point", "Shorten the text to at most 400 characters.", 200),
        ("options[0].text", "Shorten the text to at most 2000 characters.", 200),
        ("options[1].rationale", "Shorten the text to at most 3000 characters.", 200),
        ("services[0]", "Shorten the text to at most 100 characters.", 101),
        ("references", "Keep at most 20 entries: there are 21.", 0),
    ]


def test_a_draft_of_another_format_may_leave_open_what_it_tests_and_where_it_belongs() -> None:
    bare = replace(draft(), testing_point="", task_statement="")
    assert [(p.severity, p.advice) for p in rules.check(bare, KNOWN)] == [
        ("error", rules.NEEDS_TASK_STATEMENT)
    ]
    lenient = rules.Known(None, untagged=Severity.WARNING)
    assert [p.severity for p in rules.check(bare, lenient)] == ["warning"]


def test_all_options_correct_is_for_the_author_to_judge() -> None:
    every = draft(kind="multiple_response", options=options("ab", "ab"))
    assert [p.severity for p in rules.check(every, KNOWN)] == ["warning"]


def test_a_tag_outside_the_vocabulary_is_refused() -> None:
    (problem,) = problems(options=[option("a"), option("b", distractor_tag="silly")])
    assert problem[0] == "options[1].distractor_tag"
    assert problem[1].startswith("Use one of these tags: blind_metric, forbidden_access,")


def test_ordinary_words_in_a_stem_are_not_taken_for_an_instruction() -> None:
    assert problems(stem="The team must choose two subnets and select the best one. What next?") == []


def test_an_exhibit_that_is_no_figure_says_why() -> None:
    exhibits = [{"id": "f", "file": "a.svg", "alt": "A"}, {"id": "g", "file": "b.svg", "alt": "B"}]
    figures: dict[tuple[str, str], Figure | str] = {
        ("bank.json", "a.svg"): "It is broken.",
        ("bank.json", "b.svg"): Figure("0" * 64, "image/png", b""),
    }
    assert problems(rules.Known({"1.1"}, (), figures), exhibits=exhibits) == [
        ("exhibits[0].file", "It is broken.")
    ]


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        (
            {"a": {"value": 0.66}},
            [
                ("calculation.results[0].value", "Show 0.66 in the text of option a, or mend the value."),
                (
                    "calculation.results[0].value",
                    "Mend the value or the formula: the formula gives 0.6666666667.",
                ),
            ],
        ),
        (
            {"a": {"formula": "tp / x"}},
            [("calculation.results[0].formula", "Give a value for `x` or mend the formula.")],
        ),
        (
            {"a": {"option": "c"}},
            [
                ("calculation.results", "Give exactly one result for option a: there are 0."),
                ("calculation.results[0].option", "Name an option of the question: it has no c."),
            ],
        ),
    ],
)
def test_calculations_are_computed_again(results: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    changed = [result | results.get(result["option"], {}) for result in CALCULATION["results"]]
    assert problems(options=NUMBERS, calculation=CALCULATION | {"results": changed}) == expected


def test_equal_results_are_refused() -> None:
    numbers = [NUMBERS[0], NUMBERS[1] | {"text": "0.67 or 0.33"}]
    results = [CALCULATION["results"][0], CALCULATION["results"][0] | {"option": "b"}]
    assert problems(options=numbers, calculation=CALCULATION | {"results": results}) == [
        ("calculation.results[1].value", "Let results differ: option a has the same value.")
    ]


def test_questions_that_come_together_are_compared() -> None:
    first, second, third = (
        draft("q-001"),
        draft("q-001"),
        draft("q-003", testing_point="POINT of q-001.", enemies=["q-004"]),
    )
    found = rules.check_all([first, second, third], rules.Known({"1.1"}, {"q-004"}))
    assert [(problem.severity, problem.field, problem.advice) for problem in found] == [
        (Severity.ERROR, "questions[0].id", "Give every question an id of its own: q-001 is taken."),
        (
            Severity.WARNING,
            "questions[0].testing_point",
            "Test something of its own: q-001 has the same testing point.",
        ),
    ]


def test_only_whole_web_addresses_are_taken() -> None:
    addresses = {
        "https://docs.aws.amazon.com/x#y": True,
        "http://example.org": True,
        "https://": False,
        "//example.org": False,
        "data:text/html,x": False,
        "https://user@example.org": False,
        "https://example.org/a b": False,
        "https://[": False,
    }
    assert {url: rules.is_web_address(url) for url in addresses} == addresses


def test_a_figure_lies_under_a_plain_name_whatever_format_it_came_in() -> None:
    odd = replace(draft("q-001"), exhibits=(Exhibit("f", "../../evil.png", "A"),))
    found = rules.check(odd, KNOWN)
    assert [(problem.field, problem.advice, problem.text) for problem in found] == [
        (
            "questions[0].exhibits[0].file",
            "Name the figure's file with letters, digits, dots, dashes and underscores.",
            "../../evil.png",
        )
    ]
