from tests.benchmarks.rows import Row, at_least, at_most, rewritten

BEFORE = """# Costs
<!-- load: begin -->
| what | measured | target | when | command |
|---|---|---|---|---|
| save | 9 ms | ≤ 8 ms (missed) | Monday | `bench saves` |
| start | 5 ms |  | Monday | `bench rush` |
<!-- load: end -->
More.
"""
AFTER = """# Costs
<!-- load: begin -->
| what | measured | target | when | command |
|---|---|---|---|---|
| save | 7.0 ms | ≤ 8 ms | Tuesday | `bench saves` |
| rate | 0.60 | ≥ 0.65 (missed) | Tuesday | `bench saves` |
| start | 5 ms |  | Monday | `bench rush` |
<!-- load: end -->
More.
"""


def test_what_is_measured_again_replaces_what_stood_there_and_nothing_else() -> None:
    rows = [("saves", at_most("save", 7, 8, " ms", 1)), ("saves", at_least("rate", 0.6, 0.65, 2))]
    assert rewritten(BEFORE, rows, "Tuesday", ["saves", "rush"]) == AFTER
    assert rewritten(AFTER, rows, "Tuesday", ["saves", "rush"]) == AFTER


def test_what_has_no_target_cannot_miss_it() -> None:
    assert Row("start", "5 ms").met
