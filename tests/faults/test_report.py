"""What a run is said to have shown."""

from random import Random

from tests.faults import plan, report
from tests.faults.plan import Ending, Moment
from tests.faults.records import Breach, Fault, Invariant, Kind, Outcome


def test_the_histogram_counts_what_took_effect() -> None:
    faults = [Fault(Kind.CUT, between=True, late=True), Fault(Kind.CUT), Fault(Kind.RELOADED, edge=True)]
    assert report.histogram([Outcome("a", faults=faults), Outcome("b")]) == [
        "faults that took effect           all  between   late   edge",
        "network cut                         2        1      1      0",
        "page reloaded                       1        0      0      1",
        "all                                 3        1      1      1",
        "faults by exam: 0 in 1, 3 in 1",
    ]


def test_a_run_in_which_too_little_happened_says_so() -> None:
    faults = [Fault(Kind.CUT, between=True), Fault(Kind.CUT), Fault(Kind.CUT)]
    assert list(report.missed([Outcome("a", faults=faults), Outcome("b", faults=faults[:2])])) == [
        "Only 0% of the faults were late; it must be 20%.",
        "Only 0% of the faults were at start or end; it must be 10%.",
        "1 exams had fewer than 3 faults.",
    ]


def test_what_was_broken_is_counted_and_shown() -> None:
    breaches = [Breach(Invariant.TWICE, "a"), Breach(Invariant.TWICE, "b")]
    assert (report.broken([]), report.broken(breaches)) == (
        ["No invariant was broken."],
        [
            "2 × an event was applied twice",
            "  an event was applied twice: a",
            "  an event was applied twice: b",
        ],
    )


def test_the_same_seed_plans_the_same_faults_with_five_or_more_in_each_exam() -> None:
    plans = [plan.draw(Random(f"1 {number}"), 60) for number in range(200)]
    assert plans == [plan.draw(Random(f"1 {number}"), 60) for number in range(200)]
    assert min(len(drawn.steps) for drawn in plans) == 5
    at_zero = [drawn for drawn in plans if drawn.ending is Ending.ZERO]
    assert {len(drawn.of(Moment.LATE)) for drawn in at_zero} == {2, 3}
