"""What was measured, beside what it may be: one table at the end of the run."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Figure:
    """`limit` is empty for what is reported alone."""

    what: str
    measured: str
    limit: str = ""


@dataclass(slots=True)
class Figures:
    rows: list[Figure] = field(default_factory=list)

    def note(self, what: str, measured: float, unit: str, limit: float | None = None) -> None:
        row = Figure(what, _shown(measured, unit), "" if limit is None else f"≤ {_shown(limit, unit)}")
        if row not in self.rows:
            self.rows.append(row)

    def table(self) -> Sequence[str]:
        what, measured = (
            max((len(getattr(row, name)) for row in self.rows), default=0) for name in ("what", "measured")
        )
        return [f"{row.what:<{what}}  {row.measured:>{measured}}  {row.limit}" for row in self.rows]


def _shown(value: float, unit: str) -> str:
    digits = {"": 0, "KB": 1, "MB": 0, "ms": 1, "s": 2, "times": 2}[unit]
    return f"{value:.{digits}f} {unit}".rstrip()
