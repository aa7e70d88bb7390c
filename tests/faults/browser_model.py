"""PURE. What a candidate did in real browsers and was shown there, held against what the database says.

A click is known by its value: within one exam no value is given twice to the same register, so each click
has at most one place in the log and nothing inside of the page has to be trusted. Times are seconds since the
epoch by this machine's clock, which the server reads too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.faults.records import OVERDUE, Invariant

SKEW = 1.5
"""Seconds by which two windows may disagree about the time: what they are told of it travels."""
CALM = 4.0
"""Seconds with network, log-in and an exam page after which everything must have been handed in."""
CLOCK_ERROR = 2.5
"""Seconds by which the time shown may be off where nothing delays the server's word."""
SLOW = 8
"""All three are for a machine that has nothing else to do: so many times its lag is added to them."""

EARLY = 0.05
"""Seconds by which the clocks of browser and server may differ: both read this machine's."""
MARGIN = 0.3

Register = tuple[int, str]
Found = Iterator[tuple[Invariant, str]]


@dataclass(frozen=True, slots=True)
class Click:
    """One change made in a page. `value` is JSON, `shown` what the page said of saving right afterwards."""

    device: int
    tab: int
    at: float
    item: int
    kind: str
    value: str
    shown: str = ""

    @property
    def register(self) -> Register:
        return self.item, self.kind

    @property
    def name(self) -> str:
        return f"{self.kind} {self.value} of item {self.item} in tab {self.tab} of device {self.device}"


@dataclass(frozen=True, slots=True)
class Claim:
    """At `at` a tab showed "Saved", when `covers` of its clicks had been made."""

    tab: int
    covers: int
    at: float


@dataclass(frozen=True, slots=True)
class ShownTime:
    """Time left as a page showed it at `at`, and as it was."""

    at: float
    shown: float
    right: float


@dataclass(frozen=True, slots=True)
class Logged:
    item: int
    kind: str
    value: str
    received_at: float


@dataclass(frozen=True, slots=True)
class Stored:
    """The attempt as the database has it in the end. `open_at` is the last moment at which it was still seen
    open, `closed_by` the first at which it was not; None while it is open. `lag`: how many seconds this
    machine took meanwhile for what takes it nothing."""

    deadline: float
    close_by: float
    closed_at: float | None
    ended_by: str
    open_at: float
    closed_by: float | None
    lag: float
    log: Sequence[Logged]
    registers: Mapping[Register, str]


@dataclass(slots=True)
class Account:
    """All that one candidate did and was shown. `calm` says since when each device has been without trouble.
    `blurred` are registers in which something may have been clicked that nobody saw."""

    clicks: list[Click] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    times: list[ShownTime] = field(default_factory=list)
    calm: dict[int, float | None] = field(default_factory=dict)
    wrong_pages: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    blurred: bool = False
    ended_at: float | None = None
    missing_offline: list[str] = field(default_factory=list)

    def of_tab(self, tab: int) -> list[Click]:
        return [click for click in self.clicks if click.tab == tab]

    def used(self, register: Register) -> set[str]:
        return {click.value for click in self.clicks if click.register == register}


def breaches(account: Account, stored: Stored) -> Iterator[tuple[Invariant, str]]:
    """Everything that was promised to this candidate and not kept: which invariant, and what was seen."""
    checks = (_claims, _kept, _log, _standing, _closing, _clock)
    for check in checks:
        yield from check(account, stored)
    for invariant, seen in (
        (Invariant.HIDDEN_OFFLINE, account.missing_offline),
        (Invariant.TRACEBACK, account.wrong_pages),
        (Invariant.CONSOLE, account.console),
    ):
        yield from ((invariant, what) for what in seen)


def landed(account: Account, stored: Stored) -> list[tuple[Click, Logged]]:
    """The clicks that are in the log, and where."""
    log = {(entry.item, entry.kind, entry.value): entry for entry in stored.log}
    found = [(click, log.get((click.item, click.kind, click.value))) for click in account.clicks]
    return [(click, entry) for click, entry in found if entry is not None]


def acknowledged_at(account: Account, click: Click) -> float | None:
    """When a page first said of `click` that it is saved."""
    place = account.of_tab(click.tab).index(click)
    times = [claim.at for claim in account.claims if claim.tab == click.tab and claim.covers > place]
    return min(times, default=None)


