"""Real question files that nobody on this project wrote, against counts made without the readers."""

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command

from questions.files import format_of, open_source
from questions.formats import Draft, Entry, Problem, Severity, registry
from questions.formats.texts import to_plain

CORPUS = Path(os.environ.get("CORPUS") or os.devnull)
NOT_QUESTIONS = ("*.json", "*.text2qti.txt", "SOURCES.tsv", "README.md")
REASONS = {
    "unsafe-figure": "Remove the ",
}
EXPECTED: dict[str, dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[2] / "corpus_expected.yaml").read_text(encoding="utf-8")
)

pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(),
    reason="the corpus of real files is not part of the repository: name its folder in CORPUS",
)


@cache
def imported(name: str) -> tuple[int, dict[str, Any]]:
    """Exit status and report of a dry run of the command, which needs no certification."""
    out = StringIO()
    status = 0
    try:
        path = str(CORPUS / name)
        call_command("import_questions", path, "--dry-run", "--report", "json", stdout=out, stderr=StringIO())
    except SystemExit as end:
        status = int(end.code or 0)
    return status, json.loads(out.getvalue())


@cache
def entries(name: str) -> tuple[Entry, ...]:
    source = open_source(CORPUS / name)
    return tuple(found for found in registry.read(source, format_of(source)) if isinstance(found, Entry))


def drafts(name: str) -> list[Draft]:
    return [entry.draft for entry in entries(name) if entry.draft is not None]


def rejected(report: dict[str, Any]) -> dict[str, int]:
    """Questions with errors by the reason of the first one."""
    first: dict[str, str] = {}
    for problem in report["problems"]:
        if problem["severity"] == "error":
            first.setdefault(problem["field"].split(".")[0], problem["advice"])
    named = Counter(
        next((reason for reason, begins in REASONS.items() if advice.startswith(begins)), advice)
        for question, advice in first.items()
        if question
    )
    return dict(named)


def files(*patterns: str) -> list[str]:
    return sorted(str(path.relative_to(CORPUS)) for pattern in patterns for path in CORPUS.rglob(pattern))


