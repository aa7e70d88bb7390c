import json
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command

from tests.questions.builders import question, write

TARGETS = {"stem_words": {"min": 1, "max": 3}, "concepts": {"columns": {"min": 2}}}


def run(*arguments: object) -> tuple[int, str, str]:
    """Exit status, output, errors."""
    out, err = StringIO(), StringIO()
    try:
        call_command("lint_questions", *map(str, arguments), stdout=out, stderr=err)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def explained(**fields: Any) -> dict[str, Any]:
    texts = {"a": "Read columns", "b": "Grow a deeper tree", "c": "Add replicas", "d": "Halve batches"}
    options = [
        {"id": id_, "text": text, "correct": id_ == "a", "rationale": "Because."}
        for id_, text in texts.items()
    ]
    options[1]["distractor_tag"] = "treats_symptom"
    references = [{"title": "T", "url": "https://example.org"}]
    return question(options=options, references=references, verified_on="9999-01-01") | fields


REPORT = """\
Questions: 1
Task statements: 1.1 1 (100%)
Kinds: multiple_choice 1 (100%)
Levels: application 1 (100%)
Key by length rank: longest 0 (0%), second 0 (0%), third 0.5 (50%), shortest 0.5 (50%)
Distractor tags: treats_symptom 1 (100%)
Constraint phrases: none
Openers used twice or more: none
Concepts: none
"""


def test_findings_and_a_report_are_printed_and_do_not_fail(tmp_path: Path) -> None:
    path = write(tmp_path, explained(references=[]))
    line = path.read_text().splitlines().index('   "references": [],') + 1
    finding = (
        f"{path}:{line}: warning: questions[0].references: "
        "Name the page of documentation that settles the point. [q-001 no_reference]"
    )
    assert run(tmp_path) == (0, f"{finding}\n\n{REPORT}Findings: no_reference 1\n", "")


def test_a_bank_without_flaws_says_so(tmp_path: Path) -> None:
    write(tmp_path, explained())
    assert run(tmp_path) == (0, f"{REPORT}Findings: none\n", "")


PLAN = {
    "format": 1,
    "concepts": {"columns": "Reading columns"},
    "questions": {
        "q-001": {"topic": "Formats", "concepts": ["columns"], "industry": "Parcels", "data": "Scans"}
    },
}


def write_beside(folder: Path, name: str, content: dict[str, Any]) -> None:
    (folder / name).write_text(json.dumps(content))


def test_targets_and_plan_beside_the_questions_are_asked_and_told_apart(tmp_path: Path) -> None:
    path = write(tmp_path, explained())
    write_beside(tmp_path, "targets.json", {"format": 1, "targets": TARGETS})
    write_beside(tmp_path, "plan.json", PLAN)
    status, out, err = run(path, "--report", "json")
    line = next(n for n, text in enumerate(path.read_text().splitlines(), 1) if '"stem"' in text)
    missed = "concept columns has 1, not at least 2 questions"
    assert (status, err) == (0, "")
    assert json.loads(out) == {
        "findings": [
            {
                "rule": "stem_length",
                "of": "certification",
                "question": "q-001",
                "file": str(path),
                "line": line,
                "field": "questions[0].stem",
                "advice": "Write 1 to 3 words, code and tables not counted: there are 5.",
            },
            {
                "rule": "concept",
                "of": "certification",
                "question": "",
                "file": "",
                "line": 0,
                "field": "",
                "advice": f"Balance what keys depend on: {missed}.",
            },
        ],
        "accepted": [],
        "outdated": [],
        "report": {
            "questions": 1,
            "task_statements": {"1.1": 1},
            "kinds": {"multiple_choice": 1},
            "levels": {"application": 1},
            "key_by_length_rank": {"longest": 0.0, "second": 0.0, "third": 0.5, "shortest": 0.5},
            "distractor_tags": {"treats_symptom": 1},
            "phrases": {},
            "openers": {},
            "concepts": {"columns": 1},
            "targets": 1,
            "missed": [missed],
        },
    }
    assert run(path)[1].splitlines()[-3:] == [
        "Targets: 0 of 1 met",
        f"Missed: {missed}",
        "Findings: stem_length 1, concept 1",
    ]


def test_the_plan_is_printed_as_markdown(tmp_path: Path) -> None:
    path = write(tmp_path, explained())
    write_beside(tmp_path, "targets.json", {"format": 1, "targets": TARGETS})
    write_beside(tmp_path, "plan.json", PLAN)
    (status, out, err), missing = run(path, "--report", "plan"), tmp_path / "plan.json"
    assert (status, out.splitlines()[4], err) == (0, "| Reading columns | 1 | at least 2 |", "")
    missing.unlink()
    assert run(path, "--report", "plan") == (2, "", "There is no file `plan` beside the questions.\n")


def test_warnings_with_a_reason_are_counted_apart(tmp_path: Path) -> None:
    write(tmp_path, explained(references=[]))
    accepted = [{"rule": "no_reference", "reason": "Common knowledge.", "questions": ["q-001"]}]
    write_beside(tmp_path, "warnings.json", {"format": 1, "accepted": accepted})
    assert run(tmp_path) == (
        0,
        f"{REPORT}Findings: none\nAccepted with a reason: no_reference 1\n",
        "",
    )
    write(tmp_path, explained())
    outdated = "warning: Take this out of the accepted warnings: it is no longer found. [q-001 no_reference]"
    assert run(tmp_path) == (0, f"{outdated}\n\n{REPORT}Findings: no_reference 1\n", "")


def test_what_cannot_be_read_is_told_and_the_rest_is_looked_at(tmp_path: Path) -> None:
    write(tmp_path, question("q-001", level=4), name="bad.json")
    write(tmp_path, explained(), name="good.json")
    status, out, err = run(tmp_path)
    assert (status, out) == (1, f"{REPORT}Findings: none\n")
    assert err.startswith(f"{tmp_path / 'bad.json'}:")


def test_a_command_that_cannot_begin_says_why(tmp_path: Path) -> None:
    assert run(tmp_path / "none") == (2, "", f"There is no file or folder {tmp_path / 'none'}.\n")
    assert run(tmp_path) == (
        2,
        "",
        "There is no question file: their names end in .json, .yaml, .yml.\n",
    )
    write(tmp_path, explained())
    write_beside(tmp_path, "targets.json", {"format": 1, "targets": {"stem_words": {"min": -1}}})
    status, out, err = run(tmp_path)
    assert (status, out) == (2, "")
    assert err.startswith(f"{tmp_path / 'targets.json'}:1: error: targets.stem_words.min: ")