def _claims(account: Account, stored: Stored) -> Found:
    entries = dict(landed(account, stored))
    for click in account.clicks:
        if click.shown.startswith("Saved "):
            yield Invariant.SHOWN_TOO_EARLY, f"{click.name}: right after it the page still said so of others"
        at = acknowledged_at(account, click)
        entry = entries.get(click)
        if at is None:
            continue
        if entry is None and _counts(click, stored):
            what = f"{click.name} was shown as saved {at - click.at:.2f} s after the click"
            yield Invariant.ACKNOWLEDGED_LOST, what
        elif entry is not None and at < entry.received_at - EARLY:
            what = f"{click.name} was shown as saved {entry.received_at - at:.2f} s before the server had it"
            yield Invariant.SHOWN_TOO_EARLY, what


def _kept(account: Account, stored: Stored) -> Found:
    in_log = {click for click, _ in landed(account, stored)}
    until = min(stored.open_at, stored.close_by)
    ended = stored.closed_by is not None and stored.closed_by < stored.close_by
    for click in account.clicks:
        since = account.calm.get(click.device)
        had = 0 if since is None else until - max(since, click.at)
        if click in in_log or not _counts(click, stored):
            continue
        if had >= CALM + SLOW * stored.lag:
            yield Invariant.NEVER_HANDED_IN, f"{click.name}, though for {had:.1f} s nothing was in its way"
        elif ended and len(account.calm) == 1:
            yield Invariant.NEVER_HANDED_IN, f"{click.name}, though this browser ended the exam"


def _log(account: Account, stored: Stored) -> Found:
    clicked = {(click.item, click.kind, click.value): click for click in account.clicks}
    seen = set()
    for entry in stored.log:
        key = (entry.item, entry.kind, entry.value)
        name = f"{entry.kind} {entry.value} of item {entry.item}"
        if key in seen:
            yield Invariant.TWICE, name
        elif key not in clicked and not account.blurred:
            yield Invariant.UNKNOWN, name
        elif key in clicked and clicked[key].at > stored.deadline + SKEW + SLOW * stored.lag:
            yield (
                Invariant.MEANT_LATE,
                f"{name}, {clicked[key].at - stored.deadline:.1f} s after the deadline",
            )
        seen.add(key)


def _standing(account: Account, stored: Stored) -> Found:
    """Within one tab the order of clicks is certain; between tabs, where they are SKEW apart."""
    by_register: dict[Register, list[Click]] = {}
    for click, _ in landed(account, stored):
        by_register.setdefault(click.register, []).append(click)
    for register in sorted(by_register.keys() | stored.registers.keys()):
        clicks = by_register.get(register, [])
        standing = stored.registers.get(register)
        skew = SKEW + SLOW * stored.lag
        newest = {click.value for click in clicks if not any(_is_before(click, o, skew) for o in clicks)}
        if standing not in newest and not account.blurred:
            names = " or ".join(sorted(newest)) or "nothing"
            what = f"{register[1]} of item {register[0]} is {standing}, the newest that came is {names}"
            yield Invariant.NOT_NEWEST, what


def _is_before(click: Click, other: Click, skew: float) -> bool:
    return other.at - click.at > (0 if click.tab == other.tab else skew)


def _closing(account: Account, stored: Stored) -> Found:
    if stored.closed_by is None or stored.closed_at is None:
        yield Invariant.LEFT_OPEN, f"{stored.open_at - stored.close_by:.0f} s after deadline and grace"
        return
    if stored.closed_by > stored.close_by + OVERDUE + SLOW * stored.lag:
        yield (
            Invariant.LEFT_OPEN,
            f"closed {stored.closed_by - stored.close_by:.0f} s after deadline and grace",
        )
    if stored.ended_by == "clock" and abs(stored.closed_at - stored.deadline) > 0.01:
        yield Invariant.CLOSED_EARLY, f"by the clock {stored.deadline - stored.closed_at:.1f} s too soon"
    if stored.ended_by == "candidate" and account.ended_at is None:
        yield Invariant.CLOSED_EARLY, "by its candidate, who did not end it"


def _clock(account: Account, stored: Stored) -> Found:
    for time in account.times:
        if abs(time.shown - time.right) > CLOCK_ERROR + SLOW * stored.lag:
            yield Invariant.WRONG_TIME, f"{time.shown:.0f} s left, where {time.right:.1f} s were left"


def _counts(click: Click, stored: Stored) -> bool:
    """Whether it was made while the exam ran, by a margin."""
    end = stored.deadline if stored.closed_at is None else min(stored.deadline, stored.closed_at)
    return click.at < end - MARGIN
