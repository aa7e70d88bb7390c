"""CPU time of running processes, as the kernel counts it (Linux: /proc).

A tree's sum covers the processes that live and, in the counts of those that waited for them, those that have
ended. The kernel hands times out in ticks of 10 ms a process: measure what takes many of them.
"""

import os
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
PARENT, USER, SYSTEM, CHILDREN_USER, CHILDREN_SYSTEM = 1, 11, 12, 13, 14
"""Places in /proc/<pid>/stat behind the program's name, see proc(5)."""


def cpu_seconds(root: int) -> float:
    """User and system time of `root` and everything below it."""
    stats = _stats()
    below, total = {root}, 0
    for pid in sorted(stats):
        if pid == root or _is_below(pid, root, stats):
            below.add(pid)
    for pid in below:
        total += sum(stats[pid][place] for place in (USER, SYSTEM, CHILDREN_USER, CHILDREN_SYSTEM))
    return total / TICKS


def parent_of(pid: int) -> int:
    return _stats()[pid][PARENT]


def _is_below(pid: int, root: int, stats: dict[int, list[int]]) -> bool:
    while pid in stats and pid != root:
        pid = stats[pid][PARENT]
    return pid == root


def _stats() -> dict[int, list[int]]:
    """By pid, the numbers behind the program's name; the state, a letter, stands as 0."""
    stats = {}
    for directory in PROC.iterdir():
        if directory.name.isdecimal():
            try:
                text = (directory / "stat").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            words = text.rpartition(")")[2].split()
            stats[int(directory.name)] = [0, *(int(word) for word in words[1:15])]
    return stats