def test_the_list_names_every_question_file() -> None:
    others = {name for pattern in NOT_QUESTIONS for name in files(pattern)}
    assert sorted(EXPECTED) == [
        name for name in files("*") if (CORPUS / name).is_file() and name not in others
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("name", EXPECTED)
def test_a_file_becomes_what_was_counted(name: str) -> None:
    status, report = imported(name)
    counts, wanted = report["counts"], EXPECTED[name]
    assert counts["read"] == sum(number for key, number in counts.items() if key != "read")
    assert {
        "questions": counts["read"],
        "imported": counts["new"] + counts["changed"] + counts["unchanged"],
        "skipped": dict(Counter(entry.skipped for entry in entries(name) if entry.skipped)),
        "rejected": rejected(report),
    } == wanted
    failed = any(problem["severity"] == "error" for problem in report["problems"])
    assert (status, failed) == (
        (0, False)
        if wanted["questions"] and not wanted["rejected"]
        else (1 if wanted["questions"] else 2, True)
    )


@pytest.mark.django_db
@pytest.mark.parametrize("name", files(*NOT_QUESTIONS))
def test_what_is_no_question_file_is_one_problem(name: str) -> None:
    status, report = imported(name)
    errors = [problem for problem in report["problems"] if problem["severity"] == "error"]
    assert (status, report["questions"], len(errors)) == (2, [], 1)
    assert errors[0]["advice"].endswith(".")


@pytest.mark.django_db
def test_nearly_all_questions_with_options_are_imported() -> None:
    wanted = sum(each["questions"] - sum(each["skipped"].values()) for each in EXPECTED.values())
    counts = [imported(name)[1]["counts"] for name in EXPECTED]
    assert sum(each["new"] for each in counts) >= 0.98 * wanted


QUOTES = str.maketrans({"\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'", "\u00a0": " "})


def shown(text: str) -> str:
    """A text as it is compared: without markup, spaces or line ends that do not show."""
    return " ".join(to_plain(text).replace("\u00a0", " ").split())


def bare(part: dict[str, str] | None) -> str:
    """A text of the independent grammar, its HTML taken out."""
    text = (part or {}).get("text", "") or ""
    for sign, letter in (("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        text = re.sub(r"<(?:/?[a-z][^<>]*)>", " ", text) if sign == "&nbsp;" else text
        text = text.replace(sign, letter)
    return " ".join(re.sub(r"\s+([.,:;?!])", r"\1", text).replace("\u00a0", " ").split())


def chosen(oracle: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return (question for question in oracle if question["type"] in {"MC", "TF"})


def options_of(question: dict[str, Any]) -> list[tuple[str, bool, str]]:
    """The options of a question. Moodle gives the feedback for a wrong answer first, where the grammar gives
    that for "true"; they differ where the statement is true."""
    if question["type"] == "TF":
        told = [bare(question["trueFeedback"]), bare(question["falseFeedback"])]
        if question["isTrue"]:
            told.reverse()
        return [("True", question["isTrue"], told[0]), ("False", not question["isTrue"], told[1])]
    weighed = any(choice["weight"] for choice in question["choices"]) and not any(
        choice["isCorrect"] for choice in question["choices"]
    )
    return [
        (
            bare(choice["text"]),
            (choice["weight"] or 0) > 0 if weighed else bool(choice["isCorrect"]),
            bare(choice["feedback"]),
        )
        for choice in question["choices"]
    ]


@pytest.mark.parametrize("name", files("*.gift"))
def test_gift_agrees_with_an_independent_grammar(name: str) -> None:
    oracle = json.loads((CORPUS / name).with_suffix(".json").read_text(encoding="utf-8"))
    read = [
        (
            re.sub(r"\s+([.,:;?!])", r"\1", shown(draft.stem)),
            [(shown(option.text), option.correct, shown(option.rationale)) for option in draft.options],
            shown(draft.explanation),
        )
        for draft in drafts(name)
    ]
    assert read == [
        (bare(question["stem"]), options_of(question), bare(question["globalFeedback"]))
        for question in chosen(oracle)
    ]


Plain = tuple[str, tuple[str, ...], tuple[int, ...]]


def straight(text: str) -> str:
    """A text with the quotes of a typewriter, which one of the two programs made round."""
    return " ".join(text.translate(QUOTES).split())


def reserialised(name: str) -> list[Plain]:
    return [
        (
            re.sub(r"^[0-9a-f]{4}_[0-9a-f]{4} ", "", straight(shown(draft.stem))),
            tuple(straight(shown(option.text)) for option in draft.options),
            tuple(n for n, option in enumerate(draft.options) if option.correct),
        )
        for draft in drafts(name)
    ]


def expected(name: str) -> list[Plain]:
    found = re.search(r"kananinirav-\d", name)
    assert found
    questions = json.loads((CORPUS / "reserialised" / f"{found[0]}.expected.json").read_text("utf-8"))
    return [
        (
            straight(question["stem"]),
            tuple(straight(text) for _, text in question["opts"]),
            tuple(n for n, (letter, _) in enumerate(question["opts"]) if letter in question["key"]),
        )
        for question in questions
    ]


@pytest.mark.parametrize("name", files("reserialised/*.zip", "reserialised/aiken*", "reserialised/bbq*"))
def test_a_reserialised_bank_is_the_bank(name: str) -> None:
    """Some formats cannot carry all questions; those that are there are the bank's, in its order."""
    read, bank = reserialised(name), expected(name)
    assert len(read) == EXPECTED[name]["questions"]
    assert read == [question for question in bank if question in read]


def test_problems_of_the_corpus_name_where_they_are() -> None:
    for name in EXPECTED:
        for entry in entries(name):
            for problem in entry.problems:
                assert isinstance(problem, Problem)
                assert problem.severity in Severity
                assert problem.line or problem.row or problem.item, problem
