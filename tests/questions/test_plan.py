from questions import plan as planning
from tests.questions.sound import plan, sound


def test_questions_and_entries_that_do_not_meet_are_told() -> None:
    planned = plan(["queues"], q_001=["queues"], q_002=["queues", "shards"], q_004=["queues"])
    findings = planning.check([sound("q-001"), sound("q-002"), sound("q-003")], planned)
    assert [(f.question, f.rule.value, f.problem.advice) for f in findings] == [
        ("q-003", "unplanned", "Add the question to the plan."),
        ("q-002", "unplanned", "Name one of the plan's concepts: there is no “shards”."),
        ("q-004", "unplanned", "Write the question, or take it out of the plan."),
    ]
    assert planning.check([sound("q-001")], plan(["queues"], q_001=["queues"])) == []


GRID = """\
## Deciding concepts

| Concept | Questions | Target |
| --- | --- | --- |
| Queues | 2 | at least 1 |
| Shards | 1 |  |

## Industries

Parcels 2.

## 1.1: 1 questions

| Topic | Deciding concept | Industry | Data | Question |
| --- | --- | --- | --- | --- |
| Reading | Queues, Shards | Parcels | Scans | q-002 |

## 1.2: 1 questions

| Topic | Deciding concept | Industry | Data | Question |
| --- | --- | --- | --- | --- |
| Reading | Queues | Parcels | Scans | q-001 |
"""


def test_the_grid_counts_concepts_and_lists_questions_by_task_statement() -> None:
    drafts = [sound("q-001", task_statement="1.2"), sound("q-002"), sound("q-003")]
    planned = plan(["queues", "shards"], q_001=["queues"], q_002=["queues", "shards"])
    assert planning.grid(drafts, planned, {"queues": "at least 1"}) == GRID
