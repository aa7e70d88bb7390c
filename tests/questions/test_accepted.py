import json
from pathlib import Path

from questions import accepted, lint, sidecars
from tests.questions.sound import TODAY, options, sound


def reasons(*rows: tuple[str, str]) -> accepted.Accepted:
    """Accepted warnings by rule and question."""
    content = {
        "format": 1,
        "accepted": [{"rule": rule, "reason": "Seen.", "questions": [id_]} for rule, id_ in rows],
    }
    read, problems = sidecars.parse(json.dumps(content).encode(), "warnings.json", accepted.Accepted)
    assert read is not None, problems
    return read


def test_warnings_are_sorted_by_whether_they_have_a_reason() -> None:
    bare = sound("q-001", references=[])
    longest = sound(
        "q-002", stem="Two nurses compare shifts. Which chart?", options=options("aaaa", "bbb", "c")
    )
    findings = lint.check_all([bare, longest], today=TODAY)
    split = accepted.sort(findings, reasons(("no_reference", "q-001"), ("key_longest", "q-001")))
    assert [
        [(finding.rule.value, finding.question) for finding in part]
        for part in (split.open, split.accepted, split.outdated)
    ] == [
        [("key_much_longer", "q-002")],
        [("no_reference", "q-001")],
        [("key_longest", "q-001")],
    ]
    assert accepted.sort(findings, None).open == findings


def test_a_file_with_an_unknown_rule_says_so(tmp_path: Path) -> None:
    path = tmp_path / "warnings.yaml"
    path.write_text("format: 1\naccepted:\n  - {rule: key_short, reason: Seen., questions: [q-001]}\n")
    read, problems = sidecars.load(path, accepted.Accepted)
    assert read is None
    assert [(problem.line, problem.field) for problem in problems] == [(3, "accepted[0].rule")]
