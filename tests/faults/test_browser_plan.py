"""What exams in browsers are planned to go through."""

from random import Random

from tests.faults.browser_defects import DEFECTS
from tests.faults.browser_plan import START, draw
from tests.faults.records import GRACE, Kind

PLANS = [draw(Random(seed)) for seed in range(400)]


def test_each_exam_has_three_faults_or_more() -> None:
    assert {len(plan.faults) >= 3 for plan in PLANS} == {True}


def test_all_that_can_happen_to_a_page_is_planned_somewhere() -> None:
    not_of_pages = {Kind.REORDERED, Kind.REQUEST_TRUNCATED, Kind.DISK_FULL}
    assert {fault.kind for plan in PLANS for fault in plan.faults} == set(Kind) - not_of_pages


def test_exams_end_in_each_of_the_ways_in_which_they_can() -> None:
    ways = {
        "candidate": sum(plan.ends_at is not None for plan in PLANS),
        "sweeper": sum(plan.leaves_at is not None for plan in PLANS),
        "grace": sum(plan.dark_until is not None for plan in PLANS),
    }
    assert {way: count >= 20 for way, count in ways.items()} == dict.fromkeys(ways, True)


def test_nothing_is_planned_before_the_start_or_after_the_grace() -> None:
    times = [(fault.at, plan) for plan in PLANS for fault in plan.faults]
    assert [at for at, plan in times if at != START and not 0 < at < plan.total + GRACE] == []


def test_the_same_seed_draws_the_same() -> None:
    assert draw(Random(7)) == PLANS[7]


def test_every_defect_fits_the_modules_as_they_are() -> None:
    assert {defect.name: defect.fits() for defect in DEFECTS} == {
        "outbox in memory only": True,
        "client clock trusted": True,
        "saved before the acknowledgement": True,
    }
