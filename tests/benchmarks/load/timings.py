"""How long requests took, by kind."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all does not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


@dataclass(slots=True)
class Timings:
    """Seconds and bytes of every reply, by kind of request."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    received: dict[str, int] = field(default_factory=dict)
    errors: int = 0

    def note(self, kind: str, seconds: float, received: int) -> None:
        self.seconds.setdefault(kind, []).append(seconds)
        self.received[kind] = self.received.get(kind, 0) + received

    def ms(self, kind: str, share: float) -> float:
        return 1000 * percentile(self.seconds[kind], share)

    def rows(self) -> list[str]:
        """For each kind: how many, p50, p95 and p99 in ms, bytes each."""
        return [
            f"{kind}: {len(all_)} requests, p50 {self.ms(kind, 0.5):.1f}, p95 {self.ms(kind, 0.95):.1f},"
            f" p99 {self.ms(kind, 0.99):.1f} ms, {self.received[kind] // len(all_)} bytes each"
            for kind, all_ in self.seconds.items()
        ]
