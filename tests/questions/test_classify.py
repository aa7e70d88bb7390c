from collections.abc import Sequence

import pytest

from questions.classify import Branch, Classified, Statement, classify

TREE = [
    Branch(
        "1", "Data engineering", (Statement("1.1", "Create repositories"), Statement("1.2", "Ingest data"))
    ),
    Branch("2", "Modeling", (Statement("2.1", "Train models"),)),
]


@pytest.mark.parametrize(
    ("labels", "statement"),
    [
        (["1.1"], "1.1"),
        (["1.2 Ingest data"], "1.2"),
        (["1.2: anything"], "1.2"),
        (["task_statement:1.1"], "1.1"),
        (["Task Statement 1.1"], "1.1"),
        (["ingest  DATA."], "1.2"),
        (["Modeling"], "2.1"),
        (["Domain 2"], "2.1"),
        (["Domain 2: Modeling"], "2.1"),
        (["$course$/top/Data engineering/Ingest data"], "1.2"),
        (["Data engineering", "1.1"], "1.1"),
        (["1.1", "1.1 Create repositories"], "1.1"),
    ],
)
def test_a_label_that_says_where_is_taken(labels: Sequence[str], statement: str) -> None:
    found = classify(labels, TREE)
    assert (found.task_statement, found.unused, found.conflict) == (statement, (), ())


def test_a_domain_alone_leaves_its_task_statements_open() -> None:
    assert classify(["Data engineering"], TREE) == Classified(domain="1")


def test_labels_that_point_to_different_places_settle_nothing() -> None:
    assert classify(["1.1", "Train models"], TREE) == Classified(
        conflict=("1.1", "Train models"), choices=("1.1", "2.1")
    )
    assert classify(["Data engineering", "Modeling"], TREE).task_statement == ""


def test_what_says_nothing_is_named() -> None:
    assert classify(["hard", "1 hour", "10.1", "", "hard"], TREE) == Classified(
        unused=("hard", "1 hour", "10.1")
    )
