"""The tables of docs/scoring.md: `python -m tests.results.tables NAME …` prints those named, or all of them:
level, next, chance, range, bands, mastery, weights. Together they take ten minutes.
"""

import sys
from random import Random

from results import mastery
from results.level import next_form
from tests.results.figures import (
    DRESS_REHEARSAL,
    FULL_MOCK,
    POPULATIONS,
    altogether,
    bands_hold,
    beta_binomial,
    calibration,
    found_weaknesses,
    histories,
    level_coverage,
    next_form_coverage,
    next_form_holds,
    range_holds,
    wilson,
)
from tests.results.population import WEIGHTS, Population


def row(*cells: object) -> None:
    print("|", " | ".join(str(cell) for cell in cells), "|")


def header(*cells: str) -> None:
    row(*cells)
    row(*["---"] * len(cells))


def percent(share: float, places: int = 1) -> str:
    return f"{100 * share:.{places}f} %"


def level_table() -> None:
    header("scored items", "mean coverage", "worst", "at a level of", "mean width", "÷ Wilson's")
    for total in (65, 50):
        own, plain = level_coverage(total), level_coverage(total, wilson)
        row(
            total,
            percent(own.mean),
            percent(own.worst),
            percent(own.worst_at, 0),
            percent(own.length),
            f"{own.length / plain.length:.3f}",
        )


def next_form_table() -> None:
    rng = Random(65)
    header("from → to", "interval", "mean coverage", "worst", "at a level of", "mean length", "simulated")
    for before in (FULL_MOCK, DRESS_REHEARSAL):
        for after in (FULL_MOCK, DRESS_REHEARSAL):
            total, places = sum(before.places.values()), sum(after.places.values())
            held = percent(next_form_holds(20_000, before, after, rng))
            for title, intervals, simulated in (
                ("ours", next_form, held),
                ("beta-binomial", beta_binomial, ""),
            ):
                own = next_form_coverage(total, places, intervals)
                row(
                    f"{total} → {places}",
                    title,
                    percent(own.mean),
                    percent(own.worst),
                    percent(own.worst_at, 0),
                    f"{own.length:.1f}",
                    simulated,
                )


def chance_tables(candidates: int) -> None:
    for exam in (FULL_MOCK, DRESS_REHEARSAL):
        for mean in (0.68, 0.60, 0.74):
            print(f"\n**{exam.title}, mean {percent(mean, 0)}**, growing on the left, steady on the right:\n")
            header("chance", *["cases", "stated", "passed", "gap"] * 2)
            growing, steady = (
                calibration(histories(POPULATIONS[mean, grows], exam, candidates, Random(1)), exam)
                for grows in (True, False)
            )
            for tenth, pair in enumerate(zip(growing.deciles, steady.deciles, strict=True)):
                cells = [
                    [one.cases, percent(one.stated), percent(one.true), f"{100 * one.gap:+.1f}"]
                    for one in pair
                ]
                row(f"{10 * tenth}–{10 * tenth + 10} %", *cells[0], *cells[1])
            weighted = [["", "", "", f"{100 * one.weighted:.1f}"] for one in (growing, steady)]
            row("weighted", *weighted[0], *weighted[1])


def range_table(candidates: int) -> None:
    header("exam", *(f"mean ability {percent(mean, 0)}" for mean in (0.68, 0.60, 0.74)))
    for exam in (FULL_MOCK, DRESS_REHEARSAL):
        held = [
            range_holds(Population(mean=mean), exam, candidates, Random(1)) for mean in (0.68, 0.60, 0.74)
        ]
        row(exam.title, *(percent(share) for share in held))


def mastery_table(candidates: int) -> None:
    rng = Random(15)
    header("after", "all", *(f"domain {domain}" for domain in WEIGHTS))
    for exam, forms in ((FULL_MOCK, 2), (FULL_MOCK, 1), (DRESS_REHEARSAL, 2)):
        found = found_weaknesses(candidates, forms, exam, rng)
        row(
            f"{forms} × {exam.title}",
            percent(altogether(found).share),
            *(percent(found[domain].share) for domain in WEIGHTS),
        )


def weights_table(candidates: int) -> None:
    """The same candidates for each weight."""
    header("weight", "all", *(f"domain {domain}" for domain in WEIGHTS))
    chosen = mastery.TASK_STATEMENT_WEIGHT
    for weight in (0.25, 0.5, 1.0, 2.0, 4.0, 10.0):
        mastery.TASK_STATEMENT_WEIGHT = weight
        found = found_weaknesses(candidates, 2, FULL_MOCK, Random(15))
        row(weight, percent(altogether(found).share), *(percent(found[domain].share) for domain in WEIGHTS))
    mastery.TASK_STATEMENT_WEIGHT = chosen


def bands_table(candidates: int) -> None:
    header("full mock exams", "bands of domains", "bands of task statements")
    for forms in (1, 2, 3):
        row(forms, *(percent(share) for share in bands_hold(forms, candidates, Random(3))))


TABLES = {
    "level": level_table,
    "next": next_form_table,
    "chance": lambda: chance_tables(60_000),
    "range": lambda: range_table(20_000),
    "bands": lambda: bands_table(4_000),
    "mastery": lambda: mastery_table(100_000),
    "weights": lambda: weights_table(20_000),
}

if __name__ == "__main__":
    for name in sys.argv[1:] or TABLES:
        TABLES[name]()
