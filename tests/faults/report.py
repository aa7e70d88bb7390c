"""A run in words: the histogram of what really happened, the shares that it has to reach, and what was
broken."""

from collections import Counter
from collections.abc import Iterator, Sequence

from tests.faults.records import FEWEST, Breach, Fault, Kind, Outcome

SHARES = {"between click and acknowledgement": 0.4, "late": 0.2, "at start or end": 0.1}
_SHOWN = 20


def histogram(outcomes: Sequence[Outcome]) -> list[str]:
    faults = [fault for outcome in outcomes for fault in outcome.faults]
    rows = [f"{'faults that took effect':<30} {'all':>6} {'between':>8} {'late':>6} {'edge':>6}"]
    by_kind = {kind: [fault for fault in faults if fault.kind is kind] for kind in Kind}
    rows += [_row(kind.value, these) for kind, these in by_kind.items() if these]
    if faults:
        rows.append(_row("all", faults))
    fewest = Counter(len(outcome.faults) for outcome in outcomes)
    rows.append("faults by exam: " + ", ".join(f"{number} in {fewest[number]}" for number in sorted(fewest)))
    return rows


def _row(name: str, faults: Sequence[Fault]) -> str:
    between, late, edge = (
        sum(getattr(fault, what) for fault in faults) for what in ("between", "late", "edge")
    )
    return f"{name:<30} {len(faults):>6} {between:>8} {late:>6} {edge:>6}"


def missed(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """What was too little of a run to say much."""
    faults = [fault for outcome in outcomes for fault in outcome.faults]
    counts = [sum(getattr(fault, what) for fault in faults) for what in ("between", "late", "edge")]
    for (name, least), count in zip(SHARES.items(), counts, strict=True):
        share = count / max(1, len(faults))
        if share < least:
            yield f"Only {share:.0%} of the faults were {name}; it must be {least:.0%}."
    few = sum(len(outcome.faults) < FEWEST for outcome in outcomes)
    if few:
        yield f"{few} exams had fewer than {FEWEST} faults."


def summary(outcomes: Sequence[Outcome]) -> list[str]:
    made, acknowledged = (sum(getattr(o, name) for o in outcomes) for name in ("made", "acknowledged"))
    return [f"{len(outcomes)} exams, {made} events made, {acknowledged} acknowledged"]


def broken(breaches: Sequence[Breach]) -> list[str]:
    counts = Counter(breach.invariant for breach in breaches)
    rows = [f"{times} × {invariant.value}" for invariant, times in counts.most_common()]
    rows += [f"  {breach.invariant.value}: {breach.what}" for breach in breaches[:_SHOWN]]
    if len(breaches) > _SHOWN:
        rows.append(f"  and {len(breaches) - _SHOWN} more")
    return rows or ["No invariant was broken."]
